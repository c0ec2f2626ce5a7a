"""The plain way: the same weights in eager torch, float32, one window after another, each padded to 384 tokens.

    python -m benchmarks.speed.sides.eager [--everything]

It reads the ten passages that our retriever ranks first, and answers with the best span of them all, never refusing.
With --everything it is our whole answerer around plain models: all that is read by default, decided as we decide. That
is what our answers are compared with, not what our time is.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.speed.protocol import Material, Said, serve
from benchmarks.speed.sides.ours import Ours, settings_of
from benchmarks.speed.stopwatch import Stopwatch, Watched
from embeddings.encode import Encoder
from embeddings.engine.span_model import Window
from embeddings.index import Index
from embeddings.passage import Passage
from qa.assembly import Models
from qa.reader.decode import decode
from qa.reader.span_reader import ReaderSettings
from qa.reply import Span
from qa.retrieve import Retriever


class EagerEncoder:
    """A SentenceTransformer as it comes, in batches of 32; it takes the place of an encoder of the same weights."""

    def __init__(self, folder: str, like: Encoder) -> None:
        from sentence_transformers import SentenceTransformer

        self.name, self.digest, self.dimension, self.window = like.name, like.digest, like.dimension, like.window
        self.count_tokens = like.count_tokens
        self._model = SentenceTransformer(folder, device="cpu")

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, (len(texts), dimension) float32."""
        vectors = self._model.encode(list(texts), batch_size=32, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32)


class EagerReader:
    """A question-answering checkpoint as transformers loads it; windows are read one at a time.

    `padded` windows are as long as the longest may be, whatever stands in them.
    """

    def __init__(self, folder: str, digest: str, *, padded: bool) -> None:
        import torch
        from transformers import AutoModelForQuestionAnswering, AutoTokenizer

        self.name, self.digest = folder, digest
        self._torch = torch
        self._tokenizer = AutoTokenizer.from_pretrained(folder)
        self._model = AutoModelForQuestionAnswering.from_pretrained(folder, dtype=torch.float32).eval()
        self._settings = ReaderSettings()
        self._padded = padded

    def read(self, question: str, passages: Sequence[Passage], *, most: int | None = None) -> list[list[Span]]:
        """Each passage's best spans, as our own reader decodes them."""
        return [self._read(question, passage, most or self._settings.max_spans) for passage in passages]

    def _read(self, question: str, passage: Passage, most: int) -> list[Span]:
        settings, text = self._settings, passage.encoded_text
        encoded = self._tokenizer(
            question,
            text,
            truncation="only_second",
            max_length=settings.window_tokens,
            stride=settings.stride_tokens,
            padding="max_length" if self._padded else False,
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
        )
        names = [name for name in self._tokenizer.model_input_names if name in encoded]
        windows = []
        for place, encoding in enumerate(encoded.encodings):
            inputs = {name: self._torch.tensor([encoded[name][place]]) for name in names}
            with self._torch.no_grad():
                output = self._model(**inputs)
            starts, ends = output.start_logits[0].numpy(), output.end_logits[0].numpy()
            windows.append(
                Window(
                    text=0,
                    starts=starts,
                    ends=ends,
                    null=float(starts[0] + ends[0]),
                    offsets=np.asarray(encoding.offsets, dtype=np.int64),
                    inside=np.asarray([one == 1 for one in encoding.sequence_ids], dtype=np.bool_),
                )
            )
        begin = len(text) - len(passage.text)
        found = decode(windows, text, begin=begin, max_tokens=settings.max_tokens, max_spans=most)
        shift = passage.start - begin
        return [Span(passage=passage, start=s.start + shift, end=s.end + shift, score=s.score) for s in found]


class Eager:
    """Encode, retrieve, read, and the span with the best margin is the answer."""

    packages = ("torch", "transformers", "sentence-transformers")

    def __init__(self, material: Material) -> None:
        shipped = Models.load(settings_of(material))
        self._encoder = EagerEncoder(material.encoder, like=shipped.encoder)
        self._watch = Stopwatch()
        encoder = Watched(self._encoder, self._watch, {"encode": "encode"})
        index = Index.open(Path(material.index), encoder=self._encoder)
        self._retriever = Watched(Retriever(index, encoder), self._watch, {"retrieve": "retrieve"})
        reader = EagerReader(material.reader, shipped.reader.digest, padded=True)
        self._reader = Watched(reader, self._watch, {"read": "read"})
        self._top_k = material.top_k

    def ask(self, question: str) -> Said:
        """The best span of the best passages."""
        self._watch.seconds.clear()
        passages = [hit.passage for hit in self._retriever.retrieve(question, k=self._top_k)]
        spans = [span for one in self._reader.read(question, passages) for span in one[:1]]
        text = max(spans, key=lambda span: span.score).text if spans else ""
        return Said(answer=text, candidate=text, phases=dict(self._watch.seconds))

    def ask_many(self, questions: Sequence[str]) -> None:
        """One after the other: there is no other way."""
        for question in questions:
            self.ask(question)

    def encode(self, texts: Sequence[str]) -> None:
        """Encode as SentenceTransformer does."""
        self._encoder.encode(texts)


class Everything(Ours):
    """Our answerer around plain models: the same passages read whole, in float32."""

    def models(self, material: Material) -> Models:
        """Our models with plain ones in their place."""
        shipped = super().models(material)
        return replace(
            shipped,
            encoder=EagerEncoder(material.encoder, like=shipped.encoder),
            reader=EagerReader(material.reader, shipped.reader.digest, padded=False),
            calibration=replace(shipped.calibration, prospects=None),  # all passages are read
        )


if __name__ == "__main__":
    serve(Everything if "--everything" in sys.argv else Eager)
