"""Mark-up inside a line: marks go, what they mark stays where it stands in the original."""

from __future__ import annotations

import html
import re

from embeddings.mapped import MappedText


def keeping(text: MappedText, pattern: re.Pattern[str]) -> MappedText:
    """Of each match keep only what its group `keep` holds (nothing, if it holds nothing)."""
    parts, last = [], 0
    for match in pattern.finditer(text.text):
        parts.append(text[last : match.start()])
        if match["keep"] is not None:
            parts.append(text[slice(*match.span("keep"))])
        last = match.end()
    return MappedText.join([*parts, text[last:]]) if last else text


def without_tags(text: MappedText) -> MappedText:
    """Without HTML comments, references and tags; a line break stays a line end, an entity becomes its character."""
    if "&" in text.text:
        text = text.sub(_ENTITY, lambda match: html.unescape(match.group()).replace("\xa0", " "))
    if "<" not in text.text:
        return text
    text = text.sub(_COMMENT, "").sub(_REFERENCE, "").sub(_BREAK, "\n")
    return text.sub(_TAG, "")


def markdown(text: MappedText) -> MappedText:
    """Words of links and of emphasis, without marks; images are expected to be gone."""
    text = without_tags(text)
    if "[" in text.text:
        text = keeping(text, _MARKDOWN_LINK)
    if "*" in text.text or "_" in text.text:
        for pattern in (_STRONG, _EMPHASIS, _UNDERLINED):
            text = keeping(text, pattern)
    if "`" in text.text:
        text = keeping(text, _CODE)
    return keeping(text, _ESCAPED) if "\\" in text.text else text


def without_references(text: MappedText) -> MappedText:
    """Without comments and footnotes, which may run over several lines."""
    return text.sub(_COMMENT, "").sub(_REFERENCE, "") if "<" in text.text else text


def without_templates(text: MappedText) -> MappedText:
    """Without wiki templates, but with the words of the few that hold words."""
    for _ in range(_DEPTH):
        if "{{" not in text.text:
            break
        text = _templates(text)
    return text


def wiki(text: MappedText) -> MappedText:
    """Words of links and of emphasis, without marks; templates are expected to be gone."""
    text = without_tags(text)
    if "[" in text.text:
        text = keeping(keeping(text, _WIKI_FILE), _WIKI_LINK)
        text = keeping(text, _WEB_LINK)
    text = text.sub(r"'{2,5}", "")
    return text.sub(r" *\( *[,;]? *\)|\[\d+px\]|\b\d{1,3}px\b ?", "")


def _templates(text: MappedText) -> MappedText:
    parts, last = [], 0
    for match in _TEMPLATE.finditer(text.text):
        parts.append(text[last : match.start()])
        last = match.end()
        pieces = text[match.start() + 2 : match.end() - 2].split("|")
        name = pieces[0].text.strip().casefold()
        values = [piece.strip() for piece in pieces[1:] if "=" not in piece.text]
        if not values:
            continue
        if name in _DATES:
            dashed = [values[0]]
            for value in values[1:3]:
                dashed += [MappedText.inserted("-"), value]
            parts += dashed
        elif name in _MEASURES:
            parts += [values[0], MappedText.inserted(" "), *values[1:2]]
        elif name in _LAST_IS_TEXT:
            parts.append(values[-1])
        elif name in _FIRST_IS_TEXT:
            parts.append(values[0])
    return MappedText.join([*parts, text[last:]]) if last else text


IMAGE = re.compile(r"!\[[^\]\n]*\]\([^)\n]*\)")

_DEPTH = 8  # templates in templates; what is deeper stays as it is
_COMMENT = re.compile(r"<!--.{0,5000}?-->", re.DOTALL)
_REFERENCE = re.compile(r"<ref\b[^<>/]*/>|<ref\b[^<>]*>.{0,5000}?</ref>", re.DOTALL | re.IGNORECASE)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,20}\d{0,2});")
_TAG = re.compile(r"</?[A-Za-z][\w-]*(?:\s[^<>\n]{0,500})?/?>")
_MARKDOWN_LINK = re.compile(r"\[(?P<keep>[^\[\]\n]+)\](?:\([^()\n]*(?:\([^()\n]*\)[^()\n]*)?\)|\[[^\[\]\n]*\])")
_STRONG = re.compile(r"(?<!\w)(?P<mark>\*{2,3}|__)(?=\S)(?P<keep>[^\n]{0,800}?\S)(?P=mark)(?!\*)")
_EMPHASIS = re.compile(r"(?<![\w*])\*(?=[^\s*])(?P<keep>[^*\n]{1,1500}?)(?<=\S)\*(?![\w*])")
_UNDERLINED = re.compile(r"(?<![\w_])_(?=[^\s_])(?P<keep>[^_\n]{1,800}?)(?<=\S)_(?![\w_])")
_CODE = re.compile(r"`{1,2}(?P<keep>[^`\n]+)`{1,2}")
_ESCAPED = re.compile(r"\\(?P<keep>[\\`*_{}\[\]()#+.!|>-])")
_TEMPLATE = re.compile(r"\{\{[^{}]*\}\}")
_WIKI_FILE = re.compile(
    r"\[\[(?:File|Image|Category)\s*:[^\[\]]{0,2000}(?:\[\[[^\[\]]{0,300}\]\][^\[\]]{0,2000}){0,20}\]\](?P<keep>)",
    re.IGNORECASE,
)
_WIKI_LINK = re.compile(r"\[\[(?:[^\[\]|\n]*\|)?(?P<keep>[^\[\]|\n]+)\]\]")
_WEB_LINK = re.compile(r"\[(?:https?:)?//\S+(?: (?P<keep>[^\]\n]+))?\]")
_DATES = frozenset({"start date", "end date", "birth date", "death date", "birth date and age", "date", "film date"})
_MEASURES = frozenset({"convert", "cvt"})
_LAST_IS_TEXT = frozenset({"lang", "flagu", "transl"})
_FIRST_IS_TEXT = frozenset(
    {
        "nowrap",
        "small",
        "big",
        "nobold",
        "flag",
        "flagcountry",
        "flagicon",
        "ill",
        "circa",
        "c.",
        "quote",
        "url",
        "center",
    }
)
