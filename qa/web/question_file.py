"""Answering a file of questions: the file in, how far it is, the answers as a table and as files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from embeddings.errors import BadInput, UserError
from qa.chat import Question
from qa.questions import ENDINGS, BadLine, read_questions
from qa.version import version
from qa.web.ask import LONGEST, PRIVATE
from qa.web.library import Desk
from qa.web.progress import problem, progress, told
from qa.web.replies import replies_table
from qa.web.work import Work

if TYPE_CHECKING:
    from qa.batch import BatchReport

MEGABYTES = 5  # of a question file: ten times what as many questions as are taken usually need
MOST = 5000  # questions; some hours of work, for which a command that can be resumed is the better place
AT_ONCE = 2  # files that are worked on at a time, of all windows together

_FORMS = (
    "Plain text with a question on each line (.txt), a table with a column named “question” (.csv), or an object with "
    "a “question” on each line (.jsonl)."
)
_LIMITS = (
    f"Up to {MOST:,} questions of {LONGEST:,} characters each, {MEGABYTES}\u00a0MB in all; "
    "for more there is <code>qa batch</code>."
)
_INTRODUCTION = f"""
<h2>Answer a file of questions</h2><p>{_FORMS}</p><p class="qa-note">{_LIMITS}</p>
"""
_NONE = "Choose a question file first."
_CHANGED = "The documents changed while the questions were answered. Press “Answer all” to answer them anew."
_UNFORESEEN = "Something unexpected happened; the server’s terminal shows what. Press “Answer all” to try again."
_IN_REACH = """() => setTimeout(() => {
  if (document.activeElement === document.body)
    document.querySelector('#qa-file-stop:enabled, #qa-file-run:enabled')?.focus({preventScroll: true});
})"""  # a button that is switched off loses the focus, and a keyboard its place

Batch = Work["BatchReport"]


class AnsweringFile:
    """What happens to a file of questions; each method is a handler of the page."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def build(self, desk: gr.State) -> None:
        """Put the parts into the tab that is being built; `desk` is the window's own (a Desk, or None)."""
        work = gr.State(None, delete_callback=_close)
        with gr.Row(elem_classes="qa-long"):
            with gr.Column(scale=2, min_width=280, elem_classes="qa-long-side"):
                gr.HTML(_INTRODUCTION, apply_default_css=False, elem_classes="qa-long-words")
                file = gr.File(label="Question file", file_types=list(ENDINGS), elem_classes="qa-file", height=130)
                with gr.Row(elem_classes="qa-long-buttons"):
                    run = gr.Button("Answer all", elem_id="qa-file-run", elem_classes="qa-primary", interactive=False)
                    stop = gr.Button("Cancel", elem_id="qa-file-stop", elem_classes="qa-plain", interactive=False)
                status = gr.HTML("", apply_default_css=False, elem_id="qa-file-status")
                with gr.Row(elem_classes="qa-long-buttons"):
                    kept = [
                        gr.DownloadButton(label, visible=False, elem_classes="qa-plain")
                        for label in ("Download JSONL", "Download CSV")
                    ]
            with gr.Column(scale=5, min_width=320):
                table = gr.HTML("", apply_default_css=False, elem_id="qa-file-replies", elem_classes="qa-long-result")
        shown = [work, status, table, run, stop, *kept]
        gr.on([file.upload, file.clear], self.look, [file, work], [status, run], **PRIVATE)
        begun = run.click(self.begin, [file, work, desk], shown, **PRIVATE)
        begun.then(None, js=_IN_REACH)
        done = begun.success(self.work, [work], shown, concurrency_limit=AT_ONCE, **PRIVATE)
        done.failure(self.broken, [work], shown, **PRIVATE)
        done.then(None, js=_IN_REACH)
        stop.click(self.stop, [work], [status, stop], **PRIVATE)

    def look(self, file: str | None, work: Batch | None) -> tuple[str, gr.Button]:
        """Say at once what a file holds, or what is wrong with it; work that is under way goes on."""
        if work is not None and work.running():
            return gr.skip(), gr.skip()
        if file is None:
            return "", gr.Button(interactive=False)
        try:
            questions = _questions(file)
        except UserError as error:
            return problem(str(error)), gr.Button(interactive=False)
        bad = sum(isinstance(one, BadLine) for one in questions)
        count = f"{len(questions) - bad:,} {'question' if len(questions) - bad == 1 else 'questions'}"
        wrong = f", and {bad:,} {'line that is none' if bad == 1 else 'lines that are none'}" if bad else ""
        return told(f"{count}{wrong}."), gr.Button(interactive=True)

    def begin(self, file: str | None, work: Batch | None, desk: Desk | None) -> tuple[Any, ...]:
        """Read the file and make ready; the answers follow when its turn in the queue comes."""
        if work is not None:
            work.close()
        try:
            if file is None:
                raise BadInput(_NONE)
            questions = _questions(file)
        except UserError as error:
            return None, *_idle(problem(str(error)))
        return _started(Work(len(questions), partial(_answer, questions, desk or self._desk)))

    def work(self, work: Batch | None) -> Iterator[tuple[Any, ...]]:
        """Answer, saying how far it is, then show what came of it."""
        from qa.batch import IndexChanged

        if work is None:
            return
        try:
            for _ in work.follow():
                yield work, _how_far(work), *[gr.skip()] * 5
        except IndexChanged:
            yield work, *_idle(problem(_CHANGED))
            return
        except UserError as error:
            yield work, *_idle(problem(str(error)))
            return
        yield work, *_ended(work)

    def stop(self, work: Batch | None) -> tuple[Any, gr.Button]:
        """Stop after the question under way."""
        if work is None:
            return gr.skip(), gr.Button(interactive=False)
        work.stop()
        return _how_far(work), gr.Button(interactive=False)

    def broken(self, work: Batch | None) -> tuple[Any, ...]:
        """Something that no one foresaw: its traceback is in the server's log."""
        return work, *_idle(problem(_UNFORESEEN))


