"""Fine-tune a reader on examples, step by step, so that a run that was stopped goes on to the same weights."""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from pydantic import ConfigDict
from pydantic.dataclasses import dataclass
from torch import nn

from qa.training.data import Example
from qa.training.windows import Window, windows_of

LENGTHS = 16  # windows are padded to a multiple of so many tokens


@dataclass(config=ConfigDict(extra="forbid"), frozen=True, slots=True, kw_only=True)
class TrainSettings:
    """How one stage learns.

    The learning rate rises over `warm_up` (a share of the steps) and then falls in a line from the first to the second
    of `learning_rate`. A batch has about `batch_tokens` tokens, padding included. `window_tokens` is the longest input,
    question included; with `crop` a longer text is cut around its answer, else it is read in windows that overlap by
    `stride_tokens`, of which the one with the answer is kept. `keep_every` is how many steps lie between checkpoints.
    """

    learning_rate: tuple[float, float]
    window_tokens: int
    crop: bool = False
    stride_tokens: int = 96
    batch_tokens: int = 4096
    warm_up: float = 0.05
    weight_decay: float = 0.01
    epochs: float = 1.0
    keep_every: int = 200
    seed: int = 7


def train(
    model: nn.Module,
    tokenizer: object,
    examples: Sequence[Example],
    settings: TrainSettings,
    *,
    checkpoint: Path,
    tell: Callable[[str], None] = print,
    every: int = 50,
) -> None:
    """Train a question-answering model in place, or go on from `checkpoint` where an earlier run left one.

    The same examples, settings and seed give the same weights on one machine, stopped in between or not. `tell` hears
    how far it is `every` so many steps.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    windows = windows_of(
        tokenizer, examples, settings.window_tokens, settings.stride_tokens, settings.crop, settings.seed
    )
    batches = _batches(windows, settings)
    steps = int(len(batches) * settings.epochs)
    for parameter in model.get_input_embeddings().parameters():  # type: ignore[operator]
        parameter.requires_grad = False
    model.to(device).train()
    weights = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(weights, lr=0.0, weight_decay=settings.weight_decay, fused=True)
    begun = _resume(checkpoint, model, optimiser, device)
    tell(f"{len(windows)} windows, {steps} steps, {begun} of them done")
    began, losses, tokens = time.monotonic(), [], 0
    for step in range(begun, steps):
        torch.manual_seed(settings.seed * 1_000_003 + step)
        for group in optimiser.param_groups:
            group["lr"] = _rate(step / steps, settings)
        batch = [windows[place] for place in batches[step % len(batches)]]
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=has_bf16(device)):
            loss = _loss(model, batch, device)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        losses.append(loss.item())
        tokens += sum(len(window.ids) for window in batch)
        if (step + 1) % every == 0:
            spent = time.monotonic() - began
            left = spent / (step + 1 - begun) * (steps - step - 1)
            tell(
                f"step {step + 1}/{steps}, loss {sum(losses[-every:]) / len(losses[-every:]):.3f}, "
                f"{tokens / spent:.0f} tokens/s, {left / 60:.0f} min left"
            )
        if (step + 1) % settings.keep_every == 0 and step + 1 < steps:
            _keep(checkpoint, model, optimiser, step + 1)
    model.eval()


def has_bf16(device: torch.device) -> bool:
    """Whether half the bits are also faster: on a GPU, and on a processor with matrix units for them."""
    return device.type == "cuda" or bool(torch.cpu.get_capabilities().get("amx_bf16"))


def _rate(done: float, settings: TrainSettings) -> float:
    first, last = settings.learning_rate
    return (first + (last - first) * done) * min(1.0, (done + 1e-3) / settings.warm_up)


def _batches(windows: Sequence[Window], settings: TrainSettings) -> list[list[int]]:
    """Places of windows in batches of few shapes, in a drawn order: every new shape costs a CPU kernels made for it."""
    chance = random.Random(settings.seed)  # noqa: S311 - a reproducible draw, nothing secret
    by_length: dict[int, list[int]] = defaultdict(list)
    for place, window in enumerate(windows):
        by_length[_padded(window)].append(place)
    batches: list[list[int]] = []
    for length, places in sorted(by_length.items()):
        chance.shuffle(places)
        size = max(1, settings.batch_tokens // length)
        batches += [places[i : i + size] for i in range(0, len(places), size)]
    chance.shuffle(batches)
    return batches


def _padded(window: Window) -> int:
    return -(-len(window.ids) // LENGTHS) * LENGTHS


def _loss(model: nn.Module, windows: Sequence[Window], device: torch.device) -> torch.Tensor:
    longest = max(_padded(window) for window in windows)
    ids = torch.zeros((len(windows), longest), dtype=torch.long)
    types, mask = torch.zeros_like(ids), torch.zeros_like(ids)
    for i, window in enumerate(windows):
        ids[i, : len(window.ids)] = torch.tensor(window.ids)
        types[i, : len(window.ids)] = torch.tensor(window.types)
        mask[i, : len(window.ids)] = 1
    output = model(
        input_ids=ids.to(device),
        token_type_ids=types.to(device),
        attention_mask=mask.to(device),
        start_positions=torch.tensor([window.start for window in windows], device=device),
        end_positions=torch.tensor([window.end for window in windows], device=device),
    )
    loss: torch.Tensor = output.loss
    return loss


def _keep(checkpoint: Path, model: nn.Module, optimiser: torch.optim.Optimizer, step: int) -> None:
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    half = checkpoint.with_suffix(".part")
    torch.save({"model": model.state_dict(), "optimiser": optimiser.state_dict(), "step": step}, half)
    half.replace(checkpoint)


def _resume(checkpoint: Path, model: nn.Module, optimiser: torch.optim.Optimizer, device: torch.device) -> int:
    if not checkpoint.exists():
        return 0
    kept = torch.load(checkpoint, map_location=device, weights_only=True)
    model.load_state_dict(kept["model"])
    optimiser.load_state_dict(kept["optimiser"])
    return int(kept["step"])
