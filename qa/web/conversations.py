"""Keeping: what was asked stays in the browser, to be opened, renamed, exported and deleted there."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypedDict

import gradio as gr

from embeddings.errors import UserError
from qa.web import export, kept
from qa.web.ask import PRIVATE, Asking, AskParts
from qa.web.conversation import Conversation
from qa.web.kept import Found, Held, Room, Seen
from qa.web.kept_list import kept_list, unread
from qa.web.library import Desk
from qa.web.markup import words

KEEPER = Path(__file__).with_name("kept.js").read_text(encoding="utf-8")  # a script for the head of the page
SEE = "(wire, ...rest) => [qaKept.seen(), ...rest]"  # before a handler: what the browser has
OBEY = "wire => { qaKept.obey(wire); }"

_LIST_SCRIPT = Path(__file__).with_name("kept_list.js").read_text(encoding="utf-8")
_OBEYED = "(wire, ...rest) => [qaKept.obey(wire), ...rest]"  # the same, once it has done what the server said

_FULL = "This browser has no room left, so the last change is not kept. Export conversations and delete them here."
_NOTHING_KEPT = (
    "This browser keeps nothing of this page: storage is switched off in it. What you ask is gone with the page."
)
_TOO_LONG = "This conversation has become too long for the browser to keep more of it. Begin a new one."
_ELSEWHERE = "Another window went on with this conversation, so yours is kept beside it, under a name of its own."
_CROWDED = "To make room in this browser, the oldest kept conversation had to go: {}."


class Order(TypedDict, total=False):
    """What the browser is to do with what it keeps; a key that is not there leaves that as it is.

    `drop` these ids, `put` a text under an id, remember which conversation is `open` in the window (None: a new one),
    and hand a `file` to the person.
    """

    drop: list[str]
    put: dict[str, str]
    open: str | None
    file: dict[str, str]


class Keeping:
    """What happens with conversations that are kept; each method is a handler of the page.

    The server holds nothing of them: `held` is a window's Held or None, `wire` carries an Order to the browser and back
    what a window sees there. Every order is followed by a look whether it could be carried out. What follows an answer
    has a wire of its own, so that no order takes the place of another one on its way.
    """

    def __init__(self, asking: Asking, room: Room | None = None) -> None:
        self._asking = asking
        self._room = room or Room()
        self.held = gr.State(None)
        self.wire = gr.JSON(visible=False)
        self._answer_wire = gr.JSON(visible=False)

    def build(self, parts: AskParts, tab: gr.Tab, tabs: gr.Tabs) -> None:
        """Put the list into the tab that is being built, and say what happens when."""
        held, wire, conversation, desk = self.held, self.wire, parts.conversation, parts.desk
        listed = gr.HTML("", elem_id="qa-kept", apply_default_css=False, js_on_load=_LIST_SCRIPT)
        seen: dict[str, Any] = {"inputs": [wire], "outputs": [listed], **PRIVATE}
        tab.select(self.look, js=SEE, **seen)
        answered = self._answer_wire
        conversation.change(self.keep, [answered, conversation, held], [answered, held], js=SEE, **PRIVATE).success(
            self.told, [answered], None, js=_OBEYED, **PRIVATE
        )
        shown = self.shown(parts)
        for happened in (
            listed.open(self.open, [wire, conversation, held, desk], [*shown, tabs], js=SEE, **PRIVATE),
            listed.remove(self.remove, [conversation, held, desk], shown, **PRIVATE),
            listed.clear(self.clear, [wire, conversation, desk], shown, js=SEE, **PRIVATE),
            listed.rename(self.rename, None, [wire], **PRIVATE),
            listed.export(self.export, None, [wire], **PRIVATE),
        ):
            happened.success(self.look, js=_OBEYED, **seen)

    def shown(self, parts: AskParts) -> list[gr.components.Component]:
        """What another conversation changes in the page."""
        return [parts.conversation, parts.talk, parts.box, parts.opened, parts.panel, self.held, self.wire]

    # when the page is loaded or begun anew, and after each answer

    def load(self, told: Any, desk: Desk | None) -> tuple[Any, ...]:
        """The conversation that was open in this window, or a new one."""
        seen = Seen.of(told)
        found = Found.of(seen)
        if not seen.works:
            gr.Warning(_NOTHING_KEPT)
        for note in unread(found):
            gr.Warning(note)
        dropped = list(found.damaged)
        if seen.open is None or seen.text is None or seen.open in dropped:
            return self._anew(desk, Order(drop=dropped))
        try:
            return self._resumed(seen.open, kept.read(seen.text), desk, Order(drop=dropped))
        except UserError as error:
            gr.Warning(str(error))
            return self._anew(desk, Order(drop=[*dropped, seen.open]))

    def begin(self, told: Any, conversation: Conversation, held: Held | None, desk: Desk | None) -> tuple[Any, ...]:
        """A new conversation; the one before it is kept first, if its last answer has only just come."""
        _let_finish(conversation)
        order, _ = self._news(Seen.of(told), conversation, held)
        return self._anew(desk, order)

    def keep(self, told: Any, conversation: Conversation, held: Held | None) -> tuple[Order, Any]:
        """Keep a conversation as it is now, if that is news."""
        if conversation and conversation[-1].waits:
            return Order(), gr.skip()
        order, now = self._news(Seen.of(told), conversation, held)
        return order, gr.skip() if now is held else now

    def _news(self, seen: Seen, conversation: Conversation, held: Held | None) -> tuple[Order, Held | None]:
        """What the browser is to keep of a conversation, and what is held then; nothing, and the same, if it has it."""
        exchanges = kept.settled(conversation)
        stored = self._stored(seen, held)
        if not exchanges or (held is not None and held.exchanges == exchanges and (stored or not seen.works)):
            return Order(), held
        # what stands there under that id cannot be told if the window has another one open
        unsure = held is not None and held.id != seen.open and any(head.id == held.id for head in Found.of(seen).heads)
        id, one = kept.keep(exchanges, None if unsure else held, stored, now=datetime.now(UTC))
        text = kept.write(one)
        if len(text) > self._room.characters:
            gr.Warning(_TOO_LONG)
            return Order(), held
        if stored is not None and held is not None and id != held.id:
            gr.Info(_ELSEWHERE)
        gone = Found.of(seen).crowded_out(id, len(text), self._room)
        if gone:
            gr.Info(_CROWDED.format(", ".join(f"“{words(head.name)}”" for head in gone)))
        order = Order(open=id, drop=[head.id for head in gone], put={"id": id, "text": text})
        return order, Held(id=id, exchanges=exchanges)

    def told(self, told: Any) -> None:
        """Say so if the browser could not keep it."""
        seen = Seen.of(told)
        if seen.works and seen.failed:
            gr.Warning(_FULL)

    # in the list

    def look(self, told: Any) -> str:
        """What is kept, as the browser has it now."""
        self.told(told)
        seen = Seen.of(told)
        return kept_list(Found.of(seen), open_here=seen.open, works=seen.works)

    def open(
        self, told: Any, conversation: Conversation, held: Held | None, desk: Desk | None, event: gr.EventData
    ) -> tuple[Any, ...]:
        """Go on with a kept conversation; the one before it is kept first."""
        _let_finish(conversation)
        order, _ = self._news(Seen.of(told), conversation, held)
        return *self._resumed(event.id, _read(event.text), desk, order), gr.Tabs(selected="ask")

    def rename(self, event: gr.EventData) -> Order:
        """Give a conversation another name."""
        renamed = replace(_read(event.text), name=kept.shortened(event.name))
        return Order(put={"id": event.id, "text": kept.write(renamed)})

    def export(self, event: gr.EventData) -> Order:
        """Hand a conversation out as a file."""
        return Order(file=asdict(export.FORMS[event.form](_read(event.text), datetime.now().astimezone())))

    def remove(
        self, conversation: Conversation, held: Held | None, desk: Desk | None, event: gr.EventData
    ) -> tuple[Any, ...]:
        """Delete a conversation; if it is the one that is open, a new one begins."""
        if held is not None and held.id == event.id:
            _let_finish(conversation)
            return self._anew(desk, Order(drop=[event.id]))
        return *[gr.skip()] * 6, Order(drop=[event.id])

    def clear(self, told: Any, conversation: Conversation, desk: Desk | None) -> tuple[Any, ...]:
        """Delete all conversations, those of other versions too, and begin a new one."""
        _let_finish(conversation)
        ids = [str(head["id"]) for head in Seen.of(told).heads if isinstance(head, dict)]
        return self._anew(desk, Order(drop=ids))

    def _stored(self, seen: Seen, held: Held | None) -> kept.Kept | None:
        """What the browser has of the conversation that this window holds, if it can be read."""
        if held is None or held.id != seen.open or seen.text is None:
            return None
        try:
            return kept.read(seen.text)
        except UserError:
            return None

    def _anew(self, desk: Desk | None, order: Order) -> tuple[Any, ...]:
        return *self._asking.start(desk), None, Order(**order | {"open": None})

    def _resumed(self, id: str, one: kept.Kept, desk: Desk | None, order: Order) -> tuple[Any, ...]:
        held = Held(id=id, exchanges=one.exchanges)
        return *self._asking.resume(one.exchanges, desk), held, Order(**order | {"open": id})


def _read(text: str | None) -> kept.Kept:
    """A conversation from the list, or an error told in words."""
    try:
        if text is None:
            raise UserError("This conversation is no longer kept in this browser.")
        return kept.read(text)
    except UserError as error:
        raise gr.Error(str(error), title="This cannot be opened", print_exception=False) from error


def _let_finish(conversation: Conversation) -> None:
    """An answer that is on its way would come into the next conversation."""
    if conversation and conversation[-1].waits:
        raise gr.Error("Wait for the answer, or stop it.", title="Not yet", print_exception=False)
