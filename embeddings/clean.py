"""Bytes to text, and raw text to the text we keep, with the map back to the original."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from embeddings.errors import UnreadableFile
from embeddings.mapped import MappedText


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """The text of a file, without its byte order mark, and the Python name of the encoding it was read with."""

    text: str
    encoding: str


def decode(data: bytes) -> Decoded:
    """Decode a text file by its byte order mark, as UTF-8, or as a detector finds; raises UnreadableFile if binary."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                return Decoded(text=data[len(mark) :].decode(encoding), encoding=encoding)
            except UnicodeDecodeError as broken:
                raise UnreadableFile(f"the file begins like {encoding} but is not: {broken.reason}") from broken
    if b"\0" in data:
        raise UnreadableFile("the file is binary, not text")
    try:
        return Decoded(text=data.decode("utf-8"), encoding="utf-8")
    except UnicodeDecodeError:
        return _detect(data)


def _detect(data: bytes) -> Decoded:
    import charset_normalizer

    text = data.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    if len(_NOT_ASCII.sub("", text)) + 5 * broken < len(text):  # four good characters for each broken one
        return Decoded(text=text, encoding="utf-8")
    found = charset_normalizer.from_bytes(data, cp_exclusion=_OUTDATED)
    best = found.best()
    if best is None:
        raise UnreadableFile("the file is binary, or text in an encoding that is not recognised; save it as UTF-8")
    # Western pages are told apart by a handful of bytes; where the detector sees no difference, the common one is meant
    equals = {match.encoding for match in found if match.chaos == best.chaos} | set(best.could_be_from_charset)
    encoding = "cp1252" if "cp1252" in equals else best.encoding
    return Decoded(text=data.decode(encoding), encoding=encoding)


def clean(text: MappedText) -> tuple[MappedText, int]:
    """Mojibake repaired, odd blanks plain, invisible characters gone; and how many stretches were repaired."""
    repaired = 0
    while True:
        text, count = repair(text)
        repaired += count
        tidied = tidy(text)
        if tidied.text == text.text:
            return tidied, repaired
        text = tidied  # what an invisible character or an odd blank kept apart has come together


def repair(text: MappedText) -> tuple[MappedText, int]:
    """Undo UTF-8 that was read as a one-byte encoding, however often; and how many stretches were repaired.

    A repaired character stands, as a whole, for the characters that it was broken into.
    """
    if text.text.isascii():
        return text, 0
    repaired = 0
    while True:
        edits = list(_edits(text.text))
        if not edits:
            return text, repaired
        repaired = max(repaired, len(edits))
        text = _decoded_again(text.text, edits).through(text)


def tidy(text: MappedText) -> MappedText:
    """Odd blanks become a space, odd line ends a line end, accents their letter's; the invisible goes."""
    if text.text.isascii() and text.text.isprintable():
        return text
    text = text.sub(_INVISIBLE, "")
    text = text.sub(_LINE_ENDS, "\n")
    text = text.sub(_BLANKS, " ")
    return text.sub(_ACCENTED, lambda match: unicodedata.normalize("NFC", match.group()))


def _decoded_again(text: str, edits: Iterable[tuple[int, str]]) -> MappedText:
    """The text with each edit in place, mapped to the text: a new character stands for as many as it has bytes."""
    parts, places, sizes = [], [], []
    last = length = 0
    for start, good in edits:
        parts += [text[last:start], good]
        length += start - last
        last = start
        for character in good:
            size = len(character.encode())
            places.append(length)
            sizes.append(size)
            length += 1
            last += size
    new = "".join([*parts, text[last:]])
    widths = np.ones(len(new), dtype=np.int64)
    widths[places] = sizes
    ends = np.cumsum(widths)
    return MappedText(new, ends - widths, ends)


def _edits(text: str) -> Iterator[tuple[int, str]]:
    """Where mojibake starts in the text, and what it stands for: each byte of its UTF-8 is one character there."""
    from ftfy.badness import is_bad
    from ftfy.chardata import UTF8_DETECTOR_RE

    stretches = [(match.start(), match.group()) for match in _NOT_ASCII.finditer(text)]
    if not is_bad(text):
        return
    for encoding in _encodings():  # the whole file went through it: then also what looks harmless is broken
        good = [_undo(stretch, encoding) for _, stretch in stretches]
        if all(good):
            yield from ((start, new) for (start, _), new in zip(stretches, good, strict=True) if new)
            return
    for match in UTF8_DETECTOR_RE.finditer(text):
        if is_bad(text[max(0, match.start() - 1) : match.end() + 1]):
            new = next(filter(None, (_undo(match.group(), encoding) for encoding in _encodings())), None)
            if new:
                yield match.start(), new


def _undo(stretch: str, encoding: str) -> str | None:
    try:
        return stretch.encode(encoding).decode("utf-8")
    except UnicodeError:
        return None


def _encodings() -> list[str]:
    import ftfy.bad_codecs  # registers the sloppy codecs
    from ftfy.chardata import CHARMAP_ENCODINGS

    ftfy.bad_codecs.search_function("sloppy-windows-1252")
    return list(CHARMAP_ENCODINGS)


_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is its beginning
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# pages of DOS and of old printers: next to never met in files of today, and easily taken for the Western ones
_OUTDATED = [
    "hp_roman8",
    *(f"cp{page}" for page in (437, 720, 737, 775, 850, 852, 855, 857, 858, 860, 861, 862, 863, 864, 865, 866, 869)),
]
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_LINE_ENDS = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_BLANKS = re.compile(r"[\t\x1c-\x1f\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
# zero-width joiners are letters of some scripts and part of some emoji; elsewhere they are noise
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
    r"|(?<![\u0590-\u1fff\u2190-\U000e01ef])[\u200c\u200d]"
)
_ACCENTED = re.compile(r"[^\W\d_][\u0300-\u036f]+")
