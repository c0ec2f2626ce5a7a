"""What kind of file some bytes are: content first, the name's ending where content does not tell."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import PurePath

from embeddings.errors import UnreadableFile

_MAGIC = {
    b"\x89PNG": ".png",
    b"\xff\xd8\xff": ".jpg",
    b"GIF8": ".gif",
    b"II*\x00": ".tif",
    b"MM\x00*": ".tif",
    b"8BPS": ".psd",
    b"{\\rtf": ".rtf",
    b"\x1f\x8b": ".gz",
    b"BZh": ".bz2",
    b"7z\xbc\xaf": ".7z",
    b"Rar!": ".rar",
    b"\xfd7zXZ": ".xz",
    b"\x7fELF": ".exe",
    b"SQLite format 3": ".sqlite",
    b"ID3": ".mp3",
    b"OggS": ".ogg",
    b"AT&TFORM": ".djvu",
    b"!BDN": ".pst",
}
_ZIP_KINDS = {"word/document.xml": ".docx", "xl/workbook.xml": ".xlsx", "ppt/presentation.xml": ".pptx"}
_ZIP_MIMETYPES = {
    "application/epub+zip": ".epub",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "application/vnd.oasis.opendocument.presentation": ".odp",
}

_AS_DOCX = "open it and save it as .docx or PDF"
_AS_CSV_TEXT = "copy the tables that matter into a .md or .docx file"
_AS_TEXT = "save its text as .txt"
_OCR = "make its text searchable with OCR, for instance ocrmypdf, and add the PDF"
_UNPACK = "unpack it and add the folder"
# name, what to do instead
UNSUPPORTED: dict[str, tuple[str, str]] = {
    **dict.fromkeys([".xlsx", ".xls", ".xlsm", ".ods"], ("a spreadsheet", _AS_CSV_TEXT)),
    **dict.fromkeys([".csv", ".tsv"], ("a table of values", _AS_CSV_TEXT)),
    **dict.fromkeys([".pptx", ".ppt", ".odp", ".key"], ("a slide show", "export it as PDF")),
    **dict.fromkeys([".doc", ".odt", ".pages", ".wpd"], ("a text document of another format", _AS_DOCX)),
    ".rtf": ("a rich text document", _AS_DOCX),
    **dict.fromkeys([".epub", ".mobi", ".azw3", ".fb2", ".djvu"], ("an electronic book", "convert it to HTML or PDF")),
    **dict.fromkeys([".eml", ".msg", ".mbox", ".pst"], ("e-mail", _AS_TEXT)),
    **dict.fromkeys([".mhtml", ".mht"], ("a web archive", "save the page as HTML")),
    **dict.fromkeys(
        [".png", ".jpg", ".jpeg", ".gif", ".tif", ".tiff", ".bmp", ".webp", ".heic", ".psd", ".svg"], ("an image", _OCR)
    ),
    **dict.fromkeys([".mp3", ".mp4", ".wav", ".ogg", ".avi", ".mov", ".mkv", ".m4a"], ("a recording", _AS_TEXT)),
    **dict.fromkeys([".zip", ".gz", ".tar", ".tgz", ".bz2", ".7z", ".rar", ".xz"], ("an archive", _UNPACK)),
    **dict.fromkeys([".json", ".jsonl", ".xml", ".yaml", ".yml", ".sqlite", ".db"], ("structured data", _AS_TEXT)),
    **dict.fromkeys([".exe", ".dll", ".so", ".bin"], ("a program", "leave it out")),
}

_HTML_START = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}\?>\s*|<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html[\s>])", re.IGNORECASE | re.DOTALL
)
_UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


def ending_of(name: str) -> str:
    """The ending of a file name in lower case (".pdf"); "" if what follows the last dot is no ending ("notes 2.10")."""
    ending = PurePath(name).suffix.lower()
    return ending if re.fullmatch(r"\.[a-z][a-z0-9]{0,9}|\.7z", ending) else ""


def kind_of(data: bytes, name: str) -> str:
    """The ending that fits these bytes best: what the content says, else the name's own.

    Raises UnreadableFile for an encrypted office document.
    """
    ending = ending_of(name)
    head = data[:4096]
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"%PDF-"):
        return ".pdf"
    if head.startswith(b"PK\x03\x04"):
        return _zip_kind(data, ending)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return _ole_kind(data, ending)
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return ending if ending in UNSUPPORTED else kind
    if head.startswith(b"RIFF") or head[4:8] == b"ftyp":
        return ending if ending in UNSUPPORTED else ".mp4"
    text = head.removeprefix(b"\xef\xbb\xbf")
    if head[:2] in _UTF16:
        text = head[2:].decode(_UTF16[head[:2]], "replace").encode("utf-8")
    return ".html" if _HTML_START.match(text) else ending


def _zip_kind(data: bytes, ending: str) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            for member, kind in _ZIP_KINDS.items():
                if member in names:
                    return kind
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                mimetype = archive.read("mimetype").decode("ascii", "replace").strip()
                return _ZIP_MIMETYPES.get(mimetype, ".zip")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError, EOFError):
        pass  # a torn archive is still one; the loader of its ending says that it is broken
    return ending if ending in UNSUPPORTED or ending == ".docx" else ".zip"


def _ole_kind(data: bytes, ending: str) -> str:
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise UnreadableFile("is encrypted; open it with its password and save it without one")
    return ending if ending in UNSUPPORTED else ".doc"
