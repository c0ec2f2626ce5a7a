"""Whoever is said to speak before a place in an English sentence, and from where on what he says follows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from qa.speakers import NAME, VERB, Stretch, is_phrase, is_verb, subject, with_name

# What stands before a figure and belongs to it.
AMOUNT = (
    r"(?:(?:only|just|at|least|most|about|around|some|nearly|almost|over|under|more|less|fewer|no|than|up|to|"
    r"approximately|roughly|exactly|an?|the|as|many|well|even|another|somewhat|close|nearer|estimated|[“\"'‘~≈>+$€£])\s*)*"
)
FIGURE = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|sixty|"
    r"seventy|eighty|ninety|hundreds?|thousands?|millions?|dozens?)\b",
    re.I,
)
ACCORDING = re.compile(r"\baccording to\s+", re.I)
SHARED = (
    r"(?:count|estimates?|reckoning|account|calculations?|tally|figures?|numbers?|version|assessment|opinion|claims?)"
)
BY_COUNT = re.compile(
    r"\b(?:by|in|on)\s+(?P<of>(?:[\w.’'\-]+\s){0,6}?[\w.\-]+(?:['’]s|s['’]))\s+(?:own\s+)?"
    rf"(?:{SHARED}|view|words|telling)\b"
    rf"|\b(?:by|in|on)\s+the\s+(?:{SHARED}|view|words)\s+of\s+(?P<to>[^,;.()]+)",
    re.I,
)
AGENT = re.compile(
    r"\b(?:said|reported|claimed|announced|estimated|stated|declared|confirmed|indicated|noted|believed|calculated|put|"
    r"given|counted|recorded|listed|registered|told|cited|quoted|published|alleged|asserted)\s+(?:\w+ly\s+)?by\s+"
)

# What writing holds figures in: such a thing "has", "shows" or "gives" them, as a person does not.
_RECORD = re.compile(
    r"\b(?:report|study|survey|census|count|ledger|register|record|dispatch|indictment|diary|letter|yearbook|log|book|"
    r"prospectus|statement|list|website|page|plaque|paper|chronicle|memoir|newspaper|newsletter|magazine|document|"
    r"assessment|poll|review|article|bulletin|communiqu[eé]|file|archive|form|tablet|inquiry|audit|verdict|judgment|"
    r"treaty|text|source|account|table|hymn|inscription|analysis|certificate|roll|database|radar|data|day-book|press)s?\b",
    re.I,
)
# Verbs that do much else than report, and the words that make them do so.
_WAYS = {
    **dict.fromkeys(("put", "puts", "place", "placed", "set", "sets"), r"\s[^;.]*?\bat\b"),
    **dict.fromkeys(("gave", "gives", "give"), r"\s[^;.]*?\b(?:as|of|dead|deaths|killed|wounded|injured)\b"),
    **dict.fromkeys(("found", "finds", "find", "showed", "shows", "show"), r"\s+that\b"),
    **dict.fromkeys(
        ("held", "holds", "hold", "added", "adds", "add", "maintained", "maintains", "maintain", "wrote", "writes",
         "write", "written", "learned", "learns", "learn", "knew", "knows", "know", "known", "recalled", "recalls",
         "recall", "related", "relates", "relate", "conceded", "concedes", "concede",
         "concluded", "concludes", "conclude", "declared", "declares", "declare", "revealed", "reveals", "reveal",
         "thought", "thinks", "think", "explained", "explains", "explain", "recounted",
         "remarked", "affirmed", "demonstrated", "demonstrates", "state", "states", "confirms"),
        r"[^;.]{0,40}?\s(?:that|to)\b|[,:]?\s*[“\"]|\s(?:of|down)\b",
    ),
    **dict.fromkeys(
        ("noted", "notes", "note", "admitted", "admits", "admit", "confirmed", "confirms"),
        rf"[^;.]{{0,40}}?\s(?:that|to)\b|(?=[^;,.]{{0,25}}?\s(?:{FIGURE.pattern}))",
    ),
    **dict.fromkeys(("claimed", "claims", "claim"), r"(?!\s[^,;.]{0,25}\blives\b)"),
    **dict.fromkeys(("had", "has", "have", "published", "prints", "printed"), r"\s(?:[“\"]|a\slist\sof)"),
    **dict.fromkeys(("came", "come", "comes"), r"\s(?:to|up\swith)\b"),
    **dict.fromkeys(("raised", "raises", "own"), r"\s[^;.]*?\bto\b"),
    **dict.fromkeys(("point", "points", "pointed"), r"\sto\b"),
    **dict.fromkeys(("accepted", "accepts"), r"\sonly\b"),
    **dict.fromkeys(
        ("name", "names", "named", "bears", "bore", "bear", "fix", "fixes", "fixed", "got", "get", "gets", "saw", "see",
         "sees", "seen", "shown", "treated", "treats", "buried", "log", "logs", "logged", "value", "valued", "lists",
         "list", "come", "raise", "owns", "owned", "print", "publish", "publishes", "accept", "treat", "bury"),
        r"(?!)",
    ),
}  # fmt: skip
# Between a verb that reports figures and its figure: "put the toll at 40", "spoke of 40", "counted 40".
_LEADS = re.compile(rf"(?:[^;.]{{0,80}}?\b(?:at|as|of|with|on|upon|to)|[^;,.\d]{{0,24}}?)\s+{AMOUNT}$", re.I)
_NEXT_CLAUSE = re.compile(r",\s+(?:and|which|who|of whom)\s")
_NO_SPEAKERS = re.compile(
    r"(?:plan|schedule|custom|tradition|law|rank|size|need|age|type|the rules|this|that|it|them|him|her|which|whom)\b",
    re.I,
)
_AFTER_AGENT = re.compile(
    r"\s(?:that|at|as|to\sbe|to\shave|(?:on|in)\s(?:\d|[A-Z])|was|were|is|are|who|which|while|whereas|but|when|where|"
    r"because)\s?.*$",
    re.S,
)
_ABOUT = r"(?:at least|about|around|some|only|more than|less than|up to|nearly|and)"
_PHRASE = re.compile(r"(?:[^,;:()\n.]|\.(?=\w|\s[a-z])|(?<=\b[A-Z])\.|(?<=\b[DM]r)\.|(?<=\bMrs)\.)+")
_VIEW = re.compile(r"(?:For|To|for)\s+(?P<who>[^,;]{3,80}),\s")
_PERSON = re.compile(
    r"(?:the|a|an|one)\s(?:[\w\-]+\s)?(?:newspaper|paper|magazine|agency|reporter|journalist|historian|author|writer|"
    r"analyst|expert|researcher|scholar|ministry|army|government|police|union|spokes\w+|official|officer|witness|"
    r"commander|general|colonel|captain|mayor|minister|opposition|movement|group|organi[sz]ation|committee|biographer|"
    r"critic|chronicler|correspondent|economist|engineer|professor|doctor|prosecutor|defen[cs]e)\b",
    re.I,
)
_OWN_FIGURE = re.compile(
    rf"(?P<who>(?:[\w.\-]+\s){{0,6}}?[\w.\-]+(?:['’]s|s['’]))\s(?:[a-z]+\s)?{SHARED}\s[^,;.]{{0,40}}?"
    r"\b(?:was|were|is|are|stood at|came to)\s"
)
_GAP = re.compile(rf",\s+(?:and\s+|while\s+)?(?P<who>(?:the|a|an)\s[^,;]{{2,60}}?)\s(?:of|at|with)\s+{AMOUNT}$", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Who speaks, from where on, by which verb (none: "according to"), and whether only of a figure close by."""

    who: Stretch
    reaches: int
    verb: str = ""
    figure_only: bool = False


