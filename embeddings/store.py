"""Documents, passages, keyword postings and names of one segment, in one SQLite file that is written once."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import weakref
import zlib
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.aliases import Alias, mine
from embeddings.document import Document, Note, Section
from embeddings.errors import IndexDamaged
from embeddings.keywords import stemmed, words
from embeddings.mapped import Run, SourceMap
from embeddings.passage import Passage
from embeddings.runs import joined, read_run, write_run

# what ranking needs to know of every passage, in row order; the row is also the row of its vector
ROW = np.dtype(
    [
        ("id", "<i8"),
        ("document", "<i4"),  # its document's number in the segment
        ("start", "<i8"),
        ("kind", "S12"),
        ("text_terms", "<i4"),
        ("context_terms", "<i4"),
    ]
)
Postings = NDArray[np.uint32]  # (n, 3): row, occurrences in the text, occurrences in the context

_SCHEMA = """
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    CREATE TABLE documents (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, data BLOB NOT NULL);
    CREATE TABLE passages (
        id INTEGER PRIMARY KEY, document INTEGER NOT NULL, heading TEXT NOT NULL, kind TEXT NOT NULL,
        start INTEGER NOT NULL, text TEXT NOT NULL, context TEXT NOT NULL
    );
    CREATE TABLE terms (term TEXT PRIMARY KEY, postings BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE words (word TEXT PRIMARY KEY, term TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE aliases (document INTEGER NOT NULL, short TEXT NOT NULL, long TEXT NOT NULL);
    CREATE TABLE columns (name TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID;
"""


SPILLED = 8_000_000  # postings kept before they are written aside: 100 MB


class StoreWriter:
    """Writes a store, document by document. All methods raise OSError when the disk does not take it.

    Postings are put aside in sorted runs when there are many, and brought together at the end (an external merge sort),
    so that memory holds 40 bytes for each passage, and no more than so many postings.

    Postings are one blob a term rather than rows or FTS5: reading those of a question takes 0.06 ms, with FTS5's
    vocabulary table 15 ms (5,000 passages of 130 words, 8 terms).
    """

    def __init__(self, path: Path, spilled: int = SPILLED) -> None:
        self._path, self._spilled = path, spilled
        path.unlink(missing_ok=True)  # of a write that was killed
        # no journal and no sync: a store that is not finished is never opened
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._rows: list[tuple[int, int, int, bytes, int, int]] = []
        self._packed = [np.zeros(0, dtype=ROW)]  # the rows before
        self._row = 0
        self._postings: dict[str, array[int]] = {}
        self._held = 0  # postings in memory
        self._runs: list[Path] = []
        self._words: dict[str, str] = {}
        self._documents = 0
        self._connection.executescript(_SCHEMA)
        self._connection.execute("BEGIN")

    def add(self, document: Document, passages: Sequence[Passage]) -> None:
        """Add a document and all its passages, whose ids are larger than all before."""
        number = self._documents
        self._documents += 1
        data = zlib.compress(json.dumps(_pack(document)).encode())
        self._write("INSERT INTO documents VALUES (?, ?, ?)", [(number, document.id, data)])
        self._write(
            "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(p.id, number, json.dumps(p.heading), p.kind, p.start, p.text, p.context) for p in passages],
        )
        named = ((number, alias.short, alias.long) for alias in mine(document.text))
        self._write("INSERT INTO aliases VALUES (?, ?, ?)", named)
        for passage in passages:
            in_text, in_context = self._terms(passage.text), self._terms(passage.context)
            found = {*in_text, *in_context}
            for term in found:
                self._postings.setdefault(term, array("I")).extend((self._row, in_text[term], in_context[term]))
            kind = passage.kind.encode()
            self._rows.append((passage.id, number, passage.start, kind, in_text.total(), in_context.total()))
            self._row += 1
            self._held += len(found)
        if self._held >= self._spilled:
            self._spill()

    def finish(self) -> None:
        """Write what spans the documents, and close."""
        self._pack_rows()
        runs = [read_run(path) for path in self._runs]
        self._write("INSERT INTO terms VALUES (?, ?)", joined([*runs, self._sorted()]))
        self._write_words()
        rows = np.concatenate(self._packed)
        columns = ((name, rows[name].tobytes()) for name in ROW.fields or ())
        self._write("INSERT INTO columns VALUES (?, ?)", columns)
        self._write("COMMIT", [()])
        self._connection.close()
        for path in self._runs:
            path.unlink()

    def _spill(self) -> None:
        path = self._path.with_name(f"{self._path.name}-run{len(self._runs)}")
        write_run(path, self._sorted())
        self._runs.append(path)
        self._postings, self._held = {}, 0
        self._write_words()
        self._pack_rows()

    def _sorted(self) -> Iterator[tuple[str, bytes]]:
        """The postings in memory, by terms."""
        for term, found in sorted(self._postings.items()):
            yield term, np.array(found, dtype="<u4").tobytes()

    def _write_words(self) -> None:
        self._write("INSERT OR IGNORE INTO words VALUES (?, ?)", sorted(self._words.items()))
        self._words = {}

    def _pack_rows(self) -> None:
        self._packed.append(np.array(self._rows, dtype=ROW))
        self._rows = []

    def _terms(self, text: str) -> Counter[str]:
        found = words(text)
        terms = stemmed(found)
        self._words.update(zip(found, terms, strict=True))
        return Counter(terms)

    def _write(self, statement: str, values: Iterable[tuple[Any, ...]]) -> None:
        try:
            if statement == "COMMIT":
                self._connection.execute(statement)
            else:
                self._connection.executemany(statement, values)
        except sqlite3.OperationalError as error:
            raise OSError(str(error)) from error


class Store:
    """A finished store, read on demand; may be used by several threads. All methods raise IndexDamaged."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # immutable: no locks and no look for a journal, so that a read-only folder serves too
        uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
        weakref.finalize(self, self._connection.close)
        self._read(f"PRAGMA mmap_size = {path.stat().st_size}")  # its pages are then the system's, not copies of them
        self._ids: dict[int, str] = dict(self._read("SELECT number, id FROM documents"))

    @property
    def documents(self) -> dict[int, str]:
        """Ids of all documents, the removed ones too, by their number in the store."""
        return self._ids

    def columns(self) -> dict[str, NDArray[Any]]:
        """The fields of ROW, each (passages,)."""
        if self._read("SELECT 1 FROM sqlite_master WHERE name = 'columns'"):
            data = dict(self._read("SELECT name, data FROM columns"))
            return {name: np.frombuffer(data[name], dtype=ROW[name]) for name in ROW.fields or ()}
        # an earlier version wrote whole rows, which take three times as long to open
        rows = np.frombuffer(self._read("SELECT data FROM rows")[0][0], dtype=ROW)
        return {name: rows[name] for name in ROW.fields or ()}

    def document(self, number: int) -> Document:
        """The document with a number."""
        data = self._read("SELECT data FROM documents WHERE number = ?", number)[0][0]
        try:
            return _unpack(json.loads(zlib.decompress(data)))
        except (zlib.error, ValueError) as error:
            raise self._damaged(error) from error

    def passages(self, ids: Iterable[int]) -> list[Passage]:
        """Those of the passages that stand in this store, in order of their ids."""
        found = self._read(
            "SELECT id, document, heading, kind, start, text, context FROM passages"
            " WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
            json.dumps(list(ids)),
        )
        return [
            Passage(
                id=id,
                document_id=self._ids[number],
                heading=tuple(json.loads(heading)),
                kind=kind,
                start=start,
                text=text,
                context=context,
            )
            for id, number, heading, kind, start, text, context in found
        ]

    def postings(self, term: str) -> Postings:
        """Where a term stands."""
        found = self._read("SELECT postings FROM terms WHERE term = ?", term)
        return np.frombuffer(found[0][0] if found else b"", dtype="<u4").reshape(-1, 3)

    def words(self, letter: str, shortest: int, longest: int) -> dict[str, str]:
        """The words of some length that begin with a letter, each with its term; of removed documents too."""
        return dict(
            self._read(
                "SELECT word, term FROM words WHERE word >= ? AND word < ? AND length(word) BETWEEN ? AND ?",
                letter,
                chr(ord(letter) + 1),
                shortest,
                longest,
            )
        )

    def aliases(self) -> list[tuple[int, Alias]]:
        """The names that documents spell out, each with its document's number; of removed documents too."""
        found = self._read("SELECT document, short, long FROM aliases")
        return [(number, Alias(short=short, long=long)) for number, short, long in found]

    def _read(self, statement: str, *values: object) -> list[Any]:
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> IndexDamaged:
        again = f"qa index --rebuild --index {self._path.parent}"
        return IndexDamaged(f"{self._path}: cannot be read ({error}); build the index again with {again}")


def document_digest(document: Document) -> str:
    """SHA-256 (hex) of all that a document says, wherever its file lies."""
    packed = _pack(document)
    packed["metadata"] = {key: value for key, value in packed["metadata"].items() if key != "path"}
    return hashlib.sha256(json.dumps(packed, sort_keys=True).encode()).hexdigest()


def _pack(document: Document) -> dict[str, Any]:
    source = document.source
    return {
        "id": document.id,
        "title": document.title,
        "text": document.text,
        "sections": [astuple(section) for section in document.sections],
        "sha256": document.sha256,
        "notes": [astuple(note) for note in document.notes],
        # differences are small numbers, which pack well
        "source": None if source is None else [_run_values(run) for run in source.runs],
        "line_starts": document.line_starts,
        "page_starts": document.page_starts,
        "metadata": dict(document.metadata),
    }


def _run_values(run: Run) -> tuple[int, int, int, int, bool]:
    return run.start, run.end - run.start, run.source_start, run.source_end - run.source_start, run.linear


def _unpack(packed: dict[str, Any]) -> Document:
    runs = packed["source"]
    return Document(
        id=packed["id"],
        title=packed["title"],
        text=packed["text"],
        sections=tuple(
            Section(heading=tuple(heading), start=start, end=end, kind=kind, subject=subject)
            for heading, start, end, kind, subject in packed["sections"]
        ),
        sha256=packed["sha256"],
        notes=tuple(Note(start=start, end=end, text=text) for start, end, text in packed["notes"]),
        source=None
        if runs is None
        else SourceMap(
            runs=tuple(
                Run(start=a, end=a + size, source_start=b, source_end=b + source_size, linear=linear)
                for a, size, b, source_size, linear in runs
            )
        ),
        line_starts=tuple(packed["line_starts"]),
        page_starts=tuple(packed["page_starts"]),
        metadata=packed["metadata"],
    )
