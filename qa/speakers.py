"""Who speaks in an English sentence: the noun phrases that stand before or after a verb of reporting."""

from __future__ import annotations

import re

Stretch = tuple[int, int]

# Verbs that take all that follows them as what is reported.
_REPORT = (
    "say said; tell told; claim; report; announce; estimate; state; declare; assert; maintain; insist; confirm; "
    "allege; argue; contend; indicate; note; write wrote written; believe; think thought; reckon; recall; testify; "
    "warn; predict; suggest; reveal; conclude; acknowledge; admit; concede; explain; add; boast; affirm; remark; "
    "hold held; find found; show showed shown; calculate; learn; know knew; demonstrate; deny; recount; relate"
)
# Verbs that report when a figure comes next.
_COUNT = (
    "count; record; register; list; tally; measure; document; number; notice; accept; name; publish; print; cite; "
    "quote; give gave given; have had; get got; see saw seen; detect; verify; identify; arrive; settle; speak spoke; "
    "talk; come came; put; set; place; raise; own; bury; treat; log; point; price; value; "
    "assess; bear bore; fix; mention"
)


def _forms(verbs: str) -> dict[str, list[str]]:
    """For each base its finite forms: base, third person, past."""
    found: dict[str, list[str]] = {}
    for entry in verbs.split(";"):
        base, *irregular = entry.split()
        third = "has" if base == "have" else re.sub(r"(?<=[^aeiou])y$", "ie", base) + "s"
        third = third[:-1] + "es" if re.search(r"(?:sh|ch|s|x)s$", third) and base != "has" else third
        past = irregular or [base if base in ("put", "set") else _past(base)]
        found[base] = [base, third, *past]
    return found


def _past(base: str) -> str:
    if base.endswith("e"):
        return base + "d"
    if re.search(r"[^aeiou]y$", base):
        return base[:-1] + "ied"
    return base + base[-1] + "ed" if base in ("admit", "log") else base + "ed"


def _one_of(*lists: dict[str, list[str]]) -> str:
    forms = {form for forms in lists for entry in forms.values() for form in entry}
    return "|".join(sorted(forms, key=lambda form: (-len(form), form)))


_REPORTS, _COUNTS = _forms(_REPORT), _forms(_COUNT)
REPORT_FORMS = _one_of(_REPORTS)
_COUNT_FORMS = _one_of(_COUNTS)
# any verb in the past is one of reporting before "that"
VERB = re.compile(rf"\b(?:(?P<report>{REPORT_FORMS}|[a-z]+[ey]d(?=\s+that\b))|(?P<count>{_COUNT_FORMS}))\b")
# Forms that are nouns as well: they are verbs after a plural or before "that" only.
_NOUNS = {
    form
    for base in ("claim", "report", "estimate", "state", "note", "count", "record", "list", "document", "measure")
    for form in (base, base + "s")
} | {"name", "names", "number", "numbers", "register", "registers", "print", "prints", "points", "point", "log", "logs"}

