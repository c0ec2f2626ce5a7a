"""Gold files in their formats, and evidence found where it stands."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.errors import BadInput
from embeddings.load.base import DocumentBuilder, Source
from embeddings.mapped import MappedText
from qa.chat import Turn
from qa.gold import Evidence, GoldQuestion, Value, locate, read_gold

OURS = {
    "id": "q1",
    "question": "How many died?",
    "answers": ["11", "eleven"],
    "document": ["a.txt", "b.txt"],
    "evidence": "None 11 killed",
    "type": "conflict",
    "values": [
        {"answer": "11", "attributed_to": "the army"},
        {"answer": "9", "attributed_to": None, "evidence": "9", "document": "b.txt"},
    ],
    "items": [["drones", "a drone"], "glass"],
    "history": [{"question": "Where was it?", "answer": "Elakla"}],
    "full": "How many died at Elakla?",
    "also": [{"document": "b.txt", "evidence": "11 were killed"}],
}
CONTEXT = " Norman dukes ruled. The Norman dukes."
SQUAD = {
    "version": "v2.0",
    "data": [
        {
            "title": "The_Normans",
            "paragraphs": [
                {
                    "context": CONTEXT,
                    "qas": [
                        {
                            "id": "s1",
                            "question": "Who ruled?",
                            "is_impossible": False,
                            "answers": [{"text": "dukes", "answer_start": 32}, {"text": "dukes", "answer_start": 32}],
                        },
                        {
                            "id": "s2",
                            "question": "Who sang?",
                            "is_impossible": True,
                            "answers": [],
                            "plausible_answers": [{"text": "dukes", "answer_start": 8}],
                        },
                    ],
                }
            ],
        }
    ],
}
SQUAD_LINES = [
    {
        "id": "s1",
        "title": "The_Normans",
        "context": CONTEXT,
        "question": "Who ruled?",
        "answers": {"text": ["dukes", "dukes"], "answer_start": [32, 32]},
    },
    {
        "id": "s2",
        "title": "The_Normans",
        "context": CONTEXT,
        "question": "Who sang?",
        "answers": {"text": [], "answer_start": []},
    },
]


def lines(*rows: object) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def test_our_format_keeps_every_field(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text("\n" + lines(OURS, {"id": "q2", "question": "Who won?", "answers": []}), encoding="utf-8")
    gold = read_gold(path)
    assert gold.paragraphs == ()
    assert gold.questions == (
        GoldQuestion(
            id="q1",
            question="How many died?",
            answers=("11", "eleven"),
            documents=("a.txt", "b.txt"),
            evidence=(
                Evidence(document="a.txt", text="None 11 killed"),
                Evidence(document="b.txt", text="9"),
                Evidence(document="b.txt", text="11 were killed"),
            ),
            type="conflict",
            values=(Value(answer="11", attributed_to="the army"), Value(answer="9", attributed_to="")),
            items=(("drones", "a drone"), ("glass",)),
            history=(Turn(question="Where was it?", asked="Where was it?", answer="Elakla"),),
            full="How many died at Elakla?",
        ),
        GoldQuestion(id="q2", question="Who won?", answers=(), type="unanswerable"),
    )
    assert [question.answerable for question in gold.questions] == [True, False]


def test_squad_json_and_squad_lines_plain_and_gzipped_are_the_same_set(tmp_path: Path) -> None:
    variants = {"squad.json": json.dumps(SQUAD, indent=1), "squad.jsonl": lines(*SQUAD_LINES)}
    sets = []
    for name, text in variants.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(text.encode()))
        sets += [read_gold(tmp_path / name), read_gold(tmp_path / f"{name}.gz")]
    first = sets[0]
    assert all(other == first for other in sets)
    (paragraph,) = first.paragraphs
    assert (paragraph.title, paragraph.text) == ("The Normans", CONTEXT.strip())
    answerable, unanswerable = first.questions
    assert (answerable.answers, answerable.documents) == (("dukes",), (paragraph.id,))
    assert unanswerable.answers == ()
    (evidence,) = answerable.evidence
    ((start, end),) = locate(evidence, paragraph, None)
    assert (start, paragraph.text[start:end]) == (31, "dukes")  # the second of two, moved by the blank that was cut


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no question"),
        ("not json\n", "line 1"),
        (lines(OURS) + "{}\n", "line 2: 'answers' is missing"),
        (lines(OURS, OURS), "two questions have the id 'q1'"),
        (lines({**OURS, "answers": 11}), "line 1: 11 is neither a text nor a list of texts"),
        (lines({**OURS, "document": []}), "no document that holds it"),
        (lines({**SQUAD_LINES[0], "context": "Elsewhere"}), "does not stand at 32"),
        (json.dumps({"data": [{"paragraphs": [{"qas": [{"id": "s9"}]}]}]}), "question 's9': 'answers' is missing"),
    ],
)
def test_a_bad_file_is_named_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        read_gold(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_missing_or_binary_file_is_a_user_error(tmp_path: Path) -> None:
    (tmp_path / "torn.jsonl.gz").write_bytes(gzip.compress(b"x" * 100)[:20])
    for name in ("missing.jsonl", "torn.jsonl.gz"):
        with pytest.raises(BadInput, match=r"cannot be read as a gold file"):
            read_gold(tmp_path / name)


def document(original: str, *blocks: MappedText, mapped: bool = True):
    builder = DocumentBuilder(Source(id="a.txt", name="a.txt", data=b"", sha256=""))
    for block in blocks:
        builder.add(block)
    return builder.finish(title="A", original=original if mapped else None)


def test_evidence_is_found_in_the_original_and_mapped_to_the_text() -> None:
    original = "SÃ©varÃ© fell.\r\nStrength1: 400\n400 came."
    whole = MappedText.original(original)
    repaired = whole[:14].sub("Ã©", "é")
    built = document(original, repaired, whole[27:30], whole[31:])
    assert built.text == "Sévaré fell.\n\n400\n\n400 came."

    def found(words: str) -> list[str]:
        return [built.text[a:b] for a, b in locate(Evidence(document="a.txt", text=words), built, original)]

    assert "".join(found("SÃ©varÃ© fell.")) == "Sévaré fell."
    assert found("Strength1: 400") == ["400"]
    assert locate(Evidence(document="a.txt", text="Strength1: 400"), built, original) == ((14, 17),)
    assert found("400") == ["400", "400"]
    assert "".join(found("fell. Strength1:")) == "fell."  # blanks may differ; the label is not in the text
    assert found("Nothing of the kind") == []
    assert found(" ") == []


def test_without_an_original_the_text_is_searched() -> None:
    unmapped = document("", MappedText.inserted("One of two\ncolumns."), mapped=False)
    evidence = Evidence(document="a.txt", text="two columns")
    assert locate(evidence, unmapped, None) == ((7, 18),)
    assert locate(evidence, document("x", MappedText.original("two  columns")), None) == ((0, 12),)


@given(st.text(alphabet="ab .\n", min_size=1, max_size=30), st.data())
def test_located_stretches_hold_what_was_looked_for(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    words = text[start : data.draw(st.integers(start + 1, len(text)))]
    built = document(text, MappedText.original(text))
    for a, b in locate(Evidence(document="a.txt", text=words), built, text):
        assert 0 <= a < b <= len(built.text)
        assert " ".join(built.text[a:b].split()) in " ".join(words.split())
    stretches = locate(Evidence(document="a.txt", text=words, start=start), built, text)
    if words.strip():
        assert built.text[stretches[0][0] : stretches[-1][1]].strip() == words.strip()
