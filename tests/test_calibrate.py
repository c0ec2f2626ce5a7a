"""Fitting a calibration: gradients against differences, what a fit must find in made-up cases, and `qa calibrate`."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import approx_fprime

import qa.assembly
from embeddings.errors import UserError
from embeddings.index import Index
from embeddings.passage import Passage
from qa.answerer import Answerer
from qa.calibrate import calibrate
from qa.cli import main
from qa.confidence import Calibration, Evidence
from qa.fit import NAMES, Case, _listwise, _platt, cross_fitted_pairs, fit, held_out_pairs
from qa.gold import GoldQuestion
from qa.reply import Span
from qa.retrieve import Retriever
from qa.risk import Risk
from tests.fakes import WordEncoder, paper_document

RANDOM = np.random.default_rng(5)


def made_up(questions: int) -> list[Case]:
    """Six candidates each; in two of three questions the one whose margin stands out is right, in the third none is."""
    cases = []
    for question in range(questions):
        evidence = RANDOM.normal(size=(6, len(NAMES)))
        f1 = np.zeros(6)
        if question % 3:
            evidence[2, NAMES.index("margin")] += 4
            f1[2] = 1.0
        cases.append(Case(evidence=evidence, f1=f1))
    return cases


def test_gradients_are_those_of_the_losses() -> None:
    lists = [(case.evidence, case.f1) for case in made_up(9)]
    at = RANDOM.normal(size=len(NAMES) + 1) * 0.3
    assert _listwise(at, lists)[1] == pytest.approx(approx_fprime(at, lambda p: _listwise(p, lists)[0], 1e-6), abs=1e-4)
    scores, right = RANDOM.normal(size=20), RANDOM.random(20) < 0.5
    two = np.array([0.7, -0.2])
    assert _platt(two, scores, right)[1] == pytest.approx(
        approx_fprime(two, lambda p: _platt(p, scores, right)[0], 1e-6), abs=1e-4
    )


def test_a_fit_prefers_what_is_right_and_is_true_to_frequency() -> None:
    calibration = fit(made_up(600), reader="r", encoder="e", split={"words": 120}, refused=0.7)
    assert max(calibration.weights, key=lambda name: calibration.weights[name]) == "margin"
    fresh = made_up(600)
    best = [
        max(
            (calibration.probability(Evidence(**dict(zip(NAMES, row, strict=True)))), right)
            for row, right in zip(case.evidence, case.f1, strict=True)
        )
        for case in fresh
    ]
    said, right = np.array(best).T
    for low, high in ((0.0, 0.5), (0.5, 0.9), (0.9, 1.0)):
        some = (said >= low) & (said <= high)
        assert said[some].mean() == pytest.approx(right[some].mean(), abs=0.12)
    unanswerable = said[::3]
    assert np.mean(unanswerable < calibration.threshold) == pytest.approx(0.7, abs=0.12)


def test_held_out_pairs_are_the_best_candidates() -> None:
    found = made_up(90)
    calibration = fit(found, reader="r", encoder="e", split={}, refused=0.7)
    nothing = Case(evidence=np.zeros((0, len(NAMES))), f1=np.zeros(0))
    (one, none) = held_out_pairs([found[1], nothing], calibration)
    each = [calibration.probability(Evidence(**dict(zip(NAMES, row, strict=True)))) for row in found[1].evidence]
    assert one == (pytest.approx(max(each)), found[1].f1[int(np.argmax(each))] == 1.0)
    assert none == (0.0, False)


def test_cross_fitted_pairs_are_of_all_cases_and_true_to_frequency() -> None:
    found = made_up(300)
    pairs = cross_fitted_pairs(found, 5)
    assert len(pairs) == 300
    assert sum(right for _, right in pairs) == pytest.approx(sum(confidence for confidence, _ in pairs), abs=20)
    others = fit([case for place, case in enumerate(found) if place % 5], reader="", encoder="", split={}, refused=0.5)
    assert pairs[:60] == held_out_pairs(found[::5], others)


# a person's own models, on paper: every document names a tower's builder and its keeper


@dataclass
class OwnReader:
    """Gives the builder and the keeper of a passage; who is asked for scores 2, the other 0."""

    name: str = "own"
    digest: str = "8" * 64

    def read(self, question: str, passages: Sequence[Passage], *, most: int | None = None) -> list[list[Span]]:
        return [
            [
                Span(
                    passage=passage,
                    start=passage.start + match.start(2),
                    end=passage.start + match.end(2),
                    score=2.0 * (match[1] in question),
                )
                for match in re.finditer(r"(built|kept) by (\w+)", passage.text)
            ]
            for passage in passages
        ]


TOWERS = [f"Alm{chr(97 + place // 8)}{chr(97 + place % 8)}" for place in range(48)]
GOLD = [
    *(
        {"id": tower, "question": f"Who built {tower}?", "answers": [f"B{tower}"], "document": tower}
        for tower in TOWERS
    ),
    *({"id": f"no{tower}", "question": f"Who painted {tower}?", "answers": []} for tower in TOWERS[:32]),
]


@pytest.fixture(name="own")
def own_answerer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Answerer:
    documents = [
        paper_document(tower, tower, lead=f"{tower} was built by B{tower}. It was kept by K{tower}.")
        for tower in TOWERS
    ]
    index = Index.build(tmp_path / ".index", documents, encoder=WordEncoder())
    own = Answerer(
        retriever=Retriever(index, WordEncoder()), reader=OwnReader(), calibration=Calibration.shipped(), threshold=None
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(qa.assembly, "open_answerer", lambda settings: own)
    (tmp_path / "gold.jsonl").write_text("\n".join(map(json.dumps, GOLD)), "utf-8")
    return own


def test_ones_own_calibration(own: Answerer, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calibrate", "gold.jsonl", "--out", "own.json"]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    # 48 with and 32 without an answer, and 12 of the 48 drawn to be asked again without their document
    assert "own.json: fitted on 92 questions, 48 of them with the right answer among the candidates." in said.err
    assert "Use it with --calibration own.json" in said.err
    calibration = Calibration.read(tmp_path / "own.json")
    built = own.index.manifest
    assert calibration.belongs_to(OwnReader().digest, WordEncoder().digest, built.split)
    assert calibration.weights["margin"] > 0
    pairs = Risk.of(tmp_path / "own.json").pairs
    assert len(pairs) == 92
    assert sum(right for _, right in pairs) >= 46
    assert main(["calibrate", "gold.jsonl", "--out", "other.json"]) == 2
    assert "belongs to another calibration" in capsys.readouterr().err
    assert main(["calibrate", "gold.jsonl", "--out", "own.json", "-q"]) == 0
    assert capsys.readouterr().err == ""


def test_what_cannot_be_fitted_on(own: Answerer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = [GoldQuestion(id="1", question="Who built Almaa?", answers=("BAlmaa",), documents=("Almaa",))]
    with pytest.raises(UserError, match=r"too few questions to fit on: of .* asked, 1 have a right candidate; 30 with"):
        calibrate(own, few)
    elsewhere = [GoldQuestion(id="1", question="Who?", answers=("x",), documents=("gone",))]
    with pytest.raises(UserError, match=r"the index does not hold \(1, first gone\)"):
        calibrate(own, elsewhere)
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(UserError, match=r"needs SciPy.*chapter-and-verse\[train\]"):
        calibrate(own, few)
    assert main(["calibrate", "gold.jsonl"]) == 2
    assert not (tmp_path / "calibration.json").exists()
