"""The REST interface: what is answered, what is refused and how that is told, and that no question is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from fastapi.testclient import TestClient

from embeddings.errors import IndexDamaged, UserError
from embeddings.index import Index
from qa import render, server
from qa.chat import Question, Turn
from tests.api_client import KEEPER, LIT, OWNER, SURFACES, UNKNOWN, client_of, problem
from tests.catalogue import RestrictedAnswerer, catalogued_answerer
from tests.fakes import GAZETTE, LIGHTHOUSE, LIGHTHOUSE_SCRIPT, WordEncoder


def test_a_reply_is_that_of_the_command_line(client: TestClient, answerer: RestrictedAnswerer) -> None:
    reply = client.post("/v1/ask", json={"question": LIT})
    as_printed = json.loads(render.to_json(answerer.ask(Question(id="1", text=LIT))))
    assert (reply.status_code, reply.json()) == (200, {"replies": [as_printed]})
    assert as_printed["answer"] == "4 May 1871"


def test_several_questions_are_answered_in_their_order(client: TestClient) -> None:
    replies = client.post("/v1/ask", json={"questions": [OWNER, LIT, " "]}).json()["replies"]
    said = [(reply["id"], reply["answer"], reply["reason"]) for reply in replies]
    assert said == [("1", None, "not confident"), ("2", "4 May 1871", None), ("3", None, "nothing found")]


def test_history_documents_and_bars_reach_the_answerer(client: TestClient, answerer: RestrictedAnswerer) -> None:
    earlier = client.post("/v1/ask", json={"question": LIT}).json()["replies"][0]  # a reply is a turn as it is
    asked = {
        "question": KEEPER,
        "history": [{"question": "Where is it?", "answer": None, "document": "a.txt"}, earlier],
        "documents": ["coast/*"],
        "top_k": 3,
        "threshold": 0.25,
    }
    (reply,) = client.post("/v1/ask", json=asked).json()["replies"]
    assert reply["threshold"] == 0.25
    assert answerer.bars == [(None, None), (3, 0.25)]
    assert answerer.questions[-1] == Question(
        id="1",
        text=KEEPER,
        history=(
            Turn(question="Where is it?", asked="Where is it?", answer="", document="a.txt"),
            Turn(question=LIT, asked=LIT, answer="4 May 1871", document="coast/lighthouse.txt"),
        ),
        documents=("coast/*",),
    )


def test_documents_are_listed(client: TestClient) -> None:
    listed = client.get("/v1/documents").json()
    assert listed["index"] == "paper"
    assert listed["documents"] == [
        {"id": one.id, "title": one.title, "sha256": one.sha256, "passages": 1, "characters": len(one.text)}
        for one in (LIGHTHOUSE, GAZETTE)
    ]


def test_a_restricted_server_speaks_of_its_documents_only(answerer: RestrictedAnswerer) -> None:
    with client_of(answerer, documents=("coast/*",)) as client:
        assert [row["id"] for row in client.get("/v1/documents").json()["documents"]] == ["coast/lighthouse.txt"]
        for asked, restricted_to in ([], ("coast/*",)), (["*"], ("coast/lighthouse.txt",)), (["c*"], ("c*",)):
            assert client.post("/v1/ask", json={"question": LIT, "documents": asked}).status_code == 200
            assert answerer.questions[-1].documents == restricted_to
        told = problem(client.post("/v1/ask", json={"question": LIT, "documents": ["gazette.txt"]}), 422, UNKNOWN)
        assert told["detail"].startswith("No document matches 'gazette.txt'.")


def test_a_request_reaches_no_document_of_the_same_name_that_is_not_served(tmp_path: Path) -> None:
    folders = {"": tmp_path / "i", "papers": tmp_path / "papers"}
    for folder in folders.values():
        Index.build(folder, [GAZETTE], encoder=WordEncoder())
    answerer = RestrictedAnswerer(Index.open_together(folders), LIGHTHOUSE_SCRIPT)
    with client_of(answerer, documents=("i:*",)) as client:
        client.post("/v1/ask", json={"question": LIT, "documents": ["gazette.txt"]})
    assert answerer.index.matching(answerer.questions[-1].documents) == {"gazette.txt"}


def test_figures_count_by_surface() -> None:
    client = client_of(catalogued_answerer())
    client.post("/v1/ask", json={"questions": [LIT, OWNER]})
    client.post("/v1/chat/completions", json={"messages": [{"role": "user", "content": OWNER}]})
    figures = client.get("/metrics")
    assert figures.headers["content-type"].startswith("text/plain; version=1.0.0")
    told = dict(line.rsplit(" ", 1) for line in figures.text.splitlines() if not line.startswith("#"))
    assert {surface: told[f'qa_questions_total{{surface="{surface}"}}'] for surface in SURFACES} == {
        "page": "0.0",
        "rest": "2.0",
        "chat": "1.0",
        "mcp": "0.0",
    }
    assert (told['qa_refusals_total{surface="rest"}'], told['qa_refusals_total{surface="chat"}']) == ("1.0", "1.0")
    assert told['qa_answer_seconds_bucket{le="+Inf",surface="rest"}'] == "2.0"


def test_each_application_counts_for_itself() -> None:
    one, other = client_of(catalogued_answerer()), client_of(catalogued_answerer())
    one.post("/v1/ask", json={"question": LIT})
    assert 'qa_questions_total{surface="rest"} 1.0' in one.get("/metrics").text
    assert 'qa_questions_total{surface="rest"} 0.0' in other.get("/metrics").text


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({}, ""),
        ({"question": LIT, "questions": [LIT]}, ""),
        ({"question": 7}, "/question"),
        ({"questions": []}, "/questions"),
        ({"questions": [LIT, None]}, "/questions/1"),
        ({"questions": [LIT] * 101}, "/questions"),
        ({"question": LIT, "treshold": 0.5}, "/treshold"),
        ({"question": LIT, "threshold": 1.5}, "/threshold"),
        ({"question": LIT, "top_k": 0}, "/top_k"),
        ({"question": LIT, "top_k": "3"}, "/top_k"),
        ({"question": LIT, "threshold": True}, "/threshold"),
        ({"question": LIT, "documents": "coast/*"}, "/documents"),
        ({"question": LIT, "history": [{"answer": "4 May 1871"}]}, "/history/0/question"),
    ],
)
def test_what_is_wrong_with_a_request_is_told(client: TestClient, sent: dict[str, Any], pointer: str) -> None:
    told = problem(client.post("/v1/ask", json=sent), 422)
    assert told["title"] == "Unprocessable Content"
    assert [error["pointer"] for error in told["errors"]] == [pointer]


@pytest.mark.parametrize("body", [b"{", b"", b"[1", b'{"question": "\xff"}', b"[" * 100_000, b'{"top_k": 1e', b"NaN"])
def test_what_is_no_json(client: TestClient, body: bytes) -> None:
    reply = client.post("/v1/ask", content=body, headers={"content-type": "application/json"})
    assert problem(reply, reply.status_code)["status"] in (400, 422)


def test_a_form_of_another_page_is_no_request(client: TestClient, answerer: RestrictedAnswerer) -> None:
    body = json.dumps({"question": LIT})
    problem(client.post("/v1/ask", content=body, headers={"content-type": "text/plain"}), 422)
    assert answerer.questions == []


def test_unknown_documents_name_the_nearest(client: TestClient) -> None:
    told = problem(client.post("/v1/ask", json={"question": LIT, "documents": ["gazete.txt"]}), 422, UNKNOWN)
    assert told["detail"].startswith("No document matches 'gazete.txt'. The nearest: gazette.txt")


def test_a_question_that_is_too_long(answerer: RestrictedAnswerer) -> None:
    client = client_of(answerer, max_question_characters=10)
    told = problem(client.post("/v1/ask", json={"questions": ["short", LIT]}), 422)
    assert told["detail"] == f"Question 2 has {len(LIT)} characters; at most 10 pass."
    assert answerer.questions == []


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/asks", "/v1/ask/x", "/v2/ask", "/nothing"])
def test_unknown_paths(client: TestClient, path: str) -> None:
    told = problem(client.get(path, headers={"accept": "application/json"}), 404)
    assert told["detail"] == "There is nothing at this path; /openapi.json says what there is."


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", "/v1/ask", "POST"),
        ("DELETE", "/v1/documents", "GET"),
        ("POST", "/healthz", "GET"),
        ("PUT", "/v1/chat/completions", "POST"),
        ("GET", "/mcp", "POST"),
    ],
)
def test_other_methods(client: TestClient, method: str, path: str, allow: str) -> None:
    reply = client.request(method, path)
    assert problem(reply, 405)["title"] == "Method Not Allowed"
    assert reply.headers["allow"] == allow


def test_what_no_one_foresaw_shows_nothing_of_the_inside(client: TestClient, answerer: RestrictedAnswerer) -> None:
    answerer.script = {LIT: RuntimeError("the text of a document")}
    reply = client.post("/v1/ask", json={"question": LIT})
    assert problem(reply, 500)["detail"] == "Something unexpected happened; the server's log shows what."
    assert "text of a document" not in reply.text


@pytest.mark.parametrize("error", [IndexDamaged("secret/folder: damaged"), UserError("secret/folder: no")])
def test_an_index_that_cannot_be_asked(client: TestClient, answerer: RestrictedAnswerer, error: UserError) -> None:
    answerer.script = {LIT: error}
    reply = client.post("/v1/ask", json={"question": LIT})
    assert "secret" not in problem(reply, 503, "index-unusable")["detail"]
    assert reply.headers["retry-after"] == "60"


def test_the_description_has_the_shipped_schema_of_a_reply(client: TestClient) -> None:
    described = client.get("/openapi.json").json()
    reply = described["components"]["schemas"]["Reply"]
    shipped = json.loads((Path(server.__file__).parent / "reply.schema.json").read_text(encoding="utf-8"))
    again = json.loads(json.dumps(reply).replace("#/components/schemas/Reply/", "#/"))
    assert again == {name: value for name, value in shipped.items() if name not in ("$schema", "$id")}
    replies = described["paths"]["/v1/ask"]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    said = client.post("/v1/ask", json={"questions": [LIT, OWNER, "What did the lighthouse cost?"]}).json()
    jsonschema.Draft202012Validator({**replies, "components": described["components"]}).validate(said)


def test_the_description_names_everything_and_the_bounds_in_force(answerer: RestrictedAnswerer) -> None:
    described = client_of(answerer, max_question_characters=99, max_questions_per_request=7).get("/openapi.json").json()
    assert set(described["paths"]) == {
        "/v1/ask",
        "/v1/documents",
        "/v1/chat/completions",
        "/v1/models",
        "/healthz",
        "/metrics",
    }
    asked = described["components"]["schemas"]["Ask"]["properties"]
    assert (asked["question"]["maxLength"], asked["questions"]["maxItems"]) == (99, 7)
    assert all(operation["summary"] for path in described["paths"].values() for operation in path.values())
    assert "security" not in described
