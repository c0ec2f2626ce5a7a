"""The chat page: the conversation, and beside it the sources of its last answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import gradio as gr
from fastapi import FastAPI

from embeddings.document import Document
from embeddings.errors import UserError
from qa.chat import Question, Turn
from qa.reply import Reply
from qa.web import view
from qa.web.questions import Loaded


class Library(Protocol):
    """The index, as far as the page and the server need it."""

    @property
    def digest(self) -> str:
        """Names the state of the index."""

    @property
    def documents(self) -> Iterable[Loaded]:
        """What is loaded."""

    def document(self, document_id: str, /) -> Document:
        """The document of that id."""


class Answerer(Protocol):
    """What answers, as far as the page needs it."""

    @property
    def index(self) -> Library:
        """The index that is asked."""

    def ask(self, question: Question, /) -> Reply:
        """Answer one question; raises UserError for what a person can put right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A question of the conversation, what is said to it so far, and the turn it became (none: not answered yet)."""

    question: str
    said: tuple[str, ...]
    turn: tuple[Turn, ...] = ()


Conversation = tuple[Exchange, ...]

_HEADER = """
<header class="qa-header"><h1>Chapter <span>&amp;</span> Verse</h1>
<p>Answers from your documents, in their own words.</p></header>
"""
_INVITATION = "Ask your documents"
_WAITING = "Looking in the documents…"
_FAILED = "That did not work."
_UNFORESEEN = "Something unexpected happened; the server's terminal shows what."
_HEAD = """
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect
 width='16' height='16' rx='3' fill='%23245c5a'/%3E%3Cpath d='M4 5h8M4 8h8M4 11h5' stroke='%23fff'
 stroke-width='1.4'/%3E%3C/svg%3E">
"""
# On a phone the keyboard would come back over the answer, so only a real keyboard's reader is put back in the box.
_FOCUS = "() => matchMedia('(pointer: fine)').matches && document.querySelector('#qa-question textarea')?.focus()"


def mount(app: FastAPI, answerer: Answerer, examples: Sequence[str], documents: tuple[str, ...] = ()) -> FastAPI:
    """Put the page at / of an application; routes that stand there already go first."""
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        build(answerer, examples, documents),
        path="/",
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size="1kb",  # the page takes no files
        ssr_mode=False,
        enable_monitoring=False,
        app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None},
        theme=gr.themes.Base(font=["sans-serif"], font_mono=["monospace"]),  # the fonts are named in style.css
        # in the head, where it is there from the first paint and its selectors stay as they are written
        head=f"{_HEAD}<style>{Path(__file__).with_name('style.css').read_text(encoding='utf-8')}</style>",
    )
    return mounted


def build(answerer: Answerer, examples: Sequence[str], documents: tuple[str, ...] = ()) -> gr.Blocks:
    """The page: what stands where, and what happens when; `documents` are globs that questions are restricted to."""

    def welcome() -> str:
        return view.welcome(len(list(answerer.index.documents)))

    blocks = gr.Blocks(title="Chapter & Verse", analytics_enabled=False, fill_width=True, fill_height=True)
    with blocks:
        conversation = gr.State(())
        with gr.Row(elem_id="qa-top"):
            gr.HTML(_HEADER, apply_default_css=False)
            new = gr.Button("New conversation", elem_id="qa-new", size="sm", scale=0)
        with gr.Row(elem_id="qa-columns"):
            with gr.Column(elem_id="qa-left", scale=5, min_width=320):
                chat = gr.Chatbot(
                    label="Conversation",
                    show_label=False,
                    elem_id="qa-chat",
                    height=None,
                    buttons=[],
                    feedback_options=None,
                    render_markdown=False,
                    latex_delimiters=[],
                    placeholder=_INVITATION,
                    examples=[{"text": example} for example in examples],
                )
                box = gr.Textbox(
                    label="Your question",
                    show_label=False,
                    placeholder="Ask a question",
                    elem_id="qa-question",
                    lines=1,
                    max_lines=5,
                    max_length=2000,
                    submit_btn="Ask",
                    container=False,
                )
            with gr.Column(elem_id="qa-right", scale=4, min_width=320):
                sources = gr.HTML(welcome(), elem_id="qa-panel", apply_default_css=False)

        # what is posed is shown at once; the answer follows when its turn in the queue comes
        shown = [conversation, chat, sources, box, new]
        private: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        typed = box.submit(_pose, [box, conversation], shown, validator=_something, **private)
        clicked = chat.example_select(_pose_example, [conversation], shown, **private)
        for posed in (typed, clicked):
            answered = posed.success(
                _answering(answerer, documents), [conversation], shown, concurrency_limit=1, **private
            )
            answered.success(None, js=_FOCUS)
            answered.failure(_broken, [conversation], shown, **private).then(None, js=_FOCUS)
        new.click(lambda: ((), [], welcome()), None, [conversation, chat, sources], **private).then(None, js=_FOCUS)
        blocks.load(welcome, None, [sources], **private).then(None, js=_FOCUS)
        blocks.queue(max_size=20)
    return blocks


def _something(question: str, _conversation: Conversation) -> Any:
    return [gr.validate(bool(question.strip()), "Type a question first."), gr.validate(True, "")]


def _pose(question: str, conversation: Conversation) -> tuple[Any, ...]:
    """Show a question as asked, and close the box until it is answered."""
    conversation = (*conversation, Exchange(question=question.strip(), said=(_WAITING,)))
    return conversation, _messages(conversation), view.searching(), *_box(open=False)


def _pose_example(conversation: Conversation, event: gr.SelectData) -> tuple[Any, ...]:
    return _pose(event.value["text"], conversation)


def _answering(answerer: Answerer, documents: tuple[str, ...]) -> Callable[[Conversation], tuple[Any, ...]]:
    """What answers the last question of a conversation."""

    def answer(conversation: Conversation) -> tuple[Any, ...]:
        *earlier, last = conversation
        history = tuple(turn for exchange in earlier for turn in exchange.turn)
        try:
            question = Question(id=str(len(conversation)), text=last.question, history=history, documents=documents)
            reply = answerer.ask(question)
            sources = view.panel(reply, [answerer.index.document(name) for name in view.cited(reply)])
        except UserError as error:
            return _settle(conversation, [_FAILED, str(error)], view.nothing())
        return _settle(conversation, view.lines(reply), sources, view.turn(reply))

    return answer


def _broken(conversation: Conversation) -> tuple[Any, ...]:
    """Something that no one foresaw: its traceback is in the server's log."""
    return _settle(conversation, [_FAILED, _UNFORESEEN], view.nothing())


def _settle(conversation: Conversation, said: Sequence[str], sources: str, *turn: Turn) -> tuple[Any, ...]:
    """The conversation with its last question settled, and the box open for the next."""
    settled = (*conversation[:-1], replace(conversation[-1], said=tuple(said), turn=turn))
    return settled, _messages(settled), sources, *_box(open=True)


def _box(*, open: bool) -> tuple[Any, Any]:
    """The empty box and the button beside the page's name, to be used or to wait."""
    return gr.Textbox(value="", interactive=open), gr.Button(interactive=open)


def _messages(conversation: Conversation) -> list[dict[str, str]]:
    return [
        message
        for exchange in conversation
        for message in (
            {"role": "user", "content": view.plain(exchange.question)},
            *({"role": "assistant", "content": view.plain(line)} for line in exchange.said),
        )
    ]
