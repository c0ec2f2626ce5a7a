"""The laws of cutting, on documents of every make and on the sample documents."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings.document import Document, Note, Section, SectionKind
from embeddings.encode import SentenceEncoder
from embeddings.passage import Passage, SplitSettings, split
from embeddings.sentences import sentences
from tests.fakes import WordEncoder

count_words = WordEncoder().count_tokens


def made(*sections: tuple[SectionKind, str], title: str = "Logbook", subject: str | None = None) -> Document:
    """A document of sections, each with a heading of its own."""
    text, parts = "", []
    for number, (kind, body) in enumerate(sections):
        end = len(text) + len(body)
        parts.append(Section(heading=(f"Part {number}",), start=len(text), end=end, kind=kind, subject=subject))
        text += f"{body}\n\n"
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    return Document(id="log.txt", title=title, text=text, sections=tuple(parts), sha256=sha256)


def cut(document: Document, **changed: int) -> list[Passage]:
    return split(document, SplitSettings(**changed), count_words)


words = st.sampled_from(["lamp", "Ada", "storm", "12,400", "né", "🇫🇷", "U.S.", "x" * 40])
sentence = st.lists(words, min_size=1, max_size=14).map(" ".join)
kinds = st.sampled_from(["prose", "facts", "list", "table", "related", "references"])
body = st.lists(st.tuples(sentence, st.sampled_from([". ", "? ", "\n", "\n\n", " ", ".\u00a0"])), max_size=12).map(
    lambda parts: "".join(words + end for words, end in parts)
)
titles = st.sampled_from(["", "Logbook", "The log of the keepers of Marrow Point and of all their barges", "x " * 90])
documents = st.builds(
    lambda sections, title: made(*sections, title=title), st.lists(st.tuples(kinds, body), max_size=4), titles
)


@st.composite
def noted(draw: st.DrawFn) -> Document:
    """A document some lines of which have notes."""
    document = draw(documents)
    lines = [match.span() for match in re.finditer(r"[^\n]+", document.text)]
    introduced = [line for line in lines if draw(st.booleans())]
    notes = (Note(start=a, end=b, text=draw(st.sampled_from(["Losses:", "Forces:"]))) for a, b in introduced)
    return replace(document, notes=tuple(notes))


@settings(deadline=None)
@given(noted(), st.integers(10, 60), st.integers(4, 40), st.integers(0, 12))
def test_passages_are_slices_that_cover_everything_within_their_sections_and_the_window(
    document: Document, window: int, words: int, overlap: int
) -> None:
    passages = cut(document, window_tokens=window, words=words, overlap_words=overlap)
    covered: set[int] = set()
    for passage in passages:
        assert document.text[passage.start : passage.end] == passage.text == passage.text.strip() != ""
        section = document.section_at(passage.start)
        assert section is not None
        assert passage.end <= section.end
        assert (passage.heading, passage.kind, passage.document_id) == (section.heading, section.kind, document.id)
        assert count_words([passage.encoded_text])[0] <= window
        covered |= set(range(passage.start, passage.end))
    assert {place for place, mark in enumerate(document.text) if not mark.isspace()} <= covered
    for before, after in pairwise(passages):
        assert (before.start, before.end) < (after.start, after.end)
        assert before.end < after.end  # none only repeats


@settings(deadline=None)
@given(st.lists(sentence, min_size=1, max_size=30), st.integers(10, 60), st.integers(0, 20))
def test_overlap_is_whole_sentences_and_no_more_than_asked_for(parts: list[str], words: int, overlap: int) -> None:
    text = "".join(f"{part.capitalize()} end. " for part in parts).strip()
    borders = {place for pair in sentences(text) for place in pair}
    passages = cut(made(("prose", text)), words=words, overlap_words=overlap, window_tokens=1000)
    for passage in passages:
        assert {passage.start, passage.end} <= borders
        sizes = [passage.text.count(" ", *one) + 1 for one in sentences(passage.text)]
        assert sum(sizes) <= words or sum(sizes[:-1]) <= overlap  # one new sentence is taken, however long it is
    for before, after in pairwise(passages):
        repeated = text[after.start : before.end]
        assert len(repeated.split()) <= overlap
        assert before.start < after.start


def test_prose_is_filled_up_with_whole_sentences_and_repeats_the_last_ones() -> None:
    text = "One two three. Four five six. Seven eight. Nine ten eleven twelve. Thirteen."
    assert [p.text for p in cut(made(("prose", text)), words=8, overlap_words=2)] == [
        "One two three. Four five six. Seven eight.",
        "Seven eight. Nine ten eleven twelve. Thirteen.",
    ]
    assert [p.text for p in cut(made(("prose", text)), words=8, overlap_words=0)] == [
        "One two three. Four five six. Seven eight.",
        "Nine ten eleven twelve. Thirteen.",
    ]


def test_a_fact_line_is_a_passage_of_its_own_whatever_stands_in_it() -> None:
    text = "Built: 1871. Lit on 4 May.\nKeeper: T. Rill\nCost: 12,400 crowns. Of them 400 were lent."
    for kind in ("facts", "table"):
        assert [p.text for p in cut(made((kind, text)))] == text.split("\n")  # type: ignore[arg-type]
    assert [p.text for p in cut(made(("list", text)))] == [text]


def test_an_endless_sentence_is_cut_at_blanks() -> None:
    text = " ".join(f"word{number}" for number in range(5000))
    passages = cut(made(("prose", text)))
    assert " ".join(p.text for p in passages) == text
    assert all(128 < count_words([p.encoded_text])[0] <= 256 for p in passages)


def test_an_endless_word_is_cut_anywhere(encoder: SentenceEncoder) -> None:
    document = made(("prose", "灯" * 3000), title="塔" * 3000)
    passages = split(document, SplitSettings(), encoder.count_tokens)
    assert "".join(p.text for p in passages) == "灯" * 3000
    assert all(p.context.startswith("塔塔塔") for p in passages)
    sizes = encoder.count_tokens([p.encoded_text for p in passages])
    assert 128 < min(sizes) <= max(sizes) <= 256


def test_an_empty_document_has_no_passages() -> None:
    assert cut(made()) == cut(made(("prose", ""))) == cut(made(("facts", " \n\n"), ("prose", "\u00a0"))) == []


def test_context_says_what_the_passage_is_about_once() -> None:
    text = "Two barges\nTen tents"
    document = made(("list", text), title="Marrow Point")
    note = Note(start=0, end=len(text), text="What was lost, Part 0")
    assert [p.context for p in cut(document)] == ["Marrow Point, Part 0"]
    assert [p.context for p in cut(replace(document, notes=(note,)))] == ["Marrow Point, What was lost, Part 0"]
    assert [p.context for p in cut(made(("related", text), subject="Osmer quarry"))] == ["Osmer quarry, Part 0"]
    assert [p.context for p in cut(made(("prose", text), title=""))] == ["Part 0"]
    assert [p.encoded_text for p in cut(document)] == [f"Marrow Point, Part 0\n{text}"]


def test_sentences_with_different_notes_stand_in_different_passages() -> None:
    document = made(("list", "Two barges\nTen tents\nOne boat"))
    notes = (Note(start=0, end=10, text="Lost:"), Note(start=11, end=20, text="Kept:"))
    passages = cut(replace(document, notes=notes))
    assert [(p.text, p.context) for p in passages] == [
        ("Two barges", "Logbook, Part 0, Lost:"),
        ("Ten tents", "Logbook, Part 0, Kept:"),
        ("One boat", "Logbook, Part 0"),
    ]


def test_each_entry_of_a_fact_line_is_a_passage_once_more_under_its_label() -> None:
    passages = cut(made(("facts", "Lost: Tull 2 men; Osmer 9 men; 1 boat\nKept: rope; sails")))
    assert [(p.text, p.context) for p in passages] == [
        ("Lost: Tull 2 men; Osmer 9 men; 1 boat", "Logbook, Part 0"),
        ("Tull 2 men", "Lost, Logbook, Part 0"),
        ("Osmer 9 men", "Lost, Logbook, Part 0"),
        ("1 boat", "Lost, Logbook, Part 0"),
        ("Kept: rope; sails", "Logbook, Part 0"),
    ]


def test_the_sample_documents_keep_the_laws_with_the_real_encoder(
    encoder: SentenceEncoder, samples: dict[str, Document]
) -> None:
    for document in samples.values():
        passages = split(document, SplitSettings(), encoder.count_tokens)
        assert max(encoder.count_tokens([p.encoded_text for p in passages])) <= encoder.window == 256
        covered = {place for p in passages for place in range(p.start, p.end)}
        assert {place for place, mark in enumerate(document.text) if not mark.isspace()} <= covered
        assert all(document.text[p.start : p.end] == p.text for p in passages)
        facts = [p for p in passages if p.kind == "facts"]
        lines = [
            line
            for section in document.sections
            if section.kind == "facts"
            for line in document.text[section.start : section.end].split("\n")
        ]
        starts = {p.start: p.text for p in facts if document.text[: p.start][-1:] in ("", "\n")}
        assert list(starts.values()) == lines
        entries = [p for p in facts if p.start not in starts]
        assert all(any(p.text in line and line.count("; ") > 1 for line in lines) for p in entries)


@pytest.mark.parametrize("words", [60, 120])
def test_prose_of_the_samples_is_filled_to_the_size_that_was_asked_for(
    samples: dict[str, Document], words: int
) -> None:
    passages = cut(samples["001"], words=words)
    prose = [len(p.text.split()) for p in passages if p.kind == "prose"]
    # the last passage of a section may be short; an overlap is repeated before the size is filled up
    assert sum(size > words / 2 for size in prose) > len(prose) / 2
    assert max(prose) <= words + 60
