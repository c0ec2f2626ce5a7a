"""Uploads into a collection: what is taken, under which name, and what is said of the rest, before anything is read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from embeddings.changes import Failure, Progress
from embeddings.errors import UserError
from embeddings.load import LOADERS, Limits, unsupported_name
from embeddings.load.find import is_hidden
from embeddings.load.sniff import ending_of
from qa.collections import Collection

if TYPE_CHECKING:
    from embeddings.encode import Encoder
    from embeddings.sync import SyncReport
    from qa.settings import Settings

MEGABYTE = 1_000_000
LONGEST_PART = 255  # bytes of a file's or folder's name: what file systems take
LONGEST_NAME = 1_000  # bytes of a name with its folders, with room for the folders it is put into


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file to be added: its name as the browser gives it, folders included, and where its bytes are."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadLimits:
    """How much is taken: of a file, at once, and of one collection's files together.

    `endings` are those of files that are taken, with their dots; none: all that are read.
    """

    max_file_bytes: int
    max_files: int
    max_collection_bytes: int
    endings: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: Settings) -> UploadLimits:
        """Those of the settings."""
        return cls(
            max_file_bytes=settings.max_file_megabytes * MEGABYTE,
            max_files=settings.max_upload_files,
            max_collection_bytes=settings.max_collection_megabytes * MEGABYTE,
            endings=settings.upload_endings or (),
        )

    def in_words(self) -> str:
        """What is to be told before files are chosen."""
        return (
            f"{', '.join(self.endings) or allowed_types()}. A file may have {megabytes(self.max_file_bytes)}, "
            f"{self.max_files:,} files may come at once, and a collection holds {megabytes(self.max_collection_bytes)}."
        )


def allowed_types() -> str:
    """The kinds of files that are read, in words."""
    return "PDF, Word (.docx), HTML, Markdown, wiki text and plain text"


def allowed_endings() -> tuple[str, ...]:
    """The endings of files that are read, with their dots; a file without one is read as text."""
    return tuple(sorted(ending for ending in LOADERS if ending))


def safe_name(name: str) -> str:
    """The name under which a file is kept: relative, NFC, with nothing that leads out of its folder.

    "" if nothing is left, or it is a hidden file.
    """
    name = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode()).replace("\\", "/")
    parts = [part.strip() for part in re.sub(r"^[A-Za-z]:/", "/", name).split("/")]
    parts = [re.sub(r"[\x00-\x1f\x7f]", "", part) for part in parts if part not in ("", ".", "..")]
    return "" if any(not part or is_hidden(part) for part in parts) else "/".join(parts)


def check(
    files: Sequence[tuple[str, int]], limits: UploadLimits, collection: Collection | None = None
) -> tuple[Failure, ...]:
    """What is to be said of those of the files (name, bytes) that will not be taken; hidden ones are not spoken of.

    Raises UserError if it is too much as a whole: too many files, or too many bytes for the collection.
    """
    return _sorted_out(files, limits, collection).refused


def add(
    collection: Collection,
    uploads: Sequence[Upload],
    *,
    encoder: Encoder,
    limits: UploadLimits,
    progress: Progress | None = None,
) -> SyncReport:
    """Put copies of files into a collection and index them, all in one step: killed at any moment, it is done or not.

    Files that are not taken or cannot be read are in the report as failed, in words that do not say where they were
    copied to, and leave nothing. A name that is there gives its place to the new file. Raises UserError as `check`
    does, IndexBusy if another upload into the collection is under way.
    """
    from embeddings.uploads import add_files

    sizes = [(upload.name, _size(upload.path)) for upload in uploads]
    found = _sorted_out(sizes, limits, collection)
    report = add_files(
        collection.path,
        {id: uploads[number].path for id, number in found.taken.items()},
        encoder=encoder,
        limits=Limits(max_bytes=limits.max_file_bytes),
        progress=progress,
    )
    (source,) = report.sources
    return replace(report, sources=(replace(source, failed=(*found.refused, *source.failed)),))


def remove(collection: Collection, document_id: str) -> None:
    """Take an uploaded document (its id in the collection) and its file out. Raises UserError if there is none such."""
    from embeddings.uploads import remove_file

    remove_file(collection.path, document_id)


def megabytes(size: int) -> str:
    """A size in words."""
    return f"{size / MEGABYTE:,.1f} MB".replace(".0 ", " ")


@dataclass(frozen=True, slots=True, kw_only=True)
class _SortedOut:
    taken: Mapping[str, int]  # the number of the file that is kept under an id
    refused: tuple[Failure, ...]


def _sorted_out(files: Sequence[tuple[str, int]], limits: UploadLimits, collection: Collection | None) -> _SortedOut:
    if len(files) > limits.max_files:
        raise UserError(
            f"{len(files):,} files are more than the {limits.max_files:,} that may come at once; choose fewer, or "
            "raise max_upload_files"
        )
    sizes = {} if collection is None else {id: file.stat().st_size for id, file in collection.files.items()}
    folders = {folder for id in sizes for folder in _folders(id)}
    taken: dict[str, int] = {}
    refused = []
    for number, (name, size) in enumerate(files):
        id = safe_name(name)
        if not id:
            continue
        why = _unfit(id, size, limits)
        if id in taken:
            why = "has the name of another of these files; rename one"
        elif id in folders or not sizes.keys().isdisjoint(_folders(id)):
            why = "would be a file and a folder of one name; rename one"
        if why:
            refused.append(Failure(id=id, message=why))
            continue
        taken[id], sizes[id] = number, size
        folders.update(_folders(id))
    total = sum(sizes.values())
    if taken and total > limits.max_collection_bytes:
        raise UserError(
            f"with these files the collection would hold {megabytes(total)}, more than "
            f"{megabytes(limits.max_collection_bytes)}; choose fewer, remove some, or raise max_collection_megabytes"
        )
    return _SortedOut(taken=taken, refused=tuple(refused))


def _unfit(id: str, size: int, limits: UploadLimits) -> str | None:
    """What a file's name and size alone say against it."""
    if max(len(part.encode()) for part in id.split("/")) > LONGEST_PART or len(id.encode()) > LONGEST_NAME:
        return "has too long a name; shorten it"
    if size == 0:
        return "is empty; leave it out or fill it"
    if size > limits.max_file_bytes:
        largest = megabytes(limits.max_file_bytes)
        return f"is larger than {largest} ({megabytes(size)}); split it, or raise max_file_megabytes"
    if limits.endings and ending_of(id) not in limits.endings:
        return f"is not of a kind that is taken here ({', '.join(limits.endings)}); save it as one, or leave it out"
    return unsupported_name(PurePosixPath(id).name)


def _folders(id: str) -> list[str]:
    return [str(folder) for folder in PurePosixPath(id).parents][:-1]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1  # copying it says why
