"""Fine-tune a reader on examples: AdamW, word embeddings frozen, a linear warm-up and decay, windows by length."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from transformers import AutoModelForQuestionAnswering, AutoTokenizer

from qa.training.examples import Example


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainSettings:
    """How long and how fast to learn. `seconds` ends the training early, with the learning rate decayed by then."""

    learning_rate: float = 8e-5
    batch: int = 16
    window_tokens: int = 256
    stride_tokens: int = 96
    warm_up: float = 0.05
    seconds: float = 3000.0
    epochs: float = 1.0
    seed: int = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    ids: list[int]
    types: list[int]
    start: int
    end: int


def train(start: Path, examples: Sequence[Example], out: Path, settings: TrainSettings) -> None:
    """Train the checkpoint in `start` on examples and save it in `out` (fp16 safetensors, tokenizer beside it)."""
    torch.manual_seed(settings.seed)
    tokenizer = AutoTokenizer.from_pretrained(str(start), local_files_only=True)
    model = AutoModelForQuestionAnswering.from_pretrained(str(start), local_files_only=True, dtype=torch.float32)
    for parameter in model.get_input_embeddings().parameters():
        parameter.requires_grad = False
    rows = _rows(tokenizer, examples, settings)
    batches = _batches(rows, settings)
    steps = int(len(batches) * settings.epochs)
    weights = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(weights, lr=settings.learning_rate, weight_decay=0.01)
    model.train()
    began, running = time.monotonic(), 0.0
    for step in range(steps):
        spent = time.monotonic() - began
        done = max(step / steps, spent / settings.seconds)
        if done >= 1:
            break
        for group in optimiser.param_groups:
            group["lr"] = settings.learning_rate * min(1.0, done / settings.warm_up + 0.02) * (1 - done)
        batch = batches[step % len(batches)]
        loss = _loss(model, [rows[place] for place in batch], tokenizer.pad_token_id or 0)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        running += loss.item()
        if step % 50 == 49:
            print(f"step {step + 1}/{steps}, loss {running / 50:.3f}, {spent / 60:.1f} min, {done:.0%}", flush=True)
            running = 0.0
    model.half().save_pretrained(str(out), safe_serialization=True)
    tokenizer.save_pretrained(str(out))


def _rows(tokenizer: object, examples: Sequence[Example], settings: TrainSettings) -> list[_Row]:
    rows = []
    for example in examples:
        encoded = tokenizer(  # type: ignore[operator]
            example.question[:300],
            example.text,
            truncation="only_second",
            max_length=settings.window_tokens,
            stride=settings.stride_tokens,
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
        )
        best: _Row | None = None
        for encoding in encoded.encodings:
            place = _place(example, encoding.offsets, encoding.sequence_ids)
            if best is None or (best.start == 0 and place[0] > 0):
                best = _Row(ids=list(encoding.ids), types=list(encoding.type_ids), start=place[0], end=place[1])
        assert best is not None
        if best.start or not example.spans:
            rows.append(best)
    return rows


def _place(example: Example, offsets: Sequence[tuple[int, int]], sequences: Sequence[int | None]) -> tuple[int, int]:
    """Token places of the first right span that the window holds whole; (0, 0), the null answer, if it holds none."""
    for start, end in example.spans:
        inside = [
            i
            for i, ((a, b), sequence) in enumerate(zip(offsets, sequences, strict=True))
            if sequence == 1 and a < end and b > start
        ]
        if inside and offsets[inside[0]][0] <= start and offsets[inside[-1]][1] >= end:
            return inside[0], inside[-1]
    return 0, 0


def _batches(rows: Sequence[_Row], settings: TrainSettings) -> list[list[int]]:
    chance = random.Random(settings.seed)  # noqa: S311 - a reproducible draw, nothing secret
    places = list(range(len(rows)))
    chance.shuffle(places)
    batches = []
    for pool in range(0, len(places), settings.batch * 32):
        near = sorted(places[pool : pool + settings.batch * 32], key=lambda place: len(rows[place].ids))
        batches += [near[i : i + settings.batch] for i in range(0, len(near), settings.batch)]
    chance.shuffle(batches)
    return batches


def _loss(model: object, rows: Sequence[_Row], pad: int) -> torch.Tensor:
    longest = max(len(row.ids) for row in rows)
    ids = torch.full((len(rows), longest), pad, dtype=torch.long)
    types, mask = torch.zeros_like(ids), torch.zeros_like(ids)
    for i, row in enumerate(rows):
        ids[i, : len(row.ids)] = torch.tensor(row.ids)
        types[i, : len(row.ids)] = torch.tensor(row.types)
        mask[i, : len(row.ids)] = 1
    output = model(  # type: ignore[operator]
        input_ids=ids,
        token_type_ids=types,
        attention_mask=mask,
        start_positions=torch.tensor([row.start for row in rows]),
        end_positions=torch.tensor([row.end for row in rows]),
    )
    loss: torch.Tensor = output.loss
    return loss
