from __future__ import annotations

import hashlib
import math
import tempfile
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings.document import Document, Note, Section, SectionKind
from embeddings.errors import IndexDamaged, IndexIncompatible, IndexMissing, UserError
from embeddings.index import Index
from embeddings.keywords import KeywordSettings, terms
from embeddings.mapped import Run, SourceMap
from embeddings.passage import Passage, SplitSettings
from tests.fakes import GAZETTE, LIGHTHOUSE, WordEncoder

ENCODER = WordEncoder()
SHORT = SplitSettings(words=6, overlap_words=0)
WORDS = ["lamp", "lamps", "keeper", "tower", "storm", "barge", "the", "of", "1871", "sea-mile"]


def document(id: str, sections: Sequence[tuple[SectionKind, str]]) -> Document:
    text, parts = "", []
    for kind, body in sections:
        parts.append(Section(heading=(kind,), start=len(text), end=len(text) + len(body), kind=kind))
        text += f"{body}\n\n"
    return Document(id=id, title=id, text=text, sections=tuple(parts), sha256=hashlib.sha256(text.encode()).hexdigest())


sentence = st.lists(st.sampled_from(WORDS), min_size=1, max_size=7).map(
    lambda words: f"{' '.join(words)}.".capitalize()
)
body = st.lists(sentence, min_size=1, max_size=4).map(" ".join)
sections = st.lists(st.tuples(st.sampled_from(["prose", "facts", "references"]), body), min_size=1, max_size=3)
corpora = st.lists(sections, min_size=1, max_size=6).map(
    lambda all: [document(f"{number}.txt", some) for number, some in enumerate(all)]
)
questions = st.lists(st.sampled_from([*WORDS, "nowhere"]), max_size=5).map(" ".join)
restrictions = st.none() | st.frozensets(st.sampled_from([f"{number}.txt" for number in range(6)]))


def all_passages(index: Index) -> list[Passage]:
    return [passage for entry in index.documents for passage in index.passages_of(entry.id)]


def twin_bm25(question: list[str], passage: Passage, searched: list[Passage], parameters: KeywordSettings) -> float:
    """BM25 word by word, over all passages."""
    weight = parameters.context_weight

    def counts(of: Passage) -> dict[str, float]:
        text, context = Counter(terms(of.text)), Counter(terms(of.context))
        return {term: text[term] + weight * context[term] for term in text | context}

    average = sum(sum(counts(one).values()) for one in searched) / max(len(searched), 1)
    score = 0.0
    for term in question:
        frequency = sum(term in counts(one) for one in searched)
        idf = math.log(1 + (len(searched) - frequency + 0.5) / (frequency + 0.5))
        times = counts(passage).get(term, 0.0)
        length = sum(counts(passage).values())
        held_back = 1 - parameters.b + parameters.b * length / (average or 1)
        score += idf * times * (parameters.k1 + 1) / (times + parameters.k1 * held_back)
    return score


@settings(max_examples=40, deadline=None)
@given(corpora, questions, restrictions, st.integers(1, 8), st.booleans())
def test_search_finds_what_its_brute_force_twin_finds(
    documents: list[Document], question: str, allowed: frozenset[str] | None, k: int, references: bool
) -> None:
    parameters = KeywordSettings(k1=0.9, b=0.4, context_weight=0.3)
    without: frozenset[SectionKind] = frozenset() if references else frozenset({"references"})
    with tempfile.TemporaryDirectory() as folder:
        index = Index.build(Path(folder), documents, encoder=ENCODER, split=SHORT, keywords=parameters)
        searched = [passage for passage in all_passages(index) if passage.kind not in without]
        open_to = [passage for passage in searched if allowed is None or passage.document_id in allowed]

        asked = terms(question)
        by_twin = {one.id: twin_bm25(asked, one, searched, parameters) for one in open_to}
        found = index.keyword(asked, k, allowed, without)
        assert sorted(found.values(), reverse=True) == list(found.values())
        assert list(found.values()) == pytest.approx(
            sorted((score for score in by_twin.values() if score > 0), reverse=True)[:k]
        )
        assert found == pytest.approx({id: by_twin[id] for id in found})
        assert index.keyword_scores(asked, list(by_twin), without) == pytest.approx(by_twin)

        vector = ENCODER.encode([question])[0]
        dense_twin = {one.id: float(ENCODER.encode([one.encoded_text])[0] @ vector) for one in open_to}
        near = index.dense(vector, k, allowed, without)
        assert list(near.values()) == pytest.approx(sorted(dense_twin.values(), reverse=True)[:k], abs=1e-5)
        assert near == pytest.approx({id: dense_twin[id] for id in near}, abs=1e-5)
        assert index.dense_scores(vector, list(near)) == near


