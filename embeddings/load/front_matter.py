"""Front matter: the fields before a Markdown text, as boxes of fields with the place of each value."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from embeddings.load import inline
from embeddings.load.facts import Field, is_empty, joined, key_value, value_of_lines
from embeddings.mapped import MappedText


@dataclass(slots=True, kw_only=True)
class FrontMatter:
    """What front matter says: fields of the page itself, boxes, and what describes the file."""

    fields: list[Field] = field(default_factory=list)
    boxes: list[list[Field]] = field(default_factory=list)
    described: dict[str, str] = field(default_factory=dict)
    description: MappedText | None = None
    title: str | None = None
    noise: int = 0
    warning: str | None = None


def divide(text: MappedText) -> tuple[str, MappedText, MappedText] | None:
    """The kind of a text's front matter ("yaml", "toml", "json"), the front matter, the rest; None if it has none."""
    for kind, pattern in _DIVIDERS.items():
        match = pattern.match(text.text)
        if match and (kind != "yaml" or _FIRST_KEY.match(match["front"])) and text.text[match.end() :].strip():
            return kind, text[slice(*match.span("front"))], text[match.end() :]
    return None


def read(kind: str, front: MappedText) -> FrontMatter:
    """The fields of front matter; what is not well-formed is read line by line, with a warning."""
    if kind != "yaml":
        return _unmapped(kind, front)
    try:
        root = yaml.compose(_made_legal(front.text), Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        problem = getattr(error, "problem", None) or "an unusual character"
        found = _by_line(front)
        found.warning = f"the front matter is not valid YAML ({problem}); it was read line by line"
        return found
    found = FrontMatter()
    if isinstance(root, yaml.MappingNode):
        _Reader(front, found).mapping(root)
    return found


class _Reader:
    def __init__(self, front: MappedText, found: FrontMatter) -> None:
        self.front = front
        self.found = found

    def mapping(self, root: yaml.MappingNode) -> None:
        for key, node in root.value:
            name = _key(key)
            if name in _NOISE or name in _HOUSEKEEPING:
                self.found.noise += 1
            elif isinstance(node, yaml.SequenceNode) and _BOX.match(name):
                self.found.boxes += [self.fields(item) for item in node.value if isinstance(item, yaml.MappingNode)]
            elif isinstance(node, yaml.MappingNode) and not self.bulleted(node) and not self.text_of(node):
                self.found.boxes.append(self.fields(node))
            elif isinstance(node, yaml.ScalarNode) and (lines := _field_lines(self.lines(node))):
                self.found.boxes.append(lines)
            else:
                self.own(name, Field(label=self.part(key), value=self.value(node)))

    def own(self, name: str, own: Field) -> None:
        found, value = self.found, " ".join(own.value.text.split())
        if name in ("title", "headline") or (name == "name" and found.title is None):
            found.title = value
        elif name in _DESCRIPTIONS:
            found.description = own.value
        elif name in _DESCRIBES:
            found.described[_DESCRIBES[name]] = value
        else:
            if name == "date":
                found.described["date"] = value
            found.fields.append(own)

    def fields(self, node: yaml.MappingNode) -> list[Field]:
        kept = []
        for key, value in node.value:
            if _key(key) in _NOISE:
                self.found.noise += 1
            else:
                kept.append(Field(label=self.part(key), value=self.value(value)))
        return kept

    def value(self, node: yaml.Node) -> MappedText:
        if isinstance(node, yaml.ScalarNode):
            return value_of_lines(inline.markdown(line).sub(_STRAY_MARK, "") for line in self.lines(node))
        if isinstance(node, yaml.SequenceNode):
            return joined([value for item in node.value if not is_empty(value := self.value(item))], "; ")
        assert isinstance(node, yaml.MappingNode)
        if self.bulleted(node):
            return value_of_lines(self.part(node).lines())
        text = self.text_of(node)
        if text is not None:
            self.found.noise += len(node.value) - 1
            return self.value(text)
        pairs = [(self.part(key), self.value(value)) for key, value in node.value if _key(key) not in _NOISE]
        return joined(
            [MappedText.join([key, MappedText.inserted(": "), value]) for key, value in pairs if not is_empty(value)],
            "; ",
        )

    def text_of(self, node: yaml.MappingNode) -> yaml.Node | None:
        return next((value for key, value in node.value if _key(key) == "text"), None)

    def bulleted(self, node: yaml.MappingNode) -> bool:
        """Whether these are lines of a list, each of which happens to have a colon."""
        return all(self.part(key).text.startswith("*") for key, _ in node.value)

    def part(self, node: yaml.Node) -> MappedText:
        return _unquoted(self.front[node.start_mark.index : node.end_mark.index].strip())

    def lines(self, node: yaml.ScalarNode) -> list[MappedText]:
        """The lines of a scalar, those that YAML folds joined."""
        raw = self.front[node.start_mark.index : node.end_mark.index]
        if node.style == "|":
            return raw.lines()[1:]
        if node.style == ">":
            return _folded(raw.lines()[1:])
        lines = _unquoted(raw.strip()).lines()
        if any(line.text.lstrip().startswith("*") for line in lines):
            return lines
        return _folded(lines)


def _folded(lines: Iterable[MappedText]) -> list[MappedText]:
    paragraphs: list[list[MappedText]] = [[]]
    for line in lines:
        if line.text.strip():
            paragraphs[-1].append(line.strip())
        elif paragraphs[-1]:
            paragraphs.append([])
    return [joined(paragraph, " ") for paragraph in paragraphs]


def _field_lines(lines: Iterable[MappedText]) -> list[Field]:
    """The fields of a block of `Key: value` lines; none if it is another kind of block."""
    full = [line for line in lines if line.text.strip()]
    fields = [found for line in full if (found := key_value(line))]
    return fields if len(fields) > 1 and len(fields) == len(full) else []


def _by_line(front: MappedText) -> FrontMatter:
    found = FrontMatter()
    reader = _Reader(front, found)
    values: list[tuple[MappedText, list[MappedText]]] = []
    for line in front.lines():
        match = _LINE.fullmatch(line.text)
        if match:
            values.append((line[slice(*match.span("key"))], [line[slice(*match.span("value"))]]))
        elif values:
            values[-1][1].append(line)
    for key, lines in values:
        name = _normal(key.text)
        full = [line for line in map(MappedText.strip, lines) if line.text not in ("", "|", ">", "|-", ">-")]
        if name in _NOISE or name in _HOUSEKEEPING:
            found.noise += 1
        elif full:
            reader.own(name, Field(label=key, value=value_of_lines(map(_unquoted, full))))
    return found


def _unmapped(kind: str, front: MappedText) -> FrontMatter:
    """TOML and JSON: what describes the file; their fields are not taken into the text."""
    found = FrontMatter()
    try:
        values: Any = tomllib.loads(front.text) if kind == "toml" else json.loads(front.text)
    except ValueError as error:
        found.warning = f"the front matter is not valid {kind.upper()} ({error}); it was left out"
        return found
    if isinstance(values, Mapping):
        found.noise = len(values)
        for key, value in values.items():
            name = _normal(key)
            if name == "title":
                found.title = str(value)
            elif name in _DESCRIBES or name == "date":
                found.described[_DESCRIBES.get(name, name)] = str(value)
    return found


def _made_legal(text: str) -> str:
    """The text with what stands for itself, but means something to YAML, replaced character for character."""
    text = _MARK.sub(lambda match: match["before"] + "•", text)
    text = _QUOTED_START.sub(lambda match: match["before"] + "•" + match["rest"], text)
    text = _BRACKET_START.sub(lambda match: match["before"] + "•" + match["rest"], text)
    return _COLON_INSIDE.sub(lambda match: match["before"] + match["rest"].replace(": ", ":•"), text)


def _unquoted(text: MappedText) -> MappedText:
    for quote in "\"'":
        if len(text) > 1 and text.text[0] == quote == text.text[-1]:
            text = text[1:-1]
            return text.sub(r'\\(?=["\\/])', "") if quote == '"' else text.sub("''", "'")
    return text


def _key(node: yaml.Node) -> str:
    return _normal(node.value) if isinstance(node, yaml.ScalarNode) else ""


def _normal(key: str) -> str:
    return re.sub(r"[\W_]", "", key.lower())


_STRAY_MARK = re.compile(r"(?<=[\s,;(])\*(?=\w)")
_DIVIDERS = {
    "yaml": re.compile(r"\s*---[ \t]*\n(?P<front>(?:.*\n)*?)(?:---|\.\.\.)[ \t]*(?:\n|$)"),
    "toml": re.compile(r"\s*\+\+\+[ \t]*\n(?P<front>(?:.*\n)*?)\+\+\+[ \t]*(?:\n|$)"),
    "json": re.compile(r"\s*(?P<front>\{\s*\n(?:.*\n)*?\})[ \t]*(?:\n|$)"),
}
_FIRST_KEY = re.compile(r"(?:\s*(?:#.*)?\n)*\s*(?:- )?[\w\"'][^:\n]*:(?:\s|$)")
_LINE = re.compile(r"\s*(?:- )?(?P<key>[A-Za-z_][\w .()/-]{0,40}?)[ \t]*:(?P<value>(?:[ \t].*)?)")
_START = r"(?P<before>^[ \t]*(?:- +)*(?:[^\s:#'\"][^:\n'\"]*:[ \t]+)?(?:- +)*)"
_MARK = re.compile(_START + r"[*&!@`%](?=\S)", re.MULTILINE)
_QUOTED_START = re.compile(_START + r"[\"'](?P<rest>[^\"'\n]*[\"'][ \t]*[^\s#:,\"'\]}])", re.MULTILINE)
_BRACKET_START = re.compile(_START + r"[\[{](?P<rest>[^\]}\n]*[\]}][ \t]*[^\s#:,])", re.MULTILINE)
_COLON_INSIDE = re.compile(
    r"(?P<before>^[ \t]*(?:- +)*[^\s:#'\"\[{|>][^:\n]*:[ \t]+)(?P<rest>[^\s'\"\[{|>#][^\n]*: [^\n]*)$", re.MULTILINE
)
_BOX = re.compile(r"infobox|boxes|facts|details")
# how a page looks, or where it leads
_NOISE = frozenset(
    {"links", "formatting", "image", "images", "img", "imagesize", "imagecaption", "anchor", "page", "url", "urls"}
    | {"thumbnail", "logo", "map", "mapcaption"}
)
# what a site's generator needs; further in, these are words like any other
_HOUSEKEEPING = frozenset(
    {"cover", "coverimage", "layout", "slug", "permalink", "tags", "categories", "category", "keywords", "draft"}
    | {"weight", "template", "toc", "css", "aliases", "sitemap", "redirectfrom"}
)
_DESCRIPTIONS = frozenset({"description", "summary", "abstract", "excerpt"})
_DESCRIBES = {
    "author": "author",
    "authors": "author",
    "byline": "author",
    "source": "url",
    "sourceurl": "url",
    "canonical": "url",
    "canonicalurl": "url",
    "link": "url",
    "lang": "language",
    "published": "published",
    "publishedat": "published",
    "datepublished": "published",
    "publishdate": "published",
    "pubdate": "published",
}
