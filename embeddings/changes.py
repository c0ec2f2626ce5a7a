"""What changed in a source since it was last read."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from embeddings.document import Document
from embeddings.errors import UnreadableFile, UserError
from embeddings.load import FoundFile, Limits, Loaded, find_files, load_file
from embeddings.manifest import DocumentEntry, Manifest, SourceEntry

Progress = Callable[[int, int, str], None]  # files done, files in all, id of the next


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A file or source (id) that could not be read, and why in one line; its old version stays in the index."""

    id: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReport:
    """What became of the documents (ids) of one source."""

    source: str
    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]
    failed: tuple[Failure, ...]


@dataclass(slots=True, kw_only=True)
class Work:
    """What there is to do for one source, and what came of it."""

    source: SourceEntry
    files: Sequence[FoundFile]
    old: Mapping[str, DocumentEntry]  # its documents as they were before
    kept: dict[str, DocumentEntry] = field(default_factory=dict)  # of these, what stays as it is
    read: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)

    @classmethod
    def plan(cls, source: SourceEntry, before: Manifest, index: Path, *, required: bool) -> Work:
        """Find the files of a source; of one that is not there (`required`: raises UserError) all documents stay."""
        keys = {source.key, *(known.key for known in before.sources if known.path == source.path)}
        old = {id: entry for id, entry in before.documents.items() if entry.source in keys}
        work = cls(source=source, files=[], old=old)
        try:
            work.files = find_files(source.located(index), name=source.name, exclude=frozenset([index.resolve()]))
        except UserError as error:
            if required:
                raise
            work.failed.append(Failure(id=source.key, message=str(error)))  # perhaps a disk that is not mounted
            work.kept.update(old)
        return work

    def keep(self, id: str) -> None:
        """Let stay what was read from a file, or from below a folder."""
        self.kept |= {old: entry for old, entry in self.old.items() if old == id or old.startswith(f"{id}/")}

    def report(self) -> SourceReport:
        """What came of it, once all is read."""
        return SourceReport(
            source=self.source.key,
            added=tuple(id for id in self.read if id not in self.old),
            changed=tuple(id for id in self.read if id in self.old),
            unchanged=tuple(self.unchanged),
            removed=tuple(sorted(self.old.keys() - self.kept.keys() - set(self.read))),
            failed=tuple(self.failed),
        )


@dataclass(slots=True, kw_only=True)
class Reading:
    """Reads what changed, and counts."""

    limits: Limits
    progress: Progress | None
    files: int
    done: int = 0
    repaired: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    warnings: list[str] = field(default_factory=list)

    def changes_of(self, work: Work) -> Iterator[Document]:
        """The documents of a source that are new or changed; what became of its other files is noted in `work`."""
        for file in work.files:
            if self.progress:
                self.progress(self.done, self.files, file.id)
            self.done += 1
            entry = work.old.get(file.id)
            if entry and entry.sha256 == _sha256(file.path, self.limits):
                work.unchanged.append(file.id)
                work.keep(file.id)
                continue
            try:
                loaded = _load(file, self.limits)
            except UnreadableFile as error:
                work.failed.append(Failure(id=file.id, message=str(error)))
                work.keep(file.id)
                continue
            work.read.append(file.id)
            self.repaired += loaded.repaired
            self.left_out.update({left_out.what: left_out.count for left_out in loaded.left_out})
            self.warnings += [f"{file.id}: {warning}" for warning in loaded.warnings]
            yield loaded.document


def _load(file: FoundFile, limits: Limits) -> Loaded:
    loaded = load_file(file.path, file.id, limits)
    try:
        f"{loaded.document.title}{loaded.document.text}".encode()
    except UnicodeEncodeError as error:
        raise UnreadableFile(f"{file.path}: has halves of characters (surrogates); save it again as UTF-8") from error
    return loaded


def _sha256(path: Path, limits: Limits) -> str | None:
    try:
        if path.stat().st_size > limits.max_bytes:
            return None
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:  # reading it says why
        return None
