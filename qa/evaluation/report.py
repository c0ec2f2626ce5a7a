"""An evaluation written down: a summary for programs, a line a question, and tables for people."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa import metrics
from qa.evaluation.figures import Evaluation, Figures
from qa.evaluation.judge import Judged, best_candidate
from qa.evaluation.lost import is_right
from qa.evaluation.measures import MEASURES, STATISTICS, confidences, scores
from qa.render import json_line, to_dict

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table of figures: its figure, its head, what it means, and how many digits it shows."""

    key: str
    head: str
    meaning: str
    digits: int = 1

    def show(self, figures: Figures) -> str:
        """The figure in words; a dash where nothing was measured."""
        value = figures.get(self.key, math.nan)
        return "–" if math.isnan(value) else f"{value:.{self.digits}f}"


ANSWERS = (
    Column(key="total", head="n", meaning="questions", digits=0),
    Column(key="exact", head="EM", meaning="exact match, refusals counted as the SQuAD script does"),
    Column(key="f1", head="F1", meaning="F1 of tokens, refusals counted as the SQuAD script does"),
    Column(key="f1_no_refusal", head="F1 unrefused", meaning="F1 of the best candidate, shown or refused"),
    Column(key="answerable_refused", head="refused %", meaning="answerable questions that were refused"),
    Column(key="unanswerable_refused", head="unans. refused %", meaning="unanswerable questions that were refused"),
    Column(key="auroc", head="AUROC", meaning="confidence tells right from wrong (F1 >= 0.5), 0..1", digits=3),
    Column(key="ece", head="ECE", meaning="expected calibration error, 10 equal bins, 0..1", digits=3),
)
RETRIEVAL = (
    Column(key="HasAns_total", head="n", meaning="answerable questions", digits=0),
    Column(key="document_recall_at_1", head="doc R@1", meaning="the best passage is of a gold document"),
    Column(key="document_recall_at_5", head="doc R@5", meaning="a gold document is among the five best documents"),
    Column(key="evidence_recall_at_1", head="evid. R@1", meaning="the best passage overlaps the evidence"),
    Column(key="evidence_recall_at_5", head="evid. R@5", meaning="... one of the five best"),
    Column(key="evidence_recall_at_20", head="evid. R@20", meaning="... one of the twenty best"),
    Column(key="evidence_mrr", head="evid. MRR", meaning="mean reciprocal rank of the evidence, 0..1", digits=3),
    Column(key="citation_right_document", head="cited doc", meaning="answers that cite a gold document"),
    Column(key="citation_evidence_overlap", head="cited evid.", meaning="answers whose citation overlaps the evidence"),
    Column(key="citation_exact", head="exact", meaning="citations that are exact slices of their document"),
    Column(key="citation_in_quote", head="in quote", meaning="citations whose quote holds them at their place"),
)


