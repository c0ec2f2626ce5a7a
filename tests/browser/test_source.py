"""The source beside the answer: opened at the cited place, walked through, and judged in."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import expect

from qa.reply import Answer, Candidate
from tests.chatpage import PHONE, ChatPage, Opened
from tests.fakes import LIGHTHOUSE, PaperIndex, Scripted, ScriptedAnswerer, paper_citation, paper_document

pytestmark = pytest.mark.browser

LIT = "When was the lighthouse first lit?"
KEEPER = "Who was its first keeper?"
OWNER = "Who owns the lighthouse today?"
WHERE = "Where is it?"


@pytest.fixture
def long(answerer: ScriptedAnswerer) -> ScriptedAnswerer:
    """Answers from the last lines of a long document in which the answer's words stand often."""
    filler = "The harbour is quiet. " * 2000
    document = paper_document("long.txt", "A long one", lead=filler, End=f"It lies in the harbour of Osmer. {filler}")
    cited = paper_citation(document, "It lies in the harbour of Osmer.", "harbour")
    answerer.index = PaperIndex([document])
    answerer.script = {WHERE: Scripted(Answer(best=Candidate(text="harbour", confidence=0.9, citation=cited)))}
    return answerer


def in_view(chat: ChatPage, mark: str = "#qa-panel mark.qa-first") -> bool:
    """Whether the mark is inside what is seen of the document, and that inside the window."""
    seen: bool = chat.page.evaluate(
        """mark => {
          const at = document.querySelector(mark).getBoundingClientRect();
          const view = document.querySelector('.qa-text').getBoundingClientRect();
          return at.top >= Math.max(0, view.top) && at.bottom <= Math.min(innerHeight, view.bottom);
        }""",
        mark,
    )
    return seen


def test_the_whole_document_stands_beside_the_answer_with_its_place_marked(open_page: Opened) -> None:
    chat = open_page()
    chat.ask(KEEPER)
    for section in LIGHTHOUSE.sections:
        assert " ".join(LIGHTHOUSE.text[section.start : section.end].split()) in " ".join(chat.source.split())
    assert chat.marked() == ["Tomas Rill"]
    assert chat.page.locator("#qa-panel .qa-quoted").all_inner_texts() == [
        "The first keeper was ",
        ", who stayed for 31 years.",
    ]


def test_the_right_occurrence_is_scrolled_to_and_again_on_a_second_click(
    open_page: Opened, long: ScriptedAnswerer
) -> None:
    chat = open_page()
    chat.ask(WHERE)
    expect(chat.page.locator("#qa-panel mark")).to_have_count(1)
    chat.page.wait_for_timeout(300)
    assert in_view(chat)
    chat.screenshot("source")
    for _ in range(2):
        chat.page.evaluate("document.querySelector('.qa-text').scrollTop = 0")
        assert not in_view(chat)
        chat.press("A long one · End · line 3")
        chat.page.wait_for_function("document.querySelector('.qa-text').scrollTop > 0")
        assert in_view(chat)


def test_on_a_phone_a_place_that_is_clicked_comes_into_view(open_page: Opened, long: ScriptedAnswerer) -> None:
    chat = open_page(viewport=PHONE)
    chat.ask(WHERE)
    assert not in_view(chat)
    chat.press("A long one · End · line 3")
    chat.page.wait_for_function("document.querySelector('#qa-panel').getBoundingClientRect().top < 200")
    assert in_view(chat)


def test_further_places_are_marked_otherwise_and_walked_through(open_page: Opened, answerer: ScriptedAnswerer) -> None:
    scripted = answerer.script[LIT]
    assert isinstance(scripted, Scripted) and isinstance(scripted.outcome, Answer)
    barges = replace(scripted.others[0], conflicts=True)
    answerer.script = {LIT: replace(scripted, others=(barges,))}
    chat = open_page()
    chat.ask(LIT)
    first, also = chat.page.locator("#qa-panel mark.qa-first"), chat.page.locator("#qa-panel mark.qa-also")
    assert (first.inner_text(), also.inner_text()) == ("4 May 1871", "the winter of 1868")
    colours = [one.evaluate("mark => getComputedStyle(mark).backgroundColor") for one in (first, also)]
    assert colours[0] != colours[1]
    looked_at = chat.page.locator("#qa-panel mark.qa-looked-at")
    for name, words in (("Next", "the winter of 1868"), ("Next", "4 May 1871"), ("Previous", "the winter of 1868")):
        chat.page.get_by_title(f"{name} cited place").click()
        expect(looked_at).to_have_text(words)


def test_another_document_that_is_cited_opens_by_its_title(open_page: Opened) -> None:
    chat = open_page()
    chat.ask(LIT)
    chat.press("Velland Gazette, 1871")
    expect(chat.page.locator("#qa-panel h2")).to_have_text("Velland Gazette, 1871")
    assert chat.marked() == ["4 May 1871"]


def test_a_citation_of_an_earlier_answer_still_opens(open_page: Opened) -> None:
    chat = open_page()
    chat.ask(LIT)
    chat.ask(OWNER)
    chat.page.get_by_role("button", name="Marrow Point Lighthouse · line 1").first.click()
    expect(chat.page.locator("#qa-panel mark.qa-first")).to_have_text("4 May 1871")


def kept(verdicts: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in verdicts.read_text(encoding="utf-8").splitlines()]


def test_what_is_said_of_a_reply_is_kept(open_page: Opened, verdicts: Path) -> None:
    chat = open_page()
    chat.ask(LIT)
    for number, name in enumerate(("Good reply", "Right answer"), 1):
        chat.press(name)
        expect(chat.page.locator(".qa-actions .qa-chosen")).to_have_count(number)
    assert "Kept as feedback." in chat.said()
    chat.ask(OWNER)
    chat.press("Not in the documents")
    expect(chat.page.locator(".qa-actions .qa-chosen")).to_have_count(3)
    said = [(row["reply"]["question"], row["thumb"], row["judgement"]) for row in kept(verdicts)]
    assert said == [(LIT, "up", None), (LIT, None, "confirmed"), (OWNER, None, "not in the documents")]
    assert [turn["question"] for turn in kept(verdicts)[-1]["history"]] == [LIT]


def test_selected_text_is_kept_as_the_right_answer_with_its_offsets(open_page: Opened, verdicts: Path) -> None:
    chat = open_page()
    chat.ask(LIT)
    chat.page.evaluate(
        """words => {
          const blocks = [...document.querySelectorAll('.qa-text [data-start]')];
          const block = blocks.find(one => one.textContent.includes(words));
          const text = [...block.childNodes].find(n => n.textContent.includes(words));
          const at = text.textContent.indexOf(words);
          getSelection().setBaseAndExtent(text, at, text, at + words.length);
        }""",
        "Ada Fenwick",
    )
    chat.press("The selected text is the right answer")
    expect(chat.page.get_by_text("Kept as feedback.")).to_be_visible()
    (row,) = kept(verdicts)
    start = LIGHTHOUSE.text.index("Ada Fenwick")
    selected = row["selected"]
    assert (selected["text"], selected["start"], selected["end"]) == ("Ada Fenwick", start, start + 11)
    assert row["judgement"] == "selected"


def test_with_nothing_selected_it_says_what_to_do(open_page: Opened, verdicts: Path) -> None:
    chat = open_page()
    chat.ask(LIT)
    chat.press("The selected text is the right answer")
    expect(chat.page.get_by_text("mark the words that answer the question")).to_be_visible()
    assert not verdicts.exists()
