"""Fact lines: what a field of an infobox, of front matter or of a table row becomes, in text and in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from embeddings.mapped import MappedText


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A label as the file writes it, and its value."""

    label: MappedText
    value: MappedText


def fact_line(label: MappedText, value: MappedText) -> MappedText:
    """The line `Label: value` of a field; colon and blank are ours."""
    return MappedText.join([label.strip(), MappedText.inserted(": "), value.strip()])


def row_line(headers: Sequence[MappedText], cells: Sequence[MappedText]) -> MappedText:
    """The line `Header: cell; Header: cell` of a table row; empty cells are left out, a cell without header is bare."""
    pairs = []
    for place, cell in enumerate(cells):
        if cell.strip():
            header = headers[place].strip() if place < len(headers) else MappedText.inserted("")
            pairs.append(fact_line(header, cell) if header else cell.strip())
    return joined(pairs, "; ")


def fact_note(subject: str, label: str, labels: Mapping[str, str] | None = None) -> str:
    """What one needs to understand a fact line: of whom or what it tells, its label in words, its side.

    `labels` are all labels of the same box with their values; they name the side that a numbered label belongs to.
    """
    words, number = readable(label)
    if not words:
        return subject
    if not number:
        return f"{subject}, {words}"
    named = _sides(labels or {})
    if not named:
        return f"{subject}, {words} {number}"
    if number not in named and int(number) > max(map(int, named)):
        return f"{subject}, {words}, others"
    if number not in named or named[number] == (labels or {}).get(label):
        return f"{subject}, {words}, side {number}"
    return f"{subject}, {words}, side {number} ({_short(named[number])})"


def readable(label: str) -> tuple[str, str]:
    """A label in words, and the number it ends in ("" if none): ("strength: ...", "1") for strength1."""
    stem, number = _numbered(label)
    words = re.sub(r"(?<=[a-zß-ÿ])(?=[A-Z])|[_\s]+", " ", stem).strip()
    if words[1:2].islower():  # not an abbreviation
        words = words[0].lower() + words[1:]
    return _IN_WORDS.get(re.sub(r"\W", "", words.lower()), words), number


def flags(text: MappedText) -> MappedText:
    """A flag emoji becomes its country's name; where that name follows it, it goes. What no country has stays."""

    def name(match: re.Match[str]) -> str:
        country = _country(match["flag"])
        if country is None:
            return match.group()
        following = text.text[match.end() : match.end() + len(country) + 1].casefold()
        if re.match(re.escape(country.casefold()) + r"\b", following):
            return ""
        if _FLAG.match(text.text, match.end()):
            return f"{country}, "
        return country + (" " if following[:1].isalnum() else match["after"])

    return text.sub(_FLAG, name)


def tidy_value(value: MappedText) -> MappedText:
    """A field's value without what stripped templates and pictures leave behind ("()", ", ,", "25px", "----")."""
    value = value.sub(_PLACEHOLDER, "").sub(_PIXELS, "").sub(_RULE, "; ").sub(_HOLLOW, "")
    value = value.sub(r"[ \t]{2,}", " ").sub(r"(?: *[,;](?= *[,;]))+", "")
    start = len(value.text) - len(value.text.lstrip(" ,;"))
    return value[start : max(start, len(value.text.rstrip(" ,;")))]


def is_empty(value: MappedText) -> bool:
    """Whether a value says nothing: it has no letter, no digit and no flag."""
    return not re.search(r"[^\W_]|[\U0001f1e6-\U0001f1ff]", value.text)


def value_of_lines(lines: Iterable[MappedText]) -> MappedText:
    """The lines of one value as one line: bullets' marks go, "; " stands for line ends, a blank after a colon."""
    items = [item for item in (tidy_value(line.sub(_BULLET, "")) for line in lines) if not is_empty(item)]
    parts: list[MappedText] = []
    for item in items:
        if parts:
            parts.append(MappedText.inserted(" " if parts[-1].text[-1] in ":." else "; "))
        parts.append(item)
    return MappedText.join(parts)


def key_value(line: MappedText) -> Field | None:
    """The field that a line `Key: value` holds, None for any other line; the key is short and no sentence."""
    match = _KEY_VALUE.match(line.text)
    if match is None or _SENTENCE_END.search(match["key"]):
        return None
    return Field(label=line[slice(*match.span("key"))], value=line[slice(*match.span("value"))])


def joined(parts: Sequence[MappedText], separator: str) -> MappedText:
    """The parts with a separator of our own between them."""

    def pieces() -> Iterator[MappedText]:
        for place, part in enumerate(parts):
            if place:
                yield MappedText.inserted(separator)
            yield part

    return MappedText.join(pieces())


