"""What `qa verify` says when it is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from qa.links import annotation, link
from qa.render import one_line, place
from qa.verify import Check


def to_line(check: Check) -> str:
    """A check as a line of text: source, quote, the reply and the place in it, the place in the document, the note."""
    citation = check.cited.citation
    said = f"{check.cited.id} {check.cited.part}: {place(citation)}" + (f" ({check.note})" if check.note else "")
    return f"{check.source:<8} {check.quote:<8} {one_line(said)}"


def summary(checks: Sequence[Check]) -> str:
    """How many citations there are, and of each state how many."""
    counts = _counts(checks)
    sources, quotes = (", ".join(f"{n:,} {state}" for state, n in counts[of].items()) for of in ("source", "quote"))
    said = f"{len(checks):,} citations; sources: {sources}; quotes: {quotes}"
    if checks and all(check.source == "missing" for check in checks):
        said += "\nnone of the documents is there; give the folder that was indexed: --sources DIR"
    return said


def to_dict(checks: Sequence[Check], *, allow_moved: bool = False) -> dict[str, Any]:
    """All checks in JSON form: the counts, then each check with the place where the quote stands now."""
    failed = sum(not check.passes(allow_moved=allow_moved) for check in checks)
    return {
        "citations": len(checks),
        "failed": failed,
        "allow_moved": allow_moved,
        **_counts(checks),
        "checks": [_check(check) for check in checks],
    }


def _check(check: Check) -> dict[str, Any]:
    cited, now = check.cited, check.now
    return {
        "reply": cited.number,
        "id": cited.id,
        "part": cited.part,
        "document": cited.citation.document,
        "collection": cited.citation.collection,
        "source": check.source,
        "quote": check.quote,
        "now": now and {name: getattr(now, name) for name in ("start", "end", "quote_start", "line", "page")},
        "note": check.note or None,
        "link": now and link(now, check.file),
        "annotation": now and annotation(now, check.file),
    }


def _counts(checks: Sequence[Check]) -> dict[str, dict[str, int]]:
    sources, quotes = Counter(check.source for check in checks), Counter(check.quote for check in checks)
    return {
        "source": {state: sources[state] for state in ("same", "changed", "missing")},
        "quote": {state: quotes[state] for state in ("found", "moved", "missing")},
    }
