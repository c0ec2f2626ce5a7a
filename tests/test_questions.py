"""Question files: what is understood, what is a bad line, what is no question file at all."""

import csv
import io
import json
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings.errors import BadInput
from qa.chat import Question, Turn
from qa.questions import BadLine, read_history, read_questions


@pytest.fixture(name="read")
def reader(tmp_path):
    def read(name, content, max_characters=200):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_questions(str(path), max_characters=max_characters)

    return read


def test_text_is_a_question_a_line_and_blank_lines_only_count(read):
    assert read("q.txt", "Who?\n\n  Where? \n# no comment\n") == [
        Question(id="1", text="Who?"),
        Question(id="3", text="Where?"),
        Question(id="4", text="# no comment"),
    ]


LINES = st.lists(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1).filter(str.strip), min_size=1)


@settings(deadline=None)
@given(LINES, st.sampled_from(["\n", "\r\n", "\r"]), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_line_ends_and_marks_make_no_difference(tmp_path_factory, lines, end, encoding):
    path = tmp_path_factory.mktemp("q") / "q.txt"
    path.write_bytes(end.join([*lines, ""]).encode(encoding))
    found = read_questions(str(path), max_characters=10**6)
    assert [(q.id, q.text) for q in found] == [(str(i), line.strip()) for i, line in enumerate(lines, 1)]


@settings(deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r")), min_size=1))
def test_csv_gives_back_what_was_written(tmp_path_factory, questions):
    path = tmp_path_factory.mktemp("q") / "q.csv"
    written = io.StringIO(newline="")
    csv.writer(written).writerows([["id", "question"], *([f"n{i}", q] for i, q in enumerate(questions))])
    path.write_bytes(written.getvalue().encode())
    found = read_questions(str(path), max_characters=10**6)
    assert [(q.id, q.text) for q in found] == [(f"n{i}", q) for i, q in enumerate(questions)]


@pytest.mark.parametrize("id_key", ["id", "_id", "qid"])
@pytest.mark.parametrize("key", ["question", "query", "text", "input"])
def test_keys_of_all_kinds_are_understood_and_others_ignored(read, id_key, key):
    expected = [Question(id="7", text="Who?"), Question(id="3", text="Where?")]
    assert read("q.jsonl", f'{{"{id_key}": 7, "{key}": "Who?", "x": [1]}}\n\n{{"{key}": "Where?"}}\n') == expected
    assert read("q.csv", f'{id_key},x,{key}\n7,"a\nb",Who?\n') == [Question(id="7", text="Who?")]


def test_history_and_documents(read):
    turn = {"question": "Who?", "answer": "Ann"}
    row = {"question": "When?", "history": [turn, {"question": "Why?", "answer": None}], "documents": ["a*", "b"]}
    expected = Question(
        id="1",
        text="When?",
        history=(
            Turn(question="Who?", asked="Who?", answer="Ann"),
            Turn(question="Why?", asked="Why?", answer=""),
        ),
        documents=("a*", "b"),
    )
    assert read("q.jsonl", json.dumps(row)) == [expected]
    cells = io.StringIO()
    csv.writer(cells).writerows(
        [["id", "question", "history", "documents"], ["1", "When?", json.dumps(row["history"]), "a*; b"]]
    )
    assert read("q.csv", cells.getvalue()) == [expected]
    assert read("q.jsonl", '{"question": "When?", "documents": "a*"}')[0].documents == ("a*",)


def test_one_id_twice_is_two_questions(read):
    rows = '{"id": "a", "question": "Who?"}\n{"id": "a", "question": "Who?"}\n'
    assert read("q.jsonl", rows) == [Question(id="a", text="Who?")] * 2


def test_an_empty_question_is_a_question(read):
    assert read("q.jsonl", '{"id": "a", "question": ""}') == [Question(id="a", text="")]
    assert read("q.csv", "id,question\na,\n") == [Question(id="a", text="")]


@pytest.mark.parametrize(
    ("line", "id", "text", "error"),
    [
        ("{", "2", "", "line 2: not JSON: "),
        ("[" * 100_000, "2", "", "line 2: not JSON: "),
        ('["Who?"]', "2", "", "line 2: not a JSON object"),
        ('{"id": "a"}', "a", "", "line 2: there must be a question (question, query, text, input)"),
        ('{"id": "a", "question": 3}', "a", "", "line 2: there must be a question"),
        ('{"id": [1], "question": "Who?"}', "2", "", "line 2: there must be a text or a number as id"),
        ('{"id": true, "question": "Who?"}', "2", "", "line 2: there must be a text or a number as id"),
        ('{"question": "Who?", "history": "x"}', "2", "Who?", "line 2: history must be a list"),
        ('{"question": "Who?", "history": [{"answer": "x"}]}', "2", "Who?", "line 2: there must be a question in each"),
        ('{"question": "Who?", "documents": [1]}', "2", "Who?", "line 2: there must be a list of texts as documents"),
        ('{"question": "\\ud800"}', "2", "", "line 2: not UTF-8"),
        (b'{"question": "Qu\xe9?"}', "2", "", "line 2: not UTF-8"),
        (json.dumps({"question": "x" * 201}), "2", "x" * 201, "line 2: 201 characters; at most 200"),
    ],
)
def test_a_bad_line_is_told_and_the_others_are_read(read, line, id, text, error):
    line = line if isinstance(line, bytes) else line.encode()
    first, bad, last = read("q.jsonl", b'{"question": "Who?"}\n' + line + b'\n{"question": "Where?"}')
    assert (first, last) == (Question(id="1", text="Who?"), Question(id="3", text="Where?"))
    assert isinstance(bad, BadLine)
    assert (bad.id, bad.text) == (id, text)
    assert bad.error.startswith(error)


def test_bad_rows_of_csv(read):
    rows = read("q.csv", b"id,question,history\na,Who, when?,,\nb,Qu\xe9?\n\nc,Why?,{\nd,Where?\n")
    assert [(row.id, getattr(row, "error", row.text)) for row in rows] == [
        ("2", "line 2: 5 cells in 3 columns; put quotes around the question"),
        ("b", "line 3: not UTF-8; save the file in that encoding"),
        (
            "5",
            "line 5: history is not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
        ),
        ("d", "Where?"),
    ]


def test_rows_of_csv_are_called_by_the_line_on_which_they_begin(read):
    assert [row.id for row in read("q.csv", 'question\n"Who\nwas?"\nWhere?\n')] == ["2", "4"]


def test_quotes_that_do_not_end(read):
    found = read("q.csv", 'question\nWho?\n"Where?\nWhen?\n')
    assert [row.id for row in found] == ["2", "3"]
    assert found[1].error == "line 3: not CSV: unexpected end of data"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_spreadsheets_of_all_countries(read, delimiter):
    assert read("q.CSV", f" ID {delimiter}Question\na{delimiter}Who?\n") == [Question(id="a", text="Who?")]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("q.txt", "", "holds no question"),
        ("q.txt", "\ufeff \r\n\n", "holds no question"),
        ("q.jsonl", "", "holds no question"),
        ("q.csv", "", "the first line must name the columns"),
        ("q.csv", "question\n", "holds no question"),
        ("q.csv", "Who?\n", "the first line must name the columns"),
        ("q.txt", b"W\0h\0o\0?\0", "is not a text file"),
        ("q.txt", b"\xff\xfeW", "cannot be read"),
        ("q.xlsx", "Who?", r"the ending of a question file must be one of \.txt, \.csv, \.jsonl"),
        ("q", "Who?", "the ending of a question file must be one of"),
    ],
)
def test_what_is_no_question_file(read, name, content, message):
    with pytest.raises(BadInput, match=message):
        read(name, content)


