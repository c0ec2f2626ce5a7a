"""Tables, of whatever format, as fact lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from embeddings.load.facts import Field, is_empty, joined, row_line, tidy_value
from embeddings.load.page import Page
from embeddings.mapped import MappedText


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell of a table: its text, whether it is marked as a heading, and how many columns and rows it spans."""

    text: MappedText
    heading: bool = False
    columns: int = 1
    rows: int = 1


Row = Sequence[Cell]
_MAX_SPAN = 100
_MAX_COLUMNS = 200


def add_table(page: Page, rows: Sequence[Row], *, caption: str | None = None, box: bool = False) -> None:
    """Add a table to a page: as an infobox if it looks like one (`box`: is known to be one), else row by row."""
    rows = [row for row in rows if any(not is_empty(cell.text) for cell in row)]
    if not rows:
        return
    if box or _is_box(rows):
        _add_box(page, rows, caption)
    else:
        _add_rows(page, rows, caption)


def _is_box(rows: Sequence[Row]) -> bool:
    pairs = [row for row in rows if len(row) == 2]
    headed = [row for row in pairs if row[0].heading and not row[1].heading]
    colons = [row for row in pairs if row[0].text.text.rstrip().endswith(":")]
    return len(pairs) >= 0.6 * len(rows) and max(len(headed), len(colons)) > 0.7 * len(pairs)


def _add_box(page: Page, rows: Sequence[Row], caption: str | None) -> None:
    subject = caption
    fields: list[Field] = []
    group: MappedText | None = None
    labelled = any(len(row) == 2 and row[0].heading and not row[1].heading for row in rows)
    for place, row in enumerate(rows):
        filled = [cell for cell in row if not is_empty(cell.text)]
        beside = group is not None and not row[0].heading and (labelled or _is_alone(rows, place))
        if len(row) == 2 and len(filled) == 2 and not filled[1].heading and not beside:
            label = filled[0].text.strip()
            fields.append(Field(label=label[: len(label.text.rstrip(" :"))], value=filled[1].text))
        elif len(filled) == 1 and place == 0:
            subject = subject or _words(filled[0])
        elif len(filled) == 1 and filled[0].heading:
            group = filled[0].text.strip()
        elif len(filled) == 1 and len(row) == 1:  # "Part of the Salt War", a picture's caption
            page.prose(filled[0].text)
        elif group is not None and filled:  # cells side by side under a heading: one for each side
            numbered = len(filled) > 1
            fields += [
                Field(label=group + MappedText.inserted(f" {side}" if numbered else ""), value=cell.text)
                for side, cell in enumerate(filled, 1)
            ]
        elif filled:
            fields.append(Field(label=filled[0].text, value=joined([cell.text for cell in filled[1:]], "; ")))
    if subject and subject.casefold() in page.title.casefold():
        subject = page.title  # "Ferrow Clock Museum" above the box of "The Ferrow Clock Museum"
    page.box(fields, subject=subject)


def _is_alone(rows: Sequence[Row], place: int) -> bool:
    """Whether a row is the only one between two lone cells: what a heading across the box is of, side by side."""
    return len(rows[place - 1]) == 1 and (place + 1 == len(rows) or len(rows[place + 1]) == 1)


def _add_rows(page: Page, rows: Sequence[Row], caption: str | None) -> None:
    grid = _expanded(rows)
    count = _heading_rows(rows)
    headers = [_header(column) for column in zip(*grid[:count], strict=True)] if count else []
    note = ", ".join([page.title, *page.heading_path, *([caption] if caption else [])])
    group = ""
    for row, cells in zip(rows[count:], grid[count:], strict=True):
        values = [tidy_value(cell.text) for cell in cells]
        distinct = [cell for place, cell in enumerate(cells) if place == 0 or cell is not cells[place - 1]]
        if len(row) == 1 and len(cells) > 1 and row[0].columns > 1:
            group = ", " + _words(row[0])  # a line across the table names the rows below it
            if len(group) <= 100:
                continue
            group = ""
        if len(distinct) == 1 and not headers:
            page.prose(values[0])
        else:
            page.row(_line(headers, values, cells), note + group)


def _line(headers: Sequence[MappedText], values: Sequence[MappedText], cells: Sequence[Cell]) -> MappedText:
    """The row as one line; a cell across several columns is said once, under the first of them."""
    blank = MappedText.inserted("")
    once = [
        blank if (place and cells[place] is cells[place - 1]) or is_empty(value) else value
        for place, value in enumerate(values)
    ]
    return row_line(headers, once)


def _heading_rows(rows: Sequence[Row]) -> int:
    """How many rows at the top are headings."""
    count = 0
    while count < len(rows) and all(cell.heading for cell in rows[count]):
        count += 1
    if count == len(rows):
        return 0
    if count or len(rows) < 3 or any(cell.heading for row in rows for cell in row):
        return count
    first, *others = ["".join(cell.text.text for cell in row) for row in rows]
    figures = [any(letter.isdigit() for letter in text) for text in others]
    named = all(not is_empty(cell.text) and len(cell.text) <= 40 for cell in rows[0])
    return int(named and len(rows[0]) > 1 and not any(map(str.isdigit, first)) and sum(figures) * 2 > len(figures))


def _header(column: Sequence[Cell]) -> MappedText:
    parts: list[Cell] = []
    for cell in column:
        if not is_empty(cell.text) and all(cell is not part for part in parts):
            parts.append(cell)
    return joined([part.text.strip() for part in parts], " ")


def _expanded(rows: Sequence[Row]) -> list[list[Cell]]:
    """The rows as a full grid: a cell that spans several places stands in each of them."""
    grid: list[list[Cell]] = []
    below: dict[int, tuple[Cell, int]] = {}
    for row in rows:
        waiting = list(row)
        cells: list[Cell] = []
        while (waiting or len(cells) in below) and len(cells) < _MAX_COLUMNS:
            place = len(cells)
            if place in below:
                cell, left = below.pop(place)
                cells.append(cell)
                if left > 1:
                    below[place] = (cell, left - 1)
                continue
            cell = waiting.pop(0)
            for _ in range(max(1, min(cell.columns, _MAX_SPAN))):
                if cell.rows > 1:
                    below[len(cells)] = (cell, min(cell.rows, _MAX_SPAN * 10) - 1)
                cells.append(cell)
        grid.append(cells)
    width = max(map(len, grid))
    blank = Cell(text=MappedText.inserted(""))
    return [cells + [blank] * (width - len(cells)) for cells in grid]


def _words(cell: Cell) -> str:
    return " ".join(cell.text.text.split())
