"""Answering a question file on the page: its answers are those of `qa batch`, and it can be stopped at any time."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from gradio.utils import get_upload_folder
from playwright.sync_api import Locator, Page, expect

from qa import batch
from qa.questions import read_questions
from qa.version import version
from tests.chatpage import DESK, PHONE, ChatPage, Opened
from tests.contrast import FAINT
from tests.fakes import LIGHTHOUSE_SCRIPT, PatientAnswerer, patient_answerer

pytestmark = pytest.mark.browser
expect.set_options(timeout=20_000)  # of a machine that is busy

SCRIPTED = list(LIGHTHOUSE_SCRIPT)
HOSTILE = '<img src=x onerror=hit()> "quoted" &amp; <script>hit()</script> ${hit()} {{value}}'


@pytest.fixture
def answerer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PatientAnswerer:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "sent"))  # where the page keeps files, of this test alone
    return patient_answerer()


class FilePage:
    """The tab, as a person uses it."""

    def __init__(self, chat: ChatPage) -> None:
        self.chat = chat
        self.page: Page = chat.page
        self.page.get_by_role("tab", name="Question file").click()
        self.tab: Locator = self.page.get_by_role("tabpanel")
        self.run = self.tab.get_by_role("button", name="Answer all")
        self.cancel = self.tab.get_by_role("button", name="Cancel")
        self.status = self.page.locator("#qa-file-status")
        self.downloads = self.tab.get_by_role("button", name="Download")

    def drop(self, file: Path) -> None:
        remove = self.tab.get_by_label("Clear")
        if remove.count():
            remove.click()
        self.tab.locator("input[type=file]").set_input_files(file)

    def rows(self) -> list[list[str]]:
        return [
            [cell.inner_text() for cell in row.locator("td").all()]
            for row in self.page.locator("#qa-file-result tbody tr").all()
        ]

    def download(self, name: str) -> bytes:
        with self.page.expect_download() as got:
            self.tab.get_by_role("button", name=name).click()
        return Path(got.value.path()).read_bytes()


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    file = tmp_path / "mine.jsonl"
    lines = [json.dumps({"id": f"q{number}", "question": text}) for number, text in enumerate(SCRIPTED, 1)]
    lines += ["oops", json.dumps({"id": "gone", "question": SCRIPTED[0], "documents": "no*"})]
    file.write_text("\n".join(lines), "utf-8")
    return file


def work_folders() -> set[str]:
    return {path.name for path in Path(get_upload_folder()).glob("qa-work-*")}


def test_the_answers_are_those_of_the_command_line(open_page: Opened, questions: Path, tmp_path: Path) -> None:
    tab = FilePage(open_page())
    expect(tab.run).to_be_disabled()
    tab.drop(questions)
    expect(tab.status).to_have_text("5 questions, and 1 line that is none.")
    tab.run.click()
    expect(tab.status).to_have_text("6 of 6 answered, 2 of them with an error.")
    assert tab.rows() == [
        ["q1", SCRIPTED[0], "4 May 1871", "93 %", "Marrow Point Lighthouse · line 1"],
        ["q2", SCRIPTED[1], "Tomas Rill", "81 %", "Marrow Point Lighthouse · Keepers · line 6"],
        [
            "q3",
            SCRIPTED[2],
            "12,400 crowns\nThe documents disagree",
            "64 %",
            "Marrow Point Lighthouse · Building · line 3",
        ],
        ["q4", SCRIPTED[3], "The documents don’t say", "", ""],
        ["5", "–", "line 5: not JSON: Expecting value: line 1 column 1 (char 0)", "", ""],
        ["gone", SCRIPTED[0], "no*: no such document", "", ""],
    ]
    for ending in ("jsonl", "csv"):
        expected = tmp_path / f"expected.{ending}"
        asked = read_questions(str(questions), max_characters=2000)
        batch.run(patient_answerer(), asked, expected, made_with={"version": version()})
        assert tab.download(f"Download {ending.upper()}") == expected.read_bytes()
    assert tab.chat.complaints == []
    assert {urlsplit(url).hostname for url in tab.chat.requests if not url.startswith("data:")} == {"127.0.0.1"}


def test_cancelled_it_keeps_what_is_done_and_can_be_run_again(
    open_page: Opened, answerer: PatientAnswerer, tmp_path: Path
) -> None:
    file = tmp_path / "many.txt"
    file.write_text("".join(f"{text}\n" for text in SCRIPTED * 10), "utf-8")
    tab = FilePage(open_page())
    answerer.seconds = 0.5
    tab.drop(file)
    tab.run.click()
    bar = tab.tab.get_by_role("progressbar", name="How far it is")
    expect(bar).to_have_attribute("aria-valuemax", "40")
    expect(tab.status).to_contain_text("of 40 answered, less than a minute left")
    expect(tab.run).to_be_disabled()
    expect(tab.cancel).to_be_focused()
    tab.cancel.click()
    expect(tab.status).to_contain_text("; stopped.")
    done = int(tab.status.inner_text().split()[0])
    assert 0 < done < 40
    assert tab.status.inner_text() == f"{done} of 40 answered; stopped."
    assert len(answerer.questions) == done
    lines = tab.download("Download JSONL").decode().splitlines()
    assert [json.loads(line)["question"] for line in lines] == (SCRIPTED * 10)[:done]
    assert len(tab.rows()) == done
    (folder,) = work_folders()
    names = sorted(path.name for path in (Path(get_upload_folder()) / folder).iterdir())
    assert names == ["answers.csv", "answers.jsonl"]
    answerer.seconds = 0
    tab.run.click()
    expect(tab.status).to_have_text("40 of 40 answered.")
    assert len(tab.rows()) == 40
    assert folder not in work_folders()
    assert len(work_folders()) == 1


def test_asking_goes_on_beside_it(open_page: Opened, answerer: PatientAnswerer, tmp_path: Path) -> None:
    file = tmp_path / "many.txt"
    file.write_text(f"{SCRIPTED[3]}\n" * 100, "utf-8")
    tab = FilePage(open_page())
    answerer.seconds = 0.1
    tab.drop(file)
    tab.run.click()
    expect(tab.status).to_contain_text("of 100 answered")
    other = open_page().page
    other.fill("#qa-question textarea", SCRIPTED[0])
    other.press("#qa-question textarea", "Enter")
    expect(other.locator(".qa-answer")).to_have_text("4 May 1871")
    expect(tab.cancel).to_be_enabled()
    tab.cancel.click()
    expect(tab.status).to_contain_text("of 100 answered; stopped.")


def test_a_window_that_is_closed_stops_its_work(open_page: Opened, answerer: PatientAnswerer, tmp_path: Path) -> None:
    file = tmp_path / "many.txt"
    file.write_text(f"{SCRIPTED[3]}\n" * 200, "utf-8")
    tab = FilePage(open_page())
    answerer.seconds = 0.1
    tab.drop(file)
    tab.run.click()
    expect(tab.status).to_contain_text("of 200 answered, less than a minute left")
    tab.page.close()
    ended = [thread for thread in threading.enumerate() if thread.name == "long work of the page"]
    for thread in ended:
        thread.join(10)
    assert len(ended) == 1 and not ended[0].is_alive()
    assert len(answerer.questions) < 150


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.txt", b"\n \n", "empty.txt holds no question; write one a line"),
        (
            "table.csv",
            b"name,age\nA,1\n",
            "table.csv: the first line must name the columns, one of them question or query or text or input",
        ),
        ("picture.txt", b"\x89PNG\0\0", "picture.txt is not a text file; save it as UTF-8"),
        (
            "big.txt",
            b"Why?\n" * 1_200_000,
            "big.txt has 6.0 MB, and 5 are read here; divide it, or use `qa batch`",
        ),
        (
            "many.txt",
            b"Why?\n" * 5001,
            "many.txt holds 5,001 questions, and 5,000 are taken here; divide it, or use `qa batch`",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_words(
    open_page: Opened, tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    tab = FilePage(open_page())
    tab.drop(file)
    expect(tab.tab.get_by_role("alert")).to_have_text(says)
    expect(tab.run).to_be_disabled()


def test_what_nobody_foresaw_is_told_and_the_next_run_works(open_page: Opened, answerer: PatientAnswerer) -> None:
    tab = FilePage(open_page())
    answerer.script = {**answerer.script, SCRIPTED[1]: RuntimeError("secret")}
    tab.tab.locator("input[type=file]").set_input_files(
        {"name": "q.txt", "mimeType": "text/plain", "buffer": "\n".join(SCRIPTED).encode()}
    )
    expect(tab.run).to_be_enabled()
    tab.run.click()
    expect(tab.tab.get_by_role("alert")).to_have_text(
        "Something unexpected happened; the server’s terminal shows what. Press “Answer all” to try again."
    )
    answerer.script = LIGHTHOUSE_SCRIPT
    tab.run.click()
    expect(tab.status).to_have_text("4 of 4 answered.")


def test_questions_are_shown_to_the_letter(open_page: Opened, tmp_path: Path) -> None:
    file = tmp_path / "hostile.jsonl"
    file.write_text(json.dumps({"id": HOSTILE, "question": HOSTILE}), "utf-8")
    tab = FilePage(open_page())
    tab.page.evaluate("() => { window.hits = 0; window.hit = () => window.hits++ }")
    tab.drop(file)
    tab.run.click()
    expect(tab.status).to_have_text("1 of 1 answered.")
    assert tab.rows() == [[HOSTILE, HOSTILE, "The documents don’t say", "", ""]]
    assert tab.page.evaluate("window.hits") == 0
    assert tab.page.locator("#qa-file-result :is(img, script)").count() == 0


def test_many_replies_are_shown_in_part_and_kept_whole(open_page: Opened, tmp_path: Path) -> None:
    file = tmp_path / "many.txt"
    file.write_text(f"{SCRIPTED[0]}\n" * 230, "utf-8")
    tab = FilePage(open_page())
    tab.drop(file)
    tab.run.click()
    expect(tab.status).to_have_text("230 of 230 answered.", timeout=30_000)
    assert "The first 200 of 230 are shown; the files hold all of them." in tab.tab.inner_text()
    assert len(tab.rows()) == 200
    assert len(tab.download("Download JSONL").splitlines()) == 230


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_it_is_readable_on_a_desk_and_on_a_phone(
    open_page: Opened, questions: Path, size: dict[str, int], scheme: str
) -> None:
    tab = FilePage(open_page(viewport=size, color_scheme=scheme))
    tab.drop(questions)
    tab.run.click()
    expect(tab.downloads).to_have_count(2)
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert tab.page.evaluate(FAINT) == []
    assert tab.chat.barriers() == []
    tab.chat.screenshot(f"question-file-{scheme}")


def test_it_works_from_the_keyboard(open_page: Opened, questions: Path) -> None:
    tab = FilePage(open_page())
    tab.page.on("filechooser", lambda chooser: None)  # or the browser is told too late to leave choosing to us
    tab.page.get_by_role("tab", name="Question file").focus()
    reach(tab, tab.tab.get_by_label("Click to upload or drop files"))
    with tab.page.expect_file_chooser() as chosen:
        tab.page.keyboard.press("Enter")
    chosen.value.set_files(questions)
    expect(tab.run).to_be_enabled()
    reach(tab, tab.run)
    tab.page.keyboard.press("Enter")
    expect(tab.status).to_have_text("6 of 6 answered, 2 of them with an error.")
    expect(tab.run).to_be_focused()


def reach(tab: FilePage, wanted: Locator) -> None:
    for _ in range(8):
        tab.page.keyboard.press("Tab")
        if wanted.evaluate("it => it === document.activeElement"):
            return
    pytest.fail("the keyboard does not get there")
