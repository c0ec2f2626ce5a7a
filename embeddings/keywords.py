"""Keyword search: how a text becomes terms, and BM25 over them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeywordSettings:
    """The parameters of BM25; they act on questions only, an index serves any of them.

    `k1` says how fast repeating a term stops helping, `b` how much long passages are held back (0-1), `context_weight`
    what an occurrence in a passage's context counts beside one in its text.
    """

    k1: float = 0.9
    b: float = 0.4
    context_weight: float = 1.0


def terms(text: str) -> list[str]:
    """The terms of a text in its order: lower case, without accents, stemmed; compounds as a whole and in parts."""
    return list(_terms(text))


@lru_cache(maxsize=16_384)  # the sentences of a few hundred passages, which come again with one question after another
def _terms(text: str) -> tuple[str, ...]:
    return tuple(stemmed(words(text)))


def words(text: str) -> list[str]:
    """The words of a text before they are stemmed; there are as many as terms."""
    return [form for match in _TOKEN.finditer(_fold(text)) for form in _forms(match.group())]


def stemmed(words: list[str]) -> list[str]:
    """The term of each word."""
    return _stemmer().stemWords(words)


def question_terms(question: str) -> list[str]:
    """The terms of a question without its function words; all of them if it has no others."""
    found = terms(question)
    return [term for term in found if term not in _function_terms()] or found


def rarity(document_frequency: int, passages: int) -> float:
    """The inverse document frequency of BM25 as Lucene has it: 0 or more, also of terms in most passages."""
    return float(np.log1p((passages - document_frequency + 0.5) / (document_frequency + 0.5)))


def bm25(frequency: Floats, length: Floats, average: float, settings: KeywordSettings) -> Floats:
    """What a term adds to the scores of the passages it stands in, before it is weighed by its rarity.

    `frequency` and `length` are (n,): the term's occurrences and the number of terms of each passage; `average` is the
    length of the average passage. Robertson and Zaragoza, The Probabilistic Relevance Framework (2009), section 3.
    """
    held_back = 1.0 - settings.b + settings.b * length / (average or 1.0)
    return frequency * (settings.k1 + 1.0) / (frequency + settings.k1 * held_back)


# letters that Unicode does not take apart into a base and an accent
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "’": "'", "ʼ": "'", "‐": "-"}
)
_ACCENTS = re.compile("[\u0300-\u036f]")
_GROUPED = re.compile(r"(?<![\w.,])\d{1,3}(?:([,\u00a0\u202f\u2009])\d{3})(?:\1\d{3})*(?![\w])")  # 1,200 and 1 200
_TOKEN = re.compile(r"(?:[a-z]\.){2,}|\d+(?:\.\d+)+|[^\W_]+(?:['-][^\W_]+)*")  # u.s. | 3.5 | c-17, o'neil, words


def _fold(text: str) -> str:
    grouped = _GROUPED.sub(lambda match: re.sub(r"\D", "", match.group()), text)
    return _ACCENTS.sub("", unicodedata.normalize("NFKD", grouped.casefold().translate(_LETTERS)))


def _forms(token: str) -> list[str]:
    """The forms under which a token is found: "c-17" is c17, c and 17; "sahel's" is sahel."""
    if "." in token:
        return [token if token[0].isdigit() else token.replace(".", "")]
    parts = re.split("['-]", token.removesuffix("'s"))
    if len(parts) == 1:
        return parts
    return ["".join(parts), *parts]


@cache
def _stemmer() -> _Stemmer:
    import Stemmer

    return Stemmer.Stemmer("english")  # type: ignore[no-any-return]


@cache
def _function_terms() -> frozenset[str]:
    return frozenset(terms(_FUNCTION_WORDS))


class _Stemmer:  # what is used of PyStemmer, which has no types
    def stemWords(self, words: list[str]) -> list[str]:  # noqa: N802
        raise NotImplementedError


# words that ask or connect and say nothing about what is asked for
_FUNCTION_WORDS = """
    a an the this that these those there here what which who whom whose when where why how do does did done doing
    is are was were be been being am has have had having can could will would shall should may might must
    i me my we us our you your he him his she her it its they them their
    of in on at to from by with for about into onto as than then and or but nor not no if so such very too also
    please tell give say
"""
