"""Generate reading exercises that look like what the product reads: fact lines, lists, figures by source, prose, dates.

scenes.toml has the frames. In a frame "(one|other|)" is a choice, "{name}" a value, "[key=...]" the answer to the
questions under `asks.key`, and ‹ › are written as round brackets. A key "figure*" asks for every mark that it matches,
"all" for the whole text. `misses` are questions that no text of the scene answers.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

from embeddings.load.facts import fact_note
from qa.training.data import Example
from qa.training.names import Forms, Names, words
from qa.training.typed import typed

UNANSWERABLE = 0.35
WHOLE = 20  # words of the longest list that is an answer as a whole: readers give short ones
KINDS = ("facts", "list", "figures", "prose", "metadata")
_BOXES = ("AT A GLANCE", "FACT BOX", "KEY FACTS", "Facts of the case", "IN BRIEF", "THE FACTS")


def generate(count: int, seed: int) -> Iterator[Example]:
    """`count` examples, as many of each kind, the same for the same seed; no two have the same text."""
    chance = random.Random(seed)  # noqa: S311 - a reproducible draw, nothing secret
    seen: set[str] = set()
    while len(seen) < count:
        scene = chance.choice(_scenes()[KINDS[len(seen) % len(KINDS)]])
        example = _Writer(scene, chance).example()
        if example is not None and example.text not in seen:
            seen.add(example.text)
            yield example


Asked = tuple[str, tuple[tuple[int, int], ...]]  # a question with its answers, none if there is none


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """Frames that go together. `says` are groups of alternatives; a text has one of each of `pieces` groups or so.

    `form` is "facts" (fact lines), "list" or "prose"; the first `always` groups are never left out, and stay first.
    """

    kind: str
    form: str
    names: Mapping[str, str]
    title: Sequence[str]
    says: Sequence[Sequence[str]]
    asks: Mapping[str, Sequence[str]]
    misses: Sequence[str] = ()
    heading: Sequence[str] = ()
    intro: Sequence[str] = ()
    lists: Mapping[str, Sequence[str]] = field(default_factory=dict)
    always: int = 0
    pieces: Sequence[int] = (4, 7)
    repeat: int = 0


@cache
def _scenes() -> Mapping[str, Sequence[_Scene]]:
    read = tomllib.loads(Path(__file__).with_name("scenes.toml").read_text(encoding="utf-8"))["scene"]
    scenes = [_Scene(**_repeated(table)) for table in read]
    return {kind: [scene for scene in scenes if scene.kind == kind] for kind in KINDS}


def _repeated(table: Mapping[str, Any]) -> dict[str, Any]:
    """A scene with each name, question and statement that holds a "#" written `repeat` times, numbered."""

    def copies(frame: str) -> list[str]:
        return [frame.replace("#", str(i + 1)) for i in range(table.get("repeat", 0))] if "#" in frame else [frame]

    says = [list(group) for frames in table["says"] for group in zip(*map(copies, frames), strict=True)]
    asks: dict[str, list[str]] = {}
    for key, frames in table["asks"].items():
        for i, copy in enumerate(copies(key)):
            asks[copy] = [frame.replace("#", str(i + 1)) for frame in frames]
    names = {copy: kind for name, kind in table["names"].items() for copy in copies(name)}
    return {**table, "says": says, "asks": asks, "names": names}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mark:
    key: str
    start: int
    end: int


class _Writer:
    """Writes one example of a scene."""

    def __init__(self, scene: _Scene, chance: random.Random) -> None:
        self._scene, self._chance = scene, chance
        self._names = Names(chance)
        self._lists: Mapping[str, Sequence[str]] = {**words()["lists"], **scene.lists}
        self._values: dict[str, Forms] = {}
        self._used: set[str] = set()

    def example(self) -> Example | None:
        """The example; None where the way chance took leads to no question."""
        context, (text, marks) = self._compose()
        asked = self._miss(marks) if self._chance.random() < UNANSWERABLE else self._hit(context, text, marks)
        if asked is None:
            return None
        question, spans = asked
        begin = len(context) + 1
        return Example(
            question=typed(_plain(_tidy(question)), self._chance),
            text=f"{context}\n{text}",
            begin=begin,
            spans=tuple((start + begin, end + begin) for start, end in spans),
        )

    def _hit(self, context: str, text: str, marks: Sequence[_Mark]) -> Asked | None:
        """A question about what is marked, or about the whole of a short list; all that it names must be there."""
        keys = [key for key in self._scene.asks if _found(key, marks) or (key == "all" and len(text.split()) <= WHOLE)]
        if not keys:
            return None
        key = self._chance.choice(keys)
        frame = self._chosen(self._chance.choice(self._scene.asks[key]))
        read = f"{context} {text}".casefold()
        for name, _, _ in _SLOT.findall(frame):
            if not any(form.casefold() in read for form in set(self._value(name, "").values()) - _COMMON):
                return None
        whole = [_Mark(key=key, start=0, end=len(text.rstrip(".;")))]
        found = whole if key == "all" else _found(key, marks)
        return self._fill(frame), tuple((mark.start, mark.end) for mark in found)

    def _miss(self, marks: Sequence[_Mark]) -> Asked | None:
        """A question that the text does not answer: what is left out of it, what it never says, or of somebody else."""
        asks = self._scene.asks
        absent = [key for key in asks if key != "all" and not _found(key, marks)]
        stems = {mark.key.rstrip("0123456789") for mark in marks}
        near = [key for key in absent if key.rstrip("0123456789") in stems]
        present = [key for key in asks if key not in absent]
        way = self._chance.choice(["absent", "swapped", "missed"])
        if way == "absent" and absent:
            return self._ask(asks[self._chance.choice(near if near and self._chance.random() < 0.7 else absent)]), ()
        if way == "swapped" and present:
            return self._swapped(asks[self._chance.choice(present)])
        if way == "missed" and self._scene.misses:
            return self._ask(self._scene.misses), ()
        return None

    def _swapped(self, frames: Sequence[str]) -> Asked | None:
        """One of the questions about somebody or something else of the same kind."""
        frame = self._chosen(self._chance.choice(frames))
        slots = [name for name, form, _ in _SLOT.findall(frame) if name in self._scene.names and form not in _PRONOUNS]
        if not slots:
            return None
        name = self._chance.choice(slots)
        self._values[name] = self._fresh(self._scene.names[name])
        return self._fill(frame), ()

    def _ask(self, frames: Sequence[str]) -> str:
        return self._fill(self._chance.choice(frames))

    def _compose(self) -> tuple[str, tuple[str, list[_Mark]]]:
        """A text of the scene with what is marked in it, and its context before it."""
        scene, chance = self._scene, self._chance
        title = self._fill(chance.choice(scene.title))
        lines = [self._fill(chance.choice(group)) for group in scene.says]
        if scene.form == "facts":
            return self._facts(title, [line for line in lines if line])
        places = list(range(scene.always, len(lines)))
        wanted = min(chance.randint(*scene.pieces), len(lines)) - scene.always
        lines = lines[: scene.always] + [lines[place] for place in chance.sample(places, wanted)]
        parts = [title]
        for frames, share in ((scene.heading, 0.7), (scene.intro, 0.85)):
            parts += [self._fill(chance.choice(frames))] if frames and chance.random() < share else []
        written = self._list(lines) if scene.form == "list" else self._prose(lines)
        return _plain(", ".join(map(_capital, parts))), _marked(_tidy(written))

    def _facts(self, title: str, lines: Sequence[str]) -> tuple[str, tuple[str, list[_Mark]]]:
        """A fact line with its note as the loaders write it; or several, of one box, under its name."""
        labels = dict(_marked(line)[0].split(": ", 1) for line in lines)
        style = self._chance.choice(["as is", "as is", "as is", "lower", "snake", "joined"])
        box = self._chance.choice(_BOXES) + ", " if self._chance.random() < 0.15 else ""
        if self._chance.random() < 0.75:
            line = self._chance.choice(lines)
            label = line.split(": ", 1)[0]
            return box + fact_note(title, label, labels), _marked(_tidy(_styled(line, style)))
        wanted = min(self._chance.randint(2, 5), len(lines) - self._scene.always)
        places = self._chance.sample(range(self._scene.always, len(lines)), wanted)
        kept = [*range(self._scene.always), *sorted(places)]
        return box + title, _marked(_tidy("\n".join(_styled(lines[place], style) for place in kept)))

    def _list(self, lines: Sequence[str]) -> str:
        end = self._chance.choice(["", "", ".", ";"])
        capital = self._chance.random() < 0.5
        items = [(_capital(line) if capital else line) + end for line in lines]
        return "\n".join(items).removesuffix(";")

    def _prose(self, lines: Sequence[str]) -> str:
        """The sentences one after another, now and then with a remark between, a new paragraph or a lost blank."""
        first, kept = self._scene.always, list(lines)
        for remark in self._chance.sample(self._lists["remark"], self._chance.choice([0, 1, 1, 2])):
            kept.insert(self._chance.randint(first, len(kept)), self._fill(remark))
        text = ""
        for line in kept:
            gap = self._chance.choices([" ", "\n\n", ""], [40, 4, 1])[0] if text else ""
            note = f"[{self._chance.randint(1, 40)}]" if self._chance.random() < 0.02 else ""
            stop = "" if re.search(r"[.!?]\W*$", line) else "."
            text += gap + (_capital(line) + stop).replace("..", ".") + note
        return text

    def _value(self, name: str, numbers: str) -> Forms:
        """What a slot stands for: the scene's value of that name, made when it is first needed, or one of its own."""
        if name not in self._scene.names:
            return self._fresh(name + numbers)
        if name not in self._values:
            self._values[name] = self._fresh(self._scene.names[name])
        return self._values[name]

    def _fresh(self, kind: str) -> Forms:
        """A value of a kind, of a list, or of a frame; if possible none that this text has already."""
        for _ in range(20):
            forms = self._names.draw(kind) or {"": self._fill(self._chance.choice(self._lists.get(kind) or [kind]))}
            if not self._used & set(forms.values()):
                break
        assert forms[""] != kind or kind in self._lists, f"nothing is called {kind}"
        self._used |= set(forms.values()) - _COMMON
        return forms

    def _chosen(self, frame: str) -> str:
        while "(" in frame:
            frame = _CHOICE.sub(lambda match: self._chance.choice(match[1].split("|")), frame)
        return frame

    def _fill(self, frame: str) -> str:
        """The frame with its choices made, its values put in, and its marks as single characters."""
        frame = _MARK.sub(rf"{_OPEN}\1{_OPENED}", self._chosen(frame)).replace("]", _CLOSE)

        def value(match: re.Match[str]) -> str:
            return self._value(match[1], match[3])[match[2] or ""]

        filled = re.sub(r" +(?=[ ,.])", "", _SLOT.sub(value, frame))
        return filled.strip().translate(_BRACKETS)


