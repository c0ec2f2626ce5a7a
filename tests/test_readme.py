"""README.md says what is so: its commands are run, in order, and what it shows is what they print.

    python tests/test_readme.py

writes what they print now into it.
"""

from __future__ import annotations

import argparse
import atexit
import contextlib
import io
import json
import os
import re
import shlex
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"

_BLOCK = re.compile(r"^```(?P<language>\w+)(?: (?P<file>\S+))?\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_PERCENT = re.compile(r"\d+(?= %)")
PORT = "7860"
NEAR = 3  # percentage points that a probability may differ by on another machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block: its language, the file that it is the content of (else ""), its text and where that begins."""

    language: str
    file: str
    body: str
    start: int


def blocks(text: str) -> list[Block]:
    return [
        Block(language=found["language"], file=found["file"] or "", body=found["body"], start=found.start("body"))
        for found in _BLOCK.finditer(text)
    ]


def commands(body: str) -> list[tuple[str, str]]:
    """The commands of a console block, each with the output that is shown."""
    parts = re.split(r"^\$ (.*)\n", body, flags=re.MULTILINE)
    assert parts[0] == "", "a console block begins with a command"
    return list(zip(parts[1::2], parts[2::2], strict=True))


def printed(command: str) -> str:
    """What a `qa` command prints, on either stream. It has to succeed."""
    from qa.cli import main

    program, *arguments = shlex.split(command)
    if program == "curl":
        return fetched(arguments)
    assert program == "qa", command
    if arguments[-1:] == ["&"]:
        return begun(arguments[:-1])
    told = io.StringIO()
    with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
        code = main(arguments)
    assert code == 0, f"{command} ended with {code}:\n{told.getvalue()}"
    return told.getvalue()


def fetched(arguments: list[str]) -> str:
    """What `curl` would print; not every machine has it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("-s", action="store_true", required=True)
    parser.add_argument("-d", dest="content")
    parser.add_argument("-H", dest="headers", action="append", default=[])
    given = parser.parse_args(arguments)
    headers = dict(header.split(": ", 1) for header in given.headers)
    reply = httpx.request(
        "POST" if given.content else "GET", given.url, content=given.content, headers=headers, timeout=600
    )
    return f"{reply.text}\n"


def begun(arguments: list[str]) -> str:
    """What a `qa` command that goes on prints first; it ends with this process."""
    running = subprocess.Popen([sys.executable, "-m", "qa", *arguments], stdout=subprocess.PIPE, text=True)
    atexit.register(running.kill)
    return running.stdout.readline()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def ran(code: str) -> str:
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        exec(compile(code, str(README), "exec"), {"__name__": "__main__"})
    return told.getvalue()


def replayed(text: str) -> Iterator[tuple[str, str, str, int]]:
    """Run all blocks in their order in the current folder.

    Gives what was run, the output shown for it, the one it has, and where the shown one stands.
    """
    port = str(free_port())  # the usual one may be taken
    os.environ["QA_PORT"] = port
    for command, shown, has, place in _replayed(text, port):
        yield command, shown, has.replace(port, PORT), place


def _replayed(text: str, port: str) -> Iterator[tuple[str, str, str, int]]:
    found = blocks(text)
    for block, following in pairwise([*found, Block(language="", file="", body="", start=len(text))]):
        if block.file:
            Path(block.file).parent.mkdir(exist_ok=True)
            Path(block.file).write_text(block.body, encoding="utf-8")
        elif block.language == "console":
            place = block.start
            for command, shown in commands(block.body):
                place += len(f"$ {command}\n")
                yield command, shown, printed(command.replace(PORT, port)), place
                place += len(shown)
        elif block.language == "python":
            assert following.language == "text", "what a snippet prints is shown below it"
            yield block.body, following.body, ran(block.body.replace(PORT, port)), following.start


def is_shown(shown: str, has: str) -> bool:
    """Whether an output is as shown: `...` stands for any lines, and probabilities may differ a little."""
    parts = re.split(r"^\.\.\.\n", _PERCENT.sub("N", shown), flags=re.MULTILINE)
    pattern = r"(?:.*\n)*".join(map(re.escape, parts))
    if not re.fullmatch(pattern, _PERCENT.sub("N", has)):
        return False
    if len(parts) > 1:
        return True
    pairs = zip(_PERCENT.findall(shown), _PERCENT.findall(has), strict=True)
    return all(abs(int(one) - int(other)) <= NEAR for one, other in pairs)


@pytest.mark.slow
def test_what_it_shows_is_what_is_printed(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("QA_")}
    # in a process of its own: what other tests have imported would change what is printed
    done = subprocess.run(
        [sys.executable, __file__, "--replay"],
        cwd=tmp_path,
        env=environment | {"COLUMNS": "120", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    compared = json.loads(done.stdout)
    assert len(compared) >= 8
    for run, shown, has, _ in compared:
        assert is_shown(shown, has), f"{run}\nREADME.md shows:\n{shown}\nbut it has:\n{has}\n`make readme` mends that."


def test_is_shown() -> None:
    assert is_shown("a (91 %)\n", "a (93 %)\n")
    assert not is_shown("a (91 %)\n", "a (95 %)\n")
    assert not is_shown("a (91 %)\n", "b (91 %)\n")
    assert is_shown("a\n...\nc\n", "a\nb\nb\nc\n")
    assert is_shown("...\n", "")
    assert not is_shown("a.c\n", "abc\n")


def test_the_targets_that_it_names_exist() -> None:
    text = README.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE))
    assert {"chat", "test"} <= named <= targets


def test_the_verbs_that_it_names_exist(capsys: pytest.CaptureFixture[str]) -> None:
    from qa.cli import main

    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    verbs = set(re.findall(r"^ {4}([a-z]+)\s", capsys.readouterr().out, re.MULTILINE))
    named = set(re.findall(r"(?:^\$ |`)qa ([a-z]+)", README.read_text(encoding="utf-8"), re.MULTILINE))
    assert named <= verbs
    assert {"index", "ask", "batch", "evaluate", "serve"} <= named


def test_the_settings_that_it_lists_are_all_there_are() -> None:
    rows = re.findall(r"^\| `(\w+)` \|.*\|$", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert "\n".join(rows) == "\n".join(line.split("`")[1] for line in settings_rows())
    for row in settings_rows():
        assert row in README.read_text(encoding="utf-8"), "`make readme` mends that"


def settings_rows() -> list[str]:
    from qa.settings import Settings

    return [
        f"| `{name}` | {'' if field.default is None else f'`{field.default}`'} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]


def test_the_files_that_it_links_are_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README.read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not (ROOT / link).is_file()] == []


def test_its_tables_are_those_of_the_newest_results() -> None:
    if not any((ROOT / "benchmarks" / "results").glob("*.json")):
        pytest.skip("nothing is measured yet")
    check = [sys.executable, ROOT / "benchmarks" / "tables.py", "--check"]
    done = subprocess.run(check, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def renewed(text: str) -> str:
    """The text with the outputs that its commands have now; what has `...` stays as long as it is true."""
    for _, shown, has, place in reversed(list(replayed(text))):
        if not (re.search(r"^\.\.\.$", shown, re.MULTILINE) and is_shown(shown, has)):
            text = text[:place] + has + text[place + len(shown) :]
    return re.sub(r"(?<=\n\|---\|---\|---\|\n)(?:\| `.*\n)+", "".join(f"{row}\n" for row in settings_rows()), text)


if __name__ == "__main__":
    before = README.read_text(encoding="utf-8")
    if sys.argv[1:] == ["--replay"]:
        print(json.dumps(list(replayed(before))))
    else:
        sys.path.insert(0, str(ROOT))
        os.environ["COLUMNS"] = "120"
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            after = renewed(before)
        README.write_text(after, encoding="utf-8")
