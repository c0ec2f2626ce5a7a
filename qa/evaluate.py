"""`qa evaluate`: every question of a gold file through the same engine, scored, with where each miss was lost."""

from __future__ import annotations

import argparse
import hashlib
import math
import shlex
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embeddings.document import Document
from embeddings.errors import UserError
from qa.chat import Question
from qa.evaluation.figures import Evaluation
from qa.evaluation.judge import Judged, judge
from qa.evaluation.lost import Located, Piece, Texts
from qa.evaluation.report import print_tables, summary, write_report
from qa.gold import Evidence, GoldQuestion, GoldSet, locate, read_gold
from qa.originals import files_of, original_text
from qa.render import json_line
from qa.version import commit, version

if TYPE_CHECKING:
    from embeddings.index import Index
    from qa.answerer import Answerer
    from qa.settings import Settings

HITS = 20  # how deep retrieval is looked at: recall@20 is the deepest figure


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `qa evaluate` beside those that every verb that reads has."""
    parser.add_argument("gold", type=Path, metavar="GOLD", help="questions with answers: JSON lines, or SQuAD JSON")
    parser.add_argument("--report", type=Path, metavar="DIR", help="write summary.json, questions.jsonl, report.html")
    parser.add_argument("--json", action="store_true", help="print the summary as one line of JSON")
    parser.add_argument("--no-times", action="store_true", help="keep no seconds: the same run gives the same bytes")
    parser.add_argument(
        "--limit", type=_positive, metavar="N", help="ask only N of the questions, the same ones each time"
    )


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Evaluate as the arguments say; returns the exit code, 1 if evidence of the gold file was not found.

    A gold file that brings its own paragraphs is asked of an index of these alone: at `--index`, built there if there
    is none, else in a temporary folder. Raises UserError for a gold file, index or folder that cannot be used.
    """
    from qa.assembly import open_answerer

    gold = read_gold(args.gold)
    questions = sample(gold.questions, args.limit)
    if args.report is not None:
        _make_folder(args.report)
    quiet = bool(getattr(args, "quiet", False))
    with _index_of(gold, getattr(args, "index", None), settings, quiet=quiet) as chosen:
        answerer = open_answerer(chosen)
        kept = {name: value for name, value in chosen.model_dump(mode="json").items() if name not in ("index", "token")}
        about = about_run(
            answerer.index,
            command=shlex.join(["qa", *sys.argv[1:]]),
            gold=str(args.gold),
            limit=args.limit,
            settings=kept,
        )
        with asking(len(questions), quiet=quiet) as progress:
            evaluation = measure(
                answerer,
                questions,
                args.report,
                about,
                documents=tuple(getattr(args, "document", ())),
                timed=not args.no_times,
                progress=progress,
            )
    return conclude(evaluation, about, as_json=args.json, quiet=quiet)


def measure(
    answerer: Answerer,
    questions: Sequence[GoldQuestion],
    folder: Path | None,
    about: Mapping[str, Any],
    *,
    documents: tuple[str, ...] = (),
    timed: bool = True,
    progress: Callable[[int], None] = lambda done: None,
    stop: Callable[[], bool] = lambda: False,
) -> Evaluation:
    """Evaluate (see `evaluate`) and write the report into `folder`, unless there is none or nothing was asked."""
    originals = original_files(answerer.index, questions)
    evaluation = evaluate(
        answerer, questions, originals, documents=documents, timed=timed, progress=progress, stop=stop
    )
    if folder is not None and evaluation.judged:
        write_report(folder, evaluation, about)
    return evaluation


def conclude(evaluation: Evaluation, about: Mapping[str, Any], *, as_json: bool, quiet: bool) -> int:
    """Print the tables (stderr) and the summary (stdout), and give the exit code."""
    if not quiet:
        print_tables(evaluation)
    if as_json:
        print(json_line(summary(evaluation, about)))
    return 1 if _report_missing(evaluation) else 0


def sample(questions: Sequence[GoldQuestion], limit: int | None) -> list[GoldQuestion]:
    """At most `limit` questions in their order, the same ones each time; all of them without a limit.

    They are drawn by the hash of their ids: gold files often repeat a pattern, which every n-th question would follow.
    """
    drawn = sorted(questions, key=lambda one: hashlib.sha256(one.id.encode()).digest())[:limit]
    ids = {one.id for one in drawn}
    return [one for one in questions if one.id in ids]


