"""The chat page: refusals, follow-ups, disagreement, errors, small screens, dark rooms, keyboards, hostile texts."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from embeddings.errors import UserError
from qa.chat import Turn
from qa.reply import Answer, Candidate, NoAnswer
from tests.chatpage import BOX, DESK, PHONE, Opened
from tests.fakes import GAZETTE, LIGHTHOUSE, PaperIndex, Scripted, ScriptedAnswerer, paper_citation, paper_document

pytestmark = pytest.mark.browser

LIT = "When was the lighthouse first lit?"
KEEPER = "Who was its first keeper?"
COST = "What did the lighthouse cost?"
OWNER = "Who owns the lighthouse today?"


def test_an_answer_comes_with_its_place_its_support_and_its_surroundings(open_page: Opened) -> None:
    chat = open_page()
    chat.ask(LIT)
    assert chat.said() == [["4 May 1871", "Marrow Point Lighthouse · line 1", "very likely right (93 %)"]]
    for shown in ("coast/lighthouse.txt", "Said elsewhere too", "gazette.txt", "In the document", "Other candidates"):
        assert shown in chat.sources
    assert chat.marked() == ["4 May 1871"] * 3
    chat.page.get_by_text("Other candidates").click()
    assert "the winter of 1868" in chat.marked()
    assert chat.complaints == []


def test_a_refusal_says_so_and_shows_the_nearest_passages_as_no_answer(open_page: Opened) -> None:
    chat = open_page()
    chat.ask(OWNER)
    refusal, why, *_ = chat.said()[0]
    assert refusal == "The documents don’t say."
    assert "No passage answers this surely enough" in why
    assert "Not an answer, but worth a look" in chat.sources
    assert "The first keeper was Tomas Rill" in chat.sources
    assert chat.marked() == []
    chat.screenshot("refusal")


def test_a_follow_up_is_asked_with_what_was_said_and_shown_as_understood(
    open_page: Opened, answerer: ScriptedAnswerer
) -> None:
    chat = open_page()
    chat.ask(LIT)
    chat.ask(OWNER)
    chat.ask(KEEPER)
    assert answerer.questions[-1].history == (
        Turn(question=LIT, asked=LIT, answer="4 May 1871", document=LIGHTHOUSE.id),
        Turn(question=OWNER, asked=OWNER, answer=""),
    )
    assert chat.said()[-1][-1] == "Understood as: Who was the first keeper of Marrow Point Lighthouse?"


def test_a_new_conversation_forgets_the_old_one(open_page: Opened, answerer: ScriptedAnswerer) -> None:
    chat = open_page()
    chat.ask(LIT)
    chat.page.get_by_role("button", name="New conversation").click()
    expect(chat.page.locator("#qa-chat .bot-row")).to_have_count(0)
    assert "2 documents loaded" in chat.sources
    chat.ask(KEEPER)
    assert answerer.questions[-1].history == ()


def test_windows_have_conversations_of_their_own(open_page: Opened, answerer: ScriptedAnswerer) -> None:
    open_page().ask(LIT)
    second = open_page()
    second.ask(KEEPER)
    assert answerer.questions[-1].history == ()
    assert len(second.said()) == 1


def test_values_that_disagree_stand_side_by_side(open_page: Opened) -> None:
    chat = open_page()
    chat.ask(COST)
    rows = [row.inner_text().split("\t") for row in chat.page.locator("#qa-panel tbody tr").all()]
    assert [row[:2] for row in rows] == [["12,400 crowns", "The builders"], ["15,000 crowns", "The harbour office"]]
    chat.screenshot("disagreement")


def test_an_example_is_asked_by_a_click(open_page: Opened, answerer: ScriptedAnswerer) -> None:
    chat = open_page()
    chat.page.get_by_role("button", name=LIT).click()
    chat.wait_until_said(1)
    assert chat.asked() == [LIT]
    assert [question.text for question in answerer.questions] == [LIT]


def test_an_empty_question_is_not_asked(open_page: Opened, answerer: ScriptedAnswerer) -> None:
    chat = open_page()
    chat.page.fill(BOX, "   ")
    chat.page.press(BOX, "Enter")
    warning = chat.page.locator("#qa-question div.validation-error")
    expect(warning).to_have_text("Type a question first.")
    chat.ask(LIT)
    assert [question.text for question in answerer.questions] == [LIT]
    expect(warning).to_be_hidden()


def test_while_an_answer_is_looked_for_nothing_else_can_be_sent(open_page: Opened, answerer: ScriptedAnswerer) -> None:
    chat = open_page()
    answerer.gate.clear()
    chat.page.fill(BOX, LIT)
    chat.page.press(BOX, "Enter")
    expect(chat.page.get_by_text("Looking in the documents")).to_be_visible()
    expect(chat.page.locator(BOX)).to_be_disabled()
    expect(chat.page.get_by_role("button", name="New conversation")).to_be_disabled()
    answerer.gate.set()
    chat.wait_until_said(1)
    assert chat.said()[0][0] == "4 May 1871"
    expect(chat.page.locator(BOX)).to_be_focused()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (UserError("The index is gone. Run `qa index`."), "The index is gone. Run `qa index`."),
        (RuntimeError("secret"), "Something unexpected happened; the server's terminal shows what."),
    ],
)
def test_an_error_is_told_in_words_and_the_next_question_works(
    open_page: Opened, answerer: ScriptedAnswerer, error: Exception, words: str
) -> None:
    answerer.script = {**answerer.script, "Break?": error}
    chat = open_page()
    chat.ask("Break?")
    expect(chat.page.get_by_text(words)).to_be_visible()
    chat.wait_until_said(1)
    assert chat.said() == [["That did not work.", words]]
    chat.ask(LIT)
    assert chat.said()[1][0] == "4 May 1871"
    assert answerer.questions[-1].history == ()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("name", "size"), [("desk", DESK), ("phone", PHONE)])
def test_the_first_answer_is_in_view_on_a_desk_and_on_a_phone(
    open_page: Opened, name: str, size: dict[str, int], scheme: str
) -> None:
    chat = open_page(viewport=size, color_scheme=scheme)
    chat.screenshot(f"{name}-{scheme}-start")
    assert chat.page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    chat.ask(LIT)
    chat.screenshot(f"{name}-{scheme}-answer")
    for shown in (chat.page.locator("#qa-chat [data-testid=bot]").first, chat.page.locator("#qa-panel mark").first):
        box = shown.bounding_box()
        assert box is not None
        assert box["y"] >= 0 and box["y"] + box["height"] <= size["height"]
    assert chat.page.evaluate("document.documentElement.scrollWidth") <= size["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(open_page: Opened, scheme: str) -> None:
    chat = open_page(color_scheme=scheme)
    assert chat.page.evaluate(_FAINT) == []
    chat.ask(COST)
    chat.ask(OWNER)
    assert chat.page.evaluate(_FAINT) == []


def test_the_whole_page_works_from_the_keyboard(open_page: Opened) -> None:
    chat = open_page()
    expect(chat.page.locator(BOX)).to_be_focused()
    chat.page.keyboard.type(LIT)
    chat.page.keyboard.press("Enter")
    chat.wait_until_said(1)
    expect(chat.page.locator(BOX)).to_be_focused()
    reached = []
    for _ in range(8):
        chat.page.keyboard.press("Tab")
        reached.append(chat.page.evaluate(_FOCUSED))
    names = [name for name, _ in reached]
    for name in ("Ask", "Other candidates", "New conversation"):
        assert any(name in one for one in names), names
    assert all(outlined for name, outlined in reached if name)


def test_nothing_is_asked_of_another_host(open_page: Opened) -> None:
    chat = open_page()
    for question in (LIT, COST, OWNER):
        chat.ask(question)
    assert {urlsplit(url).hostname for url in chat.requests if not url.startswith("data:")} == {"127.0.0.1"}


def test_there_is_nothing_on_the_page_but_the_page(open_page: Opened) -> None:
    chat = open_page()
    chat.ask(LIT)
    buttons = [one.inner_text() or one.get_attribute("aria-label") for one in chat.page.locator("button:visible").all()]
    assert buttons == ["New conversation", "Ask"]
    assert chat.page.locator("footer:visible").count() == 0


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
    assert chat.said()[0][0] == hostile
    assert chat.said()[0][-1] == f"Understood as: So: {hostile}"
    assert set(chat.marked()) == {hostile}
    assert f"Title {hostile}" in chat.sources and f"{hostile}.txt" in chat.sources
    chat.ask(f"not {hostile}")
    assert f"Some say it was {hostile} too." in chat.sources
    assert chat.page.evaluate("window.hits") == 0
    assert (
        chat.page.locator("#qa-chat :is(img, a, b, code, strong), #qa-panel :is(img, script, svg, a, b)").count() == 0
    )
    assert [url for url in chat.requests if re.search(r"/x$", url)] == []


_FOCUSED = """() => {
  const it = document.activeElement, style = getComputedStyle(it);
  const around = it.closest('.input-container');
  const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
    || around && getComputedStyle(around).boxShadow !== 'none';
  return it === document.body ? ['', true] : [it.innerText || it.getAttribute('aria-label') || it.tagName, !!ring];
}"""

# texts whose contrast with what is behind them is under 4.5 (WCAG AA)
_FAINT = """() => {
  const parse = c => (c.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const ground = element => {
    for (let at = element; at; at = at.parentElement) {
      const c = parse(getComputedStyle(at).backgroundColor);
      if (c.length === 3 || c[3] === 1) return c;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const element of document.querySelectorAll('.gradio-container *')) {
    const own = [...element.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || !element.checkVisibility() || element.closest('.sr-only')) continue;
    const a = light(parse(getComputedStyle(element).color)), b = light(ground(element));
    const contrast = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (contrast < 4.5) faint.push([element.className, element.textContent.slice(0, 40), contrast]);
  }
  return faint;
}"""
