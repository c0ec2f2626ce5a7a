"""Folders brought into an index, with an encoder that can be worked out on paper."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from embeddings.index import Index
from embeddings.keywords import terms
from embeddings.manifest import SourceEntry, read_manifest
from embeddings.passage import SplitSettings
from embeddings.sync import SyncReport, sync
from tests.fakes import WordEncoder

LAMP = "The lamp of the tower was lit by the first keeper in 1871.\n"
STORM = "A storm took the roof of the tower. The keeper stayed.\n"
BARGE = "Two barges were lost at sea. The tower was built later.\n"
QUESTIONS = ["who lit the lamp", "the keeper of the tower", "barges lost in a storm", "1871", "nothing of it"]
SPLIT = SplitSettings(words=8, overlap_words=2)
ENCODER = WordEncoder()


def put(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.txt").write_text(text)
    return folder


def source(path: Path, name: str | None = None) -> SourceEntry:
    return SourceEntry(name=name, path=str(path))


def run(index: Path, *sources: SourceEntry, encoder: WordEncoder = ENCODER, rebuild: bool = False) -> SyncReport:
    return sync(index, sources, encoder=encoder, split=SPLIT, rebuild=rebuild)


def ids(index: Path) -> list[str]:
    return list(read_manifest(index).documents)


def answers(folder: Path) -> list[object]:
    """All that a question can see of an index, byte for byte, without passage ids."""
    index = Index.open(folder, encoder=ENCODER)
    index.verify()
    seen: list[object] = [index.digest]
    for question in QUESTIONS:
        vector = ENCODER.encode([question])[0]
        for found in (index.dense(vector, 4), index.keyword(terms(question), 4)):
            passages = [replace(passage, id=-1) for passage in index.passages(list(found))]
            seen.append(list(zip(passages, found.values(), strict=True)))
    seen += [index.document(entry.id) for entry in index.documents]
    return seen
