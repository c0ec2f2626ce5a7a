"""Asking as a person does it: answers, refusals, follow-ups, errors, hostile texts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from embeddings.errors import UserError
from qa.chat import Turn
from qa.reply import Answer, Candidate, NoAnswer
from tests.chatpage import BOX, Opened
from tests.fakes import GAZETTE, LIGHTHOUSE, PaperIndex, Scripted, ScriptedAnswerer, paper_citation, paper_document

pytestmark = pytest.mark.browser

LIT = "When was the lighthouse first lit?"
KEEPER = "Who was its first keeper?"
COST = "What did the lighthouse cost?"
OWNER = "Who owns the lighthouse today?"


def test_an_answer_comes_with_its_quote_its_place_and_how_sure_it_is(open_page: Opened) -> None:
    chat = open_page()
    chat.ask(LIT)
    assert chat.answers() == ["4 May 1871"]
    assert chat.marked(".qa-said") == ["4 May 1871"]
    for shown in (
        "It was first lit on",
        "Marrow Point Lighthouse · line 1",
        "very likely right (93 %)",
        "Also in: Velland",
    ):
        assert shown in chat.said()
    assert "the winter of 1868" not in chat.said()
    chat.page.get_by_text("Other candidates (1)").click()
    assert "the winter of 1868" in chat.said()
    assert chat.complaints == []


def test_a_refusal_says_so_and_shows_the_nearest_passages_as_no_answer(open_page: Opened) -> None:
    chat = open_page()
    chat.ask(OWNER)
    assert chat.answers() == ["The documents don’t say."]
    for shown in (
        "No passage answers this surely enough",
        "Not an answer, but worth a look",
        "The first keeper was Tomas",
    ):
        assert shown in chat.said()
    assert chat.marked(".qa-said") == []
    chat.screenshot("refusal")


def test_a_follow_up_is_asked_with_what_was_said_and_what_was_understood_can_be_edited(
    open_page: Opened, answerer: ScriptedAnswerer
) -> None:
    chat = open_page()
    for question in (LIT, OWNER, KEEPER):
        chat.ask(question)
    assert answerer.questions[-1].history == (
        Turn(question=LIT, asked=LIT, answer="4 May 1871", document=LIGHTHOUSE.id),
        Turn(question=OWNER, asked=OWNER, answer=""),
    )
    understood = "Who was the first keeper of Marrow Point Lighthouse?"
    assert f"Understood as: “{understood}”" in chat.said()
    chat.press("Edit")
    expect(chat.page.locator(BOX)).to_have_value(understood)
    expect(chat.page.locator(BOX)).to_be_focused()


def test_a_new_conversation_forgets_the_old_one(open_page: Opened, answerer: ScriptedAnswerer) -> None:
    chat = open_page()
    chat.ask(LIT)
    chat.press("New conversation")
    expect(chat.page.locator(".qa-turn")).to_have_count(0)
    expect(chat.page.get_by_text("2 documents can be asked.")).to_be_visible()
    assert "Click the place under an answer" in chat.source
    chat.ask(KEEPER)
    assert answerer.questions[-1].history == ()


def test_windows_have_conversations_of_their_own(open_page: Opened, answerer: ScriptedAnswerer) -> None:
    open_page().ask(LIT)
    second = open_page()
    second.ask(KEEPER)
    assert answerer.questions[-1].history == ()
    assert second.asked() == [KEEPER]


def test_values_that_disagree_stand_side_by_side_with_who_says_so(open_page: Opened) -> None:
    chat = open_page()
    chat.ask(COST)
    rows = [row.inner_text().split("\t") for row in chat.page.locator(".qa-values tbody tr").all()]
    assert [row[:2] for row in rows] == [["12,400 crowns", "The builders"], ["15,000 crowns", "The harbour office"]]
    chat.screenshot("disagreement")
    chat.press("Velland Gazette, 1871 · line 1")
    expect(chat.page.locator("#qa-panel mark.qa-first")).to_have_text("15,000 crowns")


def test_an_example_is_asked_by_a_click(open_page: Opened, answerer: ScriptedAnswerer) -> None:
    chat = open_page()
    chat.press(LIT)
    chat.wait_until_said(1)
    assert chat.asked() == [LIT]
    assert [question.text for question in answerer.questions] == [LIT]
    expect(chat.page.get_by_text("2 documents can be asked. For example:")).to_be_hidden()


def test_an_empty_question_is_not_asked(open_page: Opened, answerer: ScriptedAnswerer) -> None:
    chat = open_page()
    chat.page.fill(BOX, "   ")
    chat.page.press(BOX, "Enter")
    warning = chat.page.locator("#qa-question div.validation-error")
    expect(warning).to_have_text("Type a question first.")
    chat.ask(LIT)
    assert [question.text for question in answerer.questions] == [LIT]
    expect(warning).to_be_hidden()


def test_an_answer_that_takes_long_can_be_waited_for(open_page: Opened, answerer: ScriptedAnswerer) -> None:
    chat = open_page()
    answerer.gate.clear()
    chat.page.fill(BOX, LIT)
    chat.page.press(BOX, "Enter")
    expect(chat.page.get_by_text("Looking in the documents")).to_be_visible()
    expect(chat.page.get_by_role("button", name="Ask", exact=True)).to_have_count(0)
    chat.screenshot("waiting")
    answerer.gate.set()
    chat.wait_until_said(1)
    assert chat.answers() == ["4 May 1871"]
    expect(chat.page.locator(BOX)).to_be_focused()


def test_an_answer_that_takes_long_can_be_stopped_and_the_question_asked_again(
    open_page: Opened, answerer: ScriptedAnswerer
) -> None:
    chat = open_page()
    answerer.gate.clear()
    chat.page.fill(BOX, LIT)
    chat.page.press(BOX, "Enter")
    chat.press("Stop")
    expect(chat.page.get_by_text("You stopped it.")).to_be_visible()
    answerer.gate.set()
    chat.press("Try again")
    expect(chat.page.locator(".qa-answer")).to_have_text("4 May 1871")
    assert chat.asked() == [LIT]
    chat.ask(KEEPER)
    assert [turn.question for turn in answerer.questions[-1].history] == [LIT]


def test_the_last_question_can_be_asked_again(open_page: Opened, answerer: ScriptedAnswerer) -> None:
    chat = open_page()
    chat.ask(LIT)
    answerer.script = {LIT: Scripted(NoAnswer(reason="nothing found"))}
    chat.press("Ask again")
    expect(chat.page.locator(".qa-answer")).to_have_text("The documents don’t say.")
    assert chat.asked() == [LIT]


def test_an_answer_can_be_copied_where_the_browser_gives_no_clipboard(open_page: Opened) -> None:
    chat = open_page(permissions=["clipboard-read", "clipboard-write"])
    chat.ask(LIT)
    chat.page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined, configurable: true})")
    chat.press("Copy")
    copied = chat.page.get_by_role("button", name="Copied")
    expect(copied).to_be_focused()
    chat.page.evaluate("delete navigator.clipboard")
    assert chat.page.evaluate("navigator.clipboard.readText()").startswith("4 May 1871\n\n  It was first lit on")


def test_a_question_of_the_page_is_counted(open_page: Opened) -> None:
    chat = open_page()
    for question in (LIT, OWNER):
        chat.ask(question)
    figures = chat.page.evaluate("fetch('/metrics').then(told => told.text())").splitlines()
    assert 'qa_questions_total{surface="page"} 2.0' in figures
    assert 'qa_refusals_total{surface="page"} 1.0' in figures


def test_judging_an_earlier_answer_moves_nothing(open_page: Opened) -> None:
    chat = open_page(viewport={"width": 1440, "height": 500})
    for question in (LIT, COST, KEEPER):
        chat.ask(question)
    first = chat.page.locator("#qa-turn-0")
    first.get_by_text("Other candidates").click()
    good = first.get_by_role("button", name="Good reply")
    good.scroll_into_view_if_needed()
    before = good.bounding_box()
    good.click()
    expect(first.get_by_text("Kept as feedback.")).to_be_visible()
    assert good.bounding_box() == before
    expect(first.locator("details")).to_have_attribute("open", "")


def test_an_answer_can_be_copied_with_its_place(open_page: Opened) -> None:
    chat = open_page(permissions=["clipboard-read", "clipboard-write"])
    chat.ask(LIT)
    copied = {}
    for name in ("Copy", "Copy Markdown"):
        chat.press(name)
        expect(chat.page.get_by_role("button", name="Copied").first).to_be_visible()
        copied[name] = chat.page.evaluate("navigator.clipboard.readText()")
    assert copied["Copy"].startswith("4 May 1871\n\n  It was first lit on [[4 May 1871]], after six years")
    assert "coast/lighthouse.txt, line 1" in copied["Copy"]
    assert copied["Copy Markdown"].startswith("**4 May 1871**\n\n> It was first lit on **4 May 1871**, after")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (UserError("The index is gone. Run `qa index`."), "The index is gone. Run `qa index`."),
        (RuntimeError("secret"), "Something unexpected happened; the server’s terminal shows what."),
    ],
)
def test_an_error_is_told_in_words_and_the_next_question_works(
    open_page: Opened, answerer: ScriptedAnswerer, error: Exception, words: str
) -> None:
    answerer.script = {**answerer.script, "Break?": error}
    chat = open_page()
    chat.ask("Break?")
    assert chat.answers() == ["That did not work."]
    assert words in chat.said() and "secret" not in chat.page.content()
    chat.ask(LIT)
    assert chat.answers()[1] == "4 May 1871"
    assert answerer.questions[-1].history == ()


HOSTILE = (
    "<script>hit()</script>",
    "<img src=x onerror=hit()>",
    "</div></section><svg/onload=hit()>",
    "**bold** [link](javascript:hit()) `code`",
    "&lt;b&gt; &amp; \"quoted\" 'so'",
    "$$x$$ ${hit()} {{value}} <%= hit() %>",
)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_documents_and_people_write_is_shown_to_the_letter(
    open_page: Opened, answerer: ScriptedAnswerer, hostile: str
) -> None:
    document = paper_document(f"{hostile}.txt", f"Title {hostile}", lead=f"Before. It was {hostile} then. After.")
    other = paper_document("other.txt", "Other", lead=f"Some say it was {hostile} too.")
    cited = paper_citation(document, f"It was {hostile} then.", hostile, attributed_to=hostile)
    elsewhere = paper_citation(other, f"Some say it was {hostile} too.", hostile)
    answerer.index = PaperIndex([document, other, GAZETTE])
    answerer.script = {
        hostile: Scripted(
            Answer(
                best=Candidate(text=hostile, confidence=0.9, citation=cited, support=(elsewhere,)), disagreement=True
            ),
            others=(Candidate(text=f"{hostile}!", confidence=0.4, citation=elsewhere, conflicts=True),),
            asked=f"So: {hostile}",
        ),
        f"not {hostile}": Scripted(NoAnswer(reason="not confident", confidence=0.1, nearest=(elsewhere,))),
    }
    chat = open_page()
    chat.page.evaluate("() => { window.hits = 0; window.hit = () => window.hits++ }")
    chat.ask(hostile)
    assert chat.asked() == [hostile]
    assert chat.answers() == [hostile]
    assert f"Understood as: “So: {hostile}”" in chat.said()
    assert set(chat.marked()) == set(chat.marked(".qa-said")) == {hostile}
    assert f"Title {hostile}" in chat.source and f"{hostile}.txt" in chat.source
    assert f"Before. It was {hostile} then. After." in chat.source
    chat.ask(f"not {hostile}")
    assert f"Some say it was {hostile} too." in chat.source
    assert chat.page.evaluate("window.hits") == 0
    inside = ":is(img, script, a, b, code, strong, svg:not(.qa-thumb svg))"
    assert chat.page.locator(f"#qa-talk {inside}, #qa-panel {inside}").count() == 0
    assert [url for url in chat.requests if re.search(r"/x$", url)] == []
