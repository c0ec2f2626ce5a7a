"""Where sentences begin and end: the door to the sentence splitter."""

from __future__ import annotations

import re

import sentencex

# Abbreviations that the splitter's English list lacks and that are never the last word of a sentence.
_NEVER_LAST = re.compile(r"(?:^|[\s(“\"'])(?:approx|ca|ms|mx|messrs|mme|mlle|esp|incl|viz|cf|resp)\.\s*$", re.I)
_LINE = re.compile(r"[^\n]+")
_OTHER_BLANK = re.compile(r"[^\S ]")  # the splitter looks for plain blanks, and breaks down at some of the others


def sentences(text: str) -> list[tuple[int, int]]:
    """The sentences of a text as half-open offsets without outer blanks; a line end always ends one."""
    found: list[tuple[int, int]] = []
    for line in _LINE.finditer(text):
        begin = line.start()
        for boundary in sentencex.get_sentence_boundaries("en", _OTHER_BLANK.sub(" ", line.group())):
            end = line.start() + boundary["end_index"]
            piece = text[begin:end]
            if end < line.end() and (not piece.strip() or _NEVER_LAST.search(piece)):
                continue  # goes on in the next piece
            if piece.strip():
                found.append((begin + len(piece) - len(piece.lstrip()), begin + len(piece.rstrip())))
            begin = end
    return found


def sentence_around(text: str, start: int, end: int) -> tuple[int, int]:
    """The smallest run of whole sentences that holds text[start:end] (one sentence, unless the span crosses sentences).

    Only the lines that the span touches are looked at, so that it costs the same in a long text as in a short one.
    """
    begin = text.rfind("\n", 0, start) + 1
    stop = text.find("\n", max(end - 1, start))
    stop = len(text) if stop < 0 else stop
    touched = [(a, b) for a, b in sentences(text[begin:stop]) if a < end - begin and b > start - begin]
    if not touched:
        return start, end
    return min(begin + touched[0][0], start), max(begin + touched[-1][1], end)
