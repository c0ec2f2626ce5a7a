"""Infoboxes that were flattened: labels fused to their values, several fields on one line, both sides on one line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from embeddings.load.facts import Field, value_of_lines
from embeddings.mapped import MappedText


def box_fields(lines: Sequence[MappedText]) -> list[Field]:
    """The fields of a flattened infobox's lines; what stands under no label is a field without one."""
    fields: list[Field] = []
    open_label: MappedText | None = None  # a label that its line ends with: its value is on the next lines
    values: list[MappedText] = []

    def close() -> None:
        if open_label is not None:
            fields.append(Field(label=open_label, value=value_of_lines(values)))

    for line in (without_image_names(line).strip() for line in lines):
        cuts = labels_in(line.text)
        loose = line[: cuts[0][0]] if cuts else line
        if open_label is not None:
            values.append(loose)
        elif loose.strip():
            fields.append(Field(label=line[:0], value=loose))
        for (start, end), following in pairwise([*cuts, (len(line), len(line))]):
            close()
            open_label, values = None, []
            if line[end : following[0]].strip() or following[0] < len(line):
                fields.append(Field(label=line[start:end], value=line[end : following[0]].strip()))
            else:
                open_label = line[start:end]
    close()
    return fields


def labels_in(line: str) -> list[tuple[int, int]]:
    """Where the labels of a line stand: a known one at its start, and those that are fused to their value."""
    found: list[tuple[int, int]] = []
    if len(line) > _LONGEST:
        return found
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
        if fused is None or _NAME_PREFIX.fullmatch(fused["label"]) or match.group()[fused.end()].islower():
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
        before = line[last:start].strip()
        if before:
            separator = " " if not parts and _KNOWN_AT_START.fullmatch(before.text) else "; "
            parts += [before, line[start : match.end()].standing_for(separator)]
        name = file["name"] if file and "name" in file.re.groupindex and file["name"] else ""
        last = match.end()
    return MappedText.join([*parts, line[last:].strip()])


def _label_start(line: str, word: int, low: int) -> int | None:
    """Where the label whose last word begins at `word` begins: at its capital, lower-case words between.

    A value does not end in "of", so such words are the label's too.
    """
    low = max(low, word - 80)
    match = (_LABEL_OF if line[word].isupper() else _LABEL_WORDS).search(line[low:word])
    if match:
        return low + match.start()
    return word if line[word].isupper() else None


_LONGEST = 5000  # characters; what is longer is no line of a box
# labels that boxes use; one may stand before its value without a colon or even a blank
_LABELS = (
    "Allegiance|Alma mater|Architect|Attendance|Author|Awards|Battles/wars|Belligerents|Born|Budget|Candidate|"
    "Casualties|Casualties and losses|Cause|Children|Closed|Commanders and leaders|Condition|Coordinates|"
    "Country|Date|Deaths|Died|Directed by|Education|Effective|Elected Mayor|Event|Fatalities|Founded|Founder|Founders|"
    "Genre|Headquarters|Height|In office|Industry|Injured|Injuries|Key people|Known for|Language|Languages|"
    "Leader|Leaders|Length|Locale|Location|Losses|Man of the Match|Mayor before|Mediators|Motto|Nationality|Number|"
    "Occupation|Opened|Operator|Other work|Owner|Part of|Parties|Party|Percentage|Popular vote|Preceded by|"
    "President|Produced by|Products|Publisher|Referee|Relations|Release date|Resting place|Result|Revenue|"
    "Running time|Seats|Seats for council|Signatories|Signed|Slogan|Spouse|Starring|Status|Strength|"
    "Succeeded by|Survivors|Territorial|Territorial changes|Turnout|Type|Units involved|Venue|Verdict|Weather|"
    "Website|Written by"
)
_KNOWN = "|".join(sorted(_LABELS.split("|"), key=len, reverse=True))
_KNOWN_AT_START = re.compile(rf"(?P<label>{_KNOWN})(?=\s|$)(?! (?:of|was|is|were|are|had|has)\b)")
_KNOWN_FUSED = re.compile(
    rf"(?P<label>{_KNOWN})(?:(?=[A-ZÀ-Þ0-9“\"—–▲▼$€£])|(?=[a-z]{{3,}})(?!(?:ened|ings?|ship|s\b|ed\b|al\b)[a-z]*\b))"
)
_WORD = re.compile(r"\S+")
_FUSED = re.compile(
    r"(?P<label>[A-Za-zÀ-ÿ(][\w'’./()-]*?(?:(?<=[^\W\d_A-Z]{2})|(?<=\w\))|(?<=[a-z]\.)|(?<=[A-Z]{3})(?=[—“\"])))"
    r"(?=[^\W_a-z](?!\.?$)|[“\"«](?=\w)|[€$£¥▲△▼▽+~<>½†]|[—–](?=$|\d)|\[\d{4}|\.\d|\d+$|c\.|(?<=[a-z]{3})[A-Z]\.?$)"
)
_NAME_PREFIX = re.compile(r"(?:Mc|Mac|De|Di|La|Le|Du|Van|Von|Fitz|Ma?c|O’|Al|El)|.*[-’'](?:\w{0,2})|.*\.")
_LABEL_WORDS = re.compile(r"(?:(?<=\s)|^)[A-ZÀ-Þ][\w'’./-]*(?: [a-z(][\w'’./()-]*)* $")
_LABEL_OF = re.compile(r"(?:(?<=\s)|^)[A-ZÀ-Þ]\w*(?: (?:of|for|in|on|and|to|by|the))+ $")
_IMAGE_END = re.compile(r"\.(?:svg|png|jpe?g|gif|webp)\b", re.IGNORECASE)
_FLAG_OF = re.compile(r"(?:Flag|Coat of arms|Emblem|Logo|Seal|Insignia|Badge) of (?:the )?(?P<name>[^.]{1,60})$")
_FILE = re.compile(
    r"(?:[A-ZÀ-Þ][\w'’()-]* ){1,6}(?:[Ff]lag|[Ll]ogo|[Ee]mblem|[Ss]eal|[Bb]adge)(?: \(?[\w-]+\)?)*$|\S+$"
)
