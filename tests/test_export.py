"""A conversation as a file: read as Markdown, verified as JSON, and as a page that does nothing but show."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import qa
from qa.chat import Question
from qa.cli import main
from qa.reply import Answer, Reply
from qa.web import export
from qa.web.conversation import Exchange
from qa.web.kept import Kept
from tests.citing import citation, loaded, notes_in, reply
from tests.fakes import LIGHTHOUSE, LIGHTHOUSE_SCRIPT, lighthouse_answerer

LIT, KEEPER, COST, OWNER = LIGHTHOUSE_SCRIPT
NOON = datetime(2026, 11, 12, 12, tzinfo=UTC)


def asked(question: str) -> Reply:
    return lighthouse_answerer().ask(Question(id="1", text=question))


def kept(*replies: Reply, name: str = "The lighthouse") -> Kept:
    exchanges = tuple(Exchange(question=one.question, reply=one) for one in replies)
    return Kept(name=name, updated=NOON, exchanges=exchanges)


WHOLE = kept(*map(asked, (LIT, KEEPER, COST, OWNER)))
BROKEN = replace(WHOLE, exchanges=(*WHOLE.exchanges, Exchange(question="Break?", error="It <broke>.")))


def test_markdown_has_each_question_with_its_answer_quote_and_place() -> None:
    file = export.markdown(BROKEN, NOON)
    assert (file.name, file.type) == ("the-lighthouse.md", "text/markdown;charset=utf-8")
    assert file.text.startswith(
        "# The lighthouse\n\nExported from Chapter & Verse on 12 November 2026, 12:00.\n\n"
        f"## {LIT}\n\n**4 May 1871**\n\n> It was first lit on **4 May 1871**, after six years of building, and its "
        "light is seen from 19 sea miles away.\n>\n> coast/lighthouse.txt, line 1\n\nvery likely right (93 %)\n"
    )
    assert re.findall("(?m)^## (.*)$", file.text) == [LIT, KEEPER, COST, OWNER, "Break?"]
    assert file.text.endswith("## Break?\n\nNot understood: It \\<broke\\>.\n")


def test_json_holds_contract_replies_each_with_its_history() -> None:
    file = export.as_json(BROKEN, NOON)
    whole = json.loads(file.text)
    assert (file.name, whole["conversation"]) == ("the-lighthouse.json", "The lighthouse")
    assert datetime.fromisoformat(whole["exported"]) == NOON
    histories = [one.pop("history") for one in whole["replies"]]
    assert histories[2] == [
        {"question": LIT, "asked": LIT, "answer": "4 May 1871", "document": LIGHTHOUSE.id},
        {
            "question": KEEPER,
            "asked": "Who was the first keeper of Marrow Point Lighthouse?",
            "answer": "Tomas Rill",
            "document": LIGHTHOUSE.id,
        },
    ]
    assert [len(history) for history in histories] == [0, 1, 2, 3, 4]
    schema = json.loads(Path(qa.__file__).with_name("reply.schema.json").read_text("utf-8"))
    for one in whole["replies"]:
        Draft202012Validator(schema).validate(one)
    assert [one["error"] for one in whole["replies"]] == [None] * 4 + ["It <broke>."]


@pytest.fixture(name="notes")
def folder_of_documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return notes_in(tmp_path)


def verified(text: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    Path("chat.json").write_text(text, "utf-8")
    code = main(["verify", "chat.json", "--sources", "notes", "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_an_export_is_verified_and_a_changed_quote_is_found(notes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = loaded(notes)
    one, two = citation(document, "4 May 1931"), citation(document, "12,400 crowns", "The builders")
    exported = export.as_json(kept(reply(one, two, id="1"), reply(id="2"), reply(two, id="3")), NOON).text
    code, told = verified(exported, capsys)
    assert (code, told["citations"], told["failed"]) == (0, 3, 0)
    assert [(check["reply"], check["id"], check["part"]) for check in told["checks"]] == [
        (1, "1", "citation"),
        (1, "1", "support[0]"),
        (3, "3", "citation"),
    ]
    assert exported.count("opened on 4 May 1931 by the mayor") == 1
    code, told = verified(
        exported.replace("opened on 4 May 1931 by the mayor", "opened on 4 May 1931 by a baker"), capsys
    )
    assert (code, told["failed"]) == (1, 1)
    assert [check["quote"] for check in told["checks"]] == ["missing", "found", "found"]


class Read(HTMLParser):
    """The tags, attributes and texts of a page; the text of each element by its class."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.inside: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == [], "every tag is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in ("meta", "br"):
            name = str(dict(attrs).get("class") or tag)
            self._open.append(name)
            self.inside.setdefault(name, []).append("")

    def handle_endtag(self, tag: str) -> None:
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for name in self._open:
            self.inside[name][-1] += data


