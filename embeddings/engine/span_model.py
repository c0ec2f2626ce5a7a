"""Extractive question-answering models, run by transformers on torch."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from embeddings.engine import quiet
from embeddings.errors import ModelUnusable


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
class _Encoded:
    """A question and a window of a text as token ids, not yet read."""

    text: int
    ids: list[int]
    types: list[int]
    null_at: int
    offsets: NDArray[np.int64]
    inside: NDArray[np.bool_]


class SpanModel:
    """An `AutoModelForQuestionAnswering` checkpoint in a local folder, on the CPU, in float32; threads may share it.

    Raises ModelUnusable, naming the folder, if it is not a whole one: with its head, and with a fast tokenizer.
    """

    def __init__(self, folder: Path, *, window_tokens: int, stride_tokens: int, batch_tokens: int) -> None:
        quiet()
        import torch
        from transformers import AutoModelForQuestionAnswering, AutoTokenizer

        self._torch = torch
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
            self._model, loading = AutoModelForQuestionAnswering.from_pretrained(
                str(folder),
                local_files_only=True,
                trust_remote_code=False,
                use_safetensors=True,
                dtype=torch.float32,
                output_loading_info=True,
            )
        except Exception as error:  # the libraries fail in every way on a folder that is broken or of another kind
            raise ModelUnusable(f"{folder}: not a question-answering checkpoint: {error}") from error
        if loading["missing_keys"]:  # these would be drawn at random, and so would the answers
            missing = ", ".join(sorted(loading["missing_keys"])[:3])
            raise ModelUnusable(
                f"{folder}: not a question-answering checkpoint, for it has no {missing}; give one that was trained to "
                "answer questions"
            )
        if len(self._tokenizer) <= len(self._tokenizer.all_special_ids) or not self._tokenizer.is_fast:
            raise ModelUnusable(f"{folder}: there is no fast tokenizer with offsets; save one beside the model")
        self._model.eval()
        # Models that count positions from the padding id on (RoBERTa) have fewer than their table says.
        positions = int(getattr(self._model.config, "max_position_embeddings", 0) or 0)
        if self._model.config.model_type in ("roberta", "xlm-roberta", "camembert", "longformer", "mpnet"):
            positions -= (self._model.config.pad_token_id or 0) + 1
        self._window = min(window_tokens, positions) if positions > 0 else window_tokens  # XLNet has no limit
        self._stride = min(stride_tokens, self._window // 4)
        self._batch_tokens = batch_tokens
        self._tokenizing = Lock()  # a fast tokenizer keeps how it cuts off as its state
        self._typed = "token_type_ids" in self._tokenizer.model_input_names

    def read(self, question: str, texts: Sequence[str]) -> list[Window]:
        """Every window of every text, in order; texts longer than the window are read in overlapping ones."""
        with self._tokenizing:
            encoded = self._encode(question, texts)
        logits: dict[int, tuple[NDArray[np.float32], NDArray[np.float32]]] = {}
        for batch in self._batches(encoded):
            for place, starts, ends in self._run(encoded, batch):
                logits[place] = (starts, ends)
        windows = []
        for place, one in enumerate(encoded):
            starts, ends = logits[place]
            windows.append(
                Window(
                    text=one.text,
                    starts=starts,
                    ends=ends,
                    null=float(starts[one.null_at] + ends[one.null_at]),
                    offsets=one.offsets,
                    inside=one.inside,
                )
            )
        return windows

    def _encode(self, question: str, texts: Sequence[str]) -> list[_Encoded]:
        if not texts:
            return []
        # A question never takes more than half of the window, so that there is always room for text.
        asked = self._tokenizer(
            question, truncation=True, max_length=self._window // 2, add_special_tokens=False, verbose=False
        )
        spans = asked.encodings[0].offsets
        question = question[: spans[-1][1]] if spans else question
        first = self._tokenizer.padding_side == "right"
        pairs = ([question] * len(texts), list(texts)) if first else (list(texts), [question] * len(texts))
        batch = self._tokenizer(
            *pairs,
            truncation="only_second" if first else "only_first",
            max_length=self._window,
            stride=self._stride,
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
            padding=False,
            verbose=False,
        )
        null_id = self._tokenizer.cls_token_id
        encoded = []
        for place, encoding in enumerate(batch.encodings):
            ids = list(encoding.ids)
            text = int(batch["overflow_to_sample_mapping"][place])
            encoded.append(
                _Encoded(
                    text=text,
                    ids=ids,
                    types=list(encoding.type_ids),
                    null_at=ids.index(null_id) if null_id in ids else 0,
                    offsets=_whole_letters(texts[text], encoding.offsets),
                    inside=np.asarray([s == (1 if first else 0) for s in encoding.sequence_ids], dtype=np.bool_),
                )
            )
        return encoded

    def _batches(self, encoded: list[_Encoded]) -> list[list[int]]:
        """Windows of like length together, at most `batch_tokens` (padding included) a batch."""
        batches: list[list[int]] = []
        for place in sorted(range(len(encoded)), key=lambda p: (-len(encoded[p].ids), p)):
            longest = len(encoded[batches[-1][0]].ids) if batches else 0
            if batches and longest * (len(batches[-1]) + 1) <= self._batch_tokens:
                batches[-1].append(place)
            else:
                batches.append([place])
        return batches

    def _run(
        self, encoded: list[_Encoded], batch: list[int]
    ) -> list[tuple[int, NDArray[np.float32], NDArray[np.float32]]]:
        torch = self._torch
        longest = max(len(encoded[place].ids) for place in batch)
        ids = torch.full((len(batch), longest), self._tokenizer.pad_token_id or 0, dtype=torch.long)
        types, mask = torch.zeros_like(ids), torch.zeros_like(ids)
        for row, place in enumerate(batch):
            size = len(encoded[place].ids)
            ids[row, :size] = torch.tensor(encoded[place].ids)
            types[row, :size] = torch.tensor(encoded[place].types)
            mask[row, :size] = 1
        inputs = {"input_ids": ids, "attention_mask": mask}
        if self._typed:
            inputs["token_type_ids"] = types
        with torch.inference_mode():
            output = self._model(**inputs)
        starts, ends = output.start_logits.float().numpy(), output.end_logits.float().numpy()
        return [
            (place, starts[row, : len(encoded[place].ids)], ends[row, : len(encoded[place].ids)])
            for row, place in enumerate(batch)
        ]


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
