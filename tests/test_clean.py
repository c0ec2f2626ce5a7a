"""Decoding and cleaning."""

from __future__ import annotations

import codecs

import ftfy.bad_codecs  # noqa: F401  (registers sloppy-windows-1252)
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.clean import clean, decode, repair
from embeddings.errors import UnreadableFile
from embeddings.mapped import MappedText
from tests.loading import INVENTED, SAMPLES, document

SCRIPTS = [
    "Opération Épervier, “neuf” – n° 10 … 9 °C, 4 ½ €, £5, ¿qué?, Öl, ñ, ß, Łódź, žluťoučký kůň, İstanbul",
    "Ελληνικά: Αθήνα «ναι»",
    "Русский: Москва — «да» № 5",
    "עברית: שלום",
    "العربية: مرحبا ٣",
    "فارسی: می‌خواهم",
    "日本語「東京」。",
    "中文，北京。",
    "한국어 서울",
    "हिन्दी क्षत्रिय",
    "ไทย",
    "Tiếng Việt: Nguyễn Ái Quốc",
    "🇫🇷 👩‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿 ✈️ ♥",
    "∑ x² ≤ ∞ ± µm → ← × ÷ ¬ ‰ † ‡ § ¶ © ® ™",
    "NÃO, SÃO, AÇÃO",
    "Âge d’or, Ça va, Être",
    "CAFÉ ÉTÉ",
    "Ð ð Þ þ Æ æ",
]


def mojibake(text: str, encoding: str, times: int = 1) -> str:
    for _ in range(times):
        text = text.encode().decode(encoding)
    return text


@pytest.mark.parametrize("encoding", ["sloppy-windows-1252", "latin-1"])
@pytest.mark.parametrize("times", [1, 2])
def test_broken_files_give_the_same_document_at_the_same_lines(encoding: str, times: int) -> None:
    for path in [*SAMPLES, *INVENTED[::9]]:
        good, _ = repair(MappedText.original(path.read_text(encoding="utf-8")))
        before = document(good.text)
        after = document(mojibake(good.text, encoding, times))
        assert after.text == before.text
        assert after.sections == before.sections
        places = range(0, len(before.text), 97)
        assert [after.line_at(place) for place in places] == [before.line_at(place) for place in places]


@pytest.mark.parametrize(
    "broken",
    [
        lambda text: codecs.BOM_UTF8 + text.encode(),
        lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
        lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
        lambda text: codecs.BOM_UTF32_LE + text.encode("utf-32-le"),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r").encode(),
    ],
)
def test_marks_and_line_ends_change_nothing(broken) -> None:
    for path in [*SAMPLES, *INVENTED[::20]]:
        text = path.read_text(encoding="utf-8")
        before, after = document(text), document(broken(text))
        assert after.text == before.text
        assert after.notes == before.notes
        places = range(0, len(before.text), 97)
        assert [after.line_at(place) for place in places] == [before.line_at(place) for place in places]


def test_one_byte_encodings_are_detected() -> None:
    right = 0
    western = [path.read_text(encoding="utf-8") for path in INVENTED]
    encodable = [
        text for text in western if not text.isascii() and text.encode("cp1252", "ignore").decode("cp1252") == text
    ]
    for text in encodable:
        right += decode(text.encode("cp1252")).text == text
    assert right >= 0.95 * len(encodable) > 20


def test_binary_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="binary"):
        decode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")


def test_clean_text_of_many_scripts_comes_out_unchanged() -> None:
    lines = [f"{number} {line}" for number, line in enumerate(SCRIPTS * (10_000 // len(SCRIPTS) + 1))]
    text = "\n".join(lines)
    assert len(lines) >= 10_000
    repaired, count = clean(MappedText.original(text))
    assert (count, repaired.text) == (0, text)
    for line in SCRIPTS:  # and each alone, where nothing around it speaks for it
        assert clean(MappedText.original(line))[0].text == line


def test_mojibake_among_clean_text_is_repaired_alone() -> None:
    source = "Élan “vital”. OpÃ©ration Ã‰pervier â€“ nÂ°10, ðŸ‡«ðŸ‡·. Ça va."
    text, count = repair(MappedText.original(source))
    assert text.text == "Élan “vital”. Opération Épervier – n°10, 🇫🇷. Ça va."
    assert count == 5
    compact = text.source_map()
    assert compact.span(text.text.index("–"), text.text.index("–") + 1) == (35, 38)
    assert compact.span(len(text) - 7, len(text)) == (len(source) - 7, len(source))


def test_blanks_become_plain_and_the_invisible_goes() -> None:
    source = "a\xa0b\u2009c\u200bd\xade\u2060 \ufefff\u2028g e\u0301"
    text, _ = clean(MappedText.original(source))
    assert text.text == "a b cde f\ng é"
    compact = text.source_map()
    assert [source[slice(*compact.span(place, place + 1))] for place in (1, 3, 12)] == ["\xa0", "\u2009", "e\u0301"]


@given(st.text(max_size=60) | st.text(alphabet="Ã©Â\xa0â€“™œðŸ‡«·ab \xad\u200b\x85\r\n", max_size=60))
def test_cleaning_is_idempotent_and_everything_kept_is_reachable(source: str) -> None:
    text, _ = clean(MappedText.original(source))
    again, count = clean(MappedText.original(text.text))
    assert (again.text, count) == (text.text, 0)
    compact = text.source_map()
    for place, character in enumerate(text.text):
        start, end = compact.span(place, place + 1)
        if end - start == 1 and character not in " \n":  # else it stands for several, or for an odd blank
            assert source[start] == character


def test_a_large_file_is_repaired_throughout() -> None:
    source = "OpÃ©ration Serval, a French operation in Mali. " * 5_000
    text, count = clean(MappedText.original(source))
    assert count == 5_000
    assert len(text) == len(source) - 5_000


def test_a_broken_byte_does_not_spoil_a_utf_8_file() -> None:
    decoded = decode("Café Ünïversität – voilà, naïve".encode() + b" \xff byte")
    assert (decoded.encoding, decoded.text) == ("utf-8", "Café Ünïversität – voilà, naïve \ufffd byte")
    assert decode(b"caf\xe9, na\xefve, d\xe9j\xe0 vu, \xfcber").text == "café, naïve, déjà vu, über"
