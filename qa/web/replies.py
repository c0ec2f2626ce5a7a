"""The replies to a file of questions as a table in HTML."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from qa.render import percent
from qa.web.markup import words

SHOWN = 200  # rows; a browser takes more, a reader does not
_HEADS = ("Id", "Question", "Answer", "Confidence", "Where it stands")


def replies_table(file: Path, *, total: int) -> str:
    """The first replies of a .jsonl file of answers; `total` is how many questions there were."""
    with file.open(encoding="utf-8", newline="\n") as lines:
        replies = [json.loads(line) for line in islice(lines, SHOWN)]
        more = sum(1 for _ in lines)
    if not replies:
        return ""
    count = len(replies) + more
    notes = [f"The first {SHOWN} of {count:,} are shown; the files hold all of them."] if more else []
    if not all(reply["calibrated"] for reply in replies):
        notes.append("The confidences are not calibrated for the models in use: compare them with each other only.")
    head = "".join(f'<th scope="col">{name}</th>' for name in _HEADS)
    return (
        f'<section class="qa-card"><h2>{"Reply" if count == 1 else "Replies"} to {count:,} of {total:,} questions</h2>'
        f"{''.join(f'<p class=qa-note>{words(note)}</p>' for note in notes)}"
        '<table class="qa-values qa-replies"><caption class="qa-unseen">Replies</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(map(_row, replies))}</tbody></table></section>"
    )


def _row(reply: Mapping[str, Any]) -> str:
    question = words(reply["question"]) or "–"
    answer, sure, where = _said(reply)
    cells = (
        f'<td class="qa-id">{words(reply["id"])}</td>',
        f"<td>{question}</td>",
        f"<td>{answer}</td>",
        f"<td>{sure}</td>",
        f"<td>{where}</td>",
    )
    return f"<tr>{''.join(cells)}</tr>"


def _said(reply: Mapping[str, Any]) -> tuple[str, str, str]:
    """Answer, confidence and place; of a refusal or an error the first only."""
    if reply["error"] is not None:
        return f'<span class="qa-error">{words(reply["error"])}</span>', "", ""
    if reply["answer"] is None:
        return '<span class="qa-why">The documents don’t say</span>', "", ""
    answer = "; ".join(item["answer"] for item in reply["items"]) or reply["answer"]
    disputed = "<br><em>The documents disagree</em>" if reply["disagreement"] else ""
    sure = percent(reply["confidence"])
    return f"<strong>{words(answer)}</strong>{disputed}", sure, words(" · ".join(_place(reply["citation"])))


def _place(citation: Mapping[str, Any]) -> list[str]:
    return [
        citation["title"],
        *([" › ".join(citation["heading"])] if citation["heading"] else []),
        *([f"page {citation['page']}"] if citation["page"] is not None else []),
        *([f"line {citation['line']}"] if citation["line"] is not None else []),
    ]
