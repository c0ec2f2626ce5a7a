"""The virtual environments of the other libraries, made when they are first needed."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

from benchmarks.speed.material import CACHE

REQUIREMENTS = Path(__file__).parent / "sides"


def python_of(name: str) -> str:
    """The interpreter of an environment that has what `sides/<name>.txt` names; it is made anew if that changed.

    Raises subprocess.CalledProcessError if something cannot be installed.
    """
    wanted = REQUIREMENTS / f"{name}.txt"
    folder = CACHE / "environments" / name
    python = folder / "bin" / "python"
    done = folder / "installed.txt"
    if not done.is_file() or done.read_bytes() != wanted.read_bytes():
        print(f"making the environment of {name}: about 1.5 GB, some minutes", file=sys.stderr)
        venv.create(folder, clear=True, with_pip=True)
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        torch = [line for line in wanted.read_text(encoding="utf-8").splitlines() if line.startswith("torch==")]
        subprocess.run([*pip, *torch], check=True, stdout=sys.stderr)  # first, as a CPU build may be configured for it
        subprocess.run([*pip, "-r", str(wanted)], check=True, stdout=sys.stderr)
        done.write_bytes(wanted.read_bytes())
    return str(python)
