"""What an index was made from and with. Replacing this one file is the commit: what it does not name is not there."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from embeddings.errors import IndexBusy, IndexDamaged, IndexIncompatible, IndexMissing, UserError

# raised whenever an older index would answer otherwise: layout, what loaders give, how passages or terms are made
FORMAT = 3
FILE = "manifest.json"
# everything that this package writes and may sweep; whatever else lies in the folder is not ours
_OURS = re.compile(
    r"(passages|vectors|lists)(-[0-9a-f]{16}\.(sqlite|faiss)|\.tmp(-journal|-run\d+)?)|manifest\.json\.tmp"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderEntry:
    """The encoder of all vectors: its configured name, the SHA-256 of its weights, the length of a vector."""

    name: str
    digest: str
    dimension: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry:
    """A file of the index: name, SHA-256 (hex), size in bytes."""

    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListsEntry:
    """The lists that a large segment's vectors are looked for in.

    `kind` is their type in the words of faiss. Of them `depth` are read for a question: that found the share `recall`
    of the exact ten best, when it was measured on `sample` questions.
    """

    file: FileEntry
    kind: str
    depth: int
    recall: float
    sample: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentEntry:
    """What one write added: a file of passages and one of vectors, never changed after; without lists all is compared.

    An index of an earlier version has no lists.
    """

    name: str
    store: FileEntry
    vectors: FileEntry
    passages: int
    lists: ListsEntry | None = None

    @property
    def files(self) -> tuple[FileEntry, ...]:
        """All its files."""
        return (self.store, self.vectors, *((self.lists.file,) if self.lists else ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceEntry:
    """A file or folder that is kept in sync; ids of a named source begin with `name/`.

    `path` is absolute, or, of files that are kept in the folder of the index and move with it, relative to that.
    """

    name: str | None
    path: str

    @property
    def key(self) -> str:
        """What its documents and reports call it: its name, else its path."""
        return self.name or self.path

    def located(self, index: Path) -> Path:
        """Where it lies, `index` being the folder of the index."""
        return index / self.path

    @property
    def names(self) -> tuple[str, ...]:
        """All that a person may call it by."""
        return tuple(name for name in (self.name, self.path, os.path.relpath(self.path)) if name)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentEntry:
    """A document of the index and the segment it stands in.

    `sha256` is that of the original bytes, `digest` that of the document as it was loaded; `source` is the key of its
    source ("": built without one). `sections`, `facts` (lines of facts and tables), `passages` and `characters` count.
    """

    id: str
    title: str
    sha256: str
    digest: str
    source: str
    segment: str
    sections: int
    facts: int
    passages: int
    characters: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """All that an index consists of. `documents` is by id, in order of ids; passage ids are given out once, ever."""

    encoder: EncoderEntry
    split: Mapping[str, Any]
    sources: tuple[SourceEntry, ...]
    documents: Mapping[str, DocumentEntry]
    segments: tuple[SegmentEntry, ...]
    next_passage_id: int

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of what decides answers: equal for equal content, in however many steps it was built."""
        documents = {id: entry.digest for id, entry in sorted(self.documents.items())}
        decisive = [FORMAT, self.encoder.digest, self.encoder.dimension, dict(self.split), documents]
        return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()

    @property
    def files(self) -> tuple[FileEntry, ...]:
        """Every file that the index needs beside the manifest."""
        return tuple(file for segment in self.segments for file in segment.files)

    @property
    def dead_passages(self) -> int:
        """Passages in segments that belong to removed or replaced documents."""
        live = sum(entry.passages for entry in self.documents.values())
        return sum(segment.passages for segment in self.segments) - live


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the index in `folder`.

    Raises IndexMissing, IndexIncompatible (another format) or IndexDamaged (not readable as what it claims to be).
    """
    raw = _read_json(folder)
    if raw.get("format") != FORMAT:
        raise IndexIncompatible(
            f"{folder}: the index has format {raw.get('format')!r}, this version reads {FORMAT}; "
            f"run qa index --rebuild --index {folder}"
        )
    try:
        manifest = Manifest(
            encoder=EncoderEntry(**raw["encoder"]),
            split=raw["split"],
            sources=tuple(SourceEntry(**source) for source in raw["sources"]),
            documents={id: DocumentEntry(id=id, **entry) for id, entry in raw["documents"].items()},
            segments=tuple(map(_segment, raw["segments"])),
            next_passage_id=raw["next_passage_id"],
        )
        sound = manifest.digest == raw["digest"]
    except (KeyError, TypeError, AttributeError) as error:
        raise _damaged(folder) from error
    if not sound:
        raise _damaged(folder)
    return manifest


def _segment(raw: dict[str, Any]) -> SegmentEntry:
    lists = raw.get("lists")
    return SegmentEntry(
        name=raw["name"],
        store=FileEntry(**raw["store"]),
        vectors=FileEntry(**raw["vectors"]),
        passages=raw["passages"],
        lists=ListsEntry(**(lists | {"file": FileEntry(**lists["file"])})) if lists else None,
    )


def known_sources(folder: Path) -> tuple[SourceEntry, ...]:
    """The sources of an index of any format, to build it again from them; none if that cannot be read."""
    try:
        raw = _read_json(folder)
        return tuple(SourceEntry(name=source["name"], path=source["path"]) for source in raw["sources"])
    except (UserError, KeyError, TypeError):
        return ()


def commit(folder: Path, manifest: Manifest) -> None:
    """Make `manifest` the index: from here on readers see it, or, if anything fails before, the one that was there."""
    raw = {
        "format": FORMAT,
        "digest": manifest.digest,
        "encoder": asdict(manifest.encoder),
        "split": dict(manifest.split),
        "sources": [asdict(source) for source in manifest.sources],
        "segments": [asdict(segment) for segment in manifest.segments],
        "next_passage_id": manifest.next_passage_id,
        "documents": {
            id: {field: value for field, value in asdict(entry).items() if field != "id"}
            for id, entry in manifest.documents.items()
        },
    }
    temporary = folder / f"{FILE}.tmp"
    temporary.write_text(json.dumps(raw, indent=1) + "\n", encoding="utf-8")
    install(temporary, folder / FILE)


def install(temporary: Path, final: Path) -> None:
    """Put a finished file in its place so that it is there whole, after a power failure too."""
    with temporary.open("rb+") as file:
        os.fsync(file.fileno())
    os.replace(temporary, final)  # noqa: PTH105 - named as POSIX names the atomic step
    if os.name == "posix":
        folder = os.open(final.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Be the only writer of the index in `folder`, made if need be; leftovers of killed or replaced writes are swept.

    Files that the last write replaced are swept only here, at the next one: a reader that has just read the old
    manifest still finds them. Raises IndexBusy, or UserError if the folder cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "lock", timeout=0):
            _sweep(folder)
            yield
    except Timeout as error:
        raise IndexBusy(f"{folder}: another process is writing to this index; wait for it and run again") from error
    except OSError as error:
        raise UserError(
            f"{folder}: the index cannot be written ({error.strerror or error}) and is as it was; "
            "make room and see to the rights, or choose another folder with --index"
        ) from error


def _sweep(folder: Path) -> None:
    try:
        kept = {file.name for file in read_manifest(folder).files}
    except IndexMissing:
        kept = set()  # a first build that was killed
    except UserError:
        return  # what cannot be read is not thrown away before something better is in place
    for path in folder.iterdir():
        if _OURS.fullmatch(path.name) and path.name not in kept:
            try:
                path.unlink()
            except PermissionError:  # Windows: a reader has it open; the next write sweeps it
                continue


def _read_json(folder: Path) -> dict[str, Any]:
    try:
        raw = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise IndexMissing(f"{folder}: there is no index here; run qa index PATH --index {folder}") from error
    except OSError as error:
        raise UserError(f"{folder / FILE}: cannot be read ({error.strerror}); see to its rights") from error
    except ValueError as error:
        raise _damaged(folder) from error
    if not isinstance(raw, dict):
        raise _damaged(folder)
    return raw


def _damaged(folder: Path) -> IndexDamaged:
    return IndexDamaged(
        f"{folder / FILE}: is damaged; build the index again with qa index --rebuild PATH --index {folder}"
    )
