"""Web pages: the article whole, the furniture gone, every word mapped to where it stands in the file."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.load import Limits, load_bytes, load_file
from embeddings.load.base import Loaded
from embeddings.load.html_tree import parse
from embeddings.mapped import MappedText

MUSEUM = Path(__file__).parent / "fixtures" / "formats" / "museum.html"
FILLER = "<p>The harbour of Ferrow was dug in the reign of Queen Ismene, and silted up again within a lifetime.</p>"


def page(body: str, head: str = "") -> Loaded:
    return load_bytes(
        f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>".encode(), "p.html", "p.html"
    )


def lines(loaded: Loaded, kind: str) -> list[str]:
    document = loaded.document
    return [
        line
        for section in document.sections
        if section.kind == kind
        for line in document.text[section.start : section.end].split("\n")
        if line
    ]


def notes(loaded: Loaded) -> dict[str, str]:
    document = loaded.document
    return {document.text[note.start : note.end]: note.text for note in document.notes}


@pytest.fixture(scope="module")
def museum() -> Loaded:
    return load_file(MUSEUM, "museum.html")


def test_the_page_says_what_it_is(museum: Loaded) -> None:
    assert museum.document.title == "The Ferrow Clock Museum"
    assert museum.document.metadata == {
        "url": "https://heritage.example/museums/ferrow-clock",
        "published": "2021-04-17",
        "author": "Orla Whitcombe",
        "language": "en-GB",
    }


@pytest.mark.parametrize(
    "furniture",
    [
        *("cookies", "Accept all", "Donate", "Home", "Facebook", "friend", "newsletter", "Rope House", "Imprint"),
        *("charity", "not text", "dataLayer", "position:fixed", "tower seen from the quay", "[1]"),
    ],
)
def test_furniture_is_not_in_the_text(museum: Loaded, furniture: str) -> None:
    assert furniture not in museum.document.text


def test_the_article_is_whole(museum: Loaded) -> None:
    assert [section.heading for section in museum.document.sections if section.kind == "prose"] == [
        (),
        (),
        ("The building",),
        ("Collection",),
        ("Collection",),
    ]
    assert lines(museum, "prose")[1].endswith(
        "longer, the keepers like to say, than any other public clock on the coast."
    )
    assert "Its walls are of grey Marl stone and up to 1.9 m thick." in museum.document.text


def test_what_was_left_out_is_counted(museum: Loaded) -> None:
    assert {left.what: left.count for left in museum.left_out} == {
        "navigation, banners and other page furniture": 2,
        "reference marks": 1,
    }


def test_an_infobox_becomes_fact_lines(museum: Loaded) -> None:
    assert lines(museum, "facts")[:6] == [
        "Established: 9 May 1962",
        "Location: Tanner’s Quay; Ferrow",
        "Type: Horology",
        "Collection size: 1,340 timepieces",
        "Visitors: 48,200 (2019)",
        "Director: Inês Duarte",
    ]
    assert notes(museum)["Established: 9 May 1962"] == "The Ferrow Clock Museum, established"


def test_a_definition_list_becomes_fact_lines(museum: Loaded) -> None:
    assert lines(museum, "facts")[6:] == [
        "Summer: daily except Monday, 10 a.m. to 6 p.m.",
        "Winter: Saturday and Sunday, 11 a.m. to 4 p.m.",
        "Admission: £1.40, children free",
    ]


def test_a_list_keeps_its_introduction(museum: Loaded) -> None:
    assert lines(museum, "list")[0] == "the Widow’s Watch, a silver verge watch of 1698 with a single hand"
    assert notes(museum)[lines(museum, "list")[0]] == "Among the best-known pieces are:"


def test_a_table_becomes_fact_lines_and_a_cell_of_two_rows_stands_in_both(museum: Loaded) -> None:
    assert lines(museum, "table") == [
        "Year: 1994; City: Lisbon; Pieces lent: 31; Visitors: 61,000",
        "Year: 2008; City: Ghent; Pieces lent: 18; Visitors: 27,500",
        "Year: 2008; City: Basel; Pieces lent: 44; Visitors: 90,300",
    ]
    assert notes(museum)[lines(museum, "table")[0]].endswith("Loans abroad, Exhibitions abroad")


def test_references_are_kept_apart(museum: Loaded) -> None:
    assert lines(museum, "references") == ["↑ Whitcombe, O.: Clocks of the Coast. Halden Press, 2011, p. 40."]


@pytest.mark.parametrize(
    ("words", "written"),
    [
        ("Kettleby", "Kettleby"),
        ("90,300", "90,300"),
        ("Inês", "In&ecirc;s"),
        ("ê", "&ecirc;"),
        ("£1.40", "&pound;1.40"),
        ("1.9 m thick", "1.9&#160;m thick"),
        ("Widow’s Watch", "Widow&rsquo;s Watch"),
        ("Clock Museum is", "Clock Museum</b> is"),
    ],
)
def test_words_point_at_themselves_in_the_file(museum: Loaded, words: str, written: str) -> None:
    original = MUSEUM.read_text(encoding="utf-8")
    start = museum.document.text.index(words)
    span = museum.document.source_span(start, start + len(words))
    assert span is not None
    assert original[slice(*span)] == written
    assert museum.document.line_at(start) == original[: span[0]].count("\n") + 1


@given(
    st.lists(
        st.sampled_from(["word", " ", "é", "&eacute;", "&amp;", "&nope;", "&#233;", "<b>", "</b>", "\n", "<", "& "])
    )
)
def test_each_character_stands_for_itself_or_for_an_entity(parts: list[str]) -> None:
    source = "".join(parts)
    for element in parse(MappedText.original(source), Limits().start()).walk():
        for child in element.children:
            if isinstance(child, MappedText):
                for run in child.source_map().runs:
                    written, text = source[run.source_start : run.source_end], child.text[run.start : run.end]
                    assert written == text if run.linear else re.fullmatch(r"&[#\w]+;?", written)


def test_torn_pages_take_no_longer_than_others() -> None:
    for torn in ("<!--", "<![", "<a b='", '<a b="', "<title>", "</a", "<div>", "<?", "<script>", "<table><td>"):
        source = torn * 20_000
        began = time.monotonic()
        parse(MappedText.original(source), Limits().start())
        assert time.monotonic() - began < 3, torn


def test_what_is_left_open_is_closed() -> None:
    loaded = page(
        FILLER + "<h2>Rooms<h2>Halls</h2><p>These are open:<ul><li>the north room<li>the south room</ul><p>No dogs."
    )
    assert lines(loaded, "list") == ["the north room", "the south room"]
    assert lines(loaded, "prose")[-1] == "No dogs."
    assert notes(loaded)["the north room"] == "These are open:"


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("iso-8859-1", "cp1252"),
        ("windows-1250", "cp1250"),
        ("koi8-r", "koi8-r"),
        ("utf-8", "utf-8"),
        ("nonsense", "utf-8"),
    ],
)
def test_a_page_is_decoded_as_it_says(declared: str, encoding: str) -> None:
    word = {"koi8-r": "Гавань", "cp1250": "přístav"}.get(encoding, "café")
    source = (
        f'<html><head><meta charset="{declared}"></head><body>{FILLER}<p>{word} was the name of it.</p></body></html>'
    )
    loaded = load_bytes(source.encode(encoding), "p", "p.html")
    assert f"{word} was the name of it." in loaded.document.text
    assert loaded.encoding == encoding


def test_utf8_is_believed_before_a_page_that_says_otherwise() -> None:
    loaded = load_bytes(f'<html><meta charset="iso-8859-1"><body>{FILLER}<p>Café Zoë</p>'.encode(), "p", "p.html")
    assert loaded.encoding == "utf-8"
    assert loaded.document.text.endswith("Café Zoë")


def test_mojibake_is_repaired_and_points_at_what_it_was() -> None:
    source = f"<html><body>{FILLER}<p>The CafÃ© was full.</p></body></html>"
    loaded = load_bytes(source.encode(), "p", "p.html")
    start = loaded.document.text.index("Café was")
    span = loaded.document.source_span(start, start + 4)
    assert span is not None
    assert source[slice(*span)] == "CafÃ©"
    assert loaded.repaired > 0


def test_a_battle_box_has_its_sides_side_by_side() -> None:
    loaded = page(
        "<h1>Siege of Varn</h1><table class='infobox'><tr><th colspan=2>Siege of Varn</th></tr>"
        "<tr><th>Date</th><td>4 May 1702</td></tr>"
        "<tr><th colspan=2>Belligerents</th></tr><tr><td>Varn</td><td>Duchy of Lesk</td></tr>"
        "<tr><th colspan=2>Strength</th></tr><tr><td>900</td><td>4,000</td></tr></table>" + FILLER
    )
    assert lines(loaded, "facts") == [
        "Date: 4 May 1702",
        "Belligerents 1: Varn",
        "Belligerents 2: Duchy of Lesk",
        "Strength 1: 900",
        "Strength 2: 4,000",
    ]
    assert notes(loaded)["Strength 2: 4,000"] == (
        "Siege of Varn, strength, number of troops or vehicles, side 2 (Duchy of Lesk)"
    )


def test_tables_within_a_box_are_parts_of_it() -> None:
    loaded = page(
        "<h1>Siege of Varn</h1><table class='infobox'><tr><th colspan=2>Siege of Varn</th></tr>"
        "<tr><td colspan=2>Part of the Salt War</td></tr>"
        "<tr><td colspan=2><table><tr><th>Date</th><td>4 May 1702<i hidden>1702-05-04</i></td></tr>"
        "<tr><th>Result</th><td><ul><li>Varn holds</li><li>Lesk withdraws</li></ul></td></tr></table></td></tr>"
        "<tr><th colspan=2>Strength</th></tr><tr><td>900</td><td>4,000</td></tr></table>" + FILLER
    )
    assert lines(loaded, "facts") == [
        "Date: 4 May 1702",
        "Result: Varn holds; Lesk withdraws",
        "Strength 1: 900",
        "Strength 2: 4,000",
    ]
    assert lines(loaded, "prose")[0] == "Part of the Salt War"


def test_the_date_is_that_of_publication_not_of_a_change() -> None:
    changed = "<footer>This page was last edited on 3 May 2024.</footer>"
    assert "published" not in page(FILLER + changed).document.metadata
    linked = '<script type="application/ld+json">{"datePublished": "2019-02-03T08:00Z"}</script>'
    assert page(FILLER + changed, linked).document.metadata["published"] == "2019-02-03"


def test_a_table_that_lays_out_the_page_is_read_as_the_page() -> None:
    loaded = page(
        f"<h1>Rights</h1><table><tr><td>{FILLER}<h2>Tolls</h2><p>A boat paid four pence.</p></td></tr></table>"
    )
    assert lines(loaded, "table") == []
    assert loaded.document.sections[-1].heading == ("Tolls",)


def test_two_line_breaks_divide_paragraphs_and_one_does_not() -> None:
    loaded = page(f"{FILLER}<div>It rained<br>all day.<br><br>Then it froze.</div>")
    assert lines(loaded, "prose")[-2:] == ["It rained all day.", "Then it froze."]


def test_a_page_whose_furniture_is_named_like_an_article_keeps_the_article() -> None:
    loaded = page(f"<div class='page menu-open sidebar'><div id='content'><h1>Tolls</h1>{FILLER * 5}</div></div>")
    assert loaded.document.title == "Tolls"
    assert len(lines(loaded, "prose")) == 5


def test_plain_text_named_html_is_read() -> None:
    assert load_bytes(b"Tolls & boats: 4 < 5, said the warden of the quay.", "p", "p.html").document.text == (
        "Tolls & boats: 4 < 5, said the warden of the quay."
    )
