"""`qa calibrate`: the calibration of one's own models, fitted on questions about one's own documents."""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from embeddings.errors import BadInput, UserError
from embeddings.manifest import install
from qa.confidence import Calibration
from qa.gold import GoldQuestion, read_gold
from qa.risk import HELD_OUT, Risk, write_held_out

if TYPE_CHECKING:
    from qa.answerer import Answerer
    from qa.fit import Case
    from qa.settings import Settings

LEAST = 30  # cases with a right candidate, and as many without: fewer say next to nothing of so many weights
FOLDS = 5  # each case is held out once; four fifths are nearly as good to fit on as all
REFUSED = 0.85  # share of the cases without a right candidate that the threshold refuses


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A calibration, the (confidence, right) of each case judged by one that it was held out from, and the case counts.

    `right` of the `cases` have a right candidate.
    """

    calibration: Calibration
    held_out: Sequence[tuple[float, bool]]
    cases: int
    right: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `qa calibrate` beside those that every verb has."""
    parser.add_argument("gold", type=Path, metavar="GOLD", help="questions with answers about the indexed documents")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("calibration.json"),
        metavar="FILE",
        help=f"where the calibration goes, {HELD_OUT} beside it (calibration.json)",
    )


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Fit and write a calibration; returns the exit code. Raises UserError if that cannot be done."""
    _check_fitting()  # before anything is asked, which takes long
    _check_output(args.out)
    gold = read_gold(args.gold)
    if gold.paragraphs:
        raise BadInput(f"{args.gold} brings its own paragraphs; give questions about the documents of the index")
    from qa.assembly import open_answerer

    # what was set for another calibration has no part in this one
    answerer = open_answerer(settings.model_copy(update=dict.fromkeys(("calibration", "max_risk", "threshold"))))
    fitted = calibrate(answerer, gold.questions, progress=_progress(quiet=args.quiet))
    write(fitted, args.out)
    if not args.quiet:
        print(_told(fitted, args.out), file=sys.stderr)
    return 0


def calibrate(
    answerer: Answerer,
    gold: Sequence[GoldQuestion],
    *,
    progress: Callable[[Iterable[Case]], Iterable[Case]] = lambda asked: asked,
) -> Fitted:
    """Ask gold questions, a third of the answerable ones again without their documents, and fit a calibration.

    Raises UserError if SciPy is missing, the index lacks documents of the questions, or too few questions tell.
    """
    _check_fitting()
    from qa.cases import cases
    from qa.fit import RIGHT, cross_fitted_pairs, fit

    known = {entry.id for entry in answerer.index.documents}
    missing = sorted({id for question in gold for id in question.documents} - known)
    if missing:
        raise BadInput(
            f"the questions are about documents that the index does not hold ({len(missing)}, first {missing[0]}); "
            "index them with `qa index PATH`, or name their index with --index"
        )
    found = list(progress(cases(answerer, gold, ())))
    right = sum(bool((case.f1 >= RIGHT).any()) for case in found)
    if min(right, len(found) - right) < LEAST:
        raise UserError(
            f"too few questions to fit on: of {len(found)} asked, {right} have a right candidate; {LEAST} with and "
            f"{LEAST} without are needed. Add questions to the gold file, unanswerable ones too."
        )
    built = answerer.index.manifest
    return Fitted(
        calibration=fit(
            found,
            reader=answerer.reader.digest,
            encoder=built.encoder.digest,
            split={name: int(value) for name, value in built.split.items()},
            refused=REFUSED,
        ),
        held_out=cross_fitted_pairs(found, FOLDS),
        cases=len(found),
        right=right,
    )


def write(fitted: Fitted, file: Path) -> None:
    """Put the held-out pairs beside the calibration, then that in its place, each of them whole."""
    try:
        write_held_out(file.parent, fitted.held_out)
        temporary = file.with_name(f"{file.name}.tmp")
        temporary.write_text(json.dumps(asdict(fitted.calibration), indent=1) + "\n", encoding="utf-8")
        install(temporary, file)
    except OSError as error:
        raise UserError(f"{file} cannot be written ({error.strerror}); choose another --out") from error


def _check_fitting() -> None:
    if importlib.util.find_spec("scipy") is None:
        raise UserError(
            "fitting needs SciPy, which is not installed; run `pip install scipy`, or install this package with its "
            "extra: chapter-and-verse[train]"
        )


def _check_output(file: Path) -> None:
    """Raises UserError where the pairs of one calibration would come to lie beside another."""
    if not file.parent.is_dir() or file.is_dir() or file.name == HELD_OUT:
        raise UserError(f"{file} cannot be written: its folder must be there, and it be a file; choose another --out")
    if file.with_name(HELD_OUT).exists() and not file.exists():
        raise UserError(
            f"{file.with_name(HELD_OUT)} belongs to another calibration; choose a folder of its own with --out"
        )


def _told(fitted: Fitted, file: Path) -> str:
    lowest = Risk(pairs=tuple(fitted.held_out)).lowest()
    risks = (
        "they are too few to keep to any risk" if lowest is None else f"--max-risk from {lowest:g} on can be kept to"
    )
    return (
        f"{file}: fitted on {fitted.cases:,} questions, {fitted.right:,} of them with the right answer among the "
        f"candidates. An answer is shown from {fitted.calibration.threshold:g} on; {risks}.\n"
        f'Use it with --calibration {file}, or with calibration = "{file}" in qa.toml.'
    )


def _progress(*, quiet: bool) -> Callable[[Iterable[Case]], Iterable[Case]]:
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    disabled = quiet or not console.is_terminal
    return lambda asked: track(asked, description="Asking", console=console, disable=disabled, transient=True)
