"""Documents of one's own: bringing, choosing, keeping and removing them."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from embeddings.changes import Failure
from qa.uploads import Upload
from qa.web.ask import PRIVATE, SCRIPT, telling
from qa.web.document_list import document_list, drop_zone, failures, upload_report
from qa.web.library import LOST, deleted
from qa.web.markup import words
from qa.web.shelf import Shelf, Shelves

_SEND = Path(__file__).with_name("upload.js").read_text(encoding="utf-8")
_LOUD = PRIVATE | {"show_progress": "full"}
# Each change begins with the shelf that the one before it left: none is left out, and they take turns.
_TURNS = PRIVATE | {"trigger_mode": "multiple", "concurrency_id": "shelf", "concurrency_limit": 1}


class Documents:
    """What happens to the documents of a window; each method is a handler of the page."""

    def __init__(self, shelves: Shelves) -> None:
        self._shelves = shelves

    def build(self, tab: gr.Tab, desk: gr.State, shelved: gr.JSON) -> None:
        """Put the parts into the tab that is being built, and say what happens when (see `library.asked`)."""
        shelf = gr.State(Shelf(), delete_callback=self._shelves.end)
        drawn = gr.State(0)  # the number of the list that stands on the page
        with gr.Column(elem_id="qa-documents"):
            drop = gr.HTML(
                drop_zone(self._shelves.limits), elem_id="qa-bring", apply_default_css=False, js_on_load=_SEND, done=0
            )
            report = gr.HTML("", elem_id="qa-report", apply_default_css=False)
            with gr.Row(elem_id="qa-keep", visible=False) as keep:
                name = gr.Textbox(
                    label="Keep your uploads as a collection called",
                    placeholder="for example: court papers",
                    max_length=64,
                    scale=4,
                )
                kept = gr.Button("Keep", scale=0)
            listed = gr.HTML("", elem_id="qa-listed", apply_default_css=False, js_on_load=SCRIPT)
        shown = [shelf, desk, shelved, listed, keep, drawn]
        tab.select(self.look, [shelf, shelved, drawn], shown, **_TURNS)
        drop.upload(self.upload, [shelf], [shelf, report], concurrency_limit=2, **_LOUD).then(
            self.show, [shelf], shown, **_TURNS
        ).then(self.sent, None, [drop], **PRIVATE)
        for event, handler in (
            ("find", self.find),
            ("scope", self.scope),
            ("everything", self.everything),
            ("search", self.search),
            ("remove", self.remove),
            ("discard", self.discard),
        ):
            changed = getattr(listed, event)(handler, [shelf], shown, **_TURNS)
            changed.failure(self.show, [shelf], shown, **_TURNS)
        gr.on([kept.click, name.submit], self.keep, [name, shelf], [*shown, name], **_TURNS)

    def look(self, shelf: Shelf, shelved: bool | None, drawn: int) -> tuple[Any, ...]:
        """The documents, as they are found when the person comes to them.

        If they are as `drawn`, the page keeps what it has: a button that is exchanged while it is pressed does nothing.
        """
        if shelved and shelf == Shelf():
            gr.Warning(LOST, title="No longer searched")
        return self.show(shelf, drawn)

    def show(self, shelf: Shelf, drawn: int = 0) -> tuple[Any, ...]:
        """The shelf, what it makes a window ask, whether that is the page's, the documents, what can be kept.

        Last comes the number of the list: `drawn` if it is to be that, else a new one.
        """
        drawn = drawn or time.monotonic_ns()
        shelf, gone = self._shelves.left_of(shelf)
        if gone:
            gr.Warning(words(deleted(gone)), title="No longer searched")
        with telling("These documents cannot be opened"):
            desk = self._shelves.desk(shelf)
            kept = self._shelves.kept()
            own = shelf.own.documents if shelf.own else []
            listed = document_list(desk.listed, shelf, kept, times=drawn)
        return shelf, desk, shelf != Shelf(), listed, gr.Row(visible=bool(own)), drawn

    def upload(self, shelf: Shelf, event: gr.EventData, progress: gr.Progress = gr.Progress()) -> tuple[Any, str]:  # noqa: B008 - gradio's way
        """Add files; what was sent is taken away again once it is in the collection.

        The shelf changes with the first of them only, for meanwhile something else may be chosen.
        """
        first = shelf.own is None
        sent = [_Sent.of(one) for one in event.files]
        uploads = [Upload(name=one.name, path=one.path) for one in sent if one.path is not None]
        lost = [one for one in sent if one.path is None]
        try:
            with telling("Not added"):
                said = failures([*self._shelves.refused([(one.name, one.size) for one in lost if not one.error])])
                said += failures([Failure(id=one.name, message=one.error) for one in lost if one.error])
                if uploads:
                    shelf, done = self._shelves.upload(
                        shelf, uploads, lambda at, total, name: progress((at, total), desc=f"Reading {name}")
                    )
                    said = upload_report(done) + said
        finally:
            for upload in uploads:
                upload.path.unlink(missing_ok=True)
        return shelf if first else gr.skip(), said

    def sent(self) -> gr.HTML:
        """The place for files, open for the next."""
        return gr.HTML(done=time.monotonic_ns())

    def find(self, shelf: Shelf, event: gr.EventData) -> tuple[Any, ...]:
        """List the documents in whose names something stands."""
        return self.show(replace(shelf, sought=event.text))

    def scope(self, shelf: Shelf, event: gr.EventData) -> tuple[Any, ...]:
        """Search a document, or don't."""
        return self.show(shelf.searching(event.id, event.checked))

    def everything(self, shelf: Shelf) -> tuple[Any, ...]:
        """Search all documents."""
        return self.show(Shelf(own=shelf.own, named=shelf.named))

    def search(self, shelf: Shelf, event: gr.EventData) -> tuple[Any, ...]:
        """Search a kept collection too, or don't."""
        return self.show(shelf.beside(event.name, event.checked))

    def remove(self, shelf: Shelf, event: gr.EventData) -> tuple[Any, ...]:
        """Take an uploaded document away."""
        with telling("Not removed"):
            shelf = self._shelves.remove(shelf, event.document)
        return self.show(shelf)

    def discard(self, shelf: Shelf, event: gr.EventData) -> tuple[Any, ...]:
        """Delete a kept collection."""
        with telling("Not deleted"):
            shelf = self._shelves.discard(shelf, event.name)
        return self.show(shelf)

    def keep(self, name: str, shelf: Shelf) -> tuple[Any, ...]:
        """Keep the uploads as a named collection."""
        with telling("Not kept"):
            shelf = self._shelves.keep(shelf, name)
        return *self.show(shelf), ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    """A file as the page tells of it: where its bytes are (None: not sent), or what went wrong."""

    name: str
    size: int
    path: Path | None
    error: str

    @classmethod
    def of(cls, told: dict[str, Any]) -> _Sent:
        """What the page tells is anyone's word: only a path of an upload is taken."""
        path = Path(told["path"]).resolve() if told.get("path") else None
        if path is not None and not path.is_relative_to(Path(get_upload_folder()).resolve()):
            path = None
        return cls(name=str(told["name"]), size=int(told["size"]), path=path, error=str(told.get("error") or ""))
