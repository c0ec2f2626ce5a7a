"""Text files read from memory, and documents drawn so that a person can check them."""

from __future__ import annotations

import hashlib
from pathlib import Path

from embeddings.document import Document
from embeddings.load import text
from embeddings.load.base import Loaded, Source

ROOT = Path(__file__).parent.parent
SAMPLES = sorted((ROOT / "seeds" / "documents").glob("*.txt"))
INVENTED = sorted((ROOT / "benchmarks" / "invented" / "documents").glob("*.txt"))
GOLDEN = Path(__file__).parent / "golden" / "load"


def load(content: str | bytes, name: str = "a.txt") -> Loaded:
    data = content.encode() if isinstance(content, str) else content
    return text.load(Source(id=name, name=name, data=data, sha256=hashlib.sha256(data).hexdigest()))


def document(content: str | bytes, name: str = "a.txt") -> Document:
    return load(content, name).document


def lines(content: str, kind: str) -> list[str]:
    """The lines of a loaded text's sections of one kind."""
    loaded = document(content)
    return [
        line
        for section in loaded.sections
        if section.kind == kind
        for line in loaded.text[section.start : section.end].split("\n")
        if line
    ]


def notes(content: str) -> dict[str, str]:
    """What stands beside each noted line of a loaded text."""
    loaded = document(content)
    return {loaded.text[note.start : note.end]: note.text for note in loaded.notes}


def picture(loaded: Loaded) -> str:
    """Everything about a document: sections, their lines with the line of the original, notes."""
    drawn = loaded.document
    beside = {note.start: note.text for note in drawn.notes}
    out = [f"title: {drawn.title}", f"metadata: {dict(drawn.metadata)}", f"repaired: {loaded.repaired}"]
    out += [f"left out: {left.what} {left.count}" for left in loaded.left_out]
    out += [f"warning: {warning}" for warning in loaded.warnings]
    for section in drawn.sections:
        subject = f" about {section.subject}" if section.subject else ""
        out.append(f"\n[{section.kind}] {' > '.join(section.heading)}{subject}".rstrip())
        place = section.start
        for line in drawn.text[section.start : section.end].split("\n"):
            if line:
                out.append(f"{drawn.line_at(place)}: {line}")
                if place in beside:
                    out.append(f"    ({beside[place]})")
            place += len(line) + 1
    return "\n".join(out) + "\n"


def check_golden(sample: Path) -> None:
    golden = GOLDEN / f"{sample.stem[:3]}.txt"
    assert picture(load(sample.read_bytes(), sample.name)) == golden.read_text(encoding="utf-8")
