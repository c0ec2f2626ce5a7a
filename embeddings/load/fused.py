"""Infoboxes that were flattened: labels fused to their values, several fields on one line, both sides on one line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from embeddings.load.facts import Field, value_of_lines
from embeddings.mapped import MappedText


def box_fields(lines: Sequence[MappedText]) -> list[Field]:
    """The fields of a flattened infobox's lines; lines before the first label belong to none."""
    fields: list[Field] = []
    label: MappedText | None = None
    values: list[MappedText] = []
    for line in lines:
        line = without_image_names(line).strip()
        cuts = labels_in(line.text)
        if label is not None:
            values.append(line[: cuts[0][0] if cuts else len(line)])
        for (start, end), following in pairwise([*cuts, (len(line), len(line))]):
            if label is not None:
                fields.append(Field(label=label, value=value_of_lines(values)))
            label, values = line[start:end], [line[end : following[0]]]
    if label is not None:
        fields.append(Field(label=label, value=value_of_lines(values)))
    return fields


def labels_in(line: str) -> list[tuple[int, int]]:
    """Where the labels of a line stand: a known one at its start, and those that are fused to their value."""
    found: list[tuple[int, int]] = []
    if match := _KNOWN_AT_START.match(line):
        found.append(match.span("label"))
    for match in _WORD.finditer(line):
        start = match.start()
        if found and start < found[-1][1]:
            continue
        known = _KNOWN_FUSED.match(line, start)
        if known:
            found.append(known.span("label"))
            continue
        fused = _FUSED.match(match.group())
        if fused is None or _NAME_PREFIX.fullmatch(fused["label"]):
            continue
        begin = _label_start(line, start, found[-1][1] if found else 0)
        if begin is None:
            continue
        found.append((begin, start + fused.end("label")))
        again = _FUSED.match(match.group(), fused.end("label"))  # a group's heading, a label and a value in one
        if again and begin == start:
            found.append((start + fused.end("label"), start + again.end("label")))
    return found


def without_image_names(line: MappedText) -> MappedText:
    """Without names of image files; "; " stands for one between two names."""
    if not _IMAGE_END.search(line.text):
        return line
    parts: list[MappedText] = []
    last = 0
    name = ""
    for match in _IMAGE_END.finditer(line.text):
        part = line.text[last : match.start()]
        kept = last + (len(name) + 1 if name and part.startswith(f" {name}") else 0)
        file = _FLAG_OF.search(line.text, kept, match.start()) or _FILE.search(line.text, kept, match.start())
        start = file.start() if file else kept
        if line.text[last:start].strip():
            parts += [line[last:start].strip(), line[start : match.end()].standing_for("; ")]
        name = file["name"] if file and "name" in file.re.groupindex and file["name"] else ""
        last = match.end()
    return MappedText.join([*parts, line[last:].strip()])


def _label_start(line: str, word: int, low: int) -> int | None:
    """Where the label whose last word begins at `word` begins: at its capital, lower-case words between."""
    if line[word].isupper():
        return word
    head = line[low:word]
    match = _LABEL_WORDS.search(head)
    return low + match.start() if match else None


# labels that boxes use, longer ones first; a label may stand before its value without a colon or even a blank
_LABELS = """
Belligerents|Commanders and leaders|Units involved|Strength|Casualties and losses|Casualties|Losses|Part of|Date|Location
Result|Status|Territorial changes|Territorial|Cause|Parties|Leaders?|Number|Deaths|Injured|Injuries|Fatalities|Survivors
Born|Died|Occupation|Nationality|Spouse|Children|Education|Alma mater|Party|Preceded by|Succeeded by|In office|President
Resting place|Other work|Relations|Allegiance|Battles/wars|Awards|Known for|Website|Languages?|Type|Industry|Founded
Founders?|Headquarters|Key people|Products|Revenue|Mediators|Signatories|Signed|Effective|Condition|Venue|Attendance
Referee|Weather|Man of the Match|Event|Locale|Length|Height|Coordinates|Architect|Owner|Operator|Opened|Closed
Elected Mayor|Mayor before|Turnout|Popular vote|Percentage|Candidate|Budget|Country|Language|Publisher|Author|Genre
Directed by|Produced by|Written by|Starring|Running time|Release date|Seats for council|Seats|Motto|Slogan|Verdict
""".replace("\n", "|").strip("|")
_KNOWN_AT_START = re.compile(rf"(?P<label>{_LABELS})(?=\s|$)(?! (?:of|was|is|were|are|the|had|has)\b)")
_KNOWN_FUSED = re.compile(
    rf"(?P<label>{_LABELS})(?:(?=[A-ZÀ-Þ0-9“\"—–▲▼$€£])|(?=[a-z]{{4,}})(?!(?:ened|ings?|ship|s\b|ed\b|al\b)[a-z]*\b))"
)
_WORD = re.compile(r"\S+")
_FUSED = re.compile(
    r"(?P<label>[A-Za-zÀ-ÿ(][\w'’./()-]*?(?:[a-zß-ÿ]{2}|[a-z]\)|[a-z]\.)|[A-Z]{3,}(?=[—“\"]))"
    r"(?=[A-ZÀ-ÞĀ-Ž0-9“\"«€$£¥—–▲△▼▽+~.<>½†](?!\.?$)|[—–▲▼]$|\d+$|(?<=[a-z]{3})[A-Z]\.?$)"
)
_NAME_PREFIX = re.compile(r"(?:Mc|Mac|De|Di|La|Le|Du|Van|Von|Fitz|Ma?c|O’|Al|El)|.*[-’'](?:\w{0,2})|.*\.")
_LABEL_WORDS = re.compile(r"(?:(?<=\s)|^)[A-ZÀ-Þ][\w'’./-]*(?: [a-z(][\w'’./()-]*)* $")
_IMAGE_END = re.compile(r"\.(?:svg|png|jpe?g|gif|webp)\b", re.IGNORECASE)
_FLAG_OF = re.compile(r"(?:Flag|Coat of arms|Emblem|Logo|Seal|Insignia|Badge) of (?:the )?(?P<name>[^.]{1,60})$")
_FILE = re.compile(
    r"(?:[A-ZÀ-Þ][\w'’()-]* ){1,6}(?:[Ff]lag|[Ll]ogo|[Ee]mblem|[Ss]eal|[Bb]adge)(?: \(?[\w-]+\)?)*$|\S+$"
)
