"""From pieces of text at places on a page to lines in reading order: rows, columns, blocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import mean, median


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A piece of text on a page: from x `left` to `right` at height y (points, upwards), its font's size and weight."""

    text: str
    left: float
    right: float
    y: float
    size: float
    bold: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a block: one piece, or those of a table's row."""

    cells: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """The text of the line."""
        return " ".join(cell.text for cell in self.cells)

    @property
    def left(self) -> float:
        """Where the line begins."""
        return self.cells[0].left

    @property
    def right(self) -> float:
        """Where the line ends."""
        return self.cells[-1].right

    @property
    def y(self) -> float:
        """The height of the line."""
        return self.cells[0].y

    @property
    def size(self) -> float:
        """The size of the font of most of the line."""
        return max(self.cells, key=lambda cell: len(cell.text)).size

    @property
    def bold(self) -> bool:
        """Whether all of the line is bold."""
        return all(cell.bold for cell in self.cells)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Lines below each other between two edges: a column, or a part of one."""

    lines: tuple[Line, ...]

    @property
    def left(self) -> float:
        """The left edge."""
        return min(line.left for line in self.lines)

    @property
    def right(self) -> float:
        """The right edge."""
        return max(line.right for line in self.lines)

    @property
    def width(self) -> float:
        """The distance between the edges."""
        return self.right - self.left

    @property
    def leading(self) -> float:
        """The usual distance from line to line."""
        steps = [one.y - other.y for one, other in pairwise(self.lines)]
        return median(steps) if steps else self.lines[0].size * 1.2


def blocks_of(pieces: Iterable[Piece]) -> list[Block]:
    """The blocks of a page in reading order."""
    return _ordered(_segments(pieces))


def _segments(pieces: Iterable[Piece]) -> list[Piece]:
    """Pieces joined to runs of words; a gap wider than words have divides them."""
    found: list[Piece] = []
    for row in _rows(pieces):
        run: list[Piece] = []
        for piece in row:
            if run and piece.left - run[-1].right > _WORD_GAP * piece.size:
                found.append(_joined(run))
                run = []
            run.append(piece)
        found.append(_joined(run))
    return [segment for segment in found if segment.text]


def _rows(pieces: Iterable[Piece]) -> list[list[Piece]]:
    """Pieces of the same height, from the top, each row from the left."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: -piece.y):
        if rows and rows[-1][0].y - piece.y < _SAME_ROW * max(rows[-1][0].size, piece.size):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [sorted(row, key=lambda piece: piece.left) for row in rows]


def _joined(run: Sequence[Piece]) -> Piece:
    text = run[0].text
    for before, piece in pairwise(run):
        apart = piece.left - before.right > _LETTER_GAP * piece.size
        text += (" " if apart and not text.endswith(" ") else "") + piece.text
    main = max(run, key=lambda piece: len(piece.text))
    return Piece(
        text=" ".join(text.split()),
        left=run[0].left,
        right=max(piece.right for piece in run),
        y=main.y,
        size=main.size,
        bold=all(piece.bold for piece in run if piece.text.strip()),
    )


def _ordered(segments: Sequence[Piece]) -> list[Block]:
    if not segments:
        return []
    gutter = _gutter(segments)
    if gutter is None:
        return [Block(lines=tuple(Line(cells=tuple(row)) for row in _rows(segments)))]
    blocks: list[Block] = []
    band: list[Piece] = []
    across: list[Piece] = []
    for segment in sorted(segments, key=lambda segment: -segment.y):
        crosses = segment.left < gutter - _EDGE and segment.right > gutter
        if crosses and band:
            blocks += _columns(band, gutter)
            band = []
        elif not crosses and across:
            blocks += _ordered(across)
            across = []
        (across if crosses else band).append(segment)
    return blocks + (_columns(band, gutter) if band else []) + _ordered(across)


def _columns(band: Sequence[Piece], gutter: float) -> list[Block]:
    left = [segment for segment in band if segment.left < gutter - _EDGE]
    right = [segment for segment in band if segment.left >= gutter - _EDGE]
    return _ordered(left) + _ordered(right)


def _gutter(segments: Sequence[Piece]) -> float | None:
    """The left edge of a column that has another beside it; None if the text runs in one."""
    if len(segments) > _MOST:
        return None
    best, best_score = None, 0.0
    for edge in sorted({round(segment.left) for segment in segments}):
        left = [segment for segment in segments if segment.right <= edge]
        right = [segment for segment in segments if segment.left >= edge - _EDGE]
        across = len(segments) - len(left) - len(right)
        if not _side_by_side(left, right) or across > _MOST_ACROSS * len(segments):
            continue
        if sum(abs(segment.left - edge) < 2 * segment.size for segment in right) < 0.5 * len(right):
            continue
        score = min(len(left), len(right)) - across
        if score > best_score:
            best, best_score = float(edge), score
    return best


def _side_by_side(left: Sequence[Piece], right: Sequence[Piece]) -> bool:
    """Whether these are two columns of prose; the columns of a table are shorter than lines of prose."""
    if min(len(left), len(right)) < _FEWEST:
        return False
    if min(mean(len(segment.text) for segment in side) for side in (left, right)) < _PROSE:
        return False
    top = min(max(segment.y for segment in side) for side in (left, right))
    bottom = max(min(segment.y for segment in side) for side in (left, right))
    shorter = min(max(s.y for s in side) - min(s.y for s in side) for side in (left, right))
    return top - bottom >= 0.5 * shorter


_WORD_GAP = 1.1  # of the font's size; words of a justified line stand closer, columns farther
_LETTER_GAP = 0.13  # of the font's size; about half of a narrow blank
_SAME_ROW = 0.5  # of the font's size: raised figures are of the row, the next line is not
_EDGE = 2.0  # points by which a line may hang over its column's edge
_FEWEST = 4  # lines that make a column
_PROSE = 18  # letters that a line of a column of prose has at least, on average
_MOST_ACROSS = 0.4  # the share of lines that may cross the gutter: titles, abstracts, captions
_MOST = 5000  # segments of a page; a page with more is a drawing
