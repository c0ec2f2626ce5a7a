"""Indexing, asking and the chat page reach for no other machine, not even in vain."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# The hook stands before anything else is imported, sees every look-up and connection that goes through Python's socket
# module, whoever makes it, and cannot be taken away. What it refuses is also written down: it may be caught on its way.
SCRIPT = """
import ipaddress, json, sys

reached = []

def is_here(host):
    host = host.decode() if isinstance(host, bytes) else host
    if host in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

def watch(event, args):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = args[1]
        elsewhere = isinstance(address, tuple) and not is_here(address[0])
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        elsewhere = not is_here(args[0])
    else:
        return
    if elsewhere:
        reached.append([event, repr(args[1:] if event.startswith("socket.c") else args)])
        raise ConnectionRefusedError(f"{event} {args}")

sys.addaudithook(watch)

import socket
for attempt in (lambda: socket.create_connection(("192.0.2.1", 80), 1), lambda: socket.getaddrinfo("example.org", 80)):
    try:
        attempt()
    except ConnectionRefusedError:
        pass
watched = len(reached)
reached.clear()

from qa.cli import main
assert main(["index", "--sample", "--quiet"]) == 0
assert main(["ask", "--json", "When was the battle of Elakla fought?"]) == 0

from fastapi.testclient import TestClient
from qa import server
from qa.assembly import open_answerer
from qa.settings import Settings
from qa.web.library import Desk

answerer = open_answerer(Settings.load())
app = server.application(Desk(answerer=answerer), hosts=["localhost"])
with TestClient(app, base_url="http://localhost") as client:
    page = client.get("/")
print(json.dumps({"watched": watched, "reached": reached, "page": page.status_code, "size": len(page.text)}))
"""


@pytest.mark.slow
def test_nothing_is_asked_of_other_machines(tmp_path: Path) -> None:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "SYSTEMROOT") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=tmp_path,
        env=kept | {"HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},  # no cached models, no setting of this machine
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    reply, told = map(json.loads, done.stdout.splitlines())
    assert reply["answer"] == "February 21, 2019"
    assert told["watched"] == 2, "the hook must see attempts for their absence to mean something"
    assert told["reached"] == []
    assert told["page"] == 200
    assert told["size"] > 1000
