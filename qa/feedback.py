"""What people say of replies: verdicts, kept in a file of their own beside the index."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Literal, get_args

from filelock import FileLock, Timeout

from embeddings.document import Document
from embeddings.errors import BadInput, UserError
from qa.chat import Turn
from qa.cite import cite_stretch
from qa.render import json_line, to_dict
from qa.reply import Answer, Citation, Reply

SCHEMA = 1  # of a line of the file
PATIENCE = 10.0  # seconds that a verdict waits for another one to be written; writing takes milliseconds

Thumb = Literal["up", "down"]
Judgement = Literal["confirmed", "selected", "not in the documents"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a person said of a reply, and when (ISO 8601, UTC).

    `thumb` says how they liked it; `judgement` what is right: the answer shown ("confirmed"), what they marked in a
    document ("selected", then `selected` is its citation), or that the documents don't say. Either may be None, not
    both. `reply` and `selected` are in their JSON form. `history` is what had been said before.
    """

    time: str
    thumb: Thumb | None
    judgement: Judgement | None
    selected: Mapping[str, Any] | None
    history: tuple[Turn, ...]
    reply: Mapping[str, Any]

    @classmethod
    def of(
        cls,
        reply: Reply,
        *,
        thumb: Thumb | None = None,
        judgement: Judgement | None = None,
        selected: Citation | None = None,
        history: Sequence[Turn] = (),
        now: datetime | None = None,
    ) -> Verdict:
        """A verdict of now. Raises UserError for one that says nothing, or does not fit the reply."""
        if thumb is None and judgement is None:
            raise UserError("nothing was said of the reply: give a thumb, or say what is right")
        if judgement == "confirmed" and not isinstance(reply.outcome, Answer):
            raise UserError(
                "only an answer can be confirmed, and this is none; mark the answer in its document instead"
            )
        if (judgement == "selected") != (selected is not None):
            raise UserError("what is right has to be marked in a document; mark it there")
        return cls(
            time=(now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds"),
            thumb=thumb,
            judgement=judgement,
            selected=None if selected is None else json.loads(json.dumps(asdict(selected))),
            history=tuple(history),
            reply=to_dict(reply),
        )

    @property
    def cited(self) -> Mapping[str, Any] | None:
        """Where the right answer stands: what was selected, or the citation of what was confirmed; else None."""
        found = self.reply["citation"] if self.judgement == "confirmed" else self.selected
        return found if isinstance(found, dict) else None


def select(document: Document, start: int, end: int, *, collection: str = "") -> Citation:
    """The citation of what a person marked in a document, blanks around it left out.

    Raises UserError if nothing is marked, or something outside of the text.
    """
    if not 0 <= start <= end <= len(document.text):
        raise UserError(f"{document.id} has no characters {start} to {end}; open it again, it may have changed")
    marked = document.text[start:end]
    if not marked.strip():
        raise UserError("nothing is marked; mark the words that answer the question")
    start += len(marked) - len(marked.lstrip())
    section = document.section_at(start)
    return cite_stretch(
        document,
        start,
        start + len(marked.strip()),
        collection=collection,
        kind=section.kind if section else "prose",
        heading=section.heading if section else (),
    )


def feedback_file(index: Path) -> Path:
    """Where the verdicts on the replies from an index are kept: beside its folder, hidden, so that it isn't indexed."""
    index = index.resolve()
    return index.with_name(f".{index.name.lstrip('.')}.feedback.jsonl")


def keep(file: Path, verdict: Verdict) -> None:
    """Append a verdict, whole and on the disk when this returns; others may do so at the same time.

    What a write that was cut off left behind is cut off first. Raises UserError if the file cannot be written.
    """
    row = {"feedback": SCHEMA, "index": verdict.reply["index"], **asdict(verdict)}
    try:
        with FileLock(file.with_name(f"{file.name}.lock"), timeout=PATIENCE), _opened(file) as kept:
            if kept.seek(0, os.SEEK_END):
                kept.seek(-1, os.SEEK_END)
                if kept.read(1) != b"\n":
                    kept.seek(0)
                    kept.truncate(kept.read().rfind(b"\n") + 1)
            kept.write(f"{json_line(row)}\n".encode())
            kept.flush()
            os.fsync(kept.fileno())
    except Timeout as error:
        raise UserError(f"{file} is being written by another process; try again") from error
    except OSError as error:
        raise UserError(f"{file} cannot be written ({error.strerror}); see to its rights and the room there") from error


def read_verdicts(file: Path) -> list[Verdict]:
    """All verdicts of a file in the order in which they were given; a last line that was cut off is none.

    Raises UserError if there is no such file, and BadInput, naming the line, for one that is no verdict.
    """
    try:
        lines = file.read_bytes().split(b"\n")[:-1]
    except FileNotFoundError as error:
        raise UserError(f"{file}: there is no feedback yet; it comes from the chat page (`qa serve`)") from error
    except OSError as error:
        raise UserError(f"{file} cannot be read ({error.strerror}); see to its rights") from error
    verdicts = []
    for number, line in enumerate(lines, 1):
        try:
            verdicts.append(_verdict(json.loads(line)))
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput(f"{file}, line {number} is no verdict ({error}); take that line out") from error
    return verdicts


def _opened(file: Path) -> BinaryIO:
    """For reading and appending; made if need be, for its owner only: it holds what people asked."""
    return open(file, "a+b", opener=lambda path, flags: os.open(path, flags, 0o600))


def _verdict(row: Mapping[str, Any]) -> Verdict:
    if row["feedback"] != SCHEMA:
        raise ValueError(f"it has the format {row['feedback']!r}, not {SCHEMA}")
    if row["thumb"] not in (None, *get_args(Thumb)) or row["judgement"] not in (None, *get_args(Judgement)):
        raise ValueError("thumb or judgement is something unknown")
    verdict = Verdict(
        time=row["time"],
        thumb=row["thumb"],
        judgement=row["judgement"],
        selected=row["selected"],
        history=tuple(Turn(**turn) for turn in row["history"]),
        reply=row["reply"],
    )
    if verdict.judgement in ("confirmed", "selected"):
        cited = verdict.cited or {}
        words, places = ("document", "text", "quote"), ("start", "end", "quote_start")
        if not all(isinstance(cited.get(key), kind) for kind, keys in ((str, words), (int, places)) for key in keys):
            raise ValueError("it says what is right, but not where that stands")
    if not isinstance(verdict.reply["question"], str):
        raise ValueError("its reply is to no question")
    return verdict