def _close(work: Batch | None) -> None:
    if work is not None:
        work.close()


def _questions(file: str) -> list[Question | BadLine]:
    """The questions of an uploaded file; raises BadInput, which calls the file by the name that the person gave it."""
    path = Path(file)
    try:
        megabytes = path.stat().st_size / 1e6
        if megabytes > MEGABYTES:
            raise BadInput(
                f"{path.name} has {megabytes:,.1f} MB, and {MEGABYTES} are read here; divide it, or use `qa batch`"
            )
        questions = read_questions(file, max_characters=LONGEST)
    except OSError as error:
        raise BadInput(f"{path.name} is no longer there; choose it again") from error
    except BadInput as error:
        raise BadInput(str(error).replace(file, path.name)) from error
    if len(questions) > MOST:
        raise BadInput(
            f"{path.name} holds {len(questions):,} questions, and {MOST:,} are taken here; divide it, or use `qa batch`"
        )
    return questions


def _answer(questions: list[Question | BadLine], desk: Desk, work: Batch) -> BatchReport:
    from qa import batch

    asked = [
        replace(one, documents=one.documents or desk.documents) if isinstance(one, Question) else one
        for one in questions
    ]
    answers = work.folder / "answers.jsonl"
    report = batch.run(
        desk.answerer,
        asked,
        answers,
        made_with={"version": version()},
        progress=work.tell,
        group=1,  # so that who asks meanwhile waits for one answer only
        stop=work.stopping,
    )
    batch.copy(answers, answers.with_suffix(".csv"))
    return report


# what is shown: the status, the table, the two buttons and the two downloads


def _started(work: Batch) -> tuple[Any, ...]:
    buttons = gr.Button(interactive=False), gr.Button(interactive=True)
    return work, _how_far(work), "", *buttons, gr.DownloadButton(visible=False), gr.DownloadButton(visible=False)


def _how_far(work: Batch) -> str:
    return progress(work.done, work.total, work.seconds_left, does="answered", stopping=work.stopping())


def _idle(status: str, table: str = "", files: tuple[Path, ...] = ()) -> tuple[Any, ...]:
    downloads = [gr.DownloadButton(value=file, visible=True) for file in files] or [
        gr.DownloadButton(visible=False),
        gr.DownloadButton(visible=False),
    ]
    return status, table, gr.Button(interactive=True), gr.Button(interactive=False), *downloads


def _ended(work: Batch) -> tuple[Any, ...]:
    report = work.result
    assert report is not None
    said = f"{report.replies:,} of {work.total:,} answered"
    said += f", {report.errors:,} of them with an error" if report.errors else ""
    said += "; stopped." if report.replies < work.total else "."
    answers = work.folder / "answers.jsonl"
    if not report.replies:
        return _idle(told(said))
    return _idle(told(said), replies_table(answers, total=work.total), (answers, answers.with_suffix(".csv")))
