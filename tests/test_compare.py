"""Two runs that can be compared on paper, and their bootstrap against one that is worked out whole."""

from __future__ import annotations

import argparse
import itertools
import json
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embeddings.errors import BadInput
from qa.cli import main
from qa.compare import add_arguments, to_dict, to_lines
from qa.evaluation.paired import compare
from qa.evaluation.runs import Outcome, Run, read_run


def outcome(id: str, f1: float, *, label: str = "right", answered: bool = True, **more: object) -> Outcome:
    plain = Outcome(
        id=id,
        type="date" if id in "ab" else "fact",
        question=f"What is {id}?",
        answers=(f"gold {id}",),
        label=label,
        candidate=f"said {id}",
        answered=answered,
        confidence=0.5,
        right=f1 >= 0.5,
        scores={"f1": f1 * answered, "shown_right": float(f1 >= 0.5) if answered else math.nan},
    )
    return replace(plain, **more)


def made(name: str, *outcomes: Outcome, about: Mapping[str, object] | None = None) -> Run:
    return Run(name=name, about=about or {}, outcomes={one.id: one for one in outcomes})


A = made(
    "before",
    outcome("a", 1.0, confidence=0.9),
    outcome("b", 0.5, confidence=0.7),
    outcome("c", 0.0, label="retriever missed", confidence=0.8),
    outcome("d", 1.0, label="threshold refused", answered=False, confidence=0.3),
    outcome("e", 1.0),
    outcome("only-a", 1.0),
    about={"commit": "1", "gold": "g"},
)
B = made(
    "after",
    outcome("e", 1.0),
    outcome("d", 1.0, confidence=0.6),
    outcome("c", 0.0, label="retriever missed", confidence=0.2),
    outcome("b", 0.0, label="reader chose another span", confidence=0.4),
    outcome("a", 0.8, confidence=0.9),
    about={"commit": "2", "gold": "g"},
)


def test_differences_worked_by_hand() -> None:
    found = compare(A, B)
    assert [one.id for one, _ in found.pairs] == ["a", "b", "c", "d", "e"]
    by_key = {one.key: one for one in found.differences}
    f1 = by_key["f1"]
    assert (f1.a, f1.b, f1.difference) == pytest.approx((50, 56, 6))  # (1 + .5 + 0 + 0 + 1) / 5, (.8 + 1 + 1) / 5
    assert f1 == found.judged
    shown = by_key["shown_right"]  # of four answers three are right, then of five three
    assert (shown.a, shown.b) == pytest.approx((75, 60))
    brier = by_key["brier"]  # .01 .09 .64 .49 .25 and .01 .16 .04 .16 .25
    assert (brier.a, brier.b, brier.difference) == pytest.approx((1.48 / 5, 0.62 / 5, -0.86 / 5))
    assert "auroc" in by_key and "item_recall" not in by_key  # nothing was measured of items
    assert [(one.head, one.a, one.b) for one in found.by_type] == [
        ("date", pytest.approx(75), pytest.approx(40)),
        ("fact", pytest.approx(100 / 3), pytest.approx(200 / 3)),
    ]


def test_wins_losses_and_moves() -> None:
    found = compare(A, B)
    assert [one.id for one, _ in found.wins] == ["d"]
    assert [one.id for one, _ in found.losses] == ["b", "a"]  # -.5, then -.2
    assert found.moves == [("right", "reader chose another span", 1), ("threshold refused", "right", 1)]
    assert not found.worse and not found.judged.is_better()


def test_the_interval_is_that_of_every_possible_draw() -> None:
    gains = [0.2, -0.5, 0.0, 1.0]
    a = made("a", *(outcome(str(i), 0.5) for i in range(4)))
    b = made("b", *(outcome(str(i), 0.5, scores={"f1": 0.5 + gain}) for i, gain in enumerate(gains)))
    every = [100 * sum(drawn) / 4 for drawn in itertools.product(gains, repeat=4)]
    judged = compare(a, b).judged
    assert (judged.low, judged.high) == pytest.approx(tuple(np.percentile(every, [2.5, 97.5])), abs=3)
    exact = 2 * min(sum(one <= 0 for one in every), sum(one >= 0 for one in every)) / len(every)
    assert judged.p == pytest.approx(exact, abs=0.04)


def run_of(f1s: list[float], key: str = "f1") -> Run:
    return made("run", *(outcome(str(i), 0.0, candidate=None, scores={key: f1}) for i, f1 in enumerate(f1s)))


@pytest.mark.slow
def test_worse_is_what_the_whole_interval_says() -> None:
    good, bad = run_of([1.0] * 30), run_of([0.0] * 10 + [1.0] * 20)
    assert compare(good, bad).worse
    assert not compare(good, good).worse and compare(good, good).judged.p == 1
    assert not compare(bad, good).worse and compare(bad, good).judged.is_better()
    assert compare(good, bad, margin=10).worse
    assert not compare(good, bad, margin=20).worse  # 33 points, but the interval begins at about 17
    # the same figures of what is better small
    few, many = run_of([0.0] * 30, "answerable_refused"), run_of([1.0] * 10 + [0.0] * 20, "answerable_refused")
    assert compare(few, many, "answerable_refused").worse
    assert compare(many, few, "answerable_refused").judged.is_better()
    assert [one.id for one, _ in compare(few, many, "answerable_refused").losses] == [str(i) for i in range(10)]


