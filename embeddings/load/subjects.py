"""What a page, a box or a paragraph is about: its name."""

from __future__ import annotations

import re
from collections.abc import Mapping


def bare(text: str) -> str:
    """A name without case, punctuation and odd blanks, for comparing."""
    return re.sub(r"[\W_]+", " ", text).strip().casefold()


def same_name(one: str, other: str) -> bool:
    """Whether two names are the same but for case, blanks and punctuation."""
    return bare(one) == bare(other)


def box_subject(labels: Mapping[str, str]) -> str | None:
    """The name that a box gives of what it describes; None if it gives none."""
    for label, value in labels.items():
        if re.sub(r"[\W_]", "", label.lower()) in _NAMES:
            return value
    return None


def subject_of(paragraph: str) -> str | None:
    """What a paragraph of its own is about: the name that it opens with, else the first name in it."""
    text = _DATED.sub("", paragraph)
    match = _LEAD.match(text)
    if text == paragraph and match and len(match["name"].split()) <= 10 and re.search(r"[A-ZÀ-Þ]", match["name"]):
        return match["name"].strip(" ,;*'\"")
    names = _NAME.findall(text[:300])
    return max(names[:3], key=len) if names else None


_NAMES = frozenset(
    {"conflict", "name", "title", "officialname", "unitname", "fullname", "event", "shorttitle", "drugname", "battle"}
)
_DATED = re.compile(
    r"^(?:On|In|Between|From|During|By|At) (?:the )?(?:[^,.;]{0,40}\d[^,;]{0,40}(?:, \d{4})?(?:, and [^,]*\d{4})?),\s+"
)
_LEAD = re.compile(
    r"(?:(?:The|A|An) +)?(?P<name>[^\n,:;(]{2,90}?)\s*(?:[,:;(]|\s[–—-]\s|\s(?:is|are|was|were|has|had|took|takes|"
    r"occurred|refers|began|started|ended|opened|closed|consists|beat|became|served|lies|stands|happened|resulted|"
    r"came|saw|struck|carried|killed|died|won|lost|which|who|that|also)\b)"
)
_NAME = re.compile(
    r"(?:\b(?:al|an|el)-)?[A-ZÀ-Þ][\w’'-]*"
    r"(?:(?: (?:of|the|de|la|al|in|and|for|ag|van|von|wal|den|du|des))* (?:al-|an-|el-|d['’])?[A-ZÀ-Þ][\w’'-]*)*"
)
