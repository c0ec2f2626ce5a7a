"""`qa verify`: what holds passes, and whatever was changed in a source or in a citation is told."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.index import Index
from embeddings.load import find_files, load_file
from embeddings.sync import parse_source, sync
from qa import render, verify, verify_report
from qa.answers_file import Cited
from qa.cli import main
from qa.reply import Attribution, Citation, Reply
from tests.citing import BRIDGE, citation, loaded, notes_in, reply
from tests.fakes import WordEncoder


@pytest.fixture(name="folder")
def folder_of_documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return notes_in(tmp_path)


def states(folder: Path, *citations: Citation, answer: str | None = None) -> list[tuple[str, str]]:
    cited = [Cited(number=1, id="1", part="citation", citation=one, answer=answer) for one in citations]
    files = verify.Files(of_index={file.id: file for file in find_files(folder)})
    return [(check.source, check.quote) for check in verify.verify(cited, files)]


def told(folder: Path, one: Citation) -> verify.Check:
    cited = Cited(number=1, id="1", part="citation", citation=one, answer=None)
    return verify.verify([cited], verify.Files(of_index={file.id: file for file in find_files(folder)}))[0]


# what becomes of a source


def test_a_source_as_it_was(folder: Path) -> None:
    document = loaded(folder)
    assert states(folder, citation(document, "4 May 1931"), citation(document, "12,400 crowns", "The builders")) == [
        ("same", "found"),
        ("same", "found"),
    ]


def test_a_source_that_went_on(folder: Path) -> None:
    one = citation(loaded(folder), "4 May 1931")
    (folder / "bridge.txt").write_text(BRIDGE + "\nIn 1950 it was painted green.\n", "utf-8")
    assert states(folder, one) == [("changed", "found")]


def test_a_quote_that_moved_is_told_with_its_new_place(folder: Path) -> None:
    one = citation(loaded(folder), "Ada Lindqvist", "The builders")
    assert one.line == 5
    (folder / "bridge.txt").write_text(BRIDGE.replace("ferry.", "ferry.\n\nThe ferry was blue.", 1), "utf-8")
    check = told(folder, one)
    assert (check.source, check.quote) == ("changed", "moved")
    assert check.now is not None
    assert (check.now.line, check.now.start - one.start) == (7, len("The ferry was blue.\n\n"))
    assert loaded(folder).text[check.now.start : check.now.end] == "Ada Lindqvist"
    assert "line 5 is now 7" in check.note


def test_a_quote_that_was_rewritten_is_missing_and_others_stay(folder: Path) -> None:
    document = loaded(folder)
    two = citation(document, "4 May 1931"), citation(document, "Ada Lindqvist")
    (folder / "bridge.txt").write_text(BRIDGE.replace("4 May", "5 May"), "utf-8")
    assert states(folder, *two) == [("changed", "missing"), ("changed", "found")]


def test_a_source_that_is_gone_or_cannot_be_read(folder: Path) -> None:
    one = citation(loaded(folder), "4 May 1931")
    (folder / "bridge.txt").write_bytes(b"\0\1\2\3")
    check = told(folder, one)
    assert (check.source, check.quote) == ("changed", "missing")
    assert "bridge.txt" in check.note
    (folder / "bridge.txt").unlink()
    assert states(folder, one) == [("missing", "missing")]


@pytest.mark.parametrize(
    "content",
    [
        "Café Zürich\r\n\r\nThe café in Zürich was opened in 1931, its keeper said.\r\nIt closed – soon.\r\n",
        "CafÃ© ZÃ¼rich\n\nThe cafÃ© in ZÃ¼rich was opened in 1931, its keeper said. It closed â€“ soon.\n",
        "Cafe\u0301\n\nThe cafe\u0301 in Zu\u0308rich\u00a0was opened in 1931, its keeper said.\n",
        "\ufeffCafé\n\nThe café in Zürich was opened in 1931, its keeper said.\n",
    ],
    ids=["crlf", "mojibake", "decomposed", "mark"],
)
def test_accents_line_ends_and_broken_decoding(folder: Path, content: str) -> None:
    (folder / "cafe.txt").write_bytes(content.encode())
    one = citation(loaded(folder, "cafe.txt"), "The café in Zürich")
    assert one.line == 3
    assert states(folder, one) == [("same", "found")]
    assert states(folder, replace(one, line=2)) == [("same", "moved")]
    (folder / "cafe.txt").write_bytes(("New\n\n" + content.removeprefix("\ufeff")).encode())
    assert states(folder, one) == [("changed", "moved")]


def test_documents_without_characters_of_their_own_are_compared_as_loaded(folder: Path) -> None:
    paper = docx.Document()
    paper.add_paragraph("The bridge over the Talmer was opened on 4 May 1931. It replaced a ferry.")
    paper.save(str(folder / "bridge.docx"))
    one = citation(loaded(folder, "bridge.docx"), "4 May 1931")
    assert (one.source_start, one.line) == (None, None)
    assert states(folder, one) == [("same", "found")]
    assert states(folder, replace(one, start=one.start + 1)) == [("same", "moved")]
    assert states(folder, replace(one, text="4 May 1932")) == [("same", "missing")]


# what was changed in a citation


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"sha256": "0" * 64}, ("changed", "found")),
        ({"document": "ferry.txt"}, ("missing", "missing")),
        ({"line": 4}, ("same", "moved")),
        ({"page": 1}, ("same", "moved")),
        ({"start": 0}, ("same", "moved")),
        ({"end": 10**9}, ("same", "moved")),
        ({"start": -5, "end": -1}, ("same", "moved")),
        ({"quote_start": 3}, ("same", "moved")),
        ({"quote_start": -1}, ("same", "moved")),
        ({"source_start": 0}, ("same", "moved")),
        ({"source_end": 0}, ("same", "moved")),
        ({"text": "5 May 1931"}, ("same", "missing")),
        ({"quote": "The bridge over the Talmer was opened on 4 May 1931 by the king."}, ("same", "missing")),
        ({"line": None, "source_start": None, "source_end": None}, ("same", "found")),
        ({"attributed_to": Attribution(text="the mayor of Osmer", start=7, end=25)}, ("same", "moved")),
        ({"attributed_to": Attribution(text="the king", start=7, end=15)}, ("same", "missing")),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_a_changed_citation(folder: Path, changes: dict[str, object], state: tuple[str, str]) -> None:
    one = citation(loaded(folder), "4 May 1931")
    assert states(folder, replace(one, **changes)) == [state]  # type: ignore[arg-type]


def test_an_answer_that_its_quote_does_not_hold(folder: Path) -> None:
    one = citation(loaded(folder), "4 May 1931")
    assert states(folder, one, answer="4 May 1931") == [("same", "found")]
    assert states(folder, one, answer="5 May 1931") == [("same", "missing")]


@given(st.text("ab", max_size=30), st.text("ab", min_size=1, max_size=4), st.integers(-3, 40))
def test_the_nearest_place_is_that_of_trying_all(text: str, words: str, place: int) -> None:
    inside = min(max(place, 0), len(text))
    places = [at for at in range(len(text)) if text.startswith(words, at)]
    nearest = min(places, key=lambda at: (abs(at - inside), -at), default=-1)
    for reach in (1, 2, 1_000):
        assert verify._nearest(words, text, place, reach=reach) == nearest


@pytest.mark.slow
def test_ten_thousand_citations_in_seconds(folder: Path) -> None:
    sentences = [f"In the year {1000 + n} the keeper number {n} wrote {n * n} lines in the book." for n in range(5_000)]
    big = folder / "book.txt"
    big.write_text("A Book\n\n" + "\n\n".join(sentences), "utf-8")
    document = loaded(folder, "book.txt")
    cited = [citation(document, f"keeper number {n} ") for n in range(0, 5_000, 10)]
    every = [replace(cited[n % 500], title=str(n)) for n in range(10_000)]
    began = time.perf_counter()
    assert set(states(folder, *every)) == {("same", "found")}
    big.write_text("A Book\n\nAn opening.\n\n" + "\n\n".join(sentences), "utf-8")
    assert set(states(folder, *every)) == {("changed", "moved")}
    gone = [replace(one, quote=f"{one.quote} {one.title}") for one in every]
    assert set(states(folder, *gone)) == {("changed", "missing")}
    assert time.perf_counter() - began < 15  # three times 10,000; 2 seconds on two cores


# the command


def written(*replies: Reply) -> str:
    Path("replies.jsonl").write_text("".join(f"{render.to_json(each)}\n" for each in replies), "utf-8")
    return "replies.jsonl"


def test_the_command_says_two_things_of_each_citation(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = loaded(folder)
    one, two = citation(document, "4 May 1931"), citation(document, "Ada Lindqvist")
    answers = written(reply(one, replace(two, line=4)), reply())
    assert main(["verify", answers, "--sources", "notes"]) == 1
    output = capsys.readouterr()
    assert output.out == (
        "same     found    q1 citation: bridge.txt, line 3\n"
        "same     moved    q1 support[0]: bridge.txt, line 4 (line 4 is now 5)\n"
    )
    assert output.err == "2 citations; sources: 2 same, 0 changed, 0 missing; quotes: 1 found, 1 moved, 0 missing\n"
    assert main(["verify", answers, "--sources", "notes", "--allow-moved", "-q"]) == 0
    assert capsys.readouterr() == ("", "")
    assert main(["verify", written(reply()), "--sources", "notes"]) == 0


def test_allow_moved_lets_changed_sources_pass_but_nothing_missing(folder: Path) -> None:
    document = loaded(folder)
    answers = written(reply(citation(document, "4 May 1931")))
    (folder / "bridge.txt").write_text(BRIDGE + "\nMore.\n", "utf-8")
    assert main(["verify", answers, "--sources", "notes"]) == 1
    assert main(["verify", answers, "--sources", "notes", "--allow-moved"]) == 0
    (folder / "bridge.txt").write_text(BRIDGE.replace("mayor", "queen"), "utf-8")
    assert main(["verify", answers, "--sources", "notes", "--allow-moved"]) == 1


def test_json_is_one_line_with_counts_and_the_place_of_today(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "page.html").write_text(
        "<html><head><title>Bridge</title></head><body><article><h1>Bridge</h1>"
        "<p>The bridge was opened on 4 May 1931 by the mayor, and it replaced a ferry.</p></article></body></html>",
        "utf-8",
    )
    page = citation(loaded(folder, "page.html"), "4 May 1931")
    assert main(["verify", written(reply(replace(page, start=0))), "--sources", "notes", "--json"]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    said = json.loads(line)
    assert (said["citations"], said["failed"], said["allow_moved"]) == (1, 1, False)
    assert said["source"] == {"same": 1, "changed": 0, "missing": 0}
    assert said["quote"] == {"found": 0, "moved": 1, "missing": 0}
    (check,) = said["checks"]
    assert (check["reply"], check["id"], check["part"], check["document"]) == (1, "q1", "citation", "page.html")
    assert (check["source"], check["quote"]) == ("same", "moved")
    assert check["now"] == {name: getattr(page, name) for name in ("start", "end", "quote_start", "line", "page")}
    assert check["link"].startswith((folder / "page.html").as_uri() + "#:~:text=")
    assert check["annotation"]["target"]["selector"][1]["start"] == page.start


def test_sources_are_those_that_the_index_names(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers = written(reply(citation(load_file(folder / "bridge.txt", "n/bridge.txt").document, "4 May 1931")))
    assert main(["verify", answers]) == 2
    assert "--sources DIR" in capsys.readouterr().err
    sync(Path(".index"), [parse_source(f"n={folder}")], encoder=WordEncoder())
    assert main(["verify", answers]) == 0
    assert main(["verify", answers, "--sources", f"n={folder}"]) == 0
    assert main(["verify", answers, "--sources", "notes"]) == 1
    assert "give the folder that was indexed" in capsys.readouterr().err
    folder.rename("elsewhere")
    assert main(["verify", answers]) == 1
    assert main(["verify", answers, "--sources", "n=elsewhere"]) == 0
    assert main(["verify", answers, "--sources", "notes"]) == 2


def test_an_index_without_sources_and_an_id_in_two_sources(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = loaded(folder)
    answers = written(reply(citation(document, "4 May 1931")))
    Index.build(Path(".index"), [document], encoder=WordEncoder())
    assert main(["verify", answers]) == 2
    assert "names no sources" in capsys.readouterr().err
    Path("copies").mkdir()
    Path("copies/bridge.txt").write_text(BRIDGE, "utf-8")
    assert main(["verify", answers, "--sources", "notes", "--sources", "copies"]) == 2
    assert "bridge.txt is in two sources" in capsys.readouterr().err


def test_nothing_in_an_answers_file_steers_a_terminal(folder: Path) -> None:
    one = replace(citation(loaded(folder), "4 May 1931"), document="\x1b[31m.txt\n")
    cited = Cited(number=1, id="\x07", part="a\nb", citation=one, answer=None)
    line = verify_report.to_line(verify.verify([cited], verify.Files(of_index={}))[0])
    assert line == "missing  missing  \ufffd a b: \ufffd[31m.txt , line 3"
