"""A text file's blocks, collected section by section: list introductions, related articles, references, boxes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from embeddings.document import MetadataValue, SectionKind
from embeddings.load.base import DocumentBuilder, LeftOut, Loaded, Source
from embeddings.load.facts import Field, fact_line, fact_note, flags, is_empty, tidy_value
from embeddings.load.subjects import bare, box_subject, same_name, subject_of
from embeddings.mapped import MappedText
from embeddings.sentences import sentences


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    kind: SectionKind
    text: MappedText
    subject: str | None = None
    note: str | None = None
    box: str | None = None  # the heading of the fact box that it stands in


class Page:
    """Collects the blocks of a text file and gives the Loaded.

    A section is kept until it ends, since what introduces a list may stand behind it.
    """

    def __init__(self, source: Source, *, title: str) -> None:
        self.title = title
        self.left_out: Counter[str] = Counter()
        self.metadata: dict[str, MetadataValue] = {}
        self.warnings: list[str] = []
        self._builder = DocumentBuilder(source)
        self._path: list[tuple[int, str]] = []
        self._blocks: list[_Block] = []
        self._guess: MappedText | None = None

    @property
    def heading_path(self) -> tuple[str, ...]:
        """The headings that the next block stands under, from the top."""
        return tuple(text for _, text in self._path)

    @property
    def cites(self) -> bool:
        """Whether the next block stands among references."""
        return any(bare(text) in _REFERENCES for text in self.heading_path)

    def guessed_heading(self, line: MappedText) -> None:
        """A line that looks like a heading; if nothing comes to stand under it, it was none."""
        self.heading(line.text)
        self._guess = line if self._path else None

    def heading(self, text: str, level: int = 2) -> None:
        """Begin a section; it ends those of the same or a deeper level. The title itself is no heading."""
        self._flush()
        while self._path and self._path[-1][0] >= level:
            self._path.pop()
        text = " ".join(text.split())
        if text and same_name(text, self.title) and not self._path:
            return
        if text:
            self._path.append((level, text))

    def prose(self, text: MappedText) -> None:
        """A paragraph."""
        self._put("prose", text)

    def item(self, text: MappedText) -> None:
        """An item of a list, without its mark."""
        self._put("list", text)

    def row(self, line: MappedText, note: str) -> None:
        """A table row that is a line already."""
        self._blocks.append(_Block(kind="table", text=line, note=note))

    def box(self, fields: Sequence[Field], *, subject: str | None = None, heading: MappedText | None = None) -> None:
        """The fields of an infobox or fact box, one line each; empty ones are left out."""
        full = []
        for field in fields:
            value = tidy_value(flags(field.value))
            if is_empty(value):
                self.left_out["empty fields"] += 1
            else:
                full.append(Field(label=_one_line(field.label), value=_one_line(value)))
        name = heading.text.strip() if heading is not None else None
        labels = {field.label.text: field.value.text for field in full}
        subject = subject or box_subject(labels)
        if subject is not None and same_name(subject, self.title):
            subject = None
        for field in full:
            note = fact_note(subject or self.title, field.label.text, labels)
            line = fact_line(field.label, field.value) if field.label else field.value
            self._blocks.append(_Block(kind="facts", text=line, subject=subject, note=note, box=name))

    def leave_out(self, what: str, count: int = 1) -> None:
        """Count something that is not taken into the text."""
        self.left_out[what] += count

    def finish(self, *, original: str, encoding: str, repaired: int) -> Loaded:
        """The document, and what the ingestion report says of it."""
        self._flush()
        return Loaded(
            document=self._builder.finish(title=self.title, original=original, metadata=self.metadata),
            encoding=encoding,
            repaired=repaired,
            left_out=tuple(LeftOut(what=what, count=count) for what, count in sorted(self.left_out.items()) if count),
            warnings=tuple(self.warnings),
        )

    def _put(self, kind: SectionKind, text: MappedText) -> None:
        text = _one_line(flags(text))
        if re.search(r"\w", text.text):
            self._blocks.append(_Block(kind=kind, text=text))

    def _flush(self) -> None:
        names = [bare(text) for text in self.heading_path]
        guess, self._guess = self._guess, None
        if guess is not None and not self._blocks and not _named(names):
            self._path.pop()
            names = names[:-1]
            self.prose(guess)
        blocks, self._blocks = self._blocks, []
        if any(name in _REFERENCES for name in names) or (_UNSURE & set(names) and all(map(_cites, blocks))):
            self._add([_as(block, "references") for block in blocks])
        elif any(name in _RELATED or _RELATED_NAME.fullmatch(name) for name in names):
            self._add([_related(block) for block in blocks])
        else:
            self._add(_introduced(blocks))

    def _add(self, blocks: Sequence[_Block]) -> None:
        path = self.heading_path
        for block in blocks:
            heading = (*path, block.box) if block.box else path
            self._builder.add(block.text, heading=heading, kind=block.kind, subject=block.subject, note=block.note)


def is_apparatus(heading: str) -> bool:
    """Whether a heading is one of those that references and related articles stand under."""
    name = bare(heading)
    return name in _REFERENCES or name in _RELATED or bool(_RELATED_NAME.fullmatch(name))


def last_sentence(text: str, limit: int = 240) -> str:
    """The last sentence of a paragraph, not longer than `limit` characters."""
    if len(text) <= limit:
        return text
    start, end = sentences(text)[-1]
    sentence = text[start:end]
    return sentence if len(sentence) <= limit else "… " + sentence[-limit:].split(" ", 1)[-1]


def _introduced(blocks: Sequence[_Block]) -> list[_Block]:
    """The blocks with each list's introduction as the note of its items."""
    waiting = [
        last_sentence(block.text.text)
        for place, block in enumerate(blocks)
        if _introduces(block) and (place + 1 == len(blocks) or blocks[place + 1].kind == "prose")
    ]
    noted: list[_Block] = []
    note: str | None = None
    for place, block in enumerate(blocks):
        if block.kind != "list":
            noted.append(block)
            continue
        if place == 0 or blocks[place - 1].kind != "list":
            before = blocks[place - 1] if place and blocks[place - 1].kind == "prose" else None
            if before is not None and (_introduces(before) or not waiting):
                note = last_sentence(before.text.text)
            else:
                note = " ".join(waiting[:2]) or None
        noted.append(_Block(kind="list", text=block.text, note=note))
    return noted


