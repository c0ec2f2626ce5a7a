"""A Reply as what the page shows: plain lines in the conversation, HTML beside it.

Whatever comes from a document or a person goes into HTML through `words`, and nothing else does.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from embeddings.document import Document
from qa.chat import Turn
from qa.render import percent, sureness, why_not
from qa.reply import Answer, Candidate, Citation, NoAnswer, Reply

REACH = 700  # characters of the document shown before and after a quote: about a screen beside the conversation


def words(text: str) -> str:
    """HTML that shows exactly this text."""
    return escape(text)


def plain(text: str) -> str:
    """The same for the conversation, whose bubbles are labelled, for those who hear them, with what stands here."""
    return escape(text, quote=False)


def lines(reply: Reply) -> list[str]:
    """What the conversation says, as plain text: the answer first, then where it stands and how sure it is.

    Of a refusal: that the documents don't say, and why.
    """
    match reply.outcome:
        case Answer(best=best) as answer:
            said = [", ".join(item.text for item in answer.items) or best.text]
            said += [" · ".join([best.citation.title, *place(best.citation)]), sureness(reply)]
            if answer.disagreement:
                said.append("The documents disagree; the other values are among the sources.")
        case NoAnswer() as refusal:
            said = ["The documents don’t say.", why_not(reply)]
            if refusal.nearest:
                said.append("The nearest passages are among the sources.")
    if reply.asked != reply.question:
        said.append(f"Understood as: {reply.asked}")
    return said


def cited(reply: Reply) -> list[str]:
    """The ids of the documents that `panel` shows text of: the one that the answer cites, if there is an answer."""
    return [reply.outcome.best.citation.document] if isinstance(reply.outcome, Answer) else []


def turn(reply: Reply) -> Turn:
    """What a reply adds to the history of the questions after it."""
    match reply.outcome:
        case Answer(best=best):
            said = {"answer": best.text, "document": best.citation.document}
        case NoAnswer():
            said = {"answer": ""}
    return Turn(question=reply.question, asked=reply.asked, **said)


def panel(reply: Reply, documents: Iterable[Document]) -> str:
    """The sources of a reply; `documents` are those that it cites (see `cited`)."""
    match reply.outcome:
        case Answer(best=best) as answer:
            conflicting = [other for other in reply.others if other.conflicts]
            agreeing = [other for other in reply.others if not other.conflicts]
            parts = [
                card("Source", quote(best.citation) + where(best.citation) + meter(reply)),
                values([best, *conflicting]) if answer.disagreement else "",
                listing("Each part of the list", [quote(i.citation) + where(i.citation) for i in answer.items]),
                listing("Said elsewhere too", [quote(c) + where(c) for c in best.support]),
                *(context(best.citation, document) for document in documents),
                listing("Other candidates", [candidate(other) for other in agreeing], folded=True),
            ]
        case NoAnswer(nearest=nearest):
            parts = [
                listing("Not an answer, but worth a look", [quote(c, mark=False) + where(c) for c in nearest])
                or card("Source", "<p>There is no passage to show for this question.</p>")
            ]
    return f'<div class="qa-sources">{"".join(parts)}</div>'


def welcome(documents: int) -> str:
    """The panel before the first question."""
    count = f"{documents} document{'' if documents == 1 else 's'}"
    return (
        '<div class="qa-sources">'
        + card(
            "Source",
            f"<p>{count} loaded. An answer is always in a document’s own words; its sentence, with the answer marked,"
            " its document, section and line will stand here.</p>"
            "<p>When the documents don’t say, the page says so.</p>",
        )
        + "</div>"
    )


def searching() -> str:
    """The panel while an answer is being looked for."""
    return '<div class="qa-sources qa-searching">' + card("Source", "<p>…</p>") + "</div>"


def nothing() -> str:
    """The panel of a question that got no reply."""
    return f'<div class="qa-sources">{card("Source", "<p>There is nothing to show for this question.</p>")}</div>'


def card(title: str, body: str) -> str:
    """A titled block of the panel."""
    return f'<section class="qa-card"><h2>{words(title)}</h2>{body}</section>'


def listing(title: str, items: list[str], *, folded: bool = False) -> str:
    """A titled list, behind its title if folded; nothing at all of no items."""
    if not items:
        return ""
    rows = f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>"
    if not folded:
        return card(title, rows)
    return (
        f'<section class="qa-card"><details><summary><h2>{words(title)}</h2> <span>{len(items)}</span></summary>'
        f"{rows}</details></section>"
    )


def quote(citation: Citation, *, mark: bool = True) -> str:
    """The quoted sentence, with the cited text marked."""
    start = citation.start - citation.quote_start
    shown = marked(citation.quote, start, start + len(citation.text)) if mark else words(citation.quote)
    said = ""
    if citation.attributed_to:
        said += f'<p class="qa-note">Attributed to “{words(citation.attributed_to.text)}”.</p>'
    if citation.denied:
        said += '<p class="qa-note">The text denies this.</p>'
    return f"<blockquote>{shown}</blockquote>{said}"


def where(citation: Citation) -> str:
    """Where a citation stands, with its document's name as the index knows it and its date."""
    details = [part for part in (citation.document, citation.published) if part]
    return (
        f'<p class="qa-where"><cite>{words(citation.title)}</cite>'
        f"{''.join(f' · {words(part)}' for part in place(citation))}</p>"
        f'<p class="qa-document">{words(" · ".join(details))}</p>'
    )


