"""Word documents: what stands in the running text, as sections, lists and fact lines; the rest is counted."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from embeddings.errors import UnreadableFile
from embeddings.load import Limits, load_bytes, load_file
from embeddings.load.base import Loaded

JUDGMENT = Path(__file__).parent / "fixtures" / "formats" / "judgment.docx"


@pytest.fixture(scope="module")
def judgment() -> Loaded:
    return load_file(JUDGMENT, "judgment.docx")


def word(fill: Callable[[Any], None]) -> Loaded:
    document = docx.Document()
    fill(document)
    out = io.BytesIO()
    document.save(out)
    return load_bytes(out.getvalue(), "w.docx", "w.docx")


def sections(loaded: Loaded) -> list[tuple[str, tuple[str, ...], str]]:
    document = loaded.document
    return [(part.kind, part.heading, document.text[part.start : part.end]) for part in document.sections]


def test_what_the_file_says_of_itself(judgment: Loaded) -> None:
    assert judgment.document.title == "Osgood Mills Ltd v. Tarnbrook Water Board"
    assert judgment.document.metadata == {
        "author": "Registry of the Court of Appeal of Lower Wend",
        "published": "2017-06-22",
    }
    assert judgment.document.source is None
    assert judgment.document.source_span(0, 5) is None
    assert judgment.document.line_at(0) is None


def test_headings_by_style_make_paths(judgment: Loaded) -> None:
    assert [part.heading for part in judgment.document.sections] == [
        (),
        ("Facts of the case",),
        ("Grounds of appeal",),
        ("Grounds of appeal",),
        ("Reasons", "The by-law"),
        ("Reasons", "Notice"),
        ("Damages",),
        ("Damages",),
    ]


def test_a_table_of_two_columns_is_a_box_and_one_of_three_is_rows(judgment: Loaded) -> None:
    assert sections(judgment)[0][2].split("\n")[:2] == [
        "Court: Court of Appeal of Lower Wend, Second Chamber",
        "Case number: A 114/16",
    ]
    assert sections(judgment)[6] == (
        "table",
        ("Damages",),
        "Head of loss: Lost orders; Claimed (crowns): 236,000; Allowed (crowns): 71,500\n"
        "Head of loss: Wages; Claimed (crowns): 58,000; Allowed (crowns): 19,800\n"
        "Head of loss: Cleaning of the wheel pit; Claimed (crowns): 24,000; Allowed (crowns): none",
    )


def test_a_list_keeps_its_introduction(judgment: Loaded) -> None:
    document = judgment.document
    notes = {document.text[note.start : note.end]: note.text for note in document.notes}
    assert notes["the Board gave no notice, though the licence asks for fourteen days"] == (
        "The mill rested its appeal on three grounds:"
    )


def test_headers_and_footers_are_counted_not_read(judgment: Loaded) -> None:
    assert "without signature" not in judgment.document.text
    assert {left.what: left.count for left in judgment.left_out} == {"headers and footers": 2}


def test_tracked_changes_read_as_accepted(judgment: Loaded) -> None:
    assert judgment.document.text.endswith("within six weeks. Leave is needed.")

    def fill(document: Any) -> None:
        paragraph = document.add_paragraph("The fee is ")
        paragraph._p.append(parse_xml(f"<w:del {nsdecls('w')}><w:r><w:delText>ten</w:delText></w:r></w:del>"))
        paragraph._p.append(parse_xml(f"<w:ins {nsdecls('w')}><w:r><w:t>twelve</w:t></w:r></w:ins>"))
        paragraph.add_run(" crowns.")

    assert word(fill).document.text == "The fee is twelve crowns."


def test_a_cell_across_rows_stands_in_each_and_one_across_columns_once() -> None:
    def fill(document: Any) -> None:
        rows = [
            ("Year", "Place", "Boats", "Tolls"),
            ("1911", "Lesk", "204", "77"),
            ("", "Varn", "198", "71"),
            ("1912", "both closed", "", "0"),
        ]
        table = document.add_table(rows=4, cols=4)
        for row, texts in zip(table.rows, rows, strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.paragraphs[0].add_run(text).bold = text in rows[0] or None
        table.cell(1, 0).merge(table.cell(2, 0))
        table.cell(3, 1).merge(table.cell(3, 2))

    assert word(fill).document.text.split("\n") == [
        "Year: 1911; Place: Lesk; Boats: 204; Tolls: 77",
        "Year: 1911; Place: Varn; Boats: 198; Tolls: 71",
        "Year: 1912; Place: both closed; Tolls: 0",
    ]


def test_lines_that_only_look_like_headings_and_lists_are_taken_for_them() -> None:
    def fill(document: Any) -> None:
        document.add_heading("The ferry", 1)
        document.add_paragraph("It crosses the Lesk twice a day.")
        document.add_paragraph().add_run("Fares").bold = True
        document.add_paragraph("One pays:")
        document.add_paragraph("• two pence on foot")
        document.add_paragraph("• six pence with a cow")

    assert sections(word(fill)) == [
        ("prose", (), "It crosses the Lesk twice a day."),
        ("prose", ("Fares",), "One pays:"),
        ("list", ("Fares",), "two pence on foot\nsix pence with a cow"),
    ]


def test_content_controls_and_text_boxes_are_read() -> None:
    def fill(document: Any) -> None:
        control = (
            f"<w:sdt {nsdecls('w')}><w:sdtContent>"
            "<w:p><w:r><w:t>Inside a control.</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        )
        box = (
            f"<w:p {nsdecls('w')}><w:r><w:t>Around it.</w:t></w:r><w:r><w:pict><w:txbxContent>"
            "<w:p><w:r><w:t>Inside a box.</w:t></w:r></w:p></w:txbxContent></w:pict></w:r></w:p>"
        )
        body = document.element.body
        body.insert(0, parse_xml(control))
        body.insert(1, parse_xml(box))

    assert word(fill).document.text.split("\n\n") == ["Inside a control.", "Around it.", "Inside a box."]


def test_comments_are_counted() -> None:
    def fill(document: Any) -> None:
        run = document.add_paragraph().add_run("It was sold.")
        document.add_comment(run, text="By whom?", author="A")

    loaded = word(fill)
    assert loaded.document.text == "It was sold."
    assert {left.what: left.count for left in loaded.left_out} == {"comments": 1}


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * 3_000_000)
    with pytest.raises(UnreadableFile, match="unpacks to 3 MB, more than 1 MB"):
        load_bytes(out.getvalue(), "b", "b.docx", Limits(max_unpacked_bytes=1_000_000))


def test_entities_are_not_expanded() -> None:
    out = io.BytesIO()
    evil = (
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
        f"<w:document {nsdecls('w')}><w:body><w:p><w:r><w:t>Before &e; after</w:t></w:r></w:p></w:body></w:document>"
    )
    with zipfile.ZipFile(JUDGMENT) as good, zipfile.ZipFile(out, "w") as archive:
        for name in good.namelist():
            archive.writestr(name, evil if name == "word/document.xml" else good.read(name))
    host = Path("/etc/hostname").read_text(encoding="utf-8").strip() if Path("/etc/hostname").exists() else "localhost"
    assert host not in load_bytes(out.getvalue(), "e", "e.docx").document.text
