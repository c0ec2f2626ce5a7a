"""Chat completions: asked by OpenAI's own client, and what is made of messages and replies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import openai
import pytest
from fastapi.testclient import TestClient

from qa import render
from qa.chat import Question, Turn
from qa.reply import Answer, Candidate
from tests.catalogue import RestrictedAnswerer, catalogued_answerer
from tests.chatpage import served
from tests.fakes import GAZETTE, LIGHTHOUSE, Scripted, paper_citation

LIT = "When was the lighthouse first lit?"
COST = "What did the lighthouse cost?"
OWNER = "Who owns the lighthouse today?"
REFUSAL = (
    "No answer. No passage answers this surely enough. The best candidate has 11 %; an answer is shown from 50 % on."
)


def user(text: Any) -> dict[str, Any]:
    return {"role": "user", "content": text}


def complete(client: TestClient, *messages: dict[str, Any], **more: Any) -> Any:
    return client.post("/v1/chat/completions", json={"model": "any", "messages": messages, **more})


def test_openais_client(answerer: RestrictedAnswerer) -> None:
    with served(answerer) as address:
        client = openai.OpenAI(base_url=f"{address}v1", api_key="unused", max_retries=0)
        (model,) = client.models.list().data
        reply = client.chat.completions.create(model=model.id, messages=[user(LIT)], temperature=0.2, max_tokens=50)
        (choice,) = reply.choices
        assert (choice.message.role, choice.message.content, choice.finish_reason) == (
            "assistant",
            "4 May 1871",
            "stop",
        )
        files = [one.file_citation for one in choice.message.annotations]
        assert [(one["file_id"], one["line"]) for one in files] == [("coast/lighthouse.txt", 1), ("gazette.txt", 1)]
        assert files[0]["quote"].startswith("It was first lit on 4 May 1871, after six years")
        assert reply.model_extra["chapter_and_verse"] == render.to_dict(answerer.ask(Question(id="1", text=LIT)))

        chunks = list(
            client.chat.completions.create(
                model=model.id, messages=[user(LIT)], stream=True, stream_options={"include_usage": True}
            )
        )
        deltas = [chunk.choices[0].delta for chunk in chunks[:-1]]
        assert "".join(delta.content or "" for delta in deltas) == "4 May 1871"
        assert [chunk.choices[0].finish_reason for chunk in chunks[:-1]] == [None, None, None, "stop"]
        assert deltas[2].annotations[0]["file_citation"]["file_id"] == "coast/lighthouse.txt"
        assert (chunks[-1].choices, chunks[-1].usage.total_tokens) == ([], 0)

        with pytest.raises(openai.BadRequestError, match=r"messages: List should have at least 1 item") as wrong:
            client.chat.completions.create(model=model.id, messages=[])
        assert (wrong.value.type, wrong.value.param) == ("invalid_request_error", "messages")
        with pytest.raises(openai.UnprocessableEntityError, match=r"No document matches 'x'") as wrong:
            client.chat.completions.create(
                model=model.id, messages=[user(LIT)], extra_body={"chapter_and_verse": {"documents": ["x"]}}
            )
        assert wrong.value.code == "unknown-document"


def test_a_stream_ends_as_it_should(client: TestClient) -> None:
    reply = complete(client, user(OWNER), stream=True)
    assert reply.headers["content-type"] == "text/event-stream; charset=utf-8"
    *_, last, end = reply.text.split("\n\n")
    assert (last, end) == ("data: [DONE]", "")


def test_a_refusal_says_so_and_nothing_else(client: TestClient) -> None:
    message = complete(client, user(OWNER)).json()["choices"][0]["message"]
    assert message == {"role": "assistant", "content": REFUSAL, "refusal": None, "annotations": []}


def test_a_disagreement_is_told(client: TestClient) -> None:
    assert complete(client, user(COST)).json()["choices"][0]["message"]["content"] == (
        "12,400 crowns\n\nThe documents disagree (The builders, coast/lighthouse.txt, Building, line 3). Others say:\n"
        "- 15,000 crowns (The harbour office, gazette.txt, line 1)"
    )


def test_documents_with_a_url_are_cited_by_it(client: TestClient, answerer: RestrictedAnswerer) -> None:
    url = "https://example.org/gazette"
    citation = replace(paper_citation(GAZETTE, "The harbour office put its cost at 15,000", "15,000"), url=url)
    answerer.script = {COST: Scripted(Answer(best=Candidate(text="15,000", confidence=0.9, citation=citation)))}
    (annotation,) = complete(client, user(COST)).json()["choices"][0]["message"]["annotations"]
    assert annotation["type"] == "url_citation"
    assert annotation["url_citation"] == {
        "url": render.to_dict(answerer.ask(Question(id="1", text=COST)))["citation"]["link"],
        "title": "Velland Gazette, 1871",
        "start_index": 0,
        "end_index": 6,
    }
    assert annotation["url_citation"]["url"].startswith(f"{url}#:~:text=")


def test_parts_of_a_list_are_cited_where_they_stand(client: TestClient, answerer: RestrictedAnswerer) -> None:
    words = "Tomas Rill, who stayed for 31 years. His daughter Ina Rill"
    whole, *parts = (
        Candidate(text=text, confidence=0.9, citation=paper_citation(LIGHTHOUSE, words, text))
        for text in (words, "Tomas Rill", "Ina Rill")
    )
    answerer.script = {"Who kept it?": Scripted(Answer(best=whole, items=tuple(parts)))}
    message = complete(client, user("Who kept it?")).json()["choices"][0]["message"]
    spans = [(one["file_citation"]["start_index"], one["file_citation"]["end_index"]) for one in message["annotations"]]
    assert [message["content"][start:end] for start, end in spans] == [words, "Tomas Rill", "Ina Rill"]


def test_earlier_messages_are_the_history(client: TestClient, answerer: RestrictedAnswerer) -> None:
    complete(
        client,
        {"role": "system", "content": "Be brief."},
        user(COST),
        {"role": "assistant", "content": "12,400 crowns\n\nThe documents disagree (The builders)."},
        user(OWNER),
        {"role": "assistant", "content": REFUSAL},
        user("Never answered?"),
        user([{"type": "text", "text": "And"}, {"type": "text", "text": "now?"}]),
        {"role": "assistant", "content": "a beginning that is to be gone on with"},
        chapter_and_verse={"documents": ["coast/*"], "top_k": 4, "threshold": 0.1},
        top_k=40,
    )
    assert answerer.bars == [(4, 0.1)]
    assert answerer.questions == [
        Question(
            id="1",
            text="And\nnow?",
            history=(
                Turn(question=COST, asked=COST, answer="12,400 crowns"),
                Turn(question=OWNER, asked=OWNER, answer=""),
                Turn(question="Never answered?", asked="Never answered?", answer=""),
            ),
            documents=("coast/*",),
        )
    ]


@pytest.mark.parametrize(
    ("messages", "param"),
    [
        ([], "messages"),
        ([{"role": "system", "content": "Be brief."}], "messages"),
        ([{"role": "wizard", "content": LIT}], "messages/0/role"),
        ([user([{"type": "image_url", "image_url": {"url": "data:"}}])], "messages/0/content"),
    ],
)
def test_bad_messages_are_errors_of_openais_shape(client: TestClient, messages: list[Any], param: str) -> None:
    reply = complete(client, *messages)
    assert (reply.status_code, reply.headers["content-type"]) == (400, "application/problem+json")
    error = reply.json()["error"]
    assert (error["type"], error["code"]) == ("invalid_request_error", None)
    assert error["param"] == param
    assert error["message"] == reply.json()["detail"]


def test_it_needs_no_client_of_its_own() -> None:
    """As any program asks: a POST, a JSON body, the answer in the message."""
    with served(catalogued_answerer()) as address:
        reply = httpx.post(f"{address}v1/chat/completions", json={"messages": [user(LIT)]})
        assert reply.json()["choices"][0]["message"]["content"] == "4 May 1871"
