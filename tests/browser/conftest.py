"""One browser and one served page for all tests here; each test gets a window and an answerer of its own."""

from collections.abc import Iterator
from pathlib import Path

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
def verdicts(tmp_path: Path) -> Path:
    """The file in which the page of `open_page` keeps what people say of replies."""
    return tmp_path / "feedback.jsonl"


@pytest.fixture
def open_page(browser: Browser, answerer: ScriptedAnswerer, verdicts: Path) -> Iterator[Opened]:
    """Opens the page of `answerer`, with the options of a browser context."""
    contexts = []
    with served(answerer, list(LIGHTHOUSE_SCRIPT), feedback=verdicts) as address:

        def opened(**options: object) -> ChatPage:
            contexts.append(browser.new_context(**{"viewport": DESK, **options}))
            return ChatPage(contexts[-1], address)

        yield opened
        for context in contexts:
            context.close()
