"""Evaluating on the page: its figures and files are those of `qa evaluate`, and it can be stopped at any time."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from qa import evaluate
from qa.chat import Question
from qa.gold import read_gold
from qa.reply import Reply
from tests.chatpage import DESK, PHONE, ChatPage, Opened
from tests.contrast import FAINT
from tests.fakes import GAZETTE, LIGHTHOUSE, PaperLibrary
from tests.measured import HITS, SCRIPT, DividedIndex, MeasuredAnswerer, PaperRetriever

pytestmark = pytest.mark.browser
expect.set_options(timeout=20_000)  # of a machine that is busy

HOSTILE = '</script><img src=x onerror=hit()><script>parent.hit()</script> "><svg onload=hit()>'


class PaperIndexOfGold(DividedIndex, PaperLibrary):
    """The lighthouse's documents, with what an evaluation says of an index."""

    parts = ()
    manifest = SimpleNamespace(encoder=SimpleNamespace(name="words", digest="5" * 64))


@dataclass
class PaperAnswerer(MeasuredAnswerer):
    """Answers by the script of an evaluation that is worked out on paper; takes its time if it is told to."""

    threshold: float = 0.5
    calibrated: bool = True
    slow_after: int = 1000

    def ask(self, question: Question, *, top_k: int | None = None, threshold: float | None = None) -> Reply:
        if len(self.questions) >= self.slow_after:
            self.gate.clear()
        return super().ask(question)


@pytest.fixture
def answerer() -> PaperAnswerer:
    return PaperAnswerer(
        index=PaperIndexOfGold([LIGHTHOUSE, GAZETTE]), script=SCRIPT, retriever=PaperRetriever(passages=HITS)
    )


class GoldPage:
    """The tab, as a person uses it."""

    def __init__(self, chat: ChatPage) -> None:
        self.chat = chat
        self.page: Page = chat.page
        self.page.get_by_role("tab", name="Evaluate").click()
        self.tab: Locator = self.page.get_by_role("tabpanel")
        self.run = self.tab.get_by_role("button", name="Evaluate")
        self.cancel = self.tab.get_by_role("button", name="Cancel")
        self.status = self.page.locator("#qa-gold-status")
        self.report = self.page.frame_locator("iframe[title='Report of the evaluation']")

    def drop(self, file: Path) -> None:
        self.tab.locator("input[type=file]").set_input_files(file)

    def evaluated(self, file: Path) -> None:
        self.drop(file)
        self.go()

    def go(self) -> None:
        self.run.click()
        expect(self.tab.get_by_role("button", name="Download report")).to_be_visible(timeout=30_000)

    def figures(self) -> dict[str, str]:
        rows = self.page.locator("#qa-gold-result tbody tr").all()
        return {row.locator("th").inner_text(): row.locator("td").first.inner_text() for row in rows}

    def download(self, name: str) -> str:
        with self.page.expect_download() as got:
            self.tab.get_by_role("button", name=f"Download {name}").click()
        return Path(got.value.path()).read_text("utf-8")


def row(id: str, question: str, *answers: str, **more: object) -> str:
    return json.dumps({"id": id, "question": question, "answers": answers, **more})


LINES = [
    row(
        "lit",
        "When was the lighthouse first lit?",
        "4 May 1871",
        document=LIGHTHOUSE.id,
        evidence="first lit on 4 May 1871",
    ),
    row("cost", "What did the lighthouse cost?", "15,000", document=GAZETTE.id, evidence="15,000 crowns"),
    row("owner", "Who owns the lighthouse today?", kind="near"),
    row("queen", "Which queen was the first keeper?", kind="premise"),
]


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    file = tmp_path / "gold.jsonl"
    file.write_text("\n".join(LINES), "utf-8")
    return file


def test_figures_report_and_files_are_those_of_the_command_line(
    open_page: Opened, answerer: PaperAnswerer, gold: Path, tmp_path: Path
) -> None:
    tab = GoldPage(open_page())
    expect(tab.run).to_be_disabled()
    tab.drop(gold)
    expect(tab.status).to_have_text("4 questions.")
    tab.go()
    expect(tab.status).to_have_text("4 of 4 judged.")
    assert tab.figures() == {
        "F1": "50.0 %",
        "Exact": "50.0 %",  # lit, and owner refused
        "Right when answered": "33.3 %",
        "Refused, though answerable": "0.0 %",
        "Refused rightly": "50.0 %",
        "Calibration error": "0.470",  # (0.07 + 0.64 + 0.7) / 3, each in a bin of its own
    }
    assert "3 of 4 questions answered, 1 refused." in tab.tab.inner_text()
    expect(tab.report.locator("h1")).to_have_text("Evaluation")
    expect(tab.report.locator("svg")).to_have_count(2)
    questions = read_gold(gold).questions
    summary = json.loads(tab.download("summary"))
    evaluate.measure(answerer, questions, tmp_path / "expected", summary["about"])
    expected = json.loads((tmp_path / "expected/summary.json").read_text("utf-8"))
    untimed = {name: value for name, value in summary.items() if "seconds" not in name and not name.startswith("by_")}
    assert untimed == {name: expected[name] for name in untimed}
    assert (summary["about"]["gold"], summary["about"]["index"]) == ("gold.jsonl", "paper")
    lines = tab.download("questions").splitlines()
    assert [json.loads(line)["label"] for line in lines] == [
        json.loads(line)["label"] for line in (tmp_path / "expected/questions.jsonl").read_text("utf-8").splitlines()
    ]
    assert tab.download("report").startswith("<!DOCTYPE html>")
    assert tab.chat.complaints == []
    assert {urlsplit(url).hostname for url in tab.chat.requests if url.startswith("http")} == {"127.0.0.1"}


