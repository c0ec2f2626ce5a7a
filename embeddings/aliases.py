"""Short forms of names as a text spells them out: "Movement of X and Y (MXY)" and "MXY (Movement of X and Y)"."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Alias:
    """A short form and what it stands for, both as the text writes them."""

    short: str
    long: str


def mine(text: str) -> list[Alias]:
    """The short forms that a text spells out in its brackets, each once, in its order.

    A long form is read off its capitals, in any order (many names are translated, their short forms are not); else by
    the letters of the short form from right to left (Schwartz and Hearst, A Simple Algorithm for Identifying
    Abbreviation Definitions in Biomedical Text, 2003).
    """
    return list(dict.fromkeys(_found(text)))


_BRACKETS = re.compile(r"\(\s*([^()\n]{2,150}?)\s*\)")
_BETWEEN = re.compile(r"[()\n]")
_NUMBER = re.compile(r"\d\w* ")  # of the 1er RIMa, whose name is RIMa
_SHORT = re.compile(r"\w[\w&./-]{1,9}")
_PARTS = re.compile(r"[;,:]\s|[\"“”«»]")
_WORD = re.compile(r"\S+")
_INITIAL = re.compile(r"(?:(?<=[-/])|(?<=\b[dl]['’])|^\W*)([^\W\d_])")  # al-Islam, d'Infanterie
MOST_CONNECTING = 4  # letters of a word that joins the parts of a name: of, the, pour
MOST_BEFORE = 200  # characters in which a long form is looked for
LEAST_SHARED = 0.75  # of the capitals of short and long form: MUJAO is five letters for M, O, J, W, A


def _found(text: str) -> Iterator[Alias]:
    for match in _BRACKETS.finditer(text):
        inside = _strip(next(filter(str.strip, _PARTS.split(match[1])), ""))
        line = _BETWEEN.split(text[max(match.start() - MOST_BEFORE, 0) : match.start()])[-1]
        before = _strip(_PARTS.split(line)[-1])
        short, last = _NUMBER.sub("", inside), before.split(" ")[-1]
        if _capitals(short):
            if long := _by_capitals(short, before) or _by_letters(short, before):
                yield Alias(short=short, long=long)
        elif _capitals(last):
            whole = re.sub(r"^(?i:the|a|an) ", "", inside)
            if whole and whole in (_by_capitals(last, whole), _by_letters(last, whole)):
                yield Alias(short=last, long=whole)


def _strip(text: str) -> str:
    """Without blanks and the marks of quotation and emphasis around it."""
    return text.strip(" \t\u00a0*_'’‘")


def _capitals(short: str) -> str:
    """The capitals of a short form, two at least; of anything else none."""
    capitals = "".join(filter(str.isupper, short)) if _SHORT.fullmatch(short) else ""
    return capitals if len(capitals) > 1 else ""


def _by_capitals(short: str, before: str) -> str:
    """The shortest name at the end of `before` whose words begin with most of the short form's capitals."""
    wanted = Counter(_folded(_capitals(short)))
    initials: Counter[str] = Counter()
    best, score = "", 0.0
    for word in reversed(list(_WORD.finditer(before))):
        parts = _INITIAL.findall(word.group())
        capitals = [letter for letter in parts if letter.isupper()]
        if not capitals and len(word.group()) > MOST_CONNECTING and word.group()[0].isalpha():
            break
        initials.update(_folded("".join(capitals)))
        shared = (wanted & initials).total() / max(wanted.total(), initials.total(), 1)
        if capitals and shared > score:
            best, score = before[word.start() :], shared
        if initials.total() >= 2 * wanted.total():
            break
    return best if score >= LEAST_SHARED and " " in best else ""


def _by_letters(short: str, before: str) -> str:
    """The shortest end of `before` that has the short form's letters in order, the first and half of all at words."""
    text = _folded(before)
    letters = [letter for letter in _folded(short) if letter.isalnum()]
    at, beginnings = len(text), 0
    for i, letter in reversed(list(enumerate(letters))):
        at = text.rfind(letter, 0, at)
        while i == 0 and at > 0 and text[at - 1].isalnum():
            at = text.rfind(letter, 0, at)
        if at < 0:
            return ""
        beginnings += at == 0 or not text[at - 1].isalnum()
    long = before[at:]
    words = len(long.split())
    fits = 2 <= words <= min(len(letters) + 5, 2 * len(letters)) and 2 * beginnings >= len(letters)
    return long if fits and short not in long.split() else ""


def _folded(text: str) -> str:
    """Small letters without accents, one for each character."""
    return "".join(unicodedata.normalize("NFKD", character)[0].lower()[0] for character in text)
