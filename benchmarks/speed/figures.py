"""Figures of a race. Pure; seconds in, milliseconds and ratios out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.speed.protocol import Said
from benchmarks.speed.race import Race, Row
from qa.evaluation.resample import draws, interval
from qa.metrics import Array, best_of, exact, f1, mean

PHASES = ("encode", "retrieve", "read", "decide")


def milliseconds(seconds: Sequence[float]) -> dict[str, float]:
    """Median and 95th percentile, in milliseconds."""
    return {f"p{share}_ms": round(1000 * float(np.percentile(seconds, share)), 2) for share in (50, 95)}


def accuracy(rows: Sequence[Row], side: str) -> dict[str, float | None]:
    """EM and F1 over the answerable questions, 0..100, a refusal counting 0; `*_no_refusal` of what it would have said.

    `refused` is the share of answerable questions refused, `unanswerable_refused` that of the others.
    """
    pairs = [(row.said[side], row.gold.answers) for row in rows if row.gold.answers]
    others = [row.said[side] for row in rows if not row.gold.answers]
    answers = [(said.answer, golds) for said, golds in pairs]
    candidates = [(said.candidate, golds) for said, golds in pairs]
    return {
        "em": _percent([best_of(exact, text, golds) for text, golds in answers]),
        "f1": _percent([best_of(f1, text, golds) for text, golds in answers]),
        "em_no_refusal": _percent([best_of(exact, text, golds) for text, golds in candidates]),
        "f1_no_refusal": _percent([best_of(f1, text, golds) for text, golds in candidates]),
        "refused": _percent([float(not said.answer) for said, _ in pairs]),
        "unanswerable_refused": _percent([float(not said.answer) for said in others]),
    }


def _percent(values: Sequence[float]) -> float | None:
    return round(100 * mean(values), 2) if values else None


def ratio(slower: Sequence[float], faster: Sequence[float]) -> dict[str, float]:
    """How many times as long the first took: the median over pairs of times, with its 95 % bootstrap interval.

    A ratio of each pair, taken moments apart, and the median of them: neither a busy minute nor a few long pauses of
    one side decide it.
    """
    ratios: Array = np.asarray(slower, dtype=np.float64) / np.asarray(faster, dtype=np.float64)
    low, high = interval(draws(lambda rows: float(np.median(ratios[rows])), len(ratios)))
    return {"median": round(float(np.median(ratios)), 3), "low": round(low, 3), "high": round(high, 3)}


def ratios(rows: Sequence[Row], ours: str = "ours") -> dict[str, dict[str, float]]:
    """Of every other side to ours, question by question."""
    mine = [row.said[ours].seconds for row in rows]
    names = [name for name in rows[0].said if name != ours]
    return {name: ratio([row.said[name].seconds for row in rows], mine) for name in names}


def side_figures(rows: Sequence[Row], side: str) -> dict[str, Any]:
    """Times, phases where they are told, and accuracy of a side."""
    said = [row.said[side] for row in rows]
    figures: dict[str, Any] = milliseconds([one.seconds for one in said])
    if any(one.phases for one in said):
        figures["phases"] = {phase: milliseconds(_of_phase(said, phase)) for phase in PHASES if _known(said, phase)}
    return figures | accuracy(rows, side)


def _known(said: Sequence[Said], phase: str) -> bool:
    return any(phase in one.phases for one in said)


def _of_phase(said: Sequence[Said], phase: str) -> list[float]:
    return [one.phases.get(phase, 0.0) for one in said]


def race_figures(race: Race, exact_side: str = "everything") -> dict[str, Any]:
    """All of a race, as the results file has it; `lost` is what our EM and F1 lack to those of the exact side."""
    sides = {name: side_figures(race.rows, name) for name in race.rows[0].said}
    compared = [name for name in ("em", "f1", "em_no_refusal", "f1_no_refusal") if sides["ours"][name] is not None]
    return {
        "questions": len(race.rows),
        "answerable": sum(bool(row.gold.answers) for row in race.rows),
        "sides": sides,
        "lost": {name: round(sides[exact_side][name] - sides["ours"][name], 2) for name in compared}
        if exact_side in sides
        else {},
        "ratios": ratios(race.rows),
        "calibration": calibration_figures(race.calibration),
    }


def calibration_figures(seconds: Sequence[float]) -> dict[str, float]:
    """The fixed loop: fastest, median and 95th percentile, in milliseconds."""
    return {"fastest_ms": round(1000 * min(seconds), 2), **milliseconds(seconds)}


def import_seconds(report: str, most: int = 12) -> Mapping[str, float]:
    """Seconds that imports took themselves, by package, the dearest first; `total` before them.

    `report` is what `python -X importtime` writes: `import time: self [us] | cumulative | imported package`.
    """
    spent: dict[str, int] = {}
    for line in report.splitlines():
        cells = line.removeprefix("import time:").split("|")
        if line.startswith("import time:") and len(cells) == 3 and cells[0].strip().isdigit():
            package = cells[2].strip().partition(".")[0]
            spent[package] = spent.get(package, 0) + int(cells[0])
    dearest = sorted(spent, key=lambda name: (-spent[name], name))[:most]
    return {"total": round(sum(spent.values()) / 1e6, 3)} | {name: round(spent[name] / 1e6, 3) for name in dearest}
