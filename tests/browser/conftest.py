"""One browser and one served page for all tests here; each test gets a window and an answerer of its own."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.chatpage import DESK, ChatPage, Opened, chromium, served
from tests.fakes import LIGHTHOUSE_SCRIPT, ScriptedAnswerer, lighthouse_answerer


@pytest.fixture(scope="module")  # only one Playwright may run at a time
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def answerer() -> ScriptedAnswerer:
    return lighthouse_answerer()


@pytest.fixture
def open_page(browser: Browser, answerer: ScriptedAnswerer) -> Iterator[Opened]:
    """Opens the page of `answerer`, with the options of a browser context."""
    contexts = []
    with served(answerer, list(LIGHTHOUSE_SCRIPT)) as address:

        def opened(**options: object) -> ChatPage:
            contexts.append(browser.new_context(**{"viewport": DESK, **options}))
            return ChatPage(contexts[-1], address)

        yield opened
        for context in contexts:
            context.close()