_HEADED = {one.key: Column(key=one.key, head=one.head, meaning=one.meaning) for one in MEASURES} | {
    one.key: Column(key=one.key, head=one.head, meaning=one.meaning, digits=1 if one.scale == 100 else 3)
    for one in STATISTICS
}
CONFIDENCE = (
    *(_HEADED[statistic.key] for statistic in STATISTICS),
    Column(
        key="brier_base_rate",
        head="Brier of base rate",
        meaning="the Brier score if every confidence were the share that is right",
        digits=3,
    ),
)
CLAIMS = ("shown_right", "citation_precision", "citation_recall", "item_precision", "item_recall")
SIDES = (
    "disagreement_shown",
    "both_sides_shown",
    "attribution_right",
    "disagreement_precision",
    "false_disagreement",
    "follow_up_f1",
    "follow_up_full_f1",
)
TABLES = {
    "Answers": ANSWERS,
    "Retrieval and citations": RETRIEVAL,
    "Confidence": CONFIDENCE,
    "Claims and lists": tuple(_HEADED[key] for key in CLAIMS),
    "Disagreement and follow-ups": tuple(_HEADED[key] for key in SIDES),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Main:
    """A main figure in words, with its 95 % interval."""

    head: str
    value: str
    interval: str
    meaning: str


def main_figures(evaluation: Evaluation) -> list[Main]:
    """The figures of all questions that were measured, each with its interval."""
    overall, intervals = evaluation.overall, evaluation.intervals
    found = []
    for key, column in _HEADED.items():
        if not math.isnan(overall[key]):
            low, high = ("–" if math.isnan(end) else f"{end:.{column.digits}f}" for end in intervals[key])
            found.append(
                Main(head=column.head, value=column.show(overall), interval=f"{low} to {high}", meaning=column.meaning)
            )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a table of figures."""

    name: str
    figures: Figures


def rows(evaluation: Evaluation) -> list[Row]:
    """All questions, then each type, then each kind of unanswerable question."""
    return [
        Row(name="all", figures=evaluation.overall),
        *(Row(name=name, figures=figures) for name, figures in evaluation.by_type.items()),
        *(Row(name=f"unanswerable: {name}", figures=figures) for name, figures in evaluation.by_kind.items()),
    ]


def summary(evaluation: Evaluation, about: Mapping[str, Any]) -> dict[str, Any]:
    """The figures (null: not measured), by type, by kind and by label, and under `about` what they were measured of."""
    return {
        "schema": 1,
        **_plain(evaluation.overall),
        "intervals": {name: [_number(low), _number(high)] for name, (low, high) in evaluation.intervals.items()},
        "ece_bins": metrics.BINS,
        "reliability": [{name: _number(value) for name, value in asdict(bin).items()} for bin in _bins(evaluation)],
        "risk_coverage": _risk_coverage(evaluation),
        "by_type": {name: _plain(figures) for name, figures in evaluation.by_type.items()},
        "by_kind": {name: _plain(figures) for name, figures in evaluation.by_kind.items()},
        "labels": evaluation.labels,
        "missing_evidence": [
            {"id": one.gold.id, "document": evidence.document, "evidence": evidence.text}
            for one in evaluation.judged
            for evidence in one.located.missing
        ],
        "about": dict(about),
    }


def _bins(evaluation: Evaluation) -> list[metrics.Bin]:
    return metrics.reliability(*confidences(evaluation.judged))


def _risk_coverage(evaluation: Evaluation) -> list[dict[str, float | None]]:
    """The share of wrong ones (0..1) among the surest 5, 10, ... 100 % of the candidates."""
    sure, right = confidences(evaluation.judged)
    risks = metrics.risks(sure, metrics.losses(right)).tolist()
    counts = [max(1, round(share * len(sure) / 20)) for share in range(1, 21)] if sure else []
    return [{"coverage": _number(n / len(sure)), "risk": _number(risks[n - 1])} for n in dict.fromkeys(counts)]


def question_record(one: Judged) -> dict[str, Any]:
    """Everything about one question: the gold answers, the reply, the scores and where it was lost."""
    best = best_candidate(one.reply)
    return {
        "id": one.gold.id,
        "type": one.gold.type,
        "kind": one.gold.kind or None,
        "question": one.gold.question,
        "answers": list(one.gold.answers),
        "label": one.label,
        "candidate": None if best is None else best.text,
        "answered": one.scored.answered,
        "confidence": _number(one.scored.confidence),
        "right": is_right(one.scored),
        "exact": _number(one.scored.exact),
        "f1": _number(one.scored.f1),
        "document_rank": _number(one.document_rank),
        "evidence_rank": _number(one.evidence_rank),
        "citation_right_document": one.citations.right_document,
        "citation_evidence_overlap": one.citations.overlaps,
        "scores": {name: _number(value) for name, value in scores(one).items()},
        "sides": None if one.sides is None else asdict(one.sides),
        "seconds": _number(one.seconds),
        "reply": to_dict(one.reply),
    }


def write_report(folder: Path, evaluation: Evaluation, about: Mapping[str, Any]) -> None:
    """Write summary.json, questions.jsonl and report.html, each whole or not at all, the summary last."""
    from qa.evaluation.report_page import page  # draws, so only where there is something to draw

    folder.mkdir(parents=True, exist_ok=True)
    records = [json_line(question_record(one)) for one in evaluation.judged]
    _write(folder / "questions.jsonl", "".join(f"{record}\n" for record in records))
    _write(folder / "report.html", page(evaluation, about))
    _write(folder / "summary.json", json.dumps(summary(evaluation, about), ensure_ascii=False, indent=1) + "\n")


def print_tables(evaluation: Evaluation) -> None:
    """Print the figures for a person, on stderr."""
    from rich.console import Console
    from rich.table import Table

    console = Console(stderr=True)
    if not console.is_terminal:
        console.width = 140  # a file has no width; the tables are whole at this one
    for title, columns in TABLES.items():
        table = Table("", *(column.head for column in columns), title=title, title_justify="left", box=None)
        for row in rows(evaluation):
            table.add_row(row.name, *(column.show(row.figures) for column in columns))
        _print(console, table)
    table = Table("", "", "95 % interval", title="All questions", title_justify="left", box=None)
    for main in main_figures(evaluation):
        table.add_row(main.head, main.value, main.interval)
    _print(console, table)
    labels = ", ".join(f"{label} {count}" for label, count in evaluation.labels.items())
    console.print(f"\nWhere questions ended: {labels}\nSeconds a question: {seconds(evaluation.overall)}", markup=False)


def _print(console: Console, table: Table) -> None:
    for column in table.columns[1:]:
        column.justify = "right"
    console.print(table)


def seconds(figures: Figures) -> str:
    """The times of a question in words."""
    times = {name.removeprefix("seconds_"): value for name, value in figures.items() if name.startswith("seconds_")}
    return ", ".join(f"{name} {'–' if math.isnan(value) else f'{value:.2f}'}" for name, value in times.items())


def _write(path: Path, text: str) -> None:
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def _plain(figures: Figures) -> dict[str, float | None]:
    return {name: _number(value) for name, value in figures.items()}


def _number(value: float) -> float | None:
    if not math.isfinite(value):
        return None
    return int(value) if value == int(value) and abs(value) > 1 else round(value, 4)
