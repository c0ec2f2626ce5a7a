"""Vectors of one segment on disk, searched by inner product: all of them, or those that its lists point to."""

from __future__ import annotations

import mmap
import struct
from pathlib import Path

import faiss
import numpy as np

from embeddings.approximate import CANDIDATES, NOISE, Lists, Mask, Rows, Vector
from embeddings.errors import IndexDamaged

EXACT_ROWS = 1_000  # allowed rows that are all scored rather than looked for in lists: reading them takes 2 ms
# Of a larger file no pages stay mapped: a fault maps what lies around a vector, too, half a megabyte, so that a few
# thousand would count as all of it. Giving back takes 0.2 ms, reading 200 vectors 0.6 ms (by read calls 2 ms).
KEPT_BYTES = 64_000_000
PIECE = 512  # vectors read before pages are given back


class VectorsWriter:
    """Writes vectors as a flat faiss index while they come, none of them kept. All methods raise OSError."""

    def __init__(self, path: Path, dimension: int) -> None:
        self._path, self._dimension, self._count = path, dimension, 0
        self._file = path.open("wb")
        self._file.write(_header(0, dimension))

    def add(self, vectors: Vector) -> None:
        """Add vectors, (n, dimension)."""
        self._file.write(np.ascontiguousarray(vectors, dtype="<f4").data)
        self._count += len(vectors)

    def finish(self) -> None:
        """Say how many there are, and close."""
        self._file.seek(0)
        self._file.write(_header(self._count, self._dimension))
        self._file.close()
        if Vectors(self._path).shape != (self._count, self._dimension):
            raise OSError(f"{self._path}: faiss does not read what was written for it")


def _header(count: int, dimension: int) -> bytes:
    """What faiss writes before the vectors of a flat index: their number stands behind 8 bytes, their floats last."""
    empty: bytes = faiss.serialize_index(faiss.IndexFlatIP(dimension)).tobytes()
    return empty[:8] + struct.pack("<q", count) + empty[16:-8] + struct.pack("<q", count * dimension)


class Vectors:
    """The vectors of one segment; the file is mapped, of which only what is needed is read.

    May be used by several threads. Opening raises IndexDamaged.
    """

    def __init__(self, path: Path, lists: Lists | None = None) -> None:
        self._lists = lists
        try:
            self._index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:
            raise _damaged(path, "is not a sound file of vectors") from error
        count, dimension = self.shape
        size = path.stat().st_size
        if size < 4 * count * dimension or (lists and lists.shape != self.shape):
            raise _damaged(path, "has other vectors than it says")
        with path.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        floats = np.frombuffer(self._map, dtype=np.uint8, offset=size - 4 * count * dimension)
        self._rows = floats.reshape(count, 4 * dimension)  # as bytes: they begin at no multiple of 4

    @property
    def shape(self) -> tuple[int, int]:
        """Vectors and dimension."""
        return int(self._index.ntotal), int(self._index.d)

    def take(self, rows: Rows) -> Vector:
        """The vectors of some rows, (len(rows), dimension)."""
        found = np.empty((len(rows), self.shape[1]), dtype="<f4")
        for start in range(0, len(rows), PIECE):
            found[start : start + PIECE] = self._rows[rows[start : start + PIECE]].view("<f4")
            if self._rows.nbytes > KEPT_BYTES and hasattr(self._map, "madvise"):
                self._map.madvise(mmap.MADV_DONTNEED)  # the system still has the pages, and the next fault maps them
        return found

    def nearest(self, vector: Vector, k: int, mask: Mask) -> Rows:
        """Rows among which the `k` best of those in `mask`, (n,), are; to be scored by who asks.

        Without lists that is certain, and every row that ties with the last of them is among them, too. With lists it
        holds as often as their recall says.
        """
        total = int(np.count_nonzero(mask))
        if self._lists is None:
            return self._exact(vector, k, mask, total)
        if total <= max(EXACT_ROWS, k):
            return np.flatnonzero(mask) if k > 0 else np.zeros(0, dtype=np.int64)
        return self._lists.nearest(vector, max(CANDIDATES, 2 * k), mask, total)

    def _exact(self, vector: Vector, k: int, mask: Mask, total: int) -> Rows:
        bits = np.packbits(mask, bitorder="little")
        parameters = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))  # type: ignore[call-arg, arg-type]
        asked = k + 8  # mostly enough to see that no tie was cut
        while True:
            asked = min(asked, total)
            if asked <= 0:
                return np.zeros(0, dtype=np.int64)
            scores, rows = self._index.search(vector[None, :], asked, params=parameters)
            if asked == total or scores[0, -1] < scores[0, k - 1] - NOISE:
                found: Rows = rows[0][rows[0] >= 0]
                return found
            asked *= 2


def _damaged(path: Path, what: str) -> IndexDamaged:
    return IndexDamaged(f"{path}: {what}; run qa index --rebuild --index {path.parent}")
