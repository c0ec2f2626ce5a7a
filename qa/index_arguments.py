"""What `qa index` and its like are to work on, as the arguments say it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from embeddings.errors import BadInput
from qa.settings import Settings
from seeds import DOCUMENTS

if TYPE_CHECKING:
    from embeddings.manifest import SourceEntry


def changed(args: argparse.Namespace, settings: Settings) -> Path:
    """The folder of the index that is to be changed. Raises UserError."""
    if args.into is None:
        return settings.index
    from qa.collections import Collections, make_private

    if args.index is not None:
        raise BadInput("--collection and --index name two places; give one")
    folder = Collections.of(settings).named(args.into).path
    make_private(folder.parent)
    return folder


def indexed(args: argparse.Namespace, folder: Path) -> list[SourceEntry]:
    """What is to be indexed; none: all that the index knows. Raises BadInput."""
    from embeddings.manifest import known_sources
    from embeddings.sync import parse_source

    paths = list(args.paths)
    if args.sample:
        paths.append(str(DOCUMENTS))
    if not paths and not known_sources(folder):
        if args.into or not Path("seeds/documents").is_dir():
            raise BadInput(
                "nothing to index is given or known yet; run `qa index PATH`, or `qa index --sample` for the samples"
            )
        paths.append("seeds/documents")
    return [parse_source(path) for path in paths]
