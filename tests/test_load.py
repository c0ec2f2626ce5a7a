"""Files found, known by their content, and loaded or refused in one line."""

from __future__ import annotations

import os
import unicodedata
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from embeddings.errors import UnreadableFile, UserError
from embeddings.load import LOADERS, Limits, find_files, load_bytes, load_file
from embeddings.load.sniff import UNSUPPORTED, ending_of, kind_of
from qa.gold import locate, read_gold

FORMATS = Path(__file__).parent / "fixtures" / "formats"
DOCUMENTS = sorted(path for path in FORMATS.iterdir() if path.suffix != ".jsonl")
SENTENCE = "The lighthouse keeper of Anholm counted forty-one ships on the first of May.\n"


def put(folder: Path, name: str, content: str | bytes = SENTENCE) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refusal(path: Path, limits: Limits | None = None) -> str:
    with pytest.raises(UnreadableFile) as caught:
        load_file(path, path.name, limits)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message.removeprefix(f"{path}: ")


# which files


def test_files_are_found_in_all_subfolders_in_the_order_of_their_ids(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.txt", "a/b/c.md", "B.txt"):
        put(tmp_path, name)
    assert [file.id for file in find_files(tmp_path)] == ["B.txt", "a/b/c.md", "a/z.txt", "b.txt"]
    assert [file.id for file in find_files(tmp_path, name="press")][:2] == ["press/B.txt", "press/a/b/c.md"]


def test_the_id_of_a_single_file_is_its_name(tmp_path: Path) -> None:
    path = put(tmp_path, "deep/notes.txt")
    assert [(file.id, file.path) for file in find_files(path)] == [("notes.txt", path)]


def test_hidden_files_links_and_what_systems_leave_behind_are_passed_over(tmp_path: Path) -> None:
    kept = put(tmp_path, "kept.txt")
    for name in (".hidden.txt", ".git/config.txt", "a/.cache/x.txt", "~$report.docx", "__MACOSX/x.txt", "Thumbs.db"):
        put(tmp_path, name)
    outside = put(tmp_path.parent, f"{tmp_path.name}-outside/secret.txt")
    (tmp_path / "link.txt").symlink_to(outside)
    (tmp_path / "linked").symlink_to(outside.parent, target_is_directory=True)
    os.mkfifo(tmp_path / "pipe.txt")
    assert [file.path for file in find_files(tmp_path)] == [kept]


def test_excluded_folders_are_passed_over(tmp_path: Path) -> None:
    put(tmp_path, "index/x.txt")
    put(tmp_path, "a.txt")
    assert [file.id for file in find_files(tmp_path, exclude=frozenset({(tmp_path / "index").resolve()}))] == ["a.txt"]


def test_ids_are_nfc_and_two_that_become_equal_are_an_error_that_names_both(tmp_path: Path) -> None:
    decomposed = unicodedata.normalize("NFD", "café.txt")
    put(tmp_path, decomposed)
    assert [file.id for file in find_files(tmp_path)] == ["café.txt"]
    put(tmp_path, "café.txt")
    with pytest.raises(UserError, match=r"caf\\xe9\.txt.*same name|cafe\\u0301\.txt.*same name"):
        find_files(tmp_path)


def test_a_path_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no such file or folder"):
        find_files(tmp_path / "nowhere")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_opened_is_one_line(tmp_path: Path) -> None:
    path = put(tmp_path, "closed/a.txt")
    path.chmod(0)
    assert "may not be opened" in refusal(path)
    path.parent.chmod(0)
    assert [file.path for file in find_files(tmp_path)] == [path.parent]
    assert "may not be opened" in refusal(path.parent)
    path.parent.chmod(0o700)


# what is refused, and how it is said


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"", "is empty"),
        ("a.md", b" \n\t\r\n ", "is empty"),
        ("a.txt", b"abc\x00\x01\x02 def", "binary"),
        ("a.txt", b"\x89PNG\r\n\x1a\n----", "is an image (.png), which is not supported; make its text searchable"),
        ("a.xlsx", b"PK\x03\x04 torn", "is a spreadsheet (.xlsx), which is not supported; copy the tables"),
        ("a.csv", b"a,b\n1,2\n", "is a table of values (.csv)"),
        ("a.pptx", b"PK\x03\x04 torn", "is a slide show (.pptx)"),
        ("a.epub", b"PK\x03\x04 torn", "is an electronic book (.epub)"),
        ("a.eml", b"From: a@b.example\n\nHello", "is e-mail (.eml)"),
        ("a.rtf", rb"{\rtf1 Hello}", "is a rich text document (.rtf)"),
        ("a.txt", rb"{\rtf1 Hello}", "is a rich text document (.rtf)"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, "is a text document of another format (.doc)"),
        ("a.docx", b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "is encrypted; open it"),
        ("a.docx", b"PK\x03\x04 torn", "is broken"),
        ("a.pdf", b"%PDF-1.7 torn", "is broken"),
        ("a.quux", b"Some text", "is of an unknown kind (.quux)"),
        ("a.html", b"<html><script>only()</script></html>", "has no text"),
    ],
)
def test_a_bad_file_is_one_clear_line(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    assert message in refusal(put(tmp_path, name, content))


def test_an_over_large_file_is_refused_with_both_sizes_and_the_setting(tmp_path: Path) -> None:
    path = put(tmp_path, "a.txt", SENTENCE * 40_000)
    assert refusal(path, Limits(max_bytes=1_000_000)) == (
        "is larger than 1 MB (3.1 MB); split it, or raise max_file_mb"
    )


def test_a_file_that_takes_too_long_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="takes longer than -1 seconds"):
        load_bytes(b"<html><p>Hello, world</p></html>", "a", "a.html", Limits(max_seconds=-1))


