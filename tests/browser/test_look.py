"""How the page looks and is reached: small screens, dark rooms, keyboards, screen readers, nothing from elsewhere."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.chatpage import BOX, DESK, PHONE, Opened
from tests.contrast import FAINT
from tests.fakes import LIGHTHOUSE_SCRIPT

pytestmark = pytest.mark.browser

LIT, _, COST, OWNER = LIGHTHOUSE_SCRIPT


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
    for shown in (chat.page.locator(".qa-answer").first, chat.page.locator(".qa-said mark").first):
        box = shown.bounding_box()
        assert box is not None
        assert box["y"] >= 0 and box["y"] + box["height"] <= size["height"]
    chat.ask(COST)
    assert chat.page.evaluate("document.documentElement.scrollWidth") <= size["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground_and_every_part_has_a_name(open_page: Opened, scheme: str) -> None:
    chat = open_page(color_scheme=scheme)
    assert chat.page.evaluate(FAINT) == []
    for question in (LIT, COST, OWNER):
        chat.ask(question)
    assert chat.page.evaluate(FAINT) == []
    assert chat.barriers() == []


def test_the_whole_page_works_from_the_keyboard(open_page: Opened) -> None:
    chat = open_page()
    expect(chat.page.locator(BOX)).to_be_focused()
    chat.page.keyboard.type(LIT)
    chat.page.keyboard.press("Enter")
    chat.wait_until_said(1)
    expect(chat.page.locator(BOX)).to_be_focused()
    reached = []
    for _ in range(25):
        chat.page.keyboard.press("Tab")
        reached.append(chat.page.evaluate(_FOCUSED))
    names = [name for name, _ in reached]
    for name in (
        "Ask",
        "New conversation",
        "Marrow Point Lighthouse · line 1",
        "Other candidates",
        "Copy",
        "Good reply",
    ):
        assert any(name in one for one in names), names
    assert [name for name, outlined in reached if name and not outlined] == []


def test_nothing_is_asked_of_another_host(open_page: Opened) -> None:
    chat = open_page()
    for question in (LIT, COST, OWNER):
        chat.ask(question)
    assert {urlsplit(url).hostname for url in chat.requests if not url.startswith("data:")} == {"127.0.0.1"}


def test_there_is_nothing_of_the_framework_on_the_page(open_page: Opened) -> None:
    chat = open_page()
    assert chat.page.locator("footer:visible").count() == 0
    shown = chat.page.locator("body").inner_text()
    assert not re.search(r"gradio|API|Flag|Share|Settings", shown, re.IGNORECASE)


_FOCUSED = """() => {
  const it = document.activeElement, style = getComputedStyle(it);
  const around = it.closest('.input-container');
  const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
    || around && getComputedStyle(around).boxShadow !== 'none';
  return it === document.body ? ['', true] : [it.innerText || it.getAttribute('aria-label') || it.tagName, !!ring];
}"""
