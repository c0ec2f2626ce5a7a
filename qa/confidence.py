"""From evidence to a calibrated probability that an answer is right."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from importlib.resources import files
from pathlib import Path

from embeddings.errors import ModelUnusable
from embeddings.keywords import terms
from embeddings.passage import Hit
from qa.names import Name, terms_of
from qa.reply import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What speaks for and against one candidate answer, judged alone; every field is a number without unit.

    `margin` is the span's score over the null answer's (logits); `rank` the logarithm of its passage's place in the
    retriever's order (ln 1 for the first); `cosine` how near question and passage are in meaning; `sentence_coverage`
    the share of the question's rare words in the answer's own sentence and the passage's context; `missing_names` the
    share of the question's names and numbers that the passage lacks; `echo` the share of the answer that repeats the
    question; `length` the logarithm of the answer's words; `fact` 1 for a fact line, else 0. None of them depends on
    how many passages are read.
    """

    margin: float
    rank: float
    cosine: float
    sentence_coverage: float
    missing_names: float
    echo: float
    length: float
    fact: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as confidence sees it: its terms with their rarity, its names."""

    rarity: Mapping[str, float]
    names: frozenset[str]
    known: tuple[Name, ...] = ()

    @classmethod
    def of(cls, question: str, rarity: Mapping[str, float], known: Sequence[Name] = ()) -> Asked:
        """Take a question apart; `rarity` has the inverse document frequency of each of its terms.

        `known` are those of its names that the documents have in other forms too, which count as the same name.
        """
        return cls(rarity=rarity, names=frozenset(_name_terms(question)), known=tuple(known))

    def told(self, text: str) -> set[str]:
        """The terms of a text, and those of the other forms of its names."""
        return set(terms(text)) | terms_of(self.known, text)

    def share(self, seen: set[str]) -> float:
        """The share (0..1) of the question's rarity that stands among the terms seen."""
        total = sum(self.rarity.values())
        return sum(value for term, value in self.rarity.items() if term in seen) / total if total else 0.0


def known_of(asked: Asked, hit: Hit) -> dict[str, float]:
    """The evidence that is the same for all candidates of a passage, there before it is read: the fields of BEFORE."""
    around = asked.told(hit.passage.text) | asked.told(hit.passage.context)
    return {
        "rank": math.log1p(hit.rank),
        "cosine": hit.dense,
        "missing_names": len(asked.names - around) / len(asked.names) if asked.names else 0.0,
        "fact": float(hit.passage.kind == "facts"),
    }


BEFORE = ("rank", "cosine", "missing_names", "fact")


def weigh(
    asked: Asked, spans: Sequence[Span], hit: Hit, sentences: Sequence[str], known: Mapping[str, float]
) -> list[Evidence]:
    """Collect the evidence for each span of one passage, of which `known_of` is known.

    `sentences` are those that the spans stand in, in the same order.
    """
    context = asked.told(hit.passage.context)
    found = []
    for span, sentence in zip(spans, sentences, strict=True):
        words = terms(span.text)
        found.append(
            Evidence(
                **known,
                margin=span.score,
                sentence_coverage=asked.share(asked.told(sentence) | context),
                echo=sum(word in asked.rarity for word in words) / len(words) if words else 1.0,
                length=math.log1p(len(words)),
            )
        )
    return found


def _name_terms(question: str) -> list[str]:
    """Terms of the question's names and numbers; its first word counts only if it is no ordinary sentence opening."""
    found = []
    for i, match in enumerate(re.finditer(r"[\w’'\-]+", question)):
        word = match.group()
        if word[0].isdigit() or (word[0].isupper() and (i > 0 or any(mark.isupper() for mark in word[1:]))):
            found += terms(word)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospects:
    """What can be expected of a passage before it is read.

    A linear model of the log odds of its best candidate, over the fields of BEFORE; `reach` is how far above it that
    candidate may come, so far that of a hundred questions one at most gets another answer where passages out of reach
    stay unread.
    """

    weights: Mapping[str, float]
    intercept: float
    reach: float

    def most(self, known: Mapping[str, float]) -> float:
        """The log odds that the best candidate of a passage will hardly exceed."""
        return self.intercept + self.reach + sum(self.weights[name] * known[name] for name in BEFORE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """A logistic model from evidence to the probability of being right, and whose evidence it was fitted on.

    `weights` has a weight for each field of Evidence (of the standardised value: less `means`, over `scales`).
    `threshold` is the least confidence at which an answer is shown. `reader` and `encoder` are SHA-256 of weights,
    `split` the split settings; with others, confidences are not true to frequency. `null_margin` is the margin from
    which on an answer of one paragraph read alone is to be believed: the product has more to go by, benchmarks don't.
    `prospects` tell which passages need not be read (None: all are).
    """

    weights: Mapping[str, float]
    means: Mapping[str, float]
    scales: Mapping[str, float]
    intercept: float
    threshold: float
    reader: str
    encoder: str
    split: Mapping[str, int]
    null_margin: float
    prospects: Prospects | None = None

    @classmethod
    def shipped(cls) -> Calibration:
        """The calibration that belongs to the reader that ships."""
        return cls.read(Path(str(files("qa.reader") / "weights" / "calibration.json")))

    @classmethod
    def read(cls, file: Path) -> Calibration:
        """A stored calibration. Raises ModelUnusable if it is missing or weighs other evidence than is collected."""
        try:
            stored = json.loads(file.read_text(encoding="utf-8"))
            prospects = stored.pop("prospects", None)  # older ones have none
            named = {field.name: stored[field.name] for field in fields(cls) if field.name != "prospects"}
            calibration = cls(**named, prospects=Prospects(**prospects) if prospects else None)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelUnusable(f"{file}: no calibration can be read there ({error}); reinstall the package") from error
        wanted = {field.name for field in fields(Evidence)}
        for part in (calibration.weights, calibration.means, calibration.scales):
            if not isinstance(part, dict) or part.keys() != wanted:
                raise ModelUnusable(f"{file}: it was fitted on other evidence; fit it again, or reinstall the package")
        return calibration

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of all its numbers."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    def belongs_to(self, reader: str, encoder: str, split: Mapping[str, int]) -> bool:
        """Whether it was fitted with these models (SHA-256 of their weights) and this split."""
        return (self.reader, self.encoder, dict(self.split)) == (reader, encoder, dict(split))

    def probability(self, evidence: Evidence) -> float:
        """The probability (0..1) that an answer with this evidence is right (F1 >= 0.5 against a gold answer)."""
        total = self.intercept
        for name, value in asdict(evidence).items():
            total += self.weights[name] * (value - self.means[name]) / self.scales[name]
        return from_log_odds(total)

    def shifted(self, by: float) -> Calibration:
        """The same with all log odds higher by so much: the same answers are shown, with other confidences."""
        prospects = self.prospects
        return replace(
            self,
            intercept=self.intercept + by,
            threshold=round(from_log_odds(log_odds(self.threshold) + by), 3),
            prospects=prospects and replace(prospects, intercept=prospects.intercept + by),
        )


def log_odds(probability: float) -> float:
    """The logarithm of the odds of a probability (0..1)."""
    if probability <= 0.0:
        return -math.inf
    return math.log(probability / (1.0 - probability)) if probability < 1.0 else math.inf


def from_log_odds(odds: float) -> float:
    """The probability (0..1) that has these log odds."""
    return 1.0 / (1.0 + math.exp(-odds)) if odds > -700 else 0.0
