"""Examples to the windows of tokens that a reader sees."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from qa.training.data import Example


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One window: token ids, which text each token belongs to, and the answer's first and last token (0: none)."""

    ids: list[int]
    types: list[int]
    start: int
    end: int


def windows_of(
    tokenizer: object, examples: Sequence[Example], window_tokens: int, stride_tokens: int, crop: bool, seed: int
) -> list[Window]:
    """One window for each example, the one that holds the answer; examples whose answer no window holds fall out."""
    chance = random.Random(seed)  # noqa: S311 - a reproducible draw, nothing secret
    windows = []
    for example in examples:
        text, spans = (example.text, example.spans)
        if crop:
            text, spans = _cropped(example, window_tokens, chance)
        window = _best_window(
            tokenizer,
            _short(tokenizer, example.question, window_tokens // 2),
            text,
            spans,
            window_tokens,
            stride_tokens,
        )
        if window.start or not spans:
            windows.append(window)
    return windows


def _cropped(example: Example, window_tokens: int, chance: random.Random) -> tuple[str, tuple[tuple[int, int], ...]]:
    """About as many characters as a window holds, cut at blanks, with the answer somewhere inside."""
    room = int(window_tokens * 3.6)
    text = example.text
    if len(text) <= room:
        return text, example.spans
    start, end = example.spans[0] if example.spans else (chance.randrange(len(text)),) * 2
    left = max(0, end - room + 40)
    cut = chance.randint(min(left, max(0, start - 40)), max(0, start - 40)) if start > 40 else 0
    cut = 0 if cut == 0 else text.find(" ", cut, start) + 1 or start
    last = min(len(text), max(cut + room, end))
    stop = last if last == len(text) else max(end, text.rfind(" ", cut, last))
    return text[cut:stop], tuple((a - cut, b - cut) for a, b in example.spans if a >= cut and b <= stop)


def _short(tokenizer: object, question: str, tokens: int) -> str:
    """The question, cut off after so many tokens, so that there is room for something to read."""
    if len(question) <= tokens:
        return question
    offsets = tokenizer(question, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]  # type: ignore[operator]
    return question if len(offsets) <= tokens else question[: offsets[tokens - 1][1]]


def _best_window(
    tokenizer: object,
    question: str,
    text: str,
    spans: Sequence[tuple[int, int]],
    window_tokens: int,
    stride_tokens: int,
) -> Window:
    encoded = tokenizer(  # type: ignore[operator]
        question,
        text,
        truncation="only_second",
        max_length=window_tokens,
        stride=min(stride_tokens, window_tokens // 4),
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
    )
    best: Window | None = None
    for encoding in encoded.encodings:
        start, end = _place(spans, encoding.offsets, encoding.sequence_ids)
        if best is None or (best.start == 0 and start > 0):
            best = Window(ids=list(encoding.ids), types=list(encoding.type_ids), start=start, end=end)
    assert best is not None
    return best


def _place(
    spans: Sequence[tuple[int, int]], offsets: Sequence[tuple[int, int]], sequences: Sequence[int | None]
) -> tuple[int, int]:
    """Token places of the first right span that the window holds whole; (0, 0), the null answer, if it holds none."""
    for start, end in spans:
        inside = [
            i
            for i, ((a, b), sequence) in enumerate(zip(offsets, sequences, strict=True))
            if sequence == 1 and a < end and b > start
        ]
        if inside and offsets[inside[0]][0] <= start and offsets[inside[-1]][1] >= end:
            return inside[0], inside[-1]
    return 0, 0
