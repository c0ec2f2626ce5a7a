"""All segments of an opened index as one table of passages: a row for each, removed ones included."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.aliases import Alias
from embeddings.approximate import Lists, Mask, Rows, Vector
from embeddings.document import Document, SectionKind
from embeddings.errors import IndexDamaged
from embeddings.manifest import FileEntry, SegmentEntry
from embeddings.parts import Part
from embeddings.passage import Passage
from embeddings.store import ROW, Postings, Store
from embeddings.vectors import Vectors

TERMS_KEPT = 16  # terms whose postings are kept once read: those of a question, which is asked about them several times
FREQUENCIES_KEPT = 4096  # terms of which it is kept in how many passages they stand
DOCUMENTS_KEPT = 16  # documents kept in memory once read: those of a question's hits, for its citations


@dataclass(frozen=True, slots=True)
class _Segment:
    store: Store
    vectors: Vectors
    start: int  # of its rows in the table
    end: int
    first_id: int  # what ids of passages begin to count from in its part of the table
    prefix: str  # of the ids of its documents

    def inside(self, rows: Rows) -> Mask:
        inside: Mask = (rows >= self.start) & (rows < self.end)
        return inside

    def passages(self, ids: NDArray[np.int64]) -> list[Passage]:
        found = self.store.passages((ids - self.first_id).tolist())
        if not self.prefix and not self.first_id:
            return found
        return [replace(one, id=one.id + self.first_id, document_id=self.prefix + one.document_id) for one in found]


class PassageTable:
    """The passages that some manifests name; what ranking needs is in memory (44 bytes each), all else read on demand.

    `ids`, `text_terms` and `context_terms` (number of terms) are (rows,). Ids of passages are those of their folder,
    counted on from the folder before. Any method may raise IndexDamaged.
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        self._dimension = parts[0].manifest.encoder.dimension
        # by the order of ids, so that nothing depends on the steps in which the index was built
        ids = sorted(part.prefix + id for part in parts for id in part.manifest.documents)
        self._numbers = {id: number for number, id in enumerate(ids)}
        self._where: dict[str, tuple[_Segment, int]] = {}  # a document's segment and its number there
        self._segments: list[_Segment] = []
        columns: list[dict[str, NDArray[Any]]] = []
        documents: list[NDArray[np.int32]] = []
        first_id = 0
        for part in parts:
            for entry in part.manifest.segments:
                found, segment = self._open(part, entry, first_id)
                numbers = np.full(len(segment.store.documents), -1, dtype=np.int32)
                for number, id in segment.store.documents.items():
                    if id in part.manifest.documents and part.manifest.documents[id].segment == entry.name:
                        numbers[number] = self._numbers[part.prefix + id]
                        self._where[part.prefix + id] = (segment, number)
                columns.append(found)
                documents.append(numbers[found["document"]])
            first_id += part.manifest.next_passage_id
            missing = {part.prefix + id for id in part.manifest.documents} - self._where.keys()
            if missing:
                raise damaged(part.path, f"its document {min(missing)} is missing")
        self.ids, self._start, self._kinds, self._inside, self.text_terms, self.context_terms = (
            _joined([one[field] for one in columns], ROW[field])
            for field in ("id", "start", "kind", "document", "text_terms", "context_terms")
        )  # ids are ascending: segments are named in the order of writing
        self._document = _joined(documents, np.dtype(np.int32))  # its document's number, -1: removed or replaced
        self.mask = lru_cache(maxsize=8)(self._mask)
        self.lengths = lru_cache(maxsize=8)(self._lengths)
        self.postings = lru_cache(maxsize=TERMS_KEPT)(self._postings)
        self.frequency = lru_cache(maxsize=FREQUENCIES_KEPT)(self._frequency)
        self.document = lru_cache(maxsize=DOCUMENTS_KEPT)(self._load_document)

    def __len__(self) -> int:
        return len(self.ids)

    def _open(self, part: Part, entry: SegmentEntry, first_id: int) -> tuple[dict[str, NDArray[Any]], _Segment]:
        store = Store(_sized(part.path, entry.store))
        lists = Lists(_sized(part.path, entry.lists.file), entry.lists.depth) if entry.lists else None
        vectors = Vectors(_sized(part.path, entry.vectors), lists)
        columns = store.columns()
        passages = len(columns["id"])
        if first_id:
            columns["id"] = columns["id"] + first_id
        if vectors.shape != (passages, self._dimension):
            raise damaged(part.path, f"{entry.vectors.name} does not belong to {entry.store.name}")
        start = self._segments[-1].end if self._segments else 0
        segment = _Segment(store, vectors, start, start + passages, first_id, part.prefix)
        self._segments.append(segment)
        return columns, segment

    def place(self, rows: Rows) -> tuple[NDArray[Any], ...]:
        """Keys for lexsort, the first of them last: the order of some passages by document and place in it."""
        return self.ids[rows], self._start[rows], self._document[rows]

    def find(self, ids: Sequence[int]) -> Rows:
        """The rows of some passages. Raises KeyError for one that is not in the index (any more)."""
        wanted = np.asarray(ids, dtype=np.int64)
        rows = np.searchsorted(self.ids, wanted)
        known = rows < len(self.ids)
        known[known] = (self.ids[rows[known]] == wanted[known]) & (self._document[rows[known]] >= 0)
        if not known.all():
            raise KeyError(int(wanted[~known][0]))
        return rows

    def rows_of(self, document_id: str) -> Rows:
        """The rows of a document, in order of its text; KeyError if there is no such document."""
        segment, number = self._where[document_id]
        inside = self._inside[segment.start : segment.end]  # ascending: documents are written one after the other
        first, last = np.searchsorted(inside, [number, number + 1])
        rows = np.arange(segment.start + first, segment.start + last)
        return rows[np.lexsort(self.place(rows))]

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """The passages with some ids, in the order asked for. Raises KeyError as `find` does."""
        rows = self.find(ids)
        found: dict[int, Passage] = {}
        for segment, inside in self._parts(rows):
            found.update((passage.id, passage) for passage in segment.passages(self.ids[rows[inside]]))
        return [found[id] for id in ids]

    def vectors(self, rows: Rows) -> Vector:
        """Their vectors, (len(rows), dimension)."""
        found = np.zeros((len(rows), self._dimension), dtype=np.float32)
        for segment, inside in self._parts(rows):
            found[inside] = segment.vectors.take(rows[inside] - segment.start)
        return found

    def nearest(self, vector: Vector, k: int, mask: Mask) -> Rows:
        """Rows of those in `mask` among which the `k` of largest inner product are: see `Vectors.nearest`."""
        parts = [s.start + s.vectors.nearest(vector, k, mask[s.start : s.end]) for s in self._segments]
        return np.concatenate([np.zeros(0, dtype=np.int64), *parts])

    def _postings(self, term: str) -> Postings:
        """The rows in which a term stands, ascending, and how often it does in text and context. The last are kept."""
        parts = [np.zeros((0, 3), dtype=np.uint32)]
        for segment in self._segments:
            found = segment.store.postings(term)
            parts.append(found + np.array([segment.start, 0, 0], dtype=np.uint32) if segment.start else found)
        return parts[1] if len(parts) == 2 else np.concatenate(parts)

    def _frequency(self, term: str, without: frozenset[SectionKind]) -> int:
        """In how many of the searched passages a term stands."""
        return int(np.count_nonzero(self.mask(None, without)[self.postings(term)[:, 0]]))

    def _lengths(self, without: frozenset[SectionKind]) -> tuple[int, int, int]:
        """How many passages are searched, and how many terms their texts and their contexts have together."""
        searched = self.mask(None, without)
        in_texts, in_contexts = (
            int(terms.sum(where=searched, dtype=np.int64)) for terms in (self.text_terms, self.context_terms)
        )
        return int(np.count_nonzero(searched)), in_texts, in_contexts

    def words(self, letter: str, shortest: int, longest: int) -> dict[str, str]:
        """The words of some length that begin with a letter, each with its term; of removed documents too."""
        found: dict[str, str] = {}
        for segment in self._segments:
            found.update(segment.store.words(letter, shortest, longest))
        return found

    def aliases(self) -> list[Alias]:
        """The names that documents spell out, each once, in their order."""
        live = set(self._where.values())
        return sorted({a for s in self._segments for number, a in s.store.aliases() if (s, number) in live})

    def _parts(self, rows: Rows) -> Iterator[tuple[_Segment, Mask]]:
        for segment in self._segments:
            inside = segment.inside(rows)
            if inside.any():
                yield segment, inside

    def _mask(self, allowed: frozenset[str] | None, without: frozenset[SectionKind]) -> Mask:
        """Which rows are to be searched, (rows,): not removed, of an allowed document (None: all), of no kind left out.

        The last few are kept; they are not to be changed.
        """
        searched = np.zeros(len(self._numbers) + 1, dtype=np.bool_)  # the last is that of number -1
        if allowed is None:
            searched[:-1] = True
        else:
            searched[[self._numbers[id] for id in allowed if id in self._numbers]] = True
        mask: Mask = searched[self._document]
        for kind in without:
            mask &= self._kinds != kind.encode()
        return mask

    def _load_document(self, id: str) -> Document:
        """The document with an id, as its collection has it; KeyError if there is none. The last few are kept."""
        segment, number = self._where[id]
        return segment.store.document(number)


def _joined(arrays: Sequence[NDArray[Any]], kind: np.dtype[Any]) -> NDArray[Any]:
    """One array of all; of one only it is that, not a copy."""
    return arrays[0] if len(arrays) == 1 else np.concatenate([np.zeros(0, dtype=kind), *arrays])


def _sized(folder: Path, file: FileEntry) -> Path:
    path = folder / file.name
    try:
        size = path.stat().st_size
    except OSError as error:
        raise damaged(folder, f"its file {file.name} is missing") from error
    if size != file.bytes:
        raise damaged(folder, f"its file {file.name} has {size} bytes, not {file.bytes}")
    return path


def damaged(folder: Path, what: str) -> IndexDamaged:
    """The error of an index whose files are not what its manifest says."""
    return IndexDamaged(f"{folder}: the index is damaged, {what}; run qa index --rebuild --index {folder}")
