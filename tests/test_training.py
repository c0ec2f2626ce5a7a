"""The training recipe: what a stage learns from, and that a stopped run ends where an unbroken one does."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.errors import BadInput
from qa.fit import best_null_margin
from qa.training.data import edited, held_out, over_another, positive, swapped, without_sentence
from qa.training.recipe import of_sets, read_recipe
from qa.training.sets import Row
from tests.checkpoints import save_bert

SHIPPED = Path(__file__).parents[1] / "qa" / "training" / "recipe.toml"
TEXT = "The ferry was built in 1931. It burned at Kelso Quay in 1954. Ada Brandt paid for a new one."
TITLED = "Kelso ferry\n"


def row(question: str, answer: str = "", *, title: str = "Kelso_ferry", text: str = TEXT, name: str = "1") -> Row:
    answers = ((text.index(answer), text.index(answer) + len(answer)),) if answer else ()
    return Row(set="made", id=name, title=title, context=text, question=question, answers=answers)


@given(st.integers(0, 1000))
def test_a_positive_keeps_its_answer_with_or_without_the_title(seed: int) -> None:
    example = positive(row("Who paid?", "Ada Brandt"), random.Random(seed))
    assert example.text in (TEXT, TITLED + TEXT)
    assert example.begin == len(example.text) - len(TEXT)
    assert [example.text[start:end] for start, end in example.spans] == ["Ada Brandt"]


def test_a_paragraph_without_the_answers_sentence_answers_nothing() -> None:
    example = without_sentence(row("Who paid?", "Ada Brandt"), random.Random(1))
    assert example is not None
    assert example.text[example.begin :] == "The ferry was built in 1931. It burned at Kelso Quay in 1954."
    assert example.spans == ()
    short = "Ada Brandt paid. Nobody knows when."
    assert without_sentence(row("Who paid?", "Ada Brandt", text=short), random.Random(1)) is None


def test_another_paragraph_never_holds_an_answer() -> None:
    asked = row("Who paid?", "Ada Brandt")
    example = over_another(asked, [TEXT, "Ada Brandt was a brewer.", "The quay is closed."], random.Random(1))
    assert example is not None
    assert (example.text[example.begin :], example.spans) == ("The quay is closed.", ())
    assert over_another(asked, [TEXT, "Ada Brandt was a brewer."], random.Random(1)) is None


@pytest.mark.parametrize(
    ("question", "changed"),
    [
        ("What burned at Kelso Quay?", {"What burned at Port Ellen?"}),
        ("What was built first?", {"What was built last?"}),
        ("How was it paid for?", set()),
    ],
)
def test_an_edited_question_asks_something_else(question: str, changed: set[str]) -> None:
    found = {edited(row(question, "ferry"), ["Port Ellen"], random.Random(seed)) for seed in range(9)}
    assert {example.question for example in found if example} == changed
    assert all(example.spans == () for example in found if example)


def test_a_swapped_question_is_about_a_name_of_another_sentence() -> None:
    text = "The crew of Kelso Quay rowed to Port Ellen. Later Tomas Rill kept the lamp. The mayor of Kelso Quay paid."
    asked = row("Who paid at Kelso Quay?", "The mayor", text=text)
    found = {swapped(asked, random.Random(seed)) for seed in range(9)}
    assert {example.question for example in found if example} == {"Who paid at Port Ellen?", "Who paid at Tomas Rill?"}
    assert all(example.text[example.begin :] == text and example.spans == () for example in found if example)
    assert swapped(row("Who paid?", "Ada Brandt"), random.Random(1)) is None  # it names nothing of the text


def test_an_edited_year_is_one_that_the_text_lacks() -> None:
    questions = [edited(row("What burned in 1954?", "ferry"), [], random.Random(seed)) for seed in range(40)]
    years = [int(example.question[-5:-1]) for example in questions if example]
    assert len(years) > 20
    assert not {1954, 1931} & set(years)


def test_about_one_title_in_twenty_is_kept_from_training_with_all_its_questions() -> None:
    titles = [f"Title {i}" for i in range(2000)]
    kept = [title for title in titles if held_out(row("Who?", title=title), 20)]
    assert 70 <= len(kept) <= 130
    assert all(held_out(row("When?", title=title, text="Other."), 20) for title in kept)


def test_the_recipe_that_ships_is_read() -> None:
    recipe = read_recipe(SHIPPED)
    assert [stage.name for stage in recipe.stage] == ["breadth", "crowd", "product", "together"]
    assert "adversarial" in recipe.names()
    assert all(0 < share <= 1 for stage in recipe.stage for share in stage.sets.values())


def test_a_recipe_with_a_key_that_means_nothing_is_refused_by_name(tmp_path: Path) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    (tmp_path / "recipe.toml").write_text(text.replace("crop = true", "crops = true"), encoding="utf-8")
    with pytest.raises(BadInput, match="crops"):
        read_recipe(tmp_path / "recipe.toml")


def test_a_stage_draws_its_shares_and_makes_the_negatives_that_it_names(tmp_path: Path) -> None:
    recipe = read_recipe(SHIPPED)
    stage = recipe.stage[1]
    rows = {
        name: [row("Who paid?", "Ada Brandt", title=f"{name} {i}", name=f"{name}{i:03}") for i in range(100)]
        for name in stage.sets
    }
    handed: list[int] = []
    examples = of_sets(stage, rows, 20, lambda chosen, seed: handed.append(len(chosen)) or [])
    open_to = {name: [one for one in found if not held_out(one, 20)] for name, found in rows.items()}
    drawn = sum(round(len(open_to[name]) * share) for name, share in stage.sets.items())
    assert Counter(bool(example.spans) for example in examples)[True] == drawn
    assert handed == [round(drawn * stage.negatives["retrieved"])]
    removed = [one for one in examples if not one.spans]
    assert len(removed) == round(drawn * stage.negatives["removed"])  # nothing to edit, and nowhere else to ask
    assert examples == of_sets(stage, rows, 20, lambda chosen, seed: [])


@given(st.lists(st.tuples(st.integers(-5, 5), st.sampled_from([-1.0, 0.0, 0.5, 1.0])), min_size=1, max_size=12))
def test_the_best_margin_is_that_of_trying_them_all(pairs: list[tuple[int, float]]) -> None:
    margins, gains = (np.array(column, dtype=float) for column in zip(*pairs, strict=True))
    best = best_null_margin(margins, gains)
    tried = [margin - 0.5 for margin in range(-5, 8)]
    assert gains[margins >= best].sum() == max(gains[margins >= one].sum() for one in tried)


def test_a_run_that_was_stopped_ends_with_the_same_weights(tmp_path: Path) -> None:
    import torch
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    from qa.training.train import TrainSettings, train

    folder = save_bert(tmp_path / "tiny")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    examples = [positive(row(q, a), random.Random(i)) for i in range(20) for q, a in ASKED]
    settings = TrainSettings(learning_rate=(1e-2, 0.0), window_tokens=60, batch_tokens=240, keep_every=7)

    def trained(checkpoint: str, stop_after: int | None = None) -> dict[str, torch.Tensor]:
        model = AutoModelForQuestionAnswering.from_pretrained(folder)

        def tell(line: str) -> None:
            if stop_after and line.startswith(f"step {stop_after}/"):
                raise KeyboardInterrupt

        try:
            train(model, tokenizer, examples, settings, checkpoint=tmp_path / checkpoint, tell=tell, every=10)
        except KeyboardInterrupt:
            assert stop_after
        return {name: value.clone() for name, value in model.state_dict().items()}

    whole = trained("one")
    stopped = trained("two", stop_after=10)
    assert any(not torch.equal(whole[name], stopped[name]) for name in whole)
    resumed = trained("two")
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)


ASKED = (("Who paid?", "Ada Brandt"), ("When was it built?", "1931"), ("Where did it burn?", "Kelso Quay"))
