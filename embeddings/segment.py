"""Write one segment of an index: documents are cut, encoded and put into files that are never changed after."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np

from embeddings.approximate import Building, SearchSettings, Vector, write_lists
from embeddings.document import Document
from embeddings.encode import Encoder
from embeddings.manifest import DocumentEntry, FileEntry, ListsEntry, SegmentEntry, install
from embeddings.passage import Passage, SplitSettings, split
from embeddings.store import StoreWriter, document_digest
from embeddings.vectors import Vectors, VectorsWriter

BATCH = 512  # texts encoded at a time: enough for the encoder to put those of like length together
MOST_HELD = 8 * BATCH  # passages that wait for so many, where few of them are new

MOST_PASSAGES = 1_000_000  # of a segment: making its lists takes 0.85 GB of memory, and more would take more

EncodedTexts = Mapping[str, Vector]  # vectors that are there already, by the text they were made from


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A document ready to be written: its source's key, its passages with their final ids, a vector for each."""

    document: Document
    source: str
    passages: tuple[Passage, ...]
    vectors: Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What writing added: a segment, or several of at most MOST_PASSAGES (none: there were no documents)."""

    segments: tuple[SegmentEntry, ...]
    documents: Mapping[str, DocumentEntry]
    next_passage_id: int


def prepare(
    documents: Iterable[tuple[str, Document]],
    *,
    encoder: Encoder,
    settings: SplitSettings,
    next_passage_id: int,
    encoded: Callable[[Document], EncodedTexts],
) -> Iterator[Prepared]:
    """Cut and encode documents, given with their source's key; texts in `encoded` are not encoded again."""
    settings = replace(settings, window_tokens=min(settings.window_tokens, encoder.window))
    waiting: list[tuple[Prepared, EncodedTexts]] = []
    texts: set[str] = set()
    held = 0
    for source, document in documents:
        passages = tuple(
            replace(passage, id=next_passage_id + i)
            for i, passage in enumerate(split(document, settings, encoder.count_tokens))
        )
        next_passage_id += len(passages)
        none = np.zeros((0, encoder.dimension), dtype=np.float32)
        there = encoded(document)
        waiting.append((Prepared(document=document, source=source, passages=passages, vectors=none), there))
        texts.update(passage.encoded_text for passage in passages if passage.encoded_text not in there)
        held += len(passages)
        if len(texts) >= BATCH or held >= MOST_HELD:
            yield from _encode(waiting, encoder)
            waiting, texts, held = [], set(), 0
    yield from _encode(waiting, encoder)


def _encode(waiting: list[tuple[Prepared, EncodedTexts]], encoder: Encoder) -> Iterator[Prepared]:
    new = dict.fromkeys(
        passage.encoded_text
        for prepared, there in waiting
        for passage in prepared.passages
        if passage.encoded_text not in there
    )
    fresh = dict(zip(new, encoder.encode(list(new)), strict=True)) if new else {}
    for prepared, there in waiting:
        if not prepared.passages:
            yield prepared
            continue
        texts = [passage.encoded_text for passage in prepared.passages]
        yield replace(prepared, vectors=np.stack([there[t] if t in there else fresh[t] for t in texts]))


def write_segments(
    folder: Path,
    documents: Iterable[Prepared],
    *,
    dimension: int,
    next_passage_id: int,
    search: SearchSettings | None = None,
    building: Building | None = None,
) -> Written:
    """Write documents as new segments, which are in the index once a manifest names them. Raises OSError.

    Documents are written as they come; what is in memory does not grow with them.
    """
    segments: list[SegmentEntry] = []
    entries: dict[str, DocumentEntry] = {}
    documents = iter(documents)
    while (first := next(documents, None)) is not None:
        part = _Part(folder, dimension)
        for prepared in chain([first], documents):
            next_passage_id = max([next_passage_id, *(passage.id + 1 for passage in prepared.passages)])
            part.add(prepared)
            if part.passages >= MOST_PASSAGES:
                break
        segment = part.finish(search or SearchSettings(), building)
        segments.append(segment)
        entries |= {entry.id: replace(entry, segment=segment.name) for entry in part.entries}
    return Written(segments=tuple(segments), documents=entries, next_passage_id=next_passage_id)


class _Part:
    """One segment while it is written."""

    def __init__(self, folder: Path, dimension: int) -> None:
        self._folder = folder
        self._store = StoreWriter(folder / "passages.tmp")
        self._vectors = VectorsWriter(folder / "vectors.tmp", dimension)
        self.entries: list[DocumentEntry] = []
        self.passages = 0

    def add(self, prepared: Prepared) -> None:
        self._store.add(prepared.document, prepared.passages)
        self._vectors.add(prepared.vectors)
        self.entries.append(_entry(prepared))
        self.passages += len(prepared.passages)

    def finish(self, search: SearchSettings, building: Building | None) -> SegmentEntry:
        self._store.finish()
        self._vectors.finish()
        lists = None
        if self.passages > search.exact_up_to:
            temporary = self._folder / "lists.tmp"
            # opened for this alone: an open file cannot be given its name everywhere
            measured = write_lists(temporary, Vectors(self._folder / "vectors.tmp"), search, building)
            lists = ListsEntry(
                file=_put(temporary, "lists", "faiss"),
                kind=measured.kind,
                depth=measured.depth,
                recall=measured.recall,
                sample=measured.sample,
            )
        # named by what they hold, so that no name ever means two contents
        stored = _put(self._folder / "passages.tmp", "passages", "sqlite")
        return SegmentEntry(
            name=stored.sha256[:16],
            store=stored,
            vectors=_put(self._folder / "vectors.tmp", "vectors", "faiss"),
            passages=self.passages,
            lists=lists,
        )


def _entry(prepared: Prepared) -> DocumentEntry:
    document = prepared.document
    facts = [section for section in document.sections if section.kind in ("facts", "table")]
    return DocumentEntry(
        id=document.id,
        title=document.title,
        sha256=document.sha256,
        digest=document_digest(document),
        source=prepared.source,
        segment="",
        sections=len(document.sections),
        facts=sum(bool(line.strip()) for s in facts for line in document.text[s.start : s.end].split("\n")),
        passages=len(prepared.passages),
        characters=len(document.text),
    )


def _put(temporary: Path, what: str, ending: str) -> FileEntry:
    with temporary.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    name = f"{what}-{sha256[:16]}.{ending}"
    size = temporary.stat().st_size
    install(temporary, temporary.with_name(name))
    return FileEntry(name=name, sha256=sha256, bytes=size)
