"""A sync killed at any step of its writing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from embeddings.manifest import read_manifest
from tests.syncing import LAMP, STORM, put, run, source

KILLED_AT_EVERY_STEP = """
import os, shutil, signal, sys
from pathlib import Path
from embeddings.index import Index
from tests.syncing import LAMP, BARGE, STORM, put, run, source
papers, index = Path(sys.argv[1]), Path(sys.argv[2])

def dies_after(steps, what):
    def step(*args):
        nonlocal_steps[0] += 1
        if nonlocal_steps[0] > steps:
            os.kill(os.getpid(), signal.SIGKILL)
        return what(*args)
    return step

old = Index.open(index).digest
put(papers, a=BARGE, c=LAMP + STORM)
survived, steps = False, 0
while not survived:
    child = os.fork()
    if not child:
        nonlocal_steps = [0]
        for name in ("replace", "fsync", "unlink"):
            setattr(os, name, dies_after(steps, getattr(os, name)))
        run(index)
        os._exit(0)
    survived = os.waitpid(child, 0)[1] == 0
    now = Index.open(index)
    now.verify()
    assert all(now.document(entry.id).id == entry.id for entry in now.documents)
    print(steps, "old" if now.digest == old else now.digest)
    steps += 1
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_writer_killed_at_any_step_leaves_the_old_index_or_the_new(tmp_path: Path) -> None:
    papers, index = put(tmp_path / "papers", a=LAMP, b=STORM), tmp_path / "index"
    run(index, source(papers))
    command = [sys.executable, "-c", KILLED_AT_EVERY_STEP, str(papers), str(index)]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=60, cwd=Path(__file__).parents[1]
    )
    assert done.returncode == 0, done.stderr
    states = [line.split()[1] for line in done.stdout.splitlines()]
    run(tmp_path / "fresh", source(papers))
    new = read_manifest(tmp_path / "fresh").digest
    assert len(states) >= 9  # a sync, a rename and a sync for each of three files
    assert states == ["old"] * states.index(new) + [new] * (len(states) - states.index(new))
    run(index)
    left = {path.name for path in index.iterdir()} - {"lock", "manifest.json"}
    assert left == {file.name for file in read_manifest(index).files}
