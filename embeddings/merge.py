"""Rewrite an index of many steps as one segment."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from embeddings.index import Index
from embeddings.manifest import Manifest, commit, read_manifest, writing
from embeddings.segment import Prepared, write_segment

MERGE_SEGMENTS = 16  # with more, opening and asking would spend their time on going from file to file


def merge(path: Path) -> None:
    """Put all live documents into one segment; ids, scores and the digest stay. Raises UserError and its children."""
    with writing(path):
        _merge(path, read_manifest(path))


def commit_tidily(path: Path, manifest: Manifest) -> None:
    """Commit without the segments that no document stands in any more; merge if there are many or half is dead.

    To be called by the writer, within `writing`.
    """
    used = {entry.segment for entry in manifest.documents.values()}
    manifest = replace(
        manifest,
        documents=dict(sorted(manifest.documents.items())),
        segments=tuple(segment for segment in manifest.segments if segment.name in used),
    )
    commit(path, manifest)
    passages = sum(segment.passages for segment in manifest.segments)
    if len(manifest.segments) > MERGE_SEGMENTS or manifest.dead_passages * 2 > passages:
        _merge(path, manifest)


def _merge(path: Path, manifest: Manifest) -> None:
    index = Index.open(path)
    ids = {entry.id: sorted(index.passage_ids(entry.id)) for entry in index.documents}
    documents = (
        Prepared(
            document=index.document(id),
            source=manifest.documents[id].source,
            passages=tuple(index.passages(ids[id])),
            vectors=index.vectors(ids[id]),
        )
        for id in sorted(ids, key=lambda id: ids[id])  # passages stay in order of their ids
    )
    written = write_segment(
        path, documents, dimension=manifest.encoder.dimension, next_passage_id=manifest.next_passage_id
    )
    commit(path, replace(manifest, documents=dict(sorted(written.documents.items())), segments=written.segments))
