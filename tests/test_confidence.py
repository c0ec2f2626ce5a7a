"""Evidence worked out by hand, and the logistic model over it."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.errors import ModelUnusable
from embeddings.passage import Hit, Passage
from qa.confidence import BEFORE, Asked, Calibration, Evidence, Prospects, known_of, log_odds, weigh
from qa.reply import Span

NAMES = [field.name for field in fields(Evidence)]
TEXT = "The lamp was lit by Ada Fenwick. It cost 12,400 crowns."
ASKED = Asked.of("Who lit the lamp of Osmer?", {"lit": 1.0, "lamp": 2.0, "osmer": 5.0})


def passage(context: str = "Marrow Point") -> Passage:
    return Passage(id=1, document_id="a", heading=(), kind="prose", start=10, text=TEXT, context=context)


def span(words: str, of: Passage, score: float = 2.5) -> Span:
    start = of.start + of.text.index(words)
    return Span(passage=of, start=start, end=start + len(words), score=score)


def evidence(words: str, of: Passage | None = None, asked: Asked = ASKED) -> Evidence:
    of = of or passage()
    one = span(words, of)
    hit = Hit(passage=of, score=9.0, rank=3, dense=0.4, keyword=4.4)
    sentence = next(part for part in of.text.split(". ") if words in part)
    return weigh(asked, [one, span("12,400", of, score=1.25)], hit, [sentence, TEXT], known_of(asked, hit))[0]


def test_evidence_of_a_span_by_hand() -> None:
    found = evidence("Ada Fenwick")
    assert found.margin == 2.5
    assert found.rank == math.log(4)
    assert found.cosine == 0.4
    assert found.sentence_coverage == 3 / 8  # lit and lamp
    assert found.fact == 0.0
    assert found.missing_names == 1.0  # Osmer stands nowhere
    assert found.echo == 0.0
    assert found.length == pytest.approx(math.log(3))


def test_the_sentence_covers_what_stands_in_it_and_in_the_context() -> None:
    assert evidence("12,400 crowns").sentence_coverage == 0.0
    near = passage(context="Osmer")
    assert evidence("12,400 crowns", near).sentence_coverage == 5 / 8
    assert evidence("12,400 crowns", near).missing_names == 0.0


def test_an_answer_that_repeats_the_question_is_an_echo() -> None:
    assert evidence("lamp").echo == 1.0
    assert evidence("lamp was lit").echo == pytest.approx(2 / 3)
    assert evidence("by").echo == 0.0


def test_a_question_without_terms_or_names_divides_by_nothing() -> None:
    found = evidence("Ada Fenwick", asked=Asked.of("who?", {}))
    assert (found.sentence_coverage, found.missing_names) == (0, 0)


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Who lit the lamp of Osmer in 1871?", {"osmer", "1871"}),
        ("Osmer had which lamp?", set()),  # a first word has a capital anyway
        ("MINUSMA left when?", {"minusma"}),
        ("who lit it?", set()),
    ],
)
def test_names_of_a_question(question: str, names: set[str]) -> None:
    assert Asked.of(question, {}).names == names


# the model


def calibration(**weights: float) -> Calibration:
    return Calibration(
        weights=dict.fromkeys(NAMES, 0.0) | weights,
        means=dict.fromkeys(NAMES, 1.0),
        scales=dict.fromkeys(NAMES, 2.0),
        intercept=0.5,
        threshold=0.4,
        reader="r",
        encoder="e",
        split={"words": 120},
        null_margin=0.0,
    )


NOTHING = Evidence(**dict.fromkeys(NAMES, 1.0))  # every field at its mean


def test_probability_is_the_logistic_of_the_weighed_standardised_evidence() -> None:
    assert calibration().probability(NOTHING) == pytest.approx(1 / (1 + math.exp(-0.5)))
    weighed = calibration(margin=3.0, echo=-1.0).probability(replace(NOTHING, margin=5.0, echo=3.0))
    assert weighed == pytest.approx(1 / (1 + math.exp(-(0.5 + 3 * 2 - 1 * 1))))


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_probability_rises_with_what_has_a_positive_weight_and_stays_one(low: float, high: float) -> None:
    low, high = sorted((low, high))
    chances = [calibration(margin=1.0).probability(replace(NOTHING, margin=value)) for value in (low, high)]
    assert 0.0 <= chances[0] <= chances[1] <= 1.0


@given(st.floats(-3, 3), st.floats(-2, 2))
def test_a_shift_moves_all_log_odds_alike_and_shows_the_same(margin: float, by: float) -> None:
    before = replace(
        calibration(margin=1.0), prospects=Prospects(weights=dict.fromkeys(BEFORE, 1.0), intercept=0.5, reach=1.0)
    )
    after, one = before.shifted(by), replace(NOTHING, margin=margin)
    assert log_odds(after.probability(one)) == pytest.approx(log_odds(before.probability(one)) + by)
    assert log_odds(after.threshold) == pytest.approx(log_odds(before.threshold) + by, abs=0.02)
    assert before.prospects is not None and after.prospects is not None
    known = dict.fromkeys(BEFORE, 0.0)
    assert after.prospects.most(known) == pytest.approx(before.prospects.most(known) + by)


def test_a_calibration_belongs_to_its_models_and_its_split() -> None:
    assert calibration().belongs_to("r", "e", {"words": 120})
    assert not calibration().belongs_to("other", "e", {"words": 120})
    assert not calibration().belongs_to("r", "other", {"words": 120})
    assert not calibration().belongs_to("r", "e", {"words": 60})


def stored(file: Path, **changes: object) -> Path:
    file.write_text(json.dumps(asdict(calibration()) | changes), encoding="utf-8")
    return file


def test_a_stored_calibration_is_read_as_it_was(tmp_path: Path) -> None:
    assert Calibration.read(stored(tmp_path / "c.json")) == calibration()


@pytest.mark.parametrize("changes", [{"weights": {"margin": 1.0}}, {"weights": None}, {"scales": {"colour": 2.0}}])
def test_a_calibration_of_other_evidence_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    with pytest.raises(ModelUnusable, match=r"c\.json"):
        Calibration.read(stored(tmp_path / "c.json", **changes))


def test_a_missing_calibration_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match=r"none\.json: no calibration"):
        Calibration.read(tmp_path / "none.json")
