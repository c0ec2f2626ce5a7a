"""Documents of one's own, brought, asked and removed as a person does it, with the real models."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.chatpage import PHONE, ChatPage, Opened
from tests.library import BRIDGE, WHO, ask, bring, brought, documents
from tests.loading import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_file_that_is_brought_can_be_asked_and_opened(open_library: Opened, bridge: Path) -> None:
    chat = open_library()
    assert ask(chat, WHO) == "The documents don’t say."
    documents(chat)
    assert "PDF, Word (.docx), HTML" in chat.page.locator(".qa-drop").inner_text()
    assert chat.page.locator(".qa-count").inner_text() == "2 of 2 documents are searched."
    bring(chat, bridge)
    assert "1 added: your uploads hold 1 document now." in chat.page.locator("#qa-report").inner_text()
    expect(chat.page.locator(".qa-count")).to_have_text("3 of 3 documents are searched.")
    expect(chat.page.locator("#qa-listed")).to_contain_text(bridge.name)
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
    assert [path.read_text() for path in brought(home, bridge.name)] == [BRIDGE]
    chat.page.close()
    until = time.monotonic() + 20
    while brought(home, bridge.name) and time.monotonic() < until:
        time.sleep(0.1)
    assert brought(home, bridge.name) == []


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
    for name in ("papers/2023/report.txt", "papers/2024/report.txt"):
        expect(chat.page.locator("#qa-listed")).to_contain_text(name)


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
    for name in ("papers/2023/report.txt", "papers/2024/report.txt", bridge.name):
        expect(chat.page.locator("#qa-listed .qa-note").get_by_text(name)).to_be_visible()


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


def test_an_upload_can_be_removed(open_library: Opened, bridge: Path, home: Path) -> None:
    chat = documents(open_library())
    bring(chat, bridge)
    chat.page.get_by_title(f"Remove {bridge.name}").click()
    expect(chat.page.locator(".qa-count")).to_have_text("2 of 2 documents are searched.")
    assert brought(home, bridge.name) == []


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