def sources_before(text: str, first: int, stop: int) -> Iterator[Source]:
    """Whoever speaks before `stop` in the sentence that begins at `first`."""
    for match in ACCORDING.finditer(text, first, stop):
        if opens_clause(text, first, match.start()) and (who := speaker_at(text, match.end(), stop)):
            yield Source(who=who, reaches=who[1])
        elif re.match(r"wh(?:ich|om)\b", text[match.end() :]):
            names = list(NAME.finditer(text, first, match.start()))
            if names and not text[names[-1].end() : match.start()].strip(" ,"):
                yield Source(who=names[-1].span(), reaches=match.end() + len("which"))
    for begin in {first, _clause_start(text, first, stop)}:
        view, own = _VIEW.match(text, begin, stop), _OWN_FIGURE.match(text, begin, stop)
        if view and _has_views(view.group("who")):
            yield Source(who=view.span("who"), reaches=view.end("who"))
        if own:
            yield Source(who=own.span("who"), reaches=own.end() - 1)
    for match in BY_COUNT.finditer(text, first, stop):
        if opens_clause(text, first, match.start()):
            yield Source(who=match.span(match.lastgroup or 0), reaches=match.end())
    for match in AGENT.finditer(text, first, stop):
        who = speaker_at(text, match.end(), stop)
        if who and re.match(r"\s+(?:that|at|as|to be|to have)\s", text[who[1] : stop + 1]):
            yield Source(who=who, reaches=who[1])
    yield from _subjects_before(text, first, stop)


