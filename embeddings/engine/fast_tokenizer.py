"""Texts to token ids, without the library of models around the tokenizer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

from tokenizers import Encoding, Tokenizer

__all__ = ["Encoding", "FastTokenizer", "TokenizerFacts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenizerFacts:
    """What a model says of its tokenizer beside it.

    `null_id` is the mark at which a reader scores "no answer here" (None: it has no such mark), `question_first`
    whether a question stands before the text that is read for it.
    """

    pad_id: int
    null_id: int | None
    question_first: bool


class FastTokenizer:
    """A tokenizer of the `tokenizers` library; threads may share it."""

    def __init__(self, serialized: str, facts: TokenizerFacts) -> None:
        self._tokenizer = Tokenizer.from_str(serialized)
        self._tokenizer.no_padding()
        self._one_at_a_time = Lock()  # how it cuts off is its state
        self.facts = facts

    def serialized(self) -> str:
        """The tokenizer as JSON, from which it can be made again."""
        with self._one_at_a_time:
            self._tokenizer.no_truncation()
            return self._tokenizer.to_str()

    def texts(self, texts: Sequence[str], limit: int | None = None) -> list[Encoding]:
        """Each text with its special tokens, cut off after `limit` tokens."""
        with self._one_at_a_time:
            if limit is None:
                self._tokenizer.no_truncation()
            else:
                self._tokenizer.enable_truncation(limit)
            return self._tokenizer.encode_batch_fast(list(texts))

    def windows(self, question: str, texts: Sequence[str], window: int, stride: int) -> list[list[Encoding]]:
        """A question beside each text, in as many windows of at most `window` tokens as the text needs.

        Windows of one text overlap by `stride` tokens. A question takes no more than half of the window, so that there
        is always room for text.
        """
        first = self.facts.question_first
        with self._one_at_a_time:
            self._tokenizer.enable_truncation(window // 2)
            spans = self._tokenizer.encode(question, add_special_tokens=False).offsets
            asked = question[: spans[-1][1]] if spans else question
            self._tokenizer.enable_truncation(window, stride=stride, strategy="only_second" if first else "only_first")
            pairs = [(asked, text) if first else (text, asked) for text in texts]
            return [[one, *one.overflowing] for one in self._tokenizer.encode_batch(pairs)]
