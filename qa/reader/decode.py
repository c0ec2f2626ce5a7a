"""From start and end logits to answer spans. Numpy only; no model is known here."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

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
    opens, closes = borders(text)
    legal = [_legal(window, opens, closes, begin, max_tokens) for window in windows]
    if not legal:
        return []
    starts, ends, scores = (np.concatenate(parts) for parts in zip(*legal, strict=True))
    chosen: list[Decoded] = []
    while len(scores) and len(chosen) < max_spans:
        best = np.flatnonzero(scores == scores.max())
        first = best[np.lexsort((ends[best], starts[best]))[0]]
        start, end = int(starts[first]), int(ends[first])
        chosen.append(Decoded(start=start, end=end, score=float(scores[first])))
        apart = (ends <= start) | (starts >= end)
        starts, ends, scores = starts[apart], ends[apart], scores[apart]
    return chosen


@lru_cache(maxsize=2_048)  # passages that come again with one question after another; some 3 MB
def borders(text: str) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Where a span may begin and where it may end: two masks of len(text) + 1, by offset.

    Words are not cut, nor are numbers such as 1,200 or 3.5 or 10:30. The masks are kept and cannot be changed.
    """
    size = len(text) + 1
    opens, closes = np.zeros(size, dtype=np.bool_), np.zeros(size, dtype=np.bool_)
    for i in range(size):
        before = text[i - 1] if i else " "
        after = text[i] if i < len(text) else " "
        joined = _mark(after) or (after.isalnum() and (before.isalnum() or _mark(before)))
        if before in ",.:" and after.isdigit():
            joined = i > 1 and text[i - 2].isdigit()
        elif after in ",.:" and before.isdigit():
            joined = i + 1 < len(text) and text[i + 1].isdigit()
        opens[i] = not joined and not after.isspace()
        closes[i] = not joined and not before.isspace()
    opens.flags.writeable = closes.flags.writeable = False
    return opens, closes


def _mark(character: str) -> bool:
    """Whether it belongs to the character before it: an accent, a vowel sign."""
    return unicodedata.category(character)[0] == "M"


def _legal(
    window: Window, opens: NDArray[np.bool_], closes: NDArray[np.bool_], begin: int, max_tokens: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Starts, ends and scores of all legal spans of a window (n,); none where a model broke down (NaN)."""
    starts_at, ends_at = window.offsets[:, 0], window.offsets[:, 1]
    real = np.flatnonzero(window.inside & (ends_at > starts_at))  # offsets of the question's tokens mean nothing here
    first = real[(starts_at[real] >= begin) & opens[starts_at[real]]]
    last = real[(ends_at[real] > begin) & closes[ends_at[real]]]
    length = last[None, :] - first[:, None]
    rows, columns = np.nonzero((length >= 0) & (length < max_tokens))
    first, last = first[rows], last[columns]
    scores = window.starts[first].astype(np.float64) + window.ends[last] - window.null
    sound = np.isfinite(scores)
    return starts_at[first[sound]], ends_at[last[sound]], scores[sound]
