from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from embeddings.errors import IndexBusy, IndexDamaged, IndexIncompatible, UserError
from embeddings.manifest import (
    FILE,
    DocumentEntry,
    EncoderEntry,
    FileEntry,
    Manifest,
    SegmentEntry,
    SourceEntry,
    commit,
    known_sources,
    read_manifest,
    writing,
)


def entry(id: str, digest: str = "d" * 64, segment: str = "1") -> DocumentEntry:
    return DocumentEntry(
        id=id,
        title="T",
        sha256="a" * 64,
        digest=digest,
        source="/papers",
        segment=segment,
        sections=1,
        facts=0,
        passages=3,
        characters=90,
    )


MANIFEST = Manifest(
    encoder=EncoderEntry(name="words", digest="5" * 64, dimension=64),
    split={"words": 120},
    sources=(SourceEntry(name=None, path="/papers"), SourceEntry(name="mail", path="/mail")),
    documents={"a.txt": entry("a.txt"), "é/b.txt": entry("é/b.txt")},
    segments=(
        SegmentEntry(
            name="1",
            store=FileEntry(name=f"passages-{'1' * 16}.sqlite", sha256="1" * 64, bytes=10),
            vectors=FileEntry(name=f"vectors-{'2' * 16}.faiss", sha256="2" * 64, bytes=20),
            passages=10,
        ),
    ),
    next_passage_id=10,
)


def test_a_manifest_comes_back_as_it_was_written(tmp_path: Path) -> None:
    commit(tmp_path, MANIFEST)
    assert read_manifest(tmp_path) == MANIFEST
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    assert read_manifest(tmp_path).dead_passages == 10 - 2 * 3


def test_the_digest_is_of_what_decides_answers() -> None:
    moved = {id: replace(one, segment="2", source="") for id, one in reversed(MANIFEST.documents.items())}
    assert replace(MANIFEST, documents=moved, segments=(), sources=(), next_passage_id=99).digest == MANIFEST.digest
    others = [
        replace(MANIFEST, documents={"a.txt": entry("a.txt")}),
        replace(MANIFEST, documents={**MANIFEST.documents, "a.txt": entry("a.txt", digest="e" * 64)}),
        replace(MANIFEST, split={"words": 100}),
        replace(MANIFEST, encoder=replace(MANIFEST.encoder, digest="6" * 64)),
    ]
    assert len({MANIFEST.digest, *(other.digest for other in others)}) == 5


def test_another_format_is_refused_and_its_sources_are_still_known(tmp_path: Path) -> None:
    commit(tmp_path, MANIFEST)
    raw = json.loads((tmp_path / FILE).read_text())
    (tmp_path / FILE).write_text(json.dumps({"format": 99, "sources": raw["sources"]}))
    with pytest.raises(IndexIncompatible, match=f"qa index --rebuild --index {tmp_path}"):
        read_manifest(tmp_path)
    assert known_sources(tmp_path) == MANIFEST.sources


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:100],
        lambda text: "[]",
        lambda text: text.replace('"next_passage_id"', '"next"'),
        lambda text: text.replace('"passages": 3', '"passagen": 3'),
        lambda text: text.replace("d" * 64, "d" * 63 + "e", 1),
        lambda text: "\ud800".encode("utf-16", "surrogatepass"),
    ],
)
def test_a_damaged_manifest_says_how_to_build_again(tmp_path: Path, damage: object) -> None:
    commit(tmp_path, MANIFEST)
    broken = damage((tmp_path / FILE).read_text())  # type: ignore[operator]
    (tmp_path / FILE).write_bytes(broken if isinstance(broken, bytes) else broken.encode())
    with pytest.raises(IndexDamaged, match="qa index --rebuild PATH"):
        read_manifest(tmp_path)


def test_there_is_one_writer_at_a_time(tmp_path: Path) -> None:
    with writing(tmp_path), pytest.raises(IndexBusy, match="another process"), writing(tmp_path):
        pass
    with writing(tmp_path):
        pass


def test_a_folder_that_cannot_be_written_to_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written"), writing(tmp_path / "file" / "index"):
        pass


def test_a_write_sweeps_what_no_manifest_names_and_nothing_of_others(tmp_path: Path) -> None:
    commit(tmp_path, MANIFEST)
    named = {file.name for file in MANIFEST.files}
    foreign = {"notes.txt", "vectors.faiss", "passages-1.sqlite", ".hidden"}
    for name in {*named, *foreign, f"vectors-{'3' * 16}.faiss", "passages.tmp", "manifest.json.tmp"}:
        (tmp_path / name).write_text("")
    with writing(tmp_path):
        pass
    assert {path.name for path in tmp_path.iterdir()} - {"lock", FILE} == named | foreign
