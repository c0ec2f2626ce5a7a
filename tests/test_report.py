"""The report of an evaluation: its three files, its page, its summary."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

from qa.evaluate import evaluate
from qa.evaluation.figures import Evaluation
from qa.evaluation.report import summary, write_report
from tests.measured import GOLD, scripted

ABOUT = {"command": "qa evaluate gold.jsonl", "limit": None}


@pytest.fixture
def evaluation() -> Evaluation:
    return evaluate(scripted(), GOLD, {})


class Links(HTMLParser):
    """What a page would fetch, and the text it shows."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.tags: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.fetched += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_report_is_three_whole_files(evaluation: Evaluation, tmp_path: Path) -> None:
    write_report(tmp_path / "report", evaluation, ABOUT)
    assert sorted(path.name for path in (tmp_path / "report").iterdir()) == [
        "questions.jsonl",
        "report.html",
        "summary.json",
    ]
    lines = (tmp_path / "report/questions.jsonl").read_text(encoding="utf-8").splitlines()
    records = {record["id"]: record for record in map(json.loads, lines)}
    assert list(records) == [one.id for one in GOLD]
    assert records["granite"]["candidate"] == "Osmer"
    assert records["granite"]["label"] == "threshold refused"
    assert records["granite"]["reply"]["reason"] == "not confident"
    assert records["tents"]["evidence_rank"] is None
    assert json.loads((tmp_path / "report/summary.json").read_text(encoding="utf-8"))["total"] == 8
    html = (tmp_path / "report/report.html").read_text(encoding="utf-8")
    page = Links()
    page.feed(html)
    assert page.fetched == []
    assert "url(" not in html.replace("url(#", "") and "@import" not in html
    assert "granite" not in page.tags and "script" not in page.tags
    assert "granite · fact · threshold refused: Where did the <granite> come from?" in page.text
    assert "Misses (5)" in page.text
    assert "Worst cases (2)" in page.text  # queen and cost were answered, wrongly
    assert page.text.index("queen · unanswerable") < page.text.index("cost · conflict")  # the surer one first
    assert "The harbour office put its cost at <mark>15,000 crowns</mark>" in html  # what was read, evidence marked
    assert html.count("<svg") == 2
    assert "share answered (coverage)" in page.text


def test_without_times_two_reports_are_the_same_to_the_byte(tmp_path: Path) -> None:
    for name in ("one", "other"):
        evaluation = evaluate(scripted(), GOLD, {}, timed=False)
        write_report(tmp_path / name, evaluation, ABOUT)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "other" / path.name).read_bytes()
    assert json.loads((tmp_path / "one/summary.json").read_text(encoding="utf-8"))["seconds_p50"] is None


def test_summary_states_bins_curve_and_intervals(evaluation: Evaluation) -> None:
    written = summary(evaluation, ABOUT)
    assert written["ece_bins"] == 10
    assert [(one["low"], one["count"], one["right"]) for one in written["reliability"]] == [
        (0.4, 1, 1),
        (0.6, 1, 0),
        (0.7, 1, 0),
        (0.8, 1, 1),
        (0.9, 1, 1),
    ]
    assert written["risk_coverage"] == [
        {"coverage": 0.2, "risk": 0},
        {"coverage": 0.4, "risk": 0},
        {"coverage": 0.6, "risk": 0.3333},
        {"coverage": 0.8, "risk": 0.5},
        {"coverage": 1.0, "risk": 0.4},
    ]
    assert written["intervals"]["f1"][0] < written["f1"] < written["intervals"]["f1"][1]
    assert written["intervals"]["item_recall"] == [None, None]
