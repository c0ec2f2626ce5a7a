"""What is asked to fit the calibration: questions that training never saw, answerable and not."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from embeddings.encode import SentenceEncoder
from embeddings.index import Index
from embeddings.passage import Passage
from qa.answerer import Answerer
from qa.cases import cases
from qa.confidence import Calibration, Evidence, from_log_odds, log_odds
from qa.fit import NAMES, Case, best_null_margin, cross_fitted_pairs, fit
from qa.gold import GoldQuestion
from qa.metrics import best_of, f1
from qa.reader.span_reader import SpanReader
from qa.retrieve import Retriever
from qa.risk import write_held_out
from qa.training.corpora import paragraph_id, paragraphs
from qa.training.data import held_out
from qa.training.messy import Messy
from qa.training.recipe import Calibrating, Recipe, read_recipe
from qa.training.sets import Row, read

FOLDS = 5  # so many times a part is judged by what was fitted on the others

# Before there is a calibration, candidates are ranked by the span's margin alone.
_ONLY_MARGIN = Calibration(
    weights=asdict(Evidence(**dict.fromkeys(NAMES, 0.0))) | {"margin": 1.0},
    means=dict.fromkeys(NAMES, 0.0),
    scales=dict.fromkeys(NAMES, 1.0),
    intercept=0.0,
    threshold=0.5,
    reader="",
    encoder="",
    split={},
    null_margin=0.0,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What a reader made of held-out questions: over the messy documents, and over the paragraphs of the sets."""

    reader: SpanReader
    index: Index
    encoder: SentenceEncoder
    own: list[Case]
    others: list[Case]
    null_margin: float


def calibrate(recipe_file: Path, data: Path | None, work: Path, weights: Path) -> Calibration:
    """Ask held-out questions with the reader in `weights`, and put the calibration that fits beside it."""
    recipe = read_recipe(recipe_file)
    return write(gather(recipe, data, work, weights), recipe.calibrating, weights)


def gather(recipe: Recipe, data: Path | None, work: Path, weights: Path) -> Gathered:
    """Ask the held-out questions of the recipe."""
    plan, seed = recipe.calibrating, recipe.seed
    rows = [row for name in plan.sets for row in read(name, data, work / "sets") if held_out(row, recipe.held_out)]
    strangers = [
        row.question
        for name in plan.strangers
        for row in _drawn(read(name, data, work / "sets"), plan.strangers_of_each, seed)
    ]
    reader = SpanReader(str(weights))
    messy = Messy.open(work / "messy")
    index = Index.build(work / "held_out", list(paragraphs(rows)), encoder=messy.encoder)
    asked = [_gold(row) for row in _drawn(rows, plan.questions, seed)]
    return Gathered(
        reader=reader,
        index=messy.index,
        encoder=messy.encoder,
        own=list(cases(_answerer(messy.index, messy.encoder, reader), messy.held_out, strangers)),
        others=list(cases(_answerer(index, messy.encoder, reader), asked, ())),
        null_margin=null_margin(reader, rows, plan.margins, seed),
    )


def write(found: Gathered, plan: Calibrating, weights: Path) -> Calibration:
    """Fit the calibration that belongs to the reader, and put it and the held-out pairs beside its weights.

    How many of the held-out questions get a right best candidate is a matter of how they were drawn. The confidences
    are those of questions of which a share `plan.right` does (Saerens et al. 2002).
    """
    calibration = fit(
        found.own * plan.messy + found.others,
        reader=found.reader.digest,
        encoder=found.encoder.digest,
        split={name: int(value) for name, value in found.index.manifest.split.items()},
        refused=plan.refused,
        null_margin=found.null_margin,
    )
    pairs = cross_fitted_pairs(found.own + found.others, FOLDS)
    by = log_odds(plan.right) - log_odds(sum(right for _, right in pairs) / len(pairs))
    calibration = calibration.shifted(by)
    (weights / "calibration.json").write_text(json.dumps(asdict(calibration), indent=1) + "\n", encoding="utf-8")
    write_held_out(weights, [(from_log_odds(log_odds(confidence) + by), right) for confidence, right in pairs])
    print(f"{len(pairs)} cases, threshold {calibration.threshold}, null margin {calibration.null_margin:.2f}")
    return calibration


def null_margin(reader: SpanReader, rows: Sequence[Row], count: int, seed: int) -> float:
    """The margin from which on the answer of one paragraph, read alone, is to be believed, by F1 on held-out rows.

    As many rows with an answer as without.
    """
    chance = random.Random(seed)  # noqa: S311 - a reproducible draw, nothing secret
    margins, gains = [], []
    for has in (True, False):
        apart = sorted((row for row in rows if bool(row.answers) == has), key=lambda row: row.id)
        for row in chance.sample(apart, min(count // 2, len(apart))):
            spans = reader.read(row.question, [_whole(row)])[0]
            text = spans[0].text if spans else ""
            margins.append(spans[0].score if spans else -99.0)
            gains.append(best_of(f1, text, _texts(row)) if has else -1.0)  # shown wrongly: the refusal's point is lost
    return best_null_margin(np.array(margins), np.array(gains))


def _whole(row: Row) -> Passage:
    return Passage(id=-1, document_id=row.id, heading=(), kind="prose", start=0, text=row.context, context="")


def _texts(row: Row) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.context[start:end] for start, end in row.answers))


def _gold(row: Row) -> GoldQuestion:
    return GoldQuestion(id=row.id, question=row.question, answers=_texts(row), documents=(paragraph_id(row),))


def _answerer(index: Index, encoder: SentenceEncoder, reader: SpanReader) -> Answerer:
    return Answerer(retriever=Retriever(index, encoder), reader=reader, calibration=_ONLY_MARGIN)


def _drawn(rows: Sequence[Row], count: int, seed: int) -> list[Row]:
    chance = random.Random(seed)  # noqa: S311 - a reproducible draw, nothing secret
    return chance.sample(sorted(rows, key=lambda row: row.id), min(count, len(rows)))
