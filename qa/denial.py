"""Whether a text denies what it says at one place: by the grammar of denying in English, from the text alone."""

from __future__ import annotations

import re

from embeddings.document import SectionKind
from embeddings.sentences import sentence_around, sentences

_THING = (
    r"(?:claims?|reports?|information|figures?|numbers?|allegations?|rumou?rs?|accusations?|news|versions?|statements?|"
    r"story|stories|account|accounts|suggestions?|idea|charges?|estimates?|toll|it|this|that|these|them|any|involvement)"
)
_DENIES = (
    r"(?:den(?:y|ies|ied)|reject(?:s|ed)?|dismiss(?:es|ed)?|refut(?:e|es|ed)|disput(?:e|es|ed)|contest(?:s|ed)?|"
    r"disprov(?:e|es|ed)|debunk(?:s|ed)?|contradict(?:s|ed)?|retract(?:s|ed)?|disavow(?:s|ed)?|challeng(?:es?|ed))"
)
_NEGATED = re.compile(
    r"(?:\bnot|n['’]t|\bnever|\bneither|\bnor|\bnobody|\bno one|\bcannot|\bwithout)\s(?:[a-z]+ly\s)?$", re.I
)
# What follows these in their clause is denied.
_AHEAD = re.compile(
    rf"\b(?P<verb>{_DENIES})\s+(?:that\b|(?:all\s|any\s|the\s|a\s|its\s|their\s|his\s|these\s|[\w’']+['’]s\s)*"
    rf"(?:[a-z]+\s)?{_THING}\s(?:that|of|by|from)\b|having\b|being\b)"
    r"|\bno\s(?:[a-z]+\s)?(?:evidence|proof|sign|indication|trace|truth|support)\s(?:at all\s)?(?:that|of|for|in)\b"
    r"|\b(?:is|was|were|are)\s(?:untrue|false|wrong|incorrect|not true|not the case|a myth|a lie|an error)\s"
    r"(?:that|to say)\b"
    r"|\b(?:false|untrue|mistaken|erroneous|unfounded|baseless|debunked)\s(?:[a-z]+\s)?"
    r"(?:claims?|reports?|rumou?rs?|news|belief|idea|allegations?)\s(?:that|of)\b"
    r"|\b(?:falsely|wrongly|mistakenly|erroneously|incorrectly)\s(?:[a-z]+ed|said|given|put|written|told|that)\b"
    r"|\b(?:myth|legend|misconception|hoax)\sthat\b"
    r"|\bruled\sout\s(?:that|having|a|the|any)\b",
    re.I,
)
# What was said before these, in their sentence or the one before, is denied.
_BACK = re.compile(
    rf"\b(?:which|that|but|however|though|although|and|later|also|has|have|had|since)?\b[^;.]{{0,80}}?"
    rf"\b(?P<verb>{_DENIES})\s+(?:(?:the|this|that|these|any|all|such|his|her|its|their)\s(?:[a-z]+\s)?)?{_THING}"
    r"(?=\s*(?:[,.;)]|$)|\s(?:as|on|in|at|of the|again|later|strongly|and)\b)",
    re.I,
)
_PASSIVE_BACK = re.compile(
    r"\b(?:it|this|these|they|which|the\s(?:[a-z]+\s)?(?:claim|report|figure|number|information|news|story|rumour|rumor|"
    r"allegation|estimate|toll|version)s?)\s(?:is|was|were|are|has been|have been)\s(?:however\s|later\s|[a-z]+ly\s)*"
    r"(?:denied|rejected|refuted|disproved|disproven|retracted|debunked|dismissed|false|untrue|wrong)\b",
    re.I,
)
_CONTESTED = re.compile(r"(?:disput|contest|challeng)\w+\s+(?:it|this|that|these|them|any)$", re.I)
_APPOSED = re.compile(
    r",\s(?:a|an)\s(?:figure|number|claim|toll|report|version|account|allegation|charge|estimate)\s"
    rf"(?:(?:that|which)\s)?(?:[\w’'-]+\s){{1,6}}(?:have\s|has\s|had\s)?{_DENIES}\b",
    re.I,
)
_NOT_SPAN = re.compile(r"\bnot\s(?:(?:the|a|an|in|on|at|by|from|of|about|some|to|as|for|with)\s)*[“\"'‘]?$", re.I)
_RATHER = re.compile(r"\b(?:rather than|instead of|as opposed to)\s(?:(?:the|a|an|in|on|at|by|about|some)\s)*$", re.I)
_NOT_ONLY = re.compile(r"\s*(?:only|just|merely|more|less|fewer|least|even|yet|until|before|all|every)\b", re.I)
_CLAUSE_END = re.compile(r";|,\s+(?:but|while|whereas|although|though|however|and\s(?:that|said))\b")


