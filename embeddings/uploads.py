"""An index that keeps the files it was made from: they are added and removed in one step with their documents.

The files lie in one folder inside that of the index. A change makes a new folder (what stays is linked, not copied) and
the manifest names it: putting the manifest in place changes index and files together.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from embeddings.changes import Failure, Progress
from embeddings.encode import Encoder
from embeddings.errors import UserError
from embeddings.load import Limits, find_files
from embeddings.manifest import Manifest, SourceEntry, read_manifest, writing
from embeddings.merge import commit_tidily
from embeddings.passage import SplitSettings
from embeddings.sync import SyncReport, manifest_before, prepare_change

_FOLDER = re.compile(r"files-[0-9a-f]{16}")


def add_files(
    path: Path,
    files: Mapping[str, Path],
    *,
    encoder: Encoder,
    split: SplitSettings | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> SyncReport:
    """Copy files into the index in `path`, by the ids of their documents, and index them: all in one step.

    Killed at any moment, it leaves the index and its files as before or as after. A file that is there already is
    replaced; one that cannot be read leaves nothing, and what it was to replace stays. It is in the report, with a
    message that does not say where it was copied to. Raises as `sync` does.
    """
    split = split or SplitSettings()
    with writing(path):
        was = manifest_before(path, encoder, split)
        sweep_files(path, was)
        held = kept_files(path, was)
        folder, refused = path / f"files-{secrets.token_hex(8)}", []
        folder.mkdir()
        others = {id: entry.source for id, entry in was.documents.items() if id not in held}
        for id, file in held.items():
            if id not in files:
                _link(file, folder / id)
        for id, file in files.items():
            if id in others:
                why = f"has the name of a document of {others[id]}; give it another"
            else:
                why = _copy(file, folder, id)
            if why:
                refused.append(Failure(id=id, message=why))
                _restore(id, held, folder)
        source = SourceEntry(name=None, path=folder.name)
        change = prepare_change(
            path,
            _handed_over(was, source),
            [source],
            required=frozenset([source.path]),
            encoder=encoder,
            split=split,
            limits=limits,
            progress=progress,
        )
        for failure in change.report.failed:
            refused.append(replace(failure, message=failure.message.removeprefix(f"{folder / failure.id}: ")))
            _restore(failure.id, held, folder)
        _settle(folder)
        commit_tidily(path, change.after)
        sweep_files(path, change.after)
    (report,) = change.report.sources
    return replace(change.report, sources=(replace(report, failed=tuple(refused)),))


def remove_file(path: Path, id: str) -> None:
    """Take a document and its file out of an index that keeps its files, in one step; UserError if it keeps none."""
    with writing(path):
        was = read_manifest(path)
        sweep_files(path, was)
        held = kept_files(path, was)
        if id not in held:
            raise UserError(f"{id}: there is no such file among those uploaded; there are {', '.join(held) or 'none'}")
        folder = path / f"files-{secrets.token_hex(8)}"
        folder.mkdir()
        for other, file in held.items():
            if other != id:
                _link(file, folder / other)
        _settle(folder)
        after = _handed_over(was, SourceEntry(name=None, path=folder.name))
        after = replace(after, documents={other: entry for other, entry in after.documents.items() if other != id})
        commit_tidily(path, after)
        sweep_files(path, after)


def kept_files(path: Path, manifest: Manifest) -> dict[str, Path]:
    """The files that an index keeps, by the ids of their documents."""
    return {
        file.id: file.path
        for source in manifest.sources
        if _is_kept(source) and source.located(path).is_dir()
        for file in find_files(source.located(path))
        if file.id in manifest.documents
    }


def sweep_files(path: Path, manifest: Manifest) -> None:
    """Delete folders of files that the manifest does not name: replaced ones, and those of writes that were killed."""
    named = {source.path for source in manifest.sources}
    for folder in path.iterdir():
        if _FOLDER.fullmatch(folder.name) and folder.name not in named:
            shutil.rmtree(folder)


def _is_kept(source: SourceEntry) -> bool:
    return source.name is None and _FOLDER.fullmatch(source.path) is not None


def _handed_over(manifest: Manifest, source: SourceEntry) -> Manifest:
    """The manifest with the documents of the files as they lay, now those of the files where they lie from here on."""
    old = {known.key for known in manifest.sources if _is_kept(known)}
    return replace(
        manifest,
        sources=tuple(sorted([*(s for s in manifest.sources if s.key not in old), source], key=lambda s: s.key)),
        documents={
            id: replace(entry, source=source.key) if entry.source in old else entry
            for id, entry in manifest.documents.items()
        },
    )


def _copy(file: Path, folder: Path, id: str) -> str:
    """Copy a file to where its id says; returns why it cannot be read, "" if it can."""
    try:
        read = file.open("rb")
    except OSError as error:
        return f"cannot be read ({error.strerror}); choose it again"
    with read:
        target = folder / id
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as write:
            shutil.copyfileobj(read, write)
            write.flush()
            os.fsync(write.fileno())
    return ""


def _link(file: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(file, target)
    except OSError:  # a file system without links
        shutil.copyfile(file, target)


def _restore(id: str, held: Mapping[str, Path], folder: Path) -> None:
    """Take a file that cannot be read out again; what was in its place comes back."""
    (folder / id).unlink(missing_ok=True)
    if id in held:
        _link(held[id], folder / id)


def _settle(folder: Path) -> None:
    """Have the names of all files on the disk before a manifest speaks of them."""
    if os.name == "posix":
        for root, _, _ in os.walk(folder):
            opened = os.open(root, os.O_RDONLY)
            try:
                os.fsync(opened)
            finally:
                os.close(opened)
