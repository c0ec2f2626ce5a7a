"""Keeping as a person does it: a conversation is seen again after a reload, and in two windows."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Browser, expect

from qa.chat import Turn
from tests.chatpage import DESK, ChatPage, Opened, served
from tests.fakes import (
    GAZETTE,
    LIGHTHOUSE,
    LIGHTHOUSE_SCRIPT,
    PaperIndex,
    ScriptedAnswerer,
    lighthouse_answerer,
    paper_document,
)
from tests.keeping import KEPT, expect_listed, press, reload, two_windows, wait_until_kept

pytestmark = pytest.mark.browser

LIT, KEEPER, COST, OWNER = LIGHTHOUSE_SCRIPT


def test_a_reload_shows_the_conversation_and_what_was_said_of_it_and_it_goes_on(
    open_page: Opened, answerer: ScriptedAnswerer
) -> None:
    chat = open_page()
    chat.ask(LIT)
    press(chat, "Good reply")
    press(chat, "Right answer")
    chat.page.wait_for_function(f"() => localStorage.getItem(({KEPT})()[0])?.includes('confirmed')")
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
        f"() => {{ const key = ({KEPT})()[0];"
        " localStorage.setItem(key, localStorage.getItem(key).replaceAll('lit on 4 May', 'lit on 5 May')) }"
    )
    reload(chat)
    expect(chat.page.get_by_text("This conversation cannot be read any more")).to_be_visible()
    expect(chat.page.get_by_role("heading", name="Ask your documents")).to_be_visible()
    chat.page.wait_for_function(f"() => ({KEPT})().length === 0")
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


def test_what_another_window_deleted_is_not_kept_again_unless_it_goes_on(open_page: Opened) -> None:
    first = open_page()
    first.ask(LIT)
    wait_until_kept(first, 1)
    second = two_windows(first)
    expect_listed(second, LIT)
    press(second, f"Delete: {LIT}")
    press(second, "Delete")
    expect_listed(second)
    press(first, "New conversation")
    expect(first.page.locator(".qa-turn")).to_have_count(0)
    expect_listed(first)
    assert first.page.evaluate(KEPT) == []


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
