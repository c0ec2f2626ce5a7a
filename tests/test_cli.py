"""The command line: its exit codes, what goes to which stream, and that it starts light."""

import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import qa.assembly
import qa.server
from embeddings.changes import Failure, SourceReport
from embeddings.manifest import FileEntry, ListsEntry, commit, read_manifest
from embeddings.sync import SyncReport
from qa import index_report, render
from qa.chat import Question, Turn
from qa.cli import main
from qa.risk import write_held_out
from tests.fakes import GAZETTE, LIGHTHOUSE, WordEncoder, patient_answerer

ROOT = Path(__file__).parent.parent
LIT = "When was the lighthouse first lit?"


@pytest.fixture(autouse=True)
def answerer(tmp_path, monkeypatch):
    """An empty folder to work in, an encoder and an answerer that are there at once."""
    answerer = patient_answerer()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(qa.assembly, "open_encoder", lambda settings: WordEncoder())
    monkeypatch.setattr(qa.assembly, "open_answerer", lambda settings: answerer)
    return answerer


@pytest.fixture(name="indexed")
def indexed_folder(tmp_path, capsys):
    for document in (LIGHTHOUSE, GAZETTE):
        path = tmp_path / "files" / document.id
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(document.text, "utf-8")
    assert main(["index", "files"]) == 0
    capsys.readouterr()
    return tmp_path / "files"


def shell(*arguments, **options):
    environment = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], **options.pop("env", {})}
    return subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, check=False, timeout=60, **options
    )


# what the index consists of


def test_info_shows_how_the_index_is_searched(indexed, tmp_path, capsys):
    manifest = read_manifest(tmp_path / ".index")
    lists = ListsEntry(
        file=FileEntry(name="lists", sha256="", bytes=3_000_000), kind="IVF512,SQ8", depth=24, recall=0.9912, sample=500
    )
    (exact,) = manifest.segments
    large = replace(exact, name="large", passages=30_000, lists=lists)
    commit(tmp_path / ".index", replace(manifest, segments=(exact, large)))
    assert main(["index", "--info", "--json"]) == 0
    info = json.loads(capsys.readouterr().out)
    assert info["index"] == manifest.digest
    assert (info["documents"], info["passages"], info["dimension"]) == (2, exact.passages, manifest.encoder.dimension)
    assert info["bytes"] == sum(segment["bytes"] for segment in info["segments"])
    keys = ("passages", "removed", "type", "lists_read", "recall", "sample")
    assert [[segment[key] for key in keys] for segment in info["segments"]] == [
        [exact.passages, 0, "exact", None, 1.0, None],
        [0, 30_000, "IVF512,SQ8", 24, 0.9912, 500],
    ]
    assert main(["index", "--info"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"2 documents, {exact.passages} passages, 2 segments, ")
    assert lines[2].startswith(f"{exact.name}: {exact.passages} passages, ")
    assert lines[2].endswith("; every vector is compared")
    assert lines[3].startswith("large: 0 passages (30,000 removed), ")
    assert lines[3].endswith("; IVF512,SQ8, 24 lists read, recall@10 0.991 measured on 500 questions")


def test_info_changes_nothing(indexed, capsys):
    assert main(["index", "files", "--info"]) == 2
    assert "--info shows the index as it is" in capsys.readouterr().err
    assert main(["index", "--info", "--index", "nowhere"]) == 2
    assert not Path("nowhere").exists()


# starting


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


def test_the_locale_does_not_matter(indexed):
    (indexed / "é.txt").write_text("Où est l’été № 1?\n", "utf-8")
    assert main(["index", "-q"]) == 0
    for locale in ("C", "en_US.ISO-8859-1"):
        env = {"LC_ALL": locale, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
        done = shell("-m", "qa", "documents", "--json", env=env)
        assert "é.txt" in [entry["id"] for entry in json.loads(done.stdout.decode())["documents"]]
        done = shell("-m", "qa", "show", "é.txt", env=env)
        assert done.stdout.decode() == "Où est l’été № 1?"


def test_whoever_reads_may_stop_reading(indexed):
    (indexed / "long.txt").write_text(f"It is long: {'x' * 1000}.\n\n" * 200)
    assert main(["index", "-q"]) == 0
    command = f"{sys.executable} -m qa show long.txt | head -c 5; exit ${{PIPESTATUS[0]}}"
    environment = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}
    done = subprocess.run(["bash", "-c", command], env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"It is", b"")


def test_interrupted(answerer, capsys):
    answerer.stop_after = 0
    assert main(["ask", "Who?"]) == 130
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "qa ask: interrupted\n")


# index, documents, show, remove


