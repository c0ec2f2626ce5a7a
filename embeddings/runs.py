"""Sorted runs of postings on disk, and bringing them together: an external merge sort."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import groupby
from operator import itemgetter
from pathlib import Path

Run = Iterable[tuple[str, bytes]]  # terms, ascending, each with its postings

_SIZES = struct.Struct("<IQ")  # bytes of a term and of its postings


def write_run(path: Path, run: Run) -> None:
    """Write a run to be read once. Raises OSError."""
    with path.open("wb") as file:
        for term, postings in run:
            name = term.encode()
            file.write(_SIZES.pack(len(name), len(postings)))
            file.write(name)
            file.write(postings)


def read_run(path: Path) -> Iterator[tuple[str, bytes]]:
    """The run in a file, of which one term is in memory at a time. Raises OSError."""
    with path.open("rb") as file:
        while sizes := file.read(_SIZES.size):
            name, postings = _SIZES.unpack(sizes)
            yield file.read(name).decode(), file.read(postings)


def joined(runs: Iterable[Run]) -> Iterator[tuple[str, bytes]]:
    """All runs as one: the postings of a term stand in the order of the runs."""
    for term, found in groupby(merge(*runs, key=itemgetter(0)), key=itemgetter(0)):
        yield term, b"".join(postings for _, postings in found)
