"""Keep an index in step with the files and folders it was made from."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from embeddings.approximate import Building, SearchSettings
from embeddings.changes import Failure, Progress, Reading, SourceReport, Work
from embeddings.document import Document
from embeddings.encode import Encoder
from embeddings.errors import IndexIncompatible, IndexMissing, UserError
from embeddings.index import Index
from embeddings.load import Limits
from embeddings.manifest import Manifest, SourceEntry, known_sources, read_manifest, writing
from embeddings.merge import commit_tidily
from embeddings.parts import encoder_entry, require_encoder
from embeddings.passage import SplitSettings
from embeddings.segment import EncodedTexts, prepare, write_segments


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """What a sync did, and what the index holds after it.

    `documents`, `sections`, `passages` and `facts` count all that is in the index; `repaired` (stretches of mojibake),
    `left_out` (what, and how often) and `warnings` are of the files that were read this time.
    """

    sources: tuple[SourceReport, ...]
    documents: int
    sections: int
    passages: int
    facts: int
    repaired: int
    left_out: Mapping[str, int]
    warnings: tuple[str, ...]

    @property
    def failed(self) -> tuple[Failure, ...]:
        """The failures of all sources."""
        return tuple(failure for source in self.sources for failure in source.failed)


def parse_source(argument: str) -> SourceEntry:
    """The source that PATH or NAME=PATH means; what exists as it stands is a path, whatever is in it."""
    name, equals, path = argument.partition("=")
    if not equals or Path(argument).exists():
        return SourceEntry(name=None, path=os.path.abspath(argument))  # noqa: PTH100 - symbolic links stay
    if not re.fullmatch(r"[^/\\]*[^/\\\s.][^/\\]*", name) or not path:
        raise UserError(f"{argument}: is neither a path nor NAME=PATH with a name without slashes")
    return SourceEntry(name=name, path=os.path.abspath(path))  # noqa: PTH100


def sync(
    path: Path,
    sources: Sequence[SourceEntry] = (),
    *,
    encoder: Encoder,
    split: SplitSettings | None = None,
    limits: Limits | None = None,
    rebuild: bool = False,
    progress: Progress | None = None,
    search: SearchSettings | None = None,
    building: Building | None = None,
) -> SyncReport:
    """Bring the index in `path` in step with `sources` (none: all it knows), and remember them.

    Documents of other sources stay. Only what changed is read and encoded; `rebuild` does all of it again, for all
    known sources. A known path that is given a name, or a known name that is given a path, takes the place of what it
    was. All of it is in the index afterwards, or nothing. `progress` is told of each file, `building` of what making
    large segments searchable takes beside. Raises IndexBusy, IndexDamaged, IndexIncompatible (another
    encoder, split or format; not if `rebuild`), or UserError: nothing to index, no such path, one id twice; if
    `rebuild`, a known source that is not there, and a document that can no longer be read.
    """
    split = split or SplitSettings()
    with writing(path):
        before = manifest_before(path, encoder, split, rebuild=rebuild)
        chosen = _chosen(sources, before, everything=rebuild)
        given = frozenset(source.path for source in (chosen if rebuild else sources))
        change = prepare_change(
            path,
            before,
            chosen,
            required=given,
            encoder=encoder,
            split=split,
            limits=limits,
            progress=progress,
            search=search,
            building=building,
        )
        if rebuild:
            _refuse_losses(path, change.report)
        if change.after != before or rebuild:
            commit_tidily(path, change.after, search=search, building=building)
    return change.report


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is written and not yet committed: the manifest to commit, and the report if it is."""

    after: Manifest
    report: SyncReport


def prepare_change(
    path: Path,
    before: Manifest,
    chosen: Sequence[SourceEntry],
    *,
    required: frozenset[str],
    encoder: Encoder,
    split: SplitSettings,
    limits: Limits | None,
    progress: Progress | None,
    search: SearchSettings | None = None,
    building: Building | None = None,
) -> Change:
    """Write what changed in the chosen sources; those with a `required` path must be there. Raises as `sync` does.

    To be called by the writer, within `writing`.
    """
    work = [Work.plan(source, before, path, required=source.path in required) for source in chosen]
    _refuse_equal_ids(work, before)
    index = Index.open(path) if before.documents else None
    reading = Reading(limits=limits or Limits(), progress=progress, files=sum(len(w.files) for w in work))
    # read, cut, encoded and written as it goes along: what became of each file is known when all is written
    prepared = prepare(
        ((w.source.key, document) for w in work for document in reading.changes_of(w)),
        encoder=encoder,
        settings=split,
        next_passage_id=before.next_passage_id,
        encoded=_encoded_before(index),
    )
    written = write_segments(
        path,
        prepared,
        dimension=encoder.dimension,
        next_passage_id=before.next_passage_id,
        search=search,
        building=building,
    )
    replaced = {id for w in work for id in w.old}
    documents = {id: entry for id, entry in before.documents.items() if id not in replaced}
    documents |= {id: entry for w in work for id, entry in w.kept.items()}
    documents |= written.documents
    after = replace(
        before,
        sources=tuple(sorted([*_others(chosen, before), *chosen], key=lambda source: source.key)),
        documents=documents,
        segments=before.segments + written.segments,
        next_passage_id=written.next_passage_id,
    )
    report = SyncReport(
        sources=tuple(w.report() for w in work),
        documents=len(documents),
        sections=sum(entry.sections for entry in documents.values()),
        passages=sum(entry.passages for entry in documents.values()),
        facts=sum(entry.facts for entry in documents.values()),
        repaired=reading.repaired,
        left_out=dict(reading.left_out),
        warnings=tuple(reading.warnings),
    )
    return Change(after=after, report=report)


