"""recipe.toml as values: the stages, and what each of them learns from."""

from __future__ import annotations

import random
import tomllib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from embeddings.errors import BadInput
from qa.training.data import Example, edited, held_out, names_of, over_another, positive, swapped, without_sentence
from qa.training.sets import Row
from qa.training.train import TrainSettings

Retrieved = Callable[[Sequence[Row], int], Sequence[Example]]  # a wrong passage for each of some rows, by a seed
_STRICT = ConfigDict(extra="forbid")
Negative = Literal["other", "retrieved", "removed", "edited", "swapped"]


@dataclass(config=_STRICT, frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage: how it learns, the share of each set, the unanswerable made beside, and the product's own text.

    Wrong passages are retrieved from the paragraphs of the sets that `mined` names.
    `messy` is how often the questions over made-up documents are seen, `templates` how many examples are generated.
    """

    name: str
    learning: TrainSettings
    sets: Mapping[str, float]
    negatives: Mapping[Negative, float] = field(default_factory=dict)
    mined: tuple[str, ...] = ()
    messy: int = 0
    messy_negatives: int = 0
    templates: int = 0


@dataclass(config=_STRICT, frozen=True, slots=True, kw_only=True)
class Calibrating:
    """What the calibration is fitted on: so many held-out questions of some sets, and the share it then refuses.

    `messy` is how often the held-out questions over made-up documents count, `strangers_of_each` how many questions of
    each set of `strangers` are asked of documents that have nothing to do with them, and `margins` how many questions
    the threshold on the null margin alone is fitted on. `right` is the share of questions with a right best candidate
    that confidences are true to.
    """

    messy: int
    questions: int
    sets: tuple[str, ...]
    strangers: tuple[str, ...]
    strangers_of_each: int
    refused: float
    right: float
    margins: int


@dataclass(config=_STRICT, frozen=True, slots=True, kw_only=True)
class Recipe:
    """All stages in order; one title in `held_out` is kept from them, and the calibration is fitted on these."""

    seed: int
    held_out: int
    stage: tuple[Stage, ...]
    calibrating: Calibrating

    def names(self) -> list[str]:
        """The sets that any stage draws from, or retrieves wrong passages from."""
        return sorted({name for stage in self.stage for name in (*stage.sets, *stage.mined)})


def read_recipe(path: Path) -> Recipe:
    """The recipe in a TOML file. Raises BadInput, naming the key, where one is missing or means nothing."""
    try:
        return TypeAdapter(Recipe).validate_python(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise BadInput(f"{path}: {error}") from error


def of_sets(stage: Stage, rows: Mapping[str, Sequence[Row]], one_in: int, retrieved: Retrieved) -> list[Example]:
    """The examples that a stage draws from the sets, and those without an answer that are made of them."""
    chance = random.Random(stage.learning.seed)  # noqa: S311 - a reproducible draw, nothing secret
    drawn: list[Row] = []
    for name in sorted(stage.sets):
        open_to = sorted((row for row in rows[name] if not held_out(row, one_in)), key=lambda row: row.id)
        drawn += chance.sample(open_to, round(len(open_to) * stage.sets[name]))
    examples = [positive(row, chance) for row in drawn]
    answerable = [row for row in drawn if row.answers]
    contexts: dict[str, list[str]] = defaultdict(list)
    for row in drawn:
        contexts[row.set].append(row.context)
    names = names_of(drawn)
    makers: dict[str, Callable[[Row], Example | None]] = {
        "other": lambda row: over_another(row, contexts[row.set], chance),
        "removed": lambda row: without_sentence(row, chance),
        "edited": lambda row: edited(row, names, chance),
        "swapped": lambda row: swapped(row, chance),
    }
    for kind, share in sorted(stage.negatives.items()):
        chosen = chance.sample(answerable, round(len(answerable) * share))
        if kind == "retrieved":
            examples += retrieved(chosen, stage.learning.seed)
        else:
            examples += [example for row in chosen if (example := makers[kind](row))]
    return examples
