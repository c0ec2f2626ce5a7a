"""From start and end logits to answer spans. Numpy only; no model is known here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embeddings.engine.span_model import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """text[start:end] of the text that was read, and its score over the null answer's (logits)."""

    start: int
    end: int
    score: float


def decode(windows: Iterable[Window], text: str, *, begin: int, max_tokens: int, max_spans: int) -> list[Decoded]:
    """The best legal spans of one text over all its windows, best first, none overlapping another.

    A span is legal when it lies in text[begin:], begins and ends at borders of words and numbers, and has at most
    `max_tokens` tokens. Its score is start logit plus end logit minus the null score of its window (Devlin et al.
    2019), chosen jointly over all pairs; of equal scores the earlier, then the shorter span comes first.
    """
    found: dict[tuple[int, int], float] = {}
    opens, closes = borders(text)
    for window in windows:
        for start, end, score in _best_of(window, opens, closes, begin, max_tokens, max_spans):
            found[start, end] = max(score, found.get((start, end), -np.inf))
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    chosen: list[Decoded] = []
    for (start, end), score in ranked:
        if all(end <= other.start or start >= other.end for other in chosen):
            chosen.append(Decoded(start=start, end=end, score=float(score)))
            if len(chosen) == max_spans:
                break
    return chosen


def borders(text: str) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Where a span may begin and where it may end: two masks of len(text) + 1, by offset.

    Words are not cut, nor are numbers such as 1,200 or 3.5 or 10:30.
    """
    size = len(text) + 1
    opens, closes = np.zeros(size, dtype=np.bool_), np.zeros(size, dtype=np.bool_)
    for i in range(size):
        before = text[i - 1] if i else " "
        after = text[i] if i < len(text) else " "
        joined = before.isalnum() and after.isalnum()
        if before in ",.:" and after.isdigit():
            joined = i > 1 and text[i - 2].isdigit()
        elif after in ",.:" and before.isdigit():
            joined = i + 1 < len(text) and text[i + 1].isdigit()
        opens[i] = not joined and not after.isspace()
        closes[i] = not joined and not before.isspace()
    return opens, closes


def _best_of(
    window: Window,
    opens: NDArray[np.bool_],
    closes: NDArray[np.bool_],
    begin: int,
    max_tokens: int,
    max_spans: int,
) -> list[tuple[int, int, float]]:
    starts_at, ends_at = window.offsets[:, 0], window.offsets[:, 1]
    real = np.flatnonzero(window.inside & (ends_at > starts_at))  # offsets of the question's tokens mean nothing here
    first = real[(starts_at[real] >= begin) & opens[starts_at[real]]]
    last = real[(ends_at[real] > begin) & closes[ends_at[real]]]
    if not len(first) or not len(last):
        return []
    length = last[None, :] - first[:, None]
    scores = window.starts[first][:, None].astype(np.float64) + window.ends[last][None, :] - window.null
    scores[(length < 0) | (length >= max_tokens)] = -np.inf
    # Overlapping spans crowd the top: look at enough of them to find `max_spans` that don't overlap.
    flat = scores.ravel()
    wanted = min(len(flat), 20 * max_spans)
    top = np.argpartition(-flat, wanted - 1)[:wanted]
    best = []
    while True:
        order = [int(i) for i in top[np.argsort(-flat[top], kind="stable")] if flat[i] > -np.inf]
        best = [
            (int(starts_at[first[i // len(last)]]), int(ends_at[last[i % len(last)]]), float(flat[i])) for i in order
        ]
        if len(top) == len(flat) or len(order) < len(top) or _disjoint(best, max_spans):
            return best
        top = np.arange(len(flat))


def _disjoint(spans: list[tuple[int, int, float]], wanted: int) -> bool:
    """Whether a greedy choice from the best down gives `wanted` spans that don't overlap."""
    chosen: list[tuple[int, int]] = []
    for start, end, _ in spans:
        if all(end <= a or start >= b for a, b in chosen):
            chosen.append((start, end))
            if len(chosen) == wanted:
                return True
    return False
