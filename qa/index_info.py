"""What `qa index --info` shows: what an index consists of and how it is searched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from embeddings.manifest import Manifest, SegmentEntry
from embeddings.merge import live_passages
from qa.render import count


def to_dict(manifest: Manifest) -> dict[str, Any]:
    """The index as JSON. Of a segment that is searched exactly, `type` is "exact", `lists_read` and `sample` are null.

    `recall` is the share of the ten best by exact search that is found, `bytes` is on disk.
    """
    live = live_passages(manifest)
    return {
        "index": manifest.digest,
        "encoder": manifest.encoder.name,
        "dimension": manifest.encoder.dimension,
        "documents": len(manifest.documents),
        "passages": live.total(),
        "bytes": sum(file.bytes for file in manifest.files),
        "segments": [_segment(segment, live[segment.name]) for segment in manifest.segments],
    }


def to_text(manifest: Manifest) -> str:
    """The same for a terminal, with its last line end."""
    return "".join(f"{line}\n" for line in _lines(to_dict(manifest)))


def _segment(segment: SegmentEntry, live: int) -> dict[str, Any]:
    lists = segment.lists
    return {
        "name": segment.name,
        "passages": live,
        "removed": segment.passages - live,
        "type": lists.kind if lists else "exact",
        "lists_read": lists.depth if lists else None,
        "recall": lists.recall if lists else 1.0,
        "sample": lists.sample if lists else None,
        "bytes": sum(file.bytes for file in segment.files),
    }


def _lines(info: dict[str, Any]) -> Iterator[str]:
    segments = info["segments"]
    yield (
        f"{count(info['documents'], 'document')}, {count(info['passages'], 'passage')}, "
        f"{count(len(segments), 'segment')}, {_megabytes(info['bytes'])}"
    )
    yield f"encoder: {info['encoder']}, {info['dimension']} dimensions"
    for segment in segments:
        removed = f" ({segment['removed']:,} removed)" if segment["removed"] else ""
        how = "every vector is compared"
        if segment["lists_read"]:
            how = (
                f"{segment['type']}, {count(segment['lists_read'], 'list')} read, "
                f"recall@10 {segment['recall']:.3f} measured on {count(segment['sample'], 'question')}"
            )
        passages = count(segment["passages"], "passage")
        yield f"{segment['name']}: {passages}{removed}, {_megabytes(segment['bytes'])}; {how}"


def _megabytes(bytes: int) -> str:
    return f"{bytes / 1e6:,.1f} MB"
