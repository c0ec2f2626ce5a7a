"""The flow from a question to a reply, with an encoder and a reader that can be worked out on paper."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from embeddings.errors import UserError
from embeddings.index import Index
from embeddings.passage import SplitSettings
from qa.answerer import Answerer
from qa.chat import Question
from qa.reply import Answer, NoAnswer
from qa.retrieve import Retriever
from tests.tower import (
    ENCODER,
    GAZETTE,
    HOLDS,
    ONLY_MARGIN,
    TOWER,
    WHO,
    NameReader,
    answered,
    answerer,
    ask,
    made,
    place,
    refused,
)


def test_an_answer_is_cited_in_prose_and_supported_by_every_other_place(tower: Answerer) -> None:
    reply = ask(tower, WHO)
    best = answered(reply)
    assert best.text == best.citation.text == "Ada Fenwick"
    assert best.confidence == reply.confidence == pytest.approx(HOLDS[2])
    assert place(best.citation) == ("coast/tower.txt", "The tower was built by Ada Fenwick.")
    assert [place(one) for one in best.support] == [
        ("coast/tower.txt", "Tower built by: Ada Fenwick"),
        ("gazette.txt", "But Ada Fenwick herself built the tower."),
    ]
    for citation in (best.citation, *best.support):
        text = tower.index.document(citation.document).text
        assert text[citation.start : citation.end] == citation.text
        assert citation.collection == "index"


def test_other_values_are_distinct_and_the_likeliest_first(tower: Answerer) -> None:
    reply = ask(tower, WHO)
    assert [(other.text, place(other.citation)) for other in reply.others] == [
        ("12", ("coast/tower.txt", "Tower lamps: 12")),
        ("Ina Rill", ("gazette.txt", "Some say Ina Rill built it.")),
        ("Tomas Rill", ("coast/tower.txt", "Its keeper was Tomas Rill.")),
        ("1868", ("coast/tower.txt", "Storms came in 1868.")),
    ]
    assert [other.confidence for other in reply.others] == pytest.approx([HOLDS[1], HOLDS[1], HOLDS[0], HOLDS[0]])


def test_at_most_five_others_are_told_and_none_of_them_twice(tmp_path: Path) -> None:
    names = [f"Ada {name}" for name in ("Alder", "Birch", "Cedar", "Elm", "Fir", "Hazel", "Larch", "Oak")]
    lines = [made(f"{n}.txt", ("prose", f"The tower was built by {name}.")) for n, name in enumerate(names)]
    again = made("9.txt", ("prose", "And the tower was built by Ada Birch."))
    reply = ask(answerer(tmp_path, *lines, again), WHO)
    assert answered(reply).text == "Ada Alder"
    assert [other.text for other in reply.others] == names[1:6]
    assert [place(one)[0] for one in reply.others[0].support] == ["9.txt"]


def test_a_sentence_that_was_copied_counts_once(tmp_path: Path) -> None:
    long = "The old tower on the coast was built by Ada Fenwick."
    told = made("told.txt", ("prose", long))
    copied = made("copied.txt", ("prose", f"Our summary: nothing new. {long}"))
    short = made("short.txt", ("prose", "It was built by Ada Fenwick."))
    same = made("same.txt", ("prose", "It was built by Ada Fenwick."))
    another = made("another.txt", ("prose", "It was built by Ada Fenwick."), ("prose", "So they say."))
    best = answered(ask(answerer(tmp_path, told, copied, short, same, another), WHO))
    cited = sorted(place(one)[0] for one in (best.citation, *best.support))
    assert cited == ["another.txt", "copied.txt", "same.txt"]


def test_a_fact_line_is_cited_if_prose_is_much_less_sure(tmp_path: Path) -> None:
    unsure = made("unsure.txt", ("facts", "Tower built by: Ada Fenwick"), ("prose", "There came Ada Fenwick."))
    best = answered(ask(answerer(tmp_path, unsure), WHO))
    assert place(best.citation) == ("unsure.txt", "Tower built by: Ada Fenwick")
    assert best.citation.kind == "facts"
    assert best.support == ()  # it has the name, and is hardly believed to answer


def test_what_is_prose_enough_is_shown_with_the_confidence_of_the_value(tmp_path: Path) -> None:
    half = made("half.txt", ("facts", "Tower built by: Ada Fenwick"), ("prose", "Ada Fenwick built it."))
    best = answered(ask(answerer(tmp_path, half), WHO))
    assert best.citation.quote == "Ada Fenwick built it."
    assert best.confidence == pytest.approx(HOLDS[2])  # the prose alone: HOLDS[1], more than half of it


def test_a_question_for_several_gets_the_parts_of_its_answer(tmp_path: Path) -> None:
    crew = made("crew.txt", ("facts", "Tower built by: Ada Fenwick, Tomas Rill\nTower lamps: 12"))
    asked = answerer(tmp_path, crew)
    (outcome,) = {ask(asked, "Who were the builders: the tower was built by whom?").outcome}
    assert isinstance(outcome, Answer)
    assert outcome.best.text == "Ada Fenwick, Tomas Rill"
    assert [(item.text, item.citation.quote) for item in outcome.items] == [
        ("Ada Fenwick", "Tower built by: Ada Fenwick, Tomas Rill"),
        ("Tomas Rill", "Tower built by: Ada Fenwick, Tomas Rill"),
    ]
    text = asked.index.document("crew.txt").text
    assert [text[item.citation.start : item.citation.end] for item in outcome.items] == ["Ada Fenwick", "Tomas Rill"]
    one = answered(ask(asked, "The tower was built by whom?"))
    assert one.text == "Ada Fenwick"


def test_a_yes_or_no_question_gets_the_clause_that_decides(tmp_path: Path) -> None:
    asked = answerer(tmp_path, made("a.txt", ("prose", "In May the tower was built by Ada Fenwick, but never lit.")))
    best = answered(ask(asked, "Was the tower built by Mr. Rill?"))
    assert best.text == best.citation.text == "In May the tower was built by Ada Fenwick"
    assert best.citation.quote == "In May the tower was built by Ada Fenwick, but never lit."


def test_a_sentence_that_two_passages_share_is_one_place(tmp_path: Path) -> None:
    text = "One word. The tower was built by Ada Fenwick. It is old."
    split = SplitSettings(words=9, overlap_words=9)
    index = Index.build(tmp_path / "index", [made("a.txt", ("prose", text))], encoder=ENCODER, split=split)
    assert sum("Ada Fenwick" in passage.text for passage in index.passages_of("a.txt")) == 2
    overlapping = Answerer(retriever=Retriever(index, ENCODER), reader=NameReader(), calibration=ONLY_MARGIN)
    assert answered(ask(overlapping, WHO)).support == ()


def test_a_refusal_says_how_likely_the_best_was_and_shows_what_is_worth_a_look(tower: Answerer) -> None:
    reply = ask(tower, "Who painted the keeper?")
    outcome = refused(reply)
    assert (outcome.reason, outcome.confidence) == ("not confident", pytest.approx(HOLDS[1]))
    assert reply.confidence == outcome.confidence
    assert reply.others[0].text == "Tomas Rill"
    assert len(reply.others) == 5
    assert place(outcome.nearest[0]) == ("coast/tower.txt", "Its keeper was Tomas Rill.")
    assert 1 <= len(outcome.nearest) <= 3
    assert len({(one.document, one.start) for one in outcome.nearest}) == len(outcome.nearest)


@pytest.mark.parametrize("text", ["", " ", "\n\t\u00a0"])
def test_an_empty_question_is_refused_as_such(tower: Answerer, text: str) -> None:
    reply = ask(tower, text)
    assert refused(reply) == NoAnswer(reason="empty question")
    assert (reply.confidence, reply.others, reply.question) == (0.0, (), text)


def test_where_nothing_is_found_that_is_said(tmp_path: Path, tower: Answerer) -> None:
    assert refused(ask(answerer(tmp_path), WHO)) == NoAnswer(reason="nothing found")
    nameless = answerer(tmp_path / "nameless", made("a.txt", ("prose", "The tower was built long ago.")))
    assert refused(ask(nameless, WHO)).reason == "nothing found"
    assert refused(ask(tower, "???")).reason == "not confident"


def test_references_are_not_searched(tmp_path: Path) -> None:
    cited = made("a.txt", ("references", "Ada Fenwick, How I built the tower"), ("prose", "Ina Rill built it."))
    reply = ask(answerer(tmp_path, cited), WHO, "a.txt")
    assert [other.text for other in reply.others] == ["Ina Rill"]


def test_only_the_documents_asked_are_read(tower: Answerer) -> None:
    best = answered(ask(tower, WHO, "gaz*"))
    assert (best.citation.document, best.support) == ("gazette.txt", ())
    assert answered(ask(tower, WHO, "coast/*")).citation.document == "coast/tower.txt"
    assert ask(tower, WHO, "gaz*", "coast/*") == ask(tower, WHO)
    with pytest.raises(UserError, match=r"atlas\.txt: no such document"):
        ask(tower, WHO, "gazette.txt", "atlas.txt")


def test_one_question_is_a_list_of_one_and_lists_keep_their_order(tower: Answerer) -> None:
    asked = [Question(id=str(n), text=text) for n, text in enumerate([WHO, "", "Who painted it?", "lamps?", WHO])]
    together = tower.ask_many(asked)
    assert together == [tower.ask(question) for question in asked]
    assert [reply.id for reply in together] == ["0", "1", "2", "3", "4"]
    assert replace(together[4], id="0") == together[0]
    assert tower.ask_many([]) == []


def test_numbers_given_with_questions_hold_for_these_only(tower: Answerer) -> None:
    before = ask(tower, WHO)
    question = Question(id="q", text=WHO)
    strict = tower.ask(question, threshold=1.0)
    assert (strict.threshold, strict.outcome.reason) == (1.0, "not confident")
    assert tower.ask_many([question, question], threshold=1.0) == [strict, strict]
    assert len(tower.judge(WHO)[0]) > 2
    narrow = tower.ask(question, top_k=1, threshold=1.0)
    assert len(narrow.outcome.nearest) < len(strict.outcome.nearest)
    assert ask(tower, WHO) == before


def test_a_reply_says_what_was_asked_of_what(tower: Answerer) -> None:
    reply = ask(tower, f"  {WHO}\n")
    assert (reply.id, reply.question, reply.asked) == ("q", f"  {WHO}\n", WHO)
    assert (reply.index, reply.threshold, reply.calibrated, reply.error) == (tower.index.digest, 0.6, True, None)


def test_the_threshold_alone_decides_whether_an_answer_is_shown(tmp_path: Path) -> None:
    for threshold, shown in ((0.0, True), (HOLDS[2] - 1e-9, True), (HOLDS[2] + 1e-9, False), (1.0, False)):
        strict = answerer(tmp_path, TOWER, GAZETTE, threshold=threshold)
        reply = ask(strict, WHO)
        assert isinstance(reply.outcome, Answer) is shown
        assert (reply.threshold, reply.confidence) == (threshold, pytest.approx(HOLDS[2]))
        assert (reply.others[0].text == "Ada Fenwick") is not shown


def test_a_changed_index_is_noticed_between_questions(tmp_path: Path) -> None:
    of = answerer(tmp_path, TOWER)
    before = ask(of, WHO)
    Index.build(tmp_path / ".index", [GAZETTE], encoder=ENCODER)
    after = ask(of, WHO)
    assert before.index != after.index == of.index.digest
    assert answered(before).citation.document == "coast/tower.txt"
    assert answered(after).citation.document == "gazette.txt"


def test_fact_lines_neither_drown_the_prose_nor_drown_in_it(tmp_path: Path) -> None:
    facts = "\n".join(f"Tower built {n}: Ada Fenwick" for n in range(30))
    prose = [("prose", f"The tower was built in year {n}.") for n in range(30)]
    of = answerer(tmp_path, made("a.txt", ("facts", facts), *prose), top_k=5)  # type: ignore[arg-type]
    read = of.worth_reading(WHO, None)
    kinds = [hit.passage.kind for hit in read]
    assert (kinds.count("prose"), kinds.count("facts")) == (5, 3)
    assert [hit.score for hit in read] == sorted((hit.score for hit in read), reverse=True)


def test_reading_more_keeps_what_was_read_before(tmp_path: Path) -> None:
    lines = [made(f"{n}.txt", ("prose", f"The tower number {n} was built by Ada Fenwick{n}.")) for n in range(20)]
    few, many = (
        answerer(tmp_path / str(k), *lines, top_k=k).worth_reading("Who built tower number 7?", None) for k in (5, 20)
    )
    assert few == many[:5]


def test_with_another_split_confidences_are_not_said_to_be_calibrated(tmp_path: Path) -> None:
    index = Index.build(tmp_path / "index", [GAZETTE], encoder=ENCODER, split=SplitSettings(words=60))
    other = Answerer(retriever=Retriever(index, ENCODER), reader=NameReader(), calibration=ONLY_MARGIN)
    assert not ask(other, WHO).calibrated


def test_what_others_report_otherwise_is_shown_as_contradicting(tmp_path: Path) -> None:
    told = ("Police said that 12 dockers were hurt at Orrin.", "The union said that 30 dockers were hurt at Orrin.")
    documents = [made(f"{n}.txt", ("prose", sentence)) for n, sentence in enumerate(told)]
    noise = made("2.txt", ("prose", "In all, 44 barges were lost at Orrin."))
    of = answerer(tmp_path, *documents, noise)
    reply = ask(of, "How many dockers were hurt at Orrin?")
    assert isinstance(reply.outcome, Answer) and reply.outcome.disagreement
    assert (reply.outcome.best.text, reply.outcome.best.citation.attributed_to.text) == ("12", "Police")  # type: ignore[union-attr]
    shown = [(other.text, other.conflicts, other.citation.attributed_to) for other in reply.others]
    assert [(text, conflicts) for text, conflicts, _ in shown] == [("30", True), ("44", False)]
    assert shown[0][2] is not None and shown[0][2].text == "The union"
    alone = ask(of, "How many dockers were hurt at Orrin?", "0.txt")
    assert isinstance(alone.outcome, Answer) and not alone.outcome.disagreement


def test_what_the_next_one_says_is_looked_for_beside_a_reported_figure(tmp_path: Path) -> None:
    text = "Police said that 12 dockers were hurt at Orrin on piers 4 and 9; the clinic spoke of 30."
    of = answerer(tmp_path, made("a.txt", ("prose", text)))
    reply = ask(of, "How many dockers were hurt at Orrin?")
    kept = [one.span.text for one in of.judge("How many dockers were hurt at Orrin?")[1]]
    assert kept == ["12", "4", "9"]
    assert answered(reply).text == "12"
    assert [other.text for other in reply.others if other.conflicts] == ["30"]
