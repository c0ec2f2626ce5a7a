"""What is read for a question, and how probable each candidate in it is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from embeddings.keywords import question_terms
from embeddings.passage import Hit, Passage
from qa.candidates import Judged
from qa.cite import quote_of
from qa.confidence import Asked, Calibration, known_of, log_odds, weigh
from qa.disagreement import DisagreementSettings
from qa.reader import Reader
from qa.reply import Citation
from qa.retrieve import Retriever


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingSettings:
    """How much is read.

    `top_k` passages of prose, lists and tables are read, and `facts_share` times as many fact lines beside them: these
    are short and would else drown the prose, or drown in it. `considered` passages are looked through for both sorts.
    `read_at_once` passages, the most promising first, are read before it is decided whether others can still come near:
    fewer would leave cores idle. `around` candidates are looked at of a passage around a reported figure.
    """

    top_k: int = 10
    facts_share: float = 0.6
    considered: int = 100
    read_at_once: int = 4
    around: int = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Reads an index for questions, which have their typing errors mended.

    `calibrated` says that the calibration was fitted with this reader, encoder and split.
    """

    retriever: Retriever
    reader: Reader
    calibration: Calibration
    calibrated: bool
    settings: ReadingSettings

    def hits(self, question: str, documents: frozenset[str] | None) -> list[Hit]:
        """The best passages of either sort, in their common order; what is cut out of the ranking is never read."""
        settings = self.settings
        facts = round(settings.top_k * settings.facts_share)
        found = self.retriever.retrieve(question, k=max(settings.considered, 2 * settings.top_k), documents=documents)
        kept = [hit for hit in found if hit.passage.kind != "facts"][: settings.top_k]
        kept += [hit for hit in found if hit.passage.kind == "facts"][:facts]
        return sorted(kept, key=lambda hit: -hit.score)

    def judged(
        self, question: str, documents: frozenset[str] | None, threshold: float | None
    ) -> tuple[list[Hit], list[Judged]]:
        """The passages worth reading, best first, and all their candidates, most probable first.

        With a threshold, without the passages that can change nothing of what is shown from there on. What a passage
        may come to is known of the models that the calibration was fitted with: with others all is read.
        """
        hits = self.hits(question, documents)
        asked = self._asked(question)
        known = {hit: known_of(asked, hit) for hit in hits}
        prospects = self.calibration.prospects if threshold is not None and self.calibrated else None
        most = {hit: prospects.most(known[hit]) if prospects else math.inf for hit in hits}
        unread = sorted(hits, key=lambda hit: -most[hit])
        at_once = self.settings.read_at_once if prospects else len(unread)
        judged: list[Judged] = []
        least = -math.inf  # log odds of what may still be shown
        while unread and most[unread[0]] >= least:
            reading, unread = unread[:at_once], unread[at_once:]
            judged += self._read(question, asked, {hit: known[hit] for hit in reading})
            if prospects and threshold is not None:
                best = max((one.confidence for one in judged), default=0.0)
                share = DisagreementSettings().confidence_share  # what has less contradicts nothing
                # a stricter threshold shows no other value than the calibration's own beside the answer; and before it
                # is said that the documents don't answer, all is read
                shown_from = min(threshold, self.calibration.threshold)
                least = log_odds(max(shown_from, share * best)) if best >= threshold else -math.inf
        return hits, sorted(judged, key=_best_first)

    def around(self, question: str, place: Citation, hits: Sequence[Hit], *, reach: int) -> list[Judged]:
        """More candidates of the passages within `reach` characters of a cited place, most probable first.

        Of "the guild spoke of two people hurt, the clinic of seven" the reader keeps the first figure and little else.
        """
        asked = self._asked(question)
        origin = self.retriever.index.place_of
        near = [
            hit
            for hit in hits
            if origin(hit.passage.document_id) == place.origin and _apart(hit.passage, place) <= reach
        ]
        known = {hit: known_of(asked, hit) for hit in near}
        return sorted(self._read(question, asked, known, most=self.settings.around), key=_best_first)

    def _asked(self, question: str) -> Asked:
        index, names = self.retriever.index, self.retriever.names
        return Asked.of(question, index.rarity(question_terms(question)), names.named_in(question))

    def _read(
        self, question: str, asked: Asked, known: Mapping[Hit, Mapping[str, float]], *, most: int | None = None
    ) -> list[Judged]:
        """The candidates of passages, with `known_of` of each; `most` of each, else as many as the reader is set to."""
        judged: list[Judged] = []
        for hit, spans in zip(known, self.reader.read(question, [h.passage for h in known], most=most), strict=True):
            document = self.retriever.index.document(hit.passage.document_id)
            weighed = weigh(asked, spans, hit, [quote_of(span, document) for span in spans], known[hit])
            judged += [
                Judged(span=span, hit=hit, evidence=evidence, confidence=self.calibration.probability(evidence))
                for span, evidence in zip(spans, weighed, strict=True)
            ]
        return judged


def _best_first(one: Judged) -> tuple[float, str, int]:
    return -one.confidence, one.span.passage.document_id, one.span.start


def _apart(passage: Passage, place: Citation) -> int:
    """Characters between a passage and a place of its document; 0 if they meet."""
    return max(0, passage.start - place.end, place.start - (passage.start + len(passage.text)))
