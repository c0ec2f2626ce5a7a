"""The verbs of the command line. Each takes its arguments and the settings and returns the exit code.

What a verb needs is imported in it, so that `qa --help` is there at once. All raise UserError.
"""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import nullcontext
from dataclasses import replace

from embeddings.errors import BadInput
from qa.bars import progress, stages
from qa.index_arguments import changed, indexed
from qa.settings import Settings
from qa.version import version

DONE, FAILED = 0, 1


def index(args: argparse.Namespace, settings: Settings) -> int:
    """Bring the index in step with its sources and report; 1 if a file could not be read. Or show what it is."""
    if args.info:
        return _info(args, settings)
    from embeddings.load import Limits
    from embeddings.sync import sync
    from qa import index_report, render

    folder = changed(args, settings)
    sources = indexed(args, folder)
    from qa.assembly import open_encoder  # loads the model, so only once there is something to encode

    with stages(quiet=args.quiet) as show:
        report = sync(
            folder,
            sources,
            encoder=open_encoder(settings),
            limits=Limits(max_bytes=settings.max_file_megabytes * 1_000_000),
            rebuild=args.rebuild,
            progress=lambda done, total, name: show("Indexing", done, total),
            building=show,
        )
    sys.stderr.write(index_report.failures(report) if args.quiet else index_report.to_text(report))
    if args.json:
        print(render.json_line(index_report.to_dict(report)))
    return FAILED if report.failed else DONE


def _info(args: argparse.Namespace, settings: Settings) -> int:
    from embeddings.manifest import read_manifest
    from qa import index_info, render

    if args.paths or args.sample or args.rebuild:
        raise BadInput("--info shows the index as it is and changes nothing; leave out what is to be indexed")
    manifest = read_manifest(changed(args, settings))
    print(render.json_line(index_info.to_dict(manifest)) if args.json else index_info.to_text(manifest).rstrip("\n"))
    return DONE


def documents(args: argparse.Namespace, settings: Settings) -> int:
    """List the documents."""
    from embeddings.index import Index
    from qa import render
    from qa.collections import searched

    index = Index.open_together(searched(settings))
    allowed = index.matching(args.document) if args.document else {entry.id for entry in index.documents}
    entries = [entry for entry in index.documents if entry.id in allowed]
    if args.json:
        rows = [
            {name: getattr(entry, name) for name in ("id", "title", "sha256", "source", "passages", "characters")}
            | {"collection": index.place_of(entry.id)[0]}
            for entry in entries
        ]
        print(render.json_line({"index": index.digest, "documents": rows}))
        return DONE
    width = max((len(entry.id) for entry in entries), default=0)
    for entry in entries:
        print(f"{entry.id:<{width}}  {entry.passages:>6,} passages  {entry.characters:>9,} characters  {entry.title}")
    return DONE


def show(args: argparse.Namespace, settings: Settings) -> int:
    """Print a document's text and nothing else; offsets of citations count in it."""
    from embeddings.index import Index
    from qa.collections import searched

    sys.stdout.write(Index.open_together(searched(settings)).document(args.id).text)
    return DONE


def remove(args: argparse.Namespace, settings: Settings) -> int:
    """Take a document or source out of the index, and print the ids of the documents that went."""
    from embeddings.manifest import read_manifest
    from embeddings.sync import remove
    from embeddings.uploads import kept_files, remove_file

    folder = changed(args, settings)
    if args.name in kept_files(folder, read_manifest(folder)):
        remove_file(folder, args.name)
        print(args.name)
    else:
        for id in remove(folder, args.name):
            print(id)
    return DONE


def collections(args: argparse.Namespace, settings: Settings) -> int:
    """List the collections."""
    from qa import listings, render

    rows = listings.collections(settings)
    print(render.json_line({"collections": rows}) if args.json else listings.collections_text(rows), end="")
    return DONE


def config(args: argparse.Namespace, settings: Settings) -> int:
    """Show every setting, its value and where it comes from."""
    from qa import listings, render

    rows = listings.config(settings, Settings.origins(index=args.index))
    print(render.json_line({"settings": rows}) if args.json else listings.config_text(rows), end="")
    return DONE


def compile(args: argparse.Namespace, settings: Settings) -> int:
    """Compile the configured models for this machine."""
    from qa.assembly import compile_models

    for told in compile_models(settings):
        print(told)
    return DONE


