"""What `qa index` says when it is done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from embeddings.sync import SyncReport
from qa.render import count


def to_text(report: SyncReport) -> str:
    """The report for a terminal, with its last line end: what the index holds, what changed, what did not go in."""
    return "".join(f"{line}\n" for line in _lines(report))


def to_dict(report: SyncReport) -> dict[str, Any]:
    """The report as JSON: its counts, what became of each source's documents, and every failure."""
    return asdict(report) | {"failed": [asdict(failure) for failure in report.failed]}


def failures(report: SyncReport) -> str:
    """The files that could not be read, one a line; empty if there are none."""
    return "".join(f"failed: {failure.id}: {failure.message}\n" for failure in report.failed)


def _lines(report: SyncReport) -> Iterator[str]:
    yield (
        f"{count(report.documents, 'document')}, {count(report.sections, 'section')}, "
        f"{count(report.passages, 'passage')}, {count(report.facts, 'fact')} in the index"
    )
    for source in report.sources:
        changes = {
            "new": source.added,
            "changed": source.changed,
            "unchanged": source.unchanged,
            "gone": source.removed,
            "failed": source.failed,
        }
        told = ", ".join(f"{len(ids)} {what}" for what, ids in changes.items() if ids)
        yield f"{source.source}: {told or 'nothing there'}"
    if report.repaired:
        yield f"repaired: {count(report.repaired, 'stretch', 'stretches')} of wrongly decoded text"
    if report.left_out:
        yield f"left out: {', '.join(f'{what} ({count:,})' for what, count in sorted(report.left_out.items()))}"
    yield from (f"warning: {warning}" for warning in report.warnings)
    yield from failures(report).splitlines()