def place(citation: Citation) -> list[str]:
    """Section path, page and line, as far as there are any."""
    return [
        *([" › ".join(citation.heading)] if citation.heading else []),
        *([f"page {citation.page}"] if citation.page is not None else []),
        *([f"line {citation.line}"] if citation.line is not None else []),
    ]


def meter(reply: Reply) -> str:
    """The confidence as a bar, in words and as a number."""
    return (
        f'<p class="qa-sure"><span class="qa-bar" aria-hidden="true"><span style="width: {reply.confidence:.0%}">'
        f"</span></span>{words(sureness(reply))}</p>"
    )


def candidate(other: Candidate) -> str:
    """Another candidate, judged alone."""
    return (
        f'<p class="qa-value">{words(other.text)} <span class="qa-percent">{percent(other.confidence)}</span></p>'
        + quote(other.citation)
        + where(other.citation)
    )


def values(candidates: Iterable[Candidate]) -> str:
    """The values that documents give to the same question, side by side."""
    rows = "".join(
        f"<tr><td>{words(c.text)}</td>"
        f"<td>{words(c.citation.attributed_to.text) if c.citation.attributed_to else '–'}</td>"
        f"<td>{words(' · '.join([c.citation.title, *place(c.citation)]))}</td><td>{percent(c.confidence)}</td></tr>"
        for c in candidates
    )
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Value", "Attributed to", "Where", "Confidence"))
    return card("The documents disagree", f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>")


def context(citation: Citation, document: Document) -> str:
    """The text around the quote, from its section, with the quote and in it the cited text marked."""
    section = document.section_at(citation.start)
    quote_end = citation.quote_start + len(citation.quote)
    low = max(section.start if section else 0, citation.quote_start - REACH)
    high = min(section.end if section else len(document.text), quote_end + REACH)
    before = document.text[low : citation.quote_start].lstrip()
    after = document.text[quote_end:high].rstrip()
    opening = "… " if section is not None and low > section.start else ""
    closing = " …" if section is not None and high < section.end else ""
    start = citation.start - citation.quote_start
    body = (
        f"{opening}{words(before)}"
        f'<span class="qa-quoted">{marked(citation.quote, start, start + len(citation.text))}</span>'
        f"{words(after)}{closing}"
    )
    heading = citation.heading[-1] if citation.heading else citation.title
    return card(f"In the document: {heading}", f'<div class="qa-text">{body}</div>')


def marked(text: str, start: int, end: int) -> str:
    """The text with text[start:end] marked."""
    return f"{words(text[:start])}<mark>{words(text[start:end])}</mark>{words(text[end:])}"