_CHOICE = re.compile(r"\(([^()]*)\)")
_MARK = re.compile(r"\[([\w]+)=")
_SLOT = re.compile(r"\{(\w+)(\.\w+)?((?: \d+)*)\}")
_OPEN, _OPENED, _CLOSE = "\ue000", "\ue001", "\ue002"
_INVISIBLE = rf"(?:{_OPEN}\w+{_OPENED}|{_CLOSE})*"
_BRACKETS = str.maketrans("‹›", "()")
_PRONOUNS = (".he", ".him", ".his")
_COMMON = frozenset({"he", "she", "him", "her", "his"})


def _found(key: str, marks: Sequence[_Mark]) -> list[_Mark]:
    return [mark for mark in marks if fnmatch(mark.key, key)]


def _marked(written: str) -> tuple[str, list[_Mark]]:
    """The text without the characters that stand for marks, and where they were."""
    text, marks, opened = "", [], list[tuple[str, int]]()
    for piece in re.split(rf"({_OPEN}\w+{_OPENED}|{_CLOSE})", written):
        if piece.startswith(_OPEN):
            opened.append((piece[1:-1], len(text)))
        elif piece == _CLOSE:
            key, start = opened.pop()
            marks.append(_Mark(key=key, start=start, end=len(text)))
        else:
            text += piece
    return text, marks


def _plain(written: str) -> str:
    return _marked(written)[0]


def _capital(written: str) -> str:
    return re.sub(rf"^({_INVISIBLE}\"?)(\w)", lambda match: match[1] + match[2].upper(), written)


def _tidy(written: str) -> str:
    """With "an" before vowels."""
    return re.sub(rf"\b([Aa]) (?={_INVISIBLE}(?!one\b|uni|use|us[ui]|eu|U[SN])[aeiouAEIOUÅÉÖØ])", r"\1n ", written)


def _styled(line: str, style: str) -> str:
    """A fact line with its label as one or another source writes it."""
    label, value = line.split(": ", 1)
    if style in ("lower", "snake"):
        label = label if label.isupper() else label.lower()
    if style == "snake":
        label = re.sub(r"(?<=[a-z])(?=\d)", "_", label.replace(" ", "_"))
    if style == "joined" and label.count(" ") == 1:
        label = label.replace(" ", "")
    return f"{label}: {value}"
