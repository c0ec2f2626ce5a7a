"""The speed benchmark's own sums: what is timed, in which order sides are asked, and what is made of it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "benchmarks"))

from plots import draw_speed
from tables import speed, speed_more, speed_phases

from benchmarks.speed.figures import accuracy, import_seconds, milliseconds, race_figures, ratio
from benchmarks.speed.material import distinct, enough, paragraphs
from benchmarks.speed.protocol import Material, Said, Worker
from benchmarks.speed.race import Race, Row, race, rotated
from benchmarks.speed.small import Small, wanted
from benchmarks.speed.stopwatch import Stopwatch, Watched
from benchmarks.speed.throughput import in_turn
from qa.gold import GoldQuestion
from tests.fakes import WordEncoder

MATERIAL = Material(index="", passages="", vectors="", encoder="", reader="")


def gold(question: str, *answers: str) -> GoldQuestion:
    return GoldQuestion(id=question, question=question, answers=answers)


def said(answer: str, seconds: float, candidate: str = "", **phases: float) -> Said:
    return Said(answer=answer, candidate=answer or candidate, seconds=seconds, phases=phases)


class Clock:
    """Says how late it is when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Finder:
    """Takes two seconds, and three more for the part within."""

    name = "finder"

    def __init__(self, clock: Clock, encode: Any) -> None:
        self.clock, self.encode, self.next = clock, encode, self

    def find(self) -> str:
        self.clock.now += 1
        self.encode()
        self.clock.now += 1
        return "found"

    def refreshed(self) -> Finder:
        return self.next


def test_a_phase_within_another_counts_for_itself() -> None:
    clock = Clock()
    watch = Stopwatch(clock)

    def encode() -> None:
        clock.now += 3

    finder = Watched(Finder(clock, watch.timed("encode", encode)), watch, {"find": "retrieve"})
    clock.now += 10  # between questions nothing is counted
    assert watch.timed("decide", finder.find)() == "found"
    assert watch.seconds == {"encode": 3, "retrieve": 2, "decide": 0}
    assert finder.name == "finder"


def test_a_watched_retriever_follows_the_one_that_takes_its_place() -> None:
    clock = Clock()
    watch = Stopwatch(clock)
    one = Finder(clock, lambda: None)
    watched = Watched(one, watch, {"find": "retrieve"})
    assert watched.refreshed() is watched
    one.next = Finder(clock, lambda: None)
    other = watched.refreshed()
    assert isinstance(other, Watched)
    other.find()
    assert watch.seconds == {"retrieve": 2}


class Notes:
    """A side that notes who was asked what."""

    def __init__(self, name: str, order: list[str]) -> None:
        self.name, self.order = name, order

    def ask(self, question: str) -> Said:
        self.order.append(f"{self.name}{question}")
        return said("x", 1.0)


def test_sides_are_asked_in_turn_and_the_first_changes() -> None:
    order: list[str] = []
    sides = {name: Notes(name, order) for name in "abc"}
    questions = [gold(str(number)) for number in range(4)]
    run = race(sides, questions, warm_up=["w"], calibrate=lambda: 0.5, pause=0)
    assert order == ["aw", "bw", "cw", "a0", "b0", "c0", "b1", "c1", "a1", "c2", "a2", "b2", "a3", "b3", "c3"]
    assert [list(row.said) for row in run.rows] == [["a", "b", "c"]] * 4
    assert run.calibration == [0.5, 0.5]
    assert list(rotated(["a", "b"], 3)) == ["b", "a"]


def test_groups_are_given_in_turn() -> None:
    order: list[str] = []

    def asked(name: str, seconds: float) -> Any:
        return lambda group: (order.append(f"{name}{len(group)}"), seconds)[1]

    assert in_turn([["x"], ["y", "z"]], asked("a", 1.0), asked("b", 2.0)) == ([1.0, 1.0], [2.0, 2.0])
    assert order == ["a1", "b1", "b2", "a2"]


ROWS = [
    Row(gold=gold("1", "red"), said={"ours": said("red", 1.0, read=0.5), "eager": said("red", 4.0)}),
    Row(gold=gold("2", "a red fox"), said={"ours": said("", 2.0, "red fox", read=1.5), "eager": said("fox", 6.0)}),
    Row(gold=gold("3"), said={"ours": said("", 1.0, "no", read=0.5), "eager": said("cat", 20.0)}),
]


def test_a_refusal_counts_nothing_but_is_told_apart() -> None:
    assert accuracy(ROWS, "ours") == {
        "em": 50.0,
        "f1": 50.0,
        "em_no_refusal": 100.0,
        "f1_no_refusal": 100.0,
        "refused": 50.0,
        "unanswerable_refused": 100.0,
    }
    plain = accuracy(ROWS, "eager")
    assert (plain["em"], plain["f1"], plain["refused"], plain["unanswerable_refused"]) == (50.0, 83.33, 0.0, 0.0)
    assert accuracy(ROWS[:2], "ours")["unanswerable_refused"] is None


def test_ratios_are_of_pairs_and_their_median_counts() -> None:
    assert ratio([4.0, 6.0, 20.0], [1.0, 2.0, 1.0])["median"] == 4.0  # 4, 3, 20: one long pause decides nothing
    steady = ratio([3.0] * 5, [1.5] * 5)
    assert steady == {"median": 2.0, "low": 2.0, "high": 2.0}
    assert milliseconds([0.1, 0.2, 0.3]) == {"p50_ms": 200.0, "p95_ms": 290.0}


