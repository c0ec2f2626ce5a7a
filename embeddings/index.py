"""Indexes on disk, searched as one: documents, passages, vectors and keywords, opened without loading them."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from fnmatch import fnmatchcase
from functools import cached_property
from glob import escape
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.aliases import Alias
from embeddings.approximate import Rows, SearchSettings, Vector
from embeddings.document import Document, SectionKind
from embeddings.encode import Encoder
from embeddings.errors import IndexDamaged, UserError
from embeddings.keyword_search import KeywordSearch, Terms
from embeddings.keywords import KeywordSettings
from embeddings.manifest import DocumentEntry, EncoderEntry, Manifest, commit, writing
from embeddings.parts import Part, encoder_entry, joined, require_encoder, signature_of
from embeddings.passage import Passage, SplitSettings
from embeddings.segment import prepare, write_segments
from embeddings.table import PassageTable, damaged

UNSEARCHED: frozenset[SectionKind] = frozenset({"references"})  # found only by those who ask for them

Allowed = frozenset[str] | None  # ids of the documents to search; None: all

_ESCAPED = re.compile(r"\[([*?[])]")


class Index:
    """The index in a folder, or those in several as one, as it was when opened; may be used by several threads.

    Scores are of passages: inner products of unit vectors (-1 to 1) and BM25 (0 or more, 0: no term stands in it).
    Results are {passage id: score}, best first, ties by document and place, and do not depend on the steps in which the
    index was built, nor on the folders it is spread over. `allowed` and `without` (kinds of section) restrict before
    ranking; BM25 counts terms in all passages of the searched kinds. Any method may raise IndexDamaged.

    All of this is exact but for one thing: in a large segment, `dense` looks only where its lists point to. What it
    finds has its exact score and is the same each time, but of the best some may be missing, as many as the recall in
    the segment's entry leaves; which those are depends on the steps, and of equal ones any may be missing.
    """

    def __init__(self, folders: Mapping[str, Path], encoder: EncoderEntry | None, keywords: KeywordSettings) -> None:
        self._encoder = encoder
        self._settings = keywords
        self.parts = tuple(Part.read(name, path) for name, path in folders.items())
        for part in self.parts:
            if encoder is not None:
                require_encoder(part.path, part.manifest, encoder)
        self.manifest = joined(self.parts)
        self._table = PassageTable(self.parts)
        self._keywords = KeywordSearch(self._table, keywords)

    @classmethod
    def open(cls, path: Path, *, encoder: Encoder | None = None, keywords: KeywordSettings | None = None) -> Index:
        """Open the index in a folder, to be searched with vectors of `encoder` (None: without vectors).

        Raises IndexMissing, IndexDamaged (a file is missing or has another size) or IndexIncompatible (another format
        or encoder).
        """
        return cls.open_together({"": path}, encoder=encoder, keywords=keywords)

    @classmethod
    def open_together(
        cls, folders: Mapping[str, Path], *, encoder: Encoder | None = None, keywords: KeywordSettings | None = None
    ) -> Index:
        """Open the indexes in some folders, by the names of their collections, and search them as one.

        Documents of the collection `reports` have the ids `reports:ID` here, and passages name them so; one collection
        may have no name (""), and its documents keep their ids. Raises as `open` does, and IndexIncompatible, too, if
        they were not made with one encoder and one split.
        """
        entry = encoder_entry(encoder) if encoder else None
        return cls._reopened(folders, entry, keywords or KeywordSettings())

    @classmethod
    def _reopened(cls, folders: Mapping[str, Path], encoder: EncoderEntry | None, keywords: KeywordSettings) -> Index:
        while True:
            before = [signature_of(path) for path in folders.values()]
            try:
                return cls(folders, encoder, keywords)
            except IndexDamaged:
                if [signature_of(path) for path in folders.values()] == before:
                    raise  # else a writer put in a new manifest meanwhile

    @classmethod
    def build(
        cls,
        path: Path,
        documents: Iterable[Document],
        *,
        encoder: Encoder,
        split: SplitSettings | None = None,
        keywords: KeywordSettings | None = None,
        search: SearchSettings | None = None,
    ) -> Index:
        """Make an index of documents that have no files, in place of whatever index is there. Raises UserError."""
        split = split or SplitSettings()
        with writing(path):
            prepared = prepare(
                (("", document) for document in documents),
                encoder=encoder,
                settings=split,
                next_passage_id=0,
                encoded=lambda document: {},
            )
            written = write_segments(path, prepared, dimension=encoder.dimension, next_passage_id=0, search=search)
            manifest = Manifest(
                encoder=encoder_entry(encoder),
                split=asdict(split),
                sources=(),
                documents=dict(sorted(written.documents.items())),
                segments=written.segments,
                next_passage_id=written.next_passage_id,
            )
            commit(path, manifest)
        return cls.open(path, encoder=encoder, keywords=keywords)

    def refreshed(self) -> Index:
        """This index, or, if the one on disk has changed, that one. Raises as `open` does."""
        if all(signature_of(part.path) == part.signature for part in self.parts):
            return self
        return self._reopened({part.name: part.path for part in self.parts}, self._encoder, self._settings)

    def verify(self) -> None:
        """Read every file and compare it with its SHA-256; raises IndexDamaged, naming all that differ in a folder."""
        for part in self.parts:
            wrong = []
            for entry in part.manifest.files:
                with (part.path / entry.name).open("rb") as file:
                    if hashlib.file_digest(file, "sha256").hexdigest() != entry.sha256:
                        wrong.append(entry.name)
            if wrong:
                raise damaged(part.path, f"{', '.join(wrong)} changed since written")

    # documents and passages

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of what decides answers; computed once, since every reply names it."""
        return self.manifest.digest

    @property
    def documents(self) -> list[DocumentEntry]:
        """All documents, by id."""
        return list(self.manifest.documents.values())

    def matching(self, globs: Iterable[str]) -> frozenset[str]:
        """Ids of the documents that match any of the globs (`*` goes over `/` too).

        A glob is held against the id in its collection, too: `a.txt` is the a.txt of every one, `reports:a.txt` one's.
        What names a document whole, as `globs_of` does, matches no other. Raises UserError, naming the nearest ids, if
        one of them matches nothing.
        """
        found: set[str] = set()
        for glob in globs:
            ids = self._named(glob) or {
                part.prefix + id
                for part in self.parts
                for id in part.manifest.documents
                for named in (id, f"{part.cited_as}:{id}")
                if named == glob or fnmatchcase(named, glob)
            }
            if not ids:
                raise self._unknown(glob)
            found |= ids
        return frozenset(found)

    def globs_of(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Globs that match the documents with these ids and no others. Raises UserError as `document` does."""
        return tuple(escape(":".join(self.place_of(id))) for id in ids)

    def _named(self, glob: str) -> set[str]:
        name = _ESCAPED.sub(r"\1", glob)
        split = ((part, name.removeprefix(f"{part.cited_as}:")) for part in self.parts if escape(name) == glob)
        return {part.prefix + id for part, id in split if id != name and id in part.manifest.documents}

    def document(self, id: str) -> Document:
        """The document with an id, as it is in its collection. Raises UserError, naming the nearest ids, if none is."""
        if id not in self.manifest.documents:
            raise self._unknown(id)
        return self._table.document(id)

    def place_of(self, id: str) -> tuple[str, str]:
        """The collection that a document is of and its id there, both as citations have them.

        Raises UserError as `document` does.
        """
        for part in self.parts:
            if id.startswith(part.prefix) and (plain := id.removeprefix(part.prefix)) in part.manifest.documents:
                return part.cited_as, plain
        raise self._unknown(id)

    def cited(self, collection: str, document: str) -> Document:
        """The document that a citation names by collection and id there. Raises UserError as `document` does."""
        for part in self.parts:
            if part.cited_as == collection:
                return self.document(part.prefix + document)
        raise UserError(
            f"{collection}: no such collection is open; there are {', '.join(part.cited_as for part in self.parts)}"
        )

    def passage(self, id: int) -> Passage:
        """The passage with an id. Raises KeyError if there is none."""
        return self.passages([id])[0]

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """The passages with some ids, in the order asked for. Raises KeyError for one that is not in the index."""
        return self._table.passages(ids)

    def passages_of(self, document_id: str) -> list[Passage]:
        """All passages of a document, in order of its text. Raises UserError as `document` does."""
        return self.passages(self.passage_ids(document_id))

    def passage_ids(self, document_id: str) -> list[int]:
        """Their ids."""
        if document_id not in self.manifest.documents:
            raise self._unknown(document_id)
        ids: list[int] = self._table.ids[self._table.rows_of(document_id)].tolist()
        return ids

    def vectors(self, ids: Sequence[int]) -> Vector:
        """The vectors of some passages, (len(ids), dimension). Raises KeyError as `passages` does."""
        return self._table.vectors(self._table.find(ids))

    # search

    def dense(
        self, vector: Vector, k: int, allowed: Allowed = None, without: frozenset[SectionKind] = UNSEARCHED
    ) -> dict[int, float]:
        """The `k` passages whose vectors have the largest inner product with `vector`, (dimension,)."""
        rows = self._table.nearest(vector, k, self._table.mask(allowed, without))
        return self._best(rows, self._inner(vector, rows), k)

    def dense_scores(self, vector: Vector, ids: Sequence[int]) -> dict[int, float]:
        """The same scores of given passages, in the order given."""
        return dict(zip(ids, self._inner(vector, self._table.find(ids)).tolist(), strict=True))

    def keyword(
        self, terms: Terms, k: int, allowed: Allowed = None, without: frozenset[SectionKind] = UNSEARCHED
    ) -> dict[int, float]:
        """The `k` passages with the highest BM25 score for `terms`; only those in which one of them stands."""
        rows, scores = self._keywords.holding(terms, without)
        kept = self._table.mask(allowed, without)[rows]
        return self._best(rows[kept], scores[kept], k)

    def keyword_scores(
        self, terms: Terms, ids: Sequence[int], without: frozenset[SectionKind] = UNSEARCHED
    ) -> dict[int, float]:
        """The same scores of given passages, in the order given."""
        scores = self._keywords.scores(terms, self._table.find(ids), without)
        return dict(zip(ids, scores.tolist(), strict=True))

    def rarity(self, terms: Iterable[str], without: frozenset[SectionKind] = UNSEARCHED) -> dict[str, float]:
        """The inverse document frequency of each term, highest for terms that stand nowhere."""
        return {term: self._keywords.rarity(term, without) for term in terms}

    def frequency(self, terms: Iterable[str], without: frozenset[SectionKind] = UNSEARCHED) -> dict[str, int]:
        """In how many of the searched passages each term stands."""
        return {term: self._table.frequency(term, without) for term in terms}

    # words and names

    def words(self, letter: str, shortest: int, longest: int) -> dict[str, str]:
        """The words of `shortest` to `longest` characters that begin with a letter, each with its term.

        Words are as `keywords.words` gives them; a word of removed documents only may be among them.
        """
        return self._table.words(letter, shortest, longest)

    def aliases(self) -> list[Alias]:
        """The short forms that documents spell out, each once."""
        return self._table.aliases()

    def _inner(self, vector: Vector, rows: Rows) -> NDArray[np.float64]:
        # row by row in one order of summing, so that equal vectors have equal scores wherever they stand
        products = self._table.vectors(rows).astype(np.float64) * vector.astype(np.float64)
        scores: NDArray[np.float64] = products.sum(axis=1)
        return scores

    def _best(self, rows: Rows, scores: NDArray[np.float64], k: int) -> dict[int, float]:
        if len(rows) > k > 0:
            kept = scores >= np.partition(scores, -k)[-k]
            rows, scores = rows[kept], scores[kept]
        order = np.lexsort((*self._table.place(rows), -scores))[: max(k, 0)]
        return dict(zip(self._table.ids[rows[order]].tolist(), scores[order].tolist(), strict=True))

    def _unknown(self, id: str) -> UserError:
        near = difflib.get_close_matches(id, self.manifest.documents, n=3, cutoff=0.3)
        nearest = f"; nearest are {', '.join(near)}" if near else ""
        places = ", ".join(str(part.path) for part in self.parts)
        return UserError(f"{id}: no such document in {places}{nearest}; qa documents lists them all")
