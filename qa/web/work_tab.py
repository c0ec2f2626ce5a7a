"""A tab for long work: a file is dropped in it and worked on; it says how far it is, can be stopped, gives files."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

import gradio as gr

from embeddings.errors import BadInput, UserError
from qa.web.ask import PRIVATE, UNFORESEEN
from qa.web.library import Desk, asked
from qa.web.progress import problem, told
from qa.web.work import Result, Work

AT_ONCE = 2  # files of one kind that are worked on at a time, of all windows together; the others wait for their turn

_FOCUS = """() => setTimeout(() => {
  if (document.activeElement === document.body)
    document.querySelector('#NAME-stop:enabled, #NAME-run:enabled')?.focus({preventScroll: true});
})"""  # a button that is switched off loses the focus, and a keyboard its place
Loaded = TypeVar("Loaded")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What came of some work: words about it, HTML that shows it, and the files of `WorkTab.downloads` (or none)."""

    said: str
    shown: str = ""
    files: tuple[Path, ...] = ()


class WorkTab(ABC, Generic[Loaded, Result]):
    """What a kind of long work says of itself, and the handlers of its tab."""

    name: ClassVar[str]  # how ids on the page begin
    introduction: str  # HTML
    label: ClassVar[str]
    endings: ClassVar[tuple[str, ...]]
    begins: ClassVar[str]  # the words on the button
    downloads: ClassVar[tuple[str, ...]]

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @abstractmethod
    def read(self, file: Path) -> Loaded:
        """What a file holds. Raises UserError."""

    @abstractmethod
    def holds(self, loaded: Loaded) -> str:
        """That in words, before it is begun."""

    @abstractmethod
    def prepare(self, loaded: Loaded, desk: Desk) -> Work[Result]:
        """The work on it, not yet begun. Raises UserError."""

    @abstractmethod
    def how_far(self, work: Work[Result]) -> str:
        """HTML that says how far it is."""

    @abstractmethod
    def ended(self, work: Work[Result]) -> Ended:
        """What came of it."""

    def failed(self, error: UserError) -> str:
        """What a person is told of an error that ended it."""
        return str(error)

    def build(self, desk: gr.State, shelved: gr.JSON) -> None:
        """Put the parts into the tab that is being built; `desk` is the window's own (see `library.asked`)."""
        work = gr.State(None, delete_callback=_close)
        with gr.Row(elem_classes="qa-long"):
            with gr.Column(scale=2, min_width=280, elem_classes="qa-long-side"):
                gr.HTML(self.introduction, apply_default_css=False, elem_classes="qa-long-words")
                file = gr.File(label=self.label, file_types=list(self.endings), elem_classes="qa-file", height=130)
                with gr.Row(elem_classes="qa-long-buttons"):
                    run = gr.Button(
                        self.begins, elem_id=f"{self.name}-run", elem_classes="qa-primary", interactive=False
                    )
                    stop = gr.Button("Cancel", elem_id=f"{self.name}-stop", elem_classes="qa-plain", interactive=False)
                status = gr.HTML("", apply_default_css=False, elem_id=f"{self.name}-status")
                with gr.Row(elem_classes="qa-long-buttons"):
                    kept = [
                        gr.DownloadButton(label, visible=False, elem_classes="qa-plain") for label in self.downloads
                    ]
            with gr.Column(scale=5, min_width=320):
                result = gr.HTML("", apply_default_css=False, elem_id=f"{self.name}-result")
        shown = [work, status, result, run, stop, *kept]
        focus = _FOCUS.replace("NAME", self.name)
        # "always_last": who takes a file away and at once drops another is told of the other
        gr.on([file.upload, file.clear], self.look, [file, work], [status, run], trigger_mode="always_last", **PRIVATE)
        begun = run.click(self.begin, [file, work, desk, shelved], shown, **PRIVATE)
        begun.then(None, js=focus)
        done = begun.success(self.work, [work], shown, concurrency_limit=AT_ONCE, **PRIVATE)
        done.failure(self.broken, [work], shown, **PRIVATE)
        done.then(None, js=focus)
        stop.click(self.stop, [work], [status, stop], **PRIVATE)

    def look(self, file: str | None, work: Work[Result] | None) -> tuple[Any, Any]:
        """Say at once what a file holds, or what is wrong with it; work that is under way goes on."""
        if work is not None and work.running():
            return gr.skip(), gr.skip()
        if file is None:
            return "", gr.Button(interactive=False)
        try:
            return told(self.holds(self._read(file))), gr.Button(interactive=True)
        except UserError as error:
            return problem(str(error)), gr.Button(interactive=False)

    def begin(
        self, file: str | None, work: Work[Result] | None, desk: Desk | None, shelved: bool | None = None
    ) -> tuple[Any, ...]:
        """Read the file and make ready; it is worked on when its turn in the queue comes."""
        _close(work)
        try:
            if file is None:
                raise BadInput("Choose a file first.")
            work = self.prepare(self._read(file), asked(desk, shelved, self._desk))
        except UserError as error:
            return None, *self._idle(problem(str(error)))
        buttons = gr.Button(interactive=False), gr.Button(interactive=True)
        return work, self.how_far(work), "", *buttons, *self._no_downloads()

    def work(self, work: Work[Result] | None) -> Iterator[tuple[Any, ...]]:
        """Do it, saying how far it is, then show what came of it."""
        if work is None:
            return
        try:
            for _ in work.follow():
                yield work, self.how_far(work), *[gr.skip()] * (3 + len(self.downloads))
        except UserError as error:
            yield work, *self._idle(problem(self.failed(error)))
            return
        ended = self.ended(work)
        yield work, *self._idle(told(ended.said), ended.shown, ended.files)

    def stop(self, work: Work[Result] | None) -> tuple[Any, Any]:
        """Stop after the question under way."""
        if work is None:
            return gr.skip(), gr.Button(interactive=False)
        work.stop()
        return self.how_far(work), gr.Button(interactive=False)

    def broken(self, work: Work[Result] | None) -> tuple[Any, ...]:
        """Something that no one foresaw: its traceback is in the server's log."""
        return work, *self._idle(problem(f"{UNFORESEEN} Press “{self.begins}” to try again."))

    def _read(self, file: str) -> Loaded:
        """What an uploaded file holds; errors call it by the name that the person gave it."""
        path = Path(file)
        if not path.is_file():
            raise BadInput(f"{path.name} is no longer there; choose it again")
        try:
            return self.read(path)
        except BadInput as error:
            raise BadInput(str(error).replace(file, path.name)) from error

    def _idle(self, status: str, shown: str = "", files: tuple[Path, ...] = ()) -> tuple[Any, ...]:
        downloads = [gr.DownloadButton(value=file, visible=True) for file in files] or self._no_downloads()
        return status, shown, gr.Button(interactive=True), gr.Button(interactive=False), *downloads

    def _no_downloads(self) -> list[Any]:
        return [gr.DownloadButton(visible=False) for _ in self.downloads]


def _close(work: Work[Any] | None) -> None:
    if work is not None:
        work.close()