def test_a_file_that_has_gone_is_refused(tmp_path: Path) -> None:
    assert "not there any more" in refusal(tmp_path / "gone.txt")


# content before ending


def test_content_decides_where_the_ending_lies() -> None:
    html = (FORMATS / "museum.html").read_bytes()
    assert kind_of(html, "page.txt") == ".html"
    assert kind_of(b"\xef\xbb\xbf\n<?xml version='1.0'?><!-- x --><html>", "page.aspx") == ".html"
    assert kind_of("<!DOCTYPE html>".encode("utf-16"), "page.txt") == ".html"
    assert kind_of((FORMATS / "otter.pdf").read_bytes(), "otter.txt") == ".pdf"
    assert kind_of((FORMATS / "judgment.docx").read_bytes(), "judgment.doc") == ".docx"
    assert kind_of(b"Half of <html> is text", "a.txt") == ".txt"


@pytest.mark.parametrize(("name", "ending"), [("A.PDF", ".pdf"), ("notes 2.10", ""), ("Dr. Smith", ""), ("README", "")])
def test_endings(name: str, ending: str) -> None:
    assert ending_of(name) == ending


def test_a_zip_of_another_kind_is_named(tmp_path: Path) -> None:
    path = tmp_path / "book.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
    assert refusal(path).startswith("is an electronic book (.epub)") or refusal(path).startswith("is an archive")
    with zipfile.ZipFile(path.with_name("table.docx"), "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    assert refusal(path.with_name("table.docx")).startswith("is a spreadsheet (.xlsx)")


def test_no_ending_is_both_loaded_and_refused() -> None:
    assert not set(LOADERS) & set(UNSUPPORTED)


def test_the_same_bytes_give_the_same_document() -> None:
    for path in DOCUMENTS:
        assert load_file(path, path.name) == load_file(path, path.name)


# the fixtures and their questions


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_each_fixture_is_small_and_its_sections_cover_its_text(path: Path) -> None:
    assert path.stat().st_size < 100_000
    document = load_file(path, path.name).document
    covered = "\n\n".join(document.text[section.start : section.end] for section in document.sections)
    assert covered.split() == document.text.split()
    assert 300 <= len(document.text.split()) <= 600


def test_the_evidence_of_each_question_stands_in_its_document_and_holds_the_answer() -> None:
    loaded = {path.name: load_file(path, path.name) for path in DOCUMENTS}
    questions = read_gold(FORMATS / "questions.jsonl").questions
    assert len(questions) == 5 * len(loaded)
    for question in questions:
        (name,) = question.documents
        file = loaded[name]
        original = (FORMATS / name).read_text(encoding="utf-8") if file.encoding else None
        (evidence,) = question.evidence
        stretches = locate(evidence, file.document, original)
        found = file.document.text[stretches[0][0] : stretches[-1][1]]
        assert any(answer in found for answer in question.answers), (question.question, found)


# whatever comes


STARTS = [b"", b"%PDF-1.4\n", b"PK\x03\x04", b"<html>"]
ENDINGS = sorted(set(LOADERS) | {".xlsx", ".quux"})


def survives(data: bytes, ending: str) -> None:
    try:
        loaded = load_bytes(data, "x", f"x{ending}", Limits(max_seconds=5))
    except UnreadableFile as refused:
        assert str(refused)
        return
    assert loaded.document.text.strip()


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=300), st.sampled_from(ENDINGS), st.sampled_from(STARTS))
def test_random_bytes_load_or_are_refused(data: bytes, ending: str, start: bytes) -> None:
    survives(start + data, ending)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(DOCUMENTS), st.floats(0, 1), st.floats(0, 1), st.binary(max_size=4))
def test_real_files_cut_and_damaged_load_or_are_refused(path: Path, cut: float, place: float, noise: bytes) -> None:
    data = path.read_bytes()
    data = data[: int(cut * len(data))] if cut > 0.5 else data
    at = int(place * len(data))
    survives(data[:at] + noise + data[at + len(noise) :], path.suffix)


SCRAPS = [
    *("<p>", "</p>", "<table>", "<td>", "</table>", "<li>", "<ul>", "<!--", "-->", "<a b='", "<h2>", "&amp;", "&#x"),
    *("word ", "<script>", "</script>", "<title>", "]]>", "<![CDATA[", "\x0c"),
]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(SCRAPS), max_size=40))
def test_broken_html_loads_or_is_refused(parts: list[str]) -> None:
    survives("".join(["<html>", *parts]).encode(), ".html")