def test_the_page_shows_answers_quotes_places_confidence_and_disagreement() -> None:
    file = export.page(BROKEN, NOON)
    assert (file.name, file.type) == ("the-lighthouse.html", "text/html;charset=utf-8")
    page = Read(file.text)
    assert page.inside["title"] == page.inside["h1"] == ["The lighthouse"]
    assert page.inside["qa-asked"] == [LIT, KEEPER, COST, OWNER, "Break?"]
    assert page.inside["qa-answer"] == [
        *("4 May 1871", "Tomas Rill", "12,400 crowns", "The documents don’t say.", "That did not work.")
    ]
    assert page.inside["mark"] == ["4 May 1871", "the winter of 1868", "Tomas Rill", "12,400 crowns"]
    assert page.inside["qa-place"][0] == "Marrow Point Lighthouse · coast/lighthouse.txt · line 1"
    assert page.inside["qa-sure"][0] == "very likely right (93 %)"
    assert page.inside["td"] == [
        *(
            "12,400 crowns",
            "The builders",
            "Marrow Point Lighthouse · coast/lighthouse.txt · Building · line 3",
            "64 %",
        ),
        *("15,000 crowns", "The harbour office", "Velland Gazette, 1871 · gazette.txt · line 1", "58 %"),
    ]
    assert "Attributed to “The builders”." in page.inside["qa-note"]
    assert (
        "Understood as: “Who was the first keeper of Marrow Point Lighthouse?” " in page.inside["qa-note qa-understood"]
    )
    assert page.inside["qa-error"] == ["It <broke>."]


def test_the_page_does_nothing_and_asks_nothing() -> None:
    text = export.page(WHOLE, NOON).text
    assert not Read(text).tags & {"script", "button", "link", "img", "iframe", "form", "input", "object", "base"}
    assert "default-src 'none'; style-src 'unsafe-inline'" in text
    assert not re.search(r"https?://|@import|url\(", text)
    assert "@media (prefers-color-scheme: dark) { :root {" in text
    assert ".dark" not in text
    for used in ("--qa-mark", ".qa-said mark", ".qa-values", ".qa-sure"):
        assert used in text


def test_a_place_with_an_address_is_a_link_and_nothing_else_is() -> None:
    one = asked(KEEPER)
    assert isinstance(one.outcome, Answer)

    def with_address(url: str) -> str:
        cited = replace(one.outcome.best.citation, url=url)
        best = replace(one.outcome.best, citation=cited)
        return export.page(kept(replace(one, outcome=replace(one.outcome, best=best))), NOON).text

    assert '<a class="qa-place" href="https://a.example/x#:~:text=' in with_address("https://a.example/x")
    assert "<a " not in with_address("javascript:alert(1)")


ANY = st.text(
    st.sampled_from("ab <>&\"'\n/\\`*_$#;{}=") | st.characters(codec="utf-8", exclude_characters="\r\0"), min_size=1
)
PLAIN = Read(export.page(WHOLE, NOON).text)


@given(ANY)
def test_whatever_is_written_is_shown_to_the_letter(text: str) -> None:
    one = asked(LIT)
    assert isinstance(one.outcome, Answer)
    cited = replace(
        one.outcome.best.citation,
        title=text,
        text=text,
        quote=f"{text}{text}",
        start=9,
        quote_start=9,
    )
    best = replace(one.outcome.best, text=text, citation=cited, support=())
    hostile = replace(one, question=text, asked=f"So: {text}", outcome=replace(one.outcome, best=best))
    page = Read(export.page(replace(kept(hostile), name=text), NOON).text)
    assert page.inside["h1"] == page.inside["title"] == [text]
    assert page.inside["qa-asked"] == page.inside["qa-answer"] == [text]
    assert page.inside["mark"][0] == text
    assert page.inside["blockquote"][0] == text + text
    assert page.tags <= PLAIN.tags
    assert page.attributes <= PLAIN.attributes


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("What did it cost?", "what-did-it-cost.json"),
        ("../../etc/passwd", "etc-passwd.json"),
        ("Où est l’été?", "où-est-l-été.json"),
        ("???", "conversation.json"),
        ("x" * 80, "x" * 60 + ".json"),
    ],
)
def test_a_file_is_named_after_the_conversation(name: str, file: str) -> None:
    assert export.as_json(replace(WHOLE, name=name), NOON).name == file
