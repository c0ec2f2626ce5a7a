from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings.errors import IndexBusy, IndexIncompatible, UserError
from embeddings.index import Index
from embeddings.keywords import terms
from embeddings.load import Limits
from embeddings.manifest import SourceEntry, read_manifest, writing
from embeddings.merge import merge
from embeddings.passage import SplitSettings
from embeddings.sync import SourceReport, SyncReport, parse_source, remove, sync
from tests.fakes import WordEncoder
from tests.syncing import BARGE, ENCODER, LAMP, STORM, answers, ids, put, run, source


def only(report: SyncReport) -> SourceReport:
    (one,) = report.sources
    return one


step = st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), st.sampled_from([LAMP, STORM, BARGE, LAMP + BARGE, None]))


@settings(max_examples=15, deadline=None)
@given(st.lists(step, min_size=1, max_size=4), st.booleans())
def test_an_index_built_in_steps_is_the_one_built_at_once(steps: list[dict[str, str | None]], merged: bool) -> None:
    with tempfile.TemporaryDirectory() as place:
        papers, by_steps, at_once = Path(place, "papers"), Path(place, "steps"), Path(place, "once")
        put(papers, always=STORM)
        for changes in steps:
            for name, text in changes.items():
                if text is None:
                    (papers / f"{name}.txt").unlink(missing_ok=True)
                else:
                    put(papers, **{name: text})
            report = run(by_steps, source(papers))
        if merged:
            merge(by_steps)
            assert len(read_manifest(by_steps).segments) == 1
            assert read_manifest(by_steps).dead_passages == 0
        whole = run(at_once, source(papers))
        assert answers(by_steps) == answers(at_once)
        counts = [(r.documents, r.sections, r.passages, r.facts) for r in (report, whole)]
        assert counts[0] == counts[1]


def test_the_report_says_what_became_of_each_file(tmp_path: Path) -> None:
    papers, index = put(tmp_path / "papers", a=LAMP, b=STORM, c=BARGE), tmp_path / "index"
    assert only(run(index, source(papers))) == SourceReport(
        source=str(papers), added=("a.txt", "b.txt", "c.txt"), changed=(), unchanged=(), removed=(), failed=()
    )
    put(papers, b=LAMP, d=STORM)
    (papers / "c.txt").unlink()
    assert only(run(index)) == SourceReport(
        source=str(papers), added=("d.txt",), changed=("b.txt",), unchanged=("a.txt",), removed=("c.txt",), failed=()
    )
    assert ids(index) == ["a.txt", "b.txt", "d.txt"]
    kept = (index / "manifest.json").stat()
    assert only(run(index)).unchanged == ("a.txt", "b.txt", "d.txt")
    assert (index / "manifest.json").stat().st_mtime_ns == kept.st_mtime_ns


def test_progress_names_each_file(tmp_path: Path) -> None:
    papers, seen = put(tmp_path / "papers", a=LAMP, b=STORM), []
    sync(tmp_path / "i", [source(papers)], encoder=ENCODER, progress=lambda done, of, id: seen.append((done, of, id)))
    assert seen == [(0, 2, "a.txt"), (1, 2, "b.txt")]


def test_only_new_texts_are_encoded(tmp_path: Path) -> None:
    encoder, papers, index = WordEncoder(), put(tmp_path / "papers", a=LAMP, b=STORM), tmp_path / "index"
    run(index, source(papers), encoder=encoder)
    first = list(encoder.encoded)
    assert len(first) == read_manifest(index).next_passage_id
    run(index, encoder=encoder)
    put(papers, c=BARGE)
    run(index, encoder=encoder)
    added = encoder.encoded[len(first) :]
    assert added == [p.encoded_text for p in Index.open(index).passages_of("c.txt")]
    before = len(encoder.encoded)
    put(papers, a=LAMP + "\n" + BARGE)
    run(index, encoder=encoder)
    again = encoder.encoded[before:]
    assert len(again) == len(set(again)) > 0
    assert not set(again) & set(first)
    (papers / "b.txt").rename(papers / "moved.txt")
    run(index, encoder=encoder)
    titled = Index.open(index).document("moved.txt").title == "b"  # a title from the file's name is part of the context
    assert encoder.encoded[before + len(again) :] == [] or not titled