def test_index_reports_to_stderr_and_as_json(tmp_path, capsys):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("The lamp was lit.\n")
    assert main(["index", "mine=notes", "--json"]) == 0
    said = capsys.readouterr()
    assert said.err == "1 document, 1 section, 1 passage, 0 facts in the index\nmine: 1 new\n"
    assert said.out.count("\n") == 1
    report = json.loads(said.out)
    assert (report["documents"], report["failed"]) == (1, [])
    assert report["sources"][0] == {
        "source": "mine",
        "added": ["mine/a.txt"],
        "changed": [],
        "unchanged": [],
        "removed": [],
        "failed": [],
    }
    (tmp_path / "notes" / "b.txt").write_text("The lamp went out.\n")
    assert main(["index"]) == 0
    assert capsys.readouterr().err.splitlines()[1] == "mine: 1 new, 1 unchanged"


def test_a_file_that_fails_is_a_line_and_exit_code_1(indexed, capsys):
    (indexed / "empty.txt").write_text("")
    assert main(["index", "-q", "files"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("failed: empty.txt: ")
    assert said.err.count("\n") == 1


def test_too_large_a_file_fails(indexed, capsys):
    (indexed / "large.txt").write_text("word " * 250_000)
    assert main(["index", "-q", "--max-file-megabytes", "1"]) == 1
    assert "failed: large.txt: " in capsys.readouterr().err


def test_nothing_to_index(tmp_path, capsys):
    assert main(["index"]) == 2
    said = capsys.readouterr()
    assert said.err.startswith("qa index: nothing to index is given or known yet; run `qa index PATH`")
    assert list(tmp_path.iterdir()) == []


def test_seeds_in_this_folder_are_indexed_when_nothing_is_known(tmp_path, capsys):
    (tmp_path / "seeds" / "documents").mkdir(parents=True)
    (tmp_path / "seeds" / "documents" / "a.txt").write_text("The lamp was lit.\n")
    assert main(["index"]) == 0
    assert main(["documents"]) == 0
    assert capsys.readouterr().out.split() == ["a.txt", "1", "passages", "17", "characters", "a"]


def test_samples(capsys):
    assert main(["index", "--sample", "-q"]) == 0
    assert main(["documents", "--json"]) == 0
    entries = json.loads(capsys.readouterr().out)["documents"]
    assert [entry["id"] for entry in entries] == sorted(p.name for p in (ROOT / "seeds" / "documents").glob("0*.txt"))


def test_documents(indexed, capsys):
    assert main(["documents"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["coast/lighthouse.txt", "gazette.txt"]
    assert main(["documents", "--document", "gaz*", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [entry["id"] for entry in found["documents"]] == ["gazette.txt"]
    assert main(["documents", "--document", "nowhere*"]) == 2
    assert "no such document" in capsys.readouterr().err


def test_show_prints_the_text_and_nothing_else(indexed, capsys):
    assert main(["show", "gazette.txt"]) == 0
    assert capsys.readouterr().out == GAZETTE.text.strip()
    assert main(["show", "gazete.txt"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "nearest are gazette.txt" in said.err


def test_remove(indexed, capsys):
    assert main(["remove", "gazette.txt"]) == 0
    assert capsys.readouterr().out == "gazette.txt\n"
    assert main(["remove", "gazette.txt"]) == 2
    assert main(["remove", str(indexed)]) == 0
    assert capsys.readouterr().out == "coast/lighthouse.txt\n"


def test_report_of_everything():
    report = SyncReport(
        sources=(
            SourceReport(
                source="/notes",
                added=("a", "b"),
                changed=("c",),
                unchanged=(),
                removed=("d",),
                failed=(Failure(id="e.pdf", message="is encrypted"),),
            ),
            SourceReport(source="mail", added=(), changed=(), unchanged=(), removed=(), failed=()),
        ),
        documents=1234,
        sections=5,
        passages=1,
        facts=0,
        repaired=1,
        left_out={"images": 7, "empty fields": 1},
        warnings=("a: page 3 has no text: scanned?",),
    )
    assert index_report.to_text(report) == (
        "1,234 documents, 5 sections, 1 passage, 0 facts in the index\n"
        "/notes: 2 new, 1 changed, 1 gone, 1 failed\n"
        "mail: nothing there\n"
        "repaired: 1 stretch of wrongly decoded text\n"
        "left out: empty fields (1), images (7)\n"
        "warning: a: page 3 has no text: scanned?\n"
        "failed: e.pdf: is encrypted\n"
    )
    found = json.loads(json.dumps(index_report.to_dict(report)))
    assert found["failed"] == [{"id": "e.pdf", "message": "is encrypted"}]


# ask


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


# batch, serve


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


# a stated risk


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
