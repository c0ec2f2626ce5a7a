"""Models compiled for OpenVINO: found again by the folder that they were made from, and run without torch."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Literal

from platformdirs import user_cache_path

from embeddings.engine.fast_tokenizer import FastTokenizer, TokenizerFacts
from embeddings.engine.network import Numbers, TokenBatch

NAME = "openvino"
FORMAT = 1  # of what is stored; another one is made anew
_RECORD, _NETWORK, _TOKENIZER = "compiled.json", "model.xml", "tokenizer.json"

Kind = Literal["encoder", "reader"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """A compiled model in a folder of its own.

    `source` is the model's folder and `files` the size and time (ns) of its weights when it was compiled, `digest`
    their SHA-256 (hex). `window` is how many tokens it sees (None: any number), `dimension` the length of the vectors
    of an encoder (0: it is a reader).
    """

    format: int
    kind: Kind
    source: str
    files: dict[str, list[int]]
    digest: str
    window: int | None
    dimension: int
    tokenizer: TokenizerFacts

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return place(Path(self.source), self.kind)

    def open_tokenizer(self) -> FastTokenizer:
        """Its tokenizer."""
        return FastTokenizer((self.folder / _TOKENIZER).read_text(encoding="utf-8"), self.tokenizer)

    def open_network(self) -> OpenVinoNetwork:
        """Its network, ready to run."""
        return OpenVinoNetwork(self.folder / _NETWORK, cache=self.folder)

    @contextmanager
    def made_of(self, network: Any, tokenizer: FastTokenizer) -> Iterator[OpenVinoNetwork]:
        """Give an `openvino.Model` as it will run, to be tried; then put it in its folder, unless that raised.

        What was there before stays whole for those who have it open. Raises OSError.
        """
        import openvino

        half = self.folder.with_suffix(".part")
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(parents=True)
        try:
            openvino.save_model(network, half / _NETWORK, compress_to_fp16=False)
            (half / _TOKENIZER).write_text(tokenizer.serialized(), encoding="utf-8")
            yield OpenVinoNetwork(half / _NETWORK, cache=None)
            (half / _RECORD).write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")
            shutil.rmtree(self.folder, ignore_errors=True)
            half.rename(self.folder)
        finally:
            shutil.rmtree(half, ignore_errors=True)
        self.open_network()  # the next one finds what is worked out for this processor


def root() -> Path:
    """The folder of all compiled models."""
    return user_cache_path("chapter-and-verse", appauthor=False) / "compiled"


def place(source: Path, kind: Kind) -> Path:
    """Where a model of a folder is compiled to."""
    named = hashlib.sha256(str(source.resolve()).encode()).hexdigest()
    return root() / f"{kind}-{named[:16]}"


def find(source: Path, kind: Kind) -> Compiled | None:
    """The compiled form of the model in a folder; None if there is none, or the model is not what it was then."""
    record = place(source, kind) / _RECORD
    found = _read(record)
    return found if found and found.files == weights_of(source) else None


def every() -> list[Compiled]:
    """All compiled models."""
    return [found for record in sorted(root().glob(f"*/{_RECORD}")) if (found := _read(record))]


def _read(record: Path) -> Compiled | None:
    """What a record says; None if there is none, or one of another format."""
    try:
        stored = json.loads(record.read_text(encoding="utf-8"))
        if stored.pop("format") != FORMAT:
            return None
        return Compiled(format=FORMAT, tokenizer=TokenizerFacts(**stored.pop("tokenizer")), **stored)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def weights_of(source: Path) -> dict[str, list[int]]:
    """Size and time (ns) of the files that make up a model in a folder, by name: they change when the model does."""
    patterns = ("*.safetensors", "*config*.json", "tokenizer*.json", "modules.json")
    files = sorted({file for pattern in patterns for file in source.rglob(pattern)})
    return {file.relative_to(source).as_posix(): [file.stat().st_size, file.stat().st_mtime_ns] for file in files}


class OpenVinoNetwork:
    """A Network in a file of OpenVINO's, run in float32 on the CPU; `cache` is where it may keep what it works out."""

    def __init__(self, file: Path, *, cache: Path | None) -> None:
        import openvino

        settings = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": "f32",  # else some processors would round to half as many bits, others not
        }
        if cache is not None:  # what is worked out for this processor: a third of the time to load
            settings |= {"CACHE_DIR": str(cache), "CACHE_MODE": "OPTIMIZE_SIZE"}  # without the weights
        compiled = openvino.Core().compile_model(file, "CPU", settings)
        self._inputs = [input.any_name for input in compiled.inputs]
        self._outputs = len(compiled.outputs)
        self._request = compiled.create_infer_request()
        self._one_at_a_time = Lock()

    def run(self, batches: Sequence[TokenBatch]) -> list[tuple[Numbers, ...]]:
        """Each output for each batch."""
        outputs: list[tuple[Numbers, ...]] = []
        for batch in batches:
            named = batch.named()
            with self._one_at_a_time:
                found = self._request.infer({name: named[name] for name in self._inputs})
                outputs.append(tuple(found[i].copy() for i in range(self._outputs)))
        return outputs
