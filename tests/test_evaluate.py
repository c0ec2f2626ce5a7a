"""An evaluation that can be worked out on paper: eight questions about a lighthouse, one for each way to end."""

from __future__ import annotations

import argparse
import hashlib
import json
import math
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from embeddings.load.base import DocumentBuilder, Source, line_starts
from embeddings.mapped import MappedText
from embeddings.passage import Passage
from qa.chat import Turn
from qa.evaluate import add_arguments, conclude, evaluate, measure, original_text, sample
from qa.evaluation.figures import Evaluation
from qa.evaluation.report import summary, write_report
from qa.gold import Evidence, GoldQuestion, Value
from qa.reply import Answer, Candidate, NoAnswer
from tests.fakes import (
    GAZETTE,
    LIGHTHOUSE,
    LIGHTHOUSE_SCRIPT,
    MeasuredAnswerer,
    PaperIndex,
    PaperRetriever,
    Scripted,
    paper_citation,
    paper_passage,
)

LEAD = paper_passage(LIGHTHOUSE, "It was first lit on 4 May 1871")
TOWER = paper_passage(LIGHTHOUSE, "Granite came from the quarries of Osmer by barge")
KEEPERS = paper_passage(LIGHTHOUSE, "The first keeper was Tomas Rill")
NEWS = paper_passage(GAZETTE, "The harbour office put its cost at 15,000 crowns")
TENTS = paper_passage(LIGHTHOUSE, "Most of the workers lived in tents on the headland")
OSMER = Candidate(text="Osmer", confidence=0.4, citation=paper_citation(LIGHTHOUSE, TOWER.text, "Osmer"))
INA = paper_citation(LIGHTHOUSE, "His daughter Ina Rill followed him", "Ina Rill")


def gold(id: str, question: str, *answers: str, evidence: str = "", document: str = LIGHTHOUSE.id, **more):
    held = {"documents": (document,), "evidence": (Evidence(document=document, text=evidence),)} if evidence else {}
    return GoldQuestion(id=id, question=question, answers=answers, **{"type": "fact", **held, **more})


GOLD = [
    gold("lit", "When was the lighthouse first lit?", "4 May 1871", evidence="first lit on 4 May 1871"),
    gold(
        "keeper",
        "Who was its first keeper?",
        "Tomas Rill",
        evidence=KEEPERS.text,
        type="follow_up",
        history=(Turn(question="Where is it?", asked="Where is it?", answer="Velland"),),
    ),
    gold(
        "cost",
        "What did the lighthouse cost?",
        "15,000",
        evidence="15,000 crowns",
        document=GAZETTE.id,
        type="conflict",
        values=(Value(answer="12,400", attributed_to="the builders"), Value(answer="15,000", attributed_to="office")),
    ),
    gold("owner", "Who owns the lighthouse today?", type="unanswerable", kind="near"),
    gold("tents", "Where did most workers live?", "in tents", evidence="lived in tents on the headland"),
    gold("queen", "Which queen was the first keeper?", type="unanswerable", kind="premise"),
    gold("granite", "Where did the <granite> come from?", "Osmer", evidence=TOWER.text),
    gold("lost", "Who wrote the log?", "Beda", evidence="Beda wrote the log", document="gone.txt"),
]
SCRIPT = {
    **LIGHTHOUSE_SCRIPT,
    "Which queen was the first keeper?": Scripted(
        Answer(best=Candidate(text="Ina Rill", confidence=0.7, citation=replace(INA, start=INA.start + 1)))
    ),
    "Where did the <granite> come from?": Scripted(NoAnswer(reason="not confident", confidence=0.4), others=(OSMER,)),
}
HITS = {
    "When was the lighthouse first lit?": [LEAD, NEWS],
    "Who was the first keeper of Marrow Point Lighthouse?": [NEWS, KEEPERS],
    "What did the lighthouse cost?": [TOWER, NEWS],
    "Where did most workers live?": [LEAD, NEWS],
    "Where did the <granite> come from?": [TOWER],
}
ABOUT = {"command": "qa evaluate gold.jsonl", "limit": None}


class DividedIndex(PaperIndex):
    """Its documents are divided into the passages that are hits."""

    def passages_of(self, document_id: str) -> list[Passage]:
        return [one for one in (LEAD, TOWER, KEEPERS, NEWS, TENTS) if one.document_id == document_id]


@pytest.fixture
def answerer() -> MeasuredAnswerer:
    return MeasuredAnswerer(
        index=DividedIndex([LIGHTHOUSE, GAZETTE]), script=SCRIPT, retriever=PaperRetriever(passages=HITS)
    )


@pytest.fixture
def evaluation(answerer: MeasuredAnswerer) -> Evaluation:
    return evaluate(answerer, GOLD, {})


