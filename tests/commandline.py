"""The command line in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def shell(*arguments, **options):
    environment = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], **options.pop("env", {})}
    return subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, check=False, timeout=60, **options
    )
