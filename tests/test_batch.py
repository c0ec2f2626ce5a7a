"""Batches: every line a reply, in order, and the same bytes however often it was stopped."""

import csv
import io
import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from embeddings.errors import BadInput, UserError
from qa import batch, processes, render
from qa.chat import Question
from qa.cli import main
from qa.questions import BadLine
from tests.fakes import LIGHTHOUSE_SCRIPT, patient_answerer

SCHEMA = json.loads((Path(render.__file__).parent / "reply.schema.json").read_text("utf-8"))
SCRIPTED = list(LIGHTHOUSE_SCRIPT)
QUESTIONS = [Question(id=f"n{i}", text=SCRIPTED[i % 4] if i % 5 else f"Né № {i}?") for i in range(50)]


def run(output, questions=QUESTIONS, answerer=None, version="0", **options):
    return batch.run(answerer or patient_answerer(), questions, output, made_with={"version": version}, **options)


def stopped(output, after=40):
    """Work that was interrupted."""
    with pytest.raises(KeyboardInterrupt):
        run(output, answerer=patient_answerer(stop_after=after))


def test_replies_are_those_of_asking_one_by_one_in_order(tmp_path):
    report = run(tmp_path / "out.jsonl")
    answerer = patient_answerer()
    expected = [render.to_json(answerer.ask(question)) for question in QUESTIONS]
    assert (tmp_path / "out.jsonl").read_text("utf-8").split("\n") == [*expected, ""]
    assert report == batch.BatchReport(replies=50, errors=0, resumed=0)
    assert [path.name for path in tmp_path.iterdir()] == ["out.jsonl"]


def test_questions_are_asked_in_small_groups_and_progress_is_told(tmp_path):
    told = []
    run(tmp_path / "out.jsonl", progress=told.append)
    assert told == [0, 16, 32, 48, 50]


def test_stopped_between_groups_it_keeps_what_is_done(tmp_path):
    run(tmp_path / "whole.jsonl")
    answerer = patient_answerer()
    told = []
    report = run(
        tmp_path / "out.jsonl",
        answerer=answerer,
        group=1,
        progress=told.append,
        stop=lambda: len(answerer.questions) == 3,
    )
    assert (report.replies, told) == (3, [0, 1, 2, 3])
    whole = (tmp_path / "whole.jsonl").read_text("utf-8").split("\n")
    assert (tmp_path / "out.jsonl").read_text("utf-8").split("\n") == [*whole[:3], ""]
    batch.copy(tmp_path / "out.jsonl", tmp_path / "copied.csv")
    run(tmp_path / "asked.csv", QUESTIONS[:3])
    assert (tmp_path / "copied.csv").read_bytes() == (tmp_path / "asked.csv").read_bytes()
    assert not list(tmp_path.glob("*partial*"))


def test_a_bad_line_is_a_full_reply_with_its_error(tmp_path):
    questions = [
        Question(id="a", text=SCRIPTED[0]),
        BadLine(id="2", text="", error="line 2: not JSON"),
        Question(id="c", text=SCRIPTED[0], documents=("nowhere*",)),
        Question(id="a", text=SCRIPTED[0], documents=("coast/*",)),
    ]
    report = run(tmp_path / "out.jsonl", questions)
    replies = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    for reply in replies:
        Draft202012Validator(SCHEMA).validate(reply)
    assert [(r["id"], r["answer"], r["error"]) for r in replies] == [
        ("a", "4 May 1871", None),
        ("2", None, "line 2: not JSON"),
        ("c", None, "nowhere*: no such document"),
        ("a", "4 May 1871", None),
    ]
    assert report.errors == 2