def evaluate(
    answerer: Answerer,
    questions: Sequence[GoldQuestion],
    originals: Mapping[str, Path],
    *,
    documents: tuple[str, ...] = (),
    timed: bool = True,
    progress: Callable[[int], None] = lambda done: None,
    stop: Callable[[], bool] = lambda: False,
) -> Evaluation:
    """Ask every question by itself, so that its time is that which a person waits, and judge the reply.

    `originals` are the files of documents, by id; `documents` globs that questions are restricted to (none: all). A
    follow-up that gold has in full is asked in full too. All but the times is the same each time. `progress` is told
    how many are judged; between questions `stop` may say that it is enough: then the evaluation is of those.
    """
    allowed = answerer.index.matching(documents) if documents else None
    known = {entry.id for entry in answerer.index.documents}
    texts = Texts(document=lru_cache(maxsize=256)(answerer.index.document), passages_of=answerer.index.passages_of)
    original = lru_cache(maxsize=256)(lambda id: original_text(texts.document(id), originals.get(id)))

    def located(evidence: Sequence[Evidence]) -> Located:
        pieces = [
            Piece(
                document=one.document,
                stretches=locate(one, texts.document(one.document), original(one.document))
                if one.document in known
                else (),
            )
            for one in evidence
        ]
        return Located(
            pieces=tuple(piece for piece in pieces if piece.stretches),
            missing=tuple(one for one, piece in zip(evidence, pieces, strict=True) if not piece.stretches),
        )

    judged: list[Judged] = []
    for one in questions:
        if stop():
            break
        question = Question(id=one.id, text=one.question, history=one.history, documents=documents)
        started = time.perf_counter()
        (reply,) = answerer.ask_many([question])
        seconds = time.perf_counter() - started if timed else math.nan
        full = Question(id=one.id, text=one.full, documents=documents)
        asked = reply.asked.strip()
        judged.append(
            judge(
                one,
                reply,
                answerer.retriever.retrieve(asked, k=HITS, documents=allowed) if asked else [],
                located(one.evidence),
                texts,
                read=answerer.worth_reading(asked, allowed) if asked else [],
                in_full=answerer.ask_many([full])[0] if one.full else None,
                seconds=seconds,
            )
        )
        progress(len(judged))
    return Evaluation(judged=tuple(judged))


def original_files(index: Index, questions: Iterable[GoldQuestion]) -> dict[str, Path]:
    """Where the files of the sources lie that hold a document with evidence, by document id."""
    return files_of(index, {evidence.document for question in questions for evidence in question.evidence})


@contextmanager
def _index_of(gold: GoldSet, folder: Path | None, settings: Settings, *, quiet: bool) -> Iterator[Settings]:
    """The settings with the index that the questions are about."""
    if not gold.paragraphs:
        yield settings
        return
    with tempfile.TemporaryDirectory(prefix="qa-evaluate-") as temporary:
        place = folder or Path(temporary) / "index"
        _build(place, gold.paragraphs, settings, quiet=quiet)
        yield settings.model_copy(update={"index": place})


def _build(place: Path, paragraphs: Sequence[Document], settings: Settings, *, quiet: bool) -> None:
    from embeddings.index import Index
    from qa.assembly import open_encoder

    if (place / "manifest.json").exists():
        held = {entry.id: entry.sha256 for entry in Index.open(place).documents}
        if held != {paragraph.id: paragraph.sha256 for paragraph in paragraphs}:
            raise UserError(
                f"{place}: the index does not hold exactly the paragraphs of the gold file; name an empty folder with "
                "--index, or leave it out to use a temporary one"
            )
        return
    if not quiet:
        print(f"Indexing the {len(paragraphs):,} paragraphs of the gold file", file=sys.stderr)
    Index.build(place, paragraphs, encoder=open_encoder(settings))


@contextmanager
def asking(total: int, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Gives what `progress` may be: a bar on stderr, if that is a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, disable=quiet or not console.is_terminal) as bar:
        task = bar.add_task("Asking", total=total)
        yield lambda done: bar.update(task, completed=done)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{folder}: the report cannot be written there ({error.strerror}); choose another") from error


def about_run(index: Index, **given: Any) -> dict[str, Any]:
    """What an evaluation is of: what was `given`, the index that was asked, and the version that asked it."""
    return {
        **given,
        "index": index.digest,
        "documents": len(list(index.documents)),
        "encoder": index.manifest.encoder.name,
        "encoder_digest": index.manifest.encoder.digest,
        "version": version(),
        "commit": commit(),
    }


def _report_missing(evaluation: Evaluation) -> int:
    missing = [(one.gold.id, evidence.document) for one in evaluation.judged for evidence in one.located.missing]
    for question, document in missing:
        print(f"{question}: evidence not found in {document}", file=sys.stderr)
    if missing:
        print(
            f"{len(missing)} pieces of evidence were not found; correct the gold file, or index its documents "
            "(--report DIR or --json gives their words)",
            file=sys.stderr,
        )
    return len(missing)
