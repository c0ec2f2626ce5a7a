"""Words and names of a question as the documents write them: typing errors mended, short and long forms known."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from embeddings.encode import Encoder
from embeddings.index import Index
from embeddings.keywords import question_terms, stemmed, words
from qa.values import adds_nothing, errors_between, same_value

SHORTEST = 4  # letters of a word that is mended: shorter ones have too many neighbours
TWO_ERRORS = 9  # letters from which on a word may have two typing errors
ALIKE = 4  # letters in which the terms of a long form agree with those of another: West and Western Africa

_WORD = re.compile(r"\b[^\W\d_]+\b")
_TOKEN = re.compile(r"\w[\w&./-]*\w")  # what may be a short form: F&F, CPA-10

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """One thing that documents name by a long form and by short ones.

    `key` is how the terms of the long form begin, `shorts` are as written, `terms` those of all forms.
    """

    key: Key
    shorts: frozenset[str]
    terms: frozenset[str]

    def stands_in(self, text: str) -> bool:
        """Whether a text has one of the forms, the short ones as they are written."""
        return not self.shorts.isdisjoint(_TOKEN.findall(text)) or self.key in _keys(text, {len(self.key)})


class Names:
    """What the documents of an index call things, for questions about them; part of it is read when first needed."""

    def __init__(self, index: Index, encoder: Encoder) -> None:
        self._index = index
        self._encoder = encoder
        self._near = lru_cache(maxsize=1024)(self._nearest)  # a question is mended wherever it is looked at

    def mended(self, question: str) -> str:
        """A question in which each word that the documents lack gives way to the nearest word they have.

        It must begin with the same letter and be one typing error away (Damerau-Levenshtein), of long words two. Of
        equally near ones the most frequent counts. A word that the encoder knows whole is no typing error.
        """
        return _WORD.sub(lambda match: self._near(match.group()), question)

    def named_in(self, question: str) -> list[Name]:
        """The names that have other forms, and of which a form stands in a question.

        A short form may be written with small letters unless it is then an ordinary word: OUT, WHO.
        """
        keys = [key for key in _keys(question, self._lengths) if key in self._names]
        for token in _TOKEN.findall(question):
            for short, key in self._by_short.get(token.casefold(), ()):
                if token == short or not self._ordinary(token.casefold()):
                    keys.append(key)
        return [self._names[key] for key in dict.fromkeys(keys)]

    def same_value(self, one: str, other: str) -> bool:
        """Whether two spans give one value, be it by two forms of a name."""
        return same_value(one, other) or not self._named_by(one).isdisjoint(self._named_by(other))

    def adds_nothing(self, value: str, before: str) -> bool:
        """Whether a value is one that was given before, in whatever form, and no more of it."""
        return self.same_value(value, before) and (adds_nothing(value, before) or not same_value(value, before))

    def _named_by(self, value: str) -> set[Key]:
        """What a value that is nothing but a name is the name of."""
        value = re.sub(r"^(?i:the) ", "", value.strip())
        keys = {key for short, key in self._by_short.get(value.casefold(), ()) if short == value}
        return keys | ({_key(question_terms(value))} & self._names.keys())

    def _nearest(self, word: str) -> str:
        found = words(word)
        if len(word) < SHORTEST or len(found) != 1:
            return word
        (folded,), (term,) = found, stemmed(found)
        if self._index.frequency([term])[term] or self._ordinary(word, folded, term):
            return word
        errors = 2 if len(folded) >= TWO_ERRORS else 1
        there = self._index.words(folded[0], len(folded) - errors, len(folded) + errors)
        near = {
            candidate: distance
            for candidate in there
            if (distance := errors_between(folded, candidate, most=errors)) <= errors
        }
        frequency = self._index.frequency({there[candidate] for candidate in near})
        ranked = sorted((near[one], -frequency[there[one]], one) for one in near if frequency[there[one]])
        return _cased(ranked[0][2], word) if ranked else word

    def _ordinary(self, *forms: str) -> bool:
        """Whether the encoder has a token of its own for one of the forms of a word."""
        nothing, *counts = self._encoder.count_tokens(["", *forms])
        return nothing + 1 in counts

    @cached_property
    def _names(self) -> dict[Key, Name]:
        aliases = defaultdict(list)
        for alias in self._index.aliases():
            aliases[_key(question_terms(alias.long))].append(alias)
        return {
            key: Name(
                key=key,
                shorts=frozenset(alias.short for alias in found),
                terms=frozenset(term for alias in found for term in question_terms(f"{alias.short} {alias.long}")),
            )
            for key, found in aliases.items()
            if len(key) > 1  # a single word says too little
        }

    @cached_property
    def _by_short(self) -> dict[str, list[tuple[str, Key]]]:
        found = defaultdict(list)
        for key, name in self._names.items():
            for short in sorted(name.shorts):
                found[short.casefold()].append((short, key))
        return dict(found)

    @cached_property
    def _lengths(self) -> set[int]:
        return {len(key) for key in self._names}


def terms_of(names: Iterable[Name], text: str) -> set[str]:
    """The terms of all forms of those names that stand in a text in whatever form."""
    return {term for name in names if name.stands_in(text) for term in name.terms}


def _key(terms: Sequence[str]) -> Key:
    return tuple(term[:ALIKE] for term in terms)


def _keys(text: str, lengths: set[int]) -> list[Key]:
    """The keys of all stretches of a text that have so many terms."""
    terms = question_terms(text) if lengths else []
    return [_key(terms[i : i + n]) for n in sorted(lengths) for i in range(len(terms) - n + 1)]


def _cased(word: str, like: str) -> str:
    if like.isupper():
        return word.upper()
    return word.capitalize() if like[0].isupper() else word