def _numbered(label: str) -> tuple[str, str]:
    match = re.fullmatch(r"(.*[^\W\d])[ _-]?([1-9]|1\d)", label.strip())
    return (match[1], match[2]) if match else (label.strip(), "")


def _sides(labels: Mapping[str, str]) -> Mapping[str, str]:
    """The names of the sides that numbered labels belong to, by number."""
    for stems in (_SIDE_NAMES, _PERSON_NAMES):
        named: dict[str, str] = {}
        for label, value in labels.items():
            stem, number = _numbered(label)
            if number and value and re.sub(r"[\W_]", "", stem.lower()).rstrip("s") in stems:
                named.setdefault(number, value)
        if named:
            return named
    return {}


def _short(value: str, limit: int = 60) -> str:
    """The first items of a value, as many as fit into `limit` characters, at least one."""
    items = re.split(r"; |, (?![^()]*\))", value)
    kept = items[:1]
    for item in items[1:]:
        if len(", ".join([*kept, item])) > limit:
            return ", ".join(kept) + " and others"
        kept.append(item)
    return ", ".join(kept)


@cache
def _country_names() -> Mapping[str, str]:
    from babel import Locale

    return dict(Locale("en").territories)


def _country(flag: str) -> str | None:
    if flag[0] == _BLACK_FLAG:
        tags = "".join(chr(ord(tag) - 0xE0000) for tag in flag[1:-1])
        return {"gbeng": "England", "gbsct": "Scotland", "gbwls": "Wales"}.get(tags)
    code = "".join(chr(ord(letter) - 0x1F1E6 + ord("A")) for letter in flag)
    return _country_names().get(code)


_BLACK_FLAG = "\U0001f3f4"
_FLAG = re.compile(
    r"(?P<flag>[\U0001f1e6-\U0001f1ff]{2}|\U0001f3f4[\U000e0061-\U000e007a]+\U000e007f)(?P<after>[ \ufe0f]*)"
)
_PLACEHOLDER = re.compile(r"\[(?:flag|image|icon|logo|file)\] ?", re.IGNORECASE)
_PIXELS = re.compile(r"\b(?:x?\d{1,4}){1,2}px\b ?")
_RULE = re.compile(r"\s*-{4,}\s*")
_HOLLOW = re.compile(r"\s*\(\s*[,;]?\s*\)|\s*\[\s*\]")
_BULLET = re.compile(r"^\s*(?:[*•·‣▪–-]+\s*(?=\S)(?!\d+(?:\.\d+)?\s*°))")
_KEY_VALUE = re.compile(r"\s*(?P<key>[^\W_][^:\n.?!;“”\"]{0,48}?|[^\W_][\w ()/'’&.-]{1,40}?)\s*:[ \t]+(?P<value>\S.*)")
_SENTENCE_END = re.compile(r"\w{4}\. ")  # shorter words may be abbreviations
# what numbered labels of a box name their sides by
_SIDE_NAMES = frozenset(
    {"combatant", "belligerent", "party", "side", "team", "club", "opponent", "army", "force", "player"}
    | {"faction", "participant", "competitor", "state", "country"}
)
# where nothing names the sides, those who stand for them do
_PERSON_NAMES = frozenset({"candidate", "leader", "name", "nominee"})
_DEAD = "casualties and losses: killed, wounded, captured, lost"
_IN_WORDS = {
    "partof": "part of",
    "combatant": "belligerent",
    "combatants": "belligerents",
    "belligerents": "belligerents",
    "commander": "commanders and leaders",
    "commanders": "commanders and leaders",
    "leader": "leaders",
    "strength": "strength, number of troops or vehicles",
    "strengths": "strength, number of troops or vehicles",
    "casualties": _DEAD,
    "losses": _DEAD,
    "casualtiesandlosses": _DEAD,
    "units": "units involved",
    "place": "location, place",
    "location": "location, place",
    "date": "date, when",
    "result": "result, outcome",
    "conflict": "name of the conflict",
    "otherparty": "other party",
    "othername": "other name",
    "birthdate": "date of birth, born",
    "birthplace": "place of birth, born",
    "deathdate": "date of death, died",
    "deathplace": "place of death, died",
    "born": "born, birth",
    "died": "died, death",
    "serviceyears": "years of service",
    "termstart": "start of term",
    "termend": "end of term",
    "vicepresident": "vice president",
    "laterwork": "later work",
    "shortdescription": "short description",
    "aka": "also known as",
}
