"""A web page flattened to text: page furniture, a flattened infobox, headings on lines of their own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from embeddings.load import inline
from embeddings.load.base import Source
from embeddings.load.fused import box_fields, labels_in
from embeddings.load.lines import blocks, bullet, looks_like_heading, unwrapped
from embeddings.load.page import Page, is_apparatus
from embeddings.load.subjects import same_name
from embeddings.mapped import MappedText


def is_scraped(text: str) -> bool:
    """Whether a text looks like a page of a site that lost its mark-up."""
    lines = [line.strip() for line in text[:20000].split("\n")]
    full = [line for line in lines if line]
    head = full[:6]
    if any(_UPDATED.search(line) for line in head[1:]) and not any(line.startswith(("By ", "BY ")) for line in head):
        return True
    if any(_FURNITURE.fullmatch(line) for line in full[:40]):
        return True
    fused = sum(len(labels_in(line)) for line in full[:25] if len(line) < 1500)
    marks = len(_MARK.findall(text, 0, 20000))
    sections = any(_TAIL.fullmatch(line) for line in full)
    return (fused > 3) + (marks > 1) + sections > 1


def read(source: Source, text: MappedText) -> Page:
    """The page that a flattened web page is."""
    title, furniture, rest = _head(text.lines())
    page = Page(source, title=title or PurePosixPath(source.name).stem)
    page.leave_out("page furniture", furniture)
    body = list(blocks(rest))
    while body and _is_box(body[0]):
        page.box(box_fields([_without_marks(line) for line in body.pop(0)]), subject=page.title)
    for place, block in enumerate(body):
        _block(page, block, last=place + 1 == len(body))
    return page


def _head(lines: Sequence[MappedText]) -> tuple[str, int, Sequence[MappedText]]:
    """The title, the number of lines that are about the page or its site, and the lines after them."""
    full = [(place, line.text.strip()) for place, line in enumerate(lines) if line.text.strip()]
    first = full[0][1]
    for nth, (place, text) in enumerate(full[1:8], start=1):
        match = re.match(re.escape(text) + r"(?: ?\([^()]*\))?(?=\s*(?:[|:•·–—-]|$))", first) if len(text) > 3 else None
        if match or same_name(text, first):
            return match.group() if match else text, nth - 1, lines[place + 1 :]
    end = next((nth for nth, (_, text) in enumerate(full[:6]) if nth and _UPDATED.search(text)), 0)
    return first, end, lines[full[end][0] + 1 :]


def _is_box(block: Sequence[MappedText]) -> bool:
    """Whether a run of lines is (part of) a flattened infobox: a label begins one of its first lines."""
    for line in block[:3]:
        cuts = labels_in(line.text)
        if cuts and cuts[0][0] == 0:
            return len(cuts) > 1 or len(line) < 80 or line.text[-1] not in ".!?"
        if len(line) > 80 and line.text.rstrip()[-1] in ".!?":
            return False
    return False


def _block(page: Page, block: Sequence[MappedText], *, last: bool) -> None:
    wrapped: list[MappedText] = []
    for place, raw in enumerate(block):
        line = _without_marks(raw).strip()
        following = block[place + 1 : place + 3]
        if not line or _FURNITURE.fullmatch(line.text) or _IMAGE_LINE.fullmatch(line.text):
            page.leave_out("page furniture")
            continue
        ends = not wrapped or wrapped[-1].text.rstrip()[-1:] in '.!?"”:'
        alone = len(block) == 1 and not last
        heads = looks_like_heading(line.text) and ends and _may_follow(following) and not (page.cites and place)
        heads = heads or is_apparatus(line.text)
        if heads or (alone and looks_like_heading(line.text)):
            _paragraphs(page, wrapped)
            wrapped = []
            page.guessed_heading(line)
        elif (item := bullet(line)) is not None:
            _paragraphs(page, wrapped)
            wrapped = []
            page.item(item)
        else:
            wrapped.append(line)
    _paragraphs(page, wrapped)


def _may_follow(lines: Sequence[MappedText]) -> bool:
    """Whether lines may begin a section's text: with a sentence, or a list and what introduces it."""
    if not lines:
        return False
    text = lines[0].text.strip()
    return len(text) > 60 or text[-1:] in (".", ":") or any(bullet(line) is not None for line in lines)


def _paragraphs(page: Page, lines: Sequence[MappedText]) -> None:
    for paragraph in unwrapped(lines):
        page.prose(paragraph)


def _without_marks(line: MappedText) -> MappedText:
    """Without tags and the marks of references ([1], [note 2])."""
    if _TITLE_TAG.fullmatch(line.text.strip()):
        return line[:0]
    return inline.without_tags(line).sub(_MARK, "").sub(" +(?=[.,;:])", "")


_UPDATED = re.compile(
    r"^(?:this page was )?last (?:updated|edited|modified|reviewed)\b|\blast updated\b", re.IGNORECASE
)
_FURNITURE = re.compile(
    r"(?:last updated|(?:table of )?contents|\[?hide\]?|\[?edit\]?|jump to (?:navigation|search)|advertisement|share"
    r"|print|skip to (?:main )?content|toggle .*|from wikipedia, the free encyclopedia|(?:navigation )?menu|search)",
    re.IGNORECASE,
)
_IMAGE_LINE = re.compile(r"[^.!?]{0,120}\.(?:svg|png|jpe?g|gif|webp)", re.IGNORECASE)
_TITLE_TAG = re.compile(r"<(?P<tag>\w+)[^<>]*>[^<>]*</(?P=tag)>")
_MARK = re.compile(r"\s?\[(?:\d{1,3}|[a-z]|note \d+|nb \d+|citation needed|edit)\]")
_TAIL = re.compile(r"references|related (?:research )?articles|see also|external links|bibliography", re.IGNORECASE)
