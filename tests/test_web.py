"""What the page shows of a reply: exactly the document's words, marked at the right place, and nothing that acts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from html import unescape
from html.parser import HTMLParser
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.document import Document
from qa import web
from qa.chat import Question, Turn
from qa.reply import Answer, Candidate, Citation, NoAnswer, Reply
from qa.web import view
from tests.fakes import LIGHTHOUSE, LIGHTHOUSE_SCRIPT, PaperIndex, lighthouse_answerer, paper_citation, paper_document

LIT, KEEPER, COST, OWNER = LIGHTHOUSE_SCRIPT


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
    *("div", "section", "h2", "p", "ul", "li", "blockquote", "mark", "cite", "span", "details", "summary"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
SAFE_ATTRIBUTES = {"class", "aria-hidden", "style", "scope"}
ANY = st.text(st.sampled_from("ab <>&\"'\n\r/\\`*_$#;{}=") | st.characters(codec="utf-8"), min_size=1, max_size=12)


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


@given(cited_documents(), cited_documents(), ANY)
def test_whatever_is_written_is_shown_and_does_nothing(
    first: tuple[Document, Citation], second: tuple[Document, Citation], words: str
) -> None:
    (document, citation), (_, elsewhere) = first, second
    best = Candidate(text=citation.text, confidence=0.9, citation=citation, support=(elsewhere,))
    other = Candidate(text=words, confidence=0.2, citation=elsewhere, conflicts=True)
    answer = Answer(best=best, items=(other,), disagreement=True)
    reply = replace(ask(LIT), outcome=answer, others=(other, replace(other, conflicts=False)), asked=words)
    refusal = replace(reply, outcome=NoAnswer(reason="not confident", confidence=0.1, nearest=(citation, elsewhere)))
    for fragment in (view.panel(reply, [document]), view.panel(refusal, [])):
        seen = Seen(fragment)
        assert set(seen.tags) <= SAFE_TAGS
        assert seen.attributes <= SAFE_ATTRIBUTES
        for shown in (citation.quote, elsewhere.quote, document.title, document.id):
            assert shown in seen.text


@given(cited_documents())
def test_the_mark_is_the_cited_text_in_its_quote_and_in_its_document(cited: tuple[Document, Citation]) -> None:
    document, citation = cited
    quote = Seen(view.quote(citation))
    assert quote.inside["mark"] == [citation.text]
    assert quote.inside["blockquote"] == [citation.quote]
    around = Seen(view.context(citation, document))
    assert around.inside["mark"] == [citation.text]
    assert around.inside["qa-quoted"] == [citation.quote]
    assert around.inside["qa-text"][0].strip() == document.text.strip()


@given(ANY)
def test_the_conversation_shows_the_letters_that_were_written(text: str) -> None:
    assert unescape(view.plain(text)) == text
    assert "<" not in view.plain(text)


def test_the_surroundings_are_cut_to_what_fits_beside_the_conversation() -> None:
    filler = "word " * 1000
    document = paper_document("long.txt", "Long", first="Not of this section.", lead=f"{filler}Here it is. {filler}")
    citation = paper_citation(document, "Here it is.", "it")
    shown = Seen(view.context(citation, document)).inside["qa-text"][0]
    assert shown.startswith("… ") and shown.endswith(" …")
    assert 2 * view.REACH - 20 < len(shown) < 2 * view.REACH + 40


def test_an_answer_is_said_first_then_where_and_how_sure() -> None:
    assert view.lines(ask(LIT)) == ["4 May 1871", "Marrow Point Lighthouse · line 1", "very likely right (93 %)"]


def test_a_follow_up_says_what_was_understood() -> None:
    assert view.lines(ask(KEEPER))[-1] == "Understood as: Who was the first keeper of Marrow Point Lighthouse?"


def test_a_list_is_said_whole() -> None:
    reply = ask(LIT)
    assert isinstance(reply.outcome, Answer)
    parts = tuple(replace(reply.outcome.best, text=part) for part in ("one", "two"))
    assert view.lines(replace(reply, outcome=replace(reply.outcome, items=parts)))[0] == "one, two"


def test_a_refusal_says_that_the_documents_do_not_say_and_marks_nothing() -> None:
    reply = ask(OWNER)
    assert view.lines(reply)[0] == "The documents don’t say."
    seen = Seen(view.panel(reply, []))
    assert "mark" not in seen.tags
    assert seen.inside["h2"] == ["Not an answer, but worth a look"]


def test_disagreeing_values_are_one_row_each() -> None:
    seen = Seen(view.panel(ask(COST), [LIGHTHOUSE]))
    assert seen.inside["td"] == [
        *("12,400 crowns", "The builders", "Marrow Point Lighthouse · Building · line 3", "64 %"),
        *("15,000 crowns", "The harbour office", "Velland Gazette, 1871 · line 1", "58 %"),
    ]


@pytest.mark.parametrize(
    ("question", "turn"),
    [
        (LIT, Turn(question=LIT, asked=LIT, answer="4 May 1871", document=LIGHTHOUSE.id)),
        (OWNER, Turn(question=OWNER, asked=OWNER, answer="")),
    ],
)
def test_a_reply_becomes_a_turn(question: str, turn: Turn) -> None:
    assert view.turn(ask(question)) == turn


def test_example_questions_are_those_of_the_samples_that_are_loaded() -> None:
    samples = sorted(path for path in files("seeds.documents").iterdir() if path.name.endswith(".txt"))
    loaded = [
        replace(paper_document(path.name, path.name), sha256=hashlib.sha256(path.read_bytes()).hexdigest())
        for path in samples
    ]
    assert web.examples(PaperIndex([LIGHTHOUSE])) == ()
    assert len(web.examples(PaperIndex(loaded))) == 4
    assert web.examples(PaperIndex(loaded[2:3])) == ("When was the battle of Elakla fought?",)