def _subjects_before(text: str, first: int, stop: int) -> Iterator[Source]:
    for match in VERB.finditer(text, first, stop):
        who = subject(text, first, match.start()) if is_verb(text, match) else None
        if who is None:
            continue
        verb = match.group()
        way = re.compile(_WAYS.get(verb, "")).match(text, match.end(), match.end() + 90)
        if way or _RECORD.search(text, *who):
            that = way is not None and (not way.group() or way.group().endswith(("that", "to")))
            figure_only = match.group("count") is not None or not that
            yield Source(who=who, reaches=match.end(), verb=verb, figure_only=figure_only)


def reaches_figure(text: str, source: Source, start: int, end: int) -> Stretch | None:
    """Who gives the figure text[start:end], if the source's verb leads to it: the source, or whoever shares its verb.

    "The guild spoke of two injured, the clinic of seven": the clinic has no verb of its own.
    """
    words, between = text[start:end], text[source.reaches : start]
    if gap := _GAP.search(text, source.reaches, start):
        return gap.span("who")
    if re.search(r"[“\"]$", between.strip()) and len(between.strip()) == 1:
        return source.who
    opening = re.match(AMOUNT, words, re.I)
    led = _LEADS.match(f" {between.strip()} {opening.group() if opening else ''}".rstrip() + " ")
    fits = FIGURE.search(words) and led and not _NEXT_CLAUSE.search(between)
    return source.who if fits else None


def teller(text: str, first: int, start: int) -> Stretch | None:
    """Whoever a verb leads from to the figure at `start`, be it to find or to treat: "the clinic treated 12".

    Where others' figures stand beside, that is whose this one is; alone it may be no more than what happened.
    """
    for match in VERB.finditer(text, first, start):
        leads = re.fullmatch(rf"\W*(?:\w+\W+){{0,3}}?{AMOUNT}\W*", text[match.end() : start], re.I)
        if leads and is_verb(text, match) and (who := subject(text, first, match.start())):
            return who
    return None


def speaker_at(text: str, start: int, stop: int) -> Stretch | None:
    """The noun phrase that begins at `start`, with the name in commas that follows it, as far as `stop`."""
    match = _PHRASE.match(text, start, stop)
    if match is None or _NO_SPEAKERS.match(match.group()):
        return None
    words = _AFTER_AGENT.sub("", match.group())
    words = re.split(rf"\s(?:{_ABOUT}\s)*(?:(?={FIGURE.pattern})|{_ABOUT}$)", words.rstrip())[0]
    words = words.rstrip()
    if words.count('"') % 2:
        words = words.rstrip('"').rstrip()
    end = start + len(words)
    if not is_phrase(words.strip('"“”')):
        return None
    return start, with_name(text, end, stop) if end == match.end() else end


def opens_clause(text: str, first: int, at: int) -> bool:
    """Whether nothing but a conjunction or a time stands between the beginning of the clause and `at`."""
    before = re.split(r";|,\s+(?=while|whereas|but|and|although)|\bthat\b", text[first:at])[-1].strip(' ,"“')
    before = re.sub(r"^(?:while|whereas|but|and|although|however|meanwhile)\b[\s,]*", "", before, flags=re.I)
    return not before or bool(re.fullmatch(r"(?:On|In|By|At|Also|Later|Still|As of)\b[^,]*|\w+ly", before))


def _has_views(words: str) -> bool:
    """Whether "For X," names somebody with a view: a full name, an acronym, or a kind of person or body."""
    proper = NAME.fullmatch(words) is not None and (" " in words or words.isupper())
    return proper or _PERSON.match(words) is not None


def _clause_start(text: str, first: int, stop: int) -> int:
    found = [m.end() for m in re.finditer(r"[;,]\s+(?:(?:while|whereas|but|and|although)\s+)?", text[first:stop])]
    return first + found[-1] if found else first
