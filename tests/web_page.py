"""Pages as a parser reads them, of documents of any characters."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

from hypothesis import strategies as st

from embeddings.document import Document
from qa.chat import Question
from qa.reply import Answer, Candidate, Citation, Reply
from qa.web.conversation import Exchange
from qa.web.transcript import transcript
from tests.fakes import (
    LIGHTHOUSE_SCRIPT,
    lighthouse_answerer,
    paper_citation,
    paper_document,
)


def ask(question: str) -> Reply:
    return lighthouse_answerer().ask(Question(id="1", text=question))


@dataclass
class Seen(HTMLParser):
    """The tags of a fragment, its text, and the text of the elements that are marked or of a class."""

    fragment: str
    tags: list[str] = field(default_factory=list)
    attributes: set[str] = field(default_factory=set)
    text: str = ""
    inside: dict[str, list[str]] = field(default_factory=dict)
    _open: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        HTMLParser.__init__(self, convert_charrefs=True)
        self.feed(self.fragment)
        self.close()
        assert self._open == [], "every tag is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        name = "mark" if tag == "mark" else (dict(attrs).get("class") or tag)
        self._open.append((tag, name))
        self.inside.setdefault(name, []).append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        for _, name in self._open:
            self.inside[name][-1] += data


SAFE_TAGS = {
    *(
        "div",
        "section",
        "article",
        "header",
        "h2",
        "h3",
        "p",
        "q",
        "ul",
        "li",
        "blockquote",
        "mark",
        "span",
        "br",
        "em",
    ),
    *("table", "caption", "thead", "tbody", "tr", "th", "td", "details", "summary", "button", "svg", "path"),
}
SAFE_ATTRIBUTES = {
    *(
        "id",
        "class",
        "style",
        "role",
        "tabindex",
        "title",
        "scope",
        "type",
        "aria-hidden",
        "aria-label",
        "viewbox",
        "d",
    ),
    *("data-does", "data-turn", "data-place", "data-text", "data-thumb", "data-kind", "data-times", "data-start"),
    "data-by",
}
ANY = st.text(st.sampled_from("ab <>&\"'\n\r/\\`*_$#;{}=") | st.characters(codec="utf-8"), min_size=1, max_size=12)


def told(reply: Reply) -> Seen:
    """The transcript of a conversation of one reply."""
    return Seen(transcript((Exchange(question=reply.question, reply=reply),)))


def citing(first: Citation, *support: Citation) -> Reply:
    """A reply that cites these places."""
    best = Candidate(text=first.text, confidence=0.9, citation=first, support=support)
    return replace(ask(next(iter(LIGHTHOUSE_SCRIPT))), outcome=Answer(best=best), others=())


@st.composite
def cited_documents(draw: st.DrawFn) -> tuple[Document, Citation]:
    """A document of any characters with a citation anywhere in it."""
    before, opening, cited, closing, after = (draw(ANY) for _ in range(5))
    document = paper_document(draw(ANY), draw(ANY), lead=before + opening + cited + closing + after)
    start = len(before) + len(opening)
    heading = draw(ANY)
    return document, replace(
        paper_citation(document, document.text[0:1], document.text[0:1]),
        start=start,
        end=start + len(cited),
        text=cited,
        quote=opening + cited + closing,
        quote_start=len(before),
        heading=(heading,),
    )
