"""Whether citations hold: the sources are opened again, and compared with what is cited character by character."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from embeddings.document import Document
from embeddings.errors import BadInput, IndexMissing, UnreadableFile, UserError
from embeddings.load import FoundFile, Limits, find_files, load_file
from embeddings.manifest import SourceEntry, known_sources, read_manifest
from qa.answers_file import Cited
from qa.collections import Collections
from qa.reply import Citation

SourceState = Literal["same", "changed", "missing"]
QuoteState = Literal["found", "moved", "missing"]

_NEAR = 1_000  # characters: most quotes that move do so by a few lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What became of a citation: of its source, and of its quote in the source as it is now.

    A quote is found if everything that the citation says of its place is so: offsets, line, page. It has moved if it
    stands in the document, but not, or not in all respects, as cited; `now` is the citation of where it stands (None:
    nowhere). `note` says what differs.
    """

    cited: Cited
    source: SourceState
    quote: QuoteState
    file: Path | None = None
    now: Citation | None = None
    note: str = ""

    def passes(self, *, allow_moved: bool = False) -> bool:
        """Whether source and quote are as cited; `allow_moved`: whether the quote still stands in the document."""
        return self.quote != "missing" if allow_moved else (self.source, self.quote) == ("same", "found")


def sources_of(index: Path) -> tuple[SourceEntry, ...]:
    """The sources that the manifest of an index names. Raises UserError if there is no index, or it has no sources."""
    sources = known_sources(index)  # of an index of any format: nothing else of it is needed
    if sources:
        return sources
    try:
        read_manifest(index)
    except IndexMissing as error:
        raise IndexMissing(f"{error}, or say with --sources DIR where the documents are") from error
    raise BadInput(f"{index} names no sources; say with --sources DIR where the documents are")


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Where documents have their files, by their ids: those of the index (or given ones), and those of collections."""

    of_index: Mapping[str, FoundFile]
    of_collections: Mapping[str, Mapping[str, FoundFile]] = field(default_factory=dict)

    @classmethod
    def behind(cls, cited: Iterable[Cited], index: Path, collections: Collections) -> Files:
        """The files of the collections that are cited, and of the index if that is. Raises as `sources_of` does."""
        folders = collections.cited((one.citation.collection for one in cited), index)
        files = {name: files_of(sources_of(path), index=path, required=False) for name, path in folders.items()}
        return cls(of_index=files.pop("", {}), of_collections=files)

    def file_of(self, citation: Citation) -> FoundFile | None:
        """The file of a cited document."""
        return self.of_collections.get(citation.collection, self.of_index).get(citation.document)


def files_of(sources: Iterable[SourceEntry], *, index: Path, required: bool) -> dict[str, FoundFile]:
    """The files of some sources by the ids of their documents, the index's own left out.

    A source that is not there has no files, or, if it is `required`, raises UserError, as does an id in two sources.
    """
    files: dict[str, FoundFile] = {}
    for source in sources:
        try:
            found = find_files(source.located(index), name=source.name, exclude=frozenset([index.resolve()]))
        except UserError:
            if required or source.located(index).exists():
                raise
            continue  # perhaps a disk that is not mounted; its documents are missing, which the result says
        for file in found:
            if required and file.id in files:
                raise BadInput(f"{file.id} is in two sources; give them the names they were indexed by: NAME=DIR")
            files.setdefault(file.id, file)
    return files


def verify(
    cited: Sequence[Cited],
    files: Files,
    *,
    limits: Limits | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Check]:
    """Check citations against the files of their documents, each of which is read once; in the order given."""
    by_document: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, one in enumerate(cited):
        by_document[one.citation.origin].append(number)
    checks: dict[int, Check] = {}
    for done, numbers in enumerate(by_document.values()):
        progress(done, len(by_document))
        file = files.file_of(cited[numbers[0]].citation)
        checks |= zip(numbers, _verify_document([cited[n] for n in numbers], file, limits), strict=True)
    return [checks[number] for number in range(len(cited))]


def _verify_document(cited: Sequence[Cited], file: FoundFile | None, limits: Limits | None) -> list[Check]:
    if file is None:
        return [Check(cited=one, source="missing", quote="missing") for one in cited]
    try:
        document = load_file(file.path, file.id, limits).document
    except UnreadableFile as error:
        sha256 = _sha256(file.path)
        return [
            Check(cited=one, source=_state(one.citation, sha256), quote="missing", file=file.path, note=str(error))
            for one in cited
        ]
    places: dict[Citation, tuple[Citation | None, str]] = {}  # one place is often cited for several questions
    checks = []
    for one in cited:
        citation = one.citation
        if citation not in places:
            places[citation] = _stands(citation, document)
        now, note = places[citation]
        if now is not None and one.answer is not None and one.answer not in citation.quote:
            now, note = None, "the answer does not stand in the quote"
        quote: QuoteState = "missing" if now is None else "moved" if note else "found"
        source = _state(citation, document.sha256)
        checks.append(Check(cited=one, source=source, quote=quote, file=file.path, now=now, note=note))
    return checks


def _state(citation: Citation, sha256: str | None) -> SourceState:
    return "missing" if sha256 is None else "same" if sha256 == citation.sha256 else "changed"


def _stands(citation: Citation, document: Document) -> tuple[Citation | None, str]:
    """The citation of where the quote stands now (None: nowhere), and what is not as cited."""
    inside = citation.start - citation.quote_start
    if inside < 0 or not citation.quote.startswith(citation.text, inside):
        inside = _nearest(citation.text, citation.quote, inside)
        if inside < 0:
            return None, "the cited text does not stand in the quote"
    quote_start = _nearest(citation.quote, document.text, citation.quote_start)
    if quote_start < 0:
        return None, ""
    start = quote_start + inside
    end = start + len(citation.text)
    source_start, source_end = document.source_span(start, end) or (None, None)
    now = replace(
        citation,
        start=start,
        end=end,
        quote_start=quote_start,
        page=document.page_at(start),
        line=document.line_at(start),
        source_start=source_start,
        source_end=source_end,
    )
    said = ("quote_start", "start", "end", "line", "page", "source_start", "source_end")
    differing = [
        f"{name} {before} is now {getattr(now, name)}"
        for name in said
        if (before := getattr(citation, name)) is not None and before != getattr(now, name)
    ]
    by = citation.attributed_to
    if by is not None and (by.start < 0 or document.text[by.start : by.end] != by.text):
        if by.text not in document.text:
            return None, "whom it is attributed to does not stand in the document"
        if quote_start == citation.quote_start:  # else it has moved along
            differing.append("whom it is attributed to stands elsewhere")
    return now, "; ".join(differing)


def _nearest(words: str, text: str, place: int, *, reach: int = _NEAR) -> int:
    """Where some words stand in a text, nearest to a place (of two as near, the later); -1 if nowhere.

    `reach` characters to either side are searched first, then 8 times as many, and so on.
    """
    place = min(max(place, 0), len(text))
    if text.startswith(words, place):
        return place
    while True:  # whatever lies within reach is searched whole, so the nearest in it is the nearest of all
        low, high = max(0, place - reach), min(len(text), place + reach + len(words))
        after = text.find(words, place, high)
        before = text.rfind(words, low, place + len(words) - 1)
        if after >= 0 and (before < 0 or after - place <= place - before):
            return after
        if before >= 0:
            return before
        if low == 0 and high == len(text):
            return -1
        reach *= 8


def _sha256(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
