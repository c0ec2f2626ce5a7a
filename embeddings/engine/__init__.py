"""The only door to torch, transformers' models and any compiled runtime: texts in, arrays out.

Models load from safetensors only, never run code of their own, and never reach for the network when they are given as
a folder.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from embeddings.errors import ModelUnusable

# openvino compiles a model that is not compiled yet; auto takes it compiled if it is, and else runs it on torch
Engine = Literal["auto", "openvino", "torch"]

_CHUNK = 1 << 20
_FORBIDDEN = os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE")  # before `quiet` sets it


def weights_digest(folder: Path) -> str:
    """SHA-256 (hex) over the names and bytes of a model folder's safetensors files."""
    files = sorted(folder.rglob("*.safetensors"))
    if not files:
        raise ModelUnusable(f"{folder}: no model.safetensors there; give a folder that holds a saved model")
    if len(files) == 1:
        return file_digest(files[0])
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.relative_to(folder).as_posix()} {file_digest(file)}\n".encode())
    return digest.hexdigest()


def file_digest(file: Path) -> str:
    """SHA-256 (hex) of a file's bytes, read in pieces."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while piece := stream.read(_CHUNK):
            digest.update(piece)
    return digest.hexdigest()


def model_folder(name: str) -> Path:
    """The folder of a model given as a folder, or by the name under which a model hub knows it.

    Only a name reaches for the network, and only if the model is not in the local cache yet. Raises ModelUnusable.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder
    if folder.is_absolute() or name.startswith((".", "~")) or name.count("/") > 1:
        raise ModelUnusable(f"{name}: there is no such folder")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    patterns = ["*.safetensors", "*.json", "*.txt", "*.model"]
    for offline in (True, False):
        try:
            with _libraries_offline(offline):
                return Path(snapshot_download(name, allow_patterns=patterns, local_files_only=offline))
        except LocalEntryNotFoundError:
            continue
        except (HFValidationError, HfHubHTTPError, OSError) as error:
            raise ModelUnusable(f"{name}: not a folder here, and not to be had by that name: {error}") from error
    raise ModelUnusable(
        f"{name}: not a folder here, and the model hub cannot be reached; download it on a machine with internet "
        "and give its folder"
    )


@contextmanager
def _libraries_offline(offline: bool) -> Iterator[None]:
    """Let the hub's client out for a download, though `quiet` keeps it in; never if the user forbade it."""
    from huggingface_hub import constants

    before = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = offline or _FORBIDDEN
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before


def quiet() -> None:
    """Keep the model libraries from asking the network and from printing; called before they are imported."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
