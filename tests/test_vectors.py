from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from embeddings.approximate import CANDIDATES, Lists, Measured, SearchSettings, write_lists
from embeddings.errors import IndexDamaged
from embeddings.index import Index
from embeddings.manifest import read_manifest
from embeddings.merge import merge
from embeddings.passage import SplitSettings
from embeddings.store import Store, StoreWriter
from embeddings.vectors import EXACT_ROWS, Vectors, VectorsWriter
from tests.fakes import WordEncoder, paper_document

DIMENSION, COUNT = 16, 6_000
QUICK = SearchSettings(recall=0.9, sample=100)
Floats = NDArray[np.float32]


def unit(vectors: Floats) -> Floats:
    scaled: Floats = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return scaled


def clustered(count: int) -> Floats:
    """Points around 60 centres, the same each time."""
    chance = np.random.default_rng(5)
    centres = chance.standard_normal((60, DIMENSION))
    return unit(centres[chance.integers(0, 60, count)] + 0.6 * chance.standard_normal((count, DIMENSION)))


def write(path: Path, vectors: Floats) -> Path:
    writer = VectorsWriter(path, vectors.shape[1])
    for block in np.array_split(vectors, 3):
        writer.add(block)
    writer.finish()
    return path


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[Floats, Vectors, Measured, Path]:
    folder = tmp_path_factory.mktemp("large")
    vectors = clustered(COUNT)
    path = write(folder / "vectors", vectors)
    measured = write_lists(folder / "lists", Vectors(path), QUICK)
    return vectors, Vectors(path, Lists(folder / "lists", measured.depth)), measured, folder


def best(vectors: Floats, question: Floats, mask: NDArray[np.bool_], k: int) -> set[int]:
    scores = np.where(mask, vectors @ question, -np.inf)
    return set(np.argsort(-scores)[:k].tolist())


def test_vectors_are_written_as_faiss_writes_them(tmp_path: Path) -> None:
    for vectors in (clustered(7), np.zeros((0, DIMENSION), dtype=np.float32)):
        flat = faiss.IndexFlatIP(DIMENSION)
        flat.add(vectors)
        faiss.write_index(flat, str(tmp_path / "by-faiss"))
        assert write(tmp_path / "streamed", vectors).read_bytes() == (tmp_path / "by-faiss").read_bytes()
        read = Vectors(tmp_path / "streamed")
        assert read.shape == vectors.shape
        rows = np.arange(len(vectors))[::-2]
        assert np.array_equal(read.take(rows), vectors[rows])


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(*[st.integers(-2, 2)] * 3), min_size=1, max_size=12),
    st.tuples(*[st.integers(-2, 2)] * 3),
    st.data(),
    st.integers(0, 6),
)
def test_without_lists_the_best_and_all_that_tie_are_found(
    points: Sequence[tuple[int, int, int]], question: tuple[int, int, int], data: st.DataObject, k: int
) -> None:
    vectors, asked = np.array(points, dtype=np.float32), np.array(question, dtype=np.float32)
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=len(points), max_size=len(points))))
    with tempfile.TemporaryDirectory() as folder:
        found = Vectors(write(Path(folder) / "v", vectors)).nearest(asked, k, mask)
    scores = vectors @ asked
    least = np.sort(scores[mask])[::-1][:k][-1:]
    expected = {int(row) for row in np.flatnonzero(mask) if k and scores[row] >= least[0]} if mask.any() else set()
    assert expected <= set(found.tolist()) <= set(np.flatnonzero(mask).tolist())


def test_lists_have_the_recall_that_they_record(large: tuple[Floats, Vectors, Measured, Path]) -> None:
    vectors, found_by, measured, _ = large
    assert measured.kind == "IVF256,SQ8"  # 4 sqrt(6000) is 310, nearest to 256 of the powers of two
    assert measured.sample == 100
    assert 0.9 <= measured.recall <= 1
    assert 1 <= measured.depth < 256
    everything = np.ones(COUNT, dtype=np.bool_)
    chance = np.random.default_rng(9)
    questions = unit(
        vectors[chance.integers(0, COUNT, 200)]
        + vectors[chance.integers(0, COUNT, 200)]
        + 2 * chance.standard_normal((200, DIMENSION)) / DIMENSION**0.5
    )
    shares = [
        len(best(vectors, one, everything, 10) & set(found_by.nearest(one, 10, everything).tolist())) / 10
        for one in questions
    ]
    assert np.mean(shares) == pytest.approx(measured.recall, abs=0.04)  # two standard errors of both


def test_the_same_vectors_and_question_give_the_same(
    tmp_path: Path, large: tuple[Floats, Vectors, Measured, Path]
) -> None:
    vectors, found_by, measured, folder = large
    assert write_lists(tmp_path / "again", Vectors(folder / "vectors"), QUICK) == measured
    everything = np.ones(COUNT, dtype=np.bool_)
    first = found_by.nearest(vectors[3], 10, everything)
    assert len(first) == CANDIDATES
    assert np.array_equal(first, found_by.nearest(vectors[3], 10, everything))
    assert first[0] == 3


