"""The folders that one opened index stands over: each holds the index of a collection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from embeddings.encode import Encoder
from embeddings.errors import IndexIncompatible, UserError
from embeddings.manifest import FILE, DocumentEntry, EncoderEntry, Manifest, read_manifest

Signature = tuple[int, int, int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One of the folders, as it was when opened.

    `name` is that of its collection. In the index that stands over all, its documents are called `NAME:ID`; those of
    the one collection without a name ("") keep their ids.
    """

    name: str
    path: Path
    signature: Signature
    manifest: Manifest

    @classmethod
    def read(cls, name: str, path: Path) -> Part:
        """Read the manifest in a folder. Raises as `read_manifest` does."""
        signature = signature_of(path)  # taken first: a manifest that comes between is then noticed
        return cls(name=name, path=path, signature=signature, manifest=read_manifest(path))

    @property
    def prefix(self) -> str:
        """What its documents' ids begin with in the index over all."""
        return f"{self.name}:" if self.name else ""

    @property
    def cited_as(self) -> str:
        """What citations call the collection."""
        return cited_as(self.name, self.path)

    @property
    def documents(self) -> Mapping[str, DocumentEntry]:
        """Its documents by their ids in the index over all."""
        if not self.name:
            return self.manifest.documents
        entries = (replace(entry, id=self.prefix + id) for id, entry in self.manifest.documents.items())
        return {entry.id: entry for entry in entries}


def cited_as(name: str, path: Path) -> str:
    """What citations call a collection: its name, else that of its folder."""
    return name or path.resolve().name.lstrip(".")


def joined(parts: Sequence[Part]) -> Manifest:
    """One manifest of all: that of the only part if it has no name. Raises IndexIncompatible or UserError.

    Its digest is that of all documents, under the ids that they have together.
    """
    first, *others = parts
    for other in others:
        _require_alike(first, other)
    _require_distinct("be cited as the collection", [part.cited_as for part in parts], parts)
    if not others and not first.name:
        return first.manifest
    _require_distinct("hold a document", [id for part in parts for id in part.documents], parts)
    return replace(
        first.manifest,
        sources=tuple(
            replace(source, path=str(source.located(part.path))) for part in parts for source in part.manifest.sources
        ),
        documents={id: entry for part in parts for id, entry in sorted(part.documents.items())},
        segments=tuple(segment for part in parts for segment in part.manifest.segments),
        next_passage_id=sum(part.manifest.next_passage_id for part in parts),
    )


def signature_of(folder: Path) -> Signature:
    """What changes whenever another manifest is put into a folder; None: there is none."""
    try:
        status = (folder / FILE).stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino, status.st_size


def encoder_entry(encoder: Encoder) -> EncoderEntry:
    """What a manifest keeps of an encoder."""
    return EncoderEntry(name=encoder.name, digest=encoder.digest, dimension=encoder.dimension)


def require_encoder(path: Path, manifest: Manifest, encoder: EncoderEntry) -> None:
    """Raise IndexIncompatible unless the index was built with `encoder` (whatever name it had)."""
    built = manifest.encoder
    if (built.digest, built.dimension) != (encoder.digest, encoder.dimension):
        raise IndexIncompatible(
            f"{path}: the index was built with the encoder {built.name} ({built.digest[:12]}), not with {encoder.name} "
            f"({encoder.digest[:12]}); run qa index --rebuild --index {path}, or choose --encoder {built.name}"
        )


def _require_alike(one: Part, other: Part) -> None:
    require_encoder(other.path, other.manifest, one.manifest.encoder)
    if dict(one.manifest.split) != dict(other.manifest.split):
        raise IndexIncompatible(
            f"{other.path}: the index was cut with {dict(other.manifest.split)}, that in {one.path} with "
            f"{dict(one.manifest.split)}, so they cannot be searched together; run qa index --rebuild --index "
            f"{other.path}, and the same with {one.path}"
        )


def _require_distinct(what: str, names: Iterable[str], parts: Sequence[Part]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            places = " and ".join(str(part.path) for part in parts)
            raise UserError(f"{places}: two of them would {what} {name}; rename one, or search them one by one")
        seen.add(name)
