"""Conversations kept in a browser, as a person meets them on the page."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.chatpage import BOX, ChatPage

# the keys of what is kept
KEPT = "() => Object.keys(localStorage).filter(key => key.startsWith('chapter-and-verse/'))"


def wait_until_kept(chat: ChatPage, *counts: int) -> None:
    """Wait until there are conversations with so many questions, the longest first."""
    chat.page.wait_for_function(
        f"counts => ({KEPT})().map(key => JSON.parse(localStorage.getItem(key)).exchanges.length)"
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
    # the page that was left hears no more of the server
    left = ("AbortError", "Unexpected error Connection errored out")
    chat.complaints[:] = [one for one in chat.complaints if not one.startswith(left)]


def press(chat: ChatPage, name: str) -> None:
    chat.page.get_by_role("button", name=name, exact=True).click()


def two_windows(chat: ChatPage) -> ChatPage:
    return ChatPage(chat.page.context, chat.page.url)
