"""An evaluation that can be worked out on paper: eight questions about a lighthouse, one for each way to end."""

from __future__ import annotations

import argparse
import hashlib
import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from embeddings.load.base import DocumentBuilder, Source, line_starts
from embeddings.mapped import MappedText
from qa.evaluate import add_arguments, conclude, evaluate, measure, original_text, sample
from qa.evaluation.figures import Evaluation
from tests.measured import GOLD, MeasuredAnswerer, scripted

ABOUT = {"command": "qa evaluate gold.jsonl", "limit": None}


@pytest.fixture
def answerer() -> MeasuredAnswerer:
    return scripted()


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
