"""What is dear to make and never changed: the real models, loaded once a session, and the sample documents."""

from __future__ import annotations

import pytest
from hypothesis import settings

from embeddings.document import Document
from embeddings.encode import SentenceEncoder
from embeddings.load import load_file
from qa.reader.span_reader import SpanReader
from tests.loading import SAMPLES

settings.register_profile("unhurried", deadline=None)  # a busy machine is no wrong law
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def encoder() -> SentenceEncoder:
    return SentenceEncoder()


@pytest.fixture(scope="session")
def reader() -> SpanReader:
    return SpanReader()


@pytest.fixture(scope="session")
def samples() -> dict[str, Document]:
    """The five sample documents by the first three digits of their names."""
    return {path.name[:3]: load_file(path, path.name).document for path in SAMPLES}
