"""What is dear to make: the real models, loaded once a session, the sample documents, an application of the API."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from hypothesis import settings

from embeddings.document import Document
from embeddings.encode import SentenceEncoder
from embeddings.load import load_file
from qa import server
from qa.answerer import Answerer
from qa.reader.span_reader import SpanReader
from qa.settings import Settings
from qa.web.library import Desk
from tests.catalogue import RestrictedAnswerer, catalogued_answerer
from tests.fakes import LIGHTHOUSE_SCRIPT
from tests.loading import SAMPLES
from tests.tower import GAZETTE, TOWER
from tests.tower import answerer as answerer_over

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


@pytest.fixture(scope="module")
def asked() -> Iterator[tuple[RestrictedAnswerer, TestClient]]:
    """An application over the lighthouse's answerer, and a client of it."""
    answerer = catalogued_answerer()
    settings = Settings.model_construct(requests_per_minute=10_000)
    app = server.application(Desk(answerer=answerer), hosts=["*"], settings=settings)
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        yield answerer, client


@pytest.fixture
def answerer(asked: tuple[RestrictedAnswerer, TestClient], monkeypatch: pytest.MonkeyPatch) -> RestrictedAnswerer:
    """The answerer of the application, as if nothing had been asked yet."""
    answerer, _ = asked
    answerer.questions.clear()
    answerer.bars.clear()
    monkeypatch.setattr(answerer, "script", LIGHTHOUSE_SCRIPT)
    return answerer


@pytest.fixture
def client(answerer: RestrictedAnswerer, asked: tuple[RestrictedAnswerer, TestClient]) -> TestClient:
    """A client of the application of `answerer`."""
    return asked[1]


@pytest.fixture(scope="session")
def tower(tmp_path_factory: pytest.TempPathFactory) -> Answerer:
    """Answers by hand-made models, so that each confidence can be worked out."""
    return answerer_over(tmp_path_factory.mktemp("tower"), TOWER, GAZETTE)
