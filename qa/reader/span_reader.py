"""The reader: a question-answering checkpoint and our own decoding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from embeddings.engine import Engine, model_folder
from embeddings.engine.choose import open_span_model
from embeddings.engine.span_model import WindowSettings
from embeddings.passage import Passage
from qa.reader.decode import decode
from qa.reply import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderSettings:
    """How passages are read.

    `window_tokens` is the longest input, question included, as in the reader's training; longer texts are read in
    windows that overlap by `stride_tokens`. Spans have at most `max_tokens` tokens, the usual
    bound for SQuAD's answers. `max_spans` candidates are kept of each passage. `batch_tokens` bounds a batch, padding
    included.
    """

    window_tokens: int = 384
    stride_tokens: int = 128
    max_tokens: int = 30
    max_spans: int = 3
    batch_tokens: int = 512


def folder_of(name: str) -> Path:
    """Where the weights of a reader lie that is configured by a name or folder. Raises ModelUnusable."""
    return Path(str(files("qa.reader") / "weights")) if name == "default" else model_folder(name)


class SpanReader:
    """An `AutoModelForQuestionAnswering` checkpoint; "default" is the one that ships in qa/reader/weights."""

    def __init__(
        self, name: str = "default", settings: ReaderSettings | None = None, *, engine: Engine = "auto"
    ) -> None:
        self._settings = settings = settings or ReaderSettings()
        windows = WindowSettings(
            window_tokens=settings.window_tokens,
            stride_tokens=settings.stride_tokens,
            batch_tokens=settings.batch_tokens,
        )
        self._model = open_span_model(folder_of(name), windows, engine)
        self.name = name
        self.digest = self._model.digest
        self.engine = self._model.engine

    def read(self, question: str, passages: Sequence[Passage], *, most: int | None = None) -> list[list[Span]]:
        """Each passage's `most` candidate answers, best first; they stand in its text, never in its context."""
        texts = [passage.encoded_text for passage in passages]
        windows = self._model.read(question, texts)
        answers = []
        for place, passage in enumerate(passages):
            begin = len(texts[place]) - len(passage.text)
            spans = decode(
                (window for window in windows if window.text == place),
                texts[place],
                begin=begin,
                max_tokens=self._settings.max_tokens,
                max_spans=self._settings.max_spans if most is None else most,
            )
            shift = passage.start - begin
            answers.append(
                [Span(passage=passage, start=s.start + shift, end=s.end + shift, score=s.score) for s in spans]
            )
        return answers
