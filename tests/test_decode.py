"""Decoding against a twin that tries every span of every window, and where spans may begin and end."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings.engine.span_model import Window
from qa.reader.decode import Decoded, borders, decode

PIECES = [
    "Ada",
    " ",
    "F",
    "enwick",
    "1,200",
    "1",
    ",",
    "200",
    "3.5",
    "10:30",
    "é",
    "e\u0301",
    "🇫🇷",
    "-",
    ". ",
    "\n",
    "’s",
    "of",
]


def window(
    text: str, offsets: list[tuple[int, int]], scores: list[int], *, asked: int = 2, null: float = 0.0
) -> Window:
    """Tokens at the offsets given, after `asked` tokens of a question; start logits from `scores`, then end logits."""
    size = asked + len(offsets)
    logits = np.resize(np.asarray(scores, dtype=np.float32), 2 * size)
    return Window(
        text=0,
        starts=logits[:size],
        ends=logits[size:],
        null=null,
        offsets=np.asarray([(0, 3)] * asked + offsets, dtype=np.int64).reshape(-1, 2),
        inside=np.asarray([False] * asked + [True] * len(offsets)),
    )


@st.composite
def windows_of_a_text(draw: st.DrawFn) -> tuple[str, list[Window]]:
    """A text of pieces, and windows over runs of tokens that are pieces or parts of them."""
    pieces = draw(st.lists(st.sampled_from(PIECES), min_size=1, max_size=12))
    text = "".join(pieces)
    cuts = {0, len(text), *draw(st.lists(st.integers(0, len(text)), max_size=12))}
    place = 0
    for piece in pieces:
        place += len(piece)
        cuts.add(place)
    tokens = list(pairwise(sorted(cuts)))
    found = []
    for _ in range(draw(st.integers(1, 3))):
        first = draw(st.integers(0, len(tokens) - 1))
        run = tokens[first : first + draw(st.integers(1, len(tokens)))]
        logits = draw(st.lists(st.integers(-3, 3), min_size=1, max_size=2 * len(run) + 4))  # few values: many ties
        found.append(window(text, run, logits, null=draw(st.integers(-2, 2))))
    return text, found


JOINED = re.compile(
    r"(?<=\d)(?=[.,:]\d)|(?<=\d[.,:])(?=\d)"  # 1,200
    r"|(?<=[^\W_])(?=[^\W_])|(?<=[\u0300-\u036f])(?=[^\W_])|(?=[\u0300-\u036f])"  # words, with their accents
)


def legal_in(text: str, start: int, end: int) -> bool:
    """The same rule said with patterns: no outer blanks, no border within a word, a number or an accented letter."""
    joined = {match.start() for match in JOINED.finditer(text)}
    return text[start:end] == text[start:end].strip() != "" and not {start, end} & joined


def brute(windows: list[Window], text: str, *, begin: int, max_tokens: int, max_spans: int) -> list[Decoded]:
    every: list[Decoded] = []
    for one in windows:
        tokens = [i for i, inside in enumerate(one.inside) if inside]
        for i, j in product(tokens, tokens):
            (start, _), (_, end) = one.offsets[i].tolist(), one.offsets[j].tolist()
            if i <= j < i + max_tokens and start >= begin and legal_in(text, start, end):
                every.append(Decoded(start=start, end=end, score=float(one.starts[i] + one.ends[j] - one.null)))
    chosen: list[Decoded] = []
    for span in sorted(every, key=lambda one: (-one.score, one.start, one.end)):
        if len(chosen) < max_spans and all(span.end <= other.start or span.start >= other.end for other in chosen):
            chosen.append(span)
    return chosen


@settings(max_examples=300, deadline=None)
@given(windows_of_a_text(), st.integers(0, 8), st.integers(1, 6), st.integers(1, 4))
def test_spans_are_those_of_the_brute_force_twin(
    made: tuple[str, list[Window]], begin: int, max_tokens: int, max_spans: int
) -> None:
    text, windows = made
    limits = {"begin": begin, "max_tokens": max_tokens, "max_spans": max_spans}
    assert decode(windows, text, **limits) == brute(windows, text, **limits)


def test_many_windows_of_many_tokens_agree_with_the_twin() -> None:
    chance = np.random.default_rng(7)
    text = " ".join(f"w{number}" for number in range(40))
    tokens = [match.span() for match in re.finditer(r"\S+", text)]
    windows = [
        replace(
            window(text, tokens[first : first + 25], [0], null=float(chance.normal())),
            starts=chance.normal(size=27).astype(np.float32),
            ends=chance.normal(size=27).astype(np.float32),
        )
        for first in (0, 15)
    ]
    limits = {"begin": 3, "max_tokens": 10, "max_spans": 5}
    found, twin = decode(windows, text, **limits), brute(windows, text, **limits)
    assert [(one.start, one.end) for one in found] == [(one.start, one.end) for one in twin]
    assert [one.score for one in found] == pytest.approx([one.score for one in twin], abs=1e-5)


def simple(text: str, scores: list[int]) -> Window:
    return window(text, [match.span() for match in re.finditer(r"\S+", text)], scores, asked=0)


def texts(found: list[Decoded], text: str) -> list[str]:
    return [text[one.start : one.end] for one in found]


def test_start_and_end_are_chosen_together() -> None:
    text = "Rill kept the lamp"
    one = simple(text, [0, 0, 5, 0, 9, 3, 0, 2])  # the best end stands before the best start
    assert decode([one], text, begin=0, max_tokens=4, max_spans=1) == [Decoded(start=0, end=4, score=9.0)]
    assert texts(decode([one], text, begin=5, max_tokens=4, max_spans=1), text) == ["the lamp"]
    assert texts(decode([one], text, begin=5, max_tokens=1, max_spans=1), text) == ["the"]


def test_equal_scores_go_to_the_earlier_then_the_shorter_span() -> None:
    text = " ".join(["lamp"] * 80)  # 80 tokens have 3,240 spans of one score
    found = decode([simple(text, [1])], text, begin=0, max_tokens=80, max_spans=3)
    assert [(one.start, one.end) for one in found] == [(0, 4), (5, 9), (10, 14)]


def test_a_span_of_two_windows_has_its_better_score_and_comes_once() -> None:
    text = "Ada"
    low, high = (window(text, [(0, 3)], [1], null=null) for null in (1.0, -1.0))
    assert decode([low, high], text, begin=0, max_tokens=3, max_spans=3) == [Decoded(start=0, end=3, score=3.0)]


def test_a_long_span_of_one_window_does_not_hide_what_another_found() -> None:
    text = " ".join(f"w{number}" for number in range(60))
    tokens = [match.span() for match in re.finditer(r"\S+", text)]
    crowded = window(text, tokens[:50], [5] * 10 + [0] * 40, asked=0)  # its best spans all stand in the first tokens
    long = window(text, tokens[:49], [20] + [0] * 48 + [0] * 48 + [20], asked=0)
    found = decode([crowded, long], text, begin=0, max_tokens=50, max_spans=2)
    assert texts(found, text) == [text[: tokens[48][1]], "w49"]


def test_no_legal_span_is_no_span() -> None:
    assert decode([], "Ada", begin=0, max_tokens=3, max_spans=3) == []
    assert decode([simple("Ada", [1])], "Ada", begin=3, max_tokens=3, max_spans=3) == []
    assert decode([window("   ", [(0, 1), (1, 3)], [1])], "   ", begin=0, max_tokens=3, max_spans=3) == []
    broken = replace(simple("Ada", [1]), null=float("nan"))
    assert decode([broken], "Ada", begin=0, max_tokens=3, max_spans=3) == []


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("1,200", "1,200"),
        ("at 10:30", "10:30"),
        ("3.5 m", "3.5"),
        ("Fenwick's", "Fenwick"),
        ("100–200", "100"),
        ("C-17", "17"),
        ("(Ada)", "Ada"),
        ("1871, then", "1871"),
        ("lit,1871", "1871"),
        ("e\u0301te\u0301", "e\u0301te\u0301"),
        ("कि", "कि"),
    ],
)
def test_where_words_and_numbers_begin_and_end(text: str, inside: str) -> None:
    opens, closes = borders(text)
    start = text.index(inside)
    end = start + len(inside)
    assert opens[start]
    assert closes[end]
    assert not opens[start + 1 : end].any()
    assert not closes[start + 1 : end].any()


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_borders_are_those_of_the_patterns(text: str) -> None:
    opens, closes = borders(text)
    for start in range(len(text)):
        for end in range(start + 1, len(text) + 1):
            assert bool(opens[start] and closes[end]) == legal_in(text, start, end)
    assert not opens[len(text)]
    assert not closes[0]
