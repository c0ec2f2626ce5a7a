"""The verbs on settings and collections, and `--collection` of those that search."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import SecretStr

import qa.assembly
from embeddings.index import Index
from qa import listings
from qa.cli import main
from qa.collections import Collections
from qa.settings import Settings
from tests.fakes import GAZETTE, LIGHTHOUSE, WordEncoder
from tests.tower import NameReader
from tests.uploading import LAMP, STORM, held, put

KEEPER = "Who was the first keeper who stayed?"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QA_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(qa.assembly, "open_encoder", lambda settings: WordEncoder())
    monkeypatch.setattr(qa.assembly, "SpanReader", lambda name, engine: NameReader())
    return tmp_path


@pytest.fixture(name="collected")
def two_collections_and_an_index(folder: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    for name, text in {
        "coast/a.txt": LIGHTHOUSE.text,
        "towns/a.txt": GAZETTE.text,
        "own/b.txt": LIGHTHOUSE.text.replace("Tomas Rill", "Arne Holm"),
    }.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    assert main(["index", "--collection", "coast", "coast"]) == 0
    assert main(["index", "--collection", "towns", "towns"]) == 0
    assert main(["index", "own"]) == 0
    capsys.readouterr()
    return folder


def printed(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert main(arguments) == code
    return capsys.readouterr().out


def test_config_shows_every_setting_and_where_it_comes_from(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("qa.toml").write_text('top_k = 7\ncollection = ["a", "b"]\n')
    monkeypatch.setenv("QA_THRESHOLD", "0.4")
    rows = json.loads(printed(capsys, "config", "--json", "--index", "papers"))["settings"]
    assert [row["name"] for row in rows] == list(Settings.model_fields)
    found = {row["name"]: (row["value"], row["origin"]) for row in rows}
    assert found["index"] == ("papers", "--index")
    assert found["home"] == (str(folder / "home"), "QA_HOME")
    assert found["threshold"] == (0.4, "QA_THRESHOLD")
    assert found["top_k"] == (7, "qa.toml")
    assert found["collection"] == ("papers, a, b", "qa.toml")  # with an index named by a stronger place
    assert found["port"] == (7860, "default")
    assert {row["description"] for row in rows} == {field.description for field in Settings.model_fields.values()}
    text = printed(capsys, "config")
    assert "top_k = 7  (qa.toml)\n    passages read for a question at most; " in text
    assert "calibration = unset  (default)\n" in text
    assert "collection = a, b  (qa.toml)\n" in text


def test_a_bad_value_is_told_by_its_key(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("QA_MAX_UPLOAD_FILES", "none")
    assert main(["config"]) == 2
    assert capsys.readouterr().err.startswith("qa config: QA_MAX_UPLOAD_FILES cannot be 'none': it should be")
    monkeypatch.delenv("QA_MAX_UPLOAD_FILES")
    monkeypatch.setenv("QA_COLLECTION", "a,,b")
    assert main(["config"]) == 2
    assert (
        "QA_COLLECTION cannot be 'a,,b': it must be names of collections, none of them blank" in capsys.readouterr().err
    )


def test_a_secret_is_never_shown() -> None:
    assert Settings(token=SecretStr("a-token-that-is-secret")).shown("token") == "set"
    assert Settings().shown("token") == "not set"


@pytest.mark.parametrize(
    ("flags", "variables", "expected"),
    [
        ({}, {}, None),
        ({"collection": ["a"]}, {}, ("a",)),
        ({"collection": ["a", "b"], "index": "i"}, {}, ("", "a", "b")),
        ({"collection": ["a"]}, {"QA_INDEX": "i"}, ("a",)),
        ({}, {"QA_INDEX": "i", "QA_COLLECTION": "a, b"}, ("", "a", "b")),
        ({"index": "i"}, {"QA_COLLECTION": "a"}, ("", "a")),
    ],
)
def test_the_index_is_searched_too_if_it_is_named_as_strongly(
    monkeypatch: pytest.MonkeyPatch, flags: dict[str, object], variables: dict[str, str], expected: object
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert Settings.load(**flags).collection == expected


def test_collections_are_listed(collected: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = json.loads(printed(capsys, "collections", "--json"))["collections"]
    home = collected / "home" / "collections"
    assert rows == [
        {"name": name, "documents": 1, "passages": passages, "path": str(home / name)}
        for name, passages in (("coast", rows[0]["passages"]), ("towns", rows[1]["passages"]))
    ]
    assert rows[0]["passages"] == Index.open(home / "coast").documents[0].passages > 0
    assert printed(capsys, "collections") == listings.collections_text(rows)
    assert home.stat().st_mode & 0o777 == 0o700


def test_documents_of_collections_are_listed_and_shown(collected: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def ids(*arguments: str) -> list[tuple[str, str]]:
        rows = json.loads(printed(capsys, "documents", "--json", *arguments))["documents"]
        return [(row["id"], row["collection"]) for row in rows]

    assert ids() == [("b.txt", "index")]
    assert ids("--collection", "coast") == [("a.txt", "coast")]
    both = ("--collection", "coast", "--collection", "towns")
    assert ids(*both) == [("coast:a.txt", "coast"), ("towns:a.txt", "towns")]
    assert ids(*both, "--document", "towns:*") == [("towns:a.txt", "towns")]
    assert ids("--index", ".index", *both) == [("b.txt", "index"), ("coast:a.txt", "coast"), ("towns:a.txt", "towns")]
    assert (
        printed(capsys, "show", "towns:a.txt", *both)
        == Index.open(collected / "home/collections/towns").document("a.txt").text
    )
    assert main(["documents", "--collection", "caost"]) == 2
    assert "caost: there is no such collection in" in capsys.readouterr().err


def test_a_question_to_collections_is_cited_and_verified(collected: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ask = ["ask", KEEPER, "--json", "--threshold", "0", "--collection", "coast", "--collection", "towns"]
    reply = json.loads(printed(capsys, *ask, "--document", "coast:a.txt"))
    citation = reply["citation"]
    assert (reply["answer"], citation["collection"], citation["document"]) == ("Tomas Rill", "coast", "a.txt")
    replies = [reply, json.loads(printed(capsys, *ask, "--index", ".index", "--document", "b.txt"))]
    assert replies[1]["citation"]["collection"] == "index"
    Path("replies.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in replies))
    checks = json.loads(printed(capsys, "verify", "replies.jsonl", "--json"))
    assert (checks["failed"], {check["collection"] for check in checks["checks"]}) == (0, {"coast", "index"})
    (collected / "coast" / "a.txt").write_text("Nothing of it.")
    checks = json.loads(printed(capsys, "verify", "replies.jsonl", "--json", code=1))
    assert {check["collection"] for check in checks["checks"] if check["source"] == "changed"} == {"coast"}


def test_batch_asks_collections(collected: Path) -> None:
    Path("questions.txt").write_text(f"{KEEPER}\n")
    flags = ["--threshold", "0", "--collection", "coast", "--collection", "towns"]
    assert main(["batch", "questions.txt", "-o", "replies.jsonl", *flags]) == 0
    assert json.loads(Path("replies.jsonl").read_text())["citation"]["collection"] == "coast"


def test_evaluate_asks_one_index_at_a_time(collected: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold = {"id": "1", "question": KEEPER, "answers": ["Tomas Rill"], "document": ["a.txt"], "type": "fact"}
    gold["evidence"] = "The first keeper was Tomas Rill"
    Path("gold.jsonl").write_text(json.dumps(gold) + "\n")
    ask = ["evaluate", "gold.jsonl", "--threshold", "0", "--report", "scores", "--collection", "coast"]
    assert main(ask) == 0
    summary = json.loads(Path("scores/summary.json").read_text())
    assert (summary["total"], summary["exact"]) == (1, 100.0)
    assert main([*ask, "--collection", "towns"]) == 2
    assert "give one --collection" in capsys.readouterr().err


def test_an_uploaded_document_is_removed_with_its_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    papers = Collections(folder / "home").named("papers")
    put(papers, {"a.txt": LAMP, "b.txt": STORM})
    assert printed(capsys, "remove", "--collection", "papers", "a.txt") == "a.txt\n"
    assert list(held(papers)) == ["b.txt"]
    assert main(["index", "--collection", "papers"]) == 0
    assert list(held(papers)) == ["b.txt"]


def test_a_collection_is_made_of_what_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("seeds/documents").mkdir(parents=True)
    assert main(["index", "--collection", "coast"]) == 2  # never the samples
    assert "nothing to index is given" in capsys.readouterr().err
    assert main(["index", "--collection", "a:b", "seeds"]) == 2
    assert "cannot be the name of a collection" in capsys.readouterr().err
    assert main(["index", "--collection", "coast", "--index", "i", "seeds"]) == 2
    assert "name two places" in capsys.readouterr().err
