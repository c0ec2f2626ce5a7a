"""The stages of a recipe one after another, each going on where it was stopped."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from transformers import AutoModelForQuestionAnswering, AutoTokenizer

from embeddings.encode import default_folder
from qa.training.corpora import HardNegatives
from qa.training.data import Example, held_out
from qa.training.export import digest, export
from qa.training.messy import Messy
from qa.training.recipe import Recipe, Stage, of_sets, read_recipe
from qa.training.sets import Row, read
from qa.training.train import train


def run(recipe_file: Path, data: Path | None, work: Path, out: Path) -> None:
    """Train all stages that `work` does not hold finished, and put the last one's weights in `out`."""
    recipe = read_recipe(recipe_file)
    rows = {name: read(name, data, work / "sets") for name in recipe.names()}
    start = default_folder()
    for stage in recipe.stage:
        folder = work / stage.name
        if not (folder / "model.safetensors").exists():
            _stage(stage, recipe, rows, start, folder)
        print(f"stage {stage.name}: {folder}, SHA-256 {digest(folder)}", flush=True)
        start = folder
    out.mkdir(parents=True, exist_ok=True)
    for file in start.iterdir():
        shutil.copy(file, out / file.name)


def _stage(stage: Stage, recipe: Recipe, rows: Mapping[str, Sequence[Row]], start: Path, folder: Path) -> None:
    work = folder.parent
    print(f"stage {stage.name} from {start}", flush=True)
    examples = _examples(stage, recipe, rows, work)
    torch.manual_seed(stage.learning.seed)  # the question-answering head of the first stage is drawn
    tokenizer = AutoTokenizer.from_pretrained(str(start), local_files_only=True)
    model = AutoModelForQuestionAnswering.from_pretrained(
        str(start),
        local_files_only=True,
        dtype=torch.float32,
        attn_implementation=_attention(),
        hidden_dropout_prob=0.0,  # nothing is seen often enough to be learnt by heart, and drawing costs a third
        attention_probs_dropout_prob=0.0,
    )
    checkpoint = work / f"{stage.name}.checkpoint"
    train(model, tokenizer, examples, stage.learning, checkpoint=checkpoint, tell=_tell)
    half = folder.with_suffix(".part")
    export(model, tokenizer, half)
    half.replace(folder)
    checkpoint.unlink(missing_ok=True)


def _attention() -> str:
    """The faster one to learn with: in bf16 on a processor that of plain matrix products, else the fused kernels."""
    return "eager" if torch.cpu.get_capabilities().get("amx_bf16") and not torch.cuda.is_available() else "sdpa"


def _examples(stage: Stage, recipe: Recipe, rows: Mapping[str, Sequence[Row]], work: Path) -> list[Example]:
    def retrieved(chosen: Sequence[Row], seed: int) -> Sequence[Example]:
        corpus = [row for name in stage.mined for row in rows[name] if not held_out(row, recipe.held_out)]
        return HardNegatives(corpus, work / f"paragraphs of {' '.join(stage.mined)}")(chosen, seed)

    examples = of_sets(stage, rows, recipe.held_out, retrieved)
    if stage.messy:
        examples += Messy.open(work / "messy").examples(stage.messy_negatives) * stage.messy
    if stage.templates:
        from qa.training.templates import generate

        examples += generate(stage.templates, stage.learning.seed)
    return examples


def _tell(line: str) -> None:
    print(line, flush=True)
