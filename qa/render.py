"""A Reply as text, as Markdown or as JSON; every surface says it with these."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from qa.links import link
from qa.reply import Answer, Candidate, Citation, NoAnswer, Reply

SCHEMA = 1  # of the JSON; qa/reply.schema.json describes it

BRACKETS = ("[[", "]]")  # how a cited text is marked in its quote
BOLD = ("\x1b[1m", "\x1b[22m")  # the same on a terminal

WHY_NOT = {
    "empty question": "There was no question.",
    "nothing found": "Nothing in the documents comes near this question.",
    "not confident": "No passage answers this surely enough.",
}
_WORDS = (
    (0.9, "very likely right"),
    (0.7, "probably right"),
    (0.5, "more likely right than wrong"),
    (0.3, "uncertain"),
    (0.0, "probably wrong"),
)
_UNCALIBRATED = "not calibrated for these models: a score, not a probability"
# all that a document could steer a terminal with; line ends and tabs stay
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# str.splitlines and JavaScript take these for line ends
_ESCAPED_IN_JSON = {ord(c): f"\\u{ord(c):04x}" for c in "\x85\u2028\u2029"}
# all that Markdown takes for a mark: anywhere, and at the start of a line
_MARKDOWN = re.compile(r"([\\`*_\[\]<>|~&#])")
_MARKDOWN_LIST = re.compile(r"(?m)^(\d*)([-+.)])(?=\s)")


def to_dict(reply: Reply) -> dict[str, Any]:
    """The reply in its JSON form; every key is always there. Of an error there is no reason: it is not a refusal."""
    answer = reply.outcome if isinstance(reply.outcome, Answer) else None
    refusal = reply.outcome if isinstance(reply.outcome, NoAnswer) and reply.error is None else None
    return {
        "schema": SCHEMA,
        "id": reply.id,
        "question": reply.question,
        "asked": reply.asked,
        "answer": answer.best.text if answer else None,
        "confidence": reply.confidence,
        "calibrated": reply.calibrated,
        "threshold": reply.threshold,
        "reason": refusal.reason if refusal else None,
        "citation": _citation(answer.best.citation) if answer else None,
        "support": [_citation(place) for place in answer.best.support] if answer else [],
        "others": [_candidate(other) | {"conflicts": other.conflicts} for other in reply.others],
        "items": [_candidate(item) for item in answer.items] if answer else [],
        "nearest": [_citation(place) for place in refusal.nearest] if refusal else [],
        "disagreement": answer.disagreement if answer else False,
        "error": reply.error,
        "index": reply.index,
    }


def to_json(reply: Reply) -> str:
    """The reply as one line of JSON, without the line end."""
    return json_line(to_dict(reply))


def json_line(value: object) -> str:
    """Any JSON value as one line by every reader's idea of a line, without the line end."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).translate(_ESCAPED_IN_JSON)


def _candidate(candidate: Candidate) -> dict[str, Any]:
    return {
        "answer": candidate.text,
        "confidence": candidate.confidence,
        "citation": _citation(candidate.citation),
    }


def _citation(citation: Citation) -> dict[str, Any]:
    return asdict(citation) | {"heading": list(citation.heading), "link": link(citation)}


def to_text(reply: Reply, *, everything: bool = False, marks: tuple[str, str] = BRACKETS) -> str:
    """The reply for a terminal, with its last line end; `everything` adds the other candidates.

    `marks` go around the cited text in each quote. Control characters of documents are shown as U+FFFD.
    """
    if reply.error is not None:
        return f"Not understood: {_plain(reply.error)}\n"
    blocks = [*_answer_blocks(reply, marks)] if isinstance(reply.outcome, Answer) else [*_refusal_blocks(reply)]
    if everything and reply.others:
        title = "Other candidates:" if isinstance(reply.outcome, Answer) else "Rejected candidates:"
        blocks.append("\n".join([title, *(_candidate_text(other, marks) for other in reply.others)]))
    if reply.asked != reply.question:
        blocks.append(f"Asked as: {_plain(reply.asked)}")
    return "\n\n".join(blocks) + "\n"


def _answer_blocks(reply: Reply, marks: tuple[str, str]) -> Iterator[str]:
    assert isinstance(reply.outcome, Answer)
    best, items = reply.outcome.best, reply.outcome.items
    if items:
        yield "\n".join([*(f"- {_plain(item.text)}" for item in items), "", f"  {sureness(reply)}"])
        yield "\n".join(["Each part:", *(_candidate_text(item, marks) for item in items)])
    else:
        yield _plain(best.text)
        yield "\n".join([_quote(best.citation, marks, "  "), f"  {place(best.citation)}", f"  {sureness(reply)}"])
    if reply.outcome.disagreement:
        yield "\n".join(["The documents disagree:", *(f"  {row}" for row in _values(reply, best))])
    if best.support:
        yield "\n".join(["The same stands in:", *(f"  {place(citation)}" for citation in best.support)])


def _refusal_blocks(reply: Reply) -> Iterator[str]:
    assert isinstance(reply.outcome, NoAnswer)
    yield f"No answer. {why_not(reply)}"
    if reply.outcome.nearest:
        near = (f"{_quote(citation, None, '  ')}\n  {place(citation)}" for citation in reply.outcome.nearest)
        yield "Not an answer, but worth a look:\n" + "\n\n".join(near)


