"""A conversation as HTML: of each question the answer first, then the proof, then what can be done with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qa.render import count, percent, sureness, to_markdown, to_text, why_not
from qa.reply import Answer, Candidate, Citation, NoAnswer, Reply
from qa.web.conversation import Conversation, Exchange, places
from qa.web.markup import button, folded, quote, standing, words

WAITING = "Looking in the documents"
_INVITATION = (
    '<div class="qa-invitation"><h2>Ask your documents</h2>'
    "<p>You get the answer in their own words, with the place where it stands. Click the place to read it there.</p>"
    '<p class="qa-note">To ask documents of your own, add them under <strong>Documents</strong>.</p></div>'
)
_THUMB = (
    '<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M5 7v7H2V7zM5 7l3-5c1.3 0 2 .9 1.7 2.2L9.3 6H13c.8 0 1.4.8 '
    '1.2 1.6l-1.3 5.2c-.2.7-.8 1.2-1.5 1.2H5"/></svg>'
)


def transcript(conversation: Conversation) -> str:
    """The whole conversation; before the first question, an invitation."""
    if not conversation:
        return f'<div class="qa-transcript">{_INVITATION}</div>'
    last = len(conversation) - 1
    turns = (_exchange(exchange, number, last=number == last) for number, exchange in enumerate(conversation))
    return f'<div class="qa-transcript" role="log" aria-label="Conversation">{"".join(turns)}</div>'


def offered(documents: int, examples: Sequence[str]) -> str:
    """How many documents can be asked, and questions to begin with, each asked by a click."""
    said = f"{count(documents, 'document')} can be asked."
    asked = "".join(f"<li>{button('example', text, css='qa-example', text=text)}</li>" for text in examples)
    shown = f" For example:</p><ul>{asked}</ul>" if asked else "</p>"
    return f'<div class="qa-offered"><p class="qa-note">{said}{shown}</div>'


def _exchange(exchange: Exchange, number: int, *, last: bool) -> str:
    if exchange.reply is not None:
        said = ReplyHtml(exchange.reply, number).whole() + _actions(exchange, number, last=last)
    elif exchange.error is not None:
        again = f'<div class="qa-actions">{button("retry", "Try again", turn=number)}</div>'
        said = failure(exchange.error) + (again if last else "")
    else:
        said = f'<p class="qa-waiting" role="status">{WAITING}<span></span><span></span><span></span></p>'
    return (
        f'<article class="qa-turn" id="qa-turn-{number}"><p class="qa-asked">{words(exchange.question)}</p>'
        f'<div class="qa-said">{said}</div></article>'
    )


def failure(error: str) -> str:
    """What is said where there is no reply."""
    return f'<p class="qa-answer">That did not work.</p><p class="qa-error">{words(error)}</p>'


class ReplyHtml:
    """The parts of one reply, each of whose citations is a button that opens its place."""

    def __init__(self, reply: Reply, turn: int) -> None:
        self.reply = reply
        self.turn = turn
        self.places = places(reply)

    def whole(self) -> str:
        """All of it: the answer or the refusal, and how the question was understood."""
        match self.reply.outcome:
            case Answer() as answer:
                said = self.answer(answer)
            case NoAnswer() as refusal:
                said = self.refusal(refusal)
        if self.reply.asked == self.reply.question:
            return said
        return (
            f'{said}<p class="qa-note qa-understood">Understood as: “{words(self.reply.asked)}” {self.rephrase()}</p>'
        )

    def rephrase(self) -> str:
        """What puts the question as it was understood into the box, to be written in other words."""
        return button("rephrase", "Edit", css="qa-link", text=self.reply.asked)

    def answer(self, answer: Answer) -> str:
        """The answer, its proof, how sure it is, and what else it might be."""
        best = answer.best
        text = "; ".join(item.text for item in answer.items) or best.text
        rivals = [other for other in self.reply.others if other.conflicts]
        rest = [other for other in self.reply.others if not other.conflicts]
        also = f'<p class="qa-where">Also in: {", ".join(map(self.cite, best.support))}</p>'
        parts = [
            f'<p class="qa-answer">{words(text)}</p>',
            self.values([best, *rivals]) if answer.disagreement else "",
            self.listed([item.citation for item in answer.items] or [best.citation]),
            also if best.support else "",
            self.sure(),
            self.others("Other candidates", rest),
        ]
        return "".join(parts)

    def refusal(self, refusal: NoAnswer) -> str:
        """Why there is no answer, and what is worth a look."""
        said = f'<p class="qa-answer">The documents don’t say.</p><p class="qa-why">{words(why_not(self.reply))}</p>'
        if refusal.nearest:
            near = self.listed(refusal.nearest, mark=False)
            said += f"<h3>Not an answer, but worth a look</h3>{near}"
        return said + self.others("Rejected candidates", self.reply.others)

    def values(self, candidates: Iterable[Candidate]) -> str:
        """What documents or people say differently, side by side."""
        rows = "".join(
            f"<tr><td>{words(c.text)}</td>"
            f"<td>{words(c.citation.attributed_to.text) if c.citation.attributed_to else '–'}"
            f"{'<br><em>denied in the text</em>' if c.citation.denied else ''}</td>"
            f"<td>{self.cite(c.citation)}</td><td>{percent(c.confidence)}</td></tr>"
            for c in candidates
        )
        head = "".join(f'<th scope="col">{name}</th>' for name in ("Value", "Who says so", "Where", "Confidence"))
        return (
            '<table class="qa-values"><caption>The documents disagree</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        )

    def sure(self) -> str:
        """The confidence as a bar, in words and as a number."""
        return (
            f'<p class="qa-sure"><span class="qa-bar" aria-hidden="true">'
            f'<span style="width: {self.reply.confidence:.0%}"></span></span>{words(sureness(self.reply))}</p>'
        )

    def others(self, title: str, candidates: Sequence[Candidate]) -> str:
        """Other values, each judged alone, behind their title."""
        rows = "".join(
            f'<li><p class="qa-value">{words(c.text)} <span>{percent(c.confidence)}</span></p>'
            f'{quote(c.citation)}<p class="qa-where">{self.cite(c.citation)}</p></li>'
            for c in candidates
        )
        return folded(f"{title} ({len(candidates)})", f"<ul>{rows}</ul>") if candidates else ""

    def listed(self, citations: Sequence[Citation], *, mark: bool = True) -> str:
        """Quotes with their places, each sentence once; nothing of none."""
        sentences: dict[object, list[Citation]] = {}
        for citation in citations:
            sentences.setdefault((citation.origin, citation.quote_start), []).append(citation)
        rows = "".join(
            f'<li>{quote(*same, mark=mark)}<p class="qa-where">{self.cite(same[0])}</p></li>'
            for same in sentences.values()
        )
        return f'<ul class="qa-quotes">{rows}</ul>' if rows else ""

    def cite(self, citation: Citation) -> str:
        """The place of a citation, which opens it in its document."""
        place = self.places.index(citation)
        told = " · ".join([citation.title, *standing(citation)])
        return button("cite", told, css="qa-cite", title=f"Open {citation.document}", turn=self.turn, place=place)


def _actions(exchange: Exchange, turn: int, *, last: bool) -> str:
    """What can be done with a reply, and what was said of it."""
    reply = exchange.reply
    assert reply is not None
    thumbs = [
        button(
            "thumb",
            _THUMB,
            html=True,
            css=f"qa-thumb {'qa-chosen' if exchange.thumb == thumb else ''} qa-{thumb}",
            title=title,
            turn=turn,
            thumb=thumb,
        )
        for thumb, title in (("up", "Good reply"), ("down", "Bad reply"))
    ]
    judged = []
    if isinstance(reply.outcome, Answer):
        judged.append(("confirmed", "Right answer", "Keep this answer as the right one"))
    judged.append(("not in the documents", "Not in the documents", "Keep that the documents don’t answer this"))
    says = [
        button("judge", label, css="qa-chosen" if exchange.judgement == kind else "", title=title, turn=turn, kind=kind)
        for kind, label, title in judged
    ]
    copies = [
        button("copy", "Copy", title="Copy the answer with its place, as text", text=to_text(reply)),
        button("copy", "Copy Markdown", title="Copy the answer with its place, as Markdown", text=to_markdown(reply)),
    ]
    again = [button("retry", "Ask again", title="Ask the same question once more", turn=turn)] if last else []
    thanks = (
        '<span class="qa-note" role="status">Kept as feedback.</span>' if exchange.thumb or exchange.judgement else ""
    )
    groups = "".join(f"<span>{''.join(group)}</span>" for group in (copies, again, thumbs, says) if group)
    return f'<div class="qa-actions">{groups}{thanks}</div>'
