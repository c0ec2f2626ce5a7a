"""Cold start: from the start of a process to its first answer, and what imports take of it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.speed.figures import import_seconds
from benchmarks.speed.protocol import ROOT, Material, Worker, environment

RUNS = 7  # of each; the median is told, and the files are in the system's cache after the first


def asked_once(question: str, material: Material, threads: int) -> float:
    """The seconds that `qa ask` takes, as a whole. Raises RuntimeError if it doesn't answer."""
    began = time.perf_counter()
    done = _run(_command(question, material), threads)
    seconds = time.perf_counter() - began
    if done.returncode or not json.loads(done.stdout)["answer"]:
        raise RuntimeError(f"qa ask {question!r} gave no answer: {done.stdout!r} {done.stderr[-500:]!r}")
    return seconds


def imports(question: str, material: Material, threads: int) -> Mapping[str, float]:
    """The seconds of imports within `qa ask`, by package; each takes a little longer for being watched."""
    command = _command(question, material)
    return import_seconds(_run([command[0], "-X", "importtime", *command[1:]], threads).stderr.decode())


def starts(
    question: str, material: Material, threads: int, open_side: Mapping[str, Callable[[], Worker]], runs: int = RUNS
) -> dict[str, Any]:
    """Seconds to the first answer, of `qa ask` and of each other side, which are started in turn."""
    seconds: dict[str, list[float]] = {"ours": [], **{name: [] for name in open_side}}
    for _ in range(runs):
        seconds["ours"].append(asked_once(question, material, threads))
        for name, opened in open_side.items():
            began = time.perf_counter()
            worker = opened()
            worker.ask(question)
            seconds[name].append(time.perf_counter() - began)
            worker.close()
    return {
        "runs": runs,
        "question": question,
        "seconds": {name: round(float(np.median(times)), 2) for name, times in seconds.items()},
        "slowest": {name: round(max(times), 2) for name, times in seconds.items()},
        "imports": dict(imports(question, material, threads)),
    }


def _run(command: Sequence[str], threads: int) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, cwd=ROOT, env=environment(threads), capture_output=True, check=False)


def _command(question: str, material: Material) -> list[str]:
    return [sys.executable, "-m", "qa", "ask", question, "--json", "--index", material.index]
