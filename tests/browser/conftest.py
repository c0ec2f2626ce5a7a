"""One browser and one served page for all tests here; each test gets a window and an answerer of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from embeddings.encode import SentenceEncoder
from embeddings.index import Index
from qa.assembly import Models
from qa.collections import Collections, Sessions
from qa.confidence import Calibration
from qa.reader.span_reader import SpanReader
from qa.settings import Settings
from qa.uploads import UploadLimits
from qa.web.shelf import Shelves
from tests.chatpage import DESK, ChatPage, Opened, chromium, served
from tests.fakes import GAZETTE, LIGHTHOUSE, LIGHTHOUSE_SCRIPT, ScriptedAnswerer, lighthouse_answerer
from tests.library import BRIDGE

_LIMITS = UploadLimits(max_file_bytes=100_000, max_files=5, max_collection_bytes=1_000_000)


@pytest.fixture(scope="module")  # only one Playwright may run at a time
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def windows(browser: Browser, address: str) -> Iterator[Opened]:
    """Opens windows on an address until the test is over."""
    contexts = []

    def opened(**options: object) -> ChatPage:
        contexts.append(browser.new_context(**{"viewport": DESK, **options}))
        return ChatPage(contexts[-1], address)

    yield opened
    for context in contexts:
        context.close()


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
    with served(answerer, list(LIGHTHOUSE_SCRIPT), feedback=verdicts) as address:
        yield from windows(browser, address)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def bridge(tmp_path: Path) -> Path:
    file = tmp_path / "Bridge (final) & notes.txt"
    file.write_text(BRIDGE, encoding="utf-8")
    return file


@pytest.fixture
def open_library(
    browser: Browser, tmp_path: Path, home: Path, encoder: SentenceEncoder, reader: SpanReader
) -> Iterator[Opened]:
    """Opens a page over two documents, to which others can be added."""
    Index.build(tmp_path / "index", [LIGHTHOUSE, GAZETTE], encoder=encoder)
    models = Models(settings=Settings(), encoder=encoder, reader=reader, calibration=Calibration.shipped())
    folders = {"": tmp_path / "index"}
    with Sessions.open(home) as sessions:
        shelves = Shelves(
            models=models, folders=folders, sessions=sessions, collections=Collections(home), limits=_LIMITS
        )
        with served(models.answerer(folders), shelves=shelves) as address:
            yield from windows(browser, address)