def _introduces(block: _Block) -> bool:
    return block.kind == "prose" and block.text.text.endswith(":")


def _related(block: _Block) -> _Block:
    text = block.text.text
    if block.kind == "list" and len(text.split()) <= 10 and not text.endswith("."):
        return _as(block, "references")  # a link without a word about what it leads to
    return _Block(kind="related", text=block.text, subject=subject_of(text))


def _named(names: Sequence[str]) -> bool:
    """Whether a section is one of those that are often empty."""
    return bool(names) and (names[-1] in _REFERENCES | _UNSURE | _RELATED)


def _as(block: _Block, kind: SectionKind) -> _Block:
    return _Block(kind=kind, text=block.text)


def _cites(block: _Block) -> bool:
    return block.kind == "list" or bool(_CITATION.search(block.text.text))


def _one_line(text: MappedText) -> MappedText:
    return text.sub(r"[ \n]*\n[ \n]*| {2,}", " ").strip()


_REFERENCES = frozenset(
    {
        "references",
        "reference",
        "reference notes",
        "footnotes",
        "citations",
        "bibliography",
        "further reading",
        "external links",
        "works cited",
    }
    | {"notes and references", "references and notes", "reference list", "external sources", "web links"}
    | {"sources and references", "selected bibliography", "general references", "additional reading"}
)
_UNSURE = frozenset({"notes", "sources", "literature", "links", "credits"})  # of a river, or of an article
_RELATED = frozenset(
    {"see also", "read more", "recommended", "more on this story", "more stories", "you may also like"}
)
_RELATED_NAME = re.compile(r"related (?:research )?(?:articles?|pages?|topics?|stories|entries|content|reading|links)")
_CITATION = re.compile(r"^\s*(?:\[\d+\]|\d{1,3}[. ]|[↑^])|https?://|\bISBN\b|\bRetrieved\b|\bpp?\. ?\d")
