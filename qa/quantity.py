"""The number that a text gives, in digits or words, as a range."""

from __future__ import annotations

import re
from dataclasses import dataclass

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_VALUES = {word: float(value) for value, word in enumerate(_UNITS.split())}
_VALUES |= {word: 10.0 * value for value, word in enumerate(_TENS.split(), 2)}
_SCALES = {"dozen": 12.0, "hundred": 100.0, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_WORD = "|".join(sorted([*_VALUES, *_SCALES], key=len, reverse=True))
_DIGITS = r"\d{1,3}(?:[,\u00a0\u202f]\d{3})+(?!\d)|\d+(?:\.\d+)?"
_AND = "(?:" + "|".join(f"(?<={word})" for word in ("hundred", "thousand", "million", "billion")) + r")\sand\s"
_NUMBER = (
    rf"(?:(?<!\w)(?<!\w-)(?:{_DIGITS})(?![\w])(?:\s(?:{'|'.join(_SCALES)})\b)*"
    rf"|\b(?:an?\s(?=(?:{'|'.join(_SCALES)})\b))?(?:{_WORD})\b(?:(?:[\s-]|{_AND})(?:{_WORD})\b)*)"
)
_RANGE = re.compile(rf"(?P<low>{_NUMBER})(?:\s?(?:–|—|-|to|or|and)\s?(?P<high>{_NUMBER}))?", re.I)
_VAGUE = re.compile(r"\b(?:dozens|hundreds|thousands|several|many|few|tens)\b", re.I)
_ABOUT = re.compile(
    r"(?:\babout|\baround|\bsome|\bnearly|\balmost|\broughly|\bapproximately|\bestimated|~|≈)\s?$", re.I
)
_AT_LEAST = re.compile(
    r"\b(?:at least|more than|over|upwards? of|no (?:fewer|less) than|not (?:fewer|less) than|minimum(?: of)?)\s?$",
    re.I,
)
_OR_MORE = re.compile(r"\s?(?:\+|(?:or|and) (?:more|over|above)\b|at least\b)", re.I)
_AT_MOST = re.compile(
    r"\b(?:at most|up to|fewer than|less than|under|no more than|not more than|as many as|maximum(?: of)?)\s?$",
    re.I,
)
_OR_LESS = re.compile(r"\s?(?:or (?:fewer|less)|at most)\b", re.I)
OPEN = 1.5  # who says at least 50 may mean 70, but hardly 400
_TOLERANCE = 0.05  # of a figure that says itself that it is not exact


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """From `low` to `high` (equal: one number), as text[start:end] says; `exact` unless "about" stands before it.

    "At least" and the like leave one side open, so far as people who say so mean: up to OPEN times as many.
    """

    low: float
    high: float
    start: int
    end: int
    exact: bool
    open: bool = False

    def differs(self, other: Quantity) -> bool:
        """Whether they cannot both be true: neither holds the other, nor do they nearly meet if one is "about"."""
        if self.low <= other.low <= other.high <= self.high or other.low <= self.low <= self.high <= other.high:
            return False
        if self.open or other.open:
            return self.low > other.high or other.low > self.high
        slack = 0.0 if self.exact and other.exact else _TOLERANCE * max(self.high, other.high)
        return abs(self.low - other.low) > slack or abs(self.high - other.high) > slack


def in_digits(text: str) -> str:
    """The text with the numbers that it gives in words in digits: "fifty-two" is 52, "3.5 million" 3500000."""

    def digits(match: re.Match[str]) -> str:
        number = match.group()
        in_words = re.search(r"[^\W\d]", number)
        return f"{_value(number):.6f}".rstrip("0").rstrip(".") if in_words else number

    return re.sub(_NUMBER, digits, text, flags=re.I)


def quantity(text: str, before: str = "", after: str = "") -> Quantity | None:
    """The first number or range of numbers in a text; None if there is none, or only a vague one ("dozens").

    `before` and `after` are what stands around the text: "at least", "or more" may stand there too.
    """
    match = _RANGE.search(text)
    if match is None or _VAGUE.search(text[: match.start()]):
        return None
    low = _value(match.group("low"))
    joined = re.search(r"\b(?:between|from)\s$", text[: match.start()], re.I)
    end = match.end()
    high = low
    if match.group("high"):
        between = text[match.end("low") : match.start("high")].strip().lower()
        if between != "and" or joined:
            high = _value(match.group("high"))
        else:
            end = match.end("low")
    if high < low:  # "2 to 3 million": the scale belongs to both; else no range
        scale = _scale(match.group("high") or "")
        low, high = (low, high) if scale == 1 else (low * scale, high)
    elif _scale(match.group("high") or "") > 1 and _scale(match.group("low")) == 1 and low < 1000:
        low *= _scale(match.group("high") or "")
    if high < low:
        high, end = low, match.end("low")
    ahead, behind = before + text[: match.start()], text[end:] + after
    at_least = bool(_AT_LEAST.search(ahead) or _OR_MORE.match(behind))
    at_most = not at_least and bool(_AT_MOST.search(ahead) or _OR_LESS.match(behind))
    return Quantity(
        low=low / OPEN if at_most else low,
        high=high * OPEN if at_least else high,
        start=match.start(),
        end=end,
        exact=not (at_least or at_most or _ABOUT.search(ahead)),
        open=at_least or at_most,
    )


def _scale(words: str) -> float:
    scale = 1.0
    for word in re.findall(r"[a-z]+", words.lower()):
        scale *= _SCALES.get(word, 1.0)
    return scale


def _value(words: str) -> float:
    total, part = 0.0, 0.0
    for word in re.findall(rf"{_DIGITS}|[a-z]+", words.lower()):
        if word[0].isdigit():
            part += float(re.sub(r"[,\u00a0\u202f]", "", word))
        elif word in _VALUES:
            part += _VALUES[word]
        elif word in ("hundred", "dozen"):
            part = (part or 1.0) * _SCALES[word]
        elif word in _SCALES:
            total, part = total + (part or 1.0) * _SCALES[word], 0.0
    return total + part
