"""Conversations in the browser: what is written comes back exactly, and whatever else stands there harms nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.chat import Question
from qa.reply import Answer, Attribution, Candidate, Citation, NoAnswer, Reply
from qa.web import kept
from qa.web.conversation import Exchange
from qa.web.kept import Found, Held, Kept, Room, Seen, Unreadable
from tests.fakes import LIGHTHOUSE_SCRIPT, lighthouse_answerer

LIT, KEEPER, COST, OWNER = LIGHTHOUSE_SCRIPT
NOON = datetime(2026, 11, 12, 12, tzinfo=UTC)


def exchange(question: str, **fields: Any) -> Exchange:
    return Exchange(question=question, reply=lighthouse_answerer().ask(Question(id="1", text=question)), **fields)


def conversation(*questions: str) -> tuple[Exchange, ...]:
    return tuple(map(exchange, questions))


ANY = st.text(max_size=8)
SHARES = st.floats(0, 1)


@st.composite
def citations(draw: st.DrawFn) -> Citation:
    before, text, after = draw(ANY), draw(st.text(min_size=1, max_size=8)), draw(ANY)
    at = draw(st.integers(0, 10**9))
    maybe = st.none() | st.integers(0, 9999)
    return Citation(
        document=draw(ANY),
        collection=draw(ANY),
        sha256=draw(ANY),
        title=draw(ANY),
        heading=tuple(draw(st.lists(ANY, max_size=2))),
        kind=draw(st.sampled_from(["prose", "facts", "list", "table", "related", "references"])),
        page=draw(maybe),
        line=draw(maybe),
        start=at + len(before),
        end=at + len(before) + len(text),
        source_start=draw(maybe),
        source_end=draw(maybe),
        text=text,
        quote=before + text + after,
        quote_start=at,
        url=draw(st.none() | ANY),
        published=draw(st.none() | ANY),
        attributed_to=draw(st.none() | st.builds(Attribution, text=ANY, start=st.just(3), end=st.just(4))),
        denied=draw(st.booleans()),
    )


FEW = st.lists(citations(), max_size=2).map(tuple)
CANDIDATES = st.builds(
    Candidate, text=ANY, confidence=SHARES, citation=citations(), support=FEW, conflicts=st.booleans()
)
OUTCOMES = st.builds(
    Answer, best=CANDIDATES, items=st.lists(CANDIDATES, max_size=2).map(tuple), disagreement=st.booleans()
) | st.builds(
    NoAnswer,
    reason=st.sampled_from(["empty question", "nothing found", "not confident"]),
    confidence=SHARES,
    nearest=FEW,
)
REPLIES = st.builds(
    Reply,
    id=ANY,
    question=ANY,
    asked=ANY,
    outcome=OUTCOMES,
    threshold=SHARES,
    calibrated=st.booleans(),
    index=ANY,
    others=st.lists(CANDIDATES, max_size=2).map(tuple),
    error=st.none(),
)
EXCHANGES = st.builds(
    Exchange,
    question=ANY,
    reply=REPLIES,
    thumb=st.sampled_from([None, "up", "down"]),
    judgement=st.sampled_from([None, "confirmed", "selected", "not in the documents"]),
) | st.builds(Exchange, question=ANY, error=ANY)


@given(
    st.lists(EXCHANGES, min_size=1, max_size=3).map(tuple),
    ANY.map(kept.shortened),
    st.datetimes(datetime(1971, 1, 1), datetime(2999, 1, 1)),
)
def test_what_is_written_is_read_again(exchanges: tuple[Exchange, ...], name: str, updated: datetime) -> None:
    one = Kept(name=name, updated=updated.replace(tzinfo=UTC), exchanges=exchanges)
    assert kept.read(kept.write(one)) == one


def test_every_scripted_reply_is_read_again_with_what_was_said_of_it() -> None:
    said = (
        exchange(LIT, thumb="up", judgement="confirmed"),
        exchange(KEEPER, thumb="down", judgement="selected"),
        exchange(COST),
        exchange(OWNER, judgement="not in the documents"),
        Exchange(question="Break?", error="It broke."),
    )
    one = Kept(name="All", updated=NOON, exchanges=said)
    text = kept.write(one)
    assert kept.read(text) == one
    assert json.loads(text)["version"] == 1


def _changed(text: str, *path: object, to: object) -> str:
    value = json.loads(text)
    inner = value
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = to
    return json.dumps(value)


WHOLE = kept.write(Kept(name="Whole", updated=NOON, exchanges=conversation(LIT, OWNER)))
_CITED = ("exchanges", 0, "reply", "outcome", "best", "citation")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "{}",
        "[" * 100_000,
        WHOLE[:-1],
        WHOLE.replace("4 May 1871", "\\ud800"),
        _changed(WHOLE, "version", to=2),
        _changed(WHOLE, "version", to="1"),
        _changed(WHOLE, "name", to=" "),
        _changed(WHOLE, "name", to="x" * 81),
        _changed(WHOLE, "updated", to="2026-11-12T12:00:00"),
        _changed(WHOLE, "updated", to="0001-01-01T00:00:00Z"),
        _changed(WHOLE, "updated", to="soon"),
        _changed(WHOLE, "exchanges", to=[]),
        _changed(WHOLE, "exchanges", 0, "reply", to=None),
        _changed(WHOLE, "exchanges", 0, "error", to="and an error"),
        _changed(WHOLE, "exchanges", 0, "thumb", to="sideways"),
        _changed(WHOLE, "exchanges", 0, "question", to=["a", "list"]),
        _changed(WHOLE, "exchanges", 0, "reply", "threshold", to=1e999),
        _changed(WHOLE, "exchanges", 0, "reply", "outcome", "best", "confidence", to=float("nan")),
        _changed(WHOLE, "exchanges", 1, "reply", "outcome", "reason", to="no reason"),
        _changed(WHOLE, *_CITED, "start", to=0),
        _changed(WHOLE, *_CITED, "quote_start", to=-1),
        _changed(WHOLE, *_CITED, "text", to="5 May 1871"),
        _changed(WHOLE, *_CITED, "heading", to="not a list"),
        _changed(WHOLE, *_CITED, "kind", to="verse"),
    ],
)
def test_what_could_not_have_been_written_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable, match="cannot be read any more"):
        kept.read(text)


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(ANY, x))
)
def test_no_json_breaks_the_reading(value: object) -> None:
    with pytest.raises(Unreadable):
        kept.read(json.dumps(value))
    assert Found.of(Seen.of(value)) == Found()


def head(id: str = "0" * 16, **fields: Any) -> dict[str, Any]:
    """As kept.js tells of a text."""
    told = {"version": 1, "name": "A", "updated": "2026-11-12T12:00:00Z", "questions": 1, "characters": 10}
    return {"id": id, **told, **fields}


def test_the_list_has_the_last_changed_first_and_leaves_out_what_is_damaged_or_of_another_version() -> None:
    told = [
        head("1" * 16, updated="2026-11-12T12:00:00Z"),
        head("2" * 16, updated="2026-11-12T13:00:00+01:00", name="Same time, other clock"),
        head("3" * 16, updated="2026-11-13T12:00:00Z"),
        head("4" * 16, version=2, name=None),
        head("no id of ours"),
        head("5" * 16, updated="never"),
        head("6" * 16, name="x" * 1000),
        {"id": "7" * 16, "characters": 3},
        "words",
    ]
    found = Found.of(Seen.of({"works": True, "heads": told}))
    assert [one.id[0] for one in found.heads] == ["3", "2", "1"]
    assert found.damaged == ("no id of ours", "5" * 16, "6" * 16, "7" * 16, "")
    assert found.foreign == 1


@pytest.mark.parametrize(
    ("room", "characters", "gone"),
    [
        (Room(), 100, ""),
        (Room(conversations=3), 100, "1"),
        (Room(conversations=1), 100, "123"),
        (Room(characters=130), 100, ""),
        (Room(characters=130), 101, "1"),
        (Room(characters=130), 1000, "123"),
    ],
)
def test_the_oldest_go_first_when_there_is_no_room(room: Room, characters: int, gone: str) -> None:
    heads = [head(str(day) * 16, updated=f"2026-11-0{day}T12:00:00Z") for day in (2, 1, 3)]
    found = Found.of(Seen.of({"works": True, "heads": heads}))
    assert "".join(one.id[0] for one in found.crowded_out("9" * 16, characters, room)) == gone
    assert "1" not in "".join(one.id[0] for one in found.crowded_out("1" * 16, characters, room))


def stored(exchanges: tuple[Exchange, ...], name: str = "As I named it") -> Kept:
    return Kept(name=name, updated=NOON - timedelta(days=1), exchanges=exchanges)


def test_a_conversation_is_kept_under_its_id_and_name_while_it_goes_on() -> None:
    one, two = conversation(LIT), conversation(LIT, OWNER)
    waiting = (*two, Exchange(question=COST))
    id, first = kept.keep(one, None, None, now=NOON)
    assert first == Kept(name=LIT, updated=NOON, exchanges=one)
    assert kept.keep(waiting, Held(id=id, exchanges=one), stored(one), now=NOON) == (
        id,
        replace(stored(two), updated=NOON),
    )
    again = (*one, replace(two[1], error="No.", reply=None))  # the last question asked again
    assert kept.keep(again, Held(id=id, exchanges=two), stored(two), now=NOON)[0] == id
    earlier = Held(id=id, exchanges=two)  # the browser has not yet heard of the second answer
    assert kept.keep((*two, *conversation(COST)), earlier, stored(one), now=NOON)[0] == id
    assert kept.keep(two, Held(id=id, exchanges=one), None, now=NOON) == (id, replace(first, exchanges=two))


def test_nothing_is_written_over_what_another_window_kept() -> None:
    mine, theirs, held = (
        conversation(LIT, OWNER),
        conversation(LIT, COST),
        Held(id="0" * 16, exchanges=conversation(LIT)),
    )
    id, beside = kept.keep(mine, held, stored(theirs), now=NOON)
    assert id != held.id
    assert beside == Kept(name="As I named it (other window)", updated=NOON, exchanges=mine)


@pytest.mark.parametrize("other", [conversation(OWNER), conversation(COST, OWNER), conversation(COST, LIT, OWNER)])
def test_another_conversation_never_takes_the_place_of_the_one_before(other: tuple[Exchange, ...]) -> None:
    before = conversation(LIT, OWNER)
    held = Held(id="0" * 16, exchanges=before)
    id, one = kept.keep(other, held, stored(before), now=NOON)
    assert id != held.id
    assert one.name == other[0].question


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("Who?", "Who?"),
        ("  Who \n was it? ", "Who was it?"),
        ("", "Conversation"),
        ("word " * 30, "word " * 14 + "word…"),
        ("x" * 100, "x" * 79 + "…"),
    ],
)
def test_names_fit_in_one_line(given: str, name: str) -> None:
    assert kept.shortened(given) == name
