"""Fusion over an index of documents whose vectors count words."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings.document import Document, Section
from embeddings.index import Index
from embeddings.keywords import question_terms
from embeddings.passage import Hit, SplitSettings
from qa.lexical import overlap
from qa.retrieve import Retriever, RetrieverSettings, standardised
from tests.fakes import GAZETTE, LIGHTHOUSE, WordEncoder, paper_document

ENCODER = WordEncoder()
SHORT = SplitSettings(words=12, overlap_words=0)
WORDS = ["lamp", "keeper", "tower", "storm", "barge", "granite", "harbour", "crown", "winter", "tent"]


def shelf(number: int) -> list[Document]:
    """Documents of eight lines drawn with a fixed seed."""
    chance = np.random.default_rng(3)
    return [
        paper_document(f"{n}.txt", "", lead="\n".join(" ".join(chance.choice(WORDS, size=5)) + "." for _ in range(8)))
        for n in range(number)
    ]


SHELF = shelf(12)


def twins(ids: Sequence[str]) -> list[Document]:
    """Documents that say the same."""
    text = "The lamp was lit."
    section = Section(heading=(), start=0, end=len(text), kind="prose")
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    return [Document(id=id, title="", text=text, sections=(section,), sha256=sha256) for id in ids]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    documents = [*SHELF, LIGHTHOUSE, GAZETTE]
    return Index.build(tmp_path_factory.mktemp("shelf") / "index", documents, encoder=ENCODER, split=SHORT)


def places(hits: Sequence[Hit]) -> list[tuple[str, int]]:
    return [(hit.passage.document_id, hit.passage.start) for hit in hits]


questions = st.lists(st.sampled_from([*WORDS, "lit", "coast", "nowhere"]), min_size=1, max_size=5).map(" ".join)


@settings(max_examples=25, deadline=None)
@given(question=questions)
def test_hits_are_those_of_a_twin_that_scores_every_passage(index: Index, question: str) -> None:
    """With room for all passages, nothing is left to fusion but the sum of four standardised scores."""
    weights = RetrieverSettings(depth=1000, reranked=1000)
    (vector,) = ENCODER.encode([question])
    asked = question_terms(question)
    passages = [p for entry in index.documents for p in index.passages_of(entry.id)]
    ids = [p.id for p in passages]
    dense = np.array(list(index.dense_scores(vector, ids).values()))
    keyword = np.array(list(index.keyword_scores(asked, ids).values()))
    shared = [overlap(asked, index.rarity(asked), p) for p in passages]

    def z(values: np.ndarray) -> np.ndarray:
        return (values - values.mean()) / values.std() if np.ptp(values) > 1e-9 else values * 0

    score = (
        weights.dense * z(dense)
        + weights.keyword * z(keyword)
        + weights.sentence * z(np.array([one.sentence for one in shared]))
        + weights.pairs * z(np.array([one.pairs for one in shared]))
    )
    hits = Retriever(index, ENCODER, weights).retrieve(question, k=len(passages))
    assert len(hits) == len(passages)
    expected = dict(zip(ids, score.tolist(), strict=True))
    assert [hit.score for hit in hits] == pytest.approx([expected[hit.passage.id] for hit in hits], abs=1e-9)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_both_top_lists_are_fused_and_missing_scores_are_computed(index: Index) -> None:
    question = "granite by barge in the winter"
    settings = RetrieverSettings(depth=3)
    (vector,) = ENCODER.encode([question])
    asked = question_terms(question)
    near, worded = index.dense(vector, 3), index.keyword(asked, 3)
    assert near.keys() != worded.keys()  # else there is nothing to compute
    hits = Retriever(index, ENCODER, settings).retrieve(question, k=3)
    assert {hit.passage.id for hit in hits} <= near.keys() | worded.keys()
    assert [hit.rank for hit in hits] == [0, 1, 2]
    for hit in hits:
        (dense,) = index.dense_scores(vector, [hit.passage.id]).values()
        (keyword,) = index.keyword_scores(asked, [hit.passage.id]).values()
        assert (hit.dense, hit.keyword) == (dense, keyword)
        start, end = hit.best_sentence
        assert hit.passage.start <= start < end <= hit.passage.end


def test_the_passage_that_says_it_comes_first(index: Index) -> None:
    (hit,) = Retriever(index, ENCODER).retrieve("Who designed the tower before the harbours?", k=1)
    assert hit.passage.document_id == LIGHTHOUSE.id
    start, end = hit.best_sentence
    assert LIGHTHOUSE.text[start:end] == "The tower was designed by Ada Fenwick, who had built two harbours before."


@settings(max_examples=25, deadline=None)
@given(question=questions, k=st.integers(1, 50))
def test_the_order_does_not_depend_on_how_many_are_asked_for(index: Index, question: str, k: int) -> None:
    retriever = Retriever(index, ENCODER)
    assert retriever.retrieve(question, k=k) == retriever.retrieve(question, k=50)[:k]


def test_questions_together_and_alone_find_the_same(index: Index) -> None:
    retriever = Retriever(index, ENCODER)
    asked = ["lamp keeper", "", "?", "nowhere to be found", "the"]
    assert retriever.retrieve_many(asked, k=7) == [retriever.retrieve(one, k=7) for one in asked]
    assert retriever.retrieve_many([], k=7) == []


@settings(max_examples=15, deadline=None)
@given(question=questions, chosen=st.frozensets(st.sampled_from([d.id for d in SHELF]), min_size=1, max_size=4))
def test_a_restriction_acts_before_ranking(index: Index, question: str, chosen: frozenset[str]) -> None:
    retriever = Retriever(index, ENCODER, RetrieverSettings(depth=3))
    hits = retriever.retrieve(question, k=3, documents=chosen)
    assert {hit.passage.document_id for hit in hits} <= chosen
    assert len(hits) >= min(3, sum(len(index.passages_of(id)) for id in chosen))
    assert retriever.retrieve(question, k=3, documents=frozenset()) == []


def test_a_restricted_search_is_that_of_an_index_of_only_these(index: Index, tmp_path: Path) -> None:
    """But for the rarity of words, which is counted over all documents: here it is the same for each of them."""
    chosen = SHELF[2:5]
    only = Index.build(tmp_path / "only", chosen, encoder=ENCODER, split=SHORT)
    for question in ("lamp", "storm", "winter"):
        restricted = Retriever(index, ENCODER).retrieve(question, k=30, documents=frozenset(d.id for d in chosen))
        alone = Retriever(only, ENCODER).retrieve(question, k=30)
        assert sorted(places(restricted)) == sorted(places(alone))
        assert {place: hit.dense for place, hit in zip(places(restricted), restricted, strict=True)} == {
            place: hit.dense for place, hit in zip(places(alone), alone, strict=True)
        }
        assert places(restricted)[:3] == places(alone)[:3]


def test_equal_scores_are_ordered_by_document_and_place(tmp_path: Path) -> None:
    built = Index.build(tmp_path / "twins", twins(["b.txt", "c.txt", "a.txt"]), encoder=ENCODER)
    hits = Retriever(built, ENCODER).retrieve("lamp", k=3)
    assert [hit.passage.document_id for hit in hits] == ["a.txt", "b.txt", "c.txt"]
    assert {hit.score for hit in hits} == {0.0}


def test_an_empty_index_finds_nothing(tmp_path: Path) -> None:
    built = Index.build(tmp_path / "none", [], encoder=ENCODER)
    assert Retriever(built, ENCODER).retrieve("lamp", k=3) == []


def test_a_changed_index_is_noticed(tmp_path: Path) -> None:
    built = Index.build(tmp_path / "grows", twins(["a.txt"]), encoder=ENCODER)
    retriever = Retriever(built, ENCODER)
    assert retriever.refreshed() is retriever
    Index.build(tmp_path / "grows", twins(["b.txt"]), encoder=ENCODER)
    assert [hit.passage.document_id for hit in retriever.refreshed().retrieve("lamp", k=3)] == ["b.txt"]
    assert [hit.passage.document_id for hit in retriever.retrieve("lamp", k=3)] == ["a.txt"]


def test_standardised_scores_have_mean_0_and_deviation_1_and_equal_ones_are_0() -> None:
    np.testing.assert_allclose(standardised(np.array([1.0, 2.0, 3.0])), [-(1.5**0.5), 0, 1.5**0.5])
    np.testing.assert_array_equal(standardised(np.array([0.1, 0.1, 0.1])), [0, 0, 0])
    np.testing.assert_array_equal(standardised(np.array([5.0])), [0])
