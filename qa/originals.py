"""The original files behind the documents of an index."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Set
from pathlib import Path
from typing import TYPE_CHECKING

from embeddings.clean import decode
from embeddings.document import Document
from embeddings.errors import UserError
from embeddings.load import find_files
from embeddings.load.base import line_starts

if TYPE_CHECKING:
    from embeddings.index import Index


def files_of(index: Index, wanted: Set[str]) -> dict[str, Path]:
    """Where the files lie, by document id, of the sources that the wanted documents are from."""
    files: dict[str, Path] = {}
    for part in index.parts:
        used = {entry.source for id, entry in part.documents.items() if id in wanted}
        for source in part.manifest.sources:
            if source.key not in used:
                continue
            try:
                found = find_files(source.located(part.path), name=source.name)
            except UserError as error:
                print(f"Evidence is looked for in the indexed text: {error}", file=sys.stderr)
            else:
                files |= {part.prefix + file.id: file.path for file in found}
    return files


def original_text(document: Document, path: Path | None) -> str | None:
    """The decoded original that `document.source` points into; None if it has none or is not as it was indexed."""
    if document.source is None or path is None:
        return None
    try:
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() != document.sha256:
            return None
        text = decode(data).text
    except (OSError, UserError):
        return None
    return text if line_starts(text) == document.line_starts else None
