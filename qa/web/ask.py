"""Asking: the conversation, and beside it the document in which a citation was opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import gradio as gr

from embeddings.errors import UserError
from qa import feedback
from qa.chat import Question
from qa.feedback import Verdict
from qa.reply import Citation, Reply
from qa.web.conversation import Conversation, Exchange, changed, history, places, settled
from qa.web.library import Desk, asked, document_of
from qa.web.markup import words
from qa.web.questions import Examples
from qa.web.source import EMPTY, Opened, absent, source
from qa.web.transcript import offered, transcript

PRIVATE: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
# What is quick goes past the queue, whose stream loses an event that begins just when the last one before it ends.
UNQUEUED = PRIVATE | {"queue": False}
SCRIPT = Path(__file__).with_name("page.js").read_text(encoding="utf-8")
# On a phone the keyboard would come back over the answer, so only a real keyboard's reader is put back in the box.
FOCUS = "() => matchMedia('(pointer: fine)').matches && document.querySelector('#qa-question textarea')?.focus()"

Counted = Callable[[Callable[[], Reply]], Reply]  # what makes a reply, counted by whoever counts

UNFORESEEN = "Something unexpected happened; the server’s terminal shows what."
_STOPPED = "You stopped it."


def uncounted(ask: Callable[[], Reply]) -> Reply:
    """A reply that nobody counts."""
    return ask()


@dataclass(frozen=True, slots=True, kw_only=True)
class AskParts:
    """The parts of this tab that other tabs show something in or read from.

    `conversation` holds a Conversation, `opened` an Opened or None, `desk` a Desk or None (the one of the server), and
    `shelved` remembers in the browser whether that desk has documents of its own (see `library.asked`).
    """

    conversation: gr.State
    opened: gr.State
    desk: gr.State
    shelved: gr.JSON
    talk: gr.HTML
    offered: gr.HTML
    panel: gr.HTML
    box: gr.Textbox


class Asking:
    """What happens when something is asked, opened or judged; each method is a handler of the page."""

    def __init__(self, desk: Desk, feedback_file: Path | None, counted: Counted, longest: int) -> None:
        self._desk = desk
        self._longest = longest  # characters of a question
        self._counted = counted
        self._feedback = feedback_file
        self._examples = Examples()

    def build(self) -> AskParts:
        """Put the parts into the page that is being built, and say what happens when."""
        parts = AskParts(
            conversation=gr.State(()),
            opened=gr.State(None),
            desk=gr.State(None),
            shelved=gr.JSON(visible=False),
            **_layout(self._longest),
        )
        conversation, opened, desk, box = parts.conversation, parts.opened, parts.desk, parts.box
        shown = [conversation, parts.talk, box]
        looked_at = [opened, parts.panel]
        posed = [
            # not past the queue: nothing is validated there
            box.submit(self.pose, [box, conversation], shown, validator=_may_ask, **PRIVATE),
            parts.offered.example(self.pose_example, [conversation], shown, **UNQUEUED),
            parts.talk.retry(self.pose_again, [conversation], shown, **UNQUEUED),
        ]
        working = []
        for begun in posed:
            answered = begun.success(
                self.answer, [conversation, desk, parts.shelved], [*shown, *looked_at], concurrency_limit=4, **PRIVATE
            )
            working.append(answered)
            answered.success(None, js=FOCUS)
            answered.failure(self.broken, [conversation], shown, **PRIVATE).then(None, js=FOCUS)
        box.stop(self.stopped, [conversation], shown, cancels=working, **PRIVATE).then(None, js=FOCUS)
        parts.talk.rephrase(self.rephrase, None, [box], **UNQUEUED).then(None, js=FOCUS)
        for part in (parts.talk, parts.panel):
            part.cite(self.open, [conversation, opened, desk], looked_at, **UNQUEUED)
        judged = [conversation, parts.talk]
        parts.talk.thumb(self.thumb, [conversation], judged, **PRIVATE)
        parts.talk.judge(self.judge, [conversation], judged, **PRIVATE)
        parts.panel.choose(self.choose, [conversation, opened, desk], judged, **PRIVATE)
        return parts

    def start(self) -> tuple[Conversation, str, str, None, str]:
        """A conversation, a transcript, a question, an opened place and a source, all as at the beginning."""
        return (), transcript(()), "", None, EMPTY

    def exemplify(self, conversation: Conversation, desk: Desk | None) -> Any:
        """Before the first question what can be asked, and examples; to make them may take some seconds."""
        if conversation:
            return gr.skip()
        now = desk or self._desk
        with telling("The documents cannot be opened"):
            return offered(len(now.chosen), self._examples.of(now) if now.examples is None else now.examples)

    def resume(self, conversation: Conversation, desk: Desk | None) -> tuple[Any, ...]:
        """A conversation that was kept, with the first source of its last reply that has any; as `start`."""
        now = desk or self._desk
        for turn, exchange in reversed([*enumerate(conversation)]):
            if exchange.reply is not None and places(exchange.reply):
                opened = Opened(turn=turn, place=0)
                return *self._shown(conversation), opened, self._source(exchange.reply, opened, now)
        return *self._shown(conversation), None, EMPTY

    # asking

    def pose(self, question: str, conversation: Conversation) -> tuple[Any, ...]:
        """Show a question as asked; the answer follows when its turn in the queue comes."""
        return self._shown((*conversation, Exchange(question=question.strip())))

    def pose_example(self, conversation: Conversation, event: gr.EventData) -> tuple[Any, ...]:
        """The same with an example that was clicked."""
        return self.pose(event.text, conversation)

    def pose_again(self, conversation: Conversation) -> tuple[Any, ...]:
        """Ask the last question once more."""
        return self._shown(settled(conversation, Exchange(question=conversation[-1].question)))

    def rephrase(self, event: gr.EventData) -> str:
        """The question as it was understood, to be put in other words."""
        return str(event.text)

    def answer(self, conversation: Conversation, desk: Desk | None, shelved: bool | None = None) -> tuple[Any, ...]:
        """Answer the last question of a conversation."""
        *earlier, last = conversation
        try:
            now = asked(desk, shelved, self._desk)
            question = Question(
                id=str(len(conversation)),
                text=last.question,
                history=history(tuple(earlier)),
                documents=now.restricted(),
            )
            reply = self._counted(lambda: now.answerer.ask(question))
            opened = Opened(turn=len(conversation) - 1, place=0) if places(reply) else None
            panel = self._source(reply, opened, now) if opened else EMPTY
        except UserError as error:
            return *self._shown(settled(conversation, replace(last, error=str(error)))), None, EMPTY
        return *self._shown(settled(conversation, replace(last, reply=reply))), opened, panel

    def broken(self, conversation: Conversation) -> tuple[Any, ...]:
        """Something that no one foresaw: its traceback is in the server's log."""
        return self._shown(settled(conversation, replace(conversation[-1], error=UNFORESEEN)))

    def stopped(self, conversation: Conversation) -> tuple[Any, ...]:
        """The person would not wait."""
        if not conversation or not conversation[-1].waits:
            return self._shown(conversation)
        return self._shown(settled(conversation, replace(conversation[-1], error=_STOPPED)))

    def _shown(self, conversation: Conversation) -> tuple[Any, ...]:
        """The conversation, its transcript, and the box: to be written in, or with a button that stops."""
        waits = bool(conversation) and conversation[-1].waits
        box = gr.Textbox(value="", submit_btn=False if waits else "Ask", stop_btn="Stop" if waits else False)
        return conversation, transcript(conversation), box

    # looking at sources

    def open(
        self, conversation: Conversation, opened: Opened | None, desk: Desk | None, event: gr.EventData
    ) -> tuple[Opened | None, str]:
        """Open a citation in its document."""
        turn, place = int(event.turn), int(event.place)
        wanted = Opened(turn=turn, place=place, times=opened.times + 1 if opened else 0)
        reply = conversation[turn].reply
        assert reply is not None
        return wanted, self._source(reply, wanted, desk or self._desk)

    @staticmethod
    def _source(reply: Reply, opened: Opened, desk: Desk) -> str:
        citation = places(reply)[opened.place]
        try:
            return source(document_of(desk.answerer.index, citation), opened, reply)
        except UserError as error:
            return absent(citation, str(error))

    # judging

    def thumb(self, conversation: Conversation, event: gr.EventData) -> tuple[Conversation, str]:
        """Keep that a reply is liked, or not."""
        return self._judged(conversation, int(event.turn), thumb=event.thumb)

    def judge(self, conversation: Conversation, event: gr.EventData) -> tuple[Conversation, str]:
        """Keep that the answer is the right one, or that the documents don't say."""
        return self._judged(conversation, int(event.turn), judgement=event.kind)

    def choose(
        self, conversation: Conversation, opened: Opened | None, desk: Desk | None, event: gr.EventData
    ) -> tuple[Conversation, str]:
        """Keep that what is selected in the opened document is the right answer."""
        assert opened is not None
        reply = conversation[opened.turn].reply
        assert reply is not None
        citation = places(reply)[opened.place]
        with telling("Not kept"):
            document = document_of((desk or self._desk).answerer.index, citation)
            chosen = feedback.select(document, int(event.start), int(event.end), collection=citation.collection)
        return self._judged(conversation, opened.turn, judgement="selected", selected=chosen)

    def _judged(
        self, conversation: Conversation, turn: int, *, selected: Citation | None = None, **said: Any
    ) -> tuple[Conversation, str]:
        exchange = conversation[turn]
        assert exchange.reply is not None
        before = history(conversation[:turn])
        with telling("Not kept"):
            verdict = Verdict.of(exchange.reply, selected=selected, history=before, **said)
            if self._feedback is None:
                raise UserError("feedback is not kept here: the page was opened without a place for it")
            feedback.keep(self._feedback, verdict)
        after = changed(conversation, turn, **said)
        return after, transcript(after)


