"""What the server answers beside the page, and the addresses it takes."""

import socket
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from embeddings.errors import UserError
from qa import server
from qa.settings import Settings
from qa.web.library import Desk
from tests.fakes import lighthouse_answerer


@pytest.fixture
def client() -> TestClient:
    app = server.application(Desk(answerer=lighthouse_answerer()), hosts=server.LOOPBACK_NAMES)
    return TestClient(app, base_url="http://127.0.0.1")


def test_health_tells_which_index_answers(client: TestClient) -> None:
    reply = client.get("/healthz")
    assert (reply.status_code, reply.json()) == (200, {"status": "ok", "index": "paper", "documents": 2})


def test_the_page_stands_beside_it(client: TestClient) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert "Chapter &" in page.text


def test_nothing_of_the_page_is_an_interface_for_programs(client: TestClient) -> None:
    assert client.get("/gradio_api/info").json() == {"named_endpoints": {}, "unnamed_endpoints": {}}
    for path in ("/docs", "/redoc"):
        assert client.get(path).status_code == 404


def test_the_page_takes_no_file_larger_than_the_limit() -> None:
    settings = Settings.model_construct(max_file_megabytes=1, max_request_kilobytes=1)
    app = server.application(Desk(answerer=lighthouse_answerer()), hosts=["*"], settings=settings)
    client = TestClient(app, base_url="http://127.0.0.1")
    for size, status in ((900_000, 200), (1_100_000, 413)):
        sent = client.post("/gradio_api/upload", files={"files": ("some.bin", b"0" * size)})
        assert sent.status_code == status


@pytest.mark.parametrize(("host", "status"), [("localhost:7860", 200), ("127.0.0.1", 200), ("elsewhere.example", 400)])
def test_a_name_that_points_here_is_no_way_in(client: TestClient, host: str, status: int) -> None:
    for path in ("/healthz", "/"):
        reply = client.get(path, headers={"host": host})
        assert reply.status_code == status
        assert (reply.headers["content-type"] == "application/problem+json") is (status == 400)


def test_a_taken_port_names_a_free_one(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=rf"Port {port} of 127\.0\.0\.1 is taken\. Run `qa serve --port \d+`"):
            server.serve(Settings(index=tmp_path), "127.0.0.1", port)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "example.org", "::"])
def test_other_machines_are_let_in_only_on_purpose(tmp_path: Path, host: str) -> None:
    with pytest.raises(UserError, match="--insecure"):
        server.serve(Settings(index=tmp_path), host, 0)


@pytest.mark.parametrize(
    ("host", "only_here"),
    [("127.0.0.1", True), ("127.1.2.3", True), ("::1", True), ("[::1]", True), ("localhost", True), ("0.0.0.0", False)],
)
def test_loopback(host: str, only_here: bool) -> None:
    assert server.is_loopback(host) is only_here


def test_the_address_is_one_to_type_into_a_browser() -> None:
    with server.bind("127.0.0.1", 0) as listening:
        assert server.address(listening) == f"http://127.0.0.1:{listening.getsockname()[1]}/"


def test_the_page_takes_questions_as_long_as_the_settings_say() -> None:
    settings = Settings.model_construct(max_question_characters=321)
    app = server.application(Desk(answerer=lighthouse_answerer()), hosts=["*"], settings=settings)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        parts = [part["props"] for part in client.get("/config").json()["components"]]
    assert [part["max_length"] for part in parts if part.get("elem_id") == "qa-question"] == [321]
    assert any("questions of 321 characters each" in str(part.get("value")) for part in parts)