def test_a_file_that_is_not_there():
    with pytest.raises(BadInput, match=r"nowhere\.txt cannot be read: No such file or directory; check the path"):
        read_questions("nowhere.txt", max_characters=10)


@pytest.mark.parametrize("text", ['{"question": "Who?"}\n', "Who?\n"])
def test_standard_input(monkeypatch, text):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert read_questions("-", max_characters=10) == [Question(id="1", text="Who?")]


@pytest.mark.parametrize("as_list", [True, False])
def test_history_files(tmp_path, as_list):
    reply = {"question": "When?", "asked": "When was Ann?", "answer": None, "citation": None, "schema": 1}
    cited = {"question": "Who?", "answer": "Ann", "citation": {"document": "a.txt"}}
    path = tmp_path / "history"
    path.write_text(json.dumps([cited, reply]) if as_list else f"{json.dumps(cited)}\n\n{json.dumps(reply)}\n")
    assert read_history(path) == (
        Turn(question="Who?", asked="Who?", answer="Ann", document="a.txt"),
        Turn(question="When?", asked="When was Ann?", answer="", document=None),
    )


@pytest.mark.parametrize("text", ["x", "[1]", '{"answer": "x"}', "[" * 100_000])
def test_what_is_no_history(tmp_path, text):
    path = tmp_path / "history.json"
    path.write_text(text)
    with pytest.raises(BadInput, match="is no history: "):
        read_history(path)
