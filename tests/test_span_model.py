"""Models that find spans: every window of every text, its offsets and scores; and the reader over them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from embeddings.engine import weights_digest
from embeddings.engine.choose import open_span_model
from embeddings.engine.span_model import SpanModel, Window, WindowSettings
from embeddings.passage import Passage
from qa.reader.decode import decode
from qa.reader.span_reader import ReaderSettings, SpanReader
from tests.checkpoints import hold_alike, save_bert, save_roberta

QUESTION = "Who built the tower?"
SHORT = [
    "Zoë Fenwick paid 12,400 crowns.",
    "",
    "Zoe\u0301  paid 😀 – né\u00a0Ødegård\t(🇫🇷)\n1871",
    " \n ",
    "The keeper stayed.",
]
LONG = " ".join(f"{number} Zoë paid crowns 😀." for number in range(25))

MAKERS: dict[str, Callable[[Path], Path]] = {
    "bert": save_bert,
    "bert, padded left": lambda folder: save_bert(folder, padding_side="left"),
    "roberta": save_roberta,
    "roberta, blanks in tokens": lambda folder: save_roberta(folder, trimmed=False),
    "roberta, padded left": lambda folder: save_roberta(folder, padding_side="left"),
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("checkpoints")
    return {name: make(root / name) for name, make in MAKERS.items()}


def opened(folder: Path, *, batch_tokens: int = 4096) -> SpanModel:
    settings = WindowSettings(window_tokens=384, stride_tokens=128, batch_tokens=batch_tokens)
    return open_span_model(folder, settings)


@pytest.fixture(scope="module", params=list(MAKERS))
def model(request: pytest.FixtureRequest, folders: dict[str, Path]) -> SpanModel:
    return opened(folders[request.param])


def places(window: Window) -> list[tuple[int, int]]:
    return [(int(a), int(b)) for (a, b), inside in zip(window.offsets, window.inside, strict=True) if inside and b > a]


def covered(windows: list[Window]) -> set[int]:
    return {place for window in windows for a, b in places(window) for place in range(a, b)}


def not_blank(text: str) -> set[int]:
    return {place for place, mark in enumerate(text) if not mark.isspace()}


def test_windows_cover_every_character_and_no_token_has_outer_blanks(model: SpanModel) -> None:
    texts = [*SHORT, LONG]
    windows = model.read(QUESTION, texts)
    assert [window.text for window in windows] == sorted(window.text for window in windows)
    for number, text in enumerate(texts):
        own = [window for window in windows if window.text == number]
        assert covered(own) == not_blank(text)
        assert len(own) > 3 if text == LONG else len(own) == 1
        for window in own:
            assert len(window.starts) == len(window.ends) == len(window.offsets) == len(window.inside) <= 64
            assert np.isfinite([*window.starts, *window.ends, window.null]).all()
            assert all(text[a:b] == text[a:b].strip() for a, b in places(window))
            assert places(window) == sorted(places(window))


def test_words_numbers_and_emoji_begin_and_end_with_tokens(model: SpanModel) -> None:
    text = "Zoë  paid 😀 12,400 ne\u0301\u00a0Ødegård"
    (window,) = model.read(QUESTION, [text])
    begins, ends = ({pair[side] for pair in places(window)} for side in (0, 1))
    for word in text.split():
        assert text.index(word) in begins
        assert text.index(word) + len(word) in ends


def test_an_answer_anywhere_in_a_long_text_can_be_found(model: SpanModel) -> None:
    windows = model.read(QUESTION, [LONG])
    for number in range(25):
        wanted = f"{number} Zoë paid"
        start = LONG.index(f" {wanted}") + 1 if number else 0
        end = start + len(wanted)
        hot = [
            replace(
                window,
                starts=np.where(window.inside & (window.offsets[:, 0] == start), 1, 0).astype(np.float32),
                ends=np.where(window.inside & (window.offsets[:, 1] == end), 1, 0).astype(np.float32),
                null=0.0,
            )
            for window in windows
        ]
        (found,) = decode(hot, LONG, begin=0, max_tokens=30, max_spans=1)
        assert (LONG[found.start : found.end], found.start, found.score) == (wanted, start, 2.0)


def test_scores_are_the_models_own_and_the_null_score_that_of_its_first_mark(folders: dict[str, Path]) -> None:
    import torch
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    for name in ("bert", "roberta"):
        tokenizer = AutoTokenizer.from_pretrained(str(folders[name]))
        network = AutoModelForQuestionAnswering.from_pretrained(str(folders[name])).eval()
        with torch.inference_mode():
            output = network(**tokenizer(QUESTION, SHORT[0], return_tensors="pt"))
        window = opened(folders[name]).read(QUESTION, SHORT)[0]
        np.testing.assert_allclose(window.starts, output.start_logits[0].numpy(), atol=1e-4)
        np.testing.assert_allclose(window.ends, output.end_logits[0].numpy(), atol=1e-4)
        assert window.null == pytest.approx(float(output.start_logits[0, 0] + output.end_logits[0, 0]), abs=1e-4)


def test_scores_do_not_depend_on_what_is_read_beside(model: SpanModel, folders: dict[str, Path]) -> None:
    texts = [*SHORT, LONG[: len(LONG) // 2]]
    together = model.read(QUESTION, texts)
    alone = [replace(window, text=n) for n, text in enumerate(texts) for window in model.read(QUESTION, [text])]
    hold_alike(together, alone)


def test_small_batches_read_the_same_as_large_ones(folders: dict[str, Path]) -> None:
    large, small = (opened(folders["bert"], batch_tokens=size).read(QUESTION, [LONG, *SHORT]) for size in (4096, 1))
    hold_alike(large, small)


def test_a_question_of_any_length_leaves_room_for_the_text(model: SpanModel) -> None:
    text = SHORT[0] * 3
    for question in ("", "?", " \n", "Who built the tower? " * 100, "😀" * 500, "Wer" * 2000):
        windows = model.read(question, [text])
        assert covered(windows) == not_blank(text)
        assert max(len(window.starts) for window in windows) <= 64


def test_no_texts_have_no_windows(model: SpanModel) -> None:
    assert model.read(QUESTION, []) == []


def test_threads_may_share_a_model(folders: dict[str, Path]) -> None:
    model = opened(folders["bert"])
    questions, texts = [QUESTION, QUESTION * 30], [SHORT[0] * 3] * 100
    sizes = [[len(window.starts) for window in model.read(question, texts)] for question in questions]
    with ThreadPoolExecutor(8) as threads:
        answers = [threads.submit(model.read, questions[turn % 2], texts) for turn in range(24)]
    assert [[len(window.starts) for window in answer.result()] for answer in answers] == sizes * 12


# the reader over such a model


def passage(text: str, context: str, start: int = 100) -> Passage:
    return Passage(id=0, document_id="a.txt", heading=(), kind="prose", start=start, text=text, context=context)


def test_answers_stand_in_the_text_of_the_passage_never_in_its_context(folders: dict[str, Path]) -> None:
    reader = SpanReader(str(folders["bert"]), ReaderSettings(max_spans=50))
    long = passage(LONG, "Zoë Fenwick, the tower", start=7)
    short = passage("Lit.", "The keeper " * 60)
    blank = passage("", "Zoë")
    answers = reader.read(QUESTION, [long, short, blank, passage("Zoë paid.", "")])
    assert [bool(spans) for spans in answers] == [True, True, False, True]
    for spans, one in zip(answers, [long, short, blank, passage("Zoë paid.", "")], strict=True):
        assert [span.score for span in spans] == sorted((span.score for span in spans), reverse=True)
        for span in spans:
            assert span.passage == one
            assert one.start <= span.start < span.end <= one.end
            assert span.text == span.text.strip() == one.text[span.start - one.start : span.end - one.start]
        taken = sorted((span.start, span.end) for span in spans)
        assert all(a_end <= b_start for (_, a_end), (b_start, _) in pairwise(taken))
    assert {span.text for span in answers[1]} <= {"Lit", "Lit.", "."}


def test_a_reader_says_what_it_is(folders: dict[str, Path]) -> None:
    reader = SpanReader(str(folders["bert"]))
    assert reader.name == str(folders["bert"])
    assert reader.digest == weights_digest(folders["bert"])
    assert reader.read(QUESTION, []) == []


def test_the_reader_that_ships_finds_a_plain_answer(reader: SpanReader) -> None:
    told = passage("Marrow Point Lighthouse was first lit on 4 May 1871, after six years of building.", "Marrow Point")
    beside = passage("Its keeper lived in a house of granite.", "Marrow Point")
    found, other = reader.read("When was the lighthouse first lit?", [told, beside])
    assert found[0].text == "4 May 1871"
    assert found[0].score > 0
    assert all(span.score < 0 for span in other)
