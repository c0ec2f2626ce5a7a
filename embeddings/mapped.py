"""Text that knows where each of its characters came from.

Loaders cut, join and replace `MappedText` the way one cuts strings; whatever they build still says, for each of its
characters, which characters of the decoded original it stands for. `SourceMap` is the compact form that a Document
keeps.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NOWHERE = -1  # the source offset of a character that was put in by us (a separator, a label's colon)

Offsets = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A stretch of text and the stretch of the original that it stands for (half-open, code points).

    `linear` runs map character by character; the others stand for their source stretch as a whole.
    """

    start: int
    end: int
    source_start: int
    source_end: int
    linear: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceMap:
    """Where the characters of a text stand in the decoded original: runs in the order of the text, without overlap."""

    runs: tuple[Run, ...]

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        """Map text[start:end] to the smallest stretch of the original that holds it; None if it has no source."""
        pieces = [
            (run.source_start + max(0, start - run.start), run.source_end - max(0, run.end - end))
            if run.linear
            else (run.source_start, run.source_end)
            for run in self._overlapping(start, end)
        ]
        if not pieces:
            return None
        return min(a for a, _ in pieces), max(b for _, b in pieces)

    def locate(self, source_start: int, source_end: int) -> list[tuple[int, int]]:
        """The stretches of the text that stand for any of original[source_start:source_end], in order of the text."""
        found = []
        for run in self.runs:
            low, high = max(run.source_start, source_start), min(run.source_end, source_end)
            if low >= high:
                continue
            if run.linear:
                found.append((run.start + low - run.source_start, run.start + high - run.source_start))
            else:
                found.append((run.start, run.end))
        return found

    def _overlapping(self, start: int, end: int) -> Iterable[Run]:
        low, high = 0, len(self.runs)
        while low < high:  # the first run that ends after start
            middle = (low + high) // 2
            if self.runs[middle].end <= start:
                low = middle + 1
            else:
                high = middle
        for run in self.runs[low:]:
            if run.start >= end:
                return
            yield run


class MappedText:
    """An immutable string with, for each character, the half-open stretch of the original it stands for."""

    __slots__ = ("_ends", "_starts", "text")

    def __init__(self, text: str, starts: Offsets, ends: Offsets) -> None:
        if not len(text) == len(starts) == len(ends):
            raise ValueError(f"{len(text)} characters with {len(starts)} starts and {len(ends)} ends")
        self.text = text
        self._starts = starts
        self._ends = ends

    @classmethod
    def original(cls, text: str) -> MappedText:
        """The original itself: character i stands for character i."""
        starts = np.arange(len(text), dtype=np.int64)
        return cls(text, starts, starts + 1)

    @classmethod
    def inserted(cls, text: str) -> MappedText:
        """Text of our own, which stands nowhere in the original."""
        nowhere = np.full(len(text), NOWHERE, dtype=np.int64)
        return cls(text, nowhere, nowhere)

    @classmethod
    def join(cls, parts: Iterable[MappedText]) -> MappedText:
        """All parts one after the other."""
        whole = list(parts)
        if not whole:
            return cls.inserted("")
        return cls(
            "".join(part.text for part in whole),
            np.concatenate([part._starts for part in whole]),
            np.concatenate([part._ends for part in whole]),
        )

    def __len__(self) -> int:
        return len(self.text)

    def __bool__(self) -> bool:
        return bool(self.text)

    def __getitem__(self, part: slice) -> MappedText:
        return MappedText(self.text[part], self._starts[part], self._ends[part])

    def __add__(self, other: MappedText) -> MappedText:
        return MappedText.join([self, other])

    def __repr__(self) -> str:
        return f"MappedText({self.text!r})"

    def standing_for(self, text: str) -> MappedText:
        """Other characters that stand, as a whole, for what this text stands for ("France" for a flag)."""
        mapped = self._starts != NOWHERE
        if not mapped.any():
            return MappedText.inserted(text)
        size = len(text)
        return MappedText(
            text,
            np.full(size, self._starts[mapped].min(), dtype=np.int64),
            np.full(size, self._ends[mapped].max(), dtype=np.int64),
        )

    def strip(self) -> MappedText:
        """Without blanks at either end."""
        start = len(self.text) - len(self.text.lstrip())
        return self[start : max(start, len(self.text.rstrip()))]

    def split(self, separator: str | re.Pattern[str]) -> list[MappedText]:
        """The parts between the matches of a separator, as re.split gives them (without groups)."""
        pattern = re.compile(re.escape(separator)) if isinstance(separator, str) else separator
        parts, last = [], 0
        for match in pattern.finditer(self.text):
            parts.append(self[last : match.start()])
            last = match.end()
        return [*parts, self[last:]]

    def lines(self) -> list[MappedText]:
        r"""The lines, without their ends (\n, \r\n or \r)."""
        return self.split(_LINE_END)

    def sub(self, pattern: str | re.Pattern[str], replacement: str | Callable[[re.Match[str]], str]) -> MappedText:
        """Replace every match; what is put in stands, as a whole, for the match."""
        parts, last = [], 0
        for match in re.finditer(pattern, self.text):
            new = replacement(match) if callable(replacement) else replacement
            if new == match.group():
                continue
            parts.append(self[last : match.start()])
            if new:
                parts.append(self[match.start() : match.end()].standing_for(new))
            last = match.end()
        return MappedText.join([*parts, self[last:]]) if last or parts else self

    def through(self, earlier: MappedText) -> MappedText:
        """This text, which maps to `earlier.text`, mapped to what `earlier` maps to."""
        starts = np.full(len(self.text), NOWHERE, dtype=np.int64)
        ends = starts.copy()
        mapped = self._starts != NOWHERE
        first, last = self._starts[mapped], self._ends[mapped] - 1
        starts[mapped] = np.minimum(earlier._starts[first], earlier._starts[last])
        ends[mapped] = np.maximum(earlier._ends[first], earlier._ends[last])
        return MappedText(self.text, starts, ends)

    def source_map(self) -> SourceMap:
        """The compact map, for keeping."""
        starts, ends = self._starts, self._ends
        if not len(starts):
            return SourceMap(runs=())
        single = ends - starts == 1
        follows = single[1:] & single[:-1] & (starts[1:] == starts[:-1] + 1)
        repeats = (starts[1:] == starts[:-1]) & (ends[1:] == ends[:-1]) & ~follows
        # a run goes on while it stays linear, or while it stands for the same stretch; it never does both
        runs: list[Run] = []
        begin, linear = 0, True
        for i in range(1, len(starts) + 1):
            if i < len(starts):
                size = i - begin
                if follows[i - 1] and (size == 1 or linear):
                    linear = True
                    continue
                if repeats[i - 1] and (size == 1 or not linear):
                    linear = False
                    continue
            if starts[begin] != NOWHERE:
                one_to_one = linear and bool(single[begin])
                runs.append(
                    Run(
                        start=begin,
                        end=i,
                        source_start=int(starts[begin]),
                        source_end=int(ends[i - 1]),
                        linear=one_to_one,
                    )
                )
            begin, linear = i, True
        return SourceMap(runs=tuple(runs))


_LINE_END = re.compile(r"\r\n|\n|\r")
