"""Vectors of one segment on disk, searched by inner product; the only door to faiss."""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from embeddings.errors import IndexDamaged

Vector = NDArray[np.float32]
Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]

_NOISE = 1e-5  # how far sums of floats in another order may differ for unit vectors


def write_vectors(path: Path, vectors: Vector) -> None:
    """Write `vectors`, (n, dimension), as a flat faiss index. Raises OSError."""
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    try:
        faiss.write_index(index, str(path))
    except RuntimeError as error:
        raise OSError(f"{path}: {error}") from error


class Vectors:
    """The vectors of one segment; the file is mapped, pages are read as they are needed."""

    def __init__(self, path: Path) -> None:
        try:
            self._index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:
            raise IndexDamaged(
                f"{path}: is not a sound file of vectors; run qa index --rebuild --index {path.parent}"
            ) from error

    @property
    def shape(self) -> tuple[int, int]:
        """Vectors and dimension."""
        return int(self._index.ntotal), int(self._index.d)

    def take(self, rows: Rows) -> Vector:
        """The vectors of some rows, (len(rows), dimension)."""
        if not len(rows):
            return np.zeros((0, self._index.d), dtype=np.float32)
        found: Vector = self._index.reconstruct_batch(rows)
        return found

    def nearest(self, vector: Vector, k: int, mask: Mask) -> Rows:
        """Rows that hold the `k` best of those in `mask`, (n,), and every row that ties with the last of them."""
        bits = np.packbits(mask, bitorder="little")
        parameters = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))  # type: ignore[call-arg, arg-type]
        total = int(mask.sum())
        asked = k + 8  # mostly enough to see that no tie was cut
        while True:
            asked = min(asked, total)
            if asked <= 0:
                return np.zeros(0, dtype=np.int64)
            scores, rows = self._index.search(vector[None, :], asked, params=parameters)
            if asked == total or scores[0, -1] < scores[0, k - 1] - _NOISE:
                found: Rows = rows[0][rows[0] >= 0]
                return found
            asked *= 2
