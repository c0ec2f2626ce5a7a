"""The command line: its exit codes, what goes to which stream, and that it starts light."""

import io
import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import qa.assembly
import qa.server
from qa import render
from qa.chat import Question, Turn
from qa.cli import main
from qa.risk import write_held_out
from tests.commandline import shell
from tests.fakes import WordEncoder, patient_answerer

LIT = "When was the lighthouse first lit?"


@pytest.fixture(autouse=True)
def answerer(tmp_path, monkeypatch):
    """An empty folder to work in, an encoder and an answerer that are there at once."""
    answerer = patient_answerer()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(qa.assembly, "open_encoder", lambda settings: WordEncoder())
    monkeypatch.setattr(qa.assembly, "open_answerer", lambda settings: answerer)
    return answerer


def test_help_version_and_wrong_usage_load_no_model_library():
    code = """
import sys
from qa.cli import main
from qa.risk import write_held_out
for arguments in (["--help"], ["--version"], ["ask", "--help"], ["asks"], ["show", "x", "--index", "nowhere"]):
    try:
        main(arguments)
    except SystemExit:
        pass
    heavy = {"torch", "transformers", "sentence_transformers", "gradio", "rich"} & set(sys.modules)
    assert not heavy, (arguments, heavy)
    if arguments[0] != "show":
        heavy = {"faiss", "numpy", "lxml", "fastapi"} & set(sys.modules)
        assert not heavy, (arguments, heavy)
"""
    done = shell("-c", code)
    assert (done.returncode, done.stderr.count(b"Traceback")) == (0, 0), done.stderr.decode()


def test_python_m_qa():
    done = shell("-m", "qa", "--version")
    assert done.stdout.decode().startswith("qa ")
    done = shell("-m", "qa")
    assert done.returncode == 2
    assert b"VERB" in done.stderr


@pytest.mark.parametrize("verb", ["index", "documents", "show", "remove", "ask", "batch", "evaluate", "serve"])
def test_every_verb_has_help_with_an_example(verb, capsys):
    with pytest.raises(SystemExit, match="0"):
        main([verb, "--help"])
    assert f"Example:\n  qa {verb} " in capsys.readouterr().out


def test_interrupted(answerer, capsys):
    answerer.stop_after = 0
    assert main(["ask", "Who?"]) == 130
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "qa ask: interrupted\n")


def test_ask(answerer, capsys):
    assert main(["ask", "When", "was the lighthouse first lit?"]) == 0
    said = capsys.readouterr()
    assert said.out == render.to_text(answerer.ask(Question(id="1", text=LIT)))
    assert "[[4 May 1871]]" in said.out
    assert said.err == ""
    assert main(["ask", LIT, "--all"]) == 0
    assert "Other candidates:\n  the winter of 1868 (8 %)\n" in capsys.readouterr().out


def test_ask_as_json_is_one_line(answerer, capsys):
    assert main(["ask", LIT, "--json", "--id", "q7", "--threshold", "0.5"]) == 0
    out = capsys.readouterr().out
    assert out == render.to_json(answerer.ask(Question(id="q7", text=LIT))) + "\n"


def test_a_refusal_is_an_answer(capsys):
    assert main(["ask", "Who owns the lighthouse today?"]) == 0
    assert capsys.readouterr().out.startswith("No answer. ")


def test_history_and_documents_reach_the_answerer(tmp_path, answerer, monkeypatch):
    asked = []
    monkeypatch.setattr(qa.assembly, "open_answerer", lambda settings: asked.append(settings) or answerer)
    (tmp_path / "history.jsonl").write_text('{"question": "Who?", "answer": "Ann"}\n')
    flags = ["--document", "a*", "--document", "b", "--history", "history.jsonl", "--top-k", "3", "--reader", "my"]
    assert main(["ask", "When?", *flags]) == 0
    turn = Turn(question="Who?", asked="Who?", answer="Ann")
    assert answerer.questions == [Question(id="1", text="When?", history=(turn,), documents=("a*", "b"))]
    assert (asked[0].top_k, asked[0].reader, asked[0].index) == (3, "my", Path(".index"))