_BESIDE = (
    r"(?:\s+(?:has|have|had|also|then|later|first|initially|earlier|now|only|even|himself|herself|itself|themselves"
    r"|once|again|still|both|all|would|[a-z]+ly))*\s*"
)
_BEFORE_VERB = re.compile(_BESIDE + r"$")
_PASSIVE = re.compile(
    r"\b(?:is|are|was|were|be|been|being|get|gets|got|as|so|to|not|n't|never|did|does|do|could|cannot)$"
)
_BREAK = re.compile(
    r"[;:—()\"“”\n]|\s–\s|(?:^|[\s,])(?:that|while|whereas|but|although|though|because|yet)\s"
    r"|\s(?:when|where|after|before|until|if|since)\s(?=[^,]*$)"
)
_PREPOSITION = re.compile(
    r"(?:on|in|at|by|after|before|during|since|until|from|for|with|without|under|over|near|of|to|as|about|around|"
    r"despite|among|outside|inside|behind|beside|beyond|above|below|between|across|against|within|following|when|while|if|according|contacted|asked|interviewed|speaking|writing|quoted|per|once|"
    r"meanwhile|however|later|then|earlier|finally|today|yesterday|overall|still|instead|consequently|moreover|"
    r"nevertheless|nonetheless|initially|early|late|shortly|soon|\w+ly|\w+ing)\b(?!['’])",
    re.I,
)
_TIME = re.compile(
    r"(?:shortly |late |early )?(?:on|in|by|at|since)\s(?:the\s)?"
    r"(?:(?:morning|evening|night|afternoon|end|start)\s(?:of\s)?)?"
    r"(?:the\s)?(?:\d{1,2}(?:st|nd|rd|th)?\s)?"
    r"(?:(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sep|Oct|Nov|Dec)[a-z]*|\w+day|\d{4}|\d{1,2}(?:st|nd|rd|th))"
    r"(?:\s\d{1,2}(?=\s))?(?:\s\d{4})?(?:\s(?:night|morning|evening|afternoon))?\s",
    re.I,
)
_LEADING = re.compile(
    r"(?:and|but|while|whereas|however|meanwhile|yet|so|then|later|also|or|nor|although|though|because|today|finally|"
    r"initially|earlier|[A-Z]?[a-z]+ly)\b,?\s+",
    re.I,
)
_RELATIVE = re.compile(r"\s*,?\s+(?:who|which|that|whose|whom)\b.*$", re.S)
_FINITE = re.compile(r"\b(?:is|are|was|were|be|been|had|has|have|did|does|do|will|would|could|can|may|might|must)\b")
_DETERMINER = re.compile(
    r"(?:the|a|an|another|some|several|two|three|other|this|that|its|his|her|their|one|no)\s", re.I
)
_NAME_WORD = r"(?:[A-Z][\w.'’\-]*|(?:of|the|de|da|du|la|le|el|al|ag|van|von|bin|ibn|ould|and|&)(?=\s+[\w]))"
NAME = re.compile(rf"[A-Z][\w.'’\-]*(?:\s+{_NAME_WORD})*")
_NAME_NEXT = re.compile(rf",\s+({NAME.pattern})(?=[,.;]|\s(?:on|in|at)\s)")
PRONOUN = re.compile(r"(?:he|she|it|they)$", re.I)
_NOBODY = re.compile(
    r"(?:there|this|that|what|these|those|nobody|none|no one|which|who|whom|i|we|you|one|all|both|some|many|most|more|"
    r"the|a|an|such|few|so|not|here|others?|\d[\d.,]*)$",
    re.I,
)
_MOST_WORDS = 12  # of a speaker; longer ones are clauses that were not understood


def subject(text: str, begin: int, verb: int) -> Stretch | None:
    """The noun phrase that is the subject of the verb at `verb`, not before `begin`; None if none can be told.

    A phrase in commas between them is left out, unless it is a name or says who is cited.
    """
    left = re.sub(r"\([^()]*\)", lambda note: " " * len(note.group()), text[begin:verb])
    left = _BEFORE_VERB.sub("", left)
    if _PASSIVE.search(left):
        return None
    left = re.sub(r",?\s+(?:who|which|that)$", "", left)
    start = max((match.end() for match in _BREAK.finditer(left)), default=0)
    for joined in re.finditer(r",?\sand(?:\s+|$)", left[start:]):
        if _is_clause(left[start : start + joined.start()]):
            if not left[start + joined.end() :].strip():  # "the mayor rose and said": one subject for both
                return _subject_of_last(text, begin, begin + start, begin + start + joined.start())
            start += joined.end()
            break
    segments = [(m.start() + start, m.end() + start) for m in re.finditer(r"[^,]+|(?<=,)$", left[start:])]
    found = _subject_of([_stripped(left, *segment) for segment in segments], left)
    return None if found is None else (found[0] + begin, found[1] + begin)


