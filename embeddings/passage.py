"""Cut a Document into overlapping, sentence-whole passages."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from embeddings.document import Document, Section, SectionKind
from embeddings.sentences import sentences

CountTokens = Callable[[Sequence[str]], list[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A verbatim slice of one document's text, small enough to be encoded and read whole.

    `id` is a stable integer of the index (-1: not in an index yet). `document_id` names the document, `heading` and
    `kind` are those of its section, `start` is its offset in `Document.text`. `context` says what the passage needs to
    be understood and does not say itself; it is encoded and read with the text, and answers never come from it.
    """

    id: int
    document_id: str
    heading: tuple[str, ...]
    kind: SectionKind
    start: int
    text: str
    context: str

    @property
    def end(self) -> int:
        """Where the passage ends in `Document.text` (half-open)."""
        return self.start + len(self.text)

    @property
    def encoded_text(self) -> str:
        """What the encoder sees: the context, then the text."""
        return f"{self.context}\n{self.text}" if self.context else self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A passage that a retriever found.

    `score` is the fused score that hits are ordered by (z-scores, no unit), `rank` its place in that order (0: best),
    `dense` the cosine of question and passage, `keyword` its BM25 score, and `best_sentence` where in the document its
    sentence nearest to the question's words stands.
    """

    passage: Passage
    score: float
    dense: float
    keyword: float
    rank: int = 0
    best_sentence: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitSettings:
    """How documents are cut.

    `words` is the size that prose passages are filled up to: 100-150 words hold a fact and what it refers to, and stay
    within 256 tokens. `overlap_words` is how much of a passage's end, in whole sentences, the next one repeats, so that
    a pronoun's antecedent is not cut off. `window_tokens` bounds the encoded text, special tokens included (the
    encoder's own window if that is smaller). `context_tokens` bounds the context's share of it.
    """

    words: int = 120
    overlap_words: int = 30
    window_tokens: int = 256
    context_tokens: int = 80


Piece = tuple[int, int]


def split(document: Document, settings: SplitSettings, count_tokens: CountTokens) -> list[Passage]:
    """Cut a document into passages, in order of its text.

    Every non-blank character stands in a passage; no passage crosses a section; a fact line is a passage of its own.
    Behind one that has three entries or more ("killed: Mali 82; Chad 38; Togo 1") each of them is a passage once more,
    under the line's label.
    No encoded text is longer than the window by `count_tokens` (tokens of each text, special ones included).
    """
    return [passage for section in document.sections for passage in _cut(document, section, settings, count_tokens)]


def _cut(document: Document, section: Section, settings: SplitSettings, count_tokens: CountTokens) -> Iterator[Passage]:
    pieces = [
        (section.start + start, section.start + end)
        for start, end in sentences(document.text[section.start : section.end])
    ]
    if section.kind in ("facts", "table"):
        groups = [[piece] for piece in _lines(document.text, pieces)]
    else:
        groups = list(_groups(document, pieces, settings))
    context_tokens = min(settings.context_tokens, settings.window_tokens // 2)
    reached = section.start
    for group in groups:
        start, end = group[0][0], group[-1][1]
        context = _shorten(_context(document, section, start, end), context_tokens, count_tokens)
        room = settings.window_tokens - (count_tokens([context])[0] if context else 2)
        for a, b in _fit(document.text, group, room, count_tokens):
            if b <= reached:
                continue  # part of a group that did not fit, and only repeats
            reached = b
            yield _passage(document, section, (a, b), context)
        if section.kind == "facts":
            label, entries = _entries(document.text, start, end)
            if not entries:
                continue
            context = _shorten(", ".join(filter(None, (label, context))), context_tokens, count_tokens)
            room = settings.window_tokens - count_tokens([context])[0]
            yield from (
                _passage(document, section, (a, b), context)
                for a, b in entries
                if count_tokens([document.text[a:b]])[0] <= room
            )


def _passage(document: Document, section: Section, piece: Piece, context: str) -> Passage:
    start, end = piece
    return Passage(
        id=-1,
        document_id=document.id,
        heading=section.heading,
        kind=section.kind,
        start=start,
        text=document.text[start:end],
        context=context,
    )


def _entries(text: str, start: int, end: int) -> tuple[str, list[Piece]]:
    """The label of a fact line and the entries of its value, none if these are fewer than three."""
    label, colon, value = text[start:end].partition(": ")
    if not colon or value.count("; ") < 2:
        return "", []
    begin = start + len(label) + len(colon)
    return label, [(begin + found.start(), begin + found.end()) for found in re.finditer(r"[^;\s](?:(?!;\s).)*", value)]


def _lines(text: str, pieces: list[Piece]) -> Iterator[Piece]:
    """Join the sentences of each line: a fact line is one whole."""
    start = None
    for i, (a, b) in enumerate(pieces):
        start = a if start is None else start
        if i + 1 == len(pieces) or "\n" in text[b : pieces[i + 1][0]]:
            yield start, b
            start = None


def _groups(document: Document, pieces: list[Piece], settings: SplitSettings) -> Iterator[list[Piece]]:
    """Fill up passages with whole sentences; each begins with the last sentences of the one before, as room allows."""
    group: list[Piece] = []
    for piece in pieces:
        size = _words(document.text, piece)
        filled = sum(_words(document.text, p) for p in group)
        new_note = bool(group) and _notes(document, *group[-1]) != _notes(document, *piece)
        if group and (filled + size > settings.words or new_note):
            yield group
            group = [] if new_note else _tail(document.text, group, settings.overlap_words)
        group = [*group, piece]
    if group:
        yield group


def _tail(text: str, group: list[Piece], words: int) -> list[Piece]:
    kept: list[Piece] = []
    for piece in reversed(group[1:]):
        words -= _words(text, piece)
        if words < 0:
            break
        kept.insert(0, piece)
    return kept


def _words(text: str, piece: Piece) -> int:
    return text.count(" ", *piece) + 1


def _fit(text: str, group: list[Piece], room: int, count_tokens: CountTokens) -> Iterator[Piece]:
    """The group if it has at most `room` tokens, else halves of it; too long a sentence is cut at a blank."""
    start, end = group[0][0], group[-1][1]
    if count_tokens([text[start:end]])[0] <= room:
        yield start, end
    elif len(group) > 1:
        middle = len(group) // 2
        yield from _fit(text, group[:middle], room, count_tokens)
        yield from _fit(text, group[middle:], room, count_tokens)
    elif end - start > 1:
        middle = text.find(" ", (start + end) // 2, end)
        middle = (start + end) // 2 if middle <= start else middle
        for a, b in ((start, middle), (middle, end)):
            if text[a:b].strip():
                begin = a + len(text[a:b]) - len(text[a:b].lstrip())
                yield from _fit(text, [(begin, a + len(text[a:b].rstrip()))], room, count_tokens)
    else:
        yield start, end


def _notes(document: Document, start: int, end: int) -> tuple[str, ...]:
    notes = document.notes
    first = bisect_left(notes, start + 1, key=lambda note: note.end)
    found = []
    for note in notes[first:]:
        if note.start >= end:
            break
        found.append(note.text)
    return tuple(found)


def _context(document: Document, section: Section, start: int, end: int) -> str:
    """What the passage is about: the document's title (or the section's own subject), the headings, its notes."""
    about = document.title if section.subject is None else section.subject
    parts = [about, *section.heading, *dict.fromkeys(_notes(document, start, end))]
    kept = [
        part
        for i, part in enumerate(parts)
        if part and not any(_says(other, part) and (part != other or j < i) for j, other in enumerate(parts) if j != i)
    ]
    return ", ".join(kept)


def _says(text: str, part: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(part)}(?!\w)", text) is not None


def _shorten(context: str, tokens: int, count_tokens: CountTokens) -> str:
    """The context's first words; of a single word that is too long, its first characters."""
    while len(context) > 1 and count_tokens([context])[0] > tokens:
        kept = context[: len(context) * 7 // 8]
        context = kept.rpartition(" ")[0] or kept
    return context
