"""To whom sentences attribute what they say, and whether they deny it; [[ ]] marks the value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.document import SectionKind
from qa.attribution import attribution
from qa.denial import denied


def place(marked: str) -> tuple[str, int, int]:
    before, _, rest = marked.partition("[[")
    value, _, after = rest.partition("]]")
    return before + value + after, len(before), len(before) + len(value)


def said_by(marked: str, kind: SectionKind = "prose") -> str | None:
    text, start, end = place(marked)
    found = attribution(text, start, end, kind=kind)
    if found is not None:
        assert text[found.start : found.end] == found.text
    return None if found is None else found.text


REPORTED = [
    ("According to a harbour pilot, [[14]] barges sank that night.", "a harbour pilot"),
    ("The flood drowned [[31]] cows, according to the farmers' union.", "the farmers' union"),
    ("Losses came to [[900]] tonnes according to the mill, whereas the bank spoke of 400.", "the mill"),
    ("Losses came to 900 tonnes according to the mill, whereas the bank spoke of [[400]].", "the bank"),
    ("On 3 May, according to a local paper, [[six]] roofs were torn off.", "a local paper"),
    ("The ministry said that [[12]] bridges were unsafe.", "The ministry"),
    ("The ministry said on Tuesday that [[12]] bridges were unsafe.", "The ministry"),
    ("Mayor Orla Finch told reporters that [[40]] houses had burned.", "Mayor Orla Finch"),
    ("Witnesses claim to have seen [[three]] lorries.", "Witnesses"),
    ("In March 1998, the college reported [[220]] new pupils.", "the college"),
    ("The survey team estimated the herd at [[1,700]] deer.", "The survey team"),
    ("A retired surveyor, Nils Brandt, put the height at [[412 m]].", "A retired surveyor, Nils Brandt"),
    ("Brandt, who climbed it twice, put the height at [[405 m]].", "Brandt"),
    ("The parish register lists [[17]] baptisms.", "The parish register"),
    ("The company's ledger shows [[88]] sales.", "The company's ledger"),
    ("Police spoke of [[2,000]] marchers.", "Police"),
    ("The organisers counted [[9,000]] marchers.", "The organisers"),
    ("By the organisers' own count, [[9,000]] people marched.", "the organisers'"),
    ("The march drew 2,000 people according to police and [[9,000]] by the organisers' count.", "the organisers'"),
    ("For the historian Ines Calder, the wall was built in [[1340]].", "the historian Ines Calder"),
    ("For Amnesty International, at least [[5]] prisoners were beaten.", "Amnesty International"),
    ("The dam cost [[70 million]] crowns, the treasurer said.", "the treasurer"),
    ("The dam cost [[70 million]] crowns, the treasurer said on Friday.", "the treasurer"),
    ('"There were [[60]] of us," said the cook.', "the cook"),
    ("Fire crews saved [[19]] horses, wrote the editor, Paul Weir, in his diary.", "the editor, Paul Weir"),
    ("The ministry put it lower. It said [[8]] people were ill.", "The ministry"),
    ("The abbot spoke to the press. He said [[8]] monks were ill.", "The abbot"),
    ("Civic Renewal asked for a recount where, it said, [[300]] ballots were lost.", "Civic Renewal"),
    ("Renata Salgado left because, she says, [[31]] beds were lost.", "Renata Salgado"),
    ("In May the nurse left because, she says, [[31]] beds were lost.", None),
    ("A nurse said the ward was full. She counted [[31]] beds.", "A nurse"),
    ("The rebels claimed to have taken 4 guns, they also said that [[20]] guards fled.", "The rebels"),
    ("The toll was put at [[52]] by the coroner.", "the coroner"),
    ("The theft of [[30]] paintings was confirmed by a curator of the museum.", "a curator of the museum"),
    ("It was reported by the consul that [[15]] sailors had deserted.", "the consul"),
    ("Reuters, citing a port official, reported [[11]] deaths.", "Reuters, citing a port official"),
    ("Another guest, named Rosa, says she saw [[two]] men.", "Another guest, named Rosa"),
    ("The guild spoke of two injured, the clinic of [[seven]].", "the clinic"),
    ("The report found that [[4]] pumps had failed.", "The report"),
    ("The census gives the town [[8,112]] inhabitants.", "The census"),
    ("Officials believe the fire began in [[the kitchen]].", "Officials"),
    ("The union insists that the strike began on [[4 June]].", "The union"),
    ("The general asserted that the fort was taken by [[the Third Lancers]].", "The general"),
    ("Rangers disclosed that [[26]] trees were cut.", "Rangers"),
    ("The board's president, Ada Cole, acknowledged [[3]] errors.", "The board's president, Ada Cole"),
    ("The count was revised (per Danish sources, [[77]]).", None),
    ("Some [[77]] ships were lost (per Danish sources).", "Danish sources"),
    ("Some [[77]] ships were lost (according to the admiralty).", "the admiralty"),
    ("The admiralty's estimate for 1807 was [[77]] ships.", "The admiralty's"),
]  # fmt: skip
UNREPORTED = [
    "The bridge was built in [[1866]].",
    "About [[25]] guards were killed.",
    "An estimated [[1,200]] people live there.",
    "The village reportedly lost [[40]] houses.",
    "The disaster claimed [[50]] lives.",
    "Wren added [[two]] towers in 1690.",
    "The army retook the town, and [[50]] people returned.",
    "The mayor said the road was closed; [[12]] cars were stuck.",
    "For three days, [[12]] men held the gate.",
    "Everything went according to plan and [[12]] men escaped.",
    "She wrote [[12]] novels.",
    "The [[mayor]] said that the bridge was safe.",
    "There are [[four]] states in the union.",
    "The claim covered [[30]] acres.",
    "The museum has [[300]] clocks.",
]
DENIED = [
    "The ministry denied that [[50]] people had died.",
    "There is no evidence that the letter was written in [[1791]].",
    "The court rejected the claim of [[300]] acres.",
    "The crew was not [[50]] but 30.",
    "The crew was 30, not [[50]].",
    "The treaty was not signed in [[Ghent]] but in Bruges.",
    "The paper falsely reported that [[90]] had drowned.",
    "The army claimed the capture of the fort on [[9 May]], however, the minister denied the information.",
    "The rebels said that [[200]] soldiers had surrendered. The government denied this.",
    "The label gives 1910 rather than [[1901]].",
    "The army said that it had killed [[40]] rebels, a figure the hospital rejected.",
    "The village lost [[300]] men, a number that the mayor later denied.",
    "The union reported [[12]] dead, but the owner disputed it.",
]
NOT_DENIED = [
    "The ministry never denied that [[50]] people had died.",
    "Not only [[50]] people came.",
    "No fewer than [[50]] people came.",
    "The ministry denied wrongdoing. In 1990 it paid [[50]] families.",
    "The crew was not 50 but [[30]].",
    "The mayor denied that he was ill, but [[12]] doctors were called.",
    "The bridge was built in [[1866]]. The mayor rejected a second one.",
    "The mayor was elected in [[2014]], and his rival contested it.",
    "The army killed [[40]] rebels when they challenged it.",
]


@pytest.mark.parametrize(("marked", "who"), REPORTED)
def test_who_says_so(marked: str, who: str | None) -> None:
    assert said_by(marked) == who


@pytest.mark.parametrize("marked", UNREPORTED)
def test_the_text_speaks_for_itself(marked: str) -> None:
    assert said_by(marked) is None


@pytest.mark.parametrize("marked", DENIED)
def test_what_is_denied(marked: str) -> None:
    assert denied(*place(marked))


@pytest.mark.parametrize("marked", NOT_DENIED)
def test_what_is_not_denied(marked: str) -> None:
    assert not denied(*place(marked))


def test_who_denies_a_value_does_not_report_it() -> None:
    assert said_by("The ministry denied that [[50]] people had died.") is None


@pytest.mark.parametrize(
    ("marked", "who"),
    [
        ("Casualties: [[58]] killed, 60 injured (army estimate); 1 pilot killed", "army estimate"),
        ("Casualties: 58 killed, 60 injured (army estimate); [[1]] pilot killed", None),
        ("Strength: [[1,000]] fighters (north); 500 fighters (south)", None),
        ("Losses: [[40]] (per the admiralty)", "the admiralty"),
        ("The ministry said: [[40]]", None),
    ],
)
def test_in_fact_lines_only_notes_attribute(marked: str, who: str | None) -> None:
    assert said_by(marked, "facts") == who


def test_a_table_has_its_source_below() -> None:
    assert said_by("Town | Dead\nOrr | [[12]]\nLun | 9\nSource: Red Cross\n\nMore.", "table") == "Red Cross"


@given(st.text(alphabet="aA1 .,;()\"'said according to by for the\n", max_size=120), st.data())
def test_any_text_is_borne_and_what_is_found_stands_there(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    found = attribution(text, start, end)
    denied(text, start, end)
    assert found is None or text[found.start : found.end] == found.text
