"""The formats in which question-answering sets are published."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.training.formats import FORMATS, Row, as_written
from tests.question_sets import BRIDGE, FERRY, asked, prepared, squad, texts, write


def test_prepared_rows_are_read_and_those_whose_answer_is_elsewhere_are_none(tmp_path: Path) -> None:
    rows = [
        prepared("q1", BRIDGE, ["1931", "in 1931"]),
        prepared("q2", BRIDGE, []),
        prepared("q3", BRIDGE, ["1931"], 5),
    ]
    first, second, third = FORMATS["prepared"](write(tmp_path / "a.gz", rows, lines=True, packed=True), "a")
    assert first == Row(
        set="a", id="q1", title="Orlo", context=BRIDGE, question="What is q1?", answers=((26, 30), (23, 30))
    )
    assert second is not None and second.answers == ()
    assert third is None


def test_squad_has_unanswerable_questions_only_where_it_says_so(tmp_path: Path) -> None:
    impossible = {"id": "q2", "question": "Who?", "answers": [], "is_impossible": True, "plausible_answers": [{}]}
    silent = {"id": "q3", "question": "Who?", "answers": []}
    content = squad(asked("q1"), impossible, silent, asked("q4", start=25), asked("q5", answer=""))
    rows = list(FORMATS["squad"](write(tmp_path / "a.json", content), "a"))
    assert [row and (row.id, row.title, texts(row)) for row in rows] == [
        ("q1", "Orlo", ["1931"]),
        ("q2", "Orlo", []),
        None,
        None,
        None,
    ]


def test_squad_keeps_a_paragraph_as_it_is_because_the_offsets_count_from_its_start(tmp_path: Path) -> None:
    content = squad(asked("q1", answer="Hilma", start=14), context=FERRY)
    (row,) = FORMATS["squad"](write(tmp_path / "a.json", content), "a")
    assert row and row.context == FERRY and texts(row) == ["Hilma"]


def test_tydi_gives_the_english_questions_only(tmp_path: Path) -> None:
    content = squad(asked("english-1-0"), asked("finnish-1-0"), asked("finnish-2-0", start=3))
    (row,) = FORMATS["tydi"](write(tmp_path / "a.json", content), "a")
    assert row and row.id == "english-1-0"


def test_qed_is_written_as_people_write_and_its_answers_move_along(tmp_path: Path) -> None:
    tokens = "The `` long - lived '' Hilma ( 1899 -- 1931 ) was Orlo 's ferry , of 40 % profit ."

    def spans(*strings: str) -> list[dict[str, Any]]:
        return [{"start": tokens.find(s), "end": tokens.find(s) + len(s), "string": s} for s in strings]

    def example(id: int, *answers: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "example_id": id,
            "title_text": "Hilma",
            "question_text": "what was hilma",
            "paragraph_text": tokens,
            "original_nq_answers": answers,
        }

    wrong = [{"start": 0, "end": 3, "string": "Hilma"}]
    lines = [
        example(-1, spans("long - lived"), spans("1899", "1931"), spans("1899 -- 1931"), spans("Orlo 's ferry")),
        example(2, spans("1899", "1931")),
        example(3, spans("1931"), wrong),
    ]
    first, second, third = FORMATS["qed"](write(tmp_path / "a.jsonlines", lines, lines=True), "a")
    assert first and (first.id, first.title) == ("-1", "Hilma")
    assert first.context == 'The "long-lived" Hilma (1899–1931) was Orlo\'s ferry, of 40% profit.'
    assert texts(first) == ["long-lived", "1899–1931", "Orlo's ferry"]
    assert second is None  # the only answer is two stretches
    assert third is None


@pytest.mark.parametrize(
    ("tokens", "written"),
    [
        ("R & B , not b & c", "R&B, not b & c"),
        ("the owners ' boats and Singin ' in the rain", "the owners' boats and Singin ' in the rain"),
        ("he ca n't pay $ 5 / day", "he can't pay $5/day"),
        ("twice -- in 1956 ; - 5 at 31 - 33", "twice – in 1956; - 5 at 31-33"),
    ],
)
def test_tokens_put_together(tokens: str, written: str) -> None:
    assert as_written(tokens)[0] == written


@given(
    st.lists(st.sampled_from(["a", "Bs", "1", "-", "--", "``", "''", "(", ")", ",", "'s", "'", "&", "/", "$", "n't"]))
)
def test_offsets_of_tokens_move_to_where_their_letters_are(tokens: list[str]) -> None:
    text = " ".join(tokens)
    written, moved = as_written(text)
    places = [moved(offset) for offset in range(len(text) + 1)]
    assert places[-1] == len(written)
    assert all(written[places[i]] == text[i] for i in range(len(text)) if text[i].isalnum())


def test_mrqa_spans_include_their_last_character(tmp_path: Path) -> None:
    def question(id: str, text: str, *spans: list[int]) -> dict[str, Any]:
        return {"qid": id, "question": "When?", "detected_answers": [{"text": text, "char_spans": spans}]}

    empty = {"qid": "q3", "question": "Who?", "detected_answers": []}
    questions = [question("q1", "1931", [26, 29]), question("q2", "the orlo Bridge", [4, 14]), empty]
    lines = [{"header": {"dataset": "X"}}, {"context": BRIDGE, "qas": [*questions, question("q4", "1931", [25, 29])]}]
    path = write(tmp_path / "a.jsonl.gz", lines, lines=True, packed=True)
    rows = list(FORMATS["mrqa"](path, "a"))
    assert [row and texts(row) for row in rows] == [["1931"], ["Orlo bridge"], None, None]