def _subject_of(segments: list[Stretch], left: str) -> Stretch | None:
    """The subject among the parts between commas; the last is empty if the verb stands behind a comma."""
    if not segments or segments[-1][0] < segments[-1][1]:
        return _phrase(left, *segments[-1]) if segments else None
    if len(segments) == 1:
        return None
    inserted = segments[-2]
    heads = [s for s in segments[:-2] if not re.match(r"(?:who|which|whose)\b", left[s[0] : s[1]])]
    head = _phrase(left, *heads[-1]) if heads else None
    if head is None:
        return _phrase(left, *inserted)
    said = left[slice(*inserted)]
    whole = head[1] == heads[-1][1]  # nothing of it was cut off, so that what comes next belongs to it
    if whole and re.match(r"(?:named|called|citing|quoting)\b", said):
        return head[0], inserted[1]
    if NAME.fullmatch(said):
        return (head[0] if whole else inserted[0]), inserted[1]
    return head


def _subject_of_last(text: str, begin: int, start: int, stop: int) -> Stretch | None:
    verbs = [match for match in VERB.finditer(text, start, stop) if is_verb(text, match)]
    return subject(text, begin, verbs[-1].start()) if verbs else None


def _phrase(text: str, start: int, end: int) -> Stretch | None:
    """The noun phrase that text[start:end] ends with; None if it holds none."""
    while match := _LEADING.match(text, start, end):
        start = match.end()
    if match := _TIME.match(text, start, end):
        start = match.end()
    if match := _RELATIVE.search(text, start, end):
        end = match.start()
    agent = [match.end() for match in re.finditer(r"(?:ed|en)\sby\s", text[start:end])]  # "challenged by residents"
    start += agent[-1] if agent else 0
    start, end = _stripped(text, start, end)
    verbs = (match for match in VERB.finditer(text, start, end) if match.start() > start)
    if any(is_verb(text, match) for match in verbs if match.group() not in _NOUNS):
        return None
    return (start, end) if is_phrase(text[start:end]) else None


def is_phrase(words: str) -> bool:
    """Whether words can be a speaker: a pronoun or a short noun phrase, without a verb."""
    if not words or _NOBODY.match(words) or _PREPOSITION.match(words) or _FINITE.search(words):
        return False
    if not re.match(r"[\w\"“‘'’]", words) or len(words.split()) > _MOST_WORDS:
        return False
    return bool(_DETERMINER.sub("", words, count=1).strip()) and not words[0].isdigit()


def _is_clause(words: str) -> bool:
    """Whether words hold a verb, as far as that can be seen: "the bridge collapsed", not "the army"."""
    later = words.split()[1:]
    spoken = any(is_verb(words, match) for match in VERB.finditer(words) if match.start())
    return spoken or bool(_FINITE.search(words)) or any(re.fullmatch(r"[a-z]+ed", word) for word in later)


def is_verb(text: str, match: re.Match[str]) -> bool:
    """Whether a form that may be a noun too is a verb here."""
    form, before, after = match.group(), text[: match.start()].rstrip(), text[match.end() : match.end() + 12]
    if re.match(r"\s+(?:of|for|from|by)\b", after) and form not in ("spoke", "speaks", "speak", "wrote", "talked"):
        return False
    if re.match(r"\s+to (?:be|have)\b", after) and form in (
        "said",
        "reported",
        "thought",
        "believed",
        "known",
        "found",
    ):
        return False
    if re.search(r"['’]s?$|\b(?:the|a|an|its|his|her|their|this|that|no|any|of|to|in)$", before, re.I):
        return False
    if form not in _NOUNS:
        return True
    last = re.search(r"[\w.]+$", before)
    word = last.group() if last else ""
    if re.fullmatch(r"\d.*|two|three|four|five|six|seven|eight|nine|ten|many|several|more|such", word):
        return False
    plural = word.endswith("s") and not word.endswith("ss")
    return plural if not form.endswith("s") else not plural


def with_name(text: str, end: int, stop: int) -> int:
    """The end of a noun phrase that ends at `end`, with the name in commas that follows it, if one does."""
    following = _NAME_NEXT.match(text, end, stop)
    return following.end(1) if following and len(following.group(1).split()) <= 6 else end


def _stripped(text: str, start: int, end: int) -> Stretch:
    words = text[start:end]
    return start + len(words) - len(words.lstrip()), max(end - len(words) + len(words.rstrip()), start)