def test_each_question_is_labelled_with_where_it_was_lost(evaluation: Evaluation) -> None:
    assert {one.gold.id: one.label for one in evaluation.judged} == {
        "lit": "right",
        "keeper": "right",
        "cost": "reader chose another span",
        "owner": "right",
        "tents": "retriever missed",
        "queen": "answered the unanswerable",
        "granite": "threshold refused",
        "lost": "evidence not in the index",
    }
    assert next(iter(evaluation.labels.items())) == ("right", 3)


def test_a_passage_that_the_reader_never_saw_is_the_retrievers_miss(answerer: MeasuredAnswerer) -> None:
    answerer.top_k = 1
    (one,) = evaluate(answerer, [GOLD[2]], {}).judged
    assert (one.evidence_rank, one.label) == (2, "retriever missed")


def test_figures_worked_by_hand(evaluation: Evaluation) -> None:
    figures = evaluation.overall
    expected = {
        "total": 8,
        "exact": 100 * 3 / 8,  # lit, keeper and the refused owner
        "HasAns_f1": 100 * 2 / 6,
        "f1_no_refusal": 100 * 3 / 6,  # granite's candidate was right
        "NoAns_f1": 50,
        "answered": 4,
        "refused": 4,
        "unanswerable_refused": 50,
        "answerable_refused": 50,
        "auroc": 4 / 6,  # right .93 .81 .4, wrong .64 .7
        "HasAns_auroc": 2 / 3,
        "brier": (0.07**2 + 0.19**2 + 0.64**2 + 0.7**2 + 0.6**2) / 5,
        "ece": (0.07 + 0.19 + 0.64 + 0.7 + 0.6) / 5,  # each in a bin of its own
        "document_recall_at_1": 100 * 3 / 6,
        "document_recall_at_5": 100 * 5 / 6,
        "evidence_recall_at_1": 100 * 2 / 6,
        "evidence_recall_at_5": 100 * 4 / 6,
        "evidence_mrr": (1 + 1 / 2 + 1 / 2 + 1) / 6,
        "citations": 10,
        "citation_exact": 90,  # queen's slice is off by one
        "citation_in_quote": 100,
        "citation_right_document": 100 * 2 / 3,  # cost is cited from the other document
        "citation_evidence_overlap": 100 * 2 / 3,
        "values_recall": 100,
        "disagreement_shown": 100,
        "both_sides_shown": 100,
        "attribution_right": 100,  # "The builders", "The harbour office" for the office
        "disagreement_precision": 100,
        "false_disagreement": 0,
        "shown_right": 100 * 2 / 4,
        "macro_ce": ((0.07 + 0.19 + 0.6) / 3 + (0.64 + 0.7) / 2) / 2,
        "brier_base_rate": 0.6 * 0.4,
        "aurc": (0 + 0 + 1 / 3 + 2 / 4 + 2 / 5) / 5,  # .93 .81 right, .7 .64 wrong, .4 right
        "coverage_at_risk_5": 40,
        "coverage_at_risk_20": 40,
        # lit and cost cite one place that is evidence and one that is not; keeper only what is
        "citation_precision": 100 * (1 / 2 + 1 + 1 / 2) / 3,
        "citation_recall": 100,
    }
    assert {name: figures[name] for name in expected} == pytest.approx(expected)
    assert 0 <= figures["seconds_p50"] <= figures["seconds_p95"] < 1


def test_intervals_hold_the_figures_and_are_the_same_each_time(evaluation: Evaluation) -> None:
    figures, intervals = evaluation.overall, evaluation.intervals
    assert repr(intervals) == repr(evaluation.intervals)  # NaN equals nothing, its name does
    assert {name for name, (low, high) in intervals.items() if not low <= figures[name] <= high} == {
        name for name in intervals if math.isnan(figures[name])
    }
    assert intervals["unanswerable_refused"] == pytest.approx((9.45, 90.55), abs=0.01)  # Wilson, 1 of 2


def test_a_follow_up_is_asked_in_full_too(answerer: MeasuredAnswerer) -> None:
    keeper = replace(GOLD[1], full="Who was the first keeper of Marrow Point Lighthouse?")
    evaluation = evaluate(answerer, [keeper, GOLD[0]], {})
    assert [(one.text, len(one.history)) for one in answerer.questions[:2]] == [(keeper.question, 1), (keeper.full, 0)]
    figures = evaluation.overall  # the script knows no answer to the full one
    assert (figures["follow_up_f1"], figures["follow_up_full_f1"]) == (100, 0)


def test_types_and_kinds_are_figured_alone(evaluation: Evaluation) -> None:
    assert {name: figures["total"] for name, figures in evaluation.by_type.items()} == {
        "conflict": 1,
        "fact": 4,
        "follow_up": 1,
        "unanswerable": 2,
    }
    assert {name: figures["unanswerable_refused"] for name, figures in evaluation.by_kind.items()} == {
        "near": 100,
        "premise": 0,
    }
    assert evaluation.by_type["follow_up"]["exact"] == 100


