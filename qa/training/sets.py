"""The data sets that the reader learns from: what each is, where it comes from, and its rows."""

from __future__ import annotations

import hashlib
import http.client
import os
import shutil
import tomllib
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from embeddings.errors import UserError
from qa.training import own
from qa.training.formats import FORMATS, Row

__all__ = ["DataSet", "Row", "SetUnusable", "catalogue", "read"]

SETS = Path(__file__).with_name("sets.toml")
TIMEOUT = 60.0  # seconds without a byte


class SetUnusable(UserError):
    """A data set that is unknown, missing, not the one that its hash names, or has no rows to give."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSet:
    """A data set and where it comes from; empty where there is no such thing.

    `file` and `sha256` are those of the prepared file; `url`, `url_sha256` and `format` those of the published
    original. Of a `part`, only the paragraphs of the prepared file are taken from the original.
    """

    name: str
    kind: Literal["public", "auxiliary", "own", "large"]
    licence: str
    citation: str
    source: str
    file: str = ""
    sha256: str = ""
    url: str = ""
    url_sha256: str = ""
    format: str = ""
    part: bool = False
    no_rows: str = ""  # why the set cannot be read as rows


def catalogue(path: Path = SETS) -> dict[str, DataSet]:
    """Every data set by its name, in the order of sets.toml."""
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: DataSet(name=name, **values) for name, values in raw.items()}


def read(name: str, data: Path | None, cache: Path, sets: Path = SETS) -> list[Row]:
    """The rows of a data set, from the folder `data` if the set is there, else fetched into the folder `cache`.

    Rows whose answers do not stand where they should, and questions of ours whose paragraph is nowhere, are left out
    and counted on the terminal. Raises SetUnusable if the set is unknown, is not to be had, is not the one that its
    hash names, or has no rows.
    """
    wanted = _known(name, sets)
    folder = sets.parent / "data"
    if wanted.kind == "own":
        questions = folder / wanted.file
        if not questions.is_file():
            raise SetUnusable(f"{questions} is missing: it comes with the repository, train in a checkout of that.")
        _check(questions, wanted.sha256, wanted, str(questions))
        return _counted(wanted, own.unpack(questions, name, lambda over: read(over, data, cache, sets)))
    prepared = _in_folder(data, wanted.file)
    if prepared:
        _check(prepared, wanted.sha256, wanted, str(prepared))
        return _counted(wanted, FORMATS["prepared"](prepared, name))
    original = _original(wanted, data, cache)
    rows = _counted(wanted, FORMATS[wanted.format](original, name))
    if not wanted.part:
        return rows
    kept = own.paragraphs_of(name, folder / own.PARAGRAPHS)
    chosen = [row for row in rows if own.paragraph_hash(row.context) in kept]
    have = len({row.context for row in chosen})
    print(f"{name}: {have} of the {len(kept)} paragraphs that we used are in the original, {len(chosen)} questions")
    return chosen


def _known(name: str, sets: Path) -> DataSet:
    if name not in catalogue(sets):
        raise SetUnusable(f"There is no data set {name!r}. {sets} has: {', '.join(catalogue(sets))}.")
    wanted = catalogue(sets)[name]
    if wanted.no_rows:
        raise SetUnusable(f"{name} cannot be read as questions over paragraphs: {wanted.no_rows}. Leave it out.")
    return wanted


def _counted(wanted: DataSet, reading: Iterable[Row | None]) -> list[Row]:
    questions = list(reading)
    rows = [row for row in questions if row]
    if len(rows) < len(questions):
        why = "paragraph is in none of the sets" if wanted.kind == "own" else "answer is not one stretch of the text"
        print(f"{wanted.name}: left out {len(questions) - len(rows)} of {len(questions)} questions whose {why}")
    return rows


def _in_folder(data: Path | None, file: str) -> Path | None:
    places = [data / "train" / file, data / file] if data and file else []
    return next((place for place in places if place.is_file()), None)


def _original(wanted: DataSet, data: Path | None, cache: Path) -> Path:
    """The file as it was published: in the folder under its own name, in the cache, or fetched into that."""
    if not wanted.url:
        looked = f"{wanted.file} is not in {data} or {data / 'train'}" if data else "no folder of data is given"
        raise SetUnusable(
            f"{wanted.name} is missing: {looked}, and it has no address to be fetched from.\n"
            f"Give the folder that has {wanted.file} with --data (the set comes from {wanted.source}), "
            "or take the set out of recipe.toml."
        )
    published = wanted.url.rsplit("/", 1)[-1]
    here = _in_folder(data, published)
    if here:
        _check(here, wanted.url_sha256, wanted, str(here))
        return here
    path = cache / published
    if not path.is_file() or (wanted.url_sha256 and _digest(path) != wanted.url_sha256):
        _fetch(wanted, path)
    return path


def _fetch(wanted: DataSet, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    print(f"{wanted.name}: fetching {wanted.url}", flush=True)
    try:
        with (
            urllib.request.urlopen(wanted.url, timeout=TIMEOUT) as answer,  # noqa: S310 - addresses of sets.toml
            partial.open("wb") as file,
        ):
            shutil.copyfileobj(answer, file)
            promised = answer.headers.get("Content-Length")
            if promised and file.tell() != int(promised):
                raise OSError(f"it broke off after {file.tell()} of {promised} bytes")
        _check(partial, wanted.url_sha256, wanted, f"What {wanted.url} gave")
        partial.replace(path)
    except (OSError, http.client.HTTPException) as error:
        raise SetUnusable(
            f"{wanted.name} could not be fetched from {wanted.url}: {error}\n"
            f"Try again, or fetch it elsewhere and give its folder with --data (see {wanted.source})."
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def _check(path: Path, sha256: str, wanted: DataSet, what: str) -> None:
    found = _digest(path)
    if not sha256:
        print(f"{wanted.name}: {what} has the SHA-256 {found}, and sets.toml pins none to compare it with")
    elif found != sha256:
        raise SetUnusable(
            f"{what} is not the file that was used for {wanted.name}: its SHA-256 is {found}, not {sha256}.\n"
            f"Get the right one (the set comes from {wanted.source}), or change sets.toml if you mean this one."
        )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
