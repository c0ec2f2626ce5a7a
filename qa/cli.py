"""The command line: `qa VERB`. Results go to stdout, all else to stderr."""

from __future__ import annotations

import argparse
import io
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from embeddings.errors import UserError
from qa import commands
from qa.arguments import add_collections, add_into, add_setting, positive, shared, words
from qa.settings import Settings
from qa.version import version

DONE, WRONG, INTERRUPTED = 0, 2, 130

_Arguments = argparse.ArgumentParser

_log = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a verb; returns the exit code. Exits with 0 for --help and with 2 for wrong usage, as argparse does."""
    arguments = sys.argv[1:] if arguments is None else arguments
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # whatever the locale
    args = _parser(verb=arguments[0] if arguments else "").parse_args(arguments)
    try:
        return _run(args)
    except UserError as error:
        print(f"qa {args.verb}: {error}", file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        print(f"qa {args.verb}: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # `qa show ID | head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains when it flushes at exit
        return DONE


def _run(args: argparse.Namespace) -> int:
    shown = logging.ERROR if args.quiet else (logging.WARNING, logging.INFO, logging.DEBUG)[min(args.verbose, 2)]
    logging.basicConfig(level=max(shown, logging.WARNING), format="%(levelname)s %(name)s: %(message)s")
    for package in ("qa", "embeddings"):
        logging.getLogger(package).setLevel(shown)
    flags = {name: getattr(args, name, None) for name in Settings.model_fields}
    settings = Settings.load(**flags)
    for name, origin in Settings.origins(**flags).items():
        _log.info("%s = %s (%s)", name, settings.shown(name), origin)
    if settings.max_risk is not None and "max_risk" in args:  # told by every verb that answers
        from qa.risk import Risk

        told = str(Risk.of(settings.calibration).choose(settings.max_risk))
        if not args.quiet:
            print(told, file=sys.stderr)
    code: int = args.run(args, settings)
    sys.stdout.flush()
    return code


def _parser(verb: str) -> argparse.ArgumentParser:
    """All arguments; those of the larger verbs are loaded only for them."""
    parser = argparse.ArgumentParser(
        prog="qa",
        description="Ask your own documents in plain language; the answer comes in their own words.",
        epilog="""\
Example:
  qa index my/folder
  qa ask "When was the bridge opened?"

