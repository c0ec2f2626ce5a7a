"""Evaluating on the page: a gold set in; its main figures, its report with plots and the files of `qa evaluate` out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from embeddings.encode import Encoder
from embeddings.errors import BadInput
from qa.answering import Answerer
from qa.gold import GoldSet, read_gold
from qa.web.figures import headline, report_frame
from qa.web.library import Desk
from qa.web.progress import progress
from qa.web.shelf import Models
from qa.web.work import Work
from qa.web.work_tab import Ended, WorkTab

if TYPE_CHECKING:
    from qa import answerer
    from qa.evaluation.figures import Evaluation

MEGABYTES = 20  # of a gold file, unpacked: the development sets of SQuAD have 5
MOST = 1000  # questions asked; the intervals are then about two points to either side
PARAGRAPHS = 2500  # of the file itself, which are indexed first; the larger development set of SQuAD has 2,067

_INTRODUCTION = f"""
<h2>Evaluate against a gold set</h2>
<p>Questions with their right answers: an object with “id”, “question” and “answers” on each line (.jsonl), or SQuAD
(.json, .jsonl), plain or packed (.gz). SQuAD brings its own paragraphs, and these are asked instead of your documents.
</p>
<p class="qa-note">Up to {MEGABYTES}\u00a0MB, unpacked, and {PARAGRAPHS:,} paragraphs. Of more than {MOST:,} questions,
{MOST:,} are drawn, the same ones each time. For more there is <code>qa\u00a0evaluate</code>.</p>
"""
_FILES = ("report.html", "summary.json", "questions.jsonl")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gold:
    """A gold file: its name and what it holds."""

    name: str
    gold: GoldSet


class _Stopped(Exception):
    """Someone asked to stop while paragraphs were indexed."""


class _Stoppable:
    """An encoder that stops when it is asked to, and is else the one it is around."""

    def __init__(self, encoder: Encoder, work: Work[Evaluation]) -> None:
        self.name, self.digest = encoder.name, encoder.digest
        self.dimension, self.window = encoder.dimension, encoder.window
        self.count_tokens = encoder.count_tokens
        self._encoder = encoder
        self._work = work

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of the encoder."""
        if self._work.stopping():
            raise _Stopped
        return self._encoder.encode(texts)


class Evaluating(WorkTab[Gold, "Evaluation"]):
    """Questions with known answers, asked and judged; `models` index the paragraphs of SQuAD (None: not taken)."""

    name = "qa-gold"
    introduction = _INTRODUCTION
    label = "Gold set"
    endings = (".jsonl", ".json", ".gz")
    begins = "Evaluate"
    downloads = ("Download report", "Download summary", "Download questions")

    def __init__(self, desk: Desk, models: Models | None) -> None:
        super().__init__(desk)
        self._models = models

    def read(self, file: Path) -> Gold:
        """The questions of a gold file, and its paragraphs."""
        gold = read_gold(file, max_bytes=MEGABYTES * 1_000_000)
        if len(gold.paragraphs) > PARAGRAPHS:
            raise BadInput(
                f"{file} brings {len(gold.paragraphs):,} paragraphs, and {PARAGRAPHS:,} are indexed here; take a part "
                "of it, or run `qa evaluate` on it"
            )
        if gold.paragraphs and self._models is None:
            raise BadInput(f"{file} brings its own paragraphs, which cannot be indexed here; run `qa evaluate` on it")
        return Gold(name=file.name, gold=gold)

    def holds(self, loaded: Gold) -> str:
        """How many questions, how many of them are asked, and of what."""
        count, paragraphs = len(loaded.gold.questions), len(loaded.gold.paragraphs)
        said = f"{count:,} {'question' if count == 1 else 'questions'}"
        said += f", of which {MOST:,} are drawn" if count > MOST else ""
        return f"{said}, about {paragraphs:,} paragraphs of its own." if paragraphs else f"{said}."

    def prepare(self, loaded: Gold, desk: Desk) -> Work[Evaluation]:
        """Asking them."""
        documents = () if loaded.gold.paragraphs else desk.restricted()
        work = partial(_evaluate, loaded, desk.answerer, documents, self._models)
        return Work(min(MOST, len(loaded.gold.questions)), work)

    def how_far(self, work: Work[Evaluation]) -> str:
        """How many are judged; what comes before and after that has no number."""
        does = "judged"
        if work.done == work.total:
            does = "judged; writing the report"
        elif work.stopping():
            does = "judged; stopping after the question under way, then writing the report"
        return progress(work.done, work.total, None if does != "judged" else work.seconds_left, does=does)

    def ended(self, work: Work[Evaluation]) -> Ended:
        """The figures and the report, also if it was stopped: then of the questions before."""
        evaluation = work.result
        assert evaluation is not None
        done = len(evaluation.judged)
        said = f"{done:,} of {work.total:,} judged{'; stopped.' if done < work.total else '.'}"
        if not done:
            return Ended(said=said)
        files = tuple(work.folder / name for name in _FILES)
        frame = report_frame(files[0].read_text(encoding="utf-8"))
        return Ended(said=said, shown=headline(evaluation, total=work.total) + frame, files=files)


def _evaluate(
    loaded: Gold, asked: Answerer, documents: tuple[str, ...], models: Models | None, work: Work[Evaluation]
) -> Evaluation:
    from qa import evaluate
    from qa.evaluation.figures import Evaluation

    gold = loaded.gold
    if gold.paragraphs:
        assert models is not None
        try:
            asked = _over(gold, models, work)
        except _Stopped:
            return Evaluation(judged=())
    real = cast("answerer.Answerer", asked)  # an evaluation looks deeper into it than the rest of the page
    return evaluate.measure(
        real,
        evaluate.sample(gold.questions, MOST),
        work.folder,
        evaluate.about_run(
            real.index, command="the page", gold=loaded.name, limit=MOST, settings={"threshold": real.threshold}
        ),
        documents=documents,
        progress=work.tell,
        stop=work.stopping,
    )


def _over(gold: GoldSet, models: Models, work: Work[Evaluation]) -> Answerer:
    """An answerer over the paragraphs of a gold set."""
    from embeddings.index import Index

    place = work.folder / "index"
    Index.build(place, gold.paragraphs, encoder=_Stoppable(models.encoder, work))
    return models.answerer({"": place})
