"""The one place that chooses what a model runs on."""

from __future__ import annotations

import logging
from pathlib import Path

from embeddings.engine import Engine, weights_digest
from embeddings.engine.compiled import NAME, Compiled, Kind, find
from embeddings.engine.sentence_model import NetworkSentenceModel, SentenceModel
from embeddings.engine.span_model import SpanModel, WindowSettings

_log = logging.getLogger(__name__)


def open_sentence_model(folder: Path, engine: Engine = "auto") -> SentenceModel:
    """A sentence-transformers model in a folder. Raises ModelUnusable."""
    compiled = _compiled(folder, "encoder", engine)
    if compiled is not None and compiled.window is not None:
        return NetworkSentenceModel(
            compiled.open_tokenizer(),
            compiled.open_network(),
            digest=compiled.digest,
            engine=NAME,
            dimension=compiled.dimension,
            window=compiled.window,
        )
    from embeddings.engine.torch_models import TorchSentenceModel

    return TorchSentenceModel(folder, weights_digest(folder))


def open_span_model(folder: Path, settings: WindowSettings, engine: Engine = "auto") -> SpanModel:
    """A question-answering checkpoint in a folder. Raises ModelUnusable."""
    compiled = _compiled(folder, "reader", engine)
    if compiled is not None:
        return SpanModel(
            compiled.open_tokenizer(),
            compiled.open_network(),
            digest=compiled.digest,
            engine=NAME,
            positions=compiled.window,
            settings=settings,
        )
    from embeddings.engine import torch_models

    digest = weights_digest(folder)
    checkpoint = torch_models.load_span(folder)
    return SpanModel(
        checkpoint.tokenizer,
        torch_models.TorchSpanNetwork(checkpoint),
        digest=digest,
        engine=torch_models.NAME,
        positions=checkpoint.positions,
        settings=settings,
    )


def _compiled(folder: Path, kind: Kind, engine: Engine) -> Compiled | None:
    if engine == "torch":
        return None
    found = find(folder, kind)
    if found is None and engine == "openvino":
        from embeddings.engine.compile import compile_model

        return compile_model(folder, kind)
    if found is None:
        _log.warning("the %s is not compiled: run `qa compile` once, and it starts and runs faster", kind)
    return found
