"""Extractive question-answering models, whichever engine runs them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embeddings.engine.fast_tokenizer import Encoding, FastTokenizer
from embeddings.engine.network import Network, Numbers, batches_of, padded


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One window of a text as a span model saw it, together with the question.

    `text` is the index of the text it belongs to. `starts` and `ends` are the logits of each of its T tokens to start
    or end the answer, `null` the score (start plus end logit) of "no answer here". `offsets` (T, 2) are the half-open
    places in the text of the tokens, without outer blanks; rows that `inside` (T,) excludes are of no such token.
    """

    text: int
    starts: NDArray[np.float32]
    ends: NDArray[np.float32]
    null: float
    offsets: NDArray[np.int64]
    inside: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowSettings:
    """How texts are cut: `window_tokens` is the longest input, question included, `stride_tokens` what windows share.

    `batch_tokens` bounds a batch, padding included.
    """

    window_tokens: int
    stride_tokens: int
    batch_tokens: int


class SpanModel:
    """A question-answering checkpoint; threads may share it.

    `digest` is the SHA-256 (hex) of its weights, `engine` says what it runs on, `positions` how many tokens it can see
    (None: any number).
    """

    def __init__(
        self,
        tokenizer: FastTokenizer,
        network: Network,
        *,
        digest: str,
        engine: str,
        positions: int | None,
        settings: WindowSettings,
    ) -> None:
        self._tokenizer = tokenizer
        self._network = network
        self.digest = digest
        self.engine = engine
        self._window = min(settings.window_tokens, positions or settings.window_tokens)
        self._stride = min(settings.stride_tokens, self._window // 4)
        self._batch_tokens = settings.batch_tokens

    def read(self, question: str, texts: Sequence[str]) -> list[Window]:
        """Every window of every text, in order; texts longer than the window are read in overlapping ones."""
        found = self._tokenizer.windows(question, texts, self._window, self._stride) if texts else []
        encoded = [(text, one) for text, windows in enumerate(found) for one in windows]
        batches = batches_of([len(one.ids) for _, one in encoded], self._batch_tokens)
        facts = self._tokenizer.facts
        outputs = self._network.run(
            [
                padded([encoded[p][1].ids for p in batch], [encoded[p][1].type_ids for p in batch], facts.pad_id)
                for batch in batches
            ]
        )
        logits = {
            place: (starts[row], ends[row])
            for batch, (starts, ends) in zip(batches, outputs, strict=True)
            for row, place in enumerate(batch)
        }
        return [self._window_of(text, texts[text], one, *logits[place]) for place, (text, one) in enumerate(encoded)]

    def _window_of(self, place: int, text: str, encoded: Encoding, starts: Numbers, ends: Numbers) -> Window:
        facts, ids = self._tokenizer.facts, encoded.ids
        null_at = ids.index(facts.null_id) if facts.null_id in ids else 0
        read = 1 if facts.question_first else 0  # which text of the pair is not the question
        return Window(
            text=place,
            starts=starts[: len(ids)],
            ends=ends[: len(ids)],
            null=float(starts[null_at] + ends[null_at]),
            offsets=_whole_letters(text, encoded.offsets),
            inside=np.asarray([of == read for of in encoded.sequence_ids], dtype=np.bool_),
        )


def _whole_letters(text: str, offsets: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
    """Offsets (T, 2) of tokens without outer blanks and with the accents of their last letter.

    To some tokenizers the blank before a word is a part of it; others drop accents that are characters of their own.
    """
    whole = np.zeros((len(offsets), 2), dtype=np.int64)
    for row, (start, end) in enumerate(offsets):
        token = text[start:end]
        begin = end - len(token.lstrip())
        stop = max(begin, start + len(token.rstrip()))
        while begin < stop < len(text) and unicodedata.category(text[stop])[0] == "M":
            stop += 1
        whole[row] = begin, stop
    return whole