def test_a_packed_file_is_read_too(open_page: Opened, gold: Path) -> None:
    packed = gold.with_name("gold.jsonl.gz")
    packed.write_bytes(gzip.compress(gold.read_bytes()))
    tab = GoldPage(open_page())
    tab.evaluated(packed)
    expect(tab.status).to_have_text("4 of 4 judged.")


def test_evidence_that_is_not_loaded_is_told(open_page: Opened, tmp_path: Path) -> None:
    lost = row("log", "Who wrote the log?", "Beda", document="gone<b>.txt", evidence="Beda wrote the log")
    file = tmp_path / "gold.jsonl"
    file.write_text("\n".join([*LINES, lost]), "utf-8")
    tab = GoldPage(open_page())
    tab.evaluated(file)
    said = tab.page.locator("#qa-gold-result .qa-error")
    expect(said).to_have_text(
        "The evidence of one question was not found in the documents that are loaded (looked for in gone<b>.txt). "
        "Where this is so, retrieval and citation cannot be right."
    )
    file = tmp_path / "other.jsonl"
    file.write_text(lost, "utf-8")
    tab.tab.get_by_label("Clear").click()
    tab.evaluated(file)
    expect(said).to_contain_text("Nothing was found at all: is the gold set about other documents?")


def test_cancelled_it_reports_on_what_was_judged_and_can_be_run_again(
    open_page: Opened, answerer: PaperAnswerer, gold: Path
) -> None:
    tab = GoldPage(open_page())
    answerer.slow_after = 2
    tab.drop(gold)
    tab.run.click()
    expect(tab.status).to_contain_text("2 of 4 judged")
    expect(tab.tab.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "2")
    tab.cancel.click()
    expect(tab.status).to_contain_text("2 of 4 judged; stopping after the question under way, then writing the report")
    answerer.slow_after = 1000
    answerer.gate.set()
    expect(tab.status).to_have_text("3 of 4 judged; stopped.", timeout=30_000)
    assert "The first 3 of 4 only: it was stopped." in tab.tab.inner_text()
    assert json.loads(tab.download("summary"))["total"] == 3
    tab.go()
    expect(tab.status).to_have_text("4 of 4 judged.", timeout=30_000)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.jsonl", b"", "empty.jsonl holds no question; "),
        ("torn.jsonl", LINES[0].encode() + b"\n{", "torn.jsonl, line 2: "),
        ("torn.gz", gzip.compress(b"{}" * 99)[:-4], "torn.gz cannot be read as a gold file: "),
        ("bomb.gz", gzip.compress(b" " * 30_000_000), "bomb.gz has more than 20 MB; "),
        (
            "squad.json",
            json.dumps(
                {
                    "data": [
                        {
                            "title": "A",
                            "paragraphs": [{"context": "B.", "qas": [{"id": "1", "question": "C?", "answers": []}]}],
                        }
                    ]
                }
            ).encode(),
            "squad.json brings its own paragraphs, which cannot be indexed here; run `qa evaluate` on it",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_words(
    open_page: Opened, tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    tab = GoldPage(open_page())
    tab.drop(file)
    expect(tab.tab.get_by_role("alert")).to_contain_text(says)
    expect(tab.run).to_be_disabled()


def test_what_a_gold_set_holds_is_shown_to_the_letter_and_runs_nothing(open_page: Opened, tmp_path: Path) -> None:
    file = tmp_path / "gold.jsonl"
    file.write_text(row("hostile", HOSTILE, HOSTILE, document=HOSTILE, evidence=HOSTILE), "utf-8")
    tab = GoldPage(open_page())
    tab.page.evaluate("() => { window.hits = 0; window.hit = () => window.hits++ }")
    tab.evaluated(file)
    expect(tab.report.get_by_text(HOSTILE).first).to_be_attached()
    assert tab.page.evaluate("window.hits") == 0
    assert tab.page.locator("#qa-gold-result :is(img, script, svg)").count() == 0
    assert tab.page.locator("iframe").get_attribute("sandbox") == ""


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_it_is_readable_on_a_desk_and_on_a_phone(
    open_page: Opened, gold: Path, size: dict[str, int], scheme: str
) -> None:
    tab = GoldPage(open_page(viewport=size, color_scheme=scheme))
    tab.evaluated(gold)
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert tab.page.evaluate(FAINT) == []
    assert tab.chat.barriers() == []
    tab.chat.screenshot(f"evaluation-{scheme}")
