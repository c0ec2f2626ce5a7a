"""Questions in other words than the documents': typing errors, other spellings, short and long forms of names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.index import Index
from embeddings.keywords import question_terms, terms
from embeddings.manifest import SourceEntry
from embeddings.sync import sync
from qa.answerer import Answerer
from qa.chat import Question
from qa.confidence import Asked
from qa.lexical import overlap
from qa.names import Name, Names, terms_of
from qa.retrieve import Retriever
from tests.fakes import WordEncoder, paper_document
from tests.tower import ONLY_MARGIN, NameReader

ORDINARY = frozenset({"storm", "harbour", "harbor", "stove", "tower", "pilot", "out", "who"})


@dataclass
class LexiconEncoder(WordEncoder):
    """Counts words as WordEncoder does, but only the ordinary ones are a single token; all others are two."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [2 + sum(1 if word in ORDINARY else 2 for word in re.findall(r"\w+", text.lower())) for text in texts]


ENCODER = LexiconEncoder()
COAST = paper_document(
    "coast.txt",
    "",
    lead=(
        "Ghali Okacha of Tessalit founded the Movement for Oneness and Trade in West Velland (MUTVO) in 1871. "
        "Ghali met the Okapi at Tessalit.\n"
        "The Orrery Users Trust (OUT) mended the telescope of Ouagadougou."
    ),
)
HILLS = paper_document(
    "hills.txt", "", lead="In May the Movement of Oneness and Trade in Western Velland took Marrable. Storms came."
)
PORT = paper_document("port.txt", "", lead="MUTVO left the port in June. A lamp was put out.")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    return Index.build(tmp_path_factory.mktemp("names") / ".index", [COAST, HILLS, PORT], encoder=ENCODER)


@pytest.fixture(scope="module")
def names(index: Index) -> Names:
    return Names(index, ENCODER)


@pytest.mark.parametrize(
    ("typed", "mended"),
    [
        ("Who was Gahli?", "Who was Ghali?"),
        ("who was gali okasha?", "who was ghali okacha?"),
        ("What is in TESALIT?", "What is in TESSALIT?"),
        ("Where is Tessalit's tower?", "Where is Tessalit's tower?"),
        ("the telescpoe", "the telescope"),
        ("Ouagadug", "Ouagadug"),  # three errors
        ("Ouagadogu and Ouagdugou", "Ouagadougou and Ouagadougou"),
        ("the Marable", "the Marrable"),
        # the same word under the rules of search
        ("Ghaly", "Ghaly"),
        ("TÉSSALIT", "TÉSSALIT"),
        # ordinary words and what is near nothing
        ("a stove in the harbor", "a stove in the harbor"),
        ("Kidal", "Kidal"),
        # too short, another first letter, no letters
        ("the Mai", "the Mai"),
        ("Hgali", "Hgali"),
        ("Ghal1 1872", "Ghal1 1872"),
        ("", ""),
    ],
)
def test_a_word_that_the_documents_lack_becomes_the_nearest_they_have(names: Names, typed: str, mended: str) -> None:
    assert names.mended(typed) == mended


def test_of_equally_near_words_the_most_frequent_counts(tmp_path: Path) -> None:
    documents = [paper_document(f"{n}.txt", "", lead=text) for n, text in enumerate(["Marla.", "Marta.", "Marta ran."])]
    names = Names(Index.build(tmp_path / ".index", documents, encoder=ENCODER), ENCODER)
    assert names.mended("Marxa") == "Marta"


@given(st.text())
def test_mending_again_changes_nothing(names: Names, question: str) -> None:
    mended = names.mended(question)
    assert names.mended(mended) == mended


def shorts(found: Sequence[Name]) -> list[set[str]]:
    return [set(name.shorts) for name in found]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("Who founded MUTVO?", [{"MUTVO"}]),
        ("who founded mutvo", [{"MUTVO"}]),
        ("When did the Movement of Oneness and Trade in West Velland leave?", [{"MUTVO"}]),
        ("Did the OUT mend it?", [{"OUT"}]),
        ("Who went out?", []),  # an ordinary word in small letters
        ("Who moved to West Velland?", []),
        ("", []),
    ],
)
def test_names_with_other_forms_are_seen_in_a_question(names: Names, question: str, found: list[set[str]]) -> None:
    assert shorts(names.named_in(question)) == found