def test_ties_are_in_order_of_documents_and_places(tmp_path: Path) -> None:
    same = [document(f"{name}.txt", [("prose", "The lamp."), ("facts", "The lamp.")]) for name in "cab"]
    encoder = WordEncoder()
    without_context = [replace(one, title="") for one in same]
    index = Index.build(tmp_path, without_context, encoder=encoder, split=SHORT)
    places = [(p.document_id, p.start) for p in all_passages(index) if p.kind == "prose"]
    assert places == [("a.txt", 0), ("b.txt", 0), ("c.txt", 0)]
    for found in (index.keyword(["lamp"], 5), index.dense(encoder.encode(["lamp"])[0], 5)):
        ranked = [(p.document_id, p.start) for p in index.passages(list(found))]
        groups: dict[float, list[tuple[str, int]]] = {}
        for place, score in zip(ranked, found.values(), strict=True):
            groups.setdefault(score, []).append(place)
        assert all(group == sorted(group) for group in groups.values())


def test_documents_and_passages_come_back_as_they_were(tmp_path: Path) -> None:
    mapped = replace(
        GAZETTE,
        notes=(Note(start=4, end=13, text="what it says"),),
        source=SourceMap(
            runs=(
                Run(start=0, end=4, source_start=7, source_end=11, linear=True),
                Run(start=5, end=6, source_start=20, source_end=40, linear=False),
            )
        ),
        page_starts=(0, 50),
        metadata={"url": "https://example.org/é", "pages": 2, "author": None},
        title="Gazette \U0001f4f0",
    )
    index = Index.build(tmp_path, [mapped, LIGHTHOUSE], encoder=ENCODER)
    again = Index.open(tmp_path)
    assert [again.document(id) for id in (mapped.id, LIGHTHOUSE.id)] == [mapped, LIGHTHOUSE]
    for passage in all_passages(index):
        text = again.document(passage.document_id).text
        assert text[passage.start : passage.end] == passage.text
        assert again.passage(passage.id) == passage
    ids = [passage.id for passage in all_passages(index)]
    assert again.passages(ids[::-1]) == index.passages(ids)[::-1]
    vectors = ENCODER.encode([passage.encoded_text for passage in index.passages(ids)])
    assert np.array_equal(again.vectors(ids), vectors)
    entry = index.manifest.documents["gazette.txt"]
    assert (entry.title, entry.characters, entry.sections, entry.facts) == (mapped.title, len(mapped.text), 1, 0)
    again.verify()


def test_a_passage_that_is_not_there_is_a_key_error(tmp_path: Path) -> None:
    index = Index.build(tmp_path, [GAZETTE], encoder=ENCODER)
    with pytest.raises(KeyError):
        index.passage(index.manifest.next_passage_id)
    with pytest.raises(KeyError):
        index.keyword_scores(["light"], [-1])


def test_globs_name_documents(tmp_path: Path) -> None:
    index = Index.build(tmp_path, [GAZETTE, LIGHTHOUSE], encoder=ENCODER)
    assert index.matching(["*.txt"]) == {"gazette.txt", "coast/lighthouse.txt"}
    assert index.matching(["coast/*", "gazette.txt"]) == {"gazette.txt", "coast/lighthouse.txt"}
    with pytest.raises(UserError, match=r"gazete\.txt: no such document .* nearest are gazette\.txt"):
        index.matching(["*", "gazete.txt"])
    with pytest.raises(UserError, match=r"nearest are coast/lighthouse\.txt"):
        index.document("coast/lighthuose.txt")


