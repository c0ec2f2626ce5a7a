"""Keeping: what was asked stays in the browser, to be opened, renamed, exported and deleted there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypedDict

import gradio as gr

from embeddings.errors import UserError
from qa.web import export, kept
from qa.web.ask import UNQUEUED, Asking, AskParts
from qa.web.conversation import Conversation
from qa.web.kept import Found, Held, Room, Seen
from qa.web.kept_list import kept_list, unread
from qa.web.library import Desk
from qa.web.markup import words

KEEPER = Path(__file__).with_name("kept.js").read_text(encoding="utf-8")  # a script for the head of the page
# before a handler: what the browser has, once it has done what the server said last
SEE = "(wire, ...rest) => [qaKept.obey(wire), ...rest]"
SEE_LIST = "(wire, ...rest) => [{...qaKept.obey(wire), text: null}, ...rest]"  # a text may be long
OBEY = "wire => { qaKept.obey(wire); }"

# What is done here overlaps with what the person does next, so nothing of it is asked of the queue (see UNQUEUED).
# What carries an order to the browser is not left out while the one before it is on its way.
EACH = {**UNQUEUED, "trigger_mode": "multiple"}

_LIST_SCRIPT = Path(__file__).with_name("kept_list.js").read_text(encoding="utf-8")

_WAIT = "Wait for the answer, or stop it."
_FULL = "This browser has no room left, so the last change is not kept. Export conversations and delete them here."
_NOTHING_KEPT = (
    "This browser keeps nothing of this page: storage is switched off in it. What you ask is gone with the page."
)
_TOO_LONG = "This conversation has become too long for the browser to keep more of it. Begin a new one."
_ELSEWHERE = "Another window went on with this conversation, so yours is kept beside it, under a name of its own."
_CROWDED = "To make room in this browser, the oldest kept conversation had to go: {}."
NOTES = '<div role="status" class="qa-notes">${value}</div>'

Update = dict[Any, Any]  # new values by the parts of the page that get them


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

    The server holds nothing of them: `held` is a window's Held or None, a wire carries an Order to the browser and back
    what a window sees there. What follows an answer has a wire of its own, so that no order takes the place of another
    one before the browser has heard of it. `notes` (in the template NOTES) are what has to be told to the person.
    """

    def __init__(
        self, asking: Asking, parts: AskParts, tabs: gr.Tabs, notes: gr.HTML, room: Room | None = None
    ) -> None:
        self._asking = asking
        self._parts = parts
        self._tabs = tabs
        self._room = room or Room()
        self.held = gr.State(None)
        self.wire = gr.JSON(visible=False)
        self._answer_wire = gr.JSON(visible=False)
        self._notes = notes

    @property
    def changed(self) -> list[Any]:
        """The parts of the page that another conversation changes."""
        parts = self._parts
        begun = [parts.conversation, parts.talk, parts.box, parts.opened, parts.panel]
        return [*begun, self.held, self.wire, self._notes]

    def build(self, tab: gr.Tab) -> None:
        """Put the list into the tab that is being built, and say what happens when."""
        held, wire, answered = self.held, self.wire, self._answer_wire
        conversation, desk = self._parts.conversation, self._parts.desk
        listed = gr.HTML("", elem_id="qa-kept", apply_default_css=False, js_on_load=_LIST_SCRIPT)
        seen: dict[str, Any] = {"inputs": [wire], "outputs": [listed, self._notes], **UNQUEUED}
        tab.select(self.look, js=SEE_LIST, **seen)
        news = [answered, held, self._notes]
        conversation.change(self.keep, [answered, conversation, held], news, js=SEE, **UNQUEUED).success(
            self.told, [answered], [self._notes], js=SEE_LIST, **EACH
        )
        told = [wire, self._notes]
        for happened in (
            listed.open(self.open, [wire, conversation, held, desk], [*self.changed, self._tabs], js=SEE, **UNQUEUED),
            listed.remove(self.remove, [conversation, held], self.changed, **UNQUEUED),
            listed.clear(self.clear, [wire, conversation], self.changed, js=SEE_LIST, **UNQUEUED),
            listed.rename(self.rename, None, told, **UNQUEUED),
            listed.export(self.export, None, told, **UNQUEUED),
        ):
            happened.success(self.look, js=SEE_LIST, **seen | EACH)

    # when the page is loaded or begun anew, and after each answer

    def load(self, told: Any, desk: Desk | None) -> Update:
        """The conversation that was open in this window, or a new one."""
        seen = Seen.of(told)
        found = Found.of(seen)
        notes = [*unread(found), *([] if seen.works else [_NOTHING_KEPT])]
        dropped = list(found.damaged)
        if seen.open is not None and seen.text is not None and seen.open not in dropped:
            try:
                return self._resumed(seen.open, kept.read(seen.text), desk, Order(drop=dropped), notes)
            except UserError as error:
                dropped.append(seen.open)
                notes.append(str(error))
        return self._anew(Order(drop=dropped), notes)

    def begin(self, told: Any, conversation: Conversation, held: Held | None) -> Update:
        """A new conversation; the one before it is kept first, if its last answer has only just come."""
        if _waits(conversation):
            return self._said(_WAIT)
        order, _, notes = self._news(Seen.of(told), conversation, held)
        return {**self._anew(order, notes), self._tabs: gr.Tabs(selected="ask")}

    def keep(self, told: Any, conversation: Conversation, held: Held | None) -> Update:
        """Keep a conversation as it is now, if that is news."""
        if _waits(conversation):
            return {self._notes: gr.skip()}
        order, now, notes = self._news(Seen.of(told), conversation, held)
        if now is held and not notes:
            return {self._notes: gr.skip()}
        return {self._answer_wire: _numbered(order), self.held: now, **self._said(*notes)}

    def told(self, told: Any) -> Update:
        """Say so if the browser could not keep it."""
        seen = Seen.of(told)
        return self._said(_FULL) if seen.works and seen.failed else {self._notes: gr.skip()}

    # in the list

    def look(self, told: Any) -> tuple[str, Any]:
        """What is kept, as the browser has it now."""
        seen = Seen.of(told)
        return kept_list(Found.of(seen), open_here=seen.open, works=seen.works), self.told(told)[self._notes]

    def open(
        self, told: Any, conversation: Conversation, held: Held | None, desk: Desk | None, event: gr.EventData
    ) -> Update:
        """Go on with a kept conversation; the one before it is kept first."""
        if _waits(conversation):
            return self._said(_WAIT)
        order, _, notes = self._news(Seen.of(told), conversation, held)
        try:
            resumed = self._resumed(event.id, _read(event.text), desk, order, notes)
        except UserError as error:
            order["drop"] = [*order.get("drop", []), event.id]
            return {self.wire: _numbered(order), **self._said(*notes, str(error))}
        return {**resumed, self._tabs: gr.Tabs(selected="ask")}

    def rename(self, event: gr.EventData) -> Update:
        """Give a conversation another name."""
        try:
            renamed = replace(_read(event.text), name=kept.shortened(event.name))
        except UserError as error:
            return self._said(str(error))
        return {self.wire: _numbered(Order(put={"id": event.id, "text": kept.write(renamed)})), **self._said()}

    def export(self, event: gr.EventData) -> Update:
        """Hand a conversation out as a file."""
        try:
            file = export.FORMS[event.form](_read(event.text), datetime.now().astimezone())
        except UserError as error:
            return self._said(str(error))
        return {self.wire: _numbered(Order(file=asdict(file))), **self._said()}

    def remove(self, conversation: Conversation, held: Held | None, event: gr.EventData) -> Update:
        """Delete a conversation; if it is the one that is open, a new one begins."""
        order = Order(drop=[event.id])
        if held is None or held.id != event.id:
            return {self.wire: _numbered(order), **self._said()}
        return self._said(_WAIT) if _waits(conversation) else self._anew(order, [])

    def clear(self, told: Any, conversation: Conversation) -> Update:
        """Delete all conversations, those of other versions too, and begin a new one."""
        if _waits(conversation):
            return self._said(_WAIT)
        ids = [str(head["id"]) for head in Seen.of(told).heads if isinstance(head, dict)]
        return self._anew(Order(drop=ids), [])

    def _news(self, seen: Seen, conversation: Conversation, held: Held | None) -> tuple[Order, Held | None, list[str]]:
        """What the browser is to keep of a conversation, what is held then, and what is to be told.

        Nothing, and the same as before, if the browser has it already.
        """
        exchanges = kept.settled(conversation)
        stored = self._stored(seen, held)
        again = seen.works and seen.failed  # else what is not there any more was deleted in another window
        if not exchanges or (held is not None and held.exchanges == exchanges and (stored or not again)):
            return Order(), held, []
        # what stands there under that id cannot be told if the window has another one open
        unsure = held is not None and held.id != seen.open and any(head.id == held.id for head in Found.of(seen).heads)
        id, one = kept.keep(exchanges, None if unsure else held, stored, now=datetime.now(UTC))
        text = kept.write(one)
        if len(text) > self._room.characters:
            return Order(), held, [_TOO_LONG]
        notes = [_ELSEWHERE] if stored is not None and held is not None and id != held.id else []
        gone = Found.of(seen).crowded_out(id, len(text), self._room)
        if gone:
            notes.append(_CROWDED.format(", ".join(f"“{head.name}”" for head in gone)))
        order = Order(open=id, drop=[head.id for head in gone], put={"id": id, "text": text})
        return order, Held(id=id, exchanges=exchanges), notes

    def _stored(self, seen: Seen, held: Held | None) -> kept.Kept | None:
        """What the browser has of the conversation that this window holds, if it can be read."""
        if held is None or held.id != seen.open or seen.text is None:
            return None
        try:
            return kept.read(seen.text)
        except UserError:
            return None

    def _anew(self, order: Order, notes: Sequence[str]) -> Update:
        begun = (*self._asking.start(), None, _numbered(order | {"open": None}), *self._said(*notes).values())
        return dict(zip(self.changed, begun, strict=True))

    def _resumed(self, id: str, one: kept.Kept, desk: Desk | None, order: Order, notes: Sequence[str]) -> Update:
        held = Held(id=id, exchanges=one.exchanges)
        opened = _numbered(order | {"open": id})
        resumed = (*self._asking.resume(one.exchanges, desk), held, opened, *self._said(*notes).values())
        return dict(zip(self.changed, resumed, strict=True))

    def _said(self, *notes: str) -> Update:
        """These notes, and no others any more."""
        return {self._notes: "".join(f"<p>{words(note)}</p>" for note in notes)}


def _numbered(order: Mapping[str, Any]) -> dict[str, Any]:
    """An order that the browser carries out once, however often it hears of it."""
    return {**order, "number": kept.new_id()}


def _read(text: str | None) -> kept.Kept:
    """A conversation from the list. Raises UserError if it cannot be read, or was deleted in another window."""
    if text is None:
        raise UserError("This conversation is no longer kept in this browser.")
    return kept.read(text)


def _waits(conversation: Conversation) -> bool:
    """Whether an answer is on its way; it would come into the next conversation."""
    return bool(conversation) and conversation[-1].waits
