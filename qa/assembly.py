"""The one place where the real parts are put together."""

from __future__ import annotations

from embeddings.encode import Encoder, SentenceEncoder
from embeddings.index import Index
from qa.answerer import Answerer, AnswererSettings
from qa.confidence import Calibration
from qa.reader.span_reader import SpanReader
from qa.retrieve import Retriever
from qa.settings import Settings


def open_encoder(settings: Settings) -> Encoder:
    """The configured encoder. Raises ModelUnusable."""
    return SentenceEncoder(settings.encoder)


def open_answerer(settings: Settings) -> Answerer:
    """An answerer over the configured index, with the configured models.

    Raises IndexMissing, IndexIncompatible, IndexDamaged or ModelUnusable.
    """
    encoder = open_encoder(settings)
    return assemble(Index.open(settings.index, encoder=encoder), encoder, settings)


def assemble(index: Index, encoder: Encoder, settings: Settings) -> Answerer:
    """An answerer over an index that is open. Raises ModelUnusable."""
    reader = SpanReader(settings.reader)
    calibration = Calibration.shipped()
    return Answerer(
        retriever=Retriever(index, encoder),
        reader=reader,
        calibration=calibration,
        calibrated=calibration.belongs_to(reader.digest, encoder.digest, index.manifest.split),
        threshold=settings.threshold,
        settings=AnswererSettings(top_k=settings.top_k),
    )
