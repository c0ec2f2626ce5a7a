"""One question on the real page, in a real browser."""

from collections.abc import Iterator

import pytest
from chatpage import DESK, ChatPage, chromium, served
from fakes import lighthouse_answerer

from qa.web.page import Answerer

QUESTION = "When was the lighthouse first lit?"
ANSWER = "4 May 1871"
SAID_IN = "It was first lit on 4 May 1871"
PLACE = "Marrow Point Lighthouse · line 1"


@pytest.fixture
def answerer() -> Answerer:
    return lighthouse_answerer()


@pytest.fixture
def chat(answerer: Answerer) -> Iterator[ChatPage]:
    with served(answerer, [QUESTION]) as address, chromium() as browser:
        yield ChatPage(browser.new_context(viewport=DESK), address)


def test_a_question_is_answered_with_its_sentence_marked_beside_it(chat: ChatPage) -> None:
    chat.ask(QUESTION)
    assert chat.asked() == [QUESTION]
    answer, place, *_ = chat.said()[0]
    assert (answer, place) == (ANSWER, PLACE)
    assert SAID_IN in chat.sources
    assert chat.marked()[0] == ANSWER
    assert chat.complaints == []
