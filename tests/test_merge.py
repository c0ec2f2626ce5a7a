from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.approximate import SearchSettings
from embeddings.index import Index
from embeddings.manifest import FileEntry, SegmentEntry, read_manifest
from embeddings.merge import ALIKE, SMALL, due, merge
from embeddings.segment import MOST_PASSAGES
from embeddings.store import ROW, Store
from embeddings.sync import sync
from tests.fakes import WordEncoder
from tests.syncing import LAMP, SPLIT, STORM, answers, put, source

NO_FILE = FileEntry(name="", sha256="", bytes=0)


def segments(*sizes: int) -> tuple[SegmentEntry, ...]:
    return tuple(
        SegmentEntry(name=str(at), store=NO_FILE, vectors=NO_FILE, passages=size) for at, size in enumerate(sizes)
    )


def all_live(entries: tuple[SegmentEntry, ...]) -> Counter[str]:
    return Counter({entry.name: entry.passages for entry in entries})


@pytest.mark.parametrize(
    ("sizes", "merged"),
    [
        ([], None),
        ([500_000, 10, 10, 10], None),
        ([500_000, 10, 10, 10, 10], slice(1, 5)),
        ([1, 2, 999, 1000], slice(0, 4)),
        ([1, 2, 999, 1001], None),
        ([3_000, 10, 3_000, 10, 3_000, 3_000, 10], slice(0, 7)),  # the small ones between come along
        ([3_000, 3_000, 20_000, 3_000, 3_000], None),  # passages stay in the order of their ids
        ([MOST_PASSAGES] * 9, None),
        ([MOST_PASSAGES // ALIKE + 1_000_000] * 4, None),
    ],
)
def test_segments_are_merged_with_those_of_their_size(sizes: list[int], merged: slice | None) -> None:
    assert due(segments(*sizes), all_live(segments(*sizes))) == merged


def test_a_segment_is_rewritten_by_itself_when_most_of_it_is_dead() -> None:
    entries = segments(9_000, 100, 9_000)
    assert due(entries, Counter({"0": 9_000, "1": 50, "2": 4_500})) is None
    assert due(entries, Counter({"0": 9_000, "1": 49, "2": 4_499})) == slice(1, 2)


@given(st.lists(st.sampled_from([1, 20, 700, 5_000, 60_000]), max_size=120))
def test_adding_rewrites_each_passage_once_for_each_size(added: list[int]) -> None:
    held: list[tuple[int, int]] = []  # passages and how often the one rewritten most often was
    for passages in added:
        held.append((passages, 0))
        while run := due(entries := segments(*(size for size, _ in held)), all_live(entries)):
            size = sum(one for one, _ in held[run])
            small = size <= SMALL  # these are cheap, and as often as it takes
            held[run] = [(size, max(times for _, times in held[run]) + (not small))]
    assert sum(size for size, _ in held) == sum(added)
    assert max((times for _, times in held), default=0) <= 8
    assert len(held) <= 3 * 6 * 3


def test_large_segments_get_lists_and_adding_leaves_them_alone(tmp_path: Path) -> None:
    papers, index = put(tmp_path / "papers", a=" ".join(f"{LAMP} {STORM} {n}." for n in range(40))), tmp_path / "index"
    encoder, search, told = WordEncoder(), SearchSettings(exact_up_to=60, sample=10), []

    def run() -> None:
        sync(
            index,
            [source(papers)],
            encoder=encoder,
            split=SPLIT,
            search=search,
            building=lambda what, done, total: told.append((what, done <= total)),
        )

    run()
    (first,) = read_manifest(index).segments
    assert first.lists is not None
    assert dict.fromkeys(told) == dict.fromkeys([("Training", True), ("Sorting vectors", True), ("Measuring", True)])
    put(papers, b=STORM)
    run()
    assert read_manifest(index).segments[0] == first
    assert read_manifest(index).segments[1].lists is None
    before = answers(index)
    merge(index, search=search)
    assert len(read_manifest(index).segments) == 1
    assert answers(index)[0] == before[0]
    assert (index / first.lists.file.name).exists()  # a reader of the old manifest still finds it
    run()
    put(papers, c=LAMP)
    run()
    assert not (index / first.lists.file.name).exists()
    Index.open(index).verify()


def test_a_segment_ends_where_it_is_large_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    papers = put(tmp_path / "papers", a=LAMP * 3, b=STORM, c=LAMP, d=STORM * 2)
    sync(tmp_path / "one", [source(papers)], encoder=WordEncoder(), split=SPLIT)
    monkeypatch.setattr("embeddings.segment.MOST_PASSAGES", 3)
    sync(tmp_path / "many", [source(papers)], encoder=WordEncoder(), split=SPLIT)
    (one,), many = read_manifest(tmp_path / "one").segments, read_manifest(tmp_path / "many").segments
    assert len(many) > 1
    assert sum(segment.passages for segment in many) == one.passages
    assert answers(tmp_path / "many") == answers(tmp_path / "one")


def test_an_index_made_before_there_were_lists_opens(tmp_path: Path) -> None:
    papers, index = put(tmp_path / "papers", a=LAMP), tmp_path / "index"
    sync(index, [source(papers)], encoder=WordEncoder(), split=SPLIT)
    before = answers(index)
    written = (index / "manifest.json").read_text()
    assert written.count(',\n   "lists": null') == 1
    (index / "manifest.json").write_text(written.replace(',\n   "lists": null', ""))
    assert answers(index) == before
    assert asdict(read_manifest(index).segments[0])["lists"] is None


def test_a_store_with_whole_rows_opens(tmp_path: Path) -> None:
    papers, index = put(tmp_path / "papers", a=LAMP, b=STORM), tmp_path / "index"
    sync(index, [source(papers)], encoder=WordEncoder(), split=SPLIT)
    file = index / read_manifest(index).segments[0].store.name
    columns = Store(file).columns()
    rows = np.zeros(len(columns["id"]), dtype=ROW)
    for name, column in columns.items():
        rows[name] = column
    with closing(sqlite3.connect(file)) as store, store:
        store.execute("DROP TABLE columns")
        store.execute("CREATE TABLE rows (data BLOB NOT NULL)")
        store.execute("INSERT INTO rows VALUES (?)", (rows.tobytes(),))
    assert {name: column.tolist() for name, column in Store(file).columns().items()} == {
        name: column.tolist() for name, column in columns.items()
    }