def test_what_cannot_be_compared_is_said() -> None:
    with pytest.raises(BadInput, match="no question in common"):
        compare(A, made("other", outcome("z", 1.0)))
    with pytest.raises(BadInput, match="a is another question, or has other gold answers, in other than in before"):
        compare(A, made("other", outcome("a", 1.0, answers=("new form",))))
    with pytest.raises(BadInput, match="no such measure"):
        compare(A, B, "beauty")


TEXT = """\
A  before  6 questions, 1 of them not in the other run and left out
B  after  5 questions
   commit: "1" -> "2"
"""
END = """\
F1 question by question: 1 better in B, 2 worse, 2 as in A
     1  right -> reader chose another span
     1  threshold refused -> right

Worse in B (1 of 2)
  b  What is b?
    A: said b (0.70, right)
    B: said b (0.40, reader chose another span)

Better in B (1 of 1)
  d  What is d?
    A: refused: said d (0.30, threshold refused)
    B: said d (0.60, right)

B is neither better nor worse in F1: +6.0 (95 % interval """


def test_for_a_person() -> None:
    text = "\n".join(to_lines(compare(A, B), 1))
    assert text.startswith(TEXT)
    assert END in text
    (row,) = [line.split() for line in text.splitlines() if line.startswith("F1  ")]
    assert row[:4] == ["F1", "50.0", "56.0", "+6.0"]


def written(run: Run, folder: Path) -> Path:
    """The run as `qa evaluate --report` writes it, as far as it is read."""
    folder.mkdir()
    rows = [
        {name: getattr(one, name) for name in Outcome.__dataclass_fields__}
        | {"scores": {name: None if math.isnan(score) else score for name, score in one.scores.items()}}
        for one in run.outcomes.values()
    ]
    (folder / "questions.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    (folder / "summary.json").write_text(json.dumps({"about": run.about}), encoding="utf-8")
    return folder


def test_a_run_is_read_from_its_folder_or_a_file_in_it(tmp_path: Path) -> None:
    folder = written(A, tmp_path / "a")
    read = read_run(folder)
    assert repr(read) == repr(replace(A, name=folder.as_posix()))  # NaN equals nothing, its name does
    assert repr(read_run(folder / "summary.json")) == repr(read_run(folder / "questions.jsonl")) == repr(read)
    (folder / "summary.json").unlink()
    assert read_run(folder).about == {}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("", "holds no question"),
        ("{}", r"line 1: no question of a run \(KeyError: 'id'\)"),
        ("[]", "line 1: no question of a run"),
        ("no", "line 1: no question of a run"),
    ],
)
def test_a_file_that_is_no_run_is_named(tmp_path: Path, line: str, says: str) -> None:
    (tmp_path / "questions.jsonl").write_text(line, encoding="utf-8")
    with pytest.raises(BadInput, match=says):
        read_run(tmp_path)
    with pytest.raises(BadInput, match="cannot be read"):
        read_run(tmp_path / "gone")


def test_the_command_prints_one_result_and_fails_only_if_b_is_worse(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = str(written(run_of([1.0] * 30), tmp_path / "good"))
    bad = str(written(run_of([0.0] * 10 + [1.0] * 20), tmp_path / "bad"))
    assert main(["compare", good, bad]) == 1
    first = capsys.readouterr()
    assert first.err == ""
    assert first.out.splitlines()[-1].startswith("B is worse in F1: -33.3 (95 % interval ")
    main(["compare", good, bad])
    assert capsys.readouterr() == first
    assert main(["compare", good, bad, "--margin", "50", "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    shown = json.loads(line)
    assert (shown["questions"], shown["worse"], shown["margin"], len(shown["losses"])) == (30, False, 50, 10)
    assert main(["compare", good, str(tmp_path / "gone")]) == 2
    assert main(["compare", good, bad, "--measure", "beauty"]) == 2


def test_json_has_every_figure_and_change() -> None:
    shown = to_dict(compare(A, B))
    assert shown["figures"][0] | {"low": 0, "high": 0, "p": 0} == {
        "key": "f1",
        "head": "F1",
        "a": 50,
        "b": 56,
        "difference": 6,
        "low": 0,
        "high": 0,
        "p": 0,
        "less_is_better": False,
        "digits": 1,
    }
    assert shown["wins"] == [
        {
            "id": "d",
            "type": "fact",
            "question": "What is d?",
            "a": {
                "label": "threshold refused",
                "candidate": "said d",
                "answered": False,
                "confidence": 0.3,
                "score": 0.0,
            },
            "b": {"label": "right", "candidate": "said d", "answered": True, "confidence": 0.6, "score": 1.0},
        }
    ]
    assert shown["moves"][0] == {"a": "right", "b": "reader chose another span", "questions": 1}


def test_arguments() -> None:
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_arguments(parser)
    args = parser.parse_args(["a", "b", "--margin", "1.5"])
    assert (args.a, args.b, args.measure, args.margin, args.show) == (Path("a"), Path("b"), "f1", 1.5, 10)
    for wrong in (["--margin", "-1"], ["--show", "-1"], ["--margin", "nan"]):
        with pytest.raises(argparse.ArgumentError):
            parser.parse_args(["a", "b", *wrong])
