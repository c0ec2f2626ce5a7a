"""The verbs that change an index and show what is in it."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import qa.assembly
import qa.server
from embeddings.manifest import FileEntry, ListsEntry, commit, read_manifest
from qa.cli import main
from tests.commandline import ROOT, shell
from tests.fakes import GAZETTE, LIGHTHOUSE, WordEncoder


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty folder to work in, and an encoder that is there at once."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(qa.assembly, "open_encoder", lambda settings: WordEncoder())


@pytest.fixture(name="indexed")
def indexed_folder(tmp_path, capsys):
    for document in (LIGHTHOUSE, GAZETTE):
        path = tmp_path / "files" / document.id
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(document.text, "utf-8")
    assert main(["index", "files"]) == 0
    capsys.readouterr()
    return tmp_path / "files"


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
