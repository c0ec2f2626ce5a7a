"""The chat page in a real browser, as a person uses it."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from qa import server
from qa.answering import Answerer
from qa.settings import Settings
from qa.web.library import Desk
from qa.web.shelf import Shelves

SCREENSHOTS = Path(__file__).parent.parent / os.environ.get("SCREENSHOTS", "screenshots")
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
BOX = "#qa-question textarea"
# The box is there before anything listens to it. Once it does, the cursor stands in it, but on a phone.
_READY = "box => !matchMedia('(pointer: fine)').matches || document.activeElement === document.querySelector(box)"
_SETTLED = """() => new Promise(settled => {
  let quiet;
  const watch = new MutationObserver(wait);
  function done() { watch.disconnect(); settled(); }
  function wait() { clearTimeout(quiet); quiet = setTimeout(done, 150); }
  watch.observe(document.body, {subtree: true, childList: true, characterData: true, attributes: true});
  wait();
  setTimeout(done, 3000);
})"""
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def served(
    answerer: Answerer,
    examples: Sequence[str] = (),
    settings: Settings | None = None,
    *,
    feedback: Path | None = None,
    shelves: Shelves | None = None,
) -> Iterator[str]:
    """The page of an answerer on a free port of this machine; gives its address."""
    desk = Desk(answerer=answerer, examples=tuple(examples))
    app = server.application(desk, hosts=server.LOOPBACK_NAMES, settings=settings, shelves=shelves, feedback=feedback)
    with server.bind("127.0.0.1", 0) as listening:
        running = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not running.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.02)
        yield server.address(listening)
        running.should_exit = True
        thread.join(10)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser; that there is none is a failure, unless NO_BROWSER=1 says that it is meant so."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        if os.environ.get("NO_BROWSER") == "1":
            pytest.skip("NO_BROWSER=1")
        pytest.fail(
            "No Chromium to test the page with. Install it (`apt-get update && apt-get install -y chromium`), "
            "or set NO_BROWSER=1 to leave the browser tests out."
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=_FLAGS)
        yield browser
        browser.close()


class ChatPage:
    """The open page, and every address it asked for."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page: Page = context.new_page()
        self.page.set_default_timeout(30_000)
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda said: said.type == "error" and self.complaints.append(said.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(address)
        self.page.wait_for_selector(BOX)
        self.page.wait_for_function(_READY, arg=BOX)

    def ask(self, question: str) -> None:
        """Type a question, press Enter and wait for what is said to it."""
        before = self.page.locator(".qa-turn").count()
        self.page.fill(BOX, question)
        self.page.press(BOX, "Enter")
        self.wait_until_said(before + 1)

    def wait_until_said(self, count: int) -> None:
        self.page.wait_for_function(
            "count => document.querySelectorAll('.qa-turn .qa-answer').length === count"
            " && !document.querySelector('.qa-waiting')",
            arg=count,
        )
        self.settle()

    def settle(self) -> None:
        """Wait until nothing has changed on the page for a moment: its parts are drawn one after the other."""
        self.page.evaluate(_SETTLED)

    def asked(self) -> list[str]:
        return self.page.locator(".qa-asked").all_inner_texts()

    def answers(self) -> list[str]:
        """What was said first to each question."""
        return self.page.locator(".qa-answer").all_inner_texts()

    def said(self) -> str:
        """All that was said to the last question."""
        return self.page.locator(".qa-said").last.inner_text()

    @property
    def source(self) -> str:
        """The opened document, or what stands in its place."""
        return self.page.locator("#qa-panel").inner_text()

    def marked(self, where: str = "#qa-panel") -> list[str]:
        return [mark.inner_text() for mark in self.page.locator(f"{where} mark:visible").all()]

    def press(self, name: str) -> None:
        """Click the last button of that name."""
        self.page.get_by_role("button", name=name, exact=True).last.click()

    def barriers(self, where: str = "body") -> list[tuple[str, list[str]]]:
        """What axe-core finds serious or critical there: the rule, and the elements that break it."""
        found = Axe().run(self.page, context=where).response["violations"]
        grave = [one for one in found if one["impact"] in ("serious", "critical")]
        return [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in grave]

    def screenshot(self, name: str) -> None:
        SCREENSHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")


Opened = Callable[..., ChatPage]  # opens a page in a window of its own, with the options of a browser context
