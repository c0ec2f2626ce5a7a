"""Uploads into a collection, with an encoder that can be worked out on paper."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from embeddings.index import Index
from embeddings.sync import SyncReport
from qa.collections import Collection
from qa.uploads import Upload, UploadLimits, add
from tests.fakes import WordEncoder

LAMP = "The lamp of the tower was lit by the first keeper in 1871."
STORM = "A storm took the roof of the tower. The keeper stayed."
BARGE = "Two barges were lost at sea. The tower was built later."
ENCODER = WordEncoder()
LIMITS = UploadLimits(max_file_bytes=1_000_000, max_files=4, max_collection_bytes=2_000_000)


def collection_in(place: Path, name: str = "papers") -> Collection:
    return Collection(name=name, path=place / name)


def put(collection: Collection, files: Mapping[str, str], encoder: WordEncoder = ENCODER) -> SyncReport:
    with tempfile.TemporaryDirectory() as place:
        uploads = []
        for number, (name, text) in enumerate(files.items()):
            Path(place, str(number)).write_bytes(text.encode())
            uploads.append(Upload(name=name, path=Path(place, str(number))))
        return add(collection, uploads, encoder=encoder, limits=LIMITS)


def held(collection: Collection) -> dict[str, str]:
    """What a collection holds, document for document and file for file, which must agree."""
    index = Index.open(collection.path, encoder=ENCODER)
    index.verify()
    files = {id: file.read_text() for id, file in collection.files.items()}
    assert files == {entry.id: index.document(entry.id).text for entry in index.documents}
    folders = {path.name for path in collection.path.iterdir() if path.is_dir()}
    assert len(folders) <= 1, "folders of replaced files are swept"
    return files
