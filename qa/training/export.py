"""A trained model as the files that ship: half precision, its tokenizer beside it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from torch import nn

LARGEST = 50_000_000  # bytes of weights that a repository can carry


def export(model: nn.Module, tokenizer: Any, folder: Path) -> str:
    """Save fp16 safetensors, config and tokenizer in `folder`; the SHA-256 of the weights comes back."""
    folder.mkdir(parents=True, exist_ok=True)
    model.half().save_pretrained(str(folder), safe_serialization=True)  # type: ignore[operator]
    tokenizer.backend_tokenizer.no_truncation()  # how long texts are is the caller's choice
    tokenizer.backend_tokenizer.no_padding()
    tokenizer.save_pretrained(str(folder))
    return digest(folder)


def digest(folder: Path) -> str:
    """The SHA-256 of a folder's weights."""
    data = (folder / "model.safetensors").read_bytes()
    assert len(data) <= LARGEST, f"{len(data)} bytes are too many to ship"
    return hashlib.sha256(data).hexdigest()
