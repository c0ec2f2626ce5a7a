"""Which version of this code runs."""

from __future__ import annotations

import subprocess
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from pathlib import Path


def version() -> str:
    """The version of the installed distribution."""
    try:
        return installed_version("chapter-and-verse")
    except PackageNotFoundError:
        return "(not installed)"


def commit() -> str | None:
    """The git commit of this code, with "-dirty" if files differ from it; None if it is not under git."""
    here = Path(__file__).resolve()
    try:
        for command in (
            ["ls-files", "--error-unmatch", here.name],  # the code may lie inside another project
            ["describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"],
        ):
            done = subprocess.run(  # noqa: S603 - a fixed command
                ["git", "-C", str(here.parent), *command],  # noqa: S607 - git is found where the person has it
                capture_output=True,
                text=True,
                timeout=10,
                check=True,
            )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
