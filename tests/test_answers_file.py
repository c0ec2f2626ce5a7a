"""Every form of answers file gives the same citations, and what is none says why."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa import render
from qa.answers_file import read_citations
from qa.cli import main
from qa.reply import Citation
from qa.reply_rows import COLUMNS, cells, cited_in
from tests.citing import citation, loaded, notes_in, reply


@pytest.fixture(name="folder")
def folder_of_documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return notes_in(tmp_path)


def test_every_form_of_answers_file_gives_the_same_citations(folder: Path) -> None:
    document = loaded(folder)
    one, two = citation(document, "4 May 1931"), citation(document, "12,400 crowns", "The builders")
    replies = [reply(one, two), reply(), reply(two, id="q3")]
    lines = [render.to_json(each) for each in replies]
    turns = [{"question": "?", "reply": json.loads(line)} for line in lines]
    rows = io.StringIO()
    csv.writer(rows).writerows([COLUMNS, *(cells(json.loads(line)) for line in lines)])
    for name, content in {
        "a.jsonl": "\n".join(lines) + "\n",
        "crlf.jsonl": "\r\n".join(lines),
        "a.csv": rows.getvalue(),
        "semicolons.csv": _semicolons(rows.getvalue()),
        "list.json": json.dumps([json.loads(line) for line in lines], indent=1),
        "chat.json": json.dumps(turns),
        "export.json": json.dumps({"title": "A chat", "turns": turns}),
    }.items():
        Path(name).write_text(content, "utf-8", newline="")
        found = read_citations(name)
        expected = [one, two, two]
        if name.endswith(".csv"):  # a row does not say where that stands, nor the parts of a heading
            expected = [one, two, replace(two, attributed_to=None)]
        assert [each.citation for each in found] == expected, name
    Path("one.json").write_text(lines[0], "utf-8")
    assert [(each.id, each.part, each.answer) for each in read_citations("one.json")] == [
        ("q1", "citation", "4 May 1931"),
        ("q1", "support[0]", None),
    ]


def _semicolons(text: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(csv.reader(io.StringIO(text, newline="")))
    return out.getvalue()


@given(st.text("=+-@'ab\n\t", min_size=1), st.text("=- a", max_size=4), st.text("=-' a", max_size=4))
def test_what_is_escaped_in_a_row_comes_back(text: str, before: str, after: str) -> None:
    one = Citation(
        document="@a.txt",
        collection="",
        sha256="0" * 64,
        title="=1",
        heading=(),
        kind="prose",
        page=None,
        line=3,
        start=10,
        end=10 + len(text),
        source_start=None,
        source_end=None,
        text=text,
        quote=before + text + after,
        quote_start=10 - len(before),
        url=None,
        published=None,
    )
    row = dict(zip(COLUMNS, cells(render.to_dict(reply(one, id="-1"))), strict=True))
    back = cited_in(row)
    assert (back["id"], back["answer"]) == ("-1", text)
    kept = {name: value for name, value in asdict(one).items() if value is not None and name in back["citation"]}
    assert back["citation"] == {**kept, "denied": "false"}
    assert {"text", "quote", "document", "start", "end", "quote_start", "line"} <= kept.keys()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("none.jsonl", None, "cannot be read"),
        ("a.jsonl", b"\xff\xfe\x00", "cannot be read"),
        ("a.jsonl", b"", "holds no reply"),
        ("a.jsonl", b"[1, 2]", "holds no reply"),
        ("a.jsonl", b'{"question": "?"}', "holds no reply"),
        ("a.jsonl", b'{"citation": null}\nwords\n', "line 2: not JSON"),
        ("a.jsonl", b"[" * 100_000, "nested too deeply"),
        ("a.jsonl", b'{"id": "7", "answer": "x", "citation": null}', "has an answer and no citation"),
        ("a.jsonl", b'{"answer": "x", "citation": {"document": "a"}}', "citation has no document or no quote"),
        ("a.jsonl", b'{"citation": {"document": "a", "quote": "b"}}', "citation has no sha256"),
        ("a.json", b'[{"support": [{"document": 1, "quote": "b"}]}]', r"reply 1: support\[0\] has an impossible doc"),
        ("a.csv", b"id,answer\n1,x\n", "does not name the columns"),
        ("a.csv", b"id,answer,citation_quote,citation_start\n1,x,x,?\n", "line 2: "),
    ],
)
def test_what_is_no_answers_file(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes | None, says: str
) -> None:
    if content is not None:
        Path(name).write_bytes(content)
    assert main(["verify", name, "--sources", "notes"]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("qa verify: ")
    assert re.search(says, output.err)
    assert "Traceback" not in output.err
