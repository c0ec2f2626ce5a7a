"""Dates as pages write them."""

from __future__ import annotations

import re
from datetime import date

_MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august"]
_MONTHS += ["september", "october", "november", "december"]
_MONTH = r"(?P<month>" + "|".join(f"{name[:3]}(?:{name[3:]}|t)?" for name in _MONTHS) + r")\.?"
_DATES = [
    re.compile(rf"\b{_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>\d{{4}})\b", re.IGNORECASE),
    re.compile(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)? {_MONTH},? (?P<year>\d{{4}})\b", re.IGNORECASE),
    re.compile(r"\b(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"),
]


def iso_date(text: str) -> str | None:
    """The first full date of a text as YYYY-MM-DD; None if it has none."""
    for pattern in _DATES:
        if match := pattern.search(text):
            month = match["month"].lower()
            number = int(month) if month.isdigit() else [name[:3] for name in _MONTHS].index(month[:3]) + 1
            try:
                return date(int(match["year"]), number, int(match["day"])).isoformat()
            except ValueError:
                continue
    return None
