"""Answering a file of questions: the file in, the answers out as a table and as the files of `qa batch`."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from embeddings.errors import BadInput, UserError
from qa.chat import Question
from qa.questions import ENDINGS, BadLine, read_questions
from qa.version import version
from qa.web.library import Desk
from qa.web.progress import progress
from qa.web.replies import replies_table
from qa.web.work import Work
from qa.web.work_tab import Ended, WorkTab

if TYPE_CHECKING:
    from qa.batch import BatchReport

MEGABYTES = 5  # of a question file: ten times what as many questions as are taken usually need
MOST = 5000  # questions; some hours of work, for which a command that can be resumed is the better place

_INTRODUCTION = """
<h2>Answer a file of questions</h2>
<p>Plain text with a question on each line (.txt), a table with a column named “question” (.csv), or an object with
a “question” on each line (.jsonl).</p>
<p class="qa-note">Up to {most:,} questions of {longest:,} characters each, {megabytes}\u00a0MB in all; for more there
is <code>qa\u00a0batch</code>.</p>
"""
_CHANGED = "The documents changed while the questions were answered. Press “Answer all” to answer them anew."

Questions = list[Question | BadLine]
Batch = Work["BatchReport"]


class AnsweringFile(WorkTab[Questions, "BatchReport"]):
    """Questions of a file, each with its reply."""

    name = "qa-file"
    label = "Question file"
    endings = ENDINGS
    begins = "Answer all"
    downloads = ("Download JSONL", "Download CSV")

    def __init__(self, desk: Desk, longest: int) -> None:
        super().__init__(desk)
        self._longest = longest  # characters of a question
        self.introduction = _INTRODUCTION.format(most=MOST, longest=longest, megabytes=MEGABYTES)

    def read(self, file: Path) -> Questions:
        """The questions of a file, bad lines among them."""
        megabytes = file.stat().st_size / 1e6
        if megabytes > MEGABYTES:
            raise BadInput(
                f"{file} has {megabytes:,.1f} MB, and {MEGABYTES} are read here; divide it, or use `qa batch`"
            )
        questions = read_questions(str(file), max_characters=self._longest)
        if len(questions) > MOST:
            raise BadInput(
                f"{file} holds {len(questions):,} questions, and {MOST:,} are taken here; divide it, or use `qa batch`"
            )
        return questions

    def holds(self, loaded: Questions) -> str:
        """How many questions, and how many lines that are none."""
        bad = sum(isinstance(one, BadLine) for one in loaded)
        good = len(loaded) - bad
        wrong = f", and {bad:,} {'line that is none' if bad == 1 else 'lines that are none'}" if bad else ""
        return f"{good:,} {'question' if good == 1 else 'questions'}{wrong}."

    def prepare(self, loaded: Questions, desk: Desk) -> Batch:
        """Answering them, restricted to the documents of the desk, and of these to those that they name."""
        documents = desk.restricted()
        asked = [_within(documents, one, desk) if isinstance(one, Question) else one for one in loaded]
        return Work(len(asked), partial(_answer, asked, desk))

    def how_far(self, work: Batch) -> str:
        """How many are answered."""
        return progress(work.done, work.total, work.seconds_left, does="answered", stopping=work.stopping())

    def ended(self, work: Batch) -> Ended:
        """The replies, also if it was stopped."""
        report = work.result
        assert report is not None
        said = f"{report.replies:,} of {work.total:,} answered"
        said += f", {report.errors:,} of them with an error" if report.errors else ""
        said += "; stopped." if report.replies < work.total else "."
        if not report.replies:
            return Ended(said=said)
        answers = _answers(work)
        return Ended(
            said=said,
            shown=replies_table(answers, total=work.total),
            files=(answers, answers.with_suffix(".csv")),
        )

    def failed(self, error: UserError) -> str:
        """What to do about it, which on this page is another thing than on the command line."""
        from qa.batch import IndexChanged

        return _CHANGED if isinstance(error, IndexChanged) else str(error)


def _within(documents: tuple[str, ...], one: Question, desk: Desk) -> Question | BadLine:
    if not documents or not one.documents:
        return replace(one, documents=one.documents or documents)
    index = desk.answerer.index
    try:
        both = index.matching(one.documents) & index.matching(documents)
    except UserError:
        both = frozenset()
    if not both:
        return BadLine(id=one.id, text=one.text, error=f"{', '.join(one.documents)}: no such document is searched")
    return replace(one, documents=index.globs_of(sorted(both)))


def _answers(work: Batch) -> Path:
    return work.folder / "answers.jsonl"


def _answer(asked: Questions, desk: Desk, work: Batch) -> BatchReport:
    from qa import batch

    report = batch.run(
        desk.answerer,
        asked,
        _answers(work),
        made_with={"version": version()},
        progress=work.tell,
        group=1,  # so that who asks meanwhile waits for one answer only
        stop=work.stopping,
    )
    batch.copy(_answers(work), _answers(work).with_suffix(".csv"))
    return report
