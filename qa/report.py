"""An evaluation written down: a summary for programs, a line a question, and a page for people."""

from __future__ import annotations

import html
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.figures import Evaluation, Figures
from qa.judge import Judged, best_candidate, is_right
from qa.render import json_line, to_dict
from qa.reply import Answer


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
    Column(key="document_recall_at_1", head="doc R@1", meaning="a passage of a gold document is the best"),
    Column(key="document_recall_at_5", head="doc R@5", meaning="... among the five best"),
    Column(key="evidence_recall_at_1", head="evid. R@1", meaning="the best passage overlaps the evidence"),
    Column(key="evidence_recall_at_5", head="evid. R@5", meaning="... one of the five best"),
    Column(key="evidence_recall_at_20", head="evid. R@20", meaning="... one of the twenty best"),
    Column(key="evidence_mrr", head="evid. MRR", meaning="mean reciprocal rank of the evidence, 0..1", digits=3),
    Column(key="citation_right_document", head="cited doc", meaning="answers that cite a gold document"),
    Column(key="citation_evidence_overlap", head="cited evid.", meaning="answers whose citation overlaps the evidence"),
    Column(key="citation_exact", head="exact", meaning="citations that are exact slices of their document"),
    Column(key="citation_in_quote", head="in quote", meaning="citations whose quote holds them at their place"),
)


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
        "seconds": _number(one.seconds),
        "reply": to_dict(one.reply),
    }


def write_report(folder: Path, evaluation: Evaluation, about: Mapping[str, Any]) -> None:
    """Write summary.json, questions.jsonl and report.html, each whole or not at all, the summary last."""
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
    for title, columns in (("Answers", ANSWERS), ("Retrieval and citations", RETRIEVAL)):
        table = Table("", *(column.head for column in columns), title=title, title_justify="left", box=None)
        for column in table.columns[1:]:
            column.justify = "right"
        for row in rows(evaluation):
            table.add_row(row.name, *(column.show(row.figures) for column in columns))
        console.print(table)
    labels = ", ".join(f"{label} {count}" for label, count in evaluation.labels.items())
    console.print(
        f"\nWhere questions ended: {labels}\nSeconds a question: {_seconds(evaluation.overall)}", markup=False
    )


def _seconds(figures: Figures) -> str:
    return ", ".join(
        f"{name.removeprefix('seconds_')} {value:.2f}" for name, value in figures.items() if name.startswith("seconds_")
    )


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


def page(evaluation: Evaluation, about: Mapping[str, Any]) -> str:
    """The report as one HTML page that asks nothing of any other place."""
    misses = [one for one in evaluation.judged if one.label != "right"]
    facts = [(name, value if isinstance(value, str) else json.dumps(value)) for name, value in about.items()]
    labels = [(label, str(count)) for label, count in evaluation.labels.items()]
    parts = [
        "<h1>Evaluation</h1>",
        f"<div class=about>{_table(['', ''], facts)}</div>",
        "<h2>Answers</h2>",
        _figures_table(rows(evaluation), ANSWERS),
        "<h2>Retrieval and citations</h2>",
        _figures_table(rows(evaluation), RETRIEVAL),
        f"<p>Seconds a question: {_text(_seconds(evaluation.overall))}.</p>",
        "<h2>Confidence</h2>",
        _table(["confidence", "questions", "mean confidence", "share right"], _reliability(evaluation.judged)),
        "<h2>Where questions were lost</h2>",
        _table(["", "questions"], labels),
        f"<h2>Misses ({len(misses)})</h2>",
        *(_miss(one) for one in misses),
    ]
    return _PAGE.format(body="\n".join(parts))


def _reliability(judged: Iterable[Judged], bins: int = 10) -> list[tuple[str, ...]]:
    ones = [one for one in judged if best_candidate(one.reply) is not None]
    table: list[tuple[str, ...]] = []
    for i in range(bins):
        inside = [one for one in ones if min(int(one.scored.confidence * bins), bins - 1) == i]
        if inside:
            sure = sum(one.scored.confidence for one in inside) / len(inside)
            right = sum(is_right(one.scored) for one in inside) / len(inside)
            table.append((f"{i / bins:.1f}–{(i + 1) / bins:.1f}", str(len(inside)), f"{sure:.2f}", f"{right:.2f}"))
    return table


def _figures_table(table: Sequence[Row], columns: Sequence[Column]) -> str:
    heads = [f'<th title="{_text(column.meaning)}">{_text(column.head)}</th>' for column in columns]
    body = [
        f"<tr><th>{_text(row.name)}</th>{''.join(f'<td>{column.show(row.figures)}</td>' for column in columns)}</tr>"
        for row in table
    ]
    legend = "; ".join(f"{column.head}: {column.meaning}" for column in columns)
    return (
        f"<table><thead><tr><th></th>{''.join(heads)}</tr></thead><tbody>{''.join(body)}</tbody></table>"
        f"<p class=legend>{_text(legend)}.</p>"
    )


def _table(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{_text(cell)}</th>" for cell in heads)
    body = "".join(
        f"<tr><th>{_text(line[0])}</th>{''.join(f'<td>{_text(cell)}</td>' for cell in line[1:])}</tr>" for line in lines
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _miss(one: Judged) -> str:
    best = best_candidate(one.reply)
    shown = "answered" if isinstance(one.reply.outcome, Answer) else f"refused ({one.reply.outcome.reason})"
    lines = [("gold", " | ".join(one.gold.answers) or "(no answer)")]
    if one.reply.asked != one.reply.question:
        lines.append(("asked", one.reply.asked))
    if best is not None:
        lines.append((shown, f"{best.text} (confidence {best.confidence:.2f}, F1 {one.scored.f1:.2f})"))
        lines.append(("cited", f"{best.citation.document}: {best.citation.quote}"))
    else:
        lines.append((shown, "no candidate"))
    if one.gold.answerable:
        rank = "not among the hits" if math.isinf(one.evidence_rank) else f"passage {one.evidence_rank:.0f}"
        lines.append(("evidence", rank))
    lines += [("not found", f"{evidence.document}: {evidence.text}") for evidence in one.located.missing]
    title = f"{one.gold.id} · {one.gold.type} · {one.label}: {one.gold.question}"
    return f"<details><summary>{_text(title)}</summary>{_table(['', ''], lines)}</details>"


def _text(text: str) -> str:
    return html.escape(text)


_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Evaluation</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem }}
table {{ border-collapse: collapse; font-size: 0.9rem }}
th, td {{ border-bottom: 1px solid #ccc; padding: 0.2rem 0.6rem; text-align: right; vertical-align: top }}
tbody th, details td, .about td {{ text-align: left; font-weight: normal }}
details {{ margin: 0.3rem 0 }}
.legend {{ color: #555; font-size: 0.85rem }}
</style>
</head>
<body>
{body}
</body>
</html>
"""
