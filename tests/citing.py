"""Citations and replies over one small document, as answers files hold them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from embeddings.document import Document
from embeddings.load import load_file
from qa.cite import cite_stretch
from qa.reply import Answer, Attribution, Candidate, Citation, NoAnswer, Reply

BRIDGE = """\
The Talmer Bridge

The bridge over the Talmer was opened on 4 May 1931 by the mayor of Osmer. It replaced a ferry.

It was designed by Ada Lindqvist, who had won the competition of 1927. The builders said that it cost 12,400 crowns.
"""


def citation(document: Document, words: str, by: str | None = None) -> Citation:
    start = document.text.index(words)
    section = document.section_at(start)
    assert section is not None
    found = cite_stretch(document, start, start + len(words), collection="", kind=section.kind, heading=section.heading)
    if by is None:
        return found
    at = document.text.index(by)
    return replace(found, attributed_to=Attribution(text=by, start=at, end=at + len(by)))


def reply(*citations: Citation, id: str = "q1") -> Reply:
    """A reply whose answer stands in all of these places; without one, a refusal."""
    if not citations:
        outcome: Answer | NoAnswer = NoAnswer(reason="not confident", confidence=0.1)
    else:
        first, *support = citations
        outcome = Answer(best=Candidate(text=first.text, confidence=0.9, citation=first, support=tuple(support)))
    return Reply(id=id, question="?", asked="?", outcome=outcome, threshold=0.5, calibrated=True, index="0")


def notes_in(folder: Path) -> Path:
    """A folder of notes, made in another one, with the small document in it."""
    (folder / "notes").mkdir()
    (folder / "notes" / "bridge.txt").write_text(BRIDGE, "utf-8")
    return folder / "notes"


def loaded(folder: Path, name: str = "bridge.txt") -> Document:
    return load_file(folder / name, name).document
