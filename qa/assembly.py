"""The one place where the real parts are put together."""

from __future__ import annotations

from embeddings.encode import Encoder, SentenceEncoder
from embeddings.errors import ModelUnusable
from embeddings.index import Index
from qa.answerer import Answerer, AnswererSettings
from qa.confidence import Calibration
from qa.reader.span_reader import SpanReader
from qa.retrieve import Retriever
from qa.risk import Risk
from qa.settings import Settings


def open_encoder(settings: Settings) -> Encoder:
    """The configured encoder. Raises ModelUnusable."""
    return SentenceEncoder(settings.encoder)


def open_answerer(settings: Settings) -> Answerer:
    """An answerer over the configured index, with the configured models.

    Raises IndexMissing, IndexIncompatible, IndexDamaged or ModelUnusable.
    """
    Index.open(settings.index)  # a missing index is told before a model is loaded
    encoder = open_encoder(settings)
    return assemble(Index.open(settings.index, encoder=encoder), encoder, settings)


def assemble(index: Index, encoder: Encoder, settings: Settings) -> Answerer:
    """An answerer over an index that is open.

    Raises ModelUnusable, also if a risk is asked for that the calibration says nothing of, and UserError if it cannot
    be kept to.
    """
    file = settings.calibration
    threshold = settings.threshold
    if settings.max_risk is not None:
        threshold = Risk.of(file).choose(settings.max_risk).threshold
    answerer = Answerer(
        retriever=Retriever(index, encoder),
        reader=SpanReader(settings.reader),
        calibration=Calibration.shipped() if file is None else Calibration.read(file),
        threshold=threshold,
        settings=AnswererSettings(top_k=settings.top_k),
    )
    if settings.max_risk is not None and not answerer.calibrated:
        raise ModelUnusable(
            "no risk is known for this reader, encoder and split of the index: the calibration belongs to others. Run "
            "`qa calibrate GOLD` with them and name its file as the calibration, or give a --threshold."
        )
    return answerer
