"""One question on the real page, in a real browser, answered by the real models from the sample documents."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from embeddings.document import Document
from embeddings.encode import SentenceEncoder
from embeddings.index import Index
from qa.answerer import Answerer
from qa.confidence import Calibration
from qa.reader.span_reader import SpanReader
from qa.retrieve import Retriever
from tests.chatpage import DESK, ChatPage, chromium, served

QUESTION = "When was the battle of Elakla fought?"
ANSWER = "February 21, 2019"
SAID_IN = "The battle of Elakla took place on February 21, 2019"
PLACE = "Battle of Elakla · line 19"


@pytest.fixture
def chat(
    tmp_path: Path, encoder: SentenceEncoder, reader: SpanReader, samples: dict[str, Document]
) -> Iterator[ChatPage]:
    index = Index.build(tmp_path / "index", samples.values(), encoder=encoder)
    answerer = Answerer(retriever=Retriever(index, encoder), reader=reader, calibration=Calibration.shipped())
    with served(answerer, [QUESTION]) as address, chromium() as browser:
        yield ChatPage(browser.new_context(viewport=DESK), address)


def test_a_question_is_answered_with_its_sentence_marked_beside_it(chat: ChatPage) -> None:
    chat.ask(QUESTION)
    assert chat.asked() == [QUESTION]
    assert chat.answers() == [ANSWER]
    assert PLACE in chat.said() and SAID_IN in chat.said()
    assert SAID_IN in chat.source
    assert chat.marked()[0] == ANSWER
    assert chat.complaints == []
    chat.screenshot("samples")