Exit codes: 0 done (a refusal is an answer); 1 done, but something failed; 2 wrong usage, or an error that you can
put right (nothing changed); 130 interrupted. What flags leave open comes from QA_* variables, then from qa.toml.""",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"qa {version()}")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)

    def add(run: Callable[..., int], help: str, example: str, *parents: argparse.ArgumentParser) -> _Arguments:
        added = verbs.add_parser(
            run.__name__,
            help=help,
            description=help,
            epilog=f"Example:\n  {example}",
            parents=parents,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        added.set_defaults(run=run)
        return added

    everywhere, encoding, reading, restricted, as_json = shared()

    index = add(
        commands.index,
        "add files and folders to the index, or bring it in step with those it knows",
        "qa index reports notes=~/notes",
        everywhere,
        encoding,
        as_json,
    )
    index.add_argument("paths", nargs="*", metavar="PATH", help="file or folder, or NAME=PATH; none: all known ones")
    index.add_argument("--sample", action="store_true", help="index the sample documents that come along")
    index.add_argument(
        "--info", action="store_true", help="only show what the index consists of, and how well it finds"
    )
    index.add_argument("--rebuild", action="store_true", help="make everything anew, with the encoder in force")
    add_setting(index, "max_file_megabytes", "N")
    add_into(index)

    add(commands.documents, "list the documents", "qa documents --document '*.md'", everywhere, restricted, as_json)

    show = add(commands.show, "print the text of a document, exactly", "qa show report.txt", everywhere)
    show.add_argument("id", type=words, metavar="ID", help="as `qa documents` lists it")
    add_collections(show)

    remove = add(commands.remove, "take a document or a source out", "qa remove notes", everywhere)
    remove.add_argument("name", type=words, metavar="ID|SOURCE", help="a document's id, or a source's name or path")
    add_into(remove)

    add(commands.collections, "list the collections", "qa collections", everywhere, as_json)
    add(commands.config, "show every setting and where it comes from", "qa config", everywhere, as_json)

    compiling = add(
        commands.compile, "make the models faster, once, for all later runs", "qa compile", everywhere, encoding
    )
    add_setting(compiling, "reader", "MODEL")

    ask = add(
        commands.ask,
        "answer a question, or say that the documents don't",
        'qa ask "When was the bridge opened?"',
        everywhere,
        encoding,
        reading,
        restricted,
        as_json,
    )
    ask.add_argument(
        "question", type=words, nargs="+", metavar="QUESTION", help="the question; - reads it from standard input"
    )
    ask.add_argument("--all", action="store_true", help="show the other candidates too")
    ask.add_argument("--history", type=Path, metavar="FILE", help="what was said before: {question, answer} a line")
    ask.add_argument("--id", type=words, default="1", help="what the reply is to be called")

    batch = add(
        commands.batch,
        "answer a file of questions; stopped and run again, it goes on",
        "qa batch questions.csv -o replies.jsonl",
        everywhere,
        encoding,
        reading,
        restricted,
    )
    batch.add_argument("questions", metavar="FILE", help=".txt, .csv or .jsonl; - reads standard input")
    batch.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE", help="where the replies go: .jsonl or .csv"
    )
    batch.add_argument("--restart", action="store_true", help="begin anew")
    batch.add_argument(
        "--jobs",
        type=positive,
        metavar="N",
        help="processes that answer at once, each with models of its own; default: one for each core, few questions "
        "in fewer",
    )

    _add_judging(add, verb)

    serve = add(
        commands.serve, "serve the page and the API", "qa serve --open", everywhere, encoding, reading, restricted
    )
    add_setting(serve, "host", "ADDRESS")
    add_setting(serve, "port", "PORT")
    serve.add_argument("--open", action="store_true", help="open the page in the browser")
    serve.add_argument(
        "--token-file", dest="token", type=_content, metavar="FILE", help="file that holds the token to ask for"
    )
    serve.add_argument("--insecure", action="store_true", help="allow a --host that other machines reach, tokenless")
    return parser


def _add_judging(add: Callable[..., _Arguments], verb: str) -> None:
    """The verbs that tell how good answers are, and make them better."""
    everywhere, encoding, reading, restricted, as_json = shared()

    evaluate = add(
        commands.evaluate,
        "score the answers to questions whose answers are known",
        "qa evaluate gold.jsonl --report scores",
        everywhere,
        encoding,
        reading,
        restricted,
    )
    if verb == "evaluate":
        from qa.evaluate import add_arguments

        add_arguments(evaluate)

    calibrate = add(
        commands.calibrate,
        "fit how sure to be of answers to your models and documents",
        "qa calibrate gold.jsonl --out calibration.json",
        everywhere,
        encoding,
    )
    add_setting(calibrate, "reader", "MODEL")
    add_setting(calibrate, "top_k", "N")
    if verb == "calibrate":
        from qa.calibrate import add_arguments

        add_arguments(calibrate)

    verify = add(
        commands.verify,
        "check the citations of an answers file against the sources",
        "qa verify replies.jsonl --sources my/folder",
        everywhere,
        as_json,
    )
    verify.add_argument(
        "answers", metavar="ANSWERS", help="from `qa batch`, `qa ask --json` or a chat; - reads standard input"
    )
    verify.add_argument(
        "--sources",
        action="append",
        default=[],
        metavar="DIR",
        help="file or folder of the documents, or NAME=DIR; may be repeated; none: those that the index names",
    )
    verify.add_argument("--allow-moved", action="store_true", help="let pass what still stands in its document")

    feedback = add(
        commands.feedback,
        "make a gold file of what people said of replies",
        "qa feedback export gold.jsonl",
        everywhere,
    )
    feedback.add_argument("action", choices=["export"], help="export: write the answers that people stood for")
    feedback.add_argument("out", type=Path, metavar="OUT", help="the file to write")
    feedback.add_argument(
        "--format", choices=["jsonl", "squad"], help="default: squad if OUT ends in .json, else jsonl"
    )

    compare = add(
        commands.compare,
        "put two reports of qa evaluate side by side; exit code 1 if the second is significantly worse",
        "qa compare scores-before scores-after --margin 1",
        everywhere,
        as_json,
    )
    if verb == "compare":
        from qa.compare import add_arguments

        add_arguments(compare)


def _content(name: str) -> str:
    """What a file says; a secret is given so, as other users of the machine see the flags of each process."""
    try:
        return Path(name).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise argparse.ArgumentTypeError(f"{name} cannot be read: {error}") from error
