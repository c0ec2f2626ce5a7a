"""Text that knows where its characters came from."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from embeddings.mapped import MappedText

WORDS = st.text(alphabet="ab \n\r.é🇫", max_size=40)


def origin(text: MappedText, source: str) -> list[str | None]:
    """For each character the stretch of the source that it stands for, by way of the compact map."""
    compact = text.source_map()
    spans = [compact.span(place, place + 1) for place in range(len(text))]
    return [None if span is None else source[slice(*span)] for span in spans]


@given(WORDS)
def test_the_original_stands_for_itself(source: str) -> None:
    assert origin(MappedText.original(source), source) == list(source)


@given(WORDS, st.integers(0, 40), st.integers(0, 40))
def test_slices_and_joins_keep_what_each_character_stands_for(source: str, start: int, end: int) -> None:
    whole = MappedText.original(source)
    cut = MappedText.join([whole[end:], MappedText.inserted("; "), whole[start:end]])
    assert cut.text == source[end:] + "; " + source[start:end]
    assert origin(cut, source) == [*source[end:], None, None, *source[start:end]]


@given(WORDS)
def test_splitting_and_joining_with_the_ends_gives_the_lines(source: str) -> None:
    lines = MappedText.original(source).lines()
    assert [line.text for line in lines] == source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for line in lines:
        assert origin(line, source) == list(line.text)


@given(WORDS, st.sampled_from(["a", "ab+", r"\s+", "é"]), st.sampled_from(["", "x", "long"]))
def test_what_is_put_in_stands_for_the_whole_match(source: str, pattern: str, replacement: str) -> None:
    import re

    replaced = MappedText.original(source).sub(pattern, replacement)
    assert replaced.text == re.sub(pattern, replacement, source)
    expected: list[str] = []
    last = 0
    for match in re.finditer(pattern, source):
        expected += [*source[last : match.start()], *[match.group()] * len(replacement)]
        last = match.end()
    assert origin(replaced, source) == expected + list(source[last:])


@given(WORDS)
def test_maps_compose(source: str) -> None:
    first = MappedText.original(source).sub("a", "long").sub(" ", "")
    second = MappedText.original(first.text).sub("long", "x").through(first)
    assert origin(second, source) == ["a" if character == "x" else character for character in second.text]


@given(WORDS, st.integers(0, 40), st.integers(0, 40))
def test_a_stretch_of_the_original_is_found_again(source: str, start: int, end: int) -> None:
    compact = MappedText.original(source).source_map()
    stretch = source[start:end]
    found = compact.locate(start, end)
    assert "".join(source[a:b] for a, b in found) == stretch


def test_a_flag_stands_as_a_whole() -> None:
    text = MappedText.original("a 🇫🇷 9").sub("🇫🇷", "France")
    assert text.text == "a France 9"
    assert text.source_map().span(4, 6) == (2, 4)
    assert text.source_map().locate(3, 4) == [(2, 8)]
    assert text.source_map().span(9, 10) == (5, 6)


def test_inserted_text_stands_nowhere() -> None:
    assert MappedText.inserted(": ").source_map().span(0, 2) is None
