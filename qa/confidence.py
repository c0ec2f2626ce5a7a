"""From evidence to a calibrated probability that an answer is right."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from importlib.resources import files

from embeddings.document import SectionKind
from embeddings.keywords import terms
from embeddings.passage import Hit
from qa.reply import Span
from qa.values import same_value

VOTERS = 5  # passages whose readings count as votes: few, so that reading more passages does not change a confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What speaks for and against one candidate answer, judged alone; every field is a number without unit.

    `margin` is the span's score over the null answer's (logits); `cosine` and `keyword` how near question and passage
    are (BM25 as a share of the best that the question's terms allow); `coverage` and `sentence_coverage` the shares of
    the question's rare words in the passage and in the answer's own sentence; `missing_names` the share of its names
    and numbers that stand in neither; `kind_fits` 1 if the
    answer is of the kind asked for, -1 if it is not, 0 if the question does not say; `echo` the share of the answer
    that repeats the question; `length` and `votes` the logarithms of the answer's words and of the other passages that
    say the same; `fact` whether it stands in a fact line.
    """

    margin: float
    cosine: float
    keyword: float
    coverage: float
    sentence_coverage: float
    missing_names: float
    kind_fits: float
    echo: float
    length: float
    votes: float
    fact: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as confidence sees it: its terms with their rarity (inverse document frequency), its names."""

    text: str
    rarity: Mapping[str, float]
    names: frozenset[str]

    @classmethod
    def of(cls, question: str, rarity: Mapping[str, float]) -> Asked:
        """Take a question apart; `rarity` has the inverse document frequency of each of its terms."""
        return cls(text=question, rarity=rarity, names=frozenset(_name_terms(question)))

    def share(self, seen: set[str]) -> float:
        """The share (0..1) of the question's rarity that stands among the terms seen."""
        total = sum(self.rarity.values())
        return sum(value for term, value in self.rarity.items() if term in seen) / total if total else 0.0


def weigh(asked: Asked, span: Span, hit: Hit, sentence: str, readings: Sequence[Span]) -> Evidence:
    """Collect the evidence for one span.

    `sentence` is the sentence or fact line it stands in, `readings` the best spans of the passages that vote.
    """
    passage = hit.passage
    context = set(terms(passage.context))
    around = set(terms(passage.text)) | context
    near = set(terms(sentence)) | context
    words = terms(span.text)
    best_keyword = sum(asked.rarity.values()) * 2.2
    return Evidence(
        margin=span.score,
        cosine=hit.dense,
        keyword=hit.keyword / best_keyword if best_keyword else 0.0,
        coverage=asked.share(around),
        sentence_coverage=asked.share(near),
        missing_names=len(asked.names - around) / len(asked.names) if asked.names else 0.0,
        kind_fits=kind_fits(asked.text, span.text),
        echo=sum(word in asked.rarity for word in words) / len(words) if words else 1.0,
        length=math.log1p(len(words)),
        votes=math.log1p(
            sum(
                same_value(span.text, other.text) and not (other.start < span.end and span.start < other.end)
                for other in readings
            )
        ),
        fact=float(passage.kind in _FACT_KINDS),
    )


_FACT_KINDS: frozenset[SectionKind] = frozenset({"facts", "table"})
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds?|thousands?|twenty|thirty|"
    r"forty|fifty|sixty|seventy|eighty|ninety|half|several|none|no|once|twice|single|both|third)\b",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\d{4}|\d|\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\b|"
    r"day\b|night|morning|evening|noon|dawn|dusk|week|month|year|century|autumn|spring|summer|winter|today|yesterday",
    re.IGNORECASE,
)
_NAME = re.compile(r"\b[A-ZÀ-Þ][\w’'\-]+")
_ASKS_NUMBER = re.compile(
    r"\bhow (?:many|much|old|long|far|large|big|tall|high|wide|deep|heavy|fast)\b|"
    r"\bwhat (?:number|share|percentage|proportion)\b",
    re.IGNORECASE,
)
_ASKS_TIME = re.compile(r"\bwhen\b|\b(?:what|which) (?:day|date|year|month|time|century|decade)\b", re.IGNORECASE)
_ASKS_NAME = re.compile(r"\bwho(?:m|se)?\b|^(?:and )?where\b", re.IGNORECASE)
_KINDS = ((_ASKS_NUMBER, _NUMBER), (_ASKS_TIME, _TIME), (_ASKS_NAME, _NAME))


def kind_fits(question: str, answer: str) -> float:
    """1 if the answer is of the kind asked for (number, time, name), -1 if not, 0 if the question does not say."""
    for asks, is_one in _KINDS:
        if asks.search(question):
            return 1.0 if is_one.search(answer) else -1.0
    return 0.0


def _name_terms(question: str) -> list[str]:
    """Terms of the question's names and numbers; its first word counts only if it is no ordinary sentence opening."""
    found = []
    for i, match in enumerate(re.finditer(r"[\w’'\-]+", question)):
        word = match.group()
        if word[0].isdigit() or (word[0].isupper() and (i > 0 or any(mark.isupper() for mark in word[1:]))):
            found += terms(word)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """A logistic model from evidence to the probability of being right, and whose evidence it was fitted on.

    `weights` has a weight for each field of Evidence (of the standardised value: less `means`, over `scales`).
    `threshold` is the least confidence at which an answer is shown. `reader` and `encoder` are SHA-256 of weights,
    `split` the split settings; with others, confidences are not true to frequency.
    """

    weights: Mapping[str, float]
    means: Mapping[str, float]
    scales: Mapping[str, float]
    intercept: float
    threshold: float
    reader: str
    encoder: str
    split: Mapping[str, int]

    @classmethod
    def shipped(cls) -> Calibration:
        """The calibration that belongs to the reader that ships."""
        text = (files("qa.reader") / "weights" / "calibration.json").read_text(encoding="utf-8")
        stored = json.loads(text)
        return cls(**{field.name: stored[field.name] for field in fields(cls)})

    def belongs_to(self, reader: str, encoder: str, split: Mapping[str, int]) -> bool:
        """Whether it was fitted with these models (SHA-256 of their weights) and this split."""
        return (self.reader, self.encoder, dict(self.split)) == (reader, encoder, dict(split))

    def probability(self, evidence: Evidence) -> float:
        """The probability (0..1) that an answer with this evidence is right (F1 >= 0.5 against a gold answer)."""
        total = self.intercept
        for name, value in asdict(evidence).items():
            total += self.weights[name] * (value - self.means[name]) / self.scales[name]
        return 1.0 / (1.0 + math.exp(-total)) if total > -700 else 0.0
