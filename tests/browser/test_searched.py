"""Which of the documents are searched: chosen one by one, and as collections that are kept, with the real models."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from embeddings.encode import SentenceEncoder
from embeddings.index import Index
from embeddings.passage import SplitSettings
from qa.collections import Collections
from qa.web import document_list
from tests.chatpage import Opened
from tests.fakes import GAZETTE, LIGHTHOUSE
from tests.library import LIT, WHO, ask, bring, documents

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_document_can_be_left_out_and_searched_again(open_library: Opened) -> None:
    chat = documents(open_library())
    chat.page.get_by_label(LIGHTHOUSE.title).uncheck()
    expect(chat.page.locator(".qa-count")).to_contain_text("1 of 2 documents are searched.")
    ask(chat, LIT)
    assert "Velland Gazette" in chat.said() and "Marrow Point Lighthouse ·" not in chat.said()
    documents(chat)
    chat.press("Search all of them")
    expect(chat.page.locator(".qa-count")).to_have_text("2 of 2 documents are searched.")
    expect(chat.page.get_by_label(LIGHTHOUSE.title)).to_be_checked()


def test_a_box_shows_the_state_of_its_own_document(open_library: Opened, bridge: Path) -> None:
    chat = documents(open_library())
    chat.page.get_by_label(LIGHTHOUSE.title).uncheck()
    expect(chat.page.locator(".qa-count")).to_contain_text("1 of 2")
    bring(chat, bridge)
    expect(chat.page.locator(".qa-count")).to_contain_text("2 of 3")
    boxes = chat.page.locator("#qa-listed [type=checkbox]")
    assert {box.get_attribute("data-id"): box.is_checked() for box in boxes.all()} == {
        f"session:{bridge.name}": True,
        LIGHTHOUSE.id: False,
        GAZETTE.id: True,
    }


def test_each_of_some_quick_clicks_counts(open_library: Opened, tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.txt" for number in range(5)]
    for file in files:
        file.write_text(f"Number {file.stem} was opened in 1902.", encoding="utf-8")
    chat = documents(open_library())
    bring(chat, *files)
    expect(chat.page.locator(".qa-count")).to_contain_text("7 of 7")
    chat.page.evaluate("document.querySelectorAll('#qa-listed [type=checkbox]').forEach(box => box.click())")
    expect(chat.page.locator(".qa-count")).to_contain_text("0 of 7 documents are searched.")
    expect(chat.page.locator("#qa-listed :checked")).to_have_count(0)


def test_a_document_beyond_those_listed_is_found_by_its_name(
    open_library: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document_list, "SHOWN", 1)
    chat = documents(open_library())
    expect(chat.page.get_by_label(GAZETTE.title)).to_have_count(0)
    chat.page.get_by_label("Find a document").fill("gazette")
    chat.page.keyboard.press("Enter")
    chat.page.get_by_label(GAZETTE.title).uncheck()
    expect(chat.page.locator(".qa-count")).to_contain_text("1 of 2 documents are searched.")
    expect(chat.page.get_by_label("Find a document")).to_have_value("gazette")
    assert chat.barriers("#qa-listed") == []


def test_with_no_document_chosen_none_is_asked(open_library: Opened) -> None:
    chat = documents(open_library())
    for number, document in enumerate((LIGHTHOUSE, GAZETTE)):
        chat.page.get_by_label(document.title).uncheck()
        expect(chat.page.locator(".qa-count")).to_contain_text(f"{1 - number} of 2 documents are searched.")
    expect(chat.page.locator(".qa-count")).to_contain_text("Choose one, or no question can be answered.")
    assert ask(chat, LIT) == "That did not work."
    assert "No document is chosen to be searched." in chat.said()
    documents(chat)
    chat.press("Search all of them")
    chat.page.get_by_role("tab", name="Ask").click()
    chat.press("Try again")
    expect(chat.page.locator(".qa-answer")).to_have_text("4 May 1871")


def test_uploads_can_be_kept_as_a_collection_and_searched_by_another_window(open_library: Opened, bridge: Path) -> None:
    chat = documents(open_library())
    bring(chat, bridge)
    ask(chat, WHO)
    documents(chat)
    chat.page.get_by_label("Keep your uploads as a collection called").fill("Bridges")
    chat.press("Keep")
    expect(chat.page.get_by_label("Collection “Bridges”")).to_be_checked()
    chat.page.get_by_role("tab", name="Ask").click()
    chat.page.locator(".qa-cite").first.click()  # of the answer from before
    expect(chat.page.locator("#qa-panel [data-times='1'] mark.qa-first")).to_have_text("Mayor Lena Holt")
    assert ask(chat, WHO) == "Mayor Lena Holt"
    second = documents(open_library())
    kept = second.page.get_by_label("Collection “Bridges”")
    expect(kept).not_to_be_checked()
    kept.check()
    expect(second.page.locator(".qa-count")).to_have_text("3 of 3 documents are searched.")
    second.screenshot("collections")
    assert ask(second, WHO) == "Mayor Lena Holt"
    documents(second)
    asked = []
    second.page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    second.page.get_by_title("Delete the collection Bridges").click()
    expect(second.page.get_by_label("Collection “Bridges”")).to_have_count(0)
    assert asked == ["Delete the collection “Bridges” and its files?"]
    assert ask(chat, WHO) == "That did not work."
    assert "Deleted meanwhile, in another window perhaps: “Bridges”." in chat.said()
    documents(chat)
    expect(chat.page.get_by_role("status").get_by_text("Deleted meanwhile")).to_be_visible()
    expect(chat.page.locator(".qa-count")).to_have_text("2 of 2 documents are searched.")
    assert ask(chat, WHO) == "The documents don’t say."


def test_a_collection_that_cannot_be_searched_is_not_shown_as_searched(
    open_library: Opened, home: Path, encoder: SentenceEncoder
) -> None:
    odd = Collections(home).named("odd")
    Index.build(odd.path, [GAZETTE], encoder=encoder, split=SplitSettings(words=20, overlap_words=0))
    chat = documents(open_library())
    chat.page.get_by_label("Collection “odd”").check()
    expect(chat.page.get_by_text("they cannot be searched together")).to_be_visible()
    expect(chat.page.get_by_label("Collection “odd”")).not_to_be_checked()


def test_an_impossible_name_is_said(open_library: Opened, bridge: Path) -> None:
    chat = documents(open_library())
    bring(chat, bridge)
    chat.page.get_by_label("Keep your uploads as a collection called").fill("../up")
    chat.press("Keep")
    expect(chat.page.get_by_text("cannot be the name of a collection")).to_be_visible()