def remove(path: Path, name: str) -> tuple[str, ...]:
    """Take a document (its id) or a source (its name or path) out of the index, and say which documents went.

    A source with no document left is forgotten. Raises UserError if nothing is called so.
    """
    with writing(path):
        before = read_manifest(path)
        sources = {source.key for source in before.sources if name in source.names}
        gone = {id for id, entry in before.documents.items() if id == name or entry.source in sources}
        if not gone and not sources:
            known = [*before.documents, *(source.key for source in before.sources)]
            near = ", ".join(difflib.get_close_matches(name, known, n=3, cutoff=0.3))
            raise UserError(
                f"{name}: {path} has no such document or source{near and f'; nearest are {near}'}; "
                f"qa documents lists them all"
            )
        documents = {id: entry for id, entry in before.documents.items() if id not in gone}
        left = {entry.source for entry in documents.values()}
        emptied = {before.documents[id].source for id in gone} - left
        kept = tuple(source for source in before.sources if source.key not in sources | emptied)
        commit_tidily(path, replace(before, sources=kept, documents=documents))
    return tuple(sorted(gone))


def manifest_before(path: Path, encoder: Encoder, split: SplitSettings, *, rebuild: bool = False) -> Manifest:
    """The manifest as it is, or, if there is none or all is made anew, that of an empty index; IndexIncompatible."""
    empty = Manifest(
        encoder=encoder_entry(encoder),
        split=asdict(split),
        sources=known_sources(path) if rebuild else (),
        documents={},
        segments=(),
        next_passage_id=0,
    )
    if rebuild:
        return empty
    try:
        manifest = read_manifest(path)
    except IndexMissing:
        return empty
    require_encoder(path, manifest, empty.encoder)
    if dict(manifest.split) != empty.split:
        raise IndexIncompatible(
            f"{path}: the index was cut with {dict(manifest.split)}, not with {empty.split}; "
            f"run qa index --rebuild --index {path}"
        )
    return manifest


def _refuse_losses(path: Path, report: SyncReport) -> None:
    """Raises UserError if a document that the index has could not be read again."""
    try:
        known = read_manifest(path).documents
    except UserError:  # what there was cannot be read either
        return
    lost = next((failure for failure in report.failed if failure.id in known), None)
    if lost is not None:
        raise UserError(
            f"{lost.id}: {lost.message}; building the index anew would lose it, so nothing was changed. Mend the "
            f"file, or take it out with qa remove {lost.id}"
        )


def _chosen(sources: Sequence[SourceEntry], before: Manifest, *, everything: bool) -> list[SourceEntry]:
    known = {source.path: source for source in before.sources}
    given = [known.get(source.path, source) if source.name is None else source for source in sources]
    chosen = list(dict.fromkeys(given))  # the same one given twice is one
    if everything or not sources:
        chosen += _others(chosen, before)
    if not chosen:
        raise UserError("nothing to index is given or known yet; run qa index PATH")
    return chosen


def _others(chosen: Sequence[SourceEntry], before: Manifest) -> list[SourceEntry]:
    keys, paths = {source.key for source in chosen}, {source.path for source in chosen}
    return [source for source in before.sources if source.key not in keys and source.path not in paths]


def _refuse_equal_ids(work: Sequence[Work], before: Manifest) -> None:
    chosen = {id for w in work for id in w.old}
    owners = {id: entry.source for id, entry in before.documents.items() if id not in chosen}
    for w in work:
        for id in [*w.kept, *(file.id for file in w.files)]:
            if id in owners:
                raise UserError(
                    f"{id} would be a document of {owners[id] or 'this index already'} and of {w.source.key}; give the "
                    "sources different names: qa index NAME=PATH OTHER=PATH"
                )
            owners[id] = w.source.key


def _encoded_before(index: Index | None) -> Callable[[Document], EncodedTexts]:
    """Gives the vectors of the old version of a document, or of one of the same bytes (it was moved)."""
    if index is None:
        return lambda document: {}
    by_bytes = {entry.sha256: entry.id for entry in index.documents}

    def encoded(document: Document) -> EncodedTexts:
        old = document.id if document.id in index.manifest.documents else by_bytes.get(document.sha256)
        if old is None:
            return {}
        passages = index.passages_of(old)
        vectors = index.vectors([passage.id for passage in passages])
        return {passage.encoded_text: vector for passage, vector in zip(passages, vectors, strict=True)}

    return encoded
