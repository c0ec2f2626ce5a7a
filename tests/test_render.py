"""Replies as a person reads them (golden files) and as a program does (the schema)."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from qa import render
from qa.chat import Question
from qa.reply import Answer, Candidate, NoAnswer, Reply
from tests.fakes import LIGHTHOUSE, lighthouse_answerer, paper_citation

GOLDEN = Path(__file__).parent / "golden" / "render"
SCHEMA = json.loads((Path(render.__file__).parent / "reply.schema.json").read_text("utf-8"))


def ask(text: str) -> Reply:
    return lighthouse_answerer().ask(Question(id="q1", text=text))


def items_reply() -> Reply:
    first = paper_citation(
        LIGHTHOUSE, "The tower was designed by Ada Fenwick, who had built two harbours before.", "Ada"
    )
    second = paper_citation(
        LIGHTHOUSE,
        "1868.\nMost of the workers lived in tents on the headland until the keeper's house was finished.",
        "Most of the workers",
    )
    parts = (
        Candidate(text="Ada", confidence=0.71, citation=replace(first, page=3, line=None, heading=("Works", "Tower"))),
        Candidate(text="Most of the workers", confidence=0.4, citation=replace(second, denied=True)),
    )
    outcome = Answer(best=parts[0], items=parts)
    return replace(
        ask("Who owns the lighthouse today?"), question="Who built it?", asked="Who built it?", outcome=outcome
    )


def hostile_reply() -> Reply:
    """Text that would steer a terminal or a Markdown reader."""
    hidden = "- Cost: \x1b[31m*nothing*\x07 <b>1. & [x](y)"
    cited = paper_citation(LIGHTHOUSE, "Granite came from the quarries of Osmer by barge", "Granite")
    cited = replace(cited, quote=hidden, quote_start=0, text="*nothing*", start=13, end=22)
    return replace(items_reply(), outcome=Answer(best=Candidate(text="*nothing*", confidence=1.0, citation=cited)))


REPLIES = {
    "answer": ask("When was the lighthouse first lit?"),
    "follow_up": ask("Who was its first keeper?"),
    "disagreement": ask("What did the lighthouse cost?"),
    "not_confident": ask("Who owns the lighthouse today?"),
    "nothing_found": ask("Who won the cup?"),
    "empty_question": replace(ask(""), outcome=NoAnswer(reason="empty question")),
    "uncalibrated": replace(ask("When was the lighthouse first lit?"), calibrated=False),
    "items": items_reply(),
    "hostile": hostile_reply(),
    "error": replace(ask(""), error="line 3: no question"),
}


def agrees(name: str, text: str) -> None:
    """Compare with the golden file; one that was deleted is written anew, to be read before it is committed."""
    path = GOLDEN / name
    if not path.exists():
        path.write_text(text, "utf-8")
        pytest.fail(f"{path} was missing and is written now; read it")
    assert text == path.read_text("utf-8")


@pytest.mark.parametrize("name", REPLIES)
def test_text(name):
    agrees(f"{name}.txt", render.to_text(REPLIES[name]))


@pytest.mark.parametrize("name", ["answer", "not_confident"])
def test_text_with_everything_for_a_terminal(name):
    others = REPLIES["answer"].others
    agrees(f"{name}.all.txt", render.to_text(replace(REPLIES[name], others=others), everything=True, marks=render.BOLD))


@pytest.mark.parametrize("name", REPLIES)
def test_markdown(name):
    agrees(f"{name}.md", render.to_markdown(REPLIES[name]))


@pytest.mark.parametrize("name", REPLIES)
def test_json_is_as_the_schema_says(name):
    Draft202012Validator.check_schema(SCHEMA)
    found = json.loads(render.to_json(REPLIES[name]))
    Draft202012Validator(SCHEMA).validate(found)
    assert list(found) == list(SCHEMA["properties"])
    citation_keys = list(SCHEMA["$defs"]["citation"]["properties"])
    citations = [found["citation"], *found["support"], *found["nearest"]]
    citations += [candidate["citation"] for candidate in found["others"] + found["items"]]
    assert all(list(citation) == citation_keys for citation in citations if citation)


def test_schema_requires_every_key():
    objects = [SCHEMA, SCHEMA["$defs"]["citation"], *(SCHEMA["properties"][k]["items"] for k in ("others", "items"))]
    assert [o["required"] for o in objects] == [list(o["properties"]) for o in objects]


def test_schema_tells_an_answer_from_a_refusal_and_an_error():
    for name, key, value in [
        ("answer", "reason", "not confident"),
        ("answer", "citation", None),
        ("not_confident", "answer", "x"),
        ("error", "reason", "nothing found"),
        ("answer", "confidence", 1.5),
    ]:
        wrong = render.to_dict(REPLIES[name]) | {key: value}
        assert not Draft202012Validator(SCHEMA).is_valid(json.loads(json.dumps(wrong)))


def test_json_of_an_answer():
    found = render.to_dict(REPLIES["disagreement"])
    start = LIGHTHOUSE.text.index("12,400 crowns")
    assert found["schema"] == 1
    assert (found["answer"], found["confidence"], found["reason"], found["error"]) == (
        "12,400 crowns",
        0.64,
        None,
        None,
    )
    assert (found["citation"]["start"], found["citation"]["end"]) == (start, start + 13)
    assert found["citation"]["heading"] == ["Building"]
    assert found["citation"]["attributed_to"]["text"] == "The builders"
    assert [(o["answer"], o["confidence"], o["conflicts"]) for o in found["others"]] == [("15,000 crowns", 0.58, True)]
    assert found["disagreement"] is True


@given(st.text())
def test_json_is_one_line_whatever_is_asked(text):
    line = render.to_json(replace(REPLIES["nothing_found"], question=text))
    assert len(line.splitlines()) == 1
    assert json.loads(line)["question"] == text


@given(st.text(), st.text(min_size=1), st.text())
def test_nothing_in_a_text_steers_a_terminal(before, cited, after):
    citation = replace(
        REPLIES["answer"].outcome.best.citation,
        quote=before + cited + after,
        quote_start=0,
        start=len(before),
        end=len(before) + len(cited),
        text=cited,
    )
    reply = replace(
        REPLIES["answer"],
        question=before,
        asked=after,
        outcome=Answer(best=Candidate(text=cited, confidence=0.5, citation=citation)),
    )
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", render.to_text(reply) + render.to_markdown(reply))


@pytest.mark.parametrize(
    ("confidence", "words"),
    [
        (1.0, "very likely right (99 %)"),
        (0.9, "very likely right (90 %)"),
        (0.89, "probably right (89 %)"),
        (0.5, "more likely right than wrong (50 %)"),
        (0.3, "uncertain (30 %)"),
        (0.0, "probably wrong (1 %)"),
    ],
)
def test_confidence_in_words(confidence, words):
    best = replace(REPLIES["answer"].outcome.best, confidence=confidence)
    assert render.sureness(replace(REPLIES["answer"], outcome=Answer(best=best))) == words
