"""Pieces of HTML that several parts of the page are made of.

Whatever comes from a document or a person goes into HTML through `words`, and nothing else does.
"""

from __future__ import annotations

from html import escape

from qa.reply import Citation


def words(text: str) -> str:
    """HTML that shows exactly this text; it may stand in an attribute too."""
    return escape(text)


def quote(first: Citation, *others: Citation, mark: bool = True) -> str:
    """The quoted sentence with the cited text marked, and what is to be known of it; `others` have the same quote."""
    text, shown, at = first.quote, "", 0
    for citation in sorted((first, *others) if mark else (), key=lambda one: one.start):
        start = max(at, citation.start - first.quote_start)
        end = max(start, citation.start - first.quote_start + len(citation.text))
        shown += f"{words(text[at:start])}<mark>{words(text[start:end])}</mark>"
        at = end
    said = ""
    if first.attributed_to:
        said += f'<p class="qa-note">Attributed to “{words(first.attributed_to.text)}”.</p>'
    if first.denied:
        said += '<p class="qa-note">The text denies this.</p>'
    return f"<blockquote>{shown}{words(text[at:])}</blockquote>{said}"


def standing(citation: Citation) -> list[str]:
    """Where in its document a citation stands: section path, page and line, as far as there are any."""
    return [
        *([" › ".join(citation.heading)] if citation.heading else []),
        *([f"page {citation.page}"] if citation.page is not None else []),
        *([f"line {citation.line}"] if citation.line is not None else []),
    ]


def button(does: str, label: str, *, css: str = "", title: str = "", html: bool = False, **data: object) -> str:
    """A button that page.js tells the server of as the event `does`, with its data.

    `title` says more, and is the name of a button whose label is a picture (`html`: it is HTML of ours already).
    """
    carried = "".join(f' data-{name}="{words(str(value))}"' for name, value in data.items())
    hint = f' title="{words(title)}"' if title else ""
    name = f' aria-label="{words(title)}"' if html else ""
    shown = label if html else words(label)
    return f'<button type="button" data-does="{does}" class="qa-button {css}"{hint}{name}{carried}>{shown}</button>'


def folded(title: str, body: str) -> str:
    """Something behind its title, shown by a click."""
    return f"<details><summary>{words(title)}</summary>{body}</details>"
