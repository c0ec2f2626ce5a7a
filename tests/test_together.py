"""Several indexes searched together: as if all their documents were in one."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings.document import Document
from embeddings.errors import IndexIncompatible, IndexMissing, UserError
from embeddings.index import Index
from embeddings.keywords import terms
from embeddings.manifest import SourceEntry
from embeddings.merge import merge
from embeddings.passage import Hit, SplitSettings
from embeddings.sync import remove, sync
from qa.names import Names
from qa.retrieve import Retriever
from tests.fakes import GAZETTE, LIGHTHOUSE, WordEncoder
from tests.test_index import WORDS, corpora, document, questions

ENCODER = WordEncoder()
SHORT = SplitSettings(words=6, overlap_words=0)
MORE = "The Marrow Point Friends (MPF) keep the tower. "


def built(place: Path, documents: Sequence[Document], split: SplitSettings = SHORT) -> Path:
    Index.build(place, documents, encoder=ENCODER, split=split)
    return place


def together(folders: Mapping[str, Path]) -> Index:
    return Index.open_together(folders, encoder=ENCODER)


def places(index: Index, found: Mapping[int, float]) -> list[tuple[str, int, float]]:
    passages = index.passages(list(found))
    return [(p.document_id, p.start, score) for p, score in zip(passages, found.values(), strict=True)]


def seen(hits: Sequence[Hit]) -> list[Hit]:
    return [replace(hit, passage=replace(hit.passage, id=-1)) for hit in hits]


@settings(max_examples=40, deadline=None)
@given(corpora, st.lists(st.sampled_from(["", "a", "b b"]), min_size=6, max_size=6), questions, st.integers(1, 8))
def test_a_union_is_one_index_of_all_documents(
    documents: list[Document], owners: list[str], question: str, k: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        parts: dict[str, list[Document]] = {"b b": [], "": [], "a": []}
        for one, owner in zip(documents, owners, strict=False):
            parts[owner].append(one)
        union = together({name: built(Path(folder, f"part {name}"), some) for name, some in parts.items()})
        renamed = [
            replace(one, id=f"{name}:{one.id}" if name else one.id) for name, some in parts.items() for one in some
        ]
        whole = Index.build(Path(folder, "whole"), renamed, encoder=ENCODER, split=SHORT)

        vector, asked = ENCODER.encode([question])[0], terms(question)
        assert places(union, union.dense(vector, k)) == places(whole, whole.dense(vector, k))
        assert places(union, union.keyword(asked, k)) == places(whole, whole.keyword(asked, k))
        some = frozenset(one.id for one in renamed[::2])
        assert places(union, union.dense(vector, k, some)) == places(whole, whole.dense(vector, k, some))
        assert union.rarity([*WORDS, "nowhere"]) == whole.rarity([*WORDS, "nowhere"])
        assert union.words("l", 1, 9) == whole.words("l", 1, 9)
        assert union.aliases() == whole.aliases()
        assert [entry.id for entry in union.documents] == [
            p.prefix + id for p in union.parts for id in p.manifest.documents
        ]
        for one in renamed:
            assert [replace(p, id=-1) for p in union.passages_of(one.id)] == [
                replace(p, id=-1) for p in whole.passages_of(one.id)
            ]
            assert union.document(one.id).text == one.text
        one_by_one = [Retriever(index, ENCODER).retrieve(question, k=k) for index in (union, whole)]
        assert seen(one_by_one[0]) == seen(one_by_one[1])


def test_passages_and_names_of_all_collections_are_found(tmp_path: Path) -> None:
    friends = document("friends.txt", [("prose", MORE)])
    union = together(
        {"": built(tmp_path / ".coast", [LIGHTHOUSE]), "papers": built(tmp_path / "p", [friends, GAZETTE])}
    )
    assert [entry.id for entry in union.documents] == [
        "coast/lighthouse.txt",
        "papers:friends.txt",
        "papers:gazette.txt",
    ]
    for entry in union.documents:
        for passage in union.passages_of(entry.id):
            assert union.passage(passage.id) == passage
            assert (passage.document_id, passage.text in union.document(entry.id).text) == (entry.id, True)
    ids = [passage.id for entry in union.documents for passage in union.passages_of(entry.id)]
    assert len(set(ids)) == len(ids)
    (name,) = Names(union, ENCODER).named_in("What does the MPF keep?")
    assert name.shorts == {"MPF"}


def test_a_citation_leads_to_its_document(tmp_path: Path) -> None:
    other = document("gazette.txt", [("prose", "Another gazette.")])
    union = together({"": built(tmp_path / ".coast", [GAZETTE]), "papers": built(tmp_path / "p", [other])})
    assert union.place_of("gazette.txt") == ("coast", "gazette.txt")
    assert union.place_of("papers:gazette.txt") == ("papers", "gazette.txt")
    assert union.cited("coast", "gazette.txt") == GAZETTE
    assert union.cited("papers", "gazette.txt") == other
    assert union.document("papers:gazette.txt").id == "gazette.txt"
    with pytest.raises(UserError, match=r"papers:gazete\.txt: no such document .*nearest are papers:gazette\.txt"):
        union.cited("papers", "gazete.txt")
    with pytest.raises(UserError, match="maps: no such collection is open; there are coast, papers"):
        union.cited("maps", "gazette.txt")
    with pytest.raises(UserError, match="nowhere"):
        union.place_of("nowhere")


def test_globs_are_held_against_ids_with_and_without_the_collection(tmp_path: Path) -> None:
    union = together({"": built(tmp_path / "i", [GAZETTE, LIGHTHOUSE]), "papers": built(tmp_path / "p", [GAZETTE])})
    assert union.matching(["gazette.txt"]) == {"gazette.txt", "papers:gazette.txt"}
    assert union.matching(["papers:*"]) == {"papers:gazette.txt"}
    assert union.matching(["i:*"]) == {"gazette.txt", "coast/lighthouse.txt"}
    assert union.matching(["coast/*"]) == {"coast/lighthouse.txt"}
    with pytest.raises(UserError, match="maps:"):
        union.matching(["maps:*"])


def test_a_document_is_named_whole_and_no_other_with_it(tmp_path: Path) -> None:
    documents = [replace(GAZETTE, id=name) for name in ("a.txt", "[ab].txt", "*")]
    union = together({"": built(tmp_path / "i", documents), "p": built(tmp_path / "other", documents)})
    for entry in union.documents:
        assert union.matching(union.globs_of([entry.id])) == {entry.id}
    assert union.globs_of(["a.txt", "p:[ab].txt"]) == ("i:a.txt", "p:[[]ab].txt")


def test_one_collection_without_a_name_is_the_index_itself(tmp_path: Path) -> None:
    alone = Index.open(built(tmp_path / "i", [GAZETTE, LIGHTHOUSE]), encoder=ENCODER)
    union = together({"": tmp_path / "i"})
    assert (union.digest, union.manifest) == (alone.digest, alone.manifest)
    empty = together({"": tmp_path / "i", "papers": built(tmp_path / "p", [])})
    assert empty.digest == alone.digest  # nothing that decides an answer came to it
    assert together({"papers": tmp_path / "p"}).keyword(["light"], 3) == {}


def test_the_digest_is_of_names_and_contents(tmp_path: Path) -> None:
    i, p = built(tmp_path / "i", [GAZETTE]), built(tmp_path / "p", [LIGHTHOUSE])
    digests = [together(folders).digest for folders in ({"": i, "a": p}, {"": i, "b": p}, {"": p, "a": i}, {"": i})]
    assert len(set(digests)) == 4
    assert together({"a": p, "": i}).digest == digests[0]


def test_a_change_in_any_folder_is_noticed(tmp_path: Path) -> None:
    folders = {"": built(tmp_path / "i", [GAZETTE]), "papers": built(tmp_path / "p", [])}
    union = together(folders)
    assert union.refreshed() is union
    built(tmp_path / "p", [LIGHTHOUSE])
    fresh = union.refreshed()
    assert [entry.id for entry in fresh.documents] == ["gazette.txt", "papers:coast/lighthouse.txt"]
    assert [entry.id for entry in union.documents] == ["gazette.txt"]
    (tmp_path / "p").rename(tmp_path / "gone")
    with pytest.raises(IndexMissing, match=str(tmp_path / "p")):
        fresh.refreshed()


def test_steps_removals_and_merges_change_nothing(tmp_path: Path) -> None:
    papers = tmp_path / "papers"
    papers.mkdir()
    for number in range(3):
        (papers / f"{number}.txt").write_text(f"The lamp number {number} of the tower. {MORE}")
        sync(tmp_path / "i", [SourceEntry(name=None, path=str(papers))], encoder=ENCODER, split=SHORT)
    remove(tmp_path / "i", "1.txt")
    folders = {"x": built(tmp_path / "p", [GAZETTE]), "": tmp_path / "i"}
    before = together(folders)
    vector = ENCODER.encode(["the lamp of the tower"])[0]
    found = places(before, before.dense(vector, 9)) + places(before, before.keyword(terms("lamp tower"), 9))
    assert {id for id, _, _ in found} == {"0.txt", "2.txt", "x:gazette.txt"}
    merge(tmp_path / "i")
    after = before.refreshed()
    assert places(after, after.dense(vector, 9)) + places(after, after.keyword(terms("lamp tower"), 9)) == found
    assert after.digest == before.digest


def test_what_cannot_be_searched_together_is_told(tmp_path: Path) -> None:
    i = built(tmp_path / "i", [GAZETTE])
    Index.build(tmp_path / "other", [GAZETTE], encoder=WordEncoder(digest="6" * 64), split=SHORT)
    with pytest.raises(IndexIncompatible, match=f"qa index --rebuild --index {tmp_path / 'other'}"):
        Index.open_together({"": i, "o": tmp_path / "other"})
    with pytest.raises(IndexIncompatible, match=r"cut with .*'words': 7.*qa index --rebuild --index"):
        together({"": i, "s": built(tmp_path / "s", [GAZETTE], SplitSettings(words=7))})
    with pytest.raises(UserError, match="cited as the collection i;"):
        together({"": i, "i": built(tmp_path / "p", [GAZETTE])})
    with pytest.raises(UserError, match=r"hold a document p:gazette\.txt;"):
        together({"": built(tmp_path / "q", [replace(GAZETTE, id="p:gazette.txt")]), "p": tmp_path / "p"})
    with pytest.raises(IndexMissing, match="none"):
        together({"": i, "n": tmp_path / "none"})
