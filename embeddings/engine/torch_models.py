"""Models on torch, in float32 on the CPU: every model runs so, and what is compiled is held against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.engine import quiet
from embeddings.engine.fast_tokenizer import FastTokenizer, TokenizerFacts
from embeddings.engine.network import Numbers, TokenBatch
from embeddings.errors import ModelUnusable

NAME = "torch"


class TorchSentenceModel:
    """A sentence-transformers model in a local folder, run by that library."""

    engine = NAME

    def __init__(self, folder: Path, digest: str) -> None:
        quiet()
        from sentence_transformers import SentenceTransformer

        try:
            self.model = SentenceTransformer(
                str(folder),
                device="cpu",
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True},
            )
        except Exception as error:  # the library fails in every way on a folder that is broken or of another kind
            raise ModelUnusable(f"{folder}: not a sentence-transformers model: {error}") from error
        self.digest = digest
        self.dimension = int(self.model.get_embedding_dimension() or 0)
        self.window = int(self.model.max_seq_length or 512)
        self._tokenizing = Lock()  # a fast tokenizer keeps how it cuts off as its state

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, one row a text: (len(texts), dimension) float32."""
        with self._tokenizing:
            vectors = self.model.encode(
                list(texts), batch_size=32, convert_to_numpy=True, normalize_embeddings=True, show_progress_bar=False
            )
        return np.ascontiguousarray(vectors, dtype=np.float32)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special ones included, before anything is cut off."""
        with self._tokenizing:
            encoded = self.model.tokenizer(list(texts), truncation=False, padding=False, verbose=False)
        return [len(ids) for ids in encoded["input_ids"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanCheckpoint:
    """An `AutoModelForQuestionAnswering` checkpoint, loaded: its tokenizer, the torch module, what inputs that knows.

    `positions` is how many tokens it can see (None: any number).
    """

    tokenizer: FastTokenizer
    module: Any
    inputs: tuple[str, ...]
    positions: int | None


def load_span(folder: Path) -> SpanCheckpoint:
    """Load a checkpoint from a local folder.

    Raises ModelUnusable, naming the folder, if it is not a whole one: with its head, and with a fast tokenizer.
    """
    quiet()
    import torch
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
        module, loading = AutoModelForQuestionAnswering.from_pretrained(
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
    if len(tokenizer) <= len(tokenizer.all_special_ids) or not tokenizer.is_fast:
        raise ModelUnusable(f"{folder}: there is no fast tokenizer with offsets; save one beside the model")
    # Models that count positions from the padding id on (RoBERTa) have fewer than their table says.
    positions = int(getattr(module.config, "max_position_embeddings", 0) or 0)
    if module.config.model_type in ("roberta", "xlm-roberta", "camembert", "longformer", "mpnet"):
        positions -= (module.config.pad_token_id or 0) + 1
    return SpanCheckpoint(
        tokenizer=FastTokenizer(
            tokenizer.backend_tokenizer.to_str(),
            facts_of(tokenizer),
        ),
        module=module.eval(),
        inputs=inputs_of(tokenizer),
        positions=positions if positions > 0 else None,  # XLNet has no limit
    )


def facts_of(tokenizer: Any) -> TokenizerFacts:
    """What a tokenizer of transformers says beside its own JSON."""
    return TokenizerFacts(
        pad_id=tokenizer.pad_token_id or 0,
        null_id=tokenizer.cls_token_id,
        question_first=tokenizer.padding_side == "right",
    )


def inputs_of(tokenizer: Any) -> tuple[str, ...]:
    """The arrays of a TokenBatch that its models take, by name."""
    typed = ("token_type_ids",) if "token_type_ids" in tokenizer.model_input_names else ()
    return ("input_ids", "attention_mask", *typed)


class TorchSpanNetwork:
    """A checkpoint's module as a Network that gives start and end logits, (n, T)."""

    def __init__(self, checkpoint: SpanCheckpoint) -> None:
        import torch

        self._torch = torch
        self._checkpoint = checkpoint

    def run(self, batches: Sequence[TokenBatch]) -> list[tuple[Numbers, ...]]:
        """Start and end logits of each batch."""
        outputs: list[tuple[Numbers, ...]] = []
        for batch in batches:
            named = batch.named()
            with self._torch.inference_mode():
                given = {name: self._torch.from_numpy(named[name]) for name in self._checkpoint.inputs}
                output = self._checkpoint.module(**given)
            outputs.append((output.start_logits.float().numpy(), output.end_logits.float().numpy()))
        return outputs
