"""Which passages are read: those that can still change what is shown, and none twice for one question."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

from embeddings.index import Index
from embeddings.passage import Passage
from qa.answerer import Answerer, AnswererSettings
from qa.chat import Question
from qa.confidence import BEFORE, Calibration, Prospects, log_odds
from qa.fit import NAMES, SAME, Case, fit, prospects
from qa.reply import Answer, NoAnswer, Span
from qa.retrieve import Retriever
from tests.tower import ENCODER, HOLDS, ONLY_MARGIN, NameReader, made

WHO = "Who built the tower?"
BUILDER = made("0.txt", ("prose", "The tower was built by Ada Fenwick, who built it. The tower is tall."))
# each holds a little less of the question than the one before, and names that have little to do with it
OTHERS = [made(f"{n}.txt", ("prose", f"Tower {'and wall ' * n}of Tomas Rill.")) for n in range(1, 10)]


@dataclass
class CountingReader(NameReader):
    """Knows how many passages it was given each time."""

    counts: list[int] = field(default_factory=list)

    def read(self, question: str, passages: Sequence[Passage], *, most: int | None = None) -> list[list[Span]]:
        self.counts.append(len(passages))
        return super().read(question, passages, most=most)


def answerer(folder: Path, *, steep: float, reach: float, threshold: float | None = None) -> Answerer:
    """An answerer that expects the log odds of a passage to fall by `steep` with the logarithm of its rank."""
    expected = Prospects(weights=dict.fromkeys(BEFORE, 0.0) | {"rank": -steep}, intercept=0.0, reach=reach)
    index = Index.build(folder / ".index", [BUILDER, *OTHERS], encoder=ENCODER)
    return Answerer(
        retriever=Retriever(index, ENCODER),
        reader=CountingReader(),
        calibration=replace(ONLY_MARGIN, prospects=expected),
        threshold=threshold,
        settings=AnswererSettings(read_at_once=2),
    )


def ask(of: Answerer, text: str = WHO, documents: tuple[str, ...] = (), **numbers: float) -> tuple[object, list[int]]:
    """What comes of a question, and how many passages were read for it, time by time."""
    assert isinstance(of.reader, CountingReader)
    of.reader.counts.clear()
    return of.ask(Question(id="q", text=text, documents=documents), **numbers).outcome, list(of.reader.counts)  # type: ignore[arg-type]


def test_what_cannot_come_near_the_answer_stays_unread(tmp_path: Path) -> None:
    # "Ada Fenwick" has HOLDS[2] = 0.88, three tenths of it are log odds of -1.02; ranks 0, 1, 2 and 3 reach 1, 0.3,
    # -0.1 and -0.4, rank 6 reaches -0.95, rank 7 -1.08, and the bar of showing is a confidence of 0.05
    outcome, counts = ask(answerer(tmp_path, steep=1.0, reach=1.0, threshold=0.05))
    assert isinstance(outcome, Answer)
    assert (outcome.best.text, outcome.best.confidence) == ("Ada Fenwick", pytest.approx(HOLDS[2]))
    assert counts == [2, 2, 2, 2]  # the last two of ten stay unread
    assert -math.log(8) + 1.0 < log_odds(0.3 * HOLDS[2]) < -math.log(7) + 1.0


def test_all_is_read_before_it_is_said_that_the_documents_do_not_answer(tmp_path: Path) -> None:
    of = answerer(tmp_path, steep=2.0, reach=0.0)
    assert ask(of)[1] == [2]
    outcome, counts = ask(of, threshold=0.95)
    assert isinstance(outcome, NoAnswer)
    assert outcome.confidence == pytest.approx(HOLDS[2])
    assert counts == [2, 2, 2, 2, 2]


def test_without_prospects_all_is_read_at_once(tmp_path: Path) -> None:
    of = answerer(tmp_path, steep=1.0, reach=1.0)
    of._calibration = ONLY_MARGIN
    assert ask(of)[1] == [10]


def test_with_other_models_than_the_calibrations_all_is_read_at_once(tmp_path: Path) -> None:
    of = answerer(tmp_path, steep=1.0, reach=1.0)
    of.reader.digest = "8" * 64  # type: ignore[misc]
    assert ask(of)[1] == [10]


def test_the_stricter_the_threshold_no_less_is_read_beside_the_answer(tmp_path: Path) -> None:
    of = answerer(tmp_path, steep=1.0, reach=1.0)
    counts = ask(of)[1]
    assert len(counts) < 5
    assert ask(of, threshold=0.85)[1] == counts


def test_a_question_is_read_for_once_for_each_way_it_may_be_answered(tmp_path: Path) -> None:
    of = answerer(tmp_path, steep=0.0, reach=9.0)
    first, counts = ask(of)
    assert sum(counts) == 10
    assert ask(of) == (first, [])
    assert sum(ask(of, threshold=0.5)[1]) == 10
    assert sum(ask(of, top_k=3)[1]) == 3  # type: ignore[arg-type]
    assert ask(of) == (first, [])
    assert sum(ask(of, documents=("1.txt", "2.txt"))[1]) == 2
    assert ask(of) == (first, [])
    Index.build(tmp_path / ".index", [BUILDER, *OTHERS[:4]], encoder=ENCODER)
    assert sum(ask(of)[1]) == 5


def cases(questions: int) -> list[Case]:
    """Ten candidates each, one of a passage, whose margins fall with the rank but for chance."""
    chance = np.random.default_rng(7)
    found = []
    for _ in range(questions):
        evidence = np.zeros((10, len(NAMES)))
        evidence[:, NAMES.index("rank")] = np.log1p(np.arange(10))
        evidence[:, NAMES.index("margin")] = 3 - 2 * np.arange(10) + chance.normal(size=10) * 3
        right = (evidence[:, NAMES.index("margin")] > 3) & (chance.random(10) < 0.8)
        found.append(Case(evidence=evidence, f1=right.astype(float)))
    return found


def test_prospects_reach_just_far_enough_for_the_answers_of_nearly_all_questions() -> None:
    found = cases(1000)
    calibration = fit(found, reader="r", encoder="e", split={}, refused=0.7)
    expected = calibration.prospects
    assert expected is not None
    assert expected.weights["rank"] < -1.0
    same = [answers_alike(case, calibration, expected) for case in found]
    assert np.mean(same) >= SAME
    nearer = replace(expected, reach=expected.reach - 0.125)
    assert np.mean([answers_alike(case, calibration, nearer) for case in found]) < SAME


def answers_alike(case: Case, calibration: Calibration, expected: Prospects) -> bool:
    """By hand: read the passages one by one, the most promising first, until none can come near."""
    evidence = [dict(zip(NAMES, row, strict=True)) for row in case.evidence.tolist()]
    sure = [probability(calibration, row) for row in evidence]
    most = [expected.most(row) for row in evidence]
    read: list[float] = []
    for place in sorted(range(len(sure)), key=lambda n: -most[n]):
        best = max(read, default=0.0)
        if best >= calibration.threshold and most[place] < log_odds(max(calibration.threshold, 0.3 * best)):
            break
        read.append(sure[place])
    return max(read) == max(sure)


def probability(calibration: Calibration, evidence: dict[str, float]) -> float:
    from qa.confidence import Evidence

    return calibration.probability(Evidence(**evidence))


def test_passages_that_agree_in_all_that_is_known_count_as_one() -> None:
    evidence = np.zeros((4, len(NAMES)))
    evidence[2:, NAMES.index("rank")] = 1.0
    found = prospects([evidence] * 3, [np.array([0.0, 2.0, -1.0, -3.0])] * 3, 0.5)
    assert (found.intercept, found.weights["rank"]) == (pytest.approx(2.0), pytest.approx(-3.0))
    assert found.reach == 0.0
