"""The page of a library as a person uses it: going to the documents, bringing some, asking."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import expect

from tests.chatpage import ChatPage

BRIDGE = "The Osmer bridge was opened on 3 June 1902. Mayor Lena Holt cut the ribbon. It has nine arches.\n"
WHO = "Who cut the ribbon of the Osmer bridge?"
LIT = "When was Marrow Point Lighthouse first lit?"


def documents(chat: ChatPage) -> ChatPage:
    """Go to the documents."""
    chat.page.get_by_role("tab", name="Documents").click()
    expect(chat.page.locator(".qa-count")).to_be_visible()
    chat.settle()
    return chat


def bring(chat: ChatPage, *files: Path) -> None:
    """Choose files, and wait until they were read."""
    chat.page.locator("#qa-bring input[type=file]").first.set_input_files(files)
    expect(chat.page.locator("#qa-report .qa-report, #qa-report .qa-failed").first).to_be_visible()
    expect(chat.page.locator(".qa-busy")).to_have_count(0)
    chat.settle()


def ask(chat: ChatPage, question: str) -> str:
    chat.page.get_by_role("tab", name="Ask").click()
    chat.ask(question)
    return chat.answers()[-1]


def brought(home: Path, name: str) -> list[Path]:
    """The files of that name that a server keeps in its home folder, which it may be deleting."""
    return [Path(folder, name) for folder, _, files in os.walk(home) if name in files]
