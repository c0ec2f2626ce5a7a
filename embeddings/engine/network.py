"""Models without their tokenizers, whatever they run on: arrays of token ids in, arrays of numbers out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Numbers = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenBatch:
    """Texts as token ids, padded to the longest; all (n, T). `types` tells the two texts of a pair, `mask` padding."""

    ids: Ids
    types: Ids
    mask: Ids

    def named(self) -> dict[str, Ids]:
        """The arrays by the names that models know them by."""
        return {"input_ids": self.ids, "attention_mask": self.mask, "token_type_ids": self.types}


class Network(Protocol):
    """A model on an engine; threads may share it."""

    def run(self, batches: Sequence[TokenBatch]) -> list[tuple[Numbers, ...]]:
        """What the model gives for each batch: of a reader start and end logits, (n, T), of an encoder (n, D)."""
        ...


def batches_of(lengths: Sequence[int], batch_tokens: int) -> list[list[int]]:
    """Places of texts of these numbers of tokens in batches of like length, of `batch_tokens` at most with padding.

    A text that is longer than that is a batch of its own.
    """
    batches: list[list[int]] = []
    for place in sorted(range(len(lengths)), key=lambda p: (-lengths[p], p)):
        if batches and lengths[batches[-1][0]] * (len(batches[-1]) + 1) <= batch_tokens:
            batches[-1].append(place)
        else:
            batches.append([place])
    return batches


def padded(ids: Sequence[Sequence[int]], types: Sequence[Sequence[int]], pad_id: int) -> TokenBatch:
    """Texts, each as its token ids and types, side by side."""
    longest = max(map(len, ids))
    filled = np.full((len(ids), longest), pad_id, dtype=np.int64)
    typed, mask = np.zeros_like(filled), np.zeros_like(filled)
    for row, (one, kinds) in enumerate(zip(ids, types, strict=True)):
        filled[row, : len(one)], typed[row, : len(one)], mask[row, : len(one)] = one, kinds, 1
    return TokenBatch(ids=filled, types=typed, mask=mask)
