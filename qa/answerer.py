"""The flow: retrieve, read, decide, cite."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import lru_cache
from threading import Lock

from embeddings.index import Index
from embeddings.keywords import question_terms
from embeddings.passage import Hit
from qa.candidates import Judged, candidate, distinct, items_of, shown_of, widened
from qa.chat import Question, readings_of
from qa.cite import cite, cite_stretch
from qa.confidence import Calibration
from qa.disagreement import DisagreementSettings, contradicting, marked
from qa.figure import figure_of
from qa.follow_ups import Tried, best_supported
from qa.reader import Reader
from qa.reading import Reading, ReadingSettings
from qa.reply import Answer, Candidate, Citation, NoAnswer, Reply, Span
from qa.retrieve import Retriever
from qa.several import alike, asks_for_several


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswererSettings(ReadingSettings):
    """How much is read and shown.

    `others` distinct other values and `nearest` passages (of a refusal) are shown at most; the answer is compared with
    `compared` other values, and those that contradict it are shown before others. A fact line gives way to
    prose that says the same with at least `prose_share` of its confidence. What was read for the last `remembered`
    questions is kept. Of several things asked for each has at least `item_share` of the confidence of the surest.
    """

    others: int = 5
    compared: int = 15
    nearest: int = 3
    prose_share: float = 0.5
    remembered: int = 256
    item_share: float = 0.5


class Answerer:
    """Answers questions from one index, or says that the documents don't.

    `threshold` is the least confidence at which an answer is shown (None: the calibration's own). A changed index is
    noticed between questions. May be used by several threads, which take turns; answerers with one `turn` do so, too.
    """

    def __init__(
        self,
        *,
        retriever: Retriever,
        reader: Reader,
        calibration: Calibration,
        threshold: float | None = None,
        settings: AnswererSettings | None = None,
        turn: Lock | None = None,
    ) -> None:
        self.retriever = retriever
        self.threshold = calibration.threshold if threshold is None else threshold
        self.reader = reader
        self._calibration = calibration
        self._settings = settings or AnswererSettings()
        self._judge: Callable[..., tuple[list[Hit], list[Judged]]]
        self._judge = lru_cache(self._settings.remembered)(self._judge_anew)
        self._one_at_a_time = turn or Lock()  # so that no question is answered from two states of the index

    @property
    def index(self) -> Index:
        """The index that is asked."""
        return self.retriever.index

    @property
    def calibrated(self) -> bool:
        """Whether confidences are true to frequency: the calibration was fitted with this reader, encoder and split."""
        built = self.index.manifest
        return self._calibration.belongs_to(self.reader.digest, built.encoder.digest, built.split)

    @property
    def digests(self) -> dict[str, str]:
        """What its answers depend on beside index and settings: SHA-256 of the reader's weights and the calibration."""
        return {"reader_weights": self.reader.digest, "calibrated_by": self._calibration.digest}

    def ask(self, question: Question, *, top_k: int | None = None, threshold: float | None = None) -> Reply:
        """Answer one question, as `ask_many` does. Raises UserError if its documents are not there."""
        return self.ask_many([question], top_k=top_k, threshold=threshold)[0]

    def ask_many(
        self, questions: Sequence[Question], *, top_k: int | None = None, threshold: float | None = None
    ) -> list[Reply]:
        """Answer questions, in order; `top_k` and `threshold` hold for these only (None: the answerer's own).

        Raises UserError if a question is restricted to documents that are not there.
        """
        with self._one_at_a_time:
            self.retriever = self.retriever.refreshed()
            asked = self._adjusted(top_k, threshold)
            return [asked._answer(question) for question in questions]

    def _adjusted(self, top_k: int | None, threshold: float | None) -> Answerer:
        """The same parts, read and decided with other numbers."""
        other = copy(self)
        if top_k is not None:
            other._settings = replace(self._settings, top_k=top_k)
            other._judge = other._judge_anew  # what is remembered was read with another number
        other.threshold = self.threshold if threshold is None else threshold
        return other

    def judge(self, question: str, documents: frozenset[str] | None = None) -> tuple[list[Hit], list[Judged]]:
        """The passages worth reading for a question, best first, and all their candidates, most probable first.

        It is read with its typing errors mended.
        """
        return self._judge_anew(question, documents, self.index.digest, None)

    def worth_reading(self, question: str, documents: frozenset[str] | None) -> list[Hit]:
        """The passages worth reading for a question, best first; what is cut out of the ranking is never read."""
        return self._reading.hits(question, documents)

    def _judge_anew(
        self, question: str, documents: frozenset[str] | None, index: str, threshold: float | None
    ) -> tuple[list[Hit], list[Judged]]:
        """As `judge`; `index` is the digest for which it is remembered."""
        return self._reading.judged(self.retriever.names.mended(question), documents, threshold)

    @property
    def _reading(self) -> Reading:
        return Reading(
            retriever=self.retriever,
            reader=self.reader,
            calibration=self._calibration,
            calibrated=self.calibrated,
            settings=self._settings,
        )

    def _answer(self, question: Question) -> Reply:
        if not question.text.strip():
            return self._reply(question, question.text, NoAnswer(reason="empty question"))
        documents = self.index.matching(question.documents) if question.documents else None
        own = self.retriever.names.mended(question.text)
        tried = [
            Tried(text, *self._judge(text, documents, self.index.digest, self.threshold))
            for text in readings_of(own, question.history)
        ]
        settings, names = self._settings, self.retriever.names
        asked, hits, judged = best_supported(own, tried, question.history, names.adds_nothing, self._document)
        values = distinct(judged, names.same_value, most=1 + settings.compared)
        if not values:
            return self._reply(question, asked, NoAnswer(reason="nothing found"))
        best, *others = values
        if best[0].confidence >= self.threshold:
            # a follow-up that has the names of the last turns before it asks in its own form, not in theirs
            form = own.strip() if asked.endswith(own.strip()) else asked
            return self._shown(question, asked, form, best, others, hits)
        rejected = tuple(map(self._candidate, values[: settings.others]))
        refusal = NoAnswer(reason="not confident", confidence=best[0].confidence, nearest=self._nearest(hits))
        return self._reply(question, asked, refusal, rejected)

    def _shown(
        self,
        question: Question,
        asked: str,
        form: str,
        value: Sequence[Judged],
        rest: Sequence[Sequence[Judged]],
        hits: Sequence[Hit],
    ) -> Reply:
        """`form` is how the question itself is put, without what was added from the turns before it."""
        span = shown_of(value, self._settings.prose_share).span
        span = widened(span, form, self.index.document(span.passage.document_id))
        best = candidate(value, span, self._cite)
        rest = [group for group in rest if not group[0].span.overlaps(span)]  # a part of the answer is no other value
        # only what may be shown is cited: citing costs as much as judging
        least = DisagreementSettings().confidence_share * best.confidence
        rivals = sum(group[0].confidence >= least for group in rest)
        others = [self._candidate(group) for group in rest[: max(rivals, self._settings.others)]]
        items = self._items(span, best, others) if asks_for_several(form) else ()
        others = [other for other in others if other not in items]
        read = self.retriever.names.mended(asked)
        rarity = self.index.rarity(question_terms(read))
        told = self._told_beside(read, best, others, hits)
        contrary = contradicting(read, rarity, best, [*others, *told])
        answer = Answer(best=best, items=items, disagreement=bool(contrary))
        return self._reply(question, asked, answer, self._beside(best, contrary, others))

    def _items(self, span: Span, best: Candidate, others: Sequence[Candidate]) -> tuple[Candidate, ...]:
        """The things that are asked for: the parts of the answer if it enumerates, else values of several places.

        These are the answer and those that are like it and nearly as probable; no items where there is but one thing.
        """
        parts = items_of(span, best.confidence, self._cite)
        if parts:
            return parts
        least = max(self.threshold, self._settings.item_share * best.confidence)
        like = tuple(other for other in others if other.confidence >= least and alike(best.text, other.text))
        return (best, *like) if like else ()

    def _told_beside(
        self, asked: str, best: Candidate, others: Sequence[Candidate], hits: Sequence[Hit]
    ) -> list[Candidate]:
        """Further figures close to one that is somebody's word: the next one's word, perhaps."""
        place = best.citation
        if place.attributed_to is None or figure_of(place) is None:
            return []
        judged = self._reading.around(asked, place, hits, reach=DisagreementSettings().near)
        same = self.retriever.names.same_value
        values = distinct(judged, same, most=len(judged))
        known = [best.text, *(other.text for other in others)]
        new = (group for group in values if not any(same(group[0].span.text, text) for text in known))
        return [value for value in map(self._candidate, new) if figure_of(value.citation)]

    def _beside(
        self, best: Candidate, contrary: Sequence[Candidate], others: Sequence[Candidate]
    ) -> tuple[Candidate, ...]:
        """The other candidates that are shown: those that contradict the answer, then the best; best first."""
        rest = [other for other in others if other not in contrary]
        kept = [*(marked(best, other) for other in contrary), *rest][: self._settings.others]
        return tuple(sorted(kept, key=lambda other: -other.confidence))

    def _candidate(self, group: Sequence[Judged]) -> Candidate:
        return candidate(group, shown_of(group, self._settings.prose_share).span, self._cite)

    def _document(self, judged: Judged) -> str:
        """The id of the document that a candidate stands in, as citations have it."""
        return self.index.place_of(judged.span.passage.document_id)[1]

    def _cite(self, span: Span) -> Citation:
        id = span.passage.document_id
        return cite(span, self.index.document(id), collection=self.index.place_of(id)[0])

    def _nearest(self, hits: Sequence[Hit]) -> tuple[Citation, ...]:
        """The sentences nearest to the question in the best passages, each once."""
        found: list[Citation] = []
        for hit in hits:
            passage = hit.passage
            citation = cite_stretch(
                self.index.document(passage.document_id),
                *hit.best_sentence,
                collection=self.index.place_of(passage.document_id)[0],
                kind=passage.kind,
                heading=passage.heading,
            )
            if all((citation.origin, citation.start) != (other.origin, other.start) for other in found):
                found.append(citation)
            if len(found) == self._settings.nearest:
                break
        return tuple(found)

    def _reply(
        self, question: Question, asked: str, outcome: Answer | NoAnswer, others: tuple[Candidate, ...] = ()
    ) -> Reply:
        return Reply(
            id=question.id,
            question=question.text,
            asked=asked,
            outcome=outcome,
            threshold=self.threshold,
            calibrated=self.calibrated,
            index=self.index.digest,
            others=others,
        )
