"""Bytes to Documents: one small module per format, and the table that says which."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

from embeddings.errors import UnreadableFile
from embeddings.load.base import LeftOut, Loaded, Source
from embeddings.load.find import FoundFile, document_id, find_files
from embeddings.load.limits import Limits
from embeddings.load.sniff import UNSUPPORTED, ending_of, kind_of

__all__ = [
    "LOADERS",
    "FoundFile",
    "LeftOut",
    "Limits",
    "Loaded",
    "Source",
    "document_id",
    "find_files",
    "load_bytes",
    "load_file",
    "unsupported_name",
]

Loader = Callable[[Source, Limits], Loaded]


def _text(source: Source, limits: Limits) -> Loaded:
    from embeddings.load import text

    return text.load(source)


def _html(source: Source, limits: Limits) -> Loaded:
    from embeddings.load import html

    return html.load(source, limits)


def _pdf(source: Source, limits: Limits) -> Loaded:
    from embeddings.load import pdf

    return pdf.load(source, limits)


def _docx(source: Source, limits: Limits) -> Loaded:
    from embeddings.load import docx

    return docx.load(source, limits)


# each loader imports its parser when it is first used: most folders need one or two of them
LOADERS: Mapping[str, Loader] = {
    **dict.fromkeys(["", ".txt", ".text", ".md", ".markdown", ".wiki", ".mediawiki", ".rst", ".log"], _text),
    **dict.fromkeys([".html", ".htm", ".xhtml"], _html),
    ".pdf": _pdf,
    ".docx": _docx,
}


def unsupported_name(name: str) -> str | None:
    """What is to be said of a file that its name alone shows to be of no supported kind; None: it may be."""
    ending = ending_of(name)
    return None if ending in LOADERS else str(_unsupported(ending))


def load_file(path: Path, id: str, limits: Limits | None = None) -> Loaded:
    """Read one file and give its document under `id`.

    Raises UnreadableFile, in one line that names the file, if it cannot be read, is empty, binary, encrypted, broken,
    too large or of a kind that is not supported.
    """
    limits = limits or Limits()
    try:
        data = _read(path, limits)
        return load_bytes(data, id, path.name, limits)
    except UnreadableFile as error:
        raise UnreadableFile(f"{path}: {error}") from error


def load_bytes(data: bytes, id: str, name: str, limits: Limits | None = None) -> Loaded:
    """The same of bytes already read; `name` is the file's name. Messages of errors do not name the file."""
    limits = limits or Limits()
    if not data.strip(b" \t\r\n\x0b\x0c\x00"):
        raise UnreadableFile("is empty; leave it out or fill it")
    kind = kind_of(data, name)
    loader = LOADERS.get(kind)
    if loader is None:
        raise _unsupported(kind)
    source = Source(id=id, name=name, data=data, sha256=hashlib.sha256(data).hexdigest())
    try:
        loaded = loader(source, limits)
    except (UnreadableFile, ImportError, SyntaxError):  # the latter two are of the installation, not of the file
        raise
    except Exception as error:  # parsers fail in every way on broken files; one file must not stop the others
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise UnreadableFile(f"is broken, or not a {kind or 'text'} file ({reason}); save it again") from error
    if not loaded.document.text.strip():
        raise UnreadableFile("has no text; leave it out, or save its text as .txt")
    return loaded


def _read(path: Path, limits: Limits) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
            raise UnreadableFile("is not a plain file; leave it out")
        with path.open("rb") as file:
            data = file.read(limits.max_bytes + 1)
    except PermissionError as error:
        raise UnreadableFile("may not be opened; give yourself the right to read it (chmod u+r)") from error
    except FileNotFoundError as error:
        raise UnreadableFile("is not there any more; index again") from error
    except OSError as error:
        raise UnreadableFile(f"cannot be read ({error.strerror}); copy it to a sound disk") from error
    if len(data) > limits.max_bytes:
        raise UnreadableFile(
            f"is larger than {limits.max_bytes / 1e6:g} MB ({max(status.st_size, len(data)) / 1e6:.1f} MB); "
            "split it, or raise max_file_mb"
        )
    return data


def _unsupported(kind: str) -> UnreadableFile:
    what, remedy = UNSUPPORTED.get(kind, ("of an unknown kind", "if it is plain text, save it as .txt"))
    return UnreadableFile(f"is {what} ({kind}), which is not supported; {remedy}")
