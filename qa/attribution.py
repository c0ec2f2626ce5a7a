"""To whom a text attributes what it says at one place: by the grammar of reporting in English, from the text alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from embeddings.document import SectionKind
from embeddings.sentences import sentence_around, sentences
from qa.reply import Attribution
from qa.sources import (
    ACCORDING,
    AGENT,
    AMOUNT,
    BY_COUNT,
    FIGURE,
    SHARED,
    Source,
    opens_clause,
    reaches_figure,
    sources_before,
    speaker_at,
)
from qa.speakers import NAME, PRONOUN, VERB, Stretch, is_phrase, is_verb, subject

_SCOPE_END = re.compile(r";|\s[—–]\s|,\s+(?:while|whereas|but|although|though|however|even though|yet)\b")
_NOTE = re.compile(r"\((?P<note>[^()]{3,120})\)")
_NOTE_LEAD = re.compile(
    r"(?:as\s)?(?:per|according to|sources?:|cited by|reported by|estimated by|claimed by|by)\s+", re.I
)
_NOTE_TAIL = re.compile(
    rf"(?:{SHARED}|sources?|reports?|press|list|records?|statement|census|survey|testimon\w+)"
    r"(?:\s(?:of|in|from)\s(?:[A-Z][a-z]+\s)?\d{4})?$"
)
_NOTE_END = re.compile(r"[;)]|----")  # of the part of a fact line that a note belongs to
_PUT_AT = re.compile(rf"\b(?:put|estimated|given|set|reckoned|reported|recorded)\s(?:at|as)\s+{AMOUNT}$")
_BY = re.compile(r"(?:\s[\w-]+){0,2}?\sby\s")
_FOOTER = re.compile(r"[^\w\n]*sources?:\s*(?P<who>\S[^\n]{1,120}?)[\s.)]*$", re.I)
_CLOSES = re.compile(r"\s*(?:[.,;!?]|$)|\s+(?:on|in|at|to|late|early|yesterday|today|earlier|last)\b")
_A_DAY = re.compile(r"\s+(?:on|in|last|late|early)(?:\s[A-Z]\w+|\s\d+|\sthe|\s(?:morning|evening|night)|\sof)*\s*$")
_INVERTED = re.compile(r"(?:sa(?:id|ys)|writes|wrote|report(?:s|ed)|explain(?:s|ed)|add(?:s|ed)|claim(?:s|ed))$")
_SENTENCES_BACK = 3  # that a pronoun's meaning is looked for in


def attribution(text: str, start: int, end: int, *, kind: SectionKind = "prose") -> Attribution | None:
    """To whom the text attributes text[start:end]; None where it speaks for itself, or where that cannot be told.

    `kind` is that of the section: in fact lines and table rows only notes in brackets and footers attribute.
    """
    line, stop = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    whole = line, len(text) if stop < 0 else stop
    if kind in ("facts", "table"):
        who = _noted(text, whole[0], start, end, whole[1], _NOTE_END)
        who = _footer(text, whole[1]) if who is None and kind == "table" else who
    else:
        first, last = sentence_around(text, start, end)
        who = (
            _noted(text, first, start, end, last, re.compile(r"[;,.)]|\band\b"))
            or _put_by(text, first, start, end, last)
            or _behind(text, first, end, last)
            or _before(text, first, start, end)
            or _said_after(text, end, last)
        )
        if who and PRONOUN.fullmatch(text[slice(*who)]):
            who = _meant(text, line, first, who[0])
    if who is None or (who[0] < end and start < who[1]):
        return None
    return Attribution(text=text[slice(*who)], start=who[0], end=who[1])


def _noted(text: str, first: int, start: int, end: int, last: int, part_end: re.Pattern[str]) -> Stretch | None:
    """A source in brackets behind the span, in its own part of the line or clause: "60 injured (army estimate)"."""
    opened = text.rfind("(", first, start)
    if opened >= 0 and ")" not in text[opened:start]:
        return _in_same_note(text, end, last)
    match = _NOTE.search(text, end, last)
    if match is None or part_end.search(text, end, match.start()):
        return None
    note, at = match.group("note"), match.start("note")
    named = re.split(r"[;,]", note)[0].rstrip()
    if lead := _NOTE_LEAD.match(named):
        return at + lead.end(), at + len(named)
    tells = _NOTE_TAIL.search(note) and " " in note and ";" not in note
    return (at, at + len(note)) if tells else None


def _in_same_note(text: str, end: int, last: int) -> Stretch | None:
    match = ACCORDING.search(text, end, last)
    close = text.find(")", end, last)
    if match is None or close < match.end() or re.search(r"[;,]", text[end : match.start()]):
        return None
    return match.end(), close


def _footer(text: str, line_end: int) -> Stretch | None:
    """The source that stands under a table."""
    block = re.compile(r"\n\s*\n").search(text, line_end)
    following = text[line_end : block.start() if block else len(text)].rstrip()
    below = following.rpartition("\n")[2]
    match = _FOOTER.fullmatch(below)
    at = line_end + len(following) - len(below)
    return (at + match.start("who"), at + match.end("who")) if match else None


def _put_by(text: str, first: int, start: int, end: int, last: int) -> Stretch | None:
    """Whoever stands behind a figure: "was put at 52 by the coroner"."""
    by = _BY.match(text, end, last)
    return speaker_at(text, by.end(), last) if by and _PUT_AT.search(text[first:start]) else None


def _behind(text: str, first: int, end: int, last: int) -> Stretch | None:
    """A source that closes the span's own clause: "870 according to the company", "put at 12 by the police"."""
    stop = _SCOPE_END.search(text, end, last)
    for place, who in sorted(_closing(text, first, end, stop.start() if stop else last)):
        between = re.sub(r"^\S*", "", text[end:place])
        figure = FIGURE.search(between)
        other = figure is not None and re.search(r",|\sand\s", between[: figure.start()])
        if not other and between.count(",") <= 1:
            return who
    return None


