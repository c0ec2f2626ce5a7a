"""What question and passage share, in numbers worked out on paper."""

from __future__ import annotations

import pytest

from embeddings.keywords import question_terms
from embeddings.passage import Passage
from qa.lexical import Overlap, overlap

RARITY = {"lamp": 2.0, "keeper": 3.0, "storm": 1.0, "nowher": 4.0}


def passage(text: str, context: str = "", start: int = 50) -> Passage:
    return Passage(id=1, document_id="a.txt", heading=(), kind="prose", start=start, text=text, context=context)


def shared(question: list[str], text: str, context: str = "") -> Overlap:
    return overlap(question, RARITY, passage(text, context))


def test_the_best_sentence_is_scored_by_bm25_and_placed_in_the_document() -> None:
    found = shared(["lamp", "keeper"], "A storm came. The lamp keeper slept.")
    # three terms, "the" being none, of an average of 15: norm 1.2 * (0.25 + 0.75 * 3 / 15) = 0.48; (2 + 3) * 2.2 / 1.48
    assert found.sentence == pytest.approx(5 * 2.2 / 1.48)
    assert found.place == (50 + 14, 50 + 36)
    assert found.pairs == 5.0


def test_repeating_a_term_helps_less_each_time() -> None:
    # three terms, then two: norm 0.48 and 1.2 * (0.25 + 0.75 * 2 / 15) = 0.42
    assert shared(["lamp"], "Lamp, lamp, lamps.").sentence == pytest.approx(2 * 3 * 2.2 / 3.48)
    assert shared(["lamp"], "Lamp and storm.").sentence == pytest.approx(2 * 2.2 / 1.42)


def test_of_equal_sentences_the_first_is_the_best_one() -> None:
    assert shared(["lamp"], "The lamp burned. The lamp burned.").place == (50, 66)


def test_neighbours_count_once_and_only_within_a_sentence_or_the_context() -> None:
    question = ["lamp", "keeper", "storm"]
    assert shared(question, "Lamp keeper. Lamp keeper.").pairs == 5.0
    assert shared(question, "A lamp. Keeper, storm.").pairs == 4.0
    assert shared(question, "Lamp keeper storm.").pairs == 9.0
    assert shared(question, "Keeper lamp.").pairs == 0.0
    assert shared(question, "Storm.", "Lamp keeper").pairs == 5.0


def test_nothing_in_common_is_all_zero_and_the_first_sentence() -> None:
    assert shared(["nowher"], "A storm. A lamp.") == Overlap(sentence=0.0, place=(50, 58), pairs=0.0)
    assert shared([], "A storm. A lamp.") == Overlap(sentence=0.0, place=(50, 58), pairs=0.0)


def test_terms_are_those_of_the_keyword_index() -> None:
    asked = question_terms("Which keepers lit the lamps?")
    rarity = dict.fromkeys(asked, 1.0)
    assert overlap(asked, rarity, passage("The keeper's lamp was lit.")).sentence == pytest.approx(3 * 2.2 / 1.48)
