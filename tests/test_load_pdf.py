"""PDF: columns in reading order, words whole, running heads gone, paragraphs as they were written."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

import pytest
from fpdf import FPDF

from embeddings.errors import UnreadableFile
from embeddings.load import Limits, load_bytes, load_file
from embeddings.load.base import Loaded
from embeddings.load.pdf_layout import Piece, blocks_of

OTTER = Path(__file__).parent / "fixtures" / "formats" / "otter.pdf"
LEFT = [
    "In the spring of that year the",
    "river rose above the meadows",
    "and the ferry was moved up to",
    "the mill, where it stayed until",
    "the hay was brought in again.",
]
RIGHT = [
    "The ferryman was a quiet man",
    "who kept bees and wrote down",
    "the weather of every morning",
    "in a book that is now in the",
    "library of the county town.",
]


@pytest.fixture(scope="module")
def otter() -> Loaded:
    return load_file(OTTER, "otter.pdf")


def pages(*texts: list[tuple[float, float, float, str, str]]) -> Loaded:
    """A PDF whose pages have these texts at x, y (millimetres from the top left), of a size and a weight."""
    pdf = FPDF()
    for page in texts:
        pdf.add_page()
        for x, y, size, style, text in page:
            pdf.set_font("Helvetica", style, size)
            pdf.text(x, y, text)
    return load_bytes(bytes(pdf.output()), "p.pdf", "p.pdf")


def body(lines: list[str], x: float = 20, y: float = 60) -> list[tuple[float, float, float, str, str]]:
    return [(x, y + 5 * place, 11, "", text) for place, text in enumerate(lines)]


def paragraphs(loaded: Loaded) -> list[str]:
    return loaded.document.text.split("\n\n")


def test_what_the_file_says_of_itself(otter: Loaded) -> None:
    assert otter.document.title == "The Return of the Marsh Otter to Lake Orvane"
    assert otter.document.metadata == {
        "author": "Lucie Abelard and Tomasz Grell",
        "published": "2009-11-03",
        "language": "en",
        "pages": 3,
    }
    assert otter.document.source is None
    assert otter.document.line_starts == ()
    assert otter.encoding is None


def test_two_columns_are_read_one_after_the_other(otter: Loaded) -> None:
    openings = [paragraph.split(" ", 3)[:3] for paragraph in paragraphs(otter)]
    assert openings == [
        ["Lucie", "Abelard", "and"],
        ["The", "marsh", "otter"],
        ["The", "station", "began"],
        ["Every", "spring", "and"],
        ["The", "number", "of"],
        ["The", "genes", "gave"],
        ["Of", "the", "eleven"],
        ["The", "station", "recommends"],
    ]


def test_words_divided_at_line_ends_are_whole(otter: Loaded) -> None:
    for word in ("Brockdorf", "kilometres", "fishermen", "crayfish", "boathouses", "recommends"):
        assert word in otter.document.text
    assert "well-known" in otter.document.text
    assert "twenty-seven" in otter.document.text
    assert "\u00ad" not in otter.document.text


def test_headings_are_headings_and_running_heads_and_page_numbers_are_gone(otter: Loaded) -> None:
    assert [section.heading for section in otter.document.sections] == [
        (),
        ("1. Background",),
        ("2. Methods",),
        ("3. Results",),
        ("4. Threats",),
    ]
    assert "Bulletin of" not in otter.document.text
    assert "- 1 -" not in otter.document.text
    assert {left.what: left.count for left in otter.left_out} == {"running heads and page numbers": 4}


def test_a_page_without_text_is_reported(otter: Loaded) -> None:
    assert otter.warnings == ("page 3 has no text: scanned?",)


def test_each_character_knows_its_page(otter: Loaded) -> None:
    document = otter.document
    assert document.page_at(0) == 1
    assert document.page_at(document.text.index("next full count")) == 2
    assert len(document.page_starts) == 3


def test_columns_that_are_written_row_by_row_are_read_column_by_column() -> None:
    rows = [piece for left, right in zip(body(LEFT), body(RIGHT, x=90), strict=True) for piece in (left, right)]
    assert paragraphs(pages(rows)) == [" ".join(LEFT), " ".join(RIGHT)]


def test_columns_in_one_text_object_are_told_apart() -> None:
    moves = "".join(
        f"1 0 0 1 50 {700 - 14 * place} Tm ({left}) Tj 1 0 0 1 300 {700 - 14 * place} Tm ({right}) Tj "
        for place, (left, right) in enumerate(zip(LEFT, RIGHT, strict=True))
    )
    assert paragraphs(load_bytes(written_by_hand(f"BT /F1 11 Tf {moves} ET"), "p", "p.pdf")) == [
        " ".join(LEFT),
        " ".join(RIGHT),
    ]


def test_words_placed_one_by_one_have_blanks_and_parts_of_words_have_none() -> None:
    content = "BT /F1 10 Tf 50 700 Td (Har) Tj 17.23 0 Td (bour) Tj 27 0 Td (master) Tj ET"
    assert load_bytes(written_by_hand(content), "p", "p.pdf").document.text == "Harbour master"


def test_what_runs_over_the_columns_stands_before_and_after_them() -> None:
    wide = "A note on the ferry, the ferryman and the weather of a year that nobody has forgotten yet"
    last = "Printed for the members of the county society and not to be sold to anybody else at all"
    texts = [(20, 50, 11, "", wide), *body(RIGHT, x=110), *body(LEFT), (20, 95, 11, "", last)]
    assert paragraphs(pages(texts)) == [wide, " ".join(LEFT), " ".join(RIGHT), last]


def test_a_paragraph_goes_on_over_the_page() -> None:
    loaded = pages(body([*LEFT[:4], "until late"]), body(["in the autumn, when it sank.", "Nobody was hurt."], y=20))
    assert "until late in the autumn, when it sank. Nobody was hurt." in loaded.document.text
    start = loaded.document.text.index("in the autumn")
    assert (loaded.document.page_at(start - 2), loaded.document.page_at(start)) == (1, 2)


def test_gaps_and_indents_begin_paragraphs() -> None:
    text = body(LEFT) + body(RIGHT, y=95) + [(26, 120, 11, "", "An indented line begins a new one")]
    assert paragraphs(pages(text)) == [" ".join(LEFT), " ".join(RIGHT), "An indented line begins a new one"]


def test_a_hyphen_of_its_own_stays() -> None:
    lines = ["They met in a half-timbered house, and the half-", "timbered house was sold, and the har-", "bour too."]
    lines += ["It was the year of the Smith-", "Jones treaty."]
    text = pages(body(lines)).document.text
    assert "the half-timbered house was sold, and the harbour too." in text
    assert "the Smith-Jones treaty." in text


def test_lists_and_tables_of_a_page() -> None:
    text = [
        *body(["The warden keeps three books:"]),
        *body(["- one for the boats", "- one for the tolls"], y=66),
        *[(x, 90, 11, "B", text) for x, text in ((20, "Year"), (60, "Boats"), (100, "Tolls"))],
        *[(x, 95, 11, "", text) for x, text in ((20, "1911"), (60, "204"), (100, "77 marks"))],
        *[(x, 100, 11, "", text) for x, text in ((20, "1912"), (60, "198"), (100, "71 marks"))],
    ]
    document = pages(text).document
    assert [(section.kind, document.text[section.start : section.end]) for section in document.sections] == [
        ("prose", "The warden keeps three books:"),
        ("list", "one for the boats\none for the tolls"),
        ("table", "Year: 1911; Boats: 204; Tolls: 77 marks\nYear: 1912; Boats: 198; Tolls: 71 marks"),
    ]
    assert document.notes[0].text == "The warden keeps three books:"


def test_text_that_runs_another_way_is_left_out() -> None:
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("Helvetica", size=11)
    for place, line in enumerate(LEFT):
        pdf.text(30, 60 + 5 * place, line)
    with pdf.rotation(90, x=10, y=150):
        pdf.text(10, 150, "arXiv stamp")
    assert load_bytes(bytes(pdf.output()), "p", "p.pdf").document.text == " ".join(LEFT)


def test_an_encrypted_file_is_refused_unless_its_password_is_empty() -> None:
    for password in ("sesame", ""):
        pdf = FPDF()
        pdf.add_page()
        pdf.set_font("Helvetica", size=11)
        pdf.text(20, 20, "A secret sentence.")
        pdf.set_encryption(owner_password="owner", user_password=password)
        data = bytes(pdf.output())
        if password:
            with pytest.raises(UnreadableFile, match="is encrypted; open it with its password"):
                load_bytes(data, "p", "p.pdf")
        else:
            assert load_bytes(data, "p", "p.pdf").document.text == "A secret sentence."


def test_a_scanned_file_is_refused_with_what_to_do() -> None:
    pdf = FPDF()
    pdf.add_page()
    pdf.add_page()
    with pytest.raises(UnreadableFile, match=r"no text on its 2 pages: scanned\?.*ocrmypdf"):
        load_bytes(bytes(pdf.output()), "p", "p.pdf")


def test_a_file_of_too_many_pages_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="has 3 pages, more than 2"):
        load_bytes(OTTER.read_bytes(), "p", "p.pdf", Limits(max_pages=2))


def test_time_is_counted_inside_a_page() -> None:
    content = "BT /F1 10 Tf 50 700 Td " + "(x) Tj " * 1000 + "ET"
    with pytest.raises(UnreadableFile, match="takes longer than 0 seconds"):
        load_bytes(written_by_hand(content), "p", "p.pdf", Limits(max_seconds=0))


def test_a_two_column_table_is_no_page_of_two_columns() -> None:
    rows = [("Name", "Ferry of Lesk"), ("Built", "1871"), ("Length", "14 m"), ("Owner", "the town"), ("Crew", "two")]
    pieces = [
        Piece(text=text, left=x, right=x + 5 * len(text), y=700 - 14 * place, size=10)
        for place, row in enumerate(rows)
        for x, text in zip((50, 200), row, strict=True)
    ]
    (block,) = blocks_of(pieces)
    assert [line.text for line in block.lines] == [" ".join(row) for row in rows]


def written_by_hand(content: str) -> bytes:
    """A PDF of one page with this content."""
    stream = zlib.compress(content.encode("latin-1"))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.7\n")
    for number, each in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, each))
    start = out.tell()
    out.write(b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % start)
    return out.getvalue()
