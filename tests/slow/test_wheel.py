"""The built wheel, installed where the repository is out of reach, answers a question from another folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
SHIPPED = ("embeddings", "qa", "seeds")

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path) -> str:
    """What a command prints; the repository is not on its path."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "QA_"))}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy: leftovers of earlier builds would else come along, and leftovers of this one stay."""
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in SHIPPED:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    built = tmp_path_factory.mktemp("built")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", built, source, cwd=source)
    return next(built.glob("chapter_and_verse-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of a new environment with the wheel; what it depends on is seen through a .pth file.

    That file names this environment's packages but not the repository, which is installed here for editing by a .pth
    file of its own: these count only in an environment's own folder.
    """
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check", "install"]
    run(*pip, "--no-deps", "--no-index", "--quiet", wheel, cwd=folder)
    packages = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip())
    (packages / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    return python.parent


def test_the_wheel_holds_what_is_needed_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    code = {path.relative_to(ROOT).as_posix() for package in SHIPPED for path in (ROOT / package).rglob("*.py")}
    folders = [ROOT / "qa" / "reader" / "weights", ROOT / "seeds" / "documents"]
    data = {path.relative_to(ROOT).as_posix() for folder in folders for path in folder.iterdir() if path.is_file()}
    patterns = ("qa/web/*.css", "qa/web/*.js", "qa/api/*.html")
    pages = {path.relative_to(ROOT).as_posix() for pattern in patterns for path in ROOT.glob(pattern)}
    assert names == code | data | pages | {"qa/reply.schema.json", "seeds/SOURCES.md"}


def test_it_answers_from_another_folder(installed: Path, tmp_path: Path) -> None:
    place = run(
        installed / "python", "-c", "import qa, embeddings, seeds; print(qa.__file__, seeds.__file__)", cwd=tmp_path
    )
    assert str(ROOT) not in place
    run(installed / "qa", "index", "--sample", cwd=tmp_path)
    reply = json.loads(run(installed / "qa", "ask", "--json", "When was the battle of Elakla fought?", cwd=tmp_path))
    assert reply["answer"] == "February 21, 2019"
    assert reply["citation"]["document"] == "002_c49acc56707a002f.txt"
    assert reply["citation"]["line"] == 19
    assert reply["calibrated"] is True
    said = run(installed / "qa", "ask", "When was the battle of Elakla fought?", cwd=tmp_path)
    assert said.startswith("February 21, 2019\n")
    assert "002_c49acc56707a002f.txt, line 19\n" in said
