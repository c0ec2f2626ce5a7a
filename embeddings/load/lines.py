"""What a line of text looks like: a heading, a list item, a field, a part of a wrapped paragraph."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from embeddings.load.facts import Field, key_value
from embeddings.mapped import MappedText

_LONGEST_BOX = 60  # lines; keeps the search for boxes linear
_OPEN_ENDS = frozenset(
    {
        "a",
        "an",
        "and",
        "are",
        "at",
        "be",
        "by",
        "for",
        "from",
        "had",
        "has",
        "in",
        "is",
        "of",
        "on",
        "or",
        "that",
        "the",
        "to",
    }
    | {"was", "were", "will", "with"}
)
BULLET = re.compile(r"[ \t]*(?:[*•·‣▪◦●]|[–—-](?=\s)|\(?\d{1,2}[.)](?=\s))[ \t]*(?=\S)")


def blocks(lines: Sequence[MappedText]) -> Iterator[list[MappedText]]:
    """Runs of lines that are not blank."""
    block: list[MappedText] = []
    for line in lines:
        if line.text.strip():
            block.append(line)
        elif block:
            yield block
            block = []
    if block:
        yield block


def unwrapped(lines: Sequence[MappedText]) -> list[MappedText]:
    """Lines as paragraphs: joined where they were wrapped at a width, else each is a paragraph."""
    if len(lines) < 2:
        return list(lines)
    inner = [line.text.rstrip() for line in lines[:-1]]
    wrapped = all(30 <= len(text) <= 100 for text in inner) and any(text[-1] not in '.!?:;”"' for text in inner)
    if not wrapped or len(lines[-1]) > 100:
        return list(lines)
    parts = [lines[0]]
    for line in lines[1:]:
        parts += [MappedText.inserted(" "), line.strip()]
    return [MappedText.join(parts)]


def bullet(line: MappedText) -> MappedText | None:
    """The item that a line of a list holds, without its mark; None for any other line."""
    match = BULLET.match(line.text)
    return line[match.end() :] if match else None


def looks_like_heading(text: str) -> bool:
    """Whether a line of its own may head a section: short, begins like a title, ends without punctuation."""
    text = text.strip()
    if not 2 <= len(text) <= 80 or len(text.split()) > 10:
        return False
    if text[-1] in ".!?:;,…—–-|" or not (text[0].isupper() or text[0].isdigit() or text[0] in "“\"'‘"):
        return False
    if text.split()[-1] in _OPEN_ENDS:  # a sentence that a list goes on with
        return False
    return not BULLET.match(text) and any(character.isalpha() for character in text)


def field_of(line: MappedText) -> Field | None:
    """The field that a short line `Key: value` holds; None for any other line."""
    field = key_value(line)
    if field is None or len(line) > 140 or len(field.label.text.split()) > 7 or BULLET.match(line.text):
        return None
    return field


def fact_box(lines: Sequence[MappedText]) -> tuple[int, MappedText | None, list[Field]] | None:
    """The fact box that a run of lines begins with: how many lines it has, its heading, its fields.

    It has at least two `Key: value` lines; a short line without a key among them is a field without a label.
    """
    heading = lines[0] if field_of(lines[0]) is None and looks_like_heading(lines[0].text) else None
    fields: list[Field] = []
    keyed = 0
    for line in lines[0 if heading is None else 1 : _LONGEST_BOX]:
        field = field_of(line)
        if field is None and (len(line) > 80 or line.text.rstrip()[-1] in ".:" or BULLET.match(line.text)):
            break
        keyed += field is not None
        fields.append(field or Field(label=line[:0], value=line))
    if keyed < 2 or keyed * 2 < len(fields):
        return None
    return len(fields) + (heading is not None), heading, fields


def tight(groups: Sequence[Sequence[MappedText]]) -> list[list[MappedText]]:
    """Runs of lines, a fact box whose lines blank lines divide put together, with its heading."""
    joined: list[list[MappedText]] = []
    open_box = False
    for group in groups:
        if open_box and len(group) == 1 and field_of(group[0]) is not None:
            joined[-1].append(group[0])
        else:
            joined.append(list(group))
            open_box = all(field_of(line) is not None for line in group)
    headed: list[list[MappedText]] = []
    for group in joined:
        box = fact_box(group)
        heading = headed[-1][0].text if headed and len(headed[-1]) == 1 else ""
        if box is not None and box[1] is None and looks_like_heading(heading) and len(headed) > 1:
            headed[-1] += group
        else:
            headed.append(group)
    return headed