def test_stopped_between_questions_it_is_of_those_that_were_judged(
    answerer: MeasuredAnswerer, evaluation: Evaluation, tmp_path: Path
) -> None:
    told: list[int] = []
    answerer.index.parts = ()
    stopped = measure(
        answerer, GOLD, tmp_path / "part", ABOUT, timed=False, progress=told.append, stop=lambda: len(told) == 3
    )
    assert ([one.label for one in stopped.judged], told) == ([one.label for one in evaluation.judged[:3]], [1, 2, 3])
    assert json.loads((tmp_path / "part/summary.json").read_text("utf-8"))["total"] == 3
    assert measure(answerer, GOLD, tmp_path / "none", ABOUT, stop=lambda: True).judged == ()
    assert not (tmp_path / "none").exists()


def test_history_goes_along(answerer: MeasuredAnswerer) -> None:
    evaluate(answerer, GOLD[:2], {})
    assert [len(question.history) for question in answerer.questions] == [0, 1]


def test_missing_evidence_is_said_and_fails(
    evaluation: Evaluation, answerer: MeasuredAnswerer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert conclude(evaluation, ABOUT, as_json=False, quiet=True) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("lost: evidence not found in gone.txt\n1 pieces of evidence were not found")
    found = evaluate(answerer, GOLD[:7], {})
    assert conclude(found, ABOUT, as_json=False, quiet=True) == 0
    assert capsys.readouterr() == ("", "")


def test_tables_go_to_stderr_and_one_json_line_to_stdout(
    evaluation: Evaluation, capsys: pytest.CaptureFixture[str]
) -> None:
    conclude(evaluation, ABOUT, as_json=True, quiet=False)
    shown = capsys.readouterr()
    (line,) = shown.out.splitlines()
    summary = json.loads(line)
    assert (summary["f1"], summary["HasAns_f1"], summary["by_type"]["conflict"]["f1"]) == (37.5, 33.3333, 0)
    assert summary["item_recall"] is None  # no question asked for a list
    assert summary["missing_evidence"] == [{"id": "lost", "document": "gone.txt", "evidence": "Beda wrote the log"}]
    assert summary["about"] == ABOUT
    rows = [text.split() for text in shown.err.splitlines()]
    assert ["all", "8", "37.5", "37.5", "50.0", "50.0", "50.0", "0.667", "0.440"] in rows  # ECE 2.2 / 5 = 0.44
    assert ["unanswerable:", "near", "1", "100.0", "100.0", "–", "–", "100.0", "–", "–"] in rows


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


def test_without_times_two_reports_are_the_same_to_the_byte(answerer: MeasuredAnswerer, tmp_path: Path) -> None:
    for name in ("one", "other"):
        evaluation = evaluate(answerer, GOLD, {}, timed=False)
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


def test_evidence_is_looked_for_in_the_file_that_was_indexed(tmp_path: Path) -> None:
    original = "Sévaré  fell\n"
    path = tmp_path / "a.txt"
    path.write_bytes(original.encode())
    sha256 = hashlib.sha256(original.encode()).hexdigest()
    builder = DocumentBuilder(Source(id="a.txt", name="a.txt", data=original.encode(), sha256=sha256))
    builder.add(MappedText.original(original))
    document = builder.finish(title="A", original=original)
    assert document.line_starts == line_starts(original)
    assert original_text(document, path) == original
    assert original_text(document, None) is None
    assert original_text(replace(document, source=None), path) is None
    assert original_text(replace(document, line_starts=(0,)), path) is None  # it was decoded otherwise
    path.write_text("changed since", encoding="utf-8")
    assert original_text(document, path) is None
    assert original_text(document, tmp_path / "gone.txt") is None


def test_a_limit_draws_the_same_questions_in_their_order() -> None:
    order = [one.id for one in GOLD]
    by_hash = sorted(order, key=lambda id: hashlib.sha256(id.encode()).hexdigest())
    for limit in range(1, 9):
        assert [one.id for one in sample(GOLD, limit)] == sorted(by_hash[:limit], key=order.index)
    assert sample(GOLD, None) == sample(GOLD, 99) == GOLD


def test_arguments() -> None:
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_arguments(parser)
    args = parser.parse_args(["gold.jsonl", "--limit", "5", "--json", "--report", "out"])
    assert (args.gold, args.limit, args.json, args.report) == (Path("gold.jsonl"), 5, True, Path("out"))
    with pytest.raises(argparse.ArgumentError):
        parser.parse_args(["gold.jsonl", "--limit", "0"])
