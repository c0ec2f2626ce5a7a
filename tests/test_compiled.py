"""Compiled models: the same numbers as on torch, made once, known to be stale, and run without torch."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from embeddings.encode import SentenceEncoder
from embeddings.engine import compiled
from embeddings.engine.choose import open_sentence_model, open_span_model
from embeddings.engine.compile import compile_model, sweep
from embeddings.engine.compiled import Compiled
from embeddings.engine.span_model import WindowSettings
from embeddings.errors import ModelUnusable
from tests.checkpoints import hold_alike, save_bert, save_roberta
from tests.test_encode import TEXTS, small

QUESTION = "Who built the tower?"
LONG = " ".join(f"{number} Zoë paid crowns 😀." for number in range(25))
WINDOWS = WindowSettings(window_tokens=384, stride_tokens=128, batch_tokens=100)
ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache that holds nothing yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.slow
@pytest.mark.parametrize("make", [save_bert, save_roberta])
def test_a_compiled_reader_gives_the_scores_that_torch_gives(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    folder = make(tmp_path / "reader")
    texts = ["Zoë Fenwick paid 12,400 crowns.", "", LONG]
    assert open_span_model(folder, WINDOWS).engine == "torch"  # nobody has compiled it yet
    reference = open_span_model(folder, WINDOWS, "torch").read(QUESTION, texts)
    model = open_span_model(folder, WINDOWS, "openvino")
    found = model.read(QUESTION, texts)
    assert model.engine == "openvino"
    hold_alike(found, reference)
    assert open_span_model(folder, WINDOWS).engine == "openvino"


@pytest.mark.slow
def test_a_compiled_encoder_gives_the_vectors_that_sentence_transformers_gives(tmp_path: Path) -> None:
    folder = small(tmp_path)
    reference, found = (open_sentence_model(folder, engine) for engine in ("torch", "openvino"))
    assert (found.engine, found.dimension, found.window) == ("openvino", 16, 32)
    assert found.digest == reference.digest
    texts = [*TEXTS, " blanks around \n"]
    np.testing.assert_allclose(found.embed(texts), reference.embed(texts), atol=1e-5)
    assert found.count_tokens(texts) == reference.count_tokens(texts)
    assert SentenceEncoder(str(folder)).engine == "openvino"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compiled]:
    """A reader that is compiled, in a cache of its own."""
    folder = tmp_path_factory.mktemp("compiled")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        compile_model(save_bert(folder / "reader"), "reader")
        found = compiled.find(folder / "reader", "reader")
        assert found is not None
        yield found


@pytest.fixture
def record(made: Compiled, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """What is written of it, put back after each test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(Path(made.source).parent / "cache"))
    file = made.folder / "compiled.json"
    before = file.read_text()
    yield file
    file.write_text(before)


def test_what_is_compiled_is_not_taken_for_weights_that_changed(made: Compiled, record: Path) -> None:
    folder = Path(made.source)
    assert compiled.find(folder, "reader") == made
    weights = folder / "model.safetensors"
    before = weights.stat().st_mtime_ns
    os.utime(weights, ns=(1, 1))
    assert compiled.find(folder, "reader") is None
    assert open_span_model(folder, WINDOWS).engine == "torch"
    os.utime(weights, ns=(before, before))
    assert open_span_model(folder, WINDOWS).engine == "openvino"


def test_a_compilation_that_was_stopped_is_none(made: Compiled, record: Path) -> None:
    whole = record.read_text()
    for broken in ("", whole[: len(whole) // 2], "{}", "[]", whole.replace('"format": 1', '"format": 0')):
        record.write_text(broken)
        assert compiled.find(Path(made.source), "reader") is None


def test_what_was_compiled_of_a_folder_that_is_gone_is_swept(made: Compiled, record: Path, tmp_path: Path) -> None:
    gone = compiled.place(tmp_path / "gone", "reader")
    gone.mkdir()
    (gone / "compiled.json").write_text(record.read_text().replace(made.source, str(tmp_path / "gone")))
    sweep()
    assert list(compiled.root().iterdir()) == [made.folder]


@pytest.mark.slow
def test_a_model_that_gives_other_numbers_once_compiled_stays_on_torch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("embeddings.engine.compile.NEAR", -1.0)
    folder = small(tmp_path)
    with pytest.raises(ModelUnusable, match="gives other numbers"):
        compile_model(folder, "encoder")
    assert compiled.find(folder, "encoder") is None


@pytest.mark.slow
def test_a_question_on_the_command_line_loads_neither_torch_nor_transformers(tmp_path: Path) -> None:
    models = ["--encoder", str(small(tmp_path)), "--reader", str(save_bert(tmp_path / "reader"))]
    (tmp_path / "notes.txt").write_text("The lamp was first lit on 4 May 1871.\n")
    code = (
        "import sys\n"
        "from qa.cli import main\n"
        "done = main(sys.argv[1:])\n"
        "heavy = ('torch', 'transformers', 'sentence_transformers', 'gradio', 'pandas', 'scipy', 'sklearn')\n"
        "print(sorted(set(heavy) & set(sys.modules)))\n"
        "sys.exit(done)\n"
    )

    def run(*arguments: str) -> list[str]:
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.splitlines()

    assert "torch" in run("compile", *models)[-1]
    assert run("index", "notes.txt", *models[:2]) == ["[]"]
    first, *_, loaded = run("ask", "When was the lamp first lit?", *models, "--threshold", "0")
    assert first in "The lamp was first lit on 4 May 1871."
    assert loaded == "[]"