def test_stopped_and_run_again_it_goes_on(tmp_path):
    run(tmp_path / "whole.jsonl")
    stopped(tmp_path / "out.jsonl")
    assert not (tmp_path / "out.jsonl").exists()
    answerer = patient_answerer()
    report = run(tmp_path / "out.jsonl", answerer=answerer)
    assert report == batch.BatchReport(replies=50, errors=0, resumed=32)
    assert answerer.questions == QUESTIONS[32:]
    assert (tmp_path / "out.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


@pytest.fixture(scope="module", name="work")
def interrupted_work(tmp_path_factory):
    folder = tmp_path_factory.mktemp("work")
    run(folder / "out.jsonl")
    stopped(folder / "half.jsonl")
    return (folder / "half.jsonl.partial").read_bytes(), (folder / "out.jsonl").read_bytes()


@settings(deadline=None, max_examples=50)
@given(st.data())
def test_wherever_the_work_is_torn_the_output_is_the_same(work, tmp_path_factory, data):
    partial, whole = work
    cut = data.draw(st.integers(0, len(partial)))
    tail = data.draw(st.sampled_from([b"", b"\0\0\0", b'{"id": "n32"}\n', b"[]\n"]))
    folder = tmp_path_factory.mktemp("torn")
    torn = partial[:cut] + (tail if cut > partial.index(b"\n") else b"")
    (folder / "out.jsonl.partial").write_bytes(torn)
    run(folder / "out.jsonl")
    assert (folder / "out.jsonl").read_bytes() == whole


def test_killed_and_run_again(tmp_path):
    questions = tmp_path / "questions.txt"
    questions.write_text("".join(f"{question.text}\n" for question in QUESTIONS), "utf-8")
    script = [sys.executable, "-m", "tests.slow_batch", str(questions)]
    environment = {"PYTHONPATH": f"{Path(batch.__file__).parent.parent}"}
    partial = tmp_path / "killed.jsonl.partial"
    with subprocess.Popen([*script, str(tmp_path / "killed.jsonl"), "0.02"], env=environment) as process:
        while not partial.exists() or partial.read_bytes().count(b"\n") < 2:
            assert process.poll() is None
            time.sleep(0.01)
        process.kill()
    assert process.returncode == -9
    assert not (tmp_path / "killed.jsonl").exists()
    assert partial.read_bytes().count(b"\n") < len(QUESTIONS)
    for name in ("killed", "whole"):
        subprocess.run([*script, str(tmp_path / f"{name}.jsonl"), "0"], env=environment, check=True)
    assert (tmp_path / "killed.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["killed.jsonl", "questions.txt", "whole.jsonl"]


@pytest.mark.parametrize("changed", ["questions", "index", "threshold", "version"])
def test_work_begun_otherwise_is_not_gone_on_with(tmp_path, changed):
    output = tmp_path / "out.jsonl"
    stopped(output)
    before = (tmp_path / "out.jsonl.partial").read_bytes()
    answerer = patient_answerer()
    options = {"answerer": answerer}
    if changed == "questions":
        options["questions"] = [*QUESTIONS[:-1], Question(id="x", text="Why?")]
    elif changed == "index":
        answerer.index.digest = "another"
    elif changed == "threshold":
        answerer.threshold = 0.6
    else:
        options["version"] = "1"
    with pytest.raises(UserError, match=f"was begun with other {changed}.* --restart"):
        run(output, **options)
    assert (tmp_path / "out.jsonl.partial").read_bytes() == before
    assert run(output, restart=True, **options).resumed == 0


def test_a_file_that_is_not_ours_is_left_alone(tmp_path):
    (tmp_path / "out.jsonl.partial").write_text("Dear diary,\n")
    with pytest.raises(UserError, match="--restart"):
        run(tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl.partial").read_text() == "Dear diary,\n"


def test_an_index_that_changes_meanwhile_stops_the_batch(tmp_path):
    class Changing(type(patient_answerer())):
        def ask_many(self, questions):
            self.index.digest = "new" if self.questions else "paper"
            return super().ask_many(questions)

    answerer = patient_answerer()
    changing = Changing(answerer.index, answerer.script)
    with pytest.raises(UserError, match=r"The index changed while .* --restart"):
        run(tmp_path / "out.jsonl", answerer=changing)
    assert (tmp_path / "out.jsonl.partial").read_bytes().count(b"\n") == 1 + 16


def test_two_at_a_time(tmp_path):
    with FileLock(tmp_path / "out.jsonl.partial.lock"), pytest.raises(UserError, match="Another batch is writing"):
        run(tmp_path / "out.jsonl")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("out.txt", r"the ending of the output must be one of \.jsonl, \.csv"),
        ("out", "the ending of the output"),
        ("nowhere/out.csv", "cannot be written"),
        ("folder.csv", "cannot be written"),
        ("questions.csv", "would be overwritten"),
    ],
)
def test_outputs_that_cannot_be(tmp_path, name, message):
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "questions.csv").write_text("question\n")
    with pytest.raises(BadInput, match=message):
        batch.check_output(tmp_path / name, str(tmp_path / "questions.csv"))


