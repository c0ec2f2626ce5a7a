"""Several processes give the replies of one, in order; what stops one of them is told."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from qa import processes
from qa.cli import main
from tests.checkpoints import save_bert
from tests.test_encode import small

TEXT = "Marrow Point Lighthouse was first lit on 4 May 1871. Zoë Fenwick paid 12,400 crowns for granite.\n"
ASKED = ["Who paid?", "When was it lit?", "What was paid for?"]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """`qa batch` over one document and a few questions, with tiny models."""
    monkeypatch.chdir(tmp_path)
    models = ["--encoder", str(small(tmp_path)), "--reader", str(save_bert(tmp_path / "reader")), "--engine", "torch"]
    Path("notes.txt").write_text(TEXT, encoding="utf-8")
    Path("asked.txt").write_text("\n".join(ASKED * 4), encoding="utf-8")
    assert main(["index", "-q", *models[:2], "--engine", "torch", "notes.txt"]) == 0
    return ["batch", "asked.txt", *models]


def replies(file: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in Path(file).read_text("utf-8").splitlines()]


@pytest.mark.slow
def test_two_processes_give_the_replies_of_one(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command, "-o", "one.jsonl", "--jobs", "1"]) == 0
    assert main([*command, "-o", "two.jsonl", "--jobs", "2"]) == 0
    one, two = replies("one.jsonl"), replies("two.jsonl")
    assert [reply["question"] for reply in two] == ASKED * 4
    assert [(r["answer"], r["reason"]) for r in two] == [(r["answer"], r["reason"]) for r in one]
    assert [r["confidence"] for r in two] == pytest.approx([r["confidence"] for r in one], abs=1e-6)
    assert capsys.readouterr().err.count("12 replies") == 2


@pytest.mark.slow
def test_a_process_that_dies_is_told_and_what_is_done_is_kept(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Dying(processes.ManyProcesses):
        groups = 0

        def ask_many(self, questions: Sequence[processes.Question], /) -> list[processes.Reply]:
            Dying.groups += 1
            if Dying.groups == 2:
                self._pool.submit(os._exit, 1)
            return super().ask_many(questions)

    monkeypatch.setattr(processes, "ManyProcesses", Dying)
    monkeypatch.setattr("qa.batch.GROUP", 4)
    monkeypatch.setattr(processes, "AHEAD", 2)
    assert main([*command, "-o", "two.jsonl", "--jobs", "2"]) == 2
    assert "--jobs 1" in capsys.readouterr().err
    assert len(replies("two.jsonl.partial")) == 1 + 4  # what it was begun with, and the first group
    assert main([*command, "-o", "two.jsonl", "--jobs", "1"]) == 0
    assert "4 kept from an earlier run" in capsys.readouterr().err
