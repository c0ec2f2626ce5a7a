"""`qa compare A B`: two runs of `qa evaluate` side by side, for a person and for a pipeline that is to stop."""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from qa.evaluation.paired import Comparison, Difference, Pair, compare
from qa.evaluation.runs import Outcome, Run, read_run
from qa.render import json_line

DONE, WORSE = 0, 1
_WIDTH = 100  # characters of a question or an answer that are shown


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `qa compare` beside those that every verb has."""
    parser.add_argument("a", type=Path, metavar="A", help="the run to compare with: a folder of qa evaluate --report")
    parser.add_argument("b", type=Path, metavar="B", help="the run that may be better or worse")
    parser.add_argument("--measure", default="f1", metavar="NAME", help="the figure that decides (f1)")
    parser.add_argument(
        "--margin", type=_points, default=0.0, metavar="POINTS", help="how much worse B may be, in points (0)"
    )
    parser.add_argument("--show", type=_count, default=10, metavar="N", help="wins and losses shown of each (10)")


def _points(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 100:
        raise argparse.ArgumentTypeError("must be between 0 and 100")
    return number


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("must be at least 0")
    return number


def run(args: argparse.Namespace) -> int:
    """Compare as the arguments say and print the result; returns the exit code, 1 if B is significantly worse.

    Raises UserError for files that are no runs, or runs that cannot be compared.
    """
    comparison = compare(read_run(args.a), read_run(args.b), args.measure, args.margin)
    print(json_line(to_dict(comparison)) if args.json else "\n".join(to_lines(comparison, args.show)))
    return WORSE if comparison.worse else DONE


def to_dict(comparison: Comparison) -> dict[str, Any]:
    """The comparison for programs; null where nothing was measured, or nothing is known."""
    a, b = comparison.a, comparison.b
    return {
        "schema": 1,
        "a": {"name": a.name, "questions": len(a.outcomes), "about": dict(a.about)},
        "b": {"name": b.name, "questions": len(b.outcomes), "about": dict(b.about)},
        "questions": len(comparison.pairs),
        "measure": comparison.judged.key,
        "margin": comparison.margin,
        "worse": comparison.worse,
        "better": comparison.judged.is_better(),
        "figures": [_plain(one) for one in comparison.differences],
        "by_type": [_plain(one) for one in comparison.by_type],
        "moves": [{"a": before, "b": after, "questions": count} for before, after, count in comparison.moves],
        "wins": [_change(pair, comparison) for pair in comparison.wins],
        "losses": [_change(pair, comparison) for pair in comparison.losses],
    }


def _plain(one: Difference) -> dict[str, Any]:
    return {name: _number(value) if isinstance(value, float) else value for name, value in asdict(one).items()}


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 4)


def _change(pair: Pair, comparison: Comparison) -> dict[str, Any]:
    measure = comparison.judged.key
    before, after = (
        {
            "label": one.label,
            "candidate": one.candidate,
            "answered": one.answered,
            "confidence": one.confidence,
            "score": _number(one.scores.get(measure, math.nan)),
        }
        for one in pair
    )
    return {"id": pair[0].id, "type": pair[0].type, "question": pair[0].question, "a": before, "b": after}


def to_lines(comparison: Comparison, show: int) -> Iterator[str]:
    """The comparison for a person; `show` wins and losses are told of."""
    yield from _heading(comparison)
    yield ""
    yield from _table("", comparison.differences)
    yield ""
    judged, wins, losses = comparison.judged, comparison.wins, comparison.losses
    yield from _table(f"{judged.head} by type", comparison.by_type)
    yield ""
    same = len(comparison.pairs) - len(wins) - len(losses)
    yield f"{judged.head} question by question: {len(wins)} better in B, {len(losses)} worse, {same} as in A"
    for before, after, count in comparison.moves:
        yield f"  {count:4}  {before} -> {after}"
    for title, pairs in (("Worse in B", losses), ("Better in B", wins)):
        if pairs[:show]:
            yield ""
            yield f"{title} ({min(show, len(pairs))} of {len(pairs)})"
        for one, other in pairs[:show]:
            yield f"  {one.id}  {_short(one.question)}"
            yield f"    A: {_said(one)}"
            yield f"    B: {_said(other)}"
    yield ""
    yield verdict(comparison)


def verdict(comparison: Comparison) -> str:
    """Whether B is better or worse by the figure that decides, in a sentence."""
    one = comparison.judged
    word = "worse" if comparison.worse else "better" if one.is_better() else "neither better nor worse"
    beyond = f" by more than {comparison.margin:g} points" if comparison.worse and comparison.margin else ""
    return f"B is {word}{beyond} in {one.head}: {_signed(one, one.difference)} (95 % interval {_interval(one)})"


def _heading(comparison: Comparison) -> Iterator[str]:
    a, b = comparison.a, comparison.b
    for letter, one in (("A", a), ("B", b)):
        yield f"{letter}  {one.name}  {_left_out(one, comparison)}"
    for name in dict.fromkeys([*a.about, *b.about]):
        before, after = (json_line(one.about.get(name)) for one in (a, b))
        if before != after and a.about and b.about:
            yield f"   {name}: {before} -> {after}"


def _left_out(one: Run, comparison: Comparison) -> str:
    count, both = len(one.outcomes), len(comparison.pairs)
    return f"{count} questions" + (
        f", {count - both} of them not in the other run and left out" if count > both else ""
    )


def _table(title: str, differences: Sequence[Difference]) -> Iterator[str]:
    rows = [(title, "A", "B", "B - A", "95 % interval", "p", "")]
    for one in differences:
        note = "worse" if one.is_worse() else "better" if one.is_better() else ""
        cells = (_shown(one, one.a), _shown(one, one.b), _signed(one, one.difference), _interval(one), f"{one.p:.3f}")
        rows.append((one.head, *cells, note))
    widths = [max(len(row[column]) for row in rows) for column in range(7)]
    for row in rows:
        figures = (cell.rjust(width) for cell, width in zip(row[1:6], widths[1:6], strict=True))
        yield "  ".join([row[0].ljust(widths[0]), *figures, row[6]]).rstrip()


def _shown(one: Difference, value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.{one.digits}f}"


def _signed(one: Difference, value: float) -> str:
    return "–" if math.isnan(value) else f"{value:+.{one.digits}f}"


def _interval(one: Difference) -> str:
    return f"{_signed(one, one.low)} to {_signed(one, one.high)}"


def _said(one: Outcome) -> str:
    if one.candidate is None:
        return f"refused, no candidate ({one.label})"
    shown = "" if one.answered else "refused: "
    return f"{shown}{_short(one.candidate)} ({one.confidence:.2f}, {one.label})"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…"
