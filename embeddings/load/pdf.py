"""PDF: text by its place on the page, in reading order, as the paragraphs that its lines once were."""

from __future__ import annotations

import contextlib
import io
import logging
import math
from pathlib import PurePosixPath
from typing import Any

from embeddings.errors import UnreadableFile
from embeddings.load.base import Loaded, Source
from embeddings.load.limits import Deadline, Limits
from embeddings.load.pdf_layout import Block, Piece, blocks_of
from embeddings.load.pdf_text import document_of


def load(source: Source, limits: Limits) -> Loaded:
    """The document of a PDF; raises UnreadableFile if it is torn, encrypted, without text or too large."""
    import pypdf

    deadline = limits.start()
    # pypdf logs every oddity of a file; what a person should know of it is in the report
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    reader = pypdf.PdfReader(io.BytesIO(source.data))
    if reader.is_encrypted and not _opens(reader):
        raise UnreadableFile("is encrypted; open it with its password and save it without one")
    count = len(reader.pages)
    if count > limits.max_pages:
        raise UnreadableFile(f"has {count} pages, more than {limits.max_pages}; split it, or raise max_pages")
    pages: list[list[Block]] = []
    for page in reader.pages:
        deadline.check()
        pages.append(blocks_of(_pieces(page, deadline)))
    if not any(pages):
        raise UnreadableFile(
            f"has no text on its {count} page{'s' if count != 1 else ''}: scanned? "
            "make it searchable with OCR, for instance ocrmypdf"
        )
    described = _described(reader)
    title = described.pop("title", "")
    warnings = tuple(f"page {number} has no text: scanned?" for number, page in enumerate(pages, 1) if not page)
    return document_of(
        source,
        pages,
        title=title,
        name=PurePosixPath(source.name).stem,
        metadata={**described, "pages": count},
        warnings=warnings,
    )


def _opens(reader: Any) -> bool:
    """Whether an encrypted file opens with the empty password, as those do that only forbid printing."""
    from pypdf.errors import DependencyError

    try:
        return bool(reader.decrypt(""))
    except DependencyError:  # AES needs a library that is not installed with the rest
        return False


def _described(reader: Any) -> dict[str, str]:
    """Title, author, date of making and language, as far as the file says."""
    found: dict[str, str] = {}
    information = reader.metadata
    if information is not None:
        found["title"] = " ".join(str(information.title or "").split())
        found["author"] = " ".join(str(information.author or "").split())
        with contextlib.suppress(ValueError):  # a date that is none
            found["published"] = information.creation_date.date().isoformat() if information.creation_date else ""
    language = reader.root_object.get("/Lang")
    found["language"] = str(language) if isinstance(language, str) else ""
    return {key: value for key, value in found.items() if value}


def _pieces(page: Any, deadline: Deadline) -> list[Piece]:
    """The pieces of text of a page, those that run another way than most (stamps in the margin) left out."""
    found: list[tuple[int, Piece]] = []
    fonts: dict[int, Any] = {}
    word_spacing = 0.0

    def operator(operator: bytes, operands: list[Any], _matrix: Any, _text_matrix: Any) -> None:
        nonlocal word_spacing
        deadline.check()
        if operator in (b"Tw", b'"') and operands and isinstance(operands[0], (int, float)):
            word_spacing = float(operands[0])

    def text(text: str, matrix: list[float], text_matrix: list[float], font: Any, size: float) -> None:
        if not text.strip():
            return
        a, b, c, d, x, y = _times(text_matrix, matrix)
        quarter = round(math.degrees(math.atan2(b, a)) / 90) % 4
        x, y = [(x, y), (y, -x), (-x, -y), (-y, x)][quarter]
        height = abs(size) * math.hypot(c, d)
        spread = math.hypot(a, b)
        for place, line in enumerate(text.split("\n")):
            width = _width(line, font, fonts) * abs(size) * spread + line.count(" ") * word_spacing * spread
            if line.strip() and height > 0 and math.isfinite(x + y + width):
                name = str(font.get("/BaseFont", "")).lower() if font else ""
                found.append(
                    (
                        quarter,
                        Piece(
                            text=line,
                            left=x + (len(line) - len(line.lstrip())) * 0.25 * height,
                            right=x + width,
                            y=y - place * 1.2 * height,
                            size=round(height, 1),
                            bold="bold" in name or "black" in name or "heavy" in name,
                        ),
                    )
                )

    _mark_moves(page)
    page.extract_text(visitor_operand_before=operator, visitor_text=text)
    if not found:
        return []
    letters = [0, 0, 0, 0]
    for quarter, piece in found:
        letters[quarter] += len(piece.text)
    most = letters.index(max(letters))
    return [piece for quarter, piece in found if quarter == most]


def _mark_moves(page: Any) -> None:
    """Make pypdf give the text up to each move of the pen for itself.

    It would join what stands on one line, also across the columns of a page that is written row by row; a matrix that
    changes nothing makes it hand over what it has.
    """
    from pypdf.generic import FloatObject, NameObject

    content = page.get_contents()
    if content is None:
        return
    unity = [FloatObject(number) for number in (1, 0, 0, 1, 0, 0)]
    operations = []
    for operands, operator in content.operations:
        if operator in (b"Td", b"TD", b"Tm", b"T*", b"'", b'"'):
            operations.append((unity, b"cm"))
        operations.append((operands, operator))
    content.operations = operations
    page[NameObject("/Contents")] = content


def _width(text: str, font: Any, fonts: dict[int, Any]) -> float:
    """The width of a text in units of the font's size."""
    if font is None:
        return 0.5 * len(text)
    if id(font) not in fonts:
        try:
            from pypdf.generic._font import Font  # the widths that pypdf reads itself; not public yet

            fonts[id(font)] = Font.from_font_resource(font)
        except Exception:  # a broken font, or another pypdf: half of the size is near enough
            fonts[id(font)] = None
    known = fonts[id(font)]
    try:
        return float(known.get_text_width(text)) / 1000
    except (AttributeError, KeyError, TypeError):
        return 0.5 * len(text)


def _times(one: list[float], other: list[float]) -> tuple[float, float, float, float, float, float]:
    a, b, c, d, x, y = one
    e, f, g, h, u, v = other
    return a * e + b * g, a * f + b * h, c * e + d * g, c * f + d * h, x * e + y * g + u, x * f + y * h + v