def test_a_name_in_whatever_form_counts_as_all_of_them(names: Names) -> None:
    (name,) = names.named_in("MUTVO")
    # "west" of the one that is spelled out beside its short form; the other begins alike
    assert name.terms == {*question_terms("MUTVO"), *question_terms("Movement Oneness Trade West Velland")}
    assert terms_of([name], PORT.text) == name.terms
    assert terms_of([name], HILLS.text) == name.terms
    assert terms_of([name], "mutvo, a movement of trade") == set()
    asked = Asked.of("Did MUTVO leave?", dict.fromkeys(terms("mutvo leave"), 1.0), [name])
    assert asked.names - asked.told(HILLS.text) == set()
    assert asked.names - asked.told("A lamp.") == asked.names


def test_a_passage_with_another_form_is_found_and_its_sentence_best(index: Index, names: Names) -> None:
    retriever = Retriever(index, ENCODER)
    question = "When did MUTVO take Marrable?"
    (hit,) = retriever.retrieve(question, k=1, documents=frozenset({HILLS.id}))
    asked = question_terms(question)
    rarity = index.rarity(asked)
    without, found = (overlap(asked, rarity, hit.passage, known) for known in ((), names.named_in(question)))
    assert found.sentence > without.sentence
    assert hit.keyword == pytest.approx(index.keyword_scores(asked, [hit.passage.id])[hit.passage.id])


def test_who_asks_for_the_long_form_asks_for_the_short_one_too(index: Index) -> None:
    question = "Was it in June that the Movement for Oneness and Trade in West Velland was in the port?"
    (hit,) = Retriever(index, ENCODER).retrieve(question, k=1, documents=frozenset({PORT.id}))
    asked = dict.fromkeys(question_terms(question), 1.0) | {"mutvo": 0.5}
    assert hit.keyword == pytest.approx(index.keyword_scores(asked, [hit.passage.id])[hit.passage.id])


def test_the_question_that_is_mended_is_asked_with_all_scores(index: Index, names: Names) -> None:
    retriever = Retriever(index, ENCODER)
    typed, right = "What was fuonded by Gahli Okasha in Tesalit?", "What was founded by Ghali Okacha in Tessalit?"
    assert names.mended(typed) == right
    assert retriever.retrieve(typed, k=5) == retriever.retrieve(right, k=5)


def test_what_was_asked_shows_what_was_mended(index: Index) -> None:
    answerer = Answerer(retriever=Retriever(index, ENCODER), reader=NameReader(), calibration=ONLY_MARGIN)
    reply = answerer.ask(Question(id="q", text="Who fuonded MUTVO in 1871?"))
    assert (reply.question, reply.asked) == ("Who fuonded MUTVO in 1871?", "Who founded MUTVO in 1871?")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("MUTVO", "the Movement for Oneness and Trade in West Velland", True),
        ("Movement of Oneness and Trade in Western Velland", "the MUTVO", True),
        ("Orrery Users Trust", "OUT", True),
        ("Orrery Users Trust", "out", False),
        ("MUTVO", "OUT", False),
        ("52", "52 pilots", True),
        ("Movement", "Trade in West Velland", False),
        ("", "MUTVO", False),
    ],
)
def test_two_forms_of_a_name_are_one_value(names: Names, one: str, other: str, same: bool) -> None:
    assert names.same_value(one, other) is same
    assert names.same_value(other, one) is same


def test_two_names_of_one_short_form_are_two_values(tmp_path: Path) -> None:
    text = "The National Unity Party (NUP) won. Later the New Union of Pilots (NUP) won."
    names = Names(Index.build(tmp_path / ".index", [paper_document("a", "", lead=text)], encoder=ENCODER), ENCODER)
    assert len(names.named_in("NUP")) == 2
    assert not names.same_value("National Unity Party", "New Union of Pilots")
    assert names.same_value("NUP", "New Union of Pilots")


def test_words_and_names_go_with_their_document_and_outlive_merging(tmp_path: Path) -> None:
    papers, folder = tmp_path / "papers", tmp_path / ".index"
    papers.mkdir()
    source = SourceEntry(name=None, path=str(papers))
    for number in range(20):  # more steps than an index keeps apart
        (papers / f"{number}.txt").write_text(f"Tessalit, and the Harbour Club of Osmer{number} (HCO{number}).\n")
        sync(folder, [source], encoder=ENCODER)
    index = Index.open(folder, encoder=ENCODER)
    assert len(index.manifest.segments) < 20
    assert {alias.short for alias in index.aliases()} == {f"HCO{number}" for number in range(20)}
    assert Names(index, ENCODER).mended("Tesalit") == "Tessalit"
    for number in range(1, 20):
        (papers / f"{number}.txt").unlink()
    (papers / "0.txt").write_text("A lamp.\n")
    sync(folder, [source], encoder=ENCODER)
    emptied = Index.open(folder, encoder=ENCODER)
    assert emptied.aliases() == []
    assert Names(emptied, ENCODER).mended("Tesalit") == "Tesalit"
