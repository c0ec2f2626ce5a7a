import random
import re

import pytest

from qa.training.data import Example
from qa.training.templates import _SLOT, KINDS, _scenes, _Writer, generate

# what the sample documents are about, in the spellings they use
DISTINCTIVE = """
mali malian sahel jihad jihadist jihadists mnla mujao mojwa ansar dine aqim ghali ghaly belmokhtar belmoktar gao konna
koulikoro sévaré sevare léré lere aguelhoc aguelhok kidal timbuktu bamako ndjamena koufa kouffa mopti azawad tuareg
tuaregs serval barkhane macina mulathameen mulathamen abou zeid okacha okasha droukdel ouagadougou niger burkina chad
chadian burkinabe ifoghas diabaly tessalit algeria islamist islamists al-qaeda
"""


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    return list(generate(1000, seed=5))


def test_as_many_as_asked_and_no_text_twice(examples):
    assert len(examples) == 1000
    assert len({example.text for example in examples}) == 1000


def test_the_same_seed_gives_the_same_examples(examples):
    assert list(generate(60, seed=5)) == examples[:60]
    assert list(generate(60, seed=6)) != examples[:60]


def test_about_a_third_cannot_be_answered(examples):
    assert 0.30 < sum(not example.spans for example in examples) / len(examples) < 0.40


def test_every_kind_has_both(examples):
    for place in range(len(KINDS)):
        share = sum(not example.spans for example in examples[place :: len(KINDS)]) / (len(examples) / len(KINDS))
        assert 0.2 < share < 0.5, KINDS[place]


def test_answers_are_whole_words_after_the_context(examples):
    for example in examples:
        assert example.text[: example.begin].strip() and example.text[example.begin - 1] == "\n"
        for start, end in example.spans:
            answer = example.text[start:end]
            assert example.begin <= start < end <= len(example.text)
            assert answer == answer.strip(" ,;:\n") != ""
            assert not re.match(r"\w\w", example.text[start - 1 : start + 1]) or start == example.begin, answer
            assert not re.match(r"\w\w", example.text[end - 1 : end + 1]), answer


def test_no_trace_of_the_frames_is_left(examples):
    for example in examples:
        assert not re.search(r"[{}|#=‹›\ue000-\ue002]|  |\(\)|\.\.|\ban? an?\b", example.text + example.question)
        assert example.question == example.question.strip() != ""


READ_BACK = {
    "height": "tall|high|height",
    "weight": "heavy|weigh",
    "pages": "long|pages",
    "version": "version",
    "publisher": "publish|brought out",
    "license": "licen[cs]e",
    "size": "big|large|space",
}


def test_an_answer_is_what_the_line_says(examples):
    """Read back, on fact lines whose label tells what was asked."""
    fitting = []
    for example in examples:
        label, _, value = example.text[example.begin :].partition(": ")
        asked = READ_BACK.get(label.lower())
        if asked and example.spans and "\n" not in value:
            assert [value.startswith(example.text[start:end]) for start, end in example.spans] == [True]
            fitting.append(re.search(asked, example.question, re.IGNORECASE) is not None)
    assert len(fitting) > 5
    assert sum(fitting) >= 0.8 * len(fitting)  # some questions have typing errors


def test_nothing_of_the_sample_documents(examples):
    for example in examples:
        words = set(re.findall(r"[\w-]+", f"{example.question} {example.text}".lower()))
        assert not words & set(DISTINCTIVE.split())


def test_every_slot_has_a_value():
    for scene in (scene for kind in KINDS for scene in _scenes()[kind]):
        groups = [scene.title, scene.heading, scene.intro, scene.misses, *scene.asks.values(), *scene.says]
        writer = _Writer(scene, random.Random(1))
        for frame in (frame for group in groups for frame in group):
            for name, form, numbers in _SLOT.findall(frame):
                assert writer._value(name, numbers)[form]


def test_questions_name_only_what_the_scene_names():
    for scene in (scene for kind in KINDS for scene in _scenes()[kind]):
        asked = {name for frames in scene.asks.values() for frame in frames for name, _, _ in _SLOT.findall(frame)}
        assert asked <= set(scene.names), scene.title


def test_there_are_many_frames():
    scenes = [scene for kind in KINDS for scene in _scenes()[kind]]
    assert sum(len(frames) for scene in scenes for frames in scene.asks.values()) > 500
    assert sum(len(group) for scene in scenes for group in scene.says) > 300


@pytest.mark.parametrize("kind", KINDS)
def test_every_answer_asked_for_can_be_given(kind):
    for scene in _scenes()[kind]:
        marked = set(re.findall(r"\[(\w+)=", " ".join(frame for group in scene.says for frame in group)))
        patterns = {key.rstrip("*") for key in scene.asks} - {"all"}
        assert {key for key in patterns if not any(mark.startswith(key) for mark in marked)} <= {
            f"{mark.rstrip('0123456789')}{i}" for mark in marked for i in range(1, 7)
        }, scene.title
