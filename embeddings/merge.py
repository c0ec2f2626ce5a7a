"""Rewrite segments of an index as one: small ones when there are many, and those that are mostly dead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from embeddings.approximate import Building, SearchSettings
from embeddings.index import Index
from embeddings.manifest import Manifest, SegmentEntry, commit, read_manifest, writing
from embeddings.segment import MOST_PASSAGES, Prepared, write_segments

ALIKE = 4  # segments of like size that are merged: with more, a question opens many files, with fewer much is rewritten
SMALL = 1_000  # passages up to which all segments are alike: rewriting so many takes a second

Run = slice  # of the segments of a manifest, which stand in the order of their passages' ids


def merge(path: Path, *, search: SearchSettings | None = None) -> None:
    """Put all live documents into as few segments as may be; ids, scores and the digest stay. Raises UserError."""
    with writing(path):
        manifest = read_manifest(path)
        _merge(path, manifest, slice(0, len(manifest.segments)), search, None)


def commit_tidily(
    path: Path, manifest: Manifest, *, search: SearchSettings | None = None, building: Building | None = None
) -> None:
    """Commit without the segments that no document stands in any more, and merge as far as `due` says.

    To be called by the writer, within `writing`.
    """
    used = {entry.segment for entry in manifest.documents.values()}
    manifest = replace(
        manifest,
        documents=dict(sorted(manifest.documents.items())),
        segments=tuple(segment for segment in manifest.segments if segment.name in used),
    )
    commit(path, manifest)
    while run := due(manifest.segments, live_passages(manifest)):
        manifest = _merge(path, manifest, run, search, building)


def live_passages(manifest: Manifest) -> Counter[str]:
    """How many passages of each segment (its name) are not removed or replaced."""
    live: Counter[str] = Counter()
    for entry in manifest.documents.values():
        live[entry.segment] += entry.passages
    return live


def due(segments: Sequence[SegmentEntry], live: Counter[str]) -> Run | None:
    """Which neighbouring segments are to be merged next; None: none.

    One is rewritten by itself when more than half of it is dead. Else segments are alike that have up to SMALL
    passages, up to ALIKE times as many, and so on: ALIKE of them with none larger between them are merged, with the
    smaller ones between. So no segment is rewritten because of smaller ones, each passage once for each size at most,
    and there are fewer than ALIKE segments of a size. Those of more than a quarter of MOST_PASSAGES stay.
    (O'Neil and others, The Log-Structured Merge-Tree, 1996.)
    """
    for at, segment in enumerate(segments):
        if segment.passages > 2 * live[segment.name]:
            return slice(at, at + 1)
    sizes = [_size(segment.passages) for segment in segments]
    largest = _size(MOST_PASSAGES // ALIKE)
    for size in range(largest + 1):
        start = 0
        for end in range(len(sizes) + 1):
            if end == len(sizes) or sizes[end] > size:
                if sizes[start:end].count(size) >= ALIKE:
                    return slice(start, end)
                start = end + 1
    return None


def _size(passages: int) -> int:
    """0: up to SMALL passages, 1: up to ALIKE times as many, and so on."""
    size = 0
    while passages > SMALL * ALIKE**size:
        size += 1
    return size


def _merge(
    path: Path, manifest: Manifest, run: Run, search: SearchSettings | None, building: Building | None
) -> Manifest:
    """Commit the manifest with one segment in place of some neighbouring ones, and return it."""
    names = {segment.name for segment in manifest.segments[run]}
    index = Index.open(path)
    ids = [entry.id for entry in index.documents if entry.segment in names]
    ids.sort(key=lambda id: min(index.passage_ids(id), default=-1))  # passages stay in order of their ids
    total, done = sum(manifest.documents[id].passages for id in ids), 0

    def documents() -> Iterator[Prepared]:
        nonlocal done
        for id in ids:
            if building:
                building("Merging", done, total)
            passages = sorted(index.passage_ids(id))
            done += len(passages)
            yield Prepared(
                document=index.document(id),
                source=manifest.documents[id].source,
                passages=tuple(index.passages(passages)),
                vectors=index.vectors(passages),
            )

    written = write_segments(
        path,
        documents(),
        dimension=manifest.encoder.dimension,
        next_passage_id=manifest.next_passage_id,
        search=search,
        building=building,
    )
    segments = (*manifest.segments[: run.start], *written.segments, *manifest.segments[run.stop :])
    merged = replace(
        manifest, documents=dict(sorted({**manifest.documents, **written.documents}.items())), segments=segments
    )
    commit(path, merged)
    return merged
