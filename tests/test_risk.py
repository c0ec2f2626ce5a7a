"""A stated risk: the bound against an oracle, the choice on paper, and that what is promised holds."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binom

from embeddings.errors import ModelUnusable, UserError
from embeddings.index import Index
from qa.assembly import Models
from qa.confidence import Calibration
from qa.reader.span_reader import SpanReader
from qa.risk import HELD_OUT, Choice, Risk, binomial_tail, upper_bound, write_held_out
from qa.settings import Settings
from tests.fakes import LIGHTHOUSE, WordEncoder

SURE, UNSURE = [(0.9, True)] * 200, [(0.3, True)] * 50 + [(0.3, False)] * 50


@given(st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.floats(0.001, 0.999))
def test_tail_and_bound_are_those_of_the_textbook(seen: tuple[int, int], share: float) -> None:
    count, trials = seen
    assert binomial_tail(count, trials, share) == pytest.approx(binom.cdf(count, trials, share), rel=1e-6, abs=1e-12)
    bound = 1.0 if count == trials else beta.ppf(0.95, count + 1, trials - count)
    assert upper_bound(count, trials) == pytest.approx(bound, abs=1e-9)


def test_the_choice_on_paper() -> None:
    """Of 300 questions 200 are sure and right; of the other 100 half are wrong, 50 of 300 in all."""
    risk = Risk(pairs=(*SURE, *UNSURE))
    assert risk.choose(0.05) == Choice(risk=0.05, threshold=0.305, shown=200, wrong=0, questions=300)
    assert risk.choose(0.05).coverage == 2 / 3
    assert risk.choose(0.05).bound == pytest.approx(1 - 0.05 ** (1 / 200))
    everything = risk.choose(0.25)
    assert (everything.threshold, everything.shown, everything.wrong) == (0.0, 300, 50)
    assert upper_bound(50, 300) < 0.25
    assert str(risk.choose(0.05)) == (
        "At most 5 % of the answers shown are wrong, with 95 % certainty: what has a confidence of 0.305 or more is "
        "shown, which answers 66.7 % of the questions. That holds for questions like the 300 held-out ones it was read "
        "off; of others more may be wrong."
    )


def test_equal_confidences_are_shown_together() -> None:
    mixed = Risk(pairs=tuple((0.5, place % 10 > 0) for place in range(400)))
    assert mixed.choose(0.15).shown == 400
    with pytest.raises(UserError, match=r"the lowest that can is 0\.129 \(12\.9 %\)"):
        mixed.choose(0.1)
    assert upper_bound(40, 400) == pytest.approx(0.1285, abs=0.0005)


def test_a_failure_ends_the_search_whatever_comes_after() -> None:
    """The middle is bad and the end good again: all together would keep to the risk, but the middle alone breaks it."""
    pairs = [(0.9, True)] * 100 + [(0.6, False)] * 30 + [(0.2, True)] * 900
    assert Risk(pairs=tuple(pairs)).choose(0.1).threshold == 0.605
    assert upper_bound(30, 1030) < 0.1 < 30 / 130


def test_a_risk_out_of_reach_names_the_lowest_that_is_not() -> None:
    # 200 are enough for 0.039: half of that seen, 3 of 200, is still low enough; for 0.038 it is not
    assert upper_bound(3, 200) == pytest.approx(0.0383, abs=0.0001)
    sure = Risk(pairs=tuple(SURE))
    assert sure.lowest() == 0.039
    assert sure.choose(0.039).shown == 200
    with pytest.raises(UserError, match=r"a risk of 0\.038 .* 200 held-out .* lowest that can is 0\.039 \(3\.9 %\)"):
        sure.choose(0.038)
    with pytest.raises(UserError, match="no risk can be kept to"):
        Risk(pairs=((0.9, False),) * 50).choose(0.5)


@pytest.mark.slow
@pytest.mark.parametrize("wanted", [0.1, 0.2])
def test_what_is_promised_holds(wanted: float) -> None:
    """Drawn 200 times, the true risk is above the wanted one in about 5 % of the draws at most, and little is lost."""
    chance = np.random.default_rng(3)

    def drawn(count: int) -> tuple[np.ndarray, np.ndarray]:
        confidence = np.where(chance.random(count) < 0.35, chance.beta(1, 9, count), chance.beta(4, 1.2, count))
        return confidence, chance.random(count) < confidence**1.15  # surer than is right, as on new kinds of questions

    confidences, right = drawn(200_000)
    broken, coverage = 0, []
    for _ in range(200):
        pairs = tuple(zip(*(column.tolist() for column in drawn(1500)), strict=True))
        try:
            choice = Risk(pairs=pairs).choose(wanted)
        except UserError:
            continue
        broken += (~right[confidences >= choice.threshold]).mean() > wanted
        coverage.append(choice.coverage)
    reachable = max(
        (confidences >= t).mean() for t in np.arange(0, 1, 0.01) if (~right[confidences >= t]).mean() <= wanted
    )
    assert broken <= 200 * 0.05 + 2 * np.sqrt(200 * 0.05 * 0.95)
    assert np.mean(coverage) > 0.55 * reachable


def test_written_and_read(tmp_path: Path) -> None:
    write_held_out(tmp_path, [(0.123456789, True), (1.0, False)])
    assert (tmp_path / HELD_OUT).read_text("utf-8") == "[[0.123457, 1],\n[1.0, 0]]\n"
    assert Risk.of(tmp_path / "calibration.json").pairs == ((0.123457, True), (1.0, False))
    assert [path.name for path in tmp_path.iterdir()] == [HELD_OUT]


def test_missing_pairs_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match=r"held_out\.json is missing.*run `qa calibrate GOLD`.*--threshold"):
        Risk.of(tmp_path / "mine.json")


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "7", "[[0.5]]", "[[0.5, 2]]", "[[1.5, 1]]", "[[NaN, 1]]", '[["x", 1]]']
)
def test_anything_else_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / HELD_OUT).write_text(text, "utf-8")
    with pytest.raises(ModelUnusable, match="run `qa calibrate GOLD`"):
        Risk.read(tmp_path / HELD_OUT)


def test_a_risk_sets_the_threshold_only_for_the_models_it_was_read_off(tmp_path: Path) -> None:
    encoder = WordEncoder()
    index = Index.build(tmp_path / "index", [LIGHTHOUSE], encoder=encoder)
    write_held_out(tmp_path, SURE)
    settings = Settings.load(max_risk=0.1, calibration=tmp_path / "calibration.json")

    def calibrated_for(reader: str) -> None:
        stored = asdict(Calibration.shipped()) | {"reader": reader, "encoder": encoder.digest}
        split = {name: int(value) for name, value in index.manifest.split.items()}
        (tmp_path / "calibration.json").write_text(json.dumps(stored | {"split": split}), "utf-8")

    calibrated_for("another")
    with pytest.raises(ModelUnusable, match=r"no risk is known for this reader, .* Run `qa calibrate GOLD`"):
        Models.around(encoder, settings).over(index)
    assert not Models.around(encoder, Settings.load(calibration=tmp_path / "calibration.json")).over(index).calibrated
    calibrated_for(SpanReader("default").digest)
    answerer = Models.around(encoder, settings).over(index)
    assert answerer.calibrated
    assert answerer.threshold == Risk(pairs=tuple(SURE)).choose(0.1).threshold == 0.0
