"""A file of questions answered into a file of replies, resumed where it was stopped."""

from __future__ import annotations

import csv
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from embeddings.errors import BadInput, UserError
from qa import render
from qa.answering import Answerer
from qa.chat import Question
from qa.questions import BadLine
from qa.reply import NoAnswer, Reply
from qa.reply_rows import COLUMNS, cells

ENDINGS = (".jsonl", ".csv")
GROUP = 16  # questions asked together: enough to fill the reader's batches, little to ask again after a kill


class IndexChanged(UserError):
    """The index is no longer the one that the first replies were taken from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchReport:
    """How many replies were written, how many of them are errors, how many were there from an earlier run."""

    replies: int
    errors: int
    resumed: int


def run(
    answerer: Answerer,
    questions: Sequence[Question | BadLine],
    output: Path,
    *,
    made_with: Mapping[str, object],
    restart: bool = False,
    progress: Callable[[int], None] = lambda done: None,
    group: int = GROUP,
    stop: Callable[[], bool] = lambda: False,
) -> BatchReport:
    """Answer all questions, in order, into `output` (.jsonl: replies as `qa ask --json`; .csv: the same, flat).

    The work stands in `output`.partial: a line with its fingerprint, then the replies so far. It goes on from there if
    the fingerprint is equal: questions, index, threshold, `made_with` (settings and version). The output is put in
    place when it is complete. `progress` is told how many replies there are. `group` questions are asked at a time,
    during which nobody else is answered; between groups `stop` may say that it is enough: then the output is put in
    place with the replies so far.
    Raises UserError for another ending, a folder that cannot be written, work begun with another fingerprint (unless
    `restart`), another run at work on the same output, or (IndexChanged) an index that changes meanwhile.
    """
    check_output(output)
    partial = output.with_name(f"{output.name}.partial")
    fingerprint = _fingerprint(answerer, questions, made_with)
    with _only_one(output):
        with _told(output):
            if restart:
                partial.unlink(missing_ok=True)
            done = resumed = _resume(partial, fingerprint, questions)
        progress(done)
        while done < len(questions) and not stop():
            replies = _replies(answerer, questions[done : done + group], output)
            with _told(output):
                _append(partial, map(render.to_json, replies))
            done += len(replies)
            progress(done)
        with _told(output):
            errors = _finish(partial, output)
    return BatchReport(replies=done, errors=errors, resumed=resumed)


def check_output(output: Path, source: str = "") -> None:
    """Raise BadInput unless the output can be a file of one of the forms, and is not the file of the questions."""
    if output.suffix.lower() not in ENDINGS:
        raise BadInput(f"{output}: the ending of the output must be one of {', '.join(ENDINGS)}; give -o such a name")
    if output.is_dir() or not output.parent.is_dir():
        raise BadInput(
            f"{output} cannot be written: {output.parent} must be a folder that is there, and it a file in it"
        )
    if output.exists() and Path(source).is_file() and output.samefile(source):
        raise BadInput(f"{output} holds the questions and would be overwritten; give another -o")


def _replies(answerer: Answerer, group: Sequence[Question | BadLine], output: Path) -> list[Reply]:
    """The replies to a group, in order; lines that are no question, or ask documents that are not there, as errors."""
    before = answerer.index.digest
    errors = {place: error for place, one in enumerate(group) if (error := _error(answerer, one))}
    asked = [one for place, one in enumerate(group) if place not in errors and isinstance(one, Question)]
    answered = iter(answerer.ask_many(asked) if asked else ())
    replies = [
        _error_reply(answerer, one, errors[place]) if place in errors else next(answered)
        for place, one in enumerate(group)
    ]
    if any(reply.index != before for reply in replies):
        raise IndexChanged(f"The index changed while {output} was made; run the same command again with --restart")
    return replies


def _error(answerer: Answerer, one: Question | BadLine) -> str | None:
    if isinstance(one, BadLine):
        return one.error
    try:
        answerer.index.matching(one.documents)
    except UserError as error:
        return str(error)
    return None


def _error_reply(answerer: Answerer, one: Question | BadLine, error: str) -> Reply:
    return Reply(
        id=one.id,
        question=one.text,
        asked=one.text,
        outcome=NoAnswer(reason="nothing found"),
        threshold=answerer.threshold,
        calibrated=answerer.calibrated,
        index=answerer.index.digest,
        error=error,
    )


# the work and what it was begun with


def _fingerprint(
    answerer: Answerer, questions: Sequence[Question | BadLine], made_with: Mapping[str, object]
) -> dict[str, object]:
    content = json.dumps([asdict(one) for one in questions]).encode()
    return {
        "batch": 1,
        "questions": hashlib.sha256(content).hexdigest(),
        "index": answerer.index.digest,
        "threshold": answerer.threshold,
        **made_with,
    }


def _resume(partial: Path, fingerprint: Mapping[str, object], questions: Sequence[Question | BadLine]) -> int:
    """How many replies stand in the work already; whatever is torn after them is cut off."""
    with partial.open("a+b") as file:
        file.seek(0)
        first = file.readline()
        end = len(first)
        if not first.endswith(b"\n"):  # new, or stopped before anything was answered
            file.truncate(0)
            file.write(f"{render.json_line(fingerprint)}\n".encode())
            return 0
        begun = _json(first)
        if begun != fingerprint:
            changed = [name for name, value in fingerprint.items() if begun.get(name) != value] or ["settings"]
            raise UserError(
                f"{partial} was begun with other {', '.join(changed)}. Run the same command with --restart to begin "
                "anew, or give another -o."
            )
        done = 0
        for line, question in zip(file, questions, strict=False):
            reply = _json(line)
            if not line.endswith(b"\n") or (reply.get("id"), reply.get("question")) != (question.id, question.text):
                break
            end += len(line)
            done += 1
        file.truncate(end)
    return done


def _append(partial: Path, lines: Iterable[str]) -> None:
    with partial.open("a", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{line}\n" for line in lines)


def _json(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _finish(partial: Path, output: Path) -> int:
    """Put the output in place, take the work away; returns how many replies are errors."""
    with partial.open(encoding="utf-8", newline="\n") as work:
        next(work)  # the fingerprint
        errors = _write(work, output)
    partial.unlink()
    return errors


def copy(replies: Path, output: Path) -> None:
    """Write the replies of a .jsonl output in the form of another ending, as if that had been asked for."""
    with _told(output), replies.open(encoding="utf-8", newline="\n") as lines:
        _write(lines, output)


def _write(lines: Iterable[str], output: Path) -> int:
    """Put replies, each a line of JSON, in place in the form of the output's ending; how many of them are errors."""
    complete = output.with_name(f"{output.name}.partial.tmp")
    errors = 0
    with complete.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file) if output.suffix.lower() == ".csv" else None
        if table is not None:
            table.writerow(COLUMNS)
        for line in lines:
            reply = json.loads(line)
            errors += reply["error"] is not None
            if table is None:
                file.write(line)
            else:
                table.writerow(cells(reply))
        file.flush()
        os.fsync(file.fileno())
    complete.replace(output)
    return errors


@contextmanager
def _only_one(output: Path) -> Iterator[None]:
    lock = FileLock(output.with_name(f"{output.name}.partial.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise UserError(f"Another batch is writing {output}; wait for it, or give another -o.") from error
    except OSError as error:
        raise UserError(f"{output} cannot be written: {error.strerror}; choose another place with -o.") from error
    try:
        yield
    finally:
        with suppress(OSError):  # some systems remove it themselves, and let nobody else
            Path(lock.lock_file).unlink()
        lock.release()


@contextmanager
def _told(output: Path) -> Iterator[None]:
    """An error of the disk as one that a person can put right."""
    try:
        yield
    except OSError as error:
        raise UserError(
            f"{output} cannot be written: {error}. What is done so far stays; put that right and run the same again."
        ) from error