def test_ids_of_passages_stay_while_their_document_does(tmp_path: Path) -> None:
    papers, index = put(tmp_path / "papers", a=LAMP, b=STORM), tmp_path / "index"
    run(index, source(papers))
    kept = Index.open(index).passages_of("b.txt")
    highest = read_manifest(index).next_passage_id
    put(papers, a=BARGE)
    run(index)
    assert Index.open(index).passages_of("b.txt") == kept
    assert min(Index.open(index).passage_ids("a.txt")) >= highest
    (papers / "a.txt").unlink()
    run(index)
    merge(index)
    assert Index.open(index).passages_of("b.txt") == kept
    put(papers, a=LAMP)
    run(index)
    assert min(Index.open(index).passage_ids("a.txt")) > highest


def test_a_file_that_cannot_be_read_any_more_keeps_its_old_version(tmp_path: Path) -> None:
    papers, index = put(tmp_path / "papers", a=LAMP, b=STORM), tmp_path / "index"
    run(index, source(papers))
    before = answers(index)
    (papers / "a.txt").write_text("")
    (papers / "new.txt").write_bytes(b"\x00\x01\x02\x00" * 100)
    report = run(index)
    assert [failure.id for failure in report.failed] == ["a.txt", "new.txt"]
    assert only(report).unchanged == ("b.txt",)
    assert only(report).removed == ()
    assert "empty" in report.failed[0].message
    assert answers(index) == before


def test_a_file_over_the_limit_is_not_read(tmp_path: Path) -> None:
    papers = put(tmp_path / "papers", a=LAMP * 9, b=STORM)
    small = Limits(max_bytes=len(LAMP) * 5)
    report = sync(tmp_path / "index", [source(papers)], encoder=ENCODER, limits=small)
    assert [failure.id for failure in report.failed] == ["a.txt"]
    assert ids(tmp_path / "index") == ["b.txt"]


def test_a_known_source_that_is_not_there_keeps_all_it_had(tmp_path: Path) -> None:
    papers, more, index = put(tmp_path / "papers", a=LAMP), put(tmp_path / "more", b=STORM), tmp_path / "index"
    run(index, source(papers), source(more))
    shutil.move(papers, tmp_path / "elsewhere")
    report = run(index)
    assert [failure.id for failure in report.failed] == [str(papers)]
    assert ids(index) == ["a.txt", "b.txt"]
    with pytest.raises(UserError, match="no such file or folder"):
        run(index, source(papers))


def test_building_anew_loses_nothing_that_cannot_be_read_any_more(tmp_path: Path) -> None:
    papers, more, index = put(tmp_path / "papers", a=LAMP, b=BARGE), put(tmp_path / "more", c=STORM), tmp_path / "index"
    run(index, source(papers), source(more))
    before = (index / "manifest.json").read_bytes()
    shutil.move(more, tmp_path / "elsewhere")
    with pytest.raises(UserError, match="no such file or folder"):
        run(index, rebuild=True)
    shutil.move(tmp_path / "elsewhere", more)
    (papers / "b.txt").write_bytes(b"")
    (papers / "new.txt").write_bytes(b"")
    with pytest.raises(UserError, match=r"b\.txt: .*would lose it, so nothing was changed.*qa remove b\.txt"):
        run(index, rebuild=True)
    assert (index / "manifest.json").read_bytes() == before
    remove(index, "b.txt")
    report = run(index, rebuild=True)
    assert [failure.id for source in report.sources for failure in source.failed] == ["b.txt", "new.txt"]
    assert ids(index) == ["a.txt", "c.txt"]


def test_building_anew_goes_on_where_an_unreadable_index_has_the_rests_of_a_killed_write(tmp_path: Path) -> None:
    papers, index = put(tmp_path / "papers", a=LAMP), tmp_path / "index"
    run(index, source(papers))
    written = (index / "manifest.json").read_text().replace('"format": ', '"format": 1', 1)
    (index / "manifest.json").write_text(written)
    with closing(sqlite3.connect(index / "passages.tmp")) as half:
        half.execute("CREATE TABLE documents (half)")
    assert run(index, source(papers), rebuild=True).documents == 1
    Index.open(index).verify()


def test_a_source_leaves_the_documents_of_others_alone(tmp_path: Path) -> None:
    papers, more, index = put(tmp_path / "papers", a=LAMP), put(tmp_path / "more", b=STORM, c=BARGE), tmp_path / "index"
    run(index, source(papers))
    run(index, source(more / "b.txt"))
    assert ids(index) == ["a.txt", "b.txt"]
    (papers / "a.txt").unlink()
    put(papers, d=LAMP)
    assert run(index, source(more / "b.txt")).documents == 2
    assert run(index, source(papers)).documents == 2
    assert ids(index) == ["b.txt", "d.txt"]
    assert [one.key for one in read_manifest(index).sources] == [str(more / "b.txt"), str(papers)]