def test_an_index_without_documents_answers_nothing(tmp_path: Path) -> None:
    index = Index.build(tmp_path, [], encoder=ENCODER)
    assert index.keyword(["lamp"], 5) == index.dense(ENCODER.encode(["lamp"])[0], 5) == {}
    assert index.rarity(["lamp"])["lamp"] > 0
    assert index.documents == []


def test_rarity_counts_searched_passages(tmp_path: Path) -> None:
    texts = [document("a.txt", [("prose", "lamp"), ("references", "ship")]), document("b.txt", [("prose", "lamp")])]
    index = Index.build(tmp_path, texts, encoder=ENCODER)
    assert index.rarity(["lamp", "ship"]) == pytest.approx(
        {"lamp": math.log(1 + 0.5 / 2.5), "ship": math.log(1 + 2.5 / 0.5)}
    )
    assert index.rarity(["ship"], frozenset()) == pytest.approx({"ship": math.log(1 + 2.5 / 1.5)})


def test_another_encoder_is_refused_with_the_command_that_rebuilds(tmp_path: Path) -> None:
    Index.build(tmp_path, [GAZETTE], encoder=ENCODER)
    with pytest.raises(IndexIncompatible, match=f"qa index --rebuild --index {tmp_path}"):
        Index.open(tmp_path, encoder=WordEncoder(digest="6" * 64))
    assert Index.open(tmp_path, encoder=WordEncoder(name="the same in another folder")).documents


def test_no_index_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match=f"qa index PATH --index {tmp_path / 'none'}"):
        Index.open(tmp_path / "none")


@pytest.mark.parametrize("which", [0, 1])
def test_damage_is_seen(tmp_path: Path, which: int) -> None:
    index = Index.build(tmp_path, [GAZETTE], encoder=ENCODER)
    file = tmp_path / index.manifest.files[which].name
    sound = file.read_bytes()
    file.write_bytes(sound[:-1] + bytes([sound[-1] ^ 1]))
    with pytest.raises(IndexDamaged, match=file.name):
        Index.open(tmp_path).verify()
    file.write_bytes(sound[:-1])
    with pytest.raises(IndexDamaged, match="--rebuild"):
        Index.open(tmp_path)
    file.unlink()
    with pytest.raises(IndexDamaged, match=f"{file.name} is missing"):
        Index.open(tmp_path)


@pytest.mark.parametrize("which", [0, 1])
def test_a_file_of_the_right_size_and_wrong_content_is_no_traceback(tmp_path: Path, which: int) -> None:
    index = Index.build(tmp_path, [GAZETTE], encoder=ENCODER)
    file = tmp_path / index.manifest.files[which].name
    file.write_bytes(b"\x01" * file.stat().st_size)
    with pytest.raises(IndexDamaged, match=file.name):
        Index.open(tmp_path)


def test_a_reader_sees_a_new_index_between_questions(tmp_path: Path) -> None:
    reader = Index.build(tmp_path, [GAZETTE], encoder=ENCODER)
    assert reader.refreshed() is reader
    Index.build(tmp_path, [LIGHTHOUSE], encoder=ENCODER)
    assert [p.document_id for p in reader.passages(list(reader.keyword(terms("light"), 1)))] == ["gazette.txt"]
    assert reader.document("gazette.txt") == GAZETTE  # read only now, from a file that is no longer named
    fresh = reader.refreshed()
    assert [entry.id for entry in fresh.documents] == ["coast/lighthouse.txt"]
    assert fresh.digest != reader.digest
    assert fresh.refreshed() is fresh


def test_several_threads_may_ask_at_once(tmp_path: Path) -> None:
    index = Index.build(tmp_path, [GAZETTE, LIGHTHOUSE], encoder=ENCODER, split=SHORT)
    vector = ENCODER.encode(["the light"])[0]

    def ask(_: int) -> object:
        found = list(index.dense(vector, 5)) + list(index.keyword(terms("light of the keeper"), 5))
        return found, index.passages(found), index.document("gazette.txt")

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(ask, range(64)))
    assert answers == [ask(0)] * 64


def test_texts_over_the_encoders_window_are_cut(tmp_path: Path) -> None:
    narrow = WordEncoder(window=12)
    index = Index.build(tmp_path, [LIGHTHOUSE], encoder=narrow)
    assert max(narrow.count_tokens([passage.encoded_text for passage in all_passages(index)])) <= 12
