"""What a window searches: documents of its own and kept collections beside those of the page, chosen or left out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from embeddings.errors import UserError
from embeddings.index import Index
from qa import server
from qa.assembly import Models
from qa.chat import Question
from qa.collections import Collections, Sessions
from qa.gold import GoldSet
from qa.settings import Settings
from qa.uploads import Upload, UploadLimits
from qa.web.ask import Asking, uncounted
from qa.web.conversation import Exchange
from qa.web.document_list import SHOWN, document_list
from qa.web.documents import Documents
from qa.web.evaluation import Evaluating, Gold
from qa.web.library import LOST, Desk, document_of
from qa.web.question_file import AnsweringFile
from qa.web.shelf import Offered, Shelf, Shelves
from tests.fakes import GAZETTE, LIGHTHOUSE, paper_citation
from tests.tower import ENCODER, ONLY_MARGIN, NameReader

LIMITS = UploadLimits(max_file_bytes=100_000, max_files=5, max_collection_bytes=1_000_000)
MODELS = Models(settings=Settings.model_construct(), encoder=ENCODER, reader=NameReader(), calibration=ONLY_MARGIN)
NONE = "No document is chosen to be searched"


@pytest.fixture
def shelves(tmp_path: Path) -> Iterator[Shelves]:
    """A page over two documents."""
    Index.build(tmp_path / "index", [LIGHTHOUSE, GAZETTE], encoder=ENCODER)
    with Sessions.open(tmp_path / "home") as sessions:
        yield Shelves(
            models=MODELS,
            folders={"": tmp_path / "index"},
            sessions=sessions,
            collections=Collections(tmp_path / "home"),
            limits=LIMITS,
        )


def brought(shelves: Shelves, name: str, text: str = "The mayor was Lena Holt.", shelf: Shelf | None = None) -> Shelf:
    """A shelf with a file uploaded to it."""
    file = shelves.sessions.new(ENCODER).path / "sent"
    file.write_text(text, encoding="utf-8")
    return shelves.upload(shelf or Shelf(), [Upload(name=name, path=file)], lambda *_: None)[0]


def searched(desk: Desk) -> set[str]:
    """The ids of the documents that a question is asked of."""
    return set(desk.answerer.index.refreshed().matching(desk.restricted() or ["*"]))


def test_what_is_left_out_is_not_searched_whatever_else_has_its_name(shelves: Shelves) -> None:
    shelf = brought(shelves, GAZETTE.id)
    assert searched(shelves.desk(shelf)) == {LIGHTHOUSE.id, GAZETTE.id, f"session:{GAZETTE.id}"}
    assert searched(shelves.desk(shelf.searching(f"session:{GAZETTE.id}", False))) == {LIGHTHOUSE.id, GAZETTE.id}
    assert searched(shelves.desk(shelf.searching(GAZETTE.id, False))) == {LIGHTHOUSE.id, f"session:{GAZETTE.id}"}


def test_no_document_chosen_is_not_all_of_them(shelves: Shelves) -> None:
    none = shelves.desk(Shelf(left_out=frozenset({LIGHTHOUSE.id, GAZETTE.id})))
    assert none.chosen == []
    (exchange,), *_ = Asking(none, None, uncounted, 2000).answer((Exchange(question="Who was it?"),), None)
    assert (exchange.error or "").startswith(NONE)
    with pytest.raises(UserError, match=NONE):
        AnsweringFile(none, 2000).prepare([Question(id="1", text="Who was it?")], none)
    with pytest.raises(UserError, match=NONE):
        Evaluating(none, None).prepare(Gold(name="gold.jsonl", gold=GoldSet(questions=(), paragraphs=())), none)


def test_what_is_chosen_follows_the_index(shelves: Shelves, tmp_path: Path) -> None:
    desk = shelves.desk(Shelf(left_out=frozenset({GAZETTE.id})))
    assert searched(desk) == {LIGHTHOUSE.id}
    new = [replace(LIGHTHOUSE, id=id) for id in ("new.txt", "[n]ew.txt")]
    Index.build(tmp_path / "index", [GAZETTE, *new], encoder=ENCODER)
    assert searched(desk) == {"new.txt", "[n]ew.txt"}


def test_of_a_page_restricted_to_some_documents_the_others_are_not_spoken_of(shelves: Shelves) -> None:
    restricted = replace(shelves, globs=("coast/*",))
    shelf = brought(restricted, "mayor.txt")
    desk = restricted.desk(shelf)
    assert searched(desk) == {LIGHTHOUSE.id, "session:mayor.txt"}
    listed = document_list(desk.listed, shelf, [])
    assert "2 of 2 documents are searched." in listed and GAZETTE.title not in listed
    page = Desk(answerer=desk.answerer, documents=("coast/*",), examples=())
    assert "1 document can be asked." in Asking(page, None, uncounted, 2000).exemplify((), None)


def test_uploads_are_not_kept_under_a_name_that_the_page_is_cited_by(shelves: Shelves) -> None:
    shelf = brought(shelves, "mayor.txt")
    with pytest.raises(UserError, match="what was loaded with the page is cited as ' index' already"):
        shelves.keep(shelf, " index")
    assert searched(shelves.desk(shelf)) >= {"session:mayor.txt"}
    kept = shelves.keep(shelf, "mayors")
    assert searched(shelves.desk(kept)) >= {"mayors:mayor.txt"}


def test_the_collection_that_a_page_was_opened_with_is_not_offered_for_deletion(shelves: Shelves) -> None:
    shelves.keep(brought(shelves, "mayor.txt"), "mayors")
    alone = replace(shelves, folders={"": shelves.collections.named("mayors").path})
    assert (shelves.kept(), alone.kept()) == ([Offered(name="mayors", documents=1)], [])
    with pytest.raises(UserError, match="mayors was loaded with the page"):
        alone.discard(Shelf(), "mayors")
    assert [one.name for one in shelves.kept()] == ["mayors"]


def test_a_collection_that_cannot_be_searched_is_listed_with_why_and_keeps_nothing_else_from_working(
    shelves: Shelves,
) -> None:
    collections = shelves.collections
    for name in ("good", "index", "damaged"):
        Index.build(collections.named(name).path, [GAZETTE], encoder=ENCODER)
    (collections.named("damaged").path / "manifest.json").write_text("{", encoding="utf-8")
    damaged, good, called = shelves.kept()
    assert good == Offered(name="good", documents=1)
    assert called == Offered(name="index", unusable="What was loaded with the page is cited by the same name.")
    assert "damaged" in damaged.unusable
    listed = document_list(shelves.desk(Shelf()).listed, Shelf(), [damaged, good, called])
    assert [name for name in ("damaged", "good", "index") if f'data-does="search" data-name="{name}"' in listed] == [
        "good"
    ]
    assert listed.count('data-does="discard"') == 3
    shelves.discard(Shelf(), "damaged")
    assert [one.name for one in shelves.kept()] == ["good", "index"]


def test_citations_of_uploads_are_still_opened_once_these_are_kept(shelves: Shelves) -> None:
    shelf = brought(shelves, "a/mayor.txt", shelf=brought(shelves, "mayor.txt"))
    cited = shelves.desk(shelf).answerer.index.cited("session", "mayor.txt")
    citation = replace(paper_citation(cited, cited.text.strip(), "Lena Holt"), collection="session")
    kept = shelves.keep(shelf, "mayors")
    assert document_of(shelves.desk(kept).answerer.index, citation) == cited
    for other in (replace(citation, document="yor.txt"), replace(citation, sha256="0" * 64)):
        with pytest.raises(UserError, match="not loaded now"):
            document_of(shelves.desk(kept).answerer.index, other)


def test_what_another_window_deleted_is_told_and_no_longer_searched(shelves: Shelves) -> None:
    kept = shelves.keep(brought(shelves, "mayor.txt"), "mayors")
    desk = shelves.desk(kept)
    shelves.discard(Shelf(), "mayors")
    (exchange,), *_ = Asking(desk, None, uncounted, 2000).answer((Exchange(question="Who was it?"),), None)
    assert exchange.error == (
        "Deleted meanwhile, in another window perhaps: “mayors”. Open Documents to see what is left, then ask again."
    )
    with pytest.warns(match="Deleted meanwhile, in another window perhaps: “mayors”."):
        left, desk, *_ = Documents(shelves).show(kept)
    assert left == Shelf()
    assert searched(desk) == {LIGHTHOUSE.id, GAZETTE.id}


def test_a_window_whose_documents_ended_before_it_asks_none_in_their_place(shelves: Shelves, tmp_path: Path) -> None:
    documents, page = Documents(shelves), shelves.desk(Shelf())
    shelf, desk, shelved, *_ = documents.show(brought(shelves, "mayor.txt"))
    shelves.end(shelf)  # and what the server held for the window is as at its beginning, while the browser's is not
    asking = Asking(page, None, uncounted, 2000)
    (exchange,), *_ = asking.answer((Exchange(question="Who was it?"),), None, shelved)
    assert (exchange.error or "").startswith(LOST)
    file = tmp_path / "questions.txt"
    file.write_text("Who was it?", encoding="utf-8")
    assert LOST in AnsweringFile(page, 2000).begin(str(file), None, None, shelved)[1]
    (exchange,), *_ = asking.answer((Exchange(question="Who was it?"),), desk, shelved)
    assert "Deleted meanwhile, in another window perhaps: your uploads." in (exchange.error or "")
    with pytest.warns(match=LOST):
        _, desk, shelved, *_ = documents.look(Shelf(), shelved, 0)
    (exchange,), *_ = asking.answer((Exchange(question="Who was it?"),), desk, shelved)
    assert exchange.error is None


def test_who_comes_back_finds_the_list_as_it_stands_if_nothing_changed(shelves: Shelves) -> None:
    documents = Documents(shelves)
    shelf, _, shelved, listed, _, drawn = documents.show(Shelf())
    assert documents.look(shelf, shelved, drawn)[3] == listed  # not drawn anew, while a button in it is pressed
    assert documents.show(shelf)[3] != listed
    assert documents.look(shelf.searching(GAZETTE.id, False), shelved, drawn)[3] != listed


def test_a_first_upload_that_is_refused_leaves_nothing(shelves: Shelves, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="6 files are more than the 5"):
        shelves.upload(Shelf(), [Upload(name=f"{n}.txt", path=tmp_path) for n in range(6)], lambda *_: None)
    assert [path for path in tmp_path.glob("home/sessions/*/*") if path.is_dir()] == []


def test_of_many_documents_those_are_listed_that_are_looked_for(shelves: Shelves, tmp_path: Path) -> None:
    Index.build(tmp_path / "index", [replace(LIGHTHOUSE, id=f"{n}.txt") for n in range(SHOWN + 2)], encoder=ENCODER)

    def listed(shelf: Shelf) -> str:
        _, desk, shelved, listed, *_ = Documents(shelves).show(shelf)
        assert (shelved, len(desk.chosen)) == (False, SHOWN + 2)
        return listed

    every = listed(Shelf())
    assert every.count('data-does="scope"') == SHOWN and "And 2 more." in every
    assert '<input type="search" value="">' in every
    some = listed(Shelf(sought="29"))
    assert some.count('data-does="scope"') == len([n for n in range(SHOWN + 2) if "29" in str(n)])
    assert '<input type="search" value="29">' in some and "302 of 302 documents are searched." in some


def test_what_the_page_was_opened_with_stays_as_it_is_on_disk(shelves: Shelves, tmp_path: Path) -> None:
    def state() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted((tmp_path / "index").rglob("*")) if path.is_file()}

    before, digest = state(), Index.open(tmp_path / "index").digest
    shelf = brought(shelves, GAZETTE.id, shelf=brought(shelves, "mayor.txt"))
    shelf = shelves.remove(shelf, GAZETTE.id)
    searched(shelves.desk(shelf.searching(GAZETTE.id, False)))
    kept = shelves.keep(shelf, "mayors")
    shelves.discard(kept, "mayors")
    assert (state(), Index.open(tmp_path / "index").digest) == (before, digest)


def test_nothing_of_the_documents_is_an_interface_for_programs(shelves: Shelves) -> None:
    app = server.application(shelves.desk(Shelf()), hosts=["*"], shelves=shelves)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        assert client.get("/gradio_api/info").json() == {"named_endpoints": {}, "unnamed_endpoints": {}}
        config = client.get("/config").json()
    named = [one["api_name"] for one in config["dependencies"] if one["api_visibility"] != "private"]
    assert len(config["dependencies"]) > 30
    assert named == []


def test_a_question_file_reaches_no_document_that_its_window_does_not_search(shelves: Shelves) -> None:
    desk = shelves.desk(Shelf(left_out=frozenset({GAZETTE.id})))
    wanted = {"1": (), "2": ("*",), "3": (GAZETTE.id,), "4": ("nowhere",), "5": ("*", "nowhere")}
    asked = [Question(id=id, text="Who was the first keeper?", documents=globs) for id, globs in wanted.items()]
    work = AnsweringFile(desk, 2000).prepare(asked, desk)
    for _ in work.follow():
        pass
    replies = [json.loads(line) for line in (work.folder / "answers.jsonl").read_text("utf-8").splitlines()]
    assert [reply["error"] for reply in replies[:2]] == [None, None]
    assert {reply["citation"]["document"] for reply in replies[:2]} == {LIGHTHOUSE.id}
    assert [reply["error"] for reply in replies[2:]] == [
        f"{named}: no such document is searched" for named in (GAZETTE.id, "nowhere", "*, nowhere")
    ]
    work.close()
