"""How much of a file a loader may take, and how long."""

from __future__ import annotations

import time
from dataclasses import dataclass

from embeddings.errors import UnreadableFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds of reading one file; a file that passes one of them is reported, not read in part.

    `max_bytes` is the size of the file, `max_unpacked_bytes` that of what is packed in it (DOCX, one PDF page),
    `max_pages` the pages of a PDF, `max_seconds` the time of parsing.
    """

    max_bytes: int = 50_000_000  # a scanned book passes; a disk image does not
    max_unpacked_bytes: int = 200_000_000  # text packs about 1:10; a bomb 1:1000
    max_pages: int = 5_000
    max_seconds: float = 60.0

    def start(self) -> Deadline:
        """The time limit, counted from now."""
        return Deadline(end=time.monotonic() + self.max_seconds, seconds=self.max_seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """When a loader must be done; parsers ask it between their steps."""

    end: float
    seconds: float

    def check(self) -> None:
        """Raise UnreadableFile when the time is over."""
        if time.monotonic() > self.end:
            raise UnreadableFile(
                f"takes longer than {self.seconds:g} seconds to read; split it, or save it as plain text"
            )
