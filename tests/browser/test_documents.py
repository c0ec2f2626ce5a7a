"""Documents of one's own, brought, asked, chosen, kept and removed as a person does it, with the real models."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from embeddings.encode import SentenceEncoder
from embeddings.index import Index
from embeddings.passage import SplitSettings
from qa.assembly import Models
from qa.collections import Collections, Sessions
from qa.confidence import Calibration
from qa.reader.span_reader import SpanReader
from qa.settings import Settings
from qa.uploads import UploadLimits
from qa.web import document_list
from qa.web.shelf import Shelves
from tests.chatpage import DESK, PHONE, ChatPage, Opened, served
from tests.fakes import GAZETTE, LIGHTHOUSE
from tests.loading import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BRIDGE = "The Osmer bridge was opened on 3 June 1902. Mayor Lena Holt cut the ribbon. It has nine arches.\n"
WHO = "Who cut the ribbon of the Osmer bridge?"
LIT = "When was Marrow Point Lighthouse first lit?"
LIMITS = UploadLimits(max_file_bytes=100_000, max_files=5, max_collection_bytes=1_000_000)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def open_library(
    browser: Browser, tmp_path: Path, home: Path, encoder: SentenceEncoder, reader: SpanReader
) -> Iterator[Opened]:
    """Opens a page over two documents, to which others can be added."""
    Index.build(tmp_path / "index", [LIGHTHOUSE, GAZETTE], encoder=encoder)
    models = Models(settings=Settings(), encoder=encoder, reader=reader, calibration=Calibration.shipped())
    folders = {"": tmp_path / "index"}
    contexts = []
    with Sessions.open(home) as sessions:
        shelves = Shelves(
            models=models, folders=folders, sessions=sessions, collections=Collections(home), limits=LIMITS
        )
        with served(models.answerer(folders), shelves=shelves) as address:

            def opened(**options: object) -> ChatPage:
                contexts.append(browser.new_context(**{"viewport": DESK, **options}))
                return ChatPage(contexts[-1], address)

            yield opened
            for context in contexts:
                context.close()


def documents(chat: ChatPage) -> ChatPage:
    """Go to the documents."""
    chat.page.get_by_role("tab", name="Documents").click()
    expect(chat.page.locator(".qa-count")).to_be_visible()
    return chat


def bring(chat: ChatPage, *files: Path) -> None:
    """Choose files, and wait until they were read."""
    chat.page.locator("#qa-bring input[type=file]").first.set_input_files(files)
    expect(chat.page.locator("#qa-report .qa-report, #qa-report .qa-failed").first).to_be_visible()
    expect(chat.page.locator(".qa-busy")).to_have_count(0)


def ask(chat: ChatPage, question: str) -> str:
    chat.page.get_by_role("tab", name="Ask").click()
    chat.ask(question)
    return chat.answers()[-1]


@pytest.fixture
def bridge(tmp_path: Path) -> Path:
    file = tmp_path / "Bridge (final) & notes.txt"
    file.write_text(BRIDGE, encoding="utf-8")
    return file


def test_a_file_that_is_brought_can_be_asked_and_opened(open_library: Opened, bridge: Path) -> None:
    chat = open_library()
    assert ask(chat, WHO) == "The documents don’t say."
    documents(chat)
    assert "PDF, Word (.docx), HTML" in chat.page.locator(".qa-drop").inner_text()
    assert chat.page.locator(".qa-count").inner_text() == "2 of 2 documents are searched."
    bring(chat, bridge)
    assert "1 added: your uploads hold 1 document now." in chat.page.locator("#qa-report").inner_text()
    assert chat.page.locator(".qa-count").inner_text() == "3 of 3 documents are searched."
    assert bridge.name in chat.page.locator("#qa-listed").inner_text()
    expect(chat.page.locator(".qa-drop [role=status]")).to_be_empty()
    chat.screenshot("documents")
    assert ask(chat, WHO) == "Mayor Lena Holt"
    assert BRIDGE.strip() in chat.source
    assert chat.marked() == ["Mayor Lena Holt"]
    assert chat.complaints == []


def test_examples_are_made_from_the_documents_that_are_there(open_library: Opened, bridge: Path) -> None:
    chat = open_library()
    expect(chat.page.get_by_role("button", name="When was the Osmer bridge opened?")).to_have_count(0)
    bring(documents(chat), bridge)
    chat.page.get_by_role("tab", name="Ask").click()
    example = chat.page.get_by_role("button", name="When was the Osmer bridge opened?")
    example.click()
    chat.wait_until_said(1)
    assert chat.answers() == ["3 June 1902"]


def test_what_was_brought_is_deleted_once_its_window_is_closed(
    open_library: Opened, bridge: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADIO_IS_E2E_TEST", "1")  # a second then counts as the hour for which a closed window is kept
    chat = documents(open_library())
    bring(chat, bridge)
    assert "deleted within an hour of closing the page" in chat.page.locator(".qa-drop").inner_text()
    assert [path.read_text() for path in home.rglob(bridge.name)] == [BRIDGE]
    chat.page.close()
    until = time.monotonic() + 20
    while [*home.rglob(bridge.name)] and time.monotonic() < until:
        time.sleep(0.1)
    assert [*home.rglob(bridge.name)] == []


def test_another_window_does_not_see_it(open_library: Opened, bridge: Path) -> None:
    bring(documents(open_library()), bridge)
    second = documents(open_library())
    assert second.page.locator(".qa-count").inner_text() == "2 of 2 documents are searched."


def test_what_cannot_be_read_is_said_for_each_file(open_library: Opened, tmp_path: Path, bridge: Path) -> None:
    contents = {
        "broken.pdf": b"%PDF-1.4 nonsense",
        "empty.txt": b"",
        "large.txt": b"a" * 200_000,
        "film.mp4": b"\0\1\2",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    chat = documents(open_library())
    bring(chat, bridge, *(tmp_path / name for name in contents))
    told = chat.page.locator("#qa-report").inner_text()
    assert "1 added" in told
    failed = [row.inner_text() for row in chat.page.locator(".qa-failed li").all()]
    assert sorted(row.split()[0] for row in failed) == sorted(contents)
    assert any("larger than" in row for row in failed) and any("is empty" in row for row in failed)
    assert str(tmp_path) not in told and "Traceback" not in told
    assert sum("/upload?" in url or url.endswith("/upload") for url in chat.requests) == 2  # the others are not sent


def test_a_folder_keeps_its_structure(open_library: Opened, tmp_path: Path) -> None:
    for year in ("2023", "2024"):
        (tmp_path / "papers" / year).mkdir(parents=True)
        (tmp_path / "papers" / year / "report.txt").write_text(f"The report of {year}.", encoding="utf-8")
    chat = documents(open_library())
    chat.page.locator("#qa-bring input[webkitdirectory]").set_input_files(tmp_path / "papers")
    expect(chat.page.locator("#qa-report .qa-report")).to_be_visible()
    expect(chat.page.locator(".qa-busy")).to_have_count(0)
    listed = chat.page.locator("#qa-listed").inner_text()
    assert "papers/2023/report.txt" in listed and "papers/2024/report.txt" in listed


def drop(chat: ChatPage, *paths: Path) -> None:
    """Drop files and folders as from the desktop."""
    place = chat.page.locator(".qa-drop h2").bounding_box()
    assert place is not None
    devtools = chat.page.context.new_cdp_session(chat.page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        event = {"type": kind, "x": place["x"] + 5, "y": place["y"] + 5, "data": data}
        devtools.send("Input.dispatchDragEvent", event)


def test_files_and_folders_can_be_dropped(open_library: Opened, tmp_path: Path, bridge: Path) -> None:
    for year in ("2023", "2024"):
        (tmp_path / "papers" / year).mkdir(parents=True)
        (tmp_path / "papers" / year / "report.txt").write_text(f"The report of {year}.", encoding="utf-8")
    chat = documents(open_library())
    drop(chat, tmp_path / "papers", bridge)
    expect(chat.page.locator("#qa-report")).to_contain_text("3 added: your uploads hold 3 documents now.")
    listed = chat.page.locator("#qa-listed .qa-note").all_inner_texts()
    assert {"papers/2023/report.txt", "papers/2024/report.txt", bridge.name} <= set(listed)


HOSTILE = ["<img src=x onerror=hit()>.txt", '" onclick="hit()" x=".txt', "${hit()} {{value}} &amp; '.txt"]


def test_names_of_files_are_shown_to_the_letter_and_do_nothing(open_library: Opened, tmp_path: Path) -> None:
    for name in HOSTILE:
        (tmp_path / name).write_text("It was opened in 1902.", encoding="utf-8")
    (tmp_path / "<b>no.pdf").write_bytes(b"%PDF-1.4 nonsense")
    chat = documents(open_library())
    chat.page.evaluate("() => { window.hits = 0; window.hit = () => { window.hits += 1; }; }")
    bring(chat, *(tmp_path / name for name in (*HOSTILE, "<b>no.pdf")))
    assert "<b>no.pdf" in chat.page.locator(".qa-failed").inner_text()
    assert set(HOSTILE) <= set(chat.page.locator("#qa-listed .qa-note").all_inner_texts())
    for number, name in enumerate(HOSTILE, 1):
        chat.page.get_by_title(f"Remove {name}", exact=True).click()
        expect(chat.page.locator(".qa-count")).to_contain_text(f"{5 - number} of {5 - number}")
    assert chat.page.evaluate("window.hits") == 0
    assert chat.complaints == []


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


def test_files_that_come_while_others_are_read_are_read_next(open_library: Opened) -> None:
    chat = documents(open_library())
    chat.page.evaluate(
        """() => {
          const input = document.querySelector('#qa-bring input[type=file]');
          for (const name of ['first.txt', 'second.txt']) {
            const chosen = new DataTransfer();
            chosen.items.add(new File([`The ${name} was opened in 1902.`], name));
            input.files = chosen.files;
            input.dispatchEvent(new Event('change'));
          }
        }"""
    )
    expect(chat.page.locator(".qa-count")).to_contain_text("4 of 4")


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


def test_an_upload_can_be_removed(open_library: Opened, bridge: Path, home: Path) -> None:
    chat = documents(open_library())
    bring(chat, bridge)
    chat.page.get_by_title(f"Remove {bridge.name}").click()
    expect(chat.page.locator(".qa-count")).to_have_text("2 of 2 documents are searched.")
    assert [path for path in home.rglob("*") if path.name == bridge.name] == []


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


def test_no_file_of_the_server_can_be_brought_in(open_library: Opened, tmp_path: Path) -> None:
    """The page tells the server where a file was put; only what was put there by an upload is read."""
    (tmp_path / "secret.txt").write_text("The code is 4711.", encoding="utf-8")
    chat = documents(open_library())
    told = {"files": [{"name": "x.txt", "size": 17, "path": str(tmp_path / "secret.txt")}]}
    component = chat.page.evaluate("window.gradio_config.components.find(c => c.props.elem_id === 'qa-bring').id")
    dependency = chat.page.evaluate(
        "id => window.gradio_config.dependencies.find(d => d.targets.some(t => t[0] === id && t[1] === 'upload')).id",
        component,
    )
    answer = chat.page.evaluate(
        """async ([fn, told]) => {
          const sent = {data: [null], event_data: told, fn_index: fn, session_hash: 'other', trigger_id: null};
          const joined = await fetch('/gradio_api/queue/join', {method: 'POST', body: JSON.stringify(sent),
            headers: {'content-type': 'application/json'}});
          const stream = (await fetch('/gradio_api/queue/data?session_hash=other')).body.getReader();
          let text = '';
          for (;;) {
            const {value, done} = await stream.read();
            text += new TextDecoder().decode(value);
            if (done || text.includes('process_completed')) return text;
          }
        }""",
        [dependency, told],
    )
    assert "process_completed" in answer
    assert "4711" not in answer and "1 added" not in answer
    assert (tmp_path / "secret.txt").is_file()


def test_the_documents_fit_a_phone(open_library: Opened, bridge: Path) -> None:
    chat = documents(open_library(viewport=PHONE, color_scheme="dark"))
    bring(chat, bridge)
    chat.screenshot("documents-phone")
    assert chat.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert chat.barriers() == []


def test_a_place_in_a_pdf_is_shown_with_its_page(open_library: Opened) -> None:
    chat = open_library()
    bring(documents(chat), ROOT / "tests" / "fixtures" / "formats" / "otter.pdf")
    assert ask(chat, "Until when does the station recommend that the reed beds be left uncut?") == "2015"
    assert "page 2" in chat.said()
    assert [page.inner_text() for page in chat.page.locator("#qa-panel .qa-page").all()] == ["Page 1", "Page 2"]
    shown = chat.page.locator("#qa-panel .qa-text").inner_text()
    assert shown.index("a rule that the fishermen proposed") < shown.index("Page 2") < shown.index("uncut until 2015")
    assert "page 2" in chat.page.locator("#qa-panel .qa-source-head").inner_text()
