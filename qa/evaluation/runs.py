"""The files that `qa evaluate --report` wrote, read back to be compared."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embeddings.errors import BadInput

QUESTIONS, SUMMARY = "questions.jsonl", "summary.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one question ended in a run; `scores` are 0..1, NaN where a measure does not apply.

    `candidate` is the best one, shown or refused (None: there was none), with its confidence and whether it is right.
    """

    id: str
    type: str
    question: str
    answers: tuple[str, ...]
    label: str
    candidate: str | None
    answered: bool
    confidence: float
    right: bool
    scores: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run: its name (the path that was given), what it was measured of (empty: not known), and its questions."""

    name: str
    about: Mapping[str, Any]
    outcomes: Mapping[str, Outcome]


def read_run(path: Path) -> Run:
    """Read the folder of a report, or a file in it. Raises BadInput, naming file and line, if it holds no run."""
    if path.is_dir():
        path = path / QUESTIONS
    elif path.name == SUMMARY:
        path = path.with_name(QUESTIONS)
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}; give the folder of a report of qa evaluate") from error
    outcomes: dict[str, Outcome] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            outcome = _outcome(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadInput(
                f"{path}, line {number}: no question of a run ({type(error).__name__}: {error}); make the run again "
                "with qa evaluate GOLD --report DIR"
            ) from error
        if outcome.id in outcomes:
            raise BadInput(f"{path}, line {number}: the id {outcome.id!r} stands there twice; make the run again")
        outcomes[outcome.id] = outcome
    if not outcomes:
        raise BadInput(f"{path} holds no question; give the folder of a report of qa evaluate")
    return Run(name=path.parent.as_posix(), about=_about(path.with_name(SUMMARY)), outcomes=outcomes)


def _outcome(row: Mapping[str, Any]) -> Outcome:
    return Outcome(
        id=str(row["id"]),
        type=str(row["type"]),
        question=str(row["question"]),
        answers=tuple(row["answers"]),
        label=str(row["label"]),
        candidate=row["candidate"],
        answered=bool(row["answered"]),
        confidence=float(row["confidence"]),
        right=bool(row["right"]),
        scores={name: math.nan if value is None else float(value) for name, value in row["scores"].items()},
    )


def _about(path: Path) -> Mapping[str, Any]:
    """What a summary says of its run; a run without one can be compared, so nothing is wrong with that."""
    try:
        about = json.loads(path.read_text(encoding="utf-8"))["about"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return about if isinstance(about, dict) else {}
