"""Answerers over documents that are listed, restricted and waited for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from embeddings.document import Document
from embeddings.manifest import DocumentEntry
from qa.chat import Question
from qa.reply import Reply
from tests.fakes import GAZETTE, LIGHTHOUSE, LIGHTHOUSE_SCRIPT, PaperLibrary, PatientAnswerer


@dataclass
class PaperCatalogue(PaperLibrary):
    """Documents that are told apart by globs and listed as an index lists them."""

    texts: Sequence[Document] = ()

    def document(self, document_id: str) -> Document:
        return {document.id: document for document in self.texts}[document_id]


@dataclass
class RestrictedAnswerer(PatientAnswerer):
    """Refuses, as the real one does, a question that is restricted to documents that are not there."""

    def ask(self, question: Question, *, top_k: int | None = None, threshold: float | None = None) -> Reply:
        self.index.matching(question.documents)
        return super().ask(question, top_k=top_k, threshold=threshold)


def listed(document: Document) -> DocumentEntry:
    """A document as an index of one passage each lists it."""
    return DocumentEntry(
        id=document.id,
        title=document.title,
        sha256=document.sha256,
        digest=document.sha256,
        source="paper",
        segment="0",
        sections=len(document.sections),
        facts=0,
        passages=1,
        characters=len(document.text),
    )


def catalogued_answerer(*, seconds: float = 0.0) -> RestrictedAnswerer:
    """The lighthouse's answerer over documents that programs can list and choose from."""
    texts = [LIGHTHOUSE, GAZETTE]
    return RestrictedAnswerer(PaperCatalogue([*map(listed, texts)], texts=texts), LIGHTHOUSE_SCRIPT, seconds=seconds)
