"""How long the parts of an answerer take, measured from outside: each part is wrapped, and what it calls is its own."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from functools import wraps
from typing import Any


class Stopwatch:
    """Seconds by phase. A phase inside another one counts for itself only."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._running: list[str] = []
        self._since = clock()
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def timed(self, phase: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, its time counted for a phase."""

        @wraps(call)
        def measured(*args: Any, **kwargs: Any) -> Any:
            self._turn()
            self._running.append(phase)
            try:
                return call(*args, **kwargs)
            finally:
                self._turn()
                self._running.pop()

        return measured

    def _turn(self) -> None:
        """Count the time since the last turn for what ran in it."""
        now = self._clock()
        if self._running:
            self.seconds[self._running[-1]] += now - self._since
        self._since = now


class Watched:
    """An object some of whose methods are timed; else it is as it was.

    A retriever that gives way to another one, when the index on disk has changed, is followed.
    """

    def __init__(self, watched: Any, watch: Stopwatch, phases: dict[str, str]) -> None:
        self._watched = watched
        self._watch = watch
        self._phases = phases

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._watched, name)
        if name == "refreshed":
            return self._refreshed
        return self._watch.timed(self._phases[name], found) if name in self._phases else found

    def _refreshed(self) -> Watched:
        now = self._watched.refreshed()
        return self if now is self._watched else Watched(now, self._watch, self._phases)