def test_equal_ids_ask_for_names_and_names_make_them_differ(tmp_path: Path) -> None:
    papers, more, index = put(tmp_path / "papers", a=LAMP), put(tmp_path / "more", a=STORM), tmp_path / "index"
    run(index, source(papers))
    before = answers(index)
    for sources in ([source(more)], [source(papers), source(more)]):
        with pytest.raises(UserError, match=r"a\.txt .* NAME=PATH"):
            run(index, *sources)
    assert answers(index) == before
    report = run(index, source(papers, "papers"), source(more, "more"))
    assert ids(index) == ["more/a.txt", "papers/a.txt"]
    assert [one.removed for one in report.sources] == [("a.txt",), ()]
    assert only(run(index, source(papers))).unchanged == ("papers/a.txt",)  # known under its name
    assert only(run(index, source(more, "papers"))).changed == ("papers/a.txt",)  # what is called papers has moved


def test_sources_are_written_as_paths_or_names_with_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(put(tmp_path / "here"))
    Path("a=b").mkdir()
    here = str(tmp_path / "here")
    assert parse_source("papers") == SourceEntry(name=None, path=f"{here}/papers")
    assert parse_source("mail=../x=y/") == SourceEntry(name="mail", path=str(tmp_path / "x=y"))
    assert parse_source("a=b") == SourceEntry(name=None, path=f"{here}/a=b")
    for wrong in ("=x", "a/b=x", "mail=", "..=x", " =x"):
        with pytest.raises(UserError):
            parse_source(wrong)


def test_remove_takes_a_document_or_a_source(tmp_path: Path) -> None:
    papers, more, index = put(tmp_path / "papers", a=LAMP, b=STORM), put(tmp_path / "more", c=BARGE), tmp_path / "index"
    run(index, source(papers), source(more, "more"))
    assert remove(index, "a.txt") == ("a.txt",)
    assert ids(index) == ["b.txt", "more/c.txt"]
    reader = Index.open(index)
    assert {reader.passage(id).document_id for id in reader.keyword(terms("tower"), 9)} == {"b.txt", "more/c.txt"}
    assert remove(index, "more") == ("more/c.txt",)
    with pytest.raises(UserError, match=r"nearest are b\.txt"):
        remove(index, "bb.txt")
    assert remove(index, str(papers)) == ("b.txt",)
    assert read_manifest(index).sources == ()
    assert read_manifest(index).segments == ()
    with pytest.raises(UserError, match="nothing to index"):
        run(index)


def test_many_steps_and_dead_passages_are_merged(tmp_path: Path) -> None:
    papers, index = put(tmp_path / "papers"), tmp_path / "index"
    sizes = []
    for step in range(18):
        put(papers, **{f"n{step}": f"{LAMP} Storm number {step}."})
        run(index, source(papers))
        sizes.append(len(read_manifest(index).segments))
    assert sizes == [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3]
    before = answers(index)
    merge(index)
    assert answers(index) == before
    for step in range(12):
        (papers / f"n{step}.txt").unlink()
    run(index)
    manifest = read_manifest(index)
    assert (len(manifest.segments), manifest.dead_passages) == (1, 0)
    assert answers(index)[0] == manifest.digest


def test_another_split_or_encoder_is_refused_until_rebuilt(tmp_path: Path) -> None:
    papers, index = put(tmp_path / "papers", a=LAMP), tmp_path / "index"
    run(index, source(papers))
    other = WordEncoder(digest="6" * 64)
    with pytest.raises(IndexIncompatible, match="--rebuild"):
        run(index, encoder=other)
    with pytest.raises(IndexIncompatible, match="--rebuild"):
        sync(index, encoder=ENCODER, split=SplitSettings(words=50))
    assert only(run(index, encoder=other, rebuild=True)).added == ("a.txt",)
    assert read_manifest(index).encoder.digest == other.digest
    (index / "manifest.json").write_text(json.dumps({"format": 0, "sources": [{"name": None, "path": str(papers)}]}))
    with pytest.raises(IndexIncompatible, match="format 0"):
        run(index)
    assert run(index, rebuild=True).documents == 1


def test_a_second_writer_is_told_to_wait(tmp_path: Path) -> None:
    papers = put(tmp_path / "papers", a=LAMP)
    with writing(tmp_path / "index"), pytest.raises(IndexBusy):
        run(tmp_path / "index", source(papers))
    assert run(tmp_path / "index", source(papers)).documents == 1