def results() -> dict[str, Any]:
    figures = {"passages": 246, **race_figures(Race(rows=ROWS, calibration=[0.1, 0.2]))}
    return {
        "corpora": {"samples": figures},
        "start": {"seconds": {"ours": 2.0, "eager": 5.0}, "imports": {"total": 1.0}},
        "indexing": {"tokens_per_second": {"ours": 5000, "eager": 2500}, "ratio": {"median": 2.0}},
    }


def test_what_ours_lacks_to_reading_everything_is_told() -> None:
    rows = [Row(gold=row.gold, said={**row.said, "everything": row.said["eager"]}) for row in ROWS]
    assert race_figures(Race(rows=rows, calibration=[0.1]))["lost"] == {
        "em": 0.0,
        "f1": 33.33,
        "em_no_refusal": -50.0,
        "f1_no_refusal": -16.67,
    }
    assert results()["corpora"]["samples"]["lost"] == {}


def test_the_results_file_has_the_phases_that_are_told() -> None:
    sides = results()["corpora"]["samples"]["sides"]
    assert sides["ours"]["phases"] == {"read": {"p50_ms": 500.0, "p95_ms": 1400.0}}
    assert "phases" not in sides["eager"]


def test_tables_of_speed() -> None:
    assert speed(results(), "large") == "Not measured."
    table = speed(results(), "samples").splitlines()
    assert table[2] == "| Chapter & Verse | 1000 | 1900 | 1 | 50.0 | 50.0 | 100.0 | 100.0 |"
    assert table[3].startswith("| plain torch, each passage padded | 6000 | 18600 | 4.0 (3.0–20.0) | 50.0 | 83.3 |")
    assert table[-1].startswith("3 questions, 2 of them answerable; 246 passages; the fixed loop took 150 ms")
    more = speed_more(results())
    assert "| tokens a second of indexing (plain torch: 2500) | 5000 | 2.00 |" in more
    assert "batch" not in more
    assert speed_phases({"corpora": {}}).count("\n") == 1


def test_the_plot_is_the_same_for_the_same_results(tmp_path: Path) -> None:
    one, other = tmp_path / "one.svg", tmp_path / "other.svg"
    draw_speed(results(), one)
    draw_speed(results(), other)
    assert one.read_bytes() == other.read_bytes()
    assert "Chapter &amp; Verse" in one.read_text(encoding="utf-8")


def test_imports_are_summed_by_package() -> None:
    report = (
        "import time: self [us] | cumulative | imported package\n"
        "import time:       200 |        200 |   torch._C\n"
        "import time:   1000000 |    1000200 | torch\n"
        "import time:    300000 |     300000 | numpy\n"
        "a warning\n"
    )
    assert import_seconds(report, most=1) == {"total": 1.3, "torch": 1.0}


def test_each_wording_is_asked_once() -> None:
    assert [one.id for one in distinct([gold("Who?"), gold("who?"), gold("When?")])] == ["Who?", "When?"]


def test_a_large_corpus_has_each_text_once_and_ends_when_there_is_enough(tmp_path: Path) -> None:
    files = [tmp_path / "one.jsonl", tmp_path / "two.jsonl"]
    for file, contexts in zip(files, (["Ada built it.", "It stood."], ["It stood.", "It fell."]), strict=True):
        rows = [
            {"id": text, "title": "T", "context": text, "question": "?", "answers": {"text": [], "answer_start": []}}
            for text in contexts
        ]
        file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    documents = list(paragraphs(files))
    assert [document.text for document in documents] == ["Ada built it.", "It stood.", "It fell."]
    assert len({document.id for document in documents}) == 3
    assert list(enough(iter(documents), 2, WordEncoder())) == documents[:2]


def test_a_ratio_may_fall_by_a_fifth() -> None:
    machine = {"cores": 2, "processor": "A", "python": "3.11"}
    measured = {"small": {"ratio": {"median": 10.0}}, "limit": None, "machine": machine}
    assert wanted(measured, {"cores": 2, "processor": "A", "python": "3.12"}) == pytest.approx(8.0)
    assert wanted(measured, {"cores": 2, "processor": "B"}) == pytest.approx(5.0)
    assert wanted({**measured, "limit": 30}, machine) == pytest.approx(5.0)
    assert Small(ours=[1.0, 1.0, 2.0], plain=[4.0, 8.0, 2.0], calibration=[0.1]).median == 4.0


SIDE = """
from benchmarks.speed.protocol import Said, serve

class Echo:
    packages = ("pip",)

    def __init__(self, material):
        print("what libraries print is no reply")

    def ask(self, question):
        if question == "end":
            raise ValueError("it ended")
        return Said(answer=question, candidate=question, phases={"read": 1.0})

    def ask_many(self, questions):
        pass

serve(Echo)
"""


def test_a_side_is_asked_over_json_lines_and_tells_why_it_ended(tmp_path: Path) -> None:
    worker = Worker("echo", [sys.executable, "-c", SIDE], MATERIAL, threads=1, log=tmp_path / "log")
    assert list(worker.versions) == ["pip"]
    answer = worker.ask("Où est\nle chat ?")
    assert (answer.answer, answer.phases) == ("Où est\nle chat ?", {"read": 1.0})
    assert 0 < answer.seconds < 1
    assert worker.ask_many(["a", "b"]) >= 0
    with pytest.raises(RuntimeError, match=r"echo ended with exit code 1(.|\n)*it ended"):
        worker.ask("end")
    worker.close()
