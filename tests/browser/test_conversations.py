"""Keeping as a person does it: seen again after a reload, opened, renamed, deleted, exported, in two windows."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from qa.answers_file import read_citations
from qa.chat import Turn
from qa.reply import Answer, Candidate
from tests.chatpage import BOX, DESK, PHONE, ChatPage, Opened, served
from tests.fakes import (
    GAZETTE,
    LIGHTHOUSE,
    LIGHTHOUSE_SCRIPT,
    PaperIndex,
    Scripted,
    ScriptedAnswerer,
    lighthouse_answerer,
    paper_citation,
    paper_document,
)

pytestmark = pytest.mark.browser

LIT, KEEPER, COST, OWNER = LIGHTHOUSE_SCRIPT
_KEPT = "() => Object.keys(localStorage).filter(key => key.startsWith('chapter-and-verse/'))"


def wait_until_kept(chat: ChatPage, *counts: int) -> None:
    """Wait until there are conversations with so many questions, the longest first."""
    chat.page.wait_for_function(
        f"counts => ({_KEPT})().map(key => JSON.parse(localStorage.getItem(key)).exchanges.length)"
        ".sort((a, b) => b - a).join() === counts",
        arg=",".join(map(str, counts)),
    )


def expect_listed(chat: ChatPage, *names: str) -> None:
    """The names in the list of conversations, which is opened for it."""
    chat.page.get_by_role("tab", name="Conversations").click()
    expect(chat.page.locator(".qa-kept-name")).to_have_text(list(names))
    if not names:
        expect(chat.page.get_by_text("Nothing is kept yet")).to_be_visible()


def reload(chat: ChatPage) -> None:
    chat.page.reload()
    chat.page.wait_for_selector(BOX)
    left = (
        "AbortError",
        "Unexpected error Connection errored out",
    )  # the page that was left hears no more of the server
    chat.complaints[:] = [one for one in chat.complaints if not one.startswith(left)]


def press(chat: ChatPage, name: str) -> None:
    chat.page.get_by_role("button", name=name, exact=True).click()


def two_windows(chat: ChatPage) -> ChatPage:
    return ChatPage(chat.page.context, chat.page.url)


def test_a_reload_shows_the_conversation_and_what_was_said_of_it_and_it_goes_on(
    open_page: Opened, answerer: ScriptedAnswerer
) -> None:
    chat = open_page()
    chat.ask(LIT)
    press(chat, "Good reply")
    press(chat, "Right answer")
    chat.page.wait_for_function(f"() => localStorage.getItem(({_KEPT})()[0])?.includes('confirmed')")
    reload(chat)
    expect(chat.page.locator(".qa-answer")).to_have_text("4 May 1871")
    expect(chat.page.locator("#qa-panel mark.qa-first")).to_have_text("4 May 1871")
    assert chat.page.locator(".qa-chosen").all_inner_texts() == ["", "Right answer"]
    chat.ask(KEEPER)
    assert answerer.questions[-1].history == (
        Turn(question=LIT, asked=LIT, answer="4 May 1871", document=LIGHTHOUSE.id),
    )
    wait_until_kept(chat, 2)
    reload(chat)
    expect(chat.page.locator(".qa-answer")).to_have_text(["4 May 1871", "Tomas Rill"])
    expect(chat.page.locator("#qa-panel mark.qa-first")).to_have_text("Tomas Rill")
    assert chat.complaints == []


def test_another_server_at_the_same_place_finds_what_was_kept(browser: Browser) -> None:
    context = browser.new_context(viewport=DESK)
    with served(lighthouse_answerer()) as address:
        chat = ChatPage(context, address)
        chat.ask(LIT)
        wait_until_kept(chat, 1)
        storage = chat.page.evaluate("() => [{...localStorage}, {...sessionStorage}]")
        chat.page.close()
    with served(lighthouse_answerer()) as address:  # on another port, so what the browser kept is put there
        context.add_init_script(
            f"const [kept, open] = {json.dumps(storage)}; Object.assign(localStorage, kept);"
            " Object.assign(sessionStorage, open);"
        )
        again = ChatPage(context, address)
        expect(again.page.locator(".qa-answer")).to_have_text("4 May 1871")
        again.page.close()
    context.close()


def test_conversations_are_listed_opened_renamed_and_deleted(open_page: Opened, answerer: ScriptedAnswerer) -> None:
    chat = open_page()
    expect_listed(chat)
    chat.page.get_by_role("tab", name="Ask").click()
    chat.ask(LIT)
    wait_until_kept(chat, 1)
    press(chat, "New conversation")
    expect(chat.page.locator(".qa-turn")).to_have_count(0)
    chat.ask(COST)
    chat.ask(KEEPER)
    wait_until_kept(chat, 2, 1)
    expect_listed(chat, COST, LIT)
    rows = chat.page.locator(".qa-kept-list > li")
    assert re.fullmatch(
        r"2 questions · \d+ \w+ \d{4}, \d\d:\d\d · open now", rows.nth(0).locator(".qa-note").inner_text()
    )
    assert re.fullmatch(r"1 question · \d+ \w+ \d{4}, \d\d:\d\d", rows.nth(1).locator(".qa-note").inner_text())

    press(chat, f"Rename: {LIT}")
    field = chat.page.locator("input[name=name]:visible")
    expect(field).to_be_focused()
    field.fill("  First <b>light</b> ")
    field.press("Enter")
    expect(chat.page.locator(".qa-kept-name")).to_have_text([COST, "First <b>light</b>"])
    expect(chat.page.get_by_role("button", name="First <b>light</b>", exact=True)).to_be_focused()

    press(chat, "First <b>light</b>")
    expect(chat.page.locator(".qa-asked")).to_have_text([LIT])
    expect(chat.page.locator("#qa-panel mark.qa-first")).to_have_text("4 May 1871")
    chat.ask(OWNER)
    assert [turn.question for turn in answerer.questions[-1].history] == [LIT]
    wait_until_kept(chat, 2, 2)
    expect_listed(chat, "First <b>light</b>", COST)

    press(chat, f"Delete: {COST}")
    expect(chat.page.locator("p:visible", has_text="Delete this conversation?")).to_be_visible()
    chat.page.keyboard.press("Escape")
    expect_listed(chat, "First <b>light</b>", COST)
    press(chat, f"Delete: {COST}")
    press(chat, "Delete")
    expect(chat.page.locator(".qa-kept-name")).to_have_text(["First <b>light</b>"])
    expect(chat.page.get_by_role("heading", name="Conversations")).to_be_focused()
    wait_until_kept(chat, 2)

    press(chat, "Delete all")
    chat.page.locator("#qa-delete-all [type=submit]").click()
    expect(chat.page.get_by_text("Nothing is kept yet")).to_be_visible()
    assert chat.page.evaluate(_KEPT) == []
    reload(chat)
    expect(chat.page.get_by_role("heading", name="Ask your documents")).to_be_visible()
    assert chat.complaints == []


def test_the_open_conversation_is_gone_from_the_page_when_it_is_deleted(open_page: Opened) -> None:
    chat = open_page()
    chat.ask(LIT)
    wait_until_kept(chat, 1)
    expect_listed(chat, LIT)
    press(chat, f"Delete: {LIT}")
    press(chat, "Delete")
    expect(chat.page.get_by_text("Nothing is kept yet")).to_be_visible()
    chat.page.get_by_role("tab", name="Ask").click()
    expect(chat.page.locator(".qa-turn")).to_have_count(0)


def exported(chat: ChatPage, form: str, folder: Path) -> Path:
    with chat.page.expect_download() as download:
        press(chat, form)
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_a_conversation_is_exported_in_each_form(open_page: Opened, tmp_path: Path) -> None:
    chat = open_page()
    for question in (LIT, COST, OWNER):
        chat.ask(question)
    wait_until_kept(chat, 3)
    expect_listed(chat, LIT)

    markdown = exported(chat, "Markdown", tmp_path)
    assert markdown.name == "when-was-the-lighthouse-first-lit.md"
    text = markdown.read_text("utf-8")
    assert text.startswith(f"# {LIT}\n\nExported from Chapter & Verse on ")
    assert re.findall("(?m)^## (.*)$", text) == [LIT, COST, OWNER]
    assert "> It was first lit on **4 May 1871**, after" in text

    written = exported(chat, "JSON", tmp_path)
    whole = json.loads(written.read_text("utf-8"))
    assert whole["conversation"] == LIT
    assert [one["answer"] for one in whole["replies"]] == ["4 May 1871", "12,400 crowns", None]
    assert [len(one["history"]) for one in whole["replies"]] == [0, 1, 2]
    cited = read_citations(str(written))
    assert [(one.number, one.part, one.answer) for one in cited][:3] == [
        (1, "citation", "4 May 1871"),
        (1, "support[0]", None),
        (1, "others[0].citation", "the winter of 1868"),
    ]

    page = exported(chat, "HTML", tmp_path)
    for scheme, ground in (("light", "rgb(248, 246, 241)"), ("dark", "rgb(20, 23, 26)")):
        reader = chat.page.context.browser.new_context(viewport=PHONE, color_scheme=scheme).new_page()
        asked: list[str] = []
        reader.on("request", lambda request, asked=asked: asked.append(request.url))
        reader.goto(page.as_uri())
        assert reader.locator(".qa-answer").all_inner_texts() == [
            "4 May 1871",
            "12,400 crowns",
            "The documents don’t say.",
        ]
        assert reader.locator("mark:visible").all_inner_texts() == ["4 May 1871", "12,400 crowns"]
        assert reader.evaluate("getComputedStyle(document.body).backgroundColor") == ground
        assert reader.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert asked == [page.as_uri()]
        chat.page.context.browser.contexts[-1].close()
    assert chat.complaints == []


HOSTILE = "</h2><img src=x onerror=hit()>${hit()} \"quoted\" 'so' &lt;b&gt; </script><script>hit()</script>"


def test_hostile_texts_are_listed_and_exported_to_the_letter(
    open_page: Opened, answerer: ScriptedAnswerer, tmp_path: Path
) -> None:
    document = paper_document(f"{HOSTILE}.txt", f"Title {HOSTILE}", lead=f"It was {HOSTILE} then.")
    cited = paper_citation(document, f"It was {HOSTILE} then.", HOSTILE, attributed_to=HOSTILE)
    answerer.index = PaperIndex([document])
    short = HOSTILE[:60]
    answerer.script = {short: Scripted(Answer(best=Candidate(text=HOSTILE, confidence=0.9, citation=cited)))}
    chat = open_page()
    chat.page.evaluate("() => { window.hits = 0; window.hit = () => window.hits++ }")
    chat.ask(short)
    wait_until_kept(chat, 1)
    expect_listed(chat, short)
    page = exported(chat, "HTML", tmp_path)
    assert chat.page.evaluate("window.hits") == 0
    assert chat.page.locator("#qa-kept :is(img, script, b)").count() == 0
    reader = chat.page.context.new_page()
    asked: list[str] = []
    reader.on("request", lambda request: asked.append(request.url))
    reader.add_init_script("window.hits = 0; window.hit = () => window.hits++")
    reader.goto(page.as_uri())
    assert reader.locator("h1").inner_text() == reader.locator(".qa-asked").inner_text() == short
    assert reader.locator(".qa-answer").inner_text() == reader.locator("mark").inner_text() == HOSTILE
    assert f"Title {HOSTILE}" in reader.locator(".qa-place").first.inner_text()
    assert reader.evaluate("window.hits") == 0
    assert asked == [page.as_uri()]


DAMAGED = {
    "chapter-and-verse/0123456789abcdef": "{",
    "chapter-and-verse/1123456789abcdef": '{"version": 1, "name": "<b>", "updated": "never", "exchanges": []}',
    "chapter-and-verse/no id": "null",
    "chapter-and-verse/2123456789abcdef": '{"version": 7, "name": ["of another version"]}',
    "somebody else's": "{",
}


def test_what_is_damaged_in_the_browser_is_dropped_with_a_word(open_page: Opened) -> None:
    chat = open_page()
    chat.page.evaluate("items => Object.assign(localStorage, items)", DAMAGED)
    chat.page.evaluate("sessionStorage.setItem('chapter-and-verse-open', '0123456789abcdef')")
    reload(chat)
    expect(chat.page.get_by_text("3 kept conversations could not be read any more, and had to go.")).to_be_visible()
    expect(chat.page.get_by_role("heading", name="Ask your documents")).to_be_visible()
    chat.page.wait_for_function("() => localStorage.length === 2")
    assert sorted(chat.page.evaluate("Object.keys(localStorage)")) == [*list(DAMAGED)[3:]]
    chat.ask(LIT)
    assert chat.answers() == ["4 May 1871"]
    expect_listed(chat, LIT)
    assert "1 conversation kept by another version of this page" in chat.page.locator("#qa-kept").inner_text()
    assert chat.complaints == []


def test_a_damaged_reply_is_found_when_it_is_to_be_shown(open_page: Opened) -> None:
    chat = open_page()
    chat.ask(LIT)
    wait_until_kept(chat, 1)
    chat.page.evaluate(
        f"() => {{ const key = ({_KEPT})()[0];"
        " localStorage.setItem(key, localStorage.getItem(key).replaceAll('lit on 4 May', 'lit on 5 May')) }"
    )
    reload(chat)
    expect(chat.page.get_by_text("This conversation cannot be read any more")).to_be_visible()
    expect(chat.page.get_by_role("heading", name="Ask your documents")).to_be_visible()
    chat.page.wait_for_function(f"() => ({_KEPT})().length === 0")
    assert chat.complaints == []


def test_a_browser_that_lets_nothing_be_kept_answers_all_the_same(browser: Browser) -> None:
    with served(lighthouse_answerer()) as address:
        context = browser.new_context(viewport=DESK)
        context.add_init_script(
            "for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name,"
            " {get() { if (new Error().stack.includes('seen')) throw new DOMException('no'); return {}; }})"
        )
        chat = ChatPage(context, address)
        expect(chat.page.get_by_text("This browser keeps nothing of this page")).to_be_visible()
        chat.ask(LIT)
        assert chat.answers() == ["4 May 1871"]
        chat.page.get_by_role("tab", name="Conversations").click()
        expect(chat.page.get_by_text("This browser lets the page keep nothing.")).to_be_visible()
        context.close()


def test_two_windows_keep_beside_each_other(open_page: Opened, answerer: ScriptedAnswerer) -> None:
    first = open_page()
    first.ask(LIT)
    wait_until_kept(first, 1)
    second = two_windows(first)
    expect(second.page.locator(".qa-turn")).to_have_count(0)
    second.ask(COST)
    wait_until_kept(second, 1, 1)
    expect_listed(second, COST, LIT)
    press(second, LIT)
    expect(second.page.locator(".qa-asked")).to_have_text([LIT])
    second.ask(OWNER)
    wait_until_kept(second, 2, 1)
    first.ask(KEEPER)
    expect(first.page.get_by_text("Another window went on with this conversation")).to_be_visible()
    wait_until_kept(first, 2, 2, 1)
    expect_listed(first, f"{LIT} (other window)", LIT, COST)
    assert first.complaints == second.complaints == []


def test_a_conversation_about_documents_that_are_gone_or_changed_still_opens(
    open_page: Opened, answerer: ScriptedAnswerer
) -> None:
    chat = open_page()
    chat.ask(LIT)
    wait_until_kept(chat, 1)
    answerer.index = PaperIndex([paper_document(LIGHTHOUSE.id, "Another text", lead="It was never lit.")])
    reload(chat)
    expect(chat.page.locator(".qa-answer")).to_have_text("4 May 1871")
    expect(chat.page.locator("#qa-panel")).to_contain_text("This document has changed since it was cited.")
    assert chat.page.locator("#qa-panel mark").all_inner_texts() == ["4 May 1871"]  # of the quote
    press(chat, f"{GAZETTE.title} · line 1")
    expect(chat.page.locator("#qa-panel")).to_contain_text("This document is not loaded now.")
    assert chat.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("size", "name"), [(DESK, "desk"), (PHONE, "phone")])
def test_the_list_fits_is_named_and_works_from_the_keyboard(
    open_page: Opened, size: dict[str, int], name: str, scheme: str
) -> None:
    chat = open_page(viewport=size, color_scheme=scheme)
    chat.ask(LIT)
    press(chat, "New conversation")
    expect(chat.page.locator(".qa-turn")).to_have_count(0)
    chat.ask(COST)
    wait_until_kept(chat, 1, 1)
    expect_listed(chat, COST, LIT)
    chat.page.keyboard.press("Tab")
    reached = []
    for _ in range(20):
        chat.page.keyboard.press("Tab")
        reached.append(
            chat.page.evaluate("document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText")
        )
    for control in (COST, LIT, "Markdown", "JSON", "HTML", f"Rename: {COST}", f"Delete: {LIT}", "Delete all"):
        assert control in reached, reached
    press(chat, f"Rename: {COST}")
    press(chat, f"Delete: {LIT}")  # puts the other form away
    expect(chat.page.locator("input[name=name]:visible")).to_have_count(0)
    assert chat.page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    found = Axe().run(chat.page, context="#qa-kept").response["violations"]
    assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found] == []
    assert {urlsplit(url).hostname for url in chat.requests if not url.startswith(("data:", "blob:"))} == {"127.0.0.1"}
    chat.screenshot(f"conversations-{name}-{scheme}")
