"""Folders and names that hold no usable model: refused by name, without a traceback, and no code of theirs runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from embeddings.engine import model_folder, weights_digest
from embeddings.errors import ModelUnusable
from qa.reader.span_reader import SpanReader
from tests.checkpoints import save_bert


def refused(name: str | Path) -> str:
    with pytest.raises(ModelUnusable) as raised:
        SpanReader(str(name))
    assert str(name) in str(raised.value)
    return str(raised.value)


def test_a_folder_that_is_not_there_or_is_empty_is_named(tmp_path: Path) -> None:
    assert "no such folder" in refused(tmp_path / "nowhere")
    assert "no model.safetensors" in refused(tmp_path)


def test_a_checkpoint_without_a_head_would_answer_at_random_and_is_refused(tmp_path: Path) -> None:
    assert "qa_outputs" in refused(save_bert(tmp_path, head=False))


def test_pickled_weights_are_not_read(tmp_path: Path) -> None:
    import torch

    save_bert(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    torch.save({}, tmp_path / "pytorch_model.bin")
    assert "safetensors" in refused(tmp_path)


@pytest.mark.parametrize("file", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_broken_or_missing_file_is_refused_without_a_traceback(tmp_path: Path, file: str) -> None:
    save_bert(tmp_path)
    (tmp_path / file).write_bytes(b"{not what it says" * 9)
    refused(tmp_path)
    (tmp_path / file).unlink()
    if file == "tokenizer.json":
        (tmp_path / "tokenizer_config.json").unlink()
    refused(tmp_path)


def test_code_that_comes_with_a_checkpoint_is_never_run(tmp_path: Path) -> None:
    save_bert(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    config |= {
        "model_type": "own",
        "auto_map": dict.fromkeys(("AutoConfig", "AutoModelForQuestionAnswering"), "own.Own"),
    }
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "own.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nclass Own: pass\n")
    refused(tmp_path)
    assert not (tmp_path / "ran").exists()


def test_weights_are_known_by_their_bytes_and_in_parts_by_their_names_too(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"abc")
    assert weights_digest(tmp_path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    (tmp_path / "more.safetensors").write_bytes(b"abc")
    both = weights_digest(tmp_path)
    (tmp_path / "more.safetensors").rename(tmp_path / "most.safetensors")
    assert weights_digest(tmp_path) != both


@pytest.mark.parametrize("name", ["not a name", "a/b/c", "./a", "~/nowhere", "/nowhere", "a//b", "--", "a\0b"])
def test_what_can_be_no_name_is_refused(name: str) -> None:
    with pytest.raises(ModelUnusable):
        model_folder(name)


class Hub(BaseHTTPRequestHandler):
    """A model hub that knows no model, and what it was asked for."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_error(404)

    do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None: ...


@pytest.mark.parametrize(("forbidden", "reached"), [("", True), ("1", False)])
def test_a_name_is_asked_of_the_hub_unless_the_user_forbade_it_even_when_the_libraries_are_kept_in(
    tmp_path: Path, forbidden: str, reached: bool
) -> None:
    hub = HTTPServer(("127.0.0.1", 0), type("Asked", (Hub,), {"asked": []}))
    threading.Thread(target=hub.serve_forever, daemon=True).start()
    code = (
        "from embeddings.engine import model_folder, quiet\n"
        "from embeddings.errors import ModelUnusable\n"
        "quiet()\n"
        "try:\n"
        "    model_folder('nobody/nothing')\n"
        "except ModelUnusable as error:\n"
        "    print(error)\n"
    )
    settings = {
        "HF_ENDPOINT": f"http://127.0.0.1:{hub.server_port}",
        "HF_HOME": str(tmp_path),
        "HF_HUB_OFFLINE": forbidden,
        "NO_PROXY": "127.0.0.1",
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **settings},
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    hub.shutdown()
    hub.server_close()
    assert done.stdout.startswith("nobody/nothing: not a folder here"), done.stderr
    assert done.stdout.count("\n") == 1
    assert any("nobody/nothing" in path for path in hub.RequestHandlerClass.asked) is reached  # type: ignore[attr-defined]
