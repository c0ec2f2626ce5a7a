"""What the measurements ask, and of what: the sample documents and the questions with gold answers about them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from embeddings.document import Document
from embeddings.encode import SentenceEncoder
from embeddings.index import Index
from tests.loading import ROOT


@pytest.fixture(scope="session")
def dev() -> list[dict[str, Any]]:
    """The rows of the gold set."""
    gold = ROOT / "seeds" / "gold" / "dev.jsonl"
    return [json.loads(line) for line in gold.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="session")
def sample_index(
    tmp_path_factory: pytest.TempPathFactory, samples: dict[str, Document], encoder: SentenceEncoder
) -> Index:
    """The sample documents in an index."""
    return Index.build(tmp_path_factory.mktemp("samples"), list(samples.values()), encoder=encoder)