def rows_of(path):
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode(), newline="")))


def test_csv(tmp_path):
    run(tmp_path / "out.csv")
    rows = rows_of(tmp_path / "out.csv")
    assert [(row["id"], row["question"]) for row in rows] == [(q.id, q.text) for q in QUESTIONS]
    row = rows[2]
    assert {key: row[key] for key in ("answer", "confidence", "calibrated", "reason", "disagreement", "error")} == {
        "answer": "12,400 crowns",
        "confidence": "0.64",
        "calibrated": "true",
        "reason": "",
        "disagreement": "true",
        "error": "",
    }
    assert (row["citation_document"], row["citation_heading"]) == ("coast/lighthouse.txt", "Building")
    assert (row["citation_line"], row["citation_attributed_to"]) == ("3", "The builders")
    assert json.loads(row["others"])[0]["answer"] == "15,000 crowns"
    assert rows[0]["reason"] == "nothing found"


@settings(deadline=None, max_examples=50)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_no_cell_of_csv_is_run(tmp_path_factory, text):
    output = tmp_path_factory.mktemp("csv") / "out.csv"
    run(output, [Question(id=text, text=text)])
    (row,) = rows_of(output)
    formula = text[0] in "=+-@\t\r\n"
    assert row["id"] == row["question"] == (f"'{text}" if formula else text)


def test_columns_are_the_keys_of_a_reply():
    reply = render.to_dict(patient_answerer().ask(Question(id="1", text=SCRIPTED[0])))
    citation = [f"citation_{key}" for key in reply["citation"]]
    flat = [name for key in reply for name in (citation if key == "citation" else [key])]
    assert list(batch.COLUMNS) == [name for name in flat if name != "schema"]


def test_groups_do_not_matter(tmp_path, monkeypatch):
    run(tmp_path / "a.jsonl")
    monkeypatch.setattr(batch, "GROUP", 7)
    run(tmp_path / "b.jsonl")
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()


def test_same_words_with_other_ids_are_kept_apart(tmp_path):
    twice = [QUESTIONS[1], replace(QUESTIONS[1], id="again")]
    run(tmp_path / "out.csv", twice)
    assert [row["id"] for row in rows_of(tmp_path / "out.csv")] == ["n1", "again"]


def test_few_questions_are_not_worth_a_second_process(monkeypatch):
    monkeypatch.setattr(processes, "cores", lambda: [0, 1, 2, 3])
    assert [processes.worth(questions) for questions in (0, 1, 49, 50, 75, 10_000)] == [1, 1, 1, 2, 3, 4]


@pytest.mark.parametrize("jobs", ["0", "-1", "two"])
def test_a_number_of_processes_that_is_none_is_refused(jobs, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["batch", "asked.txt", "-o", "out.jsonl", f"--jobs={jobs}"])
    assert "must be a number of 1 or more" in capsys.readouterr().err