@pytest.mark.parametrize("allowed", [0, 5, EXACT_ROWS, EXACT_ROWS + 50, COUNT // 2])
def test_a_mask_restricts_before_ranking(large: tuple[Floats, Vectors, Measured, Path], allowed: int) -> None:
    vectors, found_by, _, _ = large
    mask = np.zeros(COUNT, dtype=np.bool_)
    mask[np.argsort(vectors @ vectors[0])[:allowed]] = True  # those farthest from what is asked for
    found = set(found_by.nearest(vectors[0], 10, mask).tolist())
    assert found <= set(np.flatnonzero(mask).tolist())
    wanted = best(vectors, vectors[0], mask, min(10, allowed))
    if allowed <= EXACT_ROWS:
        assert len(found) == allowed
    assert len(found & wanted) >= 0.9 * len(wanted)


def test_the_depth_is_all_lists_where_less_is_not_enough(tmp_path: Path) -> None:
    path = write(tmp_path / "v", clustered(300))
    measured = write_lists(tmp_path / "l", Vectors(path), SearchSettings(recall=2.0, sample=20))
    assert (measured.kind, measured.depth, measured.recall) == ("IVF64,SQ8", 64, 1.0)


def test_damaged_lists_are_a_clear_error(tmp_path: Path, large: tuple[Floats, Vectors, Measured, Path]) -> None:
    folder = large[3]
    (tmp_path / "lists").write_bytes(b"\1" * 500)
    with pytest.raises(IndexDamaged, match="--rebuild"):
        Lists(tmp_path / "lists", 1)
    with pytest.raises(IndexDamaged, match="not a sound file of lists"):
        Lists(folder / "vectors", 1)
    with pytest.raises(IndexDamaged, match="other vectors"):
        Vectors(write(tmp_path / "few", clustered(3)), Lists(folder / "lists", 1))


def test_an_index_with_lists_answers_with_exact_scores(tmp_path: Path) -> None:
    encoder = WordEncoder()
    words = [f"{a}{b}" for a in ["lamp", "keeper", "tower", "storm", "barge", "reef"] for b in range(10)]
    documents = [
        paper_document(f"{i}.txt", "", lead=". ".join(f"The {words[(i * j) % 60]} of {words[j]}" for j in range(1, 30)))
        for i in range(1, 15)
    ]
    split = SplitSettings(words=6, overlap_words=0)
    exact = Index.build(tmp_path / "exact", documents, encoder=encoder, split=split)
    search = SearchSettings(exact_up_to=100, sample=50)
    index = Index.build(tmp_path / "lists", documents, encoder=encoder, split=split, search=search)
    (segment,) = index.manifest.segments
    assert segment.passages > 300
    assert segment.lists is not None
    assert segment.lists.kind == "IVF64,SQ8"
    assert segment.lists.recall >= search.recall
    assert exact.manifest.segments[0].lists is None
    assert index.digest == exact.digest
    assert read_manifest(tmp_path / "lists") == index.manifest
    index.verify()
    ids = [id for entry in exact.documents for id in exact.passage_ids(entry.id)]
    for question in ("the lamp3 of keeper5", "storm7", "reef9 barge1 tower2"):
        vector = encoder.encode([question])[0]
        found = index.dense(vector, 20)
        scores = exact.dense_scores(vector, ids)
        assert found == {id: scores[id] for id in found}
        assert list(found.values()) == sorted(found.values(), reverse=True)
        assert index.keyword(question.split(), 20) == exact.keyword(question.split(), 20)
        few = frozenset(["3.txt", "7.txt"])
        assert index.dense(vector, 20, few) == exact.dense(vector, 20, few)
    merge(tmp_path / "lists", search=search)
    assert Index.open(tmp_path / "lists").manifest.segments[0].lists is not None
    merge(tmp_path / "lists")
    assert Index.open(tmp_path / "lists").manifest.segments[0].lists is None


def test_postings_put_aside_in_runs_come_out_the_same(tmp_path: Path) -> None:
    encoder = WordEncoder()
    texts = ["The lamp of the tower. A storm came.", "Two barges and a lamp. The keeper.", "Storm, storm. Nothing."]
    documents = [paper_document(f"{i}.txt", "About it", lead=text) for i, text in enumerate(texts)]
    index = Index.build(tmp_path / "index", documents, encoder=encoder, split=SplitSettings(words=4, overlap_words=0))
    for name, spilled in (("whole", 1_000), ("runs", 1)):
        writer = StoreWriter(tmp_path / name, spilled)
        for document in documents:
            writer.add(document, index.passages_of(document.id))
        assert len(list(tmp_path.glob(f"{name}-run*"))) == (3 if spilled == 1 else 0)
        writer.finish()
        assert list(tmp_path.glob(f"{name}-run*")) == []
    whole, runs = Store(tmp_path / "whole"), Store(tmp_path / "runs")
    assert whole.columns()["id"].tolist() == [id for one in documents for id in index.passage_ids(one.id)]
    assert all(np.array_equal(column, runs.columns()[name]) for name, column in whole.columns().items())
    for letter in "abcdefghijklmnopqrstuvwxyz":
        assert whole.words(letter, 1, 20) == runs.words(letter, 1, 20)
        for term in whole.words(letter, 1, 20).values():
            assert np.array_equal(whole.postings(term), runs.postings(term))
    assert whole.postings("storm")[:, 0].tolist() == [1, 4]
