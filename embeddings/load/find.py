"""Which files of a folder are to be read, and the ids their documents get."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from embeddings.errors import UserError


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """A file to load and the id of its document."""

    id: str
    path: Path


def find_files(path: Path, *, name: str | None = None, exclude: frozenset[Path] = frozenset()) -> list[FoundFile]:
    """The files at `path` (a file or a folder with all its subfolders), ordered by id.

    Ids are posix paths relative to `path` (a file: its name) in Unicode NFC, after `name/` if the source has a name.
    Hidden files and folders, symbolic links and anything that is not a plain file are passed over; so are `exclude`
    (resolved folders). A subfolder that may not be opened is in the list itself: loading it says why.
    Raises UserError if `path` is missing or two files get the same id.
    """
    try:
        if path.is_dir():
            found = [(file.relative_to(path).as_posix(), file) for file in _walk(path, exclude)]
        elif path.exists():
            found = [(path.name, path)]
        else:
            raise UserError(f"{path}: there is no such file or folder; check the path")
    except PermissionError as error:
        raise UserError(f"{path}: may not be opened; give yourself the right to read it (chmod u+rx)") from error
    files: dict[str, FoundFile] = {}
    for relative, file in found:
        id = document_id(f"{name}/{relative}" if name else relative)
        if id in files:
            raise UserError(
                f"{files[id].path!a} and {file!a} have the same name once their accents are written alike; rename one"
            )
        files[id] = FoundFile(id=id, path=file)
    return [files[id] for id in sorted(files)]


def document_id(relative: str) -> str:
    """A relative posix path as an id: Unicode NFC, bytes that are not UTF-8 replaced."""
    return unicodedata.normalize("NFC", relative.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))


def _walk(folder: Path, exclude: frozenset[Path]) -> Iterator[Path]:
    refused: list[Path] = []
    for root, folders, names in os.walk(folder, onerror=lambda error: refused.append(Path(error.filename))):
        here = Path(root)
        folders[:] = [
            sub
            for sub in folders
            if not is_hidden(sub) and not (here / sub).is_symlink() and _kept(here / sub, exclude)
        ]
        yield from (here / n for n in names if not is_hidden(n) and _plain(here / n))
    if folder in refused:
        raise PermissionError(folder)
    yield from refused


def is_hidden(name: str) -> bool:
    """Whether a file or folder of this name is passed over."""
    # "~$" marks the lock files that office programs leave beside an open document; the others are kept by systems
    return name.startswith((".", "~$")) or name in ("__MACOSX", "Thumbs.db", "desktop.ini")


def _kept(folder: Path, exclude: frozenset[Path]) -> bool:
    return not exclude or folder.resolve() not in exclude


def _plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()
