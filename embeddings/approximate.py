"""Lists beside the vectors of a large segment: they tell which few hundred rows are worth scoring exactly."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import faiss
import numpy as np
from numpy.typing import NDArray

from embeddings.errors import IndexDamaged

Vector = NDArray[np.float32]
Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]
Building = Callable[[str, int, int], None]  # what is being done, vectors done, vectors in all

NOISE = 1e-5  # how far sums of floats in another order may differ for unit vectors
CANDIDATES = 200  # rows given back at least: among so many the exact ten best are, though 8 bits rank them otherwise
BEST = 10  # recall is of so many
_BLOCK = 16_384  # vectors read at a time, 25 MB of 384 dimensions
_SEED = 20_260


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSettings:
    """How a segment's vectors are searched; it acts where a segment is written.

    A segment of up to `exact_up_to` passages is searched exactly: 20,000 take 4 ms, and below that lists save little.
    A larger one gets lists, of which as few are read as find the share `recall` of the exact ten best, measured on
    `sample` made-up questions (a standard error of .002): the last percent takes as long as all before. `points`
    vectors for each list and `rounds` of k-means train them: one to three minutes for a million vectors on two cores.
    """

    exact_up_to: int = 20_000
    recall: float = 0.985
    sample: int = 500
    points: int = 32
    rounds: int = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Lists that were written: their kind in the words of faiss, how many of them are read for a question (`depth`).

    `recall` is the share of the exact ten best that is found so, measured on `sample` questions.
    """

    kind: str
    depth: int
    recall: float
    sample: int


class Source(Protocol):
    """Where the exact vectors are read from."""

    @property
    def shape(self) -> tuple[int, int]:
        """Vectors and dimension."""

    def take(self, rows: Rows) -> Vector:
        """The vectors of some rows."""


def write_lists(path: Path, vectors: Source, settings: SearchSettings, building: Building | None = None) -> Measured:
    """Sort all vectors into lists, write them, and measure how many have to be read. Raises OSError.

    Lists (IVF) as in Sivic and Zisserman, Video Google (2003); a vector in one is its difference from the list's
    centre, 8 bits a dimension.
    """
    total, dimension = vectors.shape
    tell = building or (lambda what, done, of: None)
    lists = 1 << round(math.log2(4 * math.sqrt(total)))  # the usual 4 sqrt(n): as many centres as vectors are read
    kind = f"IVF{lists},SQ8"
    index: Any = faiss.index_factory(dimension, kind, faiss.METRIC_INNER_PRODUCT)
    index.cp.niter, index.cp.seed = settings.rounds, _SEED
    index.cp.min_points_per_centroid, index.cp.max_points_per_centroid = 1, settings.points
    chance = np.random.default_rng(_SEED)
    trained_on = np.sort(chance.choice(total, min(total, settings.points * lists), replace=False))
    tell("Training", 0, total)
    index.train(vectors.take(trained_on))
    for start in range(0, total, _BLOCK):
        tell("Sorting vectors", start, total)
        index.add(vectors.take(np.arange(start, min(start + _BLOCK, total))))
    try:
        faiss.write_index(index, str(path))
    except RuntimeError as error:
        raise OSError(f"{path}: {error}") from error
    tell("Measuring", 0, total)
    depth, recall, asked = _depth(index, vectors, settings, chance)
    return Measured(kind=kind, depth=depth, recall=recall, sample=asked)


def _depth(
    index: Any, vectors: Source, settings: SearchSettings, chance: np.random.Generator
) -> tuple[int, float, int]:
    """The least number of lists that reaches the recall, that recall, and on how many questions it was measured."""
    questions = _questions(vectors, settings.sample, chance)
    best = _exact(vectors, questions)

    @cache
    def recall(depth: int) -> float:
        found = index.search(questions, CANDIDATES, params=_parameters(depth))[1]
        return float(np.mean([np.isin(one, other).mean() for one, other in zip(best, found, strict=True)]))

    depths = _depths(index.nlist)
    # the more lists, the higher the recall; the last is taken where none is enough
    depth = depths[bisect_left(depths[:-1], settings.recall, key=recall)]
    return depth, round(recall(depth), 4), len(questions)


