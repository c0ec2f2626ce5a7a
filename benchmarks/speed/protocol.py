"""What the benchmark and a side say to each other: JSON lines over stdin and stdout. Standard library only.

A side gets a line that says what it is to answer from, loads, and tells its versions. Then each line is a request and
gets one line back. Sides run in processes of their own, so none has another's libraries, threads or memory.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What a side answers from: folders and files, as text.

    `index` is our index folder; `passages` has a JSON text a line, `vectors` (.npy) a row for each of them; `encoder`
    and `reader` are model folders in float32. `top_k` passages are read for a question.
    """

    index: str
    passages: str
    vectors: str
    encoder: str
    reader: str
    top_k: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a side said to one question, and the seconds that it took.

    `answer` is empty if it refused; `candidate` is then the answer that it would have given. `phases` are the seconds
    of each part of the work, where the side tells them.
    """

    answer: str
    candidate: str
    seconds: float = 0.0
    phases: Mapping[str, float] = field(default_factory=dict)


class Side(Protocol):
    """What answers questions. `ask_many` and `encode` are asked of ours and of the plain one only."""

    @property
    def packages(self) -> Sequence[str]:
        """Distributions whose versions matter."""
        ...

    def ask(self, question: str) -> Said:
        """Answer one question; its seconds are taken by whoever asks."""
        ...

    def ask_many(self, questions: Sequence[str]) -> None:
        """Answer many questions at once; only the time is of interest."""
        ...

    def encode(self, texts: Sequence[str]) -> None:
        """Encode texts as for an index; only the time is of interest."""
        ...


def serve(open_side: Callable[[Material], Side]) -> None:
    """Be a side: answer requests from stdin until it ends. What libraries print goes to stderr."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    side = open_side(Material(**json.loads(sys.stdin.readline())))
    _send(replies, {"versions": _versions(side.packages)})
    for line in sys.stdin:
        request = json.loads(line)
        began = time.perf_counter()
        if request["do"] == "ask":
            said = side.ask(request["question"])
            reply = asdict(said) | {"seconds": time.perf_counter() - began}
        else:
            (side.ask_many if request["do"] == "ask_many" else side.encode)(request["texts"])
            reply = {"seconds": time.perf_counter() - began}
        _send(replies, reply)


def _send(stream: IO[str], message: Mapping[str, Any]) -> None:
    stream.write(json.dumps(message) + "\n")
    stream.flush()


def _versions(packages: Sequence[str]) -> dict[str, str]:
    from importlib.metadata import version

    return {name: version(name) for name in packages}


def environment(threads: int) -> dict[str, str]:
    """The environment of all sides: that many threads, no network, no settings of a person."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("QA_", "PYTHON"))}
    numbers = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    return kept | dict.fromkeys(numbers, str(threads)) | {
        "PYTHONPATH": str(ROOT),
        "HF_HUB_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HAYSTACK_TELEMETRY_ENABLED": "False",
        "TOKENIZERS_PARALLELISM": "false",
    }  # fmt: skip


class Worker:
    """A side in its process. Raises RuntimeError, with the end of what it printed, when it fails.

    `started` is the seconds from the start of the process until it could be asked.
    """

    def __init__(self, name: str, command: Sequence[str], material: Material, *, threads: int, log: Path) -> None:
        self.name = name
        self._log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        began = time.perf_counter()
        with log.open("wb") as stderr:
            self._process = subprocess.Popen(
                [*command], cwd=ROOT, env=environment(threads), text=True, encoding="utf-8",
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr,
            )  # fmt: skip
        self.versions: Mapping[str, str] = self._exchange(asdict(material))["versions"]
        self.started = time.perf_counter() - began

    def ask(self, question: str) -> Said:
        """Its answer to a question."""
        return Said(**self._exchange({"do": "ask", "question": question}))

    def ask_many(self, questions: Sequence[str]) -> float:
        """The seconds in which it answers questions given together."""
        return float(self._exchange({"do": "ask_many", "texts": list(questions)})["seconds"])

    def encode(self, texts: Sequence[str]) -> float:
        """The seconds in which it encodes texts."""
        return float(self._exchange({"do": "encode", "texts": list(texts)})["seconds"])

    def close(self) -> None:
        """End the process."""
        if self._process.stdin and self._process.stdout:
            self._process.stdin.close()
            self._process.stdout.close()
        self._process.terminate()
        self._process.wait()

    def _exchange(self, message: Mapping[str, Any]) -> dict[str, Any]:
        assert self._process.stdin and self._process.stdout
        try:
            _send(self._process.stdin, message)
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            code = self._process.wait()
            told = self._log.read_text(encoding="utf-8", errors="replace")[-2000:]
            raise RuntimeError(f"{self.name} ended with exit code {code}; the end of {self._log}:\n{told}")
        reply: dict[str, Any] = json.loads(line)
        return reply
