"""Compile models for OpenVINO, and hold what comes of it against torch."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from embeddings.engine import weights_digest
from embeddings.engine.compiled import FORMAT, Compiled, Kind, every, weights_of
from embeddings.engine.fast_tokenizer import FastTokenizer
from embeddings.engine.network import Numbers, TokenBatch
from embeddings.engine.sentence_model import NetworkSentenceModel
from embeddings.engine.span_model import SpanModel, WindowSettings
from embeddings.engine.torch_models import (
    TorchSentenceModel,
    TorchSpanNetwork,
    facts_of,
    inputs_of,
    load_span,
)
from embeddings.errors import ModelUnusable

NEAR = 1e-3  # how far logits and the numbers of a unit vector may lie from torch's: sums in another order
# texts of several lengths, so that nothing of the length that was traced stays in what is compiled
_PROBES = ("The lamp was lit on 4 May 1871.", " two\nlines ", "Zoë paid 12,400 crowns. " * 30, "")
_QUESTION = "When was the lamp lit?"


def compile_model(source: Path, kind: Kind) -> Compiled:
    """Compile a model. Raises ModelUnusable if it is none of that kind, or gives other numbers than torch's."""
    return {"encoder": _encoder, "reader": _reader}[kind](source)


def _reader(source: Path) -> Compiled:
    checkpoint = load_span(source)
    compiled = _record(source, "reader", checkpoint.tokenizer, window=checkpoint.positions, dimension=0)

    def logits(**inputs: Any) -> tuple[Any, Any]:
        output = checkpoint.module(**inputs)
        return output.start_logits, output.end_logits

    settings = WindowSettings(window_tokens=384, stride_tokens=128, batch_tokens=1024)
    network = _converted(checkpoint.module, logits, checkpoint.inputs)
    with compiled.made_of(network, checkpoint.tokenizer) as made:
        wanted, found = (
            SpanModel(
                checkpoint.tokenizer, one, digest="", engine="", positions=checkpoint.positions, settings=settings
            ).read(_QUESTION, _PROBES)
            for one in (TorchSpanNetwork(checkpoint), made)
        )
        _hold_against(source, *([n for one in side for n in (one.starts, one.ends)] for side in (wanted, found)))
    return compiled


def _encoder(source: Path) -> Compiled:
    import torch

    reference = TorchSentenceModel(source, digest="")
    tokenizer = reference.model.tokenizer
    if not getattr(tokenizer, "is_fast", False):
        raise ModelUnusable(f"{source}: it has no fast tokenizer and cannot be compiled; --engine torch runs it")
    fast = FastTokenizer(tokenizer.backend_tokenizer.to_str(), facts_of(tokenizer))
    compiled = _record(source, "encoder", fast, window=reference.window, dimension=reference.dimension)

    def vectors(**inputs: Any) -> Any:
        return torch.nn.functional.normalize(reference.model(inputs)["sentence_embedding"], dim=-1)

    with compiled.made_of(_converted(reference.model, vectors, inputs_of(tokenizer)), fast) as made:
        model = NetworkSentenceModel(
            fast, made, digest="", engine="", dimension=reference.dimension, window=reference.window
        )
        _hold_against(source, list(reference.embed(_PROBES)), list(model.embed(_PROBES)))
    return compiled


def sweep() -> None:
    """Remove the compiled forms of models that lie nowhere any more."""
    for one in every():
        if not Path(one.source).is_dir():
            shutil.rmtree(one.folder, ignore_errors=True)


def _record(source: Path, kind: Kind, tokenizer: FastTokenizer, *, window: int | None, dimension: int) -> Compiled:
    return Compiled(
        format=FORMAT,
        kind=kind,
        source=str(source.resolve()),
        files=weights_of(source),
        digest=weights_digest(source),
        window=window,
        dimension=dimension,
        tokenizer=tokenizer.facts,
    )


def _converted(module: Any, call: Any, inputs: Sequence[str]) -> Any:
    """An `openvino.Model` of what `call` does with a module, of any number of texts of any length."""
    import openvino
    import torch

    class Traced(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.module = module

        def forward(self, *given: Any) -> Any:
            return call(**dict(zip(inputs, given, strict=True)))

    probe = TokenBatch(
        ids=np.full((2, 11), 3, dtype=np.int64),
        types=np.zeros((2, 11), dtype=np.int64),
        mask=np.ones((2, 11), dtype=np.int64),
    ).named()
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")  # of tracing: that branches are fixed; what comes of it is held against torch
        network = openvino.convert_model(
            Traced(),
            example_input=tuple(torch.from_numpy(probe[name]) for name in inputs),
            input=[([-1, -1], openvino.Type.i64)] * len(inputs),
        )
    for port, name in zip(network.inputs, inputs, strict=True):
        port.get_tensor().set_names({name})
    return network


def _hold_against(source: Path, wanted: Sequence[Numbers], found: Sequence[Numbers]) -> None:
    far = max(float(np.abs(one - other).max()) for one, other in zip(wanted, found, strict=True) if one.size)
    if not far <= NEAR * max(1.0, *(float(np.abs(one).max()) for one in wanted)):
        raise ModelUnusable(f"{source}: compiled, it gives other numbers (by {far:.3g}); --engine torch runs it")
