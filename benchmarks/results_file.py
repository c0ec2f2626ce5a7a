"""Results as committed files: `results/<what>-<commit>.json`, of which the newest counts."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from qa.evaluate import commit

FOLDER = Path(__file__).resolve().parent / "results"


def write_results(what: str, figures: Mapping[str, Any], folder: Path = FOLDER) -> Path:
    """Write figures with the commit, time and machine they were measured at and on."""
    at = commit() or "unknown"
    name, _, dirty = at.partition("-")
    path = folder / f"{what}-{name[:12]}{'-dirty' if dirty else ''}.json"
    results = {
        "what": what,
        "commit": at,
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        **figures,
    }
    folder.mkdir(exist_ok=True)
    path.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path


def machine() -> dict[str, Any]:
    """What this machine is."""
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "system": platform.platform(),
        "python": platform.python_version(),
    }


def _processor() -> str:
    """The processor's name, as far as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def newest_results(what: str, folder: Path = FOLDER) -> dict[str, Any]:
    """The results of that name that were measured last. Raises FileNotFoundError, naming what to run."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob(f"{what}-*.json"))]
    if not found:
        raise FileNotFoundError(
            f"{folder} has no {what}-*.json; run python benchmarks/{what}.py --data DIR, or make bench"
        )
    newest: dict[str, Any] = max(found, key=lambda results: results["measured"])
    return newest
