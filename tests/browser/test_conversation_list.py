"""The list of kept conversations: opened, renamed, deleted, exported, read by everybody."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from qa.answers_file import read_citations
from qa.reply import Answer, Candidate
from tests.chatpage import DESK, PHONE, ChatPage, Opened
from tests.fakes import (
    LIGHTHOUSE_SCRIPT,
    PaperIndex,
    Scripted,
    ScriptedAnswerer,
    paper_citation,
    paper_document,
)
from tests.keeping import KEPT, expect_listed, press, reload, wait_until_kept

pytestmark = pytest.mark.browser

LIT, KEEPER, COST, OWNER = LIGHTHOUSE_SCRIPT


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
        r"2 questions · \d+ \w+ \d{4} at \d\d:\d\d · open now", rows.nth(0).locator(".qa-note").inner_text()
    )
    assert re.fullmatch(r"1 question · \d+ \w+ \d{4} at \d\d:\d\d", rows.nth(1).locator(".qa-note").inner_text())

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
    assert chat.page.evaluate(KEPT) == []
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


def test_a_conversation_as_long_as_is_kept_goes_on_and_is_left(open_page: Opened) -> None:
    chat = open_page()
    chat.ask(LIT)
    wait_until_kept(chat, 1)
    chat.page.evaluate(
        f"""() => {{
          const key = ({KEPT})()[0], one = JSON.parse(localStorage.getItem(key));
          const long = {{question: "?", reply: null, error: "é".repeat(1_200_000), thumb: null, judgement: null}};
          localStorage.setItem(key, JSON.stringify({{...one, exchanges: [long, ...one.exchanges]}}));
        }}"""
    )
    reload(chat)
    expect(chat.page.locator(".qa-turn")).to_have_count(2)
    chat.ask(COST)
    wait_until_kept(chat, 3)
    press(chat, "New conversation")
    expect(chat.page.locator(".qa-turn")).to_have_count(0)
    expect_listed(chat, LIT)
    assert chat.complaints == []


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


def test_times_are_those_of_the_browsers_clock(open_page: Opened) -> None:
    said = []
    for zone in ("Asia/Tokyo", "America/Lima"):
        chat = open_page(timezone_id=zone)
        chat.ask(LIT)
        wait_until_kept(chat, 1)
        expect_listed(chat, LIT)
        time = chat.page.locator("#qa-kept time")
        kept = datetime.fromisoformat(time.get_attribute("datetime") or "").astimezone(ZoneInfo(zone))
        expect(time).to_have_text(f"{kept.day} {kept:%B %Y at %H:%M}")
        said.append(kept.utcoffset())
    assert len(set(said)) == 2


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
    assert chat.barriers("#qa-kept") == []
    assert {urlsplit(url).hostname for url in chat.requests if not url.startswith(("data:", "blob:"))} == {"127.0.0.1"}
    chat.screenshot(f"conversations-{name}-{scheme}")