@contextmanager
def telling(title: str) -> Iterator[None]:
    """An error that a person can put right, shown on the page, which takes it for HTML."""
    try:
        yield
    except UserError as error:
        raise gr.Error(words(str(error)), title=title, print_exception=False) from error


def _layout(longest: int) -> dict[str, Any]:
    with gr.Row(elem_id="qa-columns"):
        with gr.Column(elem_id="qa-left", scale=5, min_width=320):
            parts: dict[str, Any] = {"talk": _html(transcript(()), "qa-talk"), "offered": _html("", "qa-offered")}
            parts["box"] = gr.Textbox(
                label="Your question",
                show_label=False,
                placeholder="Ask a question",
                elem_id="qa-question",
                lines=1,
                max_lines=5,
                max_length=longest,
                submit_btn="Ask",
                container=False,
            )
        with gr.Column(elem_id="qa-right", scale=4, min_width=320):
            parts["panel"] = _html(EMPTY, "qa-panel")
    return parts


def _html(value: str, name: str) -> gr.HTML:
    return gr.HTML(value, elem_id=name, apply_default_css=False, js_on_load=SCRIPT)


def _may_ask(question: str, conversation: Conversation) -> Any:
    waits = bool(conversation) and conversation[-1].waits
    said = "Type a question first." if not question.strip() else "Wait for the answer, or stop it." if waits else ""
    return [gr.validate(not said, said), gr.validate(True, "")]
