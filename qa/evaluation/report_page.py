"""An evaluation as one HTML page that asks nothing of any other place."""

from __future__ import annotations

import html
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from embeddings.passage import Passage
from qa import metrics
from qa.evaluation import plots
from qa.evaluation.figures import Evaluation
from qa.evaluation.judge import Judged, best_candidate
from qa.evaluation.lost import MEANINGS, Located
from qa.evaluation.measures import confidences
from qa.evaluation.report import TABLES, Column, Row, main_figures, rows, seconds
from qa.reply import Answer

WORST = 20  # wrong answers that are shown with what was read


def page(evaluation: Evaluation, about: Mapping[str, Any]) -> str:
    """The report: figures with their intervals, plots, where questions were lost, the worst cases and all misses."""
    judged = evaluation.judged
    misses = [one for one in judged if one.label != "right"]
    worst = sorted((one for one in misses if one.scored.answered), key=lambda one: -one.scored.confidence)
    facts = [(name, value if isinstance(value, str) else json.dumps(value)) for name, value in about.items()]
    mains = [(main.head, main.value, main.interval, main.meaning) for main in main_figures(evaluation)]
    labels = [(label, str(count), MEANINGS[label]) for label, count in evaluation.labels.items()]
    tables = [
        f"<h2>{_text(title)}</h2>{_figures_table(rows(evaluation), columns)}" for title, columns in TABLES.items()
    ]
    parts = [
        "<h1>Evaluation</h1>",
        f"<div class=about>{_table(['', ''], facts)}</div>",
        "<h2>All questions</h2>",
        f"<div class=words>{_table(['', 'figure', '95 % interval', 'what it is'], mains)}</div>",
        *tables,
        f"<p>Seconds a question: {_text(seconds(evaluation.overall))}.</p>",
        "<h2>Reliability, risk and coverage</h2>",
        *_confidence(judged),
        "<h2>Where questions were lost</h2>",
        f"<div class=words>{_table(['', 'questions', 'what it means'], labels)}</div>",
        f"<h2>Worst cases ({min(WORST, len(worst))})</h2>",
        "<p>Wrong answers that were shown, the surest first.</p>",
        *(_case(one, with_passages=True) for one in worst[:WORST]),
        f"<h2>Misses ({len(misses)})</h2>",
        *(_case(one, with_passages=False) for one in misses),
    ]
    return _PAGE.format(body="\n".join(parts))


def _confidence(judged: Sequence[Judged]) -> Iterator[str]:
    sure, right = confidences(judged)
    if not sure:
        return
    table = [
        (f"{one.low:.1f}–{one.high:.1f}", str(one.count), f"{one.confidence:.2f}", f"{one.right:.2f}")
        for one in metrics.reliability(sure, right)
    ]
    yield f"<div>{plots.reliability(sure, right)}{plots.risk_coverage(sure, right)}</div>"
    yield (
        "<p class=legend>Of the best candidates, shown or refused. Bars and dots: the share that was right, with 95 % "
        "intervals, over the mean confidence; below, how many there are. Risk: the share of wrong ones if the surest "
        "are answered.</p>"
    )
    yield _table(["confidence", "questions", "mean confidence", "share right"], table)


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


def _case(one: Judged, *, with_passages: bool) -> str:
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
    passages = "".join(_passage(hit.passage, one.located) for hit in one.read) if with_passages else ""
    return f"<details><summary>{_text(title)}</summary>{_table(['', ''], lines)}{passages}</details>"


def _passage(passage: Passage, located: Located) -> str:
    """A passage that was read, the evidence in it marked."""
    inside = sorted(
        (max(start, passage.start) - passage.start, min(end, passage.end) - passage.start)
        for piece in located.pieces
        if piece.document == passage.document_id
        for start, end in piece.stretches
        if start < passage.end and passage.start < end
    )
    text, done = "", 0
    for start, end in inside:
        if end > done:  # pieces may overlap
            at = max(start, done)
            text += f"{_text(passage.text[done:at])}<mark>{_text(passage.text[at:end])}</mark>"
            done = end
    where = " › ".join((passage.document_id, *passage.heading))
    return f"<blockquote>{text}{_text(passage.text[done:])}<footer>{_text(where)}</footer></blockquote>"


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
svg {{ max-width: 100%; height: auto }}
.words td:last-child {{ text-align: left }}
blockquote {{ border-left: 3px solid #ccc; margin: 0.5rem 1rem; padding-left: 0.8rem; white-space: pre-line }}
blockquote footer, .legend {{ color: #555; font-size: 0.85rem }}
</style>
</head>
<body>
{body}
</body>
</html>
"""
