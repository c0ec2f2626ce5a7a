"""Where each side runs: its interpreter and module."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager

from benchmarks.speed.environments import python_of
from benchmarks.speed.material import CACHE, Corpus
from benchmarks.speed.protocol import Worker

# the environment ("": ours), the module and its arguments
SIDES = {
    "ours": ("", "ours", ()),
    "eager": ("", "eager", ()),
    "haystack": ("haystack", "haystack", ()),
    "txtai": ("txtai", "txtai", ()),
    "txtai_joined": ("txtai", "txtai", ("--joined",)),
    "everything": ("", "eager", ("--everything",)),
}


def open_side(name: str, corpus: Corpus, threads: int) -> Worker:
    """Start a side over a corpus; its environment is made if it is not there."""
    place, module, arguments = SIDES[name]
    python = python_of(place) if place else sys.executable
    command = [python, "-m", f"benchmarks.speed.sides.{module}", *arguments]
    return Worker(name, command, corpus.material, threads=threads, log=CACHE / "logs" / f"{corpus.name}-{name}.log")


@contextmanager
def opened(names: Sequence[str], corpus: Corpus, threads: int) -> Iterator[dict[str, Worker]]:
    """Sides over a corpus, one after the other started, all of them ended afterwards."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(closing(open_side(name, corpus, threads))) for name in names}


def threads_here() -> int:
    """How many processors this process may use; each side gets as many threads."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
