"""Verdicts are kept whole whatever happens, and only what a person stood for becomes gold, read again without loss."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from embeddings.errors import BadInput, UserError
from embeddings.index import Index
from embeddings.sync import parse_source, sync
from qa.chat import Question, Turn
from qa.cli import main
from qa.feedback import Verdict, feedback_file, keep, read_verdicts, select
from qa.feedback_gold import items_of, judged, to_jsonl, to_squad
from qa.gold import locate, read_gold
from qa.originals import files_of, original_text
from qa.reply import Reply
from tests.fakes import GAZETTE, LIGHTHOUSE, WordEncoder, lighthouse_answerer

NOW = datetime(2026, 3, 4, 5, 6, 7, 890, tzinfo=UTC)
BRIDGE = """---
title: The Talmer Bridge
opened: 4 May 1931
---

# The Talmer Bridge

The bridge was designed by **Ada Lindqvist**, who had won the [competition](x.html) of 1927.
"""


def reply(question: str) -> Reply:
    return lighthouse_answerer().ask(Question(id="1", text=question))


LIT = reply("When was the lighthouse first lit?")
KEEPER = reply("Who was its first keeper?")
OWNS = reply("Who owns the lighthouse today?")
COST = reply("What did the lighthouse cost?")
UP = Verdict.of(LIT, thumb="up", now=NOW)
CONFIRMED = Verdict.of(LIT, thumb="up", judgement="confirmed", now=NOW)
DOWN = Verdict.of(LIT, thumb="down", now=NOW)
NOWHERE = Verdict.of(OWNS, judgement="not in the documents", now=NOW)


@pytest.fixture(name="index")
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Index:
    monkeypatch.chdir(tmp_path)
    for name, text in ((LIGHTHOUSE.id, LIGHTHOUSE.text), (GAZETTE.id, GAZETTE.text), ("bridge.md", BRIDGE)):
        (tmp_path / "files" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "files" / name).write_text(text, "utf-8")
    return synced()


def synced() -> Index:
    sync(Path(".index"), [parse_source("files")], encoder=WordEncoder())
    return Index.open(Path(".index"))


def marked(index: Index, words: str, question: str = "Who designed the bridge?", *, collection: str = "") -> Verdict:
    document = index.document("bridge.md")
    start = document.text.index(words)
    citation = select(document, start, start + len(words), collection=collection)
    asked = replace(OWNS, question=question)
    return Verdict.of(asked, thumb="down", judgement="selected", selected=citation, now=NOW)


# the file


def test_a_verdict_is_kept_as_it_was_given(tmp_path: Path) -> None:
    file = tmp_path / "kept.jsonl"
    turn = Turn(question="What is that?", asked="What is that?", answer="a lighthouse", document="gazette.txt")
    given = [CONFIRMED, DOWN, NOWHERE, Verdict.of(KEEPER, judgement="confirmed", history=[turn])]
    for one in given:
        keep(file, one)
    assert read_verdicts(file) == given
    assert file.stat().st_mode & 0o077 == 0
    first = json.loads(file.read_text("utf-8").splitlines()[0])
    assert (first["feedback"], first["time"], first["index"]) == (1, "2026-03-04T05:06:07+00:00", "paper")
    assert (first["thumb"], first["judgement"], first["reply"]["answer"]) == ("up", "confirmed", "4 May 1871")


def test_many_at_once_are_all_kept(tmp_path: Path) -> None:
    file = tmp_path / "kept.jsonl"
    each = [replace(UP, time=str(number)) for number in range(60)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda one: keep(file, one), each))
    assert sorted(read_verdicts(file), key=lambda one: int(one.time)) == each


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(min_value=0))
def test_what_was_cut_off_is_no_verdict_and_harms_none(tmp_path: Path, cut: int) -> None:
    file = tmp_path / "kept.jsonl"
    file.unlink(missing_ok=True)
    for one in (CONFIRMED, NOWHERE):
        keep(file, one)
    whole = file.read_bytes()
    left = whole[: cut % (len(whole) + 1)]
    file.write_bytes(left)
    survived = [CONFIRMED, NOWHERE][: left.count(b"\n")]
    assert read_verdicts(file) == survived
    keep(file, DOWN)
    assert read_verdicts(file) == [*survived, DOWN]


@pytest.mark.parametrize(
    "change",
    [{"feedback": 2}, {"thumb": "sideways"}, {"judgement": "maybe"}, {"reply": 3}, {"history": [{"question": "x"}]}],
)
def test_a_line_that_is_no_verdict_is_named(tmp_path: Path, change: dict[str, object]) -> None:
    file = tmp_path / "kept.jsonl"
    keep(file, UP)
    keep(file, CONFIRMED)
    first, second = file.read_text("utf-8").splitlines()
    file.write_text(f"{first}\n{json.dumps(json.loads(second) | change)}\n", "utf-8")
    with pytest.raises(BadInput, match=r"kept\.jsonl, line 2 is no verdict"):
        read_verdicts(file)


def test_it_lies_hidden_beside_the_index(tmp_path: Path) -> None:
    assert feedback_file(tmp_path / ".index") == tmp_path.resolve() / ".index.feedback.jsonl"
    assert feedback_file(tmp_path / "mine") == tmp_path.resolve() / ".mine.feedback.jsonl"
    with pytest.raises(UserError, match=r"there is no feedback yet.*qa serve"):
        read_verdicts(tmp_path / "none")


def test_what_says_nothing_or_does_not_fit_is_refused() -> None:
    with pytest.raises(UserError, match="nothing was said"):
        Verdict.of(LIT)
    with pytest.raises(UserError, match="only an answer can be confirmed"):
        Verdict.of(OWNS, judgement="confirmed")
    with pytest.raises(UserError, match="has to be marked"):
        Verdict.of(LIT, judgement="selected")
    with pytest.raises(UserError, match="has to be marked"):
        Verdict.of(LIT, judgement="confirmed", selected=select(GAZETTE, 0, 5))


def test_select() -> None:
    start = LIGHTHOUSE.text.index(" Ada Fenwick, ")
    citation = select(LIGHTHOUSE, start, start + len(" Ada Fenwick"), collection="coast")
    assert (citation.text, citation.start, citation.heading) == ("Ada Fenwick", start + 1, ("Building",))
    assert citation.quote == "The tower was designed by Ada Fenwick, who had built two harbours before."
    assert citation.collection == "coast"
    with pytest.raises(UserError, match="nothing is marked"):
        select(LIGHTHOUSE, start, start + 1)
    with pytest.raises(UserError, match="has no characters 3 to 99999"):
        select(LIGHTHOUSE, 3, 99999)


# what becomes gold


@pytest.mark.parametrize(
    ("verdicts", "gold"),
    [
        ([UP], []),
        ([DOWN], []),
        ([CONFIRMED], [CONFIRMED]),
        ([CONFIRMED, UP], [CONFIRMED]),
        ([CONFIRMED, DOWN], []),
        ([DOWN, CONFIRMED], [CONFIRMED]),
        ([NOWHERE, Verdict.of(OWNS, thumb="down")], [NOWHERE]),
        ([CONFIRMED, NOWHERE], [CONFIRMED, NOWHERE]),
    ],
)
def test_only_what_a_person_stood_for_counts(verdicts: Sequence[Verdict], gold: Sequence[Verdict]) -> None:
    assert judged(verdicts) == gold


def test_the_last_judgement_counts_for_a_question_with_its_history() -> None:
    instead = Verdict.of(LIT, judgement="selected", selected=select(GAZETTE, 4, 13))
    assert judged([CONFIRMED, instead]) == [instead]
    later = replace(CONFIRMED, history=(Turn(question="x", asked="x", answer="y"),))
    assert judged([CONFIRMED, later]) == [CONFIRMED, later]


def test_gold_is_read_again_without_loss(index: Index, tmp_path: Path) -> None:
    turn = Turn(question="What stands at Marrow Point?", asked="What stands at Marrow Point?", answer="a lighthouse")
    follow_up = Verdict.of(KEEPER, judgement="confirmed", history=[turn])
    given = [CONFIRMED, NOWHERE, follow_up, marked(index, "Ada Lindqvist"), marked(index, "4 May 1931", "When opened?")]
    items, lost = items_of(given, index)
    assert lost == []
    golds = [item.gold for item in items]
    assert [(gold.answers, gold.documents, gold.type) for gold in golds] == [
        (("4 May 1871",), ("coast/lighthouse.txt",), "question"),
        ((), (), "unanswerable"),
        (("Tomas Rill",), ("coast/lighthouse.txt",), "follow_up"),
        (("Ada Lindqvist",), ("bridge.md",), "question"),
        (("4 May 1931",), ("bridge.md",), "question"),
    ]
    assert golds[3].evidence[0].text in BRIDGE  # verbatim, with its marks
    assert "**Ada Lindqvist**" in golds[3].evidence[0].text
    files = files_of(index, {"bridge.md", "coast/lighthouse.txt"})
    for item in items:
        for one in item.gold.evidence:
            stretches = locate(one, item.document, original_text(item.document, files[one.document]))
            assert any(start <= item.place[0] and item.place[1] <= end for start, end in stretches)

    (tmp_path / "gold.jsonl").write_text(to_jsonl(items), "utf-8")
    assert list(read_gold(tmp_path / "gold.jsonl").questions) == golds

    (tmp_path / "gold.json").write_text(to_squad(items), "utf-8")
    squad = read_gold(tmp_path / "gold.json")
    texts = {document.id: document.text for document in squad.paragraphs}
    by_id = {question.id: question for question in squad.questions}
    for item in items:
        again = by_id[item.gold.id]
        assert replace(again, documents=item.gold.documents, evidence=item.gold.evidence) == item.gold
        assert texts[again.documents[0]].strip() == item.document.text.strip()
        assert [(one.text, one.start) for one in again.evidence] == [
            (text, item.place[0]) for text in item.gold.answers
        ]
    whole = json.loads((tmp_path / "gold.json").read_text("utf-8"))
    assert whole["version"] == "v2.0"
    assert [qa["is_impossible"] for one in whole["data"] for qa in one["paragraphs"][0]["qas"]].count(True) == 1


def test_answers_of_a_kept_collection_are_looked_for_there(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QA_HOME", str(tmp_path / "home"))
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "bridge.md").write_text("# Another bridge\n\nIt was designed by Beda Rill.\n", "utf-8")
    folder = tmp_path / "home" / "collections" / "notes"
    sync(folder, [parse_source("notes")], encoder=WordEncoder())
    file = feedback_file(Path(".index"))
    keep(file, marked(Index.open(folder), "Beda Rill", collection="notes"))
    assert main(["feedback", "export", "alone.jsonl", "-q"]) == 0
    keep(file, marked(index, "Ada Lindqvist", "Who won the competition?", collection="index"))
    assert main(["feedback", "export", "both.jsonl", "-q"]) == 0
    alone, both = (read_gold(tmp_path / f"{name}.jsonl").questions for name in ("alone", "both"))
    assert [(one.answers, one.documents) for one in alone] == [(("Beda Rill",), ("bridge.md",))]
    assert [(one.answers, one.documents) for one in both] == [
        (("Beda Rill",), ("notes:bridge.md",)),
        (("Ada Lindqvist",), ("bridge.md",)),
    ]


def test_what_moved_is_found_again_and_what_is_gone_is_left_out(index: Index, tmp_path: Path) -> None:
    given = [CONFIRMED, Verdict.of(COST, judgement="confirmed")]
    changed = "A new beginning.\n\n" + LIGHTHOUSE.text.replace("12,400", "13,000")
    (tmp_path / "files" / LIGHTHOUSE.id).write_text(changed, "utf-8")
    items, lost = items_of(given, synced())
    assert lost == given[1:]
    (item,) = items
    assert item.place[0] == LIT.outcome.best.citation.start + len("A new beginning.\n\n")
    assert item.document.text[slice(*item.place)] == "4 May 1871"
    (tmp_path / "files" / LIGHTHOUSE.id).unlink()
    assert items_of(given, synced()) == ([], given)


def test_export(index: Index, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = feedback_file(Path(".index"))
    assert main(["feedback", "export", "gold.jsonl"]) == 2
    assert "there is no feedback yet" in capsys.readouterr().err
    keep(file, UP)
    assert main(["feedback", "export", "gold.jsonl"]) == 2
    assert "of 1 verdicts none makes a gold question" in capsys.readouterr().err
    assert not (tmp_path / "gold.jsonl").exists()
    for one in (CONFIRMED, NOWHERE):
        keep(file, one)
    assert main(["feedback", "export", "gold.jsonl"]) == 0
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "gold.jsonl: 2 questions of 3 verdicts: 1 confirmed, 1 not in the documents\n")
    assert main(["feedback", "export", "gold.json", "-q"]) == 0
    assert main(["feedback", "export", "other", "--format", "squad"]) == 0
    assert (tmp_path / "gold.json").read_bytes() == (tmp_path / "other").read_bytes()
    assert [question.answers for question in read_gold(tmp_path / "gold.json").questions] == [("4 May 1871",), ()]
    capsys.readouterr()
    keep(file, marked(index, "Ada Lindqvist"))
    (tmp_path / "files" / "bridge.md").write_text("# Nothing\n\nNo one is named here.\n", "utf-8")
    synced()
    assert main(["feedback", "export", "gold.jsonl", "-q"]) == 1
    assert capsys.readouterr().err == (
        "left out: Who designed the bridge?: its answer no longer stands in the documents\n"
    )