def _closing(text: str, first: int, end: int, stop: int) -> Iterator[tuple[int, Stretch]]:
    for match in ACCORDING.finditer(text, end, stop):
        who = speaker_at(text, match.end(), stop)
        if who and not opens_clause(text, first, match.start()):
            yield match.start(), who
    for match in BY_COUNT.finditer(text, end, stop):
        yield match.start(), match.span(match.lastgroup or 0)
    for match in AGENT.finditer(text, end, stop):
        if who := speaker_at(text, match.end(), stop):
            yield match.start(), who


def _before(text: str, first: int, start: int, end: int) -> Stretch | None:
    """The last source before the span in its sentence, if what it says reaches as far."""
    best: tuple[Source, Stretch] | None = None
    for source in sources_before(text, first, start):
        if source.reaches > start or _SCOPE_END.search(text, source.reaches, start):
            continue
        who = reaches_figure(text, source, start, end) if source.figure_only else source.who
        if who and (best is None or source.reaches >= best[0].reaches):
            best = source, who
    if best is None or best[0].verb in ("deny", "denies", "denied"):
        return None  # who denies a value does not report it
    if best[0].verb and _A_DAY.match(text[best[0].reaches : start]):
        return None  # "said on Wednesday that ...": the day is not what was said
    return best[1]


def _said_after(text: str, end: int, last: int) -> Stretch | None:
    """Who is named behind what he said: ", the board said", ", wrote the lieutenant"."""
    stop = re.compile(rf"{_SCOPE_END.pattern}|,\s+and\s").search(text, end, last)
    for match in VERB.finditer(text, end, stop.start() if stop else last):
        comma = max(text.rfind(mark, end, match.start()) for mark in ',"”')
        if comma < 0 or match.group("report") is None or not is_verb(text, match):
            continue
        after = text[match.end() : last]
        if not text[comma + 1 : match.start()].strip():
            if _INVERTED.match(match.group()) and not re.match(r"\s+(?:that|to|it|a number)\b|[,.]", after):
                return speaker_at(text, match.end() + len(after) - len(after.lstrip()), last)
        elif _CLOSES.match(after) and not re.match(r"\s+to\s(?:be|have)\b|.*\bthat\b", after):
            return subject(text, comma + 1, match.start())
    return None


def _meant(text: str, line: int, first: int, pronoun: int) -> Stretch | None:
    """Whom a pronoun means: the first who spoke before it in its sentence, else in one of those before it.

    Where it is put in commas, ", it said,", it may mean whoever acts in its sentence.
    """
    if same := _first_speaker(text, first, pronoun):
        return same
    actor = NAME.match(text, first, pronoun) if text[:pronoun].endswith(", ") else None
    if actor and is_phrase(actor.group()) and re.match(r"\s[a-z]", text[actor.end() :]):
        return actor.span()
    if len(text[first:pronoun].split()) > 4:
        return None  # it may mean somebody of its own sentence
    before = [(line + a, line + b) for a, b in sentences(text[line:first])]
    found = (_first_speaker(text, a, b) for a, b in reversed(before[-_SENTENCES_BACK:]))
    return next((who for who in found if who), None)


def _first_speaker(text: str, first: int, stop: int) -> Stretch | None:
    found = [source for source in sources_before(text, first, stop) if not PRONOUN.fullmatch(text[slice(*source.who)])]
    if found:
        return min(found, key=lambda source: (not source.verb, source.reaches)).who
    differs = re.compile(r"[^,;]{3,60}?\s(?=put\s|disagreed|differed|gave\s)").match(text, first, stop)
    return subject(text, first, differs.end()) if differs else None
