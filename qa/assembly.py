"""The one place where the real parts are put together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from embeddings.encode import Encoder, SentenceEncoder
from embeddings.encode import folder_of as encoder_folder
from embeddings.errors import ModelUnusable
from embeddings.index import Index
from qa.answerer import Answerer, AnswererSettings
from qa.collections import searched
from qa.confidence import Calibration
from qa.reader import Reader
from qa.reader.span_reader import SpanReader
from qa.reader.span_reader import folder_of as reader_folder
from qa.retrieve import Retriever
from qa.risk import Risk
from qa.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """What is dear to load and the same whichever documents are searched: any number of answerers share it.

    `turn` is what they take turns by, so that questions of several threads do not slow each other down.
    """

    settings: Settings
    encoder: Encoder
    reader: Reader
    calibration: Calibration
    turn: Lock = field(default_factory=Lock)

    @classmethod
    def load(cls, settings: Settings) -> Models:
        """The configured models. Raises ModelUnusable."""
        return cls.around(open_encoder(settings), settings)

    @classmethod
    def around(cls, encoder: Encoder, settings: Settings) -> Models:
        """An encoder that is loaded, and what is configured beside it. Raises ModelUnusable."""
        file = settings.calibration
        return cls(
            settings=settings,
            encoder=encoder,
            reader=SpanReader(settings.reader, engine=settings.engine),
            calibration=Calibration.shipped() if file is None else Calibration.read(file),
        )

    def answerer(self, folders: Mapping[str, Path]) -> Answerer:
        """An answerer over the indexes in some folders together, by the names of their collections ("": plain ids).

        No model is loaded for it. Raises IndexMissing, IndexIncompatible, IndexDamaged, or as `over` does.
        """
        return self.over(Index.open_together(folders, encoder=self.encoder))

    def over(self, index: Index) -> Answerer:
        """An answerer over an index that is open.

        Raises ModelUnusable if a risk is asked for that the calibration says nothing of, and UserError if it cannot
        be kept to.
        """
        settings = self.settings
        threshold = settings.threshold
        if settings.max_risk is not None:
            threshold = Risk.of(settings.calibration).choose(settings.max_risk).threshold
        answerer = Answerer(
            retriever=Retriever(index, self.encoder),
            reader=self.reader,
            calibration=self.calibration,
            threshold=threshold,
            settings=AnswererSettings(top_k=settings.top_k),
            turn=self.turn,
        )
        if settings.max_risk is not None and not answerer.calibrated:
            raise ModelUnusable(
                "no risk is known for this reader, encoder and split of the index: the calibration belongs to others. "
                "Run `qa calibrate GOLD` with them and name its file as the calibration, or give a --threshold."
            )
        return answerer


def open_encoder(settings: Settings) -> Encoder:
    """The configured encoder. Raises ModelUnusable."""
    return SentenceEncoder(settings.encoder, settings.engine)


def open_answerer(settings: Settings) -> Answerer:
    """An answerer over the configured index or collections, with the configured models.

    Raises IndexMissing, IndexIncompatible, IndexDamaged or ModelUnusable, and UserError for an unknown collection.
    """
    folders = searched(settings)
    Index.open_together(folders)  # a missing index is told before a model is loaded
    return Models.load(settings).answerer(folders)


def compile_models(settings: Settings) -> Iterator[str]:
    """Compile the configured models that are not compiled as they are now; says what was done, model by model.

    Raises ModelUnusable for a model that cannot be compiled.
    """
    from embeddings.engine.compile import compile_model, sweep
    from embeddings.engine.compiled import Kind, find

    def done(folder: Path, kind: Kind) -> str:
        return "is compiled already" if find(folder, kind) else f"compiled in {compile_model(folder, kind).folder}"

    sweep()
    yield f"encoder {settings.encoder}: {done(encoder_folder(settings.encoder), 'encoder')}"
    yield f"reader {settings.reader}: {done(reader_folder(settings.reader), 'reader')}"
