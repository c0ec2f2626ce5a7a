"""Collections of documents, an index folder each: named ones that are kept, and those of a session."""

from __future__ import annotations

import re
import secrets
import shutil
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout
from platformdirs import user_data_path

from embeddings.errors import IndexMissing, UserError
from embeddings.manifest import FILE, DocumentEntry, Manifest, read_manifest, writing
from embeddings.parts import cited_as
from embeddings.uploads import kept_files

if TYPE_CHECKING:
    from embeddings.encode import Encoder
    from qa.settings import Settings

SESSION = "session"  # what the collection of a session is called, in citations too

_NAME = re.compile(r"[^\W_](?:[\w .-]{0,62}[\w-])?")
_DELETED = ".deleted-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A collection: its name, as citations have it, and the folder of its index, which holds uploaded files too."""

    name: str
    path: Path

    @property
    def documents(self) -> list[DocumentEntry]:
        """What is in it now, by id. Raises IndexDamaged or IndexIncompatible."""
        manifest = self._manifest()
        return list(manifest.documents.values()) if manifest else []

    @property
    def files(self) -> dict[str, Path]:
        """The uploaded files that it keeps, by the ids of their documents. Raises as `documents` does."""
        manifest = self._manifest()
        return kept_files(self.path, manifest) if manifest else {}

    def _manifest(self) -> Manifest | None:
        try:
            return read_manifest(self.path)
        except IndexMissing:
            return None  # named, but nothing was put into it yet


class Collections:
    """The named collections of a home folder."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "collections"

    @classmethod
    def of(cls, settings: Settings) -> Collections:
        """Those of the configured home folder."""
        return cls(home_of(settings))

    def names(self) -> list[str]:
        """The names of those that are there."""
        found = self._folder.iterdir() if self._folder.is_dir() else ()
        return sorted(path.name for path in found if (path / FILE).is_file() and not path.name.startswith("."))

    def named(self, name: str) -> Collection:
        """The collection of a name, whether or not it is there. Raises UserError if none can be called so."""
        name = unicodedata.normalize("NFC", name).strip()
        if not _NAME.fullmatch(name) or name == SESSION:
            raise UserError(
                f"{name!r} cannot be the name of a collection: take up to 64 letters, digits, spaces, dots, hyphens "
                f"and underscores that begin with a letter or digit, and not {SESSION!r}"
            )
        return Collection(name=name, path=self._folder / name)

    def folders(self, names: Iterable[str]) -> dict[str, Path]:
        """The folders of collections by their names. Raises UserError, naming all, for one that is not there."""
        folders = {}
        for name in names:
            collection = self.named(name)
            if not (collection.path / FILE).is_file():
                raise UserError(
                    f"{name}: there is no such collection in {self._folder}, but {', '.join(self.names()) or 'none'}; "
                    f"qa index --collection {name!r} PATH makes it"
                )
            folders[collection.name] = collection.path
        return folders

    def cited(self, names: Iterable[str], index: Path) -> dict[str, Path]:
        """The index folders that citations are of, by what these call their collections.

        A name that no collection has is that of the index ("" here), and so is one that the index shares with one.
        """
        cited = set(names)
        folders = self.folders(sorted((cited - {cited_as("", index)}) & set(self.names())))
        return folders if cited and cited <= folders.keys() else {"": index, **folders}

    def keep(self, collection: Collection, name: str) -> Collection:
        """Make a session's collection a named one; nothing is copied, and it is the one or the other at any moment.

        Whoever searches it must open it anew. Raises UserError if the name is impossible or taken, IndexBusy if an
        upload is under way.
        """
        kept = self.named(name)
        make_private(self._folder)
        with FileLock(self._folder / ".lock"), writing(collection.path):
            if kept.path.exists():
                raise UserError(f"there is a collection {kept.name!r} already; choose another name, or delete that one")
            collection.path.rename(kept.path)
        return kept

    def delete(self, collection: Collection) -> None:
        """Delete a collection of either sort, with its files. Raises IndexBusy if an upload is under way."""
        if not collection.path.is_dir():
            return
        gone = collection.path.with_name(f"{_DELETED}{secrets.token_hex(8)}")
        with writing(collection.path):
            collection.path.rename(gone)  # in one step: half a collection is never seen
        for left in [gone, *collection.path.parent.glob(f"{_DELETED}*")]:
            shutil.rmtree(left, ignore_errors=True)


class Sessions:
    """The collections of one server's sessions, which end with it.

    They lie in a folder that is locked while the server runs, so that the next one knows which are left over.
    """

    def __init__(self, folder: Path, lock: FileLock) -> None:
        self._folder = folder
        self._lock = lock

    @classmethod
    def open(cls, home: Path) -> Sessions:
        """Begin; collections left by servers that were killed are deleted."""
        sessions = home / "sessions"
        make_private(sessions)
        with FileLock(sessions / ".lock"):
            for path in sessions.iterdir():
                if path.is_dir():
                    _sweep(path)
            folder = sessions / secrets.token_hex(8)
            folder.mkdir(mode=0o700)
            lock = FileLock(folder / ".lock", timeout=0)
            lock.acquire()
        return cls(folder, lock)

    def new(self, encoder: Encoder) -> Collection:
        """A collection without documents, for one session; nobody else may look into its folder."""
        from embeddings.index import Index

        path = self._folder / secrets.token_hex(16)
        path.mkdir(mode=0o700)
        Index.build(path, [], encoder=encoder)
        return Collection(name=SESSION, path=path)

    def close(self) -> None:
        """Delete what is left of them."""
        self._lock.release()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Sessions:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def home_of(settings: Settings) -> Path:
    """The configured home folder, else the one that the system gives programs for their data."""
    return settings.home or user_data_path("chapter-and-verse", appauthor=False)


def searched(settings: Settings) -> dict[str, Path]:
    """The index folders to be searched together, by the names of their collections ("": ids stay as they are).

    A collection searched alone keeps its ids, too. Raises UserError for one that is not there.
    """
    names = settings.collection or ("",)
    folders = Collections.of(settings).folders(name for name in names if name)
    return together({"": settings.index, **folders} if "" in names else folders)


def together(folders: Mapping[str, Path]) -> dict[str, Path]:
    """Folders as `Index.open_together` takes them: one alone has no name, for its documents keep their ids."""
    return dict(folders) if len(folders) > 1 else dict(zip([""], folders.values(), strict=True))


def make_private(folder: Path) -> None:
    """Make a folder and those above it; one made here is its owner's alone. Raises UserError."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"{folder}: cannot be made ({error.strerror}); name another place with QA_HOME or as home in qa.toml"
        ) from error


def _sweep(server: Path) -> None:
    """Delete a server's folder unless the server runs."""
    lock = FileLock(server / ".lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        return
    lock.release()
    shutil.rmtree(server, ignore_errors=True)
