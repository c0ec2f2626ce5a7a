"""Start the chat page: `python app.py`, with the options of `qa serve`."""

import argparse
import sys

from qa.cli import main


def launch(arguments: list[str]) -> int:
    """Bring the index up to date with its documents (the samples, where none are known yet), then serve the page."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("-h", "--help", action="store_true")
    parser.add_argument("--index")
    known, _ = parser.parse_known_args(arguments)
    if not known.help:
        main(["index", "--index", known.index] if known.index else ["index"])
    return main(["serve", *arguments])


if __name__ == "__main__":
    sys.exit(launch(sys.argv[1:]))
