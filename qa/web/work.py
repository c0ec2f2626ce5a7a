"""Long work of a window: in a thread of its own, told how far it is and stopped when asked, with files of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Generic, TypeVar

from gradio.utils import get_upload_folder

LOOK = 0.4  # seconds between two looks at how far the work is: smooth to the eye, nothing to the server
Result = TypeVar("Result")


class Work(Generic[Result]):
    """Something done to `total` questions, one after another.

    `do` is called with the work itself: it tells it how many are done, asks it whether to stop, and leaves files in its
    `folder`. The folder goes when the work is closed, and with the process at the latest.
    """

    def __init__(self, total: int, do: Callable[[Work[Result]], Result]) -> None:
        self.total = total
        self.done = 0
        self.result: Result | None = None
        self._do = do
        self._began = time.monotonic()
        self._stop = Event()
        self._ended = Event()
        self._thread: Thread | None = None
        self._error: BaseException | None = None
        # gradio serves what lies in its own folder, and would copy there, and keep, what lies elsewhere
        Path(get_upload_folder()).mkdir(parents=True, exist_ok=True)
        self._files = TemporaryDirectory(prefix="qa-work-", dir=get_upload_folder(), ignore_cleanup_errors=True)

    @property
    def folder(self) -> Path:
        """Where its files lie, and nothing else."""
        return Path(self._files.name)

    @property
    def seconds_left(self) -> float | None:
        """How long the rest takes if it goes on as so far; None while nothing is known."""
        return (time.monotonic() - self._began) / self.done * (self.total - self.done) if self.done else None

    def tell(self, done: int) -> None:
        """Note how many questions are done."""
        self.done = done

    def stop(self) -> None:
        """Ask it to stop after the question under way."""
        self._stop.set()

    def stopping(self) -> bool:
        """Whether it was asked to stop."""
        return self._stop.is_set()

    def running(self) -> bool:
        """Whether it has begun and not ended."""
        return self._thread is not None and not self._ended.is_set()

    def follow(self) -> Iterator[None]:
        """Do the work, giving a turn whenever it is time to look how far it is; nobody following, it stops.

        Raises what the work raised.
        """
        self._began = time.monotonic()
        self._thread = Thread(target=self._run, name="long work of the page", daemon=True)
        self._thread.start()
        try:
            while not self._ended.wait(LOOK):
                yield
        finally:
            self.stop()
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """Stop, and take the folder away once nothing is written there any more; returns at once."""
        self.stop()
        if self.running():
            Thread(target=self._clear, daemon=True).start()
        else:
            self._files.cleanup()

    def _run(self) -> None:
        try:
            self.result = self._do(self)
        except BaseException as error:  # it is raised again where the work is followed
            self._error = error
        finally:
            self._ended.set()

    def _clear(self) -> None:
        self._ended.wait()
        self._files.cleanup()
