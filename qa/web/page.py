"""The page: its tabs, its frame, and how it is mounted."""

from __future__ import annotations

from pathlib import Path

import gradio as gr
from fastapi import FastAPI

from qa.web.ask import FOCUS, UNQUEUED, Asking, Counted, uncounted
from qa.web.conversations import KEEPER, NOTES, OBEY, SEE, Keeping
from qa.web.documents import Documents
from qa.web.evaluation import Evaluating
from qa.web.library import Desk
from qa.web.question_file import AnsweringFile
from qa.web.shelf import Shelves

_SWEPT = 86400  # seconds after which files are deleted that were sent to the page or made for it: a day's work
_HEADER = """
<header class="qa-header"><h1>Chapter <span>&amp;</span> Verse</h1>
<p>Answers from your documents, in their own words.</p></header>
"""
_HEAD = """
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect
 width='16' height='16' rx='3' fill='%23245c5a'/%3E%3Cpath d='M4 5h8M4 8h8M4 11h5' stroke='%23fff'
 stroke-width='1.4'/%3E%3C/svg%3E">
"""


def mount(
    app: FastAPI,
    desk: Desk,
    *,
    shelves: Shelves | None = None,
    feedback: Path | None = None,
    max_file_megabytes: int = 50,
    longest: int = 2000,
    counted: Counted = uncounted,
) -> FastAPI:
    """Put the page at / of an application; routes that stand there already go first.

    `shelves` is where windows keep documents of their own (None: they have none); `feedback` is the file in which
    verdicts are kept (None: they are refused); larger files are not taken, nor questions of more than `longest`
    characters. Replies are `counted`.
    """
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        build(desk, shelves, feedback, counted, longest),
        path="/",
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size=max_file_megabytes * 1_000_000,
        ssr_mode=False,
        enable_monitoring=False,
        app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None},
        theme=gr.themes.Base(font=["sans-serif"], font_mono=["monospace"]),  # the fonts are named in style.css
        # in the head, where it is there from the first paint and its selectors stay as they are written
        head=f"{_HEAD}<style>{Path(__file__).with_name('style.css').read_text(encoding='utf-8')}</style>"
        f"<script>{KEEPER}</script>",
    )
    return mounted


def build(
    desk: Desk,
    shelves: Shelves | None = None,
    feedback: Path | None = None,
    counted: Counted = uncounted,
    longest: int = 2000,
) -> gr.Blocks:
    """The page: what stands where, and what happens when."""
    asking = Asking(desk, feedback, counted, longest)
    blocks = gr.Blocks(
        title="Chapter & Verse",
        analytics_enabled=False,
        fill_width=True,
        fill_height=True,
        delete_cache=(_SWEPT, _SWEPT),
    )
    with blocks:
        with gr.Row(elem_id="qa-top"):
            gr.HTML(_HEADER, apply_default_css=False)
            new = gr.Button("New conversation", elem_id="qa-new", size="sm", scale=0)
        notes = gr.HTML("", elem_id="qa-notes", apply_default_css=False, html_template=NOTES)
        with gr.Tabs(elem_id="qa-tabs", overflow_behavior="wrap") as tabs:
            with gr.Tab("Ask", id="ask") as ask:
                parts = asking.build()
            if shelves is not None:
                with gr.Tab("Documents", id="documents") as tab:
                    Documents(shelves).build(tab, parts.desk, parts.shelved)
            with gr.Tab("Conversations", id="conversations") as kept:
                keeping = Keeping(asking, parts, tabs, notes)
                keeping.build(kept)
            with gr.Tab("Question file", id="question-file"):
                AnsweringFile(desk, longest).build(parts.desk, parts.shelved)
            with gr.Tab("Evaluate", id="evaluate"):
                Evaluating(desk, shelves.models if shelves else None).build(parts.desk, parts.shelved)
        here = [keeping.wire, parts.conversation, keeping.held]
        begun = [
            new.click(keeping.begin, here, [*keeping.changed, tabs], js=SEE, **UNQUEUED),
            blocks.load(keeping.load, [keeping.wire, parts.desk], keeping.changed, js=SEE, **UNQUEUED),
        ]
        for one in begun:
            one.success(None, [keeping.wire], js=OBEY).then(None, js=FOCUS)
        # they touch a place of their own only: what is slow must not overtake a conversation
        exemplified = {"inputs": [parts.conversation, parts.desk], "outputs": [parts.offered], **UNQUEUED}
        for one in begun:
            one.then(asking.exemplify, **exemplified)
        ask.select(asking.exemplify, **exemplified)
        blocks.queue(max_size=100)
    return blocks