def _depths(lists: int) -> list[int]:
    """1 to 16, from there on in steps of an eighth to a sixteenth, and all."""
    steps = (eighths << power >> 3 for power in range(3, lists.bit_length()) for eighths in range(8, 16))
    return [*range(1, 8), *(depth for depth in steps if depth < lists), lists]


def _questions(vectors: Source, count: int, chance: np.random.Generator) -> Vector:
    """Vectors to ask for, somewhat farther from the passages than real questions are.

    A passage asked for is found in the first list, and says nothing: each vector is the sum of two passages and twice
    as much noise as one. With real questions over 100,000 vectors, reading 1, 4, 16, 64 and 256 of 1024 lists had a
    recall of .50, .76, .90, .97 and .997; with these .41, .69, .86, .95 and .99; with passages .96 to 1.
    """
    total, dimension = vectors.shape
    one, other = (vectors.take(chance.integers(0, total, count)) for _ in range(2))
    noise = chance.standard_normal((count, dimension), dtype=np.float32) / math.sqrt(dimension)
    mixed = one + other + 2 * noise
    asked: Vector = (mixed / np.linalg.norm(mixed, axis=1, keepdims=True)).astype(np.float32)
    return asked


def _exact(vectors: Source, questions: Vector) -> Rows:
    """The rows of the exact best for each question, (questions, BEST), read block by block."""
    scores = np.zeros((len(questions), 0), dtype=np.float32)
    rows = np.zeros((len(questions), 0), dtype=np.int64)
    total = vectors.shape[0]
    for start in range(0, total, _BLOCK):
        block = np.arange(start, min(start + _BLOCK, total))
        scores = np.concatenate([scores, questions @ vectors.take(block).T], axis=1)
        rows = np.concatenate([rows, np.broadcast_to(block, (len(questions), len(block)))], axis=1)
        best = np.argpartition(-scores, min(BEST, scores.shape[1]) - 1, axis=1)[:, :BEST]
        scores, rows = np.take_along_axis(scores, best, axis=1), np.take_along_axis(rows, best, axis=1)
    return rows


class Lists:
    """The lists of one segment, mapped: a question reads pages of a few of them."""

    def __init__(self, path: Path, depth: int) -> None:
        try:
            self._index = _mapped(path)
            self._depth, self._lists = depth, int(self._index.nlist)
        except (RuntimeError, AttributeError) as error:
            raise IndexDamaged(
                f"{path}: is not a sound file of lists; run qa index --rebuild --index {path.parent}"
            ) from error

    @property
    def shape(self) -> tuple[int, int]:
        """Vectors and dimension."""
        return int(self._index.ntotal), int(self._index.d)

    def nearest(self, vector: Vector, wanted: int, mask: Mask, allowed: int) -> Rows:
        """`wanted` rows of the `allowed` ones in `mask`, (n,), or all of them, that seem nearest to a vector.

        The fewer are allowed, the more lists are read, so that as many vectors are compared. If that does not give as
        many as are wanted, what is allowed lies elsewhere, and all lists are read; if nearly all is, more of them.
        """
        depth, wanted = min(math.ceil(self._depth * len(mask) / allowed), self._lists), min(wanted, allowed)
        while True:
            parameters = _parameters(depth, None if allowed == len(mask) else mask)
            rows: Rows = self._index.search(vector[None, :], wanted, params=parameters)[1][0]
            if rows[-1] >= 0 or depth == self._lists:
                return rows[rows >= 0]
            depth = min(4 * depth, self._lists) if allowed > 0.9 * len(mask) else self._lists


def _mapped(path: Path) -> Any:
    return faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)


def _parameters(depth: int, mask: Mask | None = None) -> Any:
    selector = None if mask is None else faiss.IDSelectorBitmap(np.packbits(mask, bitorder="little"))  # type: ignore
    return faiss.SearchParametersIVF(sel=selector, nprobe=depth)  # type: ignore[call-arg]