@pytest.mark.parametrize(("arguments", "given"), [(["-"], "Who?\n"), (["-"], ""), ([""], "")])
def test_questions_from_standard_input_and_empty_ones(answerer, monkeypatch, capsys, arguments, given):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
    assert main(["ask", *arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["question"] == given.strip()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ask", "x" * 2001], "the question has 2,001 characters, more than 2,000"),
        (["ask", "x", "--history", "nowhere"], "nowhere cannot be read"),
        (["ask", "x", "--top-k", "none"], "--top-k cannot be 'none'"),
        (["batch", "q.txt", "-o", "r.txt"], "the ending of the output must be"),
        (["batch", "q.txt", "-o", "r.csv"], "q.txt cannot be read"),
        (["show", "x"], "there is no index here; run qa index"),
    ],
)
def test_what_a_person_can_put_right_is_one_message_and_exit_code_2(arguments, message, capsys, tmp_path):
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"qa {arguments[0]}: ")
    assert message in said.err
    assert "Traceback" not in said.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments", [[], ["asks"], ["ask"], ["ask", "x", "--bogus"], ["batch", "q.txt"], ["documents", "--index", ""]]
)
def test_wrong_usage_is_exit_code_2(arguments, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert "usage: qa" in capsys.readouterr().err


def test_verbose_says_where_settings_come_from_and_nothing_of_the_question(tmp_path):
    (tmp_path / "qa.toml").write_text("top_k = 7\n")
    done = shell("-m", "qa", "ask", "-v", "secret words", "--history", "nowhere", env={"QA_PORT": "1"})
    said = done.stderr.decode()
    assert "INFO qa.cli: top_k = 7 (qa.toml)\n" in said
    assert "INFO qa.cli: port = 1 (QA_PORT)\n" in said
    assert "secret" not in said


def test_batch(tmp_path, capsys):
    (tmp_path / "q.jsonl").write_text(f'{{"id": "a", "question": "{LIT}"}}\nnonsense\n')
    assert main(["batch", "q.jsonl", "-o", "r.jsonl"]) == 1
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "r.jsonl: 2 replies, 1 of them errors\n")
    replies = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text("utf-8").splitlines()]
    assert [(r["id"], r["answer"], bool(r["error"])) for r in replies] == [
        ("a", "4 May 1871", False),
        ("2", None, True),
    ]
    assert main(["batch", "q.jsonl", "-o", "r.csv", "-q"]) == 1
    assert capsys.readouterr().err == ""


def test_batch_is_restricted_to_documents(tmp_path, answerer, monkeypatch, capsys):
    monkeypatch.setattr(qa.assembly, "open_answerer", lambda settings: answerer)
    (tmp_path / "q.jsonl").write_text('{"question": "Who?"}\n{"question": "When?", "documents": "gaz*"}\n')
    assert main(["batch", "q.jsonl", "-o", "r.jsonl", "--document", "coast/*"]) == 0
    assert [question.documents for question in answerer.questions] == [("coast/*",), ("gaz*",)]
    assert main(["batch", "q.jsonl", "-o", "s.jsonl", "--document", "nowhere"]) == 2
    assert "nowhere: no such document" in capsys.readouterr().err


def test_batch_stopped_and_run_again(tmp_path, answerer, monkeypatch, capsys):
    (tmp_path / "q.txt").write_text("Who?\n" * 40)
    monkeypatch.setattr(qa.assembly, "open_answerer", lambda settings: replace(answerer, stop_after=20))
    assert main(["batch", "q.txt", "-o", "r.jsonl"]) == 130
    assert "run the same command again to go on" in capsys.readouterr().err
    monkeypatch.setattr(qa.assembly, "open_answerer", lambda settings: answerer)
    assert main(["batch", "q.txt", "-o", "r.jsonl", "--top-k", "3"]) == 2
    assert "begun with other top_k. Run the same command with --restart" in capsys.readouterr().err
    assert main(["batch", "q.txt", "-o", "r.jsonl"]) == 0
    assert capsys.readouterr().err == "r.jsonl: 40 replies, 0 of them errors, 16 kept from an earlier run\n"


def test_serve(monkeypatch):
    served = []
    monkeypatch.setattr(qa.server, "serve", lambda *given, **flags: served.append((given[1:], flags)) or 0)
    assert main(["serve", "--port", "0", "--open"]) == 0
    assert served == [(("127.0.0.1", 0), {"documents": (), "open_browser": True, "insecure": False})]


def test_a_risk_says_what_it_costs_before_the_answer(tmp_path, capsys):
    write_held_out(tmp_path, [(0.9, True)] * 300 + [(0.1, False)] * 100)
    flags = ["--max-risk", "0.1", "--calibration", "mine.json"]
    assert main(["ask", LIT, *flags]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("4 May 1871\n")
    assert said.err.startswith("At most 10 % of the answers shown are wrong, with 95 % certainty: ")
    assert "which answers 75 % of the questions" in said.err
    assert main(["ask", LIT, "-q", *flags]) == 0
    assert capsys.readouterr().err == ""
    assert main(["ask", LIT, "--max-risk", "0.01", "--calibration", "mine.json"]) == 2
    assert "a risk of 0.01 cannot be promised from 400 held-out questions: the lowest" in capsys.readouterr().err


def test_a_risk_that_nothing_is_known_of(tmp_path, capsys):
    assert main(["ask", LIT, "--max-risk", "0.1", "--calibration", "mine.json"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "held_out.json is missing" in said.err
    with pytest.raises(SystemExit, match="2"):
        main(["ask", LIT, "--max-risk", "0.1", "--threshold", "0.5"])
    assert "not allowed with argument" in capsys.readouterr().err
