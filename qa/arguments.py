"""Arguments that several verbs of the command line have."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path

from qa.settings import Settings

Arguments = argparse.ArgumentParser


def shared() -> tuple[Arguments, ...]:
    """Arguments of several verbs: of every one, and those on encoding, reading, restricting and JSON."""
    everywhere, encoding, reading, restricted, as_json = (argparse.ArgumentParser(add_help=False) for _ in range(5))
    add_setting(everywhere, "index", "DIR", type=folder)
    loud = everywhere.add_mutually_exclusive_group()
    loud.add_argument("-v", "--verbose", action="count", default=0, help="say more; -vv: everything")
    loud.add_argument("-q", "--quiet", action="store_true", help="say only what went wrong")
    add_setting(encoding, "encoder", "MODEL")
    add_setting(encoding, "engine", "NAME")
    add_setting(reading, "reader", "MODEL")
    add_setting(reading, "top_k", "N")
    bar = reading.add_mutually_exclusive_group()
    add_setting(bar, "threshold", "P")
    add_setting(bar, "max_risk", "R")
    add_setting(reading, "calibration", "FILE")
    restricted.add_argument(
        "--document",
        type=words,
        action="append",
        default=[],
        metavar="GLOB",
        help="only these documents; may be repeated",
    )
    add_collections(restricted)
    as_json.add_argument("--json", action="store_true", help="print one line of JSON")
    return everywhere, encoding, reading, restricted, as_json


def add_setting(
    parser: argparse._ActionsContainer, name: str, metavar: str, type: Callable[[str], object] = str
) -> None:
    """A setting as a flag; not given, it is None, and `Settings.load` looks elsewhere."""
    field = Settings.model_fields[name]
    default = "" if field.default is None else f" ({field.default})"
    parser.add_argument(f"--{name.replace('_', '-')}", type=type, metavar=metavar, help=f"{field.description}{default}")


def add_collections(parser: Arguments) -> None:
    """`--collection` of verbs that search: any number."""
    parser.add_argument(
        "--collection",
        type=words,
        action="append",
        metavar="NAME",
        help="search this collection, not the index (but beside --index DIR); may be repeated",
    )


def add_into(parser: Arguments) -> None:
    """`--collection` of verbs that change: one."""
    parser.add_argument("--collection", dest="into", type=words, metavar="NAME", help="of this collection")


def folder(text: str) -> Path:
    """The path that was typed."""
    if not text.strip():
        raise argparse.ArgumentTypeError("must not be blank")
    return Path(text)


def words(text: str) -> str:
    """What was typed, also where the locale has no letters for it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return os.fsencode(text).decode(errors="replace")
    return text


def positive(text: str) -> int:
    """A number of at least one."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} must be a number of 1 or more")
    return int(text)