def denied(text: str, start: int, end: int, *, kind: SectionKind = "prose") -> bool:
    """Whether the text denies text[start:end]: "denied that ...", "no evidence that ...", "not 50 but 30".

    Also where that is said in the next sentence, of what was reported. `kind` is that of the section: fact lines and
    tables deny nothing.
    """
    if kind in ("facts", "table"):
        return False
    first, last = sentence_around(text, start, end)
    before, after = text[first:start], text[end:last]
    return _ahead(before) or _contrasted(before, text[start:end], after) or _taken_back(before, after, text, last)


def _ahead(before: str) -> bool:
    """Whether what comes next is the content of a denial."""
    for match in _AHEAD.finditer(before):
        double = match.group("verb") and _NEGATED.search(before[: match.start()])
        undone = re.search(r"\b(?:could|can|cannot|did|does|do)\s?(?:not|n['’]t)\s(?:be\s)?$", before[: match.start()])
        if not double and not undone and not _CLAUSE_END.search(before, match.end()):
            return True
    return False


def _contrasted(before: str, span: str, after: str) -> bool:
    """Whether the span is what another value is set against: "not 50 but 30", "30, not 50", "30 rather than 50"."""
    if _RATHER.search(before):
        return True
    if _NOT_ONLY.match(span):
        return False
    if _NOT_SPAN.search(before):
        return bool(re.match(r"[^,;.]{0,40},?\sbut\s", after) or re.search(r",\s(?:and\s)?not\s[^,;]*$", before))
    opened = re.search(r"\bnot\s(?P<between>(?:[\w’'-]+\s){1,6})$", before)
    if opened is None or _NOT_ONLY.match(opened.group("between")):
        return False
    return bool(re.match(r",?\s(?:[\w’'-]+\s){0,3}but\s(?:in|on|at|by|from|to|of|with|as|only|rather)\b", after))


def _taken_back(before: str, after: str, text: str, last: int) -> bool:
    """Whether somebody denies it later in its sentence or at the beginning of the next one."""
    if _denies(after, reported=_reported(before + after)):
        return True
    stop = text.find("\n", last)
    following = text[last : len(text) if stop < 0 else stop]
    nexts = sentences(following)
    if not nexts or not _reported(before + after):
        return False
    sentence = following[slice(*nexts[0])]
    return bool(re.match(r"(?:[^,;.]+,\s)?[^,;.]*$", sentence.rstrip(".")) and _denies(sentence, reported=True))


def _denies(words: str, *, reported: bool) -> bool:
    """Whether words deny what was said before them; "contested it" does so only where it is a report."""
    if _PASSIVE_BACK.search(words) or _APPOSED.search(words):
        return True
    match = _BACK.search(words)
    if match is None or _NEGATED.search(words[: match.start("verb")]):
        return False
    return reported or not _CONTESTED.search(match.group())


def _reported(sentence: str) -> bool:
    """Whether a sentence gives what somebody says, so that it can be denied in the next one."""
    return bool(
        re.search(
            r"\b(?:according to|said|says|claim|report|announce|stat|estimat|told|alleg|rumou?r|assert)", sentence
        )
    )
