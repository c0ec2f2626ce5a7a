"""Fact lines: labels in words, flags, values."""

from __future__ import annotations

import pytest

from embeddings.load.facts import fact_line, fact_note, flags, is_empty, key_value, readable, row_line, value_of_lines
from embeddings.mapped import MappedText


def mapped(text: str) -> MappedText:
    return MappedText.original(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("🇹🇩 38 killed", "Chad 38 killed"),
        ("🇹🇩38 killed", "Chad 38 killed"),
        ("🇫🇷 France", "France"),
        ("🇳🇪 Nigeria", "Niger Nigeria"),
        ("🇫🇷🇲🇱 9 killed", "France, Mali 9 killed"),
        ("\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f 2", "Scotland 2"),
        ("🇽🇽 9", "🇽🇽 9"),
        ("no flag", "no flag"),
    ],
)
def test_a_flag_is_its_country(text: str, expected: str) -> None:
    assert flags(mapped(text)).text == expected


@pytest.mark.parametrize(
    ("label", "words", "number"),
    [
        ("casualties1", "casualties and losses: killed, wounded, captured, lost", "1"),
        ("strength_2", "strength, number of troops or vehicles", "2"),
        ("Birth_place", "place of birth, born", ""),
        ("shortTitle", "short Title", ""),
        ("ATC code", "ATC code", ""),
        ("Budget 2012", "budget 2012", ""),
        ("length_km", "length km", ""),
    ],
)
def test_labels_in_words(label: str, words: str, number: str) -> None:
    assert readable(label) == (words, number)


def test_sides_are_named_by_whoever_names_them() -> None:
    labels = {"leader1": "Ann Oak", "leader2": "Bo Elm", "seats2": "41"}
    assert fact_note("Vote", "seats2", labels) == "Vote, seats, side 2 (Bo Elm)"
    assert fact_note("Vote", "leader1", labels) == "Vote, leaders, side 1"
    assert fact_note("Oxtarelin", "Routes1", {"Routes1": "nasal"}) == "Oxtarelin, routes 1"
    assert fact_note("Vote", "seats", labels) == "Vote, seats"


def test_the_colon_of_a_fact_line_is_ours() -> None:
    source = mapped("DateMay 6")
    line = fact_line(source[:4], source[4:])
    assert line.text == "Date: May 6"
    assert line.source_map().span(4, 6) is None
    assert line.source_map().span(6, 11) == (4, 9)


def test_table_rows_pair_headers_and_cells() -> None:
    headers, cells = [mapped("Unit"), mapped("")], [mapped("Rifles"), mapped("400"), mapped(" "), mapped("x")]
    assert row_line(headers, cells).text == "Unit: Rifles; 400; x"


def test_values_of_several_lines_are_one() -> None:
    lines = ["Elements of:", " * 5,000 (A) ", "", "*-", "- 1,000 ()", "–5 °C"]
    assert value_of_lines(map(mapped, lines)).text == "Elements of: 5,000 (A); 1,000; –5 °C"


@pytest.mark.parametrize(
    ("value", "empty"), [("()", True), (" , ", True), ("—", True), ("0", False), ("†", True), ("é", False)]
)
def test_empty_values(value: str, empty: bool) -> None:
    assert is_empty(mapped(value)) is empty


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Next step: claim, no date", ("Next step", "claim, no date")),
        ("Time: 8:14 a.m.", ("Time", "8:14 a.m.")),
        ("He said. Then: no", None),
        ("He asked “why: this", None),
        ("8:14", None),
        ("Ends with:", None),
    ],
)
def test_fields_of_lines(line: str, expected: tuple[str, str] | None) -> None:
    field = key_value(mapped(line))
    assert (field and (field.label.text, field.value.text)) == expected