def ask(args: argparse.Namespace, settings: Settings) -> int:
    """Answer one question."""
    from qa import render
    from qa.assembly import open_answerer
    from qa.chat import Question
    from qa.questions import read_history

    given = " ".join(args.question)
    text = sys.stdin.buffer.read().decode(errors="replace").strip() if given == "-" else given
    if len(text) > settings.max_question_characters:
        raise BadInput(
            f"the question has {len(text):,} characters, more than {settings.max_question_characters:,}; shorten it, "
            "or set max_question_characters"
        )
    history = read_history(args.history) if args.history else ()
    question = Question(id=args.id, text=text, history=history, documents=tuple(args.document))
    reply = open_answerer(settings).ask(question)
    if args.json:
        print(render.to_json(reply))
    else:
        bold = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        print(render.to_text(reply, everything=args.all, marks=render.BOLD if bold else render.BRACKETS), end="")
    return DONE


def batch(args: argparse.Namespace, settings: Settings) -> int:
    """Answer a file of questions; 1 if a line was no question."""
    from qa import batch
    from qa.chat import Question
    from qa.questions import read_questions

    batch.check_output(args.output, args.questions)
    questions = [
        replace(one, documents=one.documents or tuple(args.document)) if isinstance(one, Question) else one
        for one in read_questions(args.questions, max_characters=settings.max_question_characters)
    ]
    from qa.assembly import open_answerer  # loads the models, so only once there is something to ask
    from qa.processes import AHEAD, processes, worth

    answerer = open_answerer(settings)
    answerer.index.matching(args.document)
    made_with = settings.model_dump(mode="json", include={"encoder", "reader", "top_k", "calibration"})
    jobs = args.jobs or worth(len(questions))
    at_once = processes(answerer, settings, jobs) if jobs > 1 else nullcontext(answerer)
    with progress("Asking", quiet=args.quiet) as show, at_once as asked:
        try:
            report = batch.run(
                asked,
                questions,
                args.output,
                made_with={**made_with, **answerer.digests, "version": version()},
                restart=args.restart,
                progress=lambda done: show(done, len(questions)),
                group=max(batch.GROUP, AHEAD * jobs),
            )
        except KeyboardInterrupt:
            print("qa batch: what is done is kept; run the same command again to go on", file=sys.stderr)
            raise
    if not args.quiet:
        print(
            f"{args.output}: {report.replies:,} replies, {report.errors:,} of them errors"
            + (f", {report.resumed:,} kept from an earlier run" if report.resumed else ""),
            file=sys.stderr,
        )
    return FAILED if report.errors else DONE


def evaluate(args: argparse.Namespace, settings: Settings) -> int:
    """Score answers against a gold file."""
    from qa import evaluate
    from qa.collections import searched

    if len(searched(settings)) > 1:  # their documents would have other ids together
        raise BadInput("a gold file names documents by their ids in one index; give one --collection, or --index alone")
    return evaluate.run(args, settings)


def calibrate(args: argparse.Namespace, settings: Settings) -> int:
    """Fit a calibration for the models and the index in use."""
    from qa import calibrate

    return calibrate.run(args, settings)


def verify(args: argparse.Namespace, settings: Settings) -> int:
    """Check the citations of an answers file against the sources; 1 if one does not hold."""
    from embeddings.load import Limits
    from embeddings.sync import parse_source
    from qa import render, verify, verify_report
    from qa.answers_file import read_citations
    from qa.collections import Collections

    cited = read_citations(args.answers)
    given = [parse_source(path) for path in args.sources]
    if given:
        files = verify.Files(of_index=verify.files_of(given, index=settings.index, required=True))
    else:
        files = verify.Files.behind(cited, settings.index, Collections.of(settings))
    with progress("Verifying", quiet=args.quiet) as show:
        limits = Limits(max_bytes=settings.max_file_megabytes * 1_000_000)
        checks = verify.verify(cited, files, limits=limits, progress=show)
    failed = [check for check in checks if not check.passes(allow_moved=args.allow_moved)]
    if args.json:
        print(render.json_line(verify_report.to_dict(checks, allow_moved=args.allow_moved)))
    else:
        for check in failed if args.quiet else checks:
            print(verify_report.to_line(check))
    if not args.quiet:
        print(verify_report.summary(checks), file=sys.stderr)
    return FAILED if failed else DONE


def feedback(args: argparse.Namespace, settings: Settings) -> int:
    """Make gold of what people said of replies; 1 if some of it no longer stands in the documents."""
    from qa import feedback_gold

    return feedback_gold.run(args.out, settings, format=args.format, quiet=args.quiet)


def compare(args: argparse.Namespace, settings: Settings) -> int:
    """Put two evaluations side by side; 1 if the second is significantly worse."""
    from qa import compare

    return compare.run(args)


def serve(args: argparse.Namespace, settings: Settings) -> int:
    """Serve the chat page."""
    from qa import server

    return server.serve(
        settings,
        settings.host,
        settings.port,
        documents=tuple(args.document),
        open_browser=args.open,
        insecure=args.insecure,
    )
