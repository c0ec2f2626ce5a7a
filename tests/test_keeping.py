"""What the browser is told to keep of a conversation, and what the person is told of it."""

from __future__ import annotations

from typing import Any

import gradio as gr
import pytest

from qa.web import kept
from qa.web.ask import Asking, uncounted
from qa.web.conversation import Conversation
from qa.web.conversations import Keeping
from qa.web.kept import Held, Room
from qa.web.library import Desk
from tests.fakes import LIGHTHOUSE_SCRIPT, lighthouse_answerer
from tests.test_kept import conversation, head

LIT, KEEPER, COST, OWNER = LIGHTHOUSE_SCRIPT
MINE = Held(id="0" * 16, exchanges=conversation(LIT))


def keeping(room: Room | None = None) -> Keeping:
    with gr.Blocks():
        asking = Asking(Desk(answerer=lighthouse_answerer()), None, uncounted, 2000)
        return Keeping(asking, asking.build(), gr.Tabs(), gr.HTML(), room)


def kept_of(told: dict[str, Any], now: Conversation, held: Held | None, room: Room | None = None) -> tuple[Any, str]:
    """The order to the browser (None: none) and what is said."""
    page = keeping(room)
    done = page.keep({"works": True, **told}, now, held)
    said = done[page._notes]
    return done.get(page._answer_wire), said if isinstance(said, str) else ""


def test_a_conversation_that_is_too_long_is_not_kept_and_that_is_told() -> None:
    order, said = kept_of({}, conversation(LIT), None, Room(characters=100))
    assert "put" not in order
    assert said.startswith("<p>This conversation has become too long for the browser")


def test_the_oldest_goes_to_make_room_and_that_is_told() -> None:
    old = head("1" * 16, name="The <old> one")
    order, said = kept_of({"heads": [old]}, conversation(LIT), None, Room(conversations=1))
    assert order["drop"] == ["1" * 16]
    assert said == "<p>To make room in this browser, the oldest kept conversation had to go: “The &lt;old&gt; one”.</p>"


def test_it_is_told_if_the_browser_had_no_room() -> None:
    page = keeping()
    (said,) = page.told({"works": True, "failed": True}).values()
    assert said.startswith("<p>This browser has no room left, so the last change is not kept.")
    for told in ({"works": True}, {"works": False, "failed": True}):
        assert not isinstance(page.told(told)[page._notes], str)


@pytest.mark.parametrize(("failed", "again"), [(False, False), (True, True)])
def test_what_is_not_there_any_more_is_kept_again_only_if_there_was_no_room(failed: bool, again: bool) -> None:
    order, _ = kept_of({"open": MINE.id, "failed": failed}, MINE.exchanges, MINE)
    assert (order is not None) is again
    order, _ = kept_of({"open": MINE.id, "failed": failed}, conversation(LIT, COST), MINE)
    assert kept.read(order["put"]["text"]).exchanges == conversation(LIT, COST)