def _candidate_text(candidate: Candidate, marks: tuple[str, str]) -> str:
    return "\n".join(
        [
            f"  {_plain(candidate.text)} ({percent(candidate.confidence)})",
            _quote(candidate.citation, marks, "    "),
            f"    {place(candidate.citation)}",
        ]
    )


def _values(reply: Reply, best: Candidate) -> Iterator[str]:
    """The values that are reported, side by side: value, who says so, where, how likely."""
    rows = [
        (
            one_line(c.text) + (" (denied)" if c.citation.denied else ""),
            _according(c.citation) or "-",
            place(c.citation),
            percent(c.confidence),
        )
        for c in (best, *(other for other in reply.others if other.conflicts))
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, [*widths, 0], strict=True))


def to_markdown(reply: Reply) -> str:
    """The reply to be pasted into a Markdown text, with its last line end: answer, quote, place, confidence."""
    if reply.error is not None:
        return f"Not understood: {escaped(reply.error)}\n"
    match reply.outcome:
        case Answer(best=best, items=items, disagreement=disagreement):
            said = [f"- {escaped(item.text)}" for item in items] or [f"**{escaped(best.text)}**"]
            blocks = ["\n".join(said), *(_markdown_quote(part.citation) for part in items or (best,))]
            blocks.append(escaped(sureness(reply)))
            if disagreement:
                rows = (f"- {escaped(row)}" for row in _values(reply, best))
                blocks += ["The documents disagree:", "\n".join(rows)]
        case NoAnswer(nearest=nearest):
            blocks = [f"**No answer.** {escaped(why_not(reply))}"]
            if nearest:
                blocks += ["Not an answer, but worth a look:", *(_markdown_quote(c, mark=False) for c in nearest)]
    if reply.asked != reply.question:
        blocks.append(f"Asked as: {escaped(reply.asked)}")
    return "\n\n".join(blocks) + "\n"


def _markdown_quote(citation: Citation, *, mark: bool = True) -> str:
    before, cited, after = _divided(citation)
    quote = f"{escaped(before)}**{escaped(cited)}**{escaped(after)}" if mark else escaped(citation.quote)
    lines = [*quote.split("\n"), *map(escaped, _notes(citation)), "", escaped(place(citation))]
    return "\n".join(f"> {line}".rstrip() for line in lines)


def escaped(text: str) -> str:
    """A text as Markdown that shows exactly this text."""
    return _MARKDOWN_LIST.sub(r"\1\\\2", _MARKDOWN.sub(r"\\\1", _plain(text)))


def why_not(reply: Reply) -> str:
    """Why a reply is a refusal, in a sentence; of candidates that were not sure enough, how likely the best was."""
    assert isinstance(reply.outcome, NoAnswer)
    why = WHY_NOT[reply.outcome.reason]
    if reply.outcome.reason != "not confident":
        return why
    note = "" if reply.calibrated else f" ({_UNCALIBRATED})"
    return (
        f"{why} The best candidate has {percent(reply.confidence)}{note}; "
        f"an answer is shown from {percent(reply.threshold)} on."
    )


def sureness(reply: Reply) -> str:
    """The confidence in words and as a number."""
    return f"{confidence_words(reply)} ({percent(reply.confidence)})"


def confidence_words(reply: Reply) -> str:
    """The confidence in words; if it is no probability, that it is not."""
    if not reply.calibrated:
        return _UNCALIBRATED
    return next(words for least, words in _WORDS if reply.confidence >= least)


def percent(probability: float) -> str:
    """A probability in whole percents that never claims certainty."""
    return f"{min(99, max(1, round(100 * probability)))} %"


def place(citation: Citation) -> str:
    """Where a citation stands, as far as that is known: document, section › subsection, page, line."""
    parts = [citation.document, " › ".join(citation.heading)]
    parts += [f"page {citation.page}" if citation.page is not None else ""]
    parts += [f"line {citation.line}" if citation.line is not None else ""]
    return one_line(", ".join(part for part in parts if part))


def _quote(citation: Citation, marks: tuple[str, str] | None, indent: str) -> str:
    """The quote with the cited text marked, indented; then to whom it is attributed and whether it is denied."""
    before, cited, after = map(_plain, _divided(citation))
    opening, closing = marks or ("", "")
    quote = f"{before}{opening}{cited}{closing}{after}"
    return "\n".join(indent + line for line in [*quote.split("\n"), *_notes(citation)])


def _notes(citation: Citation) -> list[str]:
    said = _according(citation)
    return [*([f"(according to: {said})"] if said else []), *(["(the text denies this)"] if citation.denied else [])]


def _according(citation: Citation) -> str:
    return "" if citation.attributed_to is None else one_line(citation.attributed_to.text)


def _divided(citation: Citation) -> tuple[str, str, str]:
    start = citation.start - citation.quote_start
    end = start + len(citation.text)
    return citation.quote[:start], citation.quote[start:end], citation.quote[end:]


def _plain(text: str) -> str:
    return _CONTROLS.sub("\ufffd", text)


def count(number: int, what: str, many: str | None = None) -> str:
    """So many of something, in words."""
    return f"{number:,} {what if number == 1 else many or f'{what}s'}"


def one_line(text: str) -> str:
    """A text in one line that steers no terminal."""
    return _plain(text).replace("\n", " ")
