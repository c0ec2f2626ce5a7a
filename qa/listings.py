"""What there is to search and what is set, as rows for JSON and as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from qa.collections import Collections
from qa.settings import Settings

Row = Mapping[str, Any]


def collections(settings: Settings) -> list[Row]:
    """The named collections: name, documents, passages, path. Raises UserError for a damaged one."""
    named = Collections.of(settings)
    found = [named.named(name) for name in named.names()]
    return [
        {
            "name": one.name,
            "documents": len(documents),
            "passages": sum(entry.passages for entry in documents),
            "path": str(one.path),
        }
        for one in found
        for documents in [one.documents]
    ]


def collections_text(rows: Sequence[Row]) -> str:
    """A line for each collection."""
    width = max((len(row["name"]) for row in rows), default=0)
    return "".join(
        f"{row['name']:<{width}}  {row['documents']:>6,} documents  {row['passages']:>6,} passages  {row['path']}\n"
        for row in rows
    )


def config(settings: Settings, origins: Mapping[str, str]) -> list[Row]:
    """Every setting: name, value (of a secret, whether it is set), origin, description."""
    rows: list[Row] = []
    for name, field in Settings.model_fields.items():
        value = settings.shown(name)
        value = str(value) if isinstance(value, Path) else value
        rows.append({"name": name, "value": value, "origin": origins[name], "description": field.description})
    return rows


def config_text(rows: Sequence[Row]) -> str:
    """Two lines for each setting: what it is set to and where, and what it is for."""
    return "".join(
        f"{row['name']} = {'unset' if row['value'] is None else row['value']}  ({row['origin']})\n"
        f"    {row['description']}\n"
        for row in rows
    )
