"""What stands at the edges of a PDF's pages and is not of the text: running heads and feet, page numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from embeddings.load.pdf_layout import Block, Line


def without_running_heads(pages: Sequence[Sequence[Block]]) -> tuple[list[list[Block]], int]:
    """The pages without the lines that stand at the edges of many of them, and how many lines that are."""
    edges = [_edges(page) for page in pages]
    seen = Counter(key for tops, bottoms in edges for key in {_key(line) for line in (*tops, *bottoms)})
    enough = max(2, -(-sum(1 for page in pages if page) // 4))
    drop: set[int] = set()
    for number, sides in enumerate(edges, 1):
        for lines in sides:
            for line in lines:
                own = _PAGE_NUMBER.fullmatch(line.text)
                if seen[_key(line)] < enough and not (own and int(own["number"]) == number):
                    break
                drop.add(id(line))
    kept = []
    for page in pages:
        left = [tuple(line for line in block.lines if id(line) not in drop) for block in page]
        kept.append([Block(lines=lines) for lines in left if lines])
    if not any(kept):  # all pages are alike, as forms are
        return [list(page) for page in pages], 0
    return kept, len(drop)


def _edges(page: Sequence[Block]) -> tuple[list[Line], list[Line]]:
    lines = sorted((line for block in page for line in block.lines), key=lambda line: -line.y)
    return lines[:_EDGE_LINES], lines[::-1][:_EDGE_LINES]


def _key(line: Line) -> tuple[str, int]:
    return re.sub(r"\d+", "#", " ".join(line.text.casefold().split())), round(line.size)


_EDGE_LINES = 3  # lines at the top and at the bottom of a page among which running heads and feet stand
_PAGE_NUMBER = re.compile(r"\W*(?:page|p\.)?\s*(?P<number>\d{1,4})(?:\s*(?:/|of)\s*\d{1,4})?\W*", re.IGNORECASE)
