"""What the page shows of a reply: exactly the document's words, marked at the right place, and nothing that acts."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from embeddings.document import Document
from qa.chat import Turn
from qa.reply import Answer, Candidate, Citation, NoAnswer
from qa.web import source
from qa.web.conversation import Exchange, changed, history, places
from qa.web.markup import quote
from qa.web.source import Opened
from qa.web.transcript import offered, transcript
from tests.fakes import (
    LIGHTHOUSE,
    LIGHTHOUSE_SCRIPT,
    paper_citation,
    paper_document,
)
from tests.web_page import ANY, SAFE_ATTRIBUTES, SAFE_TAGS, Seen, ask, cited_documents, citing, told

LIT, KEEPER, COST, OWNER = LIGHTHOUSE_SCRIPT
FIRST = Opened(turn=0, place=0)


@given(cited_documents(), cited_documents(), ANY)
def test_whatever_is_written_is_shown_and_does_nothing(
    first: tuple[Document, Citation], second: tuple[Document, Citation], words: str
) -> None:
    (document, citation), (_, elsewhere) = first, second
    best = Candidate(text=citation.text, confidence=0.9, citation=citation, support=(elsewhere,))
    other = Candidate(text=words, confidence=0.2, citation=elsewhere, conflicts=True)
    answer = Answer(best=best, items=(other,), disagreement=True)
    reply = replace(ask(LIT), outcome=answer, others=(other, replace(other, conflicts=False)), asked=words)
    refusal = replace(reply, outcome=NoAnswer(reason="not confident", confidence=0.1, nearest=(citation, elsewhere)))
    for said in (reply, refusal):
        seen = told(said)
        opened = Seen(source.source(document, FIRST, said))
        for fragment in (seen, opened):
            assert set(fragment.tags) <= SAFE_TAGS
            assert fragment.attributes <= SAFE_ATTRIBUTES
        assert elsewhere.quote in seen.text
        assert document.title in opened.text and document.text.strip() in opened.text


@given(cited_documents())
def test_the_mark_is_the_cited_text_in_its_quote_and_in_its_document(cited: tuple[Document, Citation]) -> None:
    document, citation = cited
    quoted = Seen(quote(citation))
    assert quoted.inside["mark"] == [citation.text]
    assert quoted.inside["blockquote"] == [citation.quote]
    opened = Seen(source.source(document, FIRST, citing(citation)))
    assert opened.inside["mark"] == [citation.text]
    assert opened.inside["qa-prose"] == [document.text.removesuffix("\n\n")]


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(1, 60)), min_size=1, max_size=6))
def test_every_cited_place_is_marked_and_the_opened_one_whole(spans: list[tuple[int, int]]) -> None:
    """Against an oracle: which characters of the text are in a mark."""
    text = LIGHTHOUSE.text[:300].replace("\n", " ")
    document = paper_document("one.txt", "One", lead=text)
    cited = tuple(
        replace(
            paper_citation(document, text[:1], text[:1]),
            start=start,
            end=start + size,
            text=text[start : start + size],
            quote=text[start : start + size],
            quote_start=start,
        )
        for start, size in spans
    )
    opened = Seen(source.source(document, FIRST, citing(*cited)))
    marks = opened.inside["mark"]
    inside = {at for citation in cited for at in range(citation.start, citation.end)}
    assert sum(map(len, marks)) == len(inside)
    assert cited[0].text in marks
    assert opened.inside["qa-prose"] == [text]


def test_a_document_is_shown_under_its_headings_with_where_its_blocks_begin() -> None:
    shown = source.source(LIGHTHOUSE, FIRST, ask(KEEPER))
    seen = Seen(shown)
    assert seen.inside["h3"] == ["Building", "Keepers"]
    for section, block in zip(LIGHTHOUSE.sections, seen.inside["qa-prose"], strict=True):
        assert LIGHTHOUSE.text[section.start : section.end] == block
        assert f'data-start="{section.start}"' in shown


def test_the_further_places_of_a_document_are_marked_otherwise_and_other_documents_offered() -> None:
    reply = ask(LIT)
    assert isinstance(reply.outcome, Answer)
    barges = reply.others[0].citation
    best = replace(reply.outcome.best, support=(*reply.outcome.best.support, barges))
    shown = source.source(LIGHTHOUSE, FIRST, replace(reply, outcome=Answer(best=best)))
    assert '<mark class="qa-first">4 May 1871</mark>' in shown
    assert '<mark class="qa-also">the winter of 1868</mark>' in shown
    assert "2 cited places" in shown
    assert 'data-place="1">Velland Gazette, 1871</button>' in shown


def test_another_candidate_is_marked_only_when_it_is_opened() -> None:
    reply = ask(LIT)
    assert "the winter of 1868</mark>" not in source.source(LIGHTHOUSE, FIRST, reply)
    opened = source.source(LIGHTHOUSE, Opened(turn=0, place=2), reply)
    assert '<mark class="qa-first">the winter of 1868</mark>' in opened
    assert '<mark class="qa-also">4 May 1871</mark>' in opened


def test_of_a_huge_document_what_is_around_the_place_is_shown() -> None:
    filler = "word " * (source.REACH // 4)
    document = paper_document("long.txt", "Long", lead=f"{filler}Here it is. {filler}")
    seen = Seen(source.source(document, FIRST, citing(paper_citation(document, "Here it is.", "it"))))
    assert len(seen.inside["qa-prose"][0]) == 2 * source.REACH + 2
    assert seen.inside["mark"] == ["it"]
    assert [note for note in seen.inside["qa-note"] if "goes on" in note] == [
        "The document goes on before this; only what is around the cited place is shown.",
        "The document goes on after this; only what is around the cited place is shown.",
    ]


def test_an_answer_is_said_first_then_its_quote_where_and_how_sure() -> None:
    seen = told(ask(LIT))
    assert seen.inside["qa-answer"] == ["4 May 1871"]
    assert seen.inside["blockquote"][0].startswith("It was first lit on 4 May 1871, after six years")
    order = [seen.text.index(words) for words in ("4 May 1871", "It was first lit", "· line 1", "very likely right")]
    assert order == sorted(order)
    assert "very likely right (93 %)" in seen.text


def test_a_follow_up_says_what_was_understood() -> None:
    assert "Understood as: “Who was the first keeper of Marrow Point Lighthouse?”" in told(ask(KEEPER)).text


def test_a_list_is_said_whole_with_the_place_of_each_part() -> None:
    reply = ask(LIT)
    assert isinstance(reply.outcome, Answer)
    best = reply.outcome.best
    parts = (replace(best, text="one"), replace(best, text="two", citation=best.support[0]))
    seen = told(replace(reply, outcome=replace(reply.outcome, items=parts)))
    assert seen.inside["qa-answer"] == ["one; two"]
    assert [quoted[:12] for quoted in seen.inside["blockquote"]][:2] == ["It was first", "The new ligh"]


def test_the_parts_of_a_list_in_one_sentence_are_marked_in_it() -> None:
    sentence = LIGHTHOUSE.text[: LIGHTHOUSE.text.index(".") + 1]
    parts = [paper_citation(LIGHTHOUSE, sentence, words) for words in ("Velland", "Marrow Point")]
    items = tuple(Candidate(text=part.text, confidence=0.9, citation=part) for part in parts)
    reply = replace(ask(LIT), outcome=Answer(best=items[0], items=items), others=())
    seen = told(reply)
    assert seen.inside["blockquote"] == [sentence]
    assert seen.inside["mark"] == ["Marrow Point", "Velland"]


def test_a_refusal_says_that_the_documents_do_not_say_and_marks_nothing() -> None:
    seen = told(ask(OWNER))
    assert seen.inside["qa-answer"] == ["The documents don’t say."]
    assert "mark" not in seen.tags
    assert seen.inside["h3"] == ["Not an answer, but worth a look"]
    assert "Right answer" not in seen.text and "Not in the documents" in seen.text


def test_disagreeing_values_are_one_row_each() -> None:
    assert told(ask(COST)).inside["td"] == [
        *("12,400 crowns", "The builders", "Marrow Point Lighthouse · Building · line 3", "64 %"),
        *("15,000 crowns", "The harbour office", "Velland Gazette, 1871 · line 1", "58 %"),
    ]


def test_before_the_first_question_there_is_a_hint_at_ones_own_documents() -> None:
    assert "add them under Documents" in Seen(transcript(())).text


def test_examples_are_offered_if_there_are_any() -> None:
    seen = Seen(offered(2, (LIT, COST)))
    assert seen.inside["qa-button qa-example"] == [LIT, COST]
    assert seen.inside["qa-note"] == ["2 documents can be asked. For example:"]
    assert Seen(offered(1, ())).text == "1 document can be asked."


def test_only_the_last_question_can_be_asked_again() -> None:
    first, last = (Exchange(question=question, reply=ask(question)) for question in (LIT, COST))
    assert transcript((first, last)).count('data-does="retry"') == 1


def test_the_places_of_a_reply_are_each_told_once_the_answer_first() -> None:
    reply = ask(LIT)
    assert [citation.text for citation in places(reply)] == ["4 May 1871", "4 May 1871", "the winter of 1868"]
    assert [citation.document for citation in places(reply)] == [LIGHTHOUSE.id, "gazette.txt", LIGHTHOUSE.id]
    assert [citation.text for citation in places(ask(OWNER))] == ["Tomas Rill", "4 May 1871"]


def test_replies_become_the_history_and_what_got_none_does_not() -> None:
    conversation = (
        Exchange(question=LIT, reply=ask(LIT)),
        Exchange(question="?", error="broken"),
        Exchange(question=OWNER, reply=ask(OWNER)),
        Exchange(question="waits"),
    )
    assert history(conversation) == (
        Turn(question=LIT, asked=LIT, answer="4 May 1871", document=LIGHTHOUSE.id),
        Turn(question=OWNER, asked=OWNER, answer=""),
    )
    after = changed(conversation, 1, thumb="up")
    assert [exchange.thumb for exchange in after] == [None, "up", None, None]
