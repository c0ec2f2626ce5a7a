"""Fill the tables of README.md from the newest results: what stands between `<!-- results:NAME -->` and `<!-- end -->`.

    python benchmarks/tables.py [--check] [FILE]

With --check nothing is written, and the exit code is 1 if a table is not the one that the results give.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from results_file import FOLDER, newest_results

ROOT = Path(__file__).resolve().parents[1]

_MARKED = re.compile(r"(<!-- results:([a-z_]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_SETS = {
    "dev": "five sample documents",
    "invented": "60 invented documents",
    "squad20": "SQuAD 2.0 dev, half A (500 questions)",
}

_READER_ROWS = (
    ("SQuAD 1.1 dev, half A, F1 over the gold paragraph", "squad11", "f1", 1, 1),
    ("the same, EM", "squad11", "em", 1, 1),
    ("QED dev, F1 over the gold paragraph", "qed", "f1", 1, 1),
    ("SQuAD 2.0 dev, half A, F1 at the fixed threshold", "squad20", "f1", 1, 1),
    ("the same, unanswerable ones refused %", "squad20", "unanswerable_f1", 1, 1),
    ("gold paragraph against the five best wrong ones, AUROC of the margin", "hard_negatives", "auroc", 1, 3),
    ("EM asked of all 1,052 paragraphs over EM with the gold one", "open", "em_ratio", 1, 3),
)


_ANSWERS = {
    "questions": ("total", 0),
    "F1": ("HasAns_f1", 1),
    "EM": ("HasAns_exact", 1),
    "F1, refusals lifted": ("f1_no_refusal", 1),
    "document in top 5 %": ("document_recall_at_5", 1),
    "evidence in top 5 %": ("evidence_recall_at_5", 1),
    "cites the evidence %": ("citation_evidence_overlap", 1),
    "seconds, median": ("seconds_p50", 2),
}
_DECISIONS = {
    "answered %": ("answerable_answered", 1),
    "shown right %": ("shown_right", 1),
    "unanswerable refused %": ("unanswerable_refused", 1),
    "AUROC": ("auroc", 3),
    "ECE": ("ece", 3),
    "both sides %": ("both_sides_shown", 1),
    "attributed right %": ("attribution_right", 1),
    "false disagreement %": ("false_disagreement", 1),
    "list items found %": ("item_recall", 1),
    "follow-ups F1": ("follow_up_f1", 1),
    "in full": ("follow_up_full_f1", 1),
}


def answers(results: Mapping[str, Any]) -> str:
    """What is found: a row a set of questions."""
    return _of_sets(results, _ANSWERS)


def decisions(results: Mapping[str, Any]) -> str:
    """What is shown: a row a set of questions."""
    return _of_sets(results, _DECISIONS)


def _of_sets(results: Mapping[str, Any], columns: Mapping[str, tuple[str, int]]) -> str:
    rows = []
    for name, found in results["sets"].items():
        figures = found | {"answerable_answered": 100 - found["answerable_refused"]}
        rows.append([_SETS.get(name, name), *(_number(figures[key], digits) for key, digits in columns.values())])
    return _table(["", *columns], rows)


def retrieval(results: Mapping[str, Any]) -> str:
    """A row a way of ranking."""
    rows = [
        [row["method"], *(_number(row[key], 1) for key in ("recall_at_1", "recall_at_5")), _number(row["mrr"], 3)]
        for row in results["rows"]
    ]
    return _table(["", "R@1", "R@5", "MRR"], rows)


def reader(results: Mapping[str, Any]) -> str:
    """A row a measurement, the shipped weights beside those they are to beat."""
    others = newest_results("reader_start")["sets"]
    ships = results["sets"]
    rows = [
        [meaning, _number(others[name][key] * scale, digits), _number(ships[name][key] * scale, digits)]
        for meaning, name, key, scale, digits in _READER_ROWS
    ]
    return _table(["", "a first try", "what ships"], rows)


# the results that a table is of, and what makes it of them
TABLES: Mapping[str, tuple[str, Callable[[Mapping[str, Any]], str]]] = {
    "answers": ("answers", answers),
    "decisions": ("answers", decisions),
    "retrieval": ("retrieval", retrieval),
    "reader": ("reader", reader),
}


def filled(text: str, folder: Path = FOLDER) -> str:
    """The text with every marked table as the newest results give it. Raises LookupError for an unknown name."""

    def table(match: re.Match[str]) -> str:
        name = match[2]
        if name not in TABLES:
            raise LookupError(f"there is no table {name!r}; there are {', '.join(TABLES)}")
        of, made = TABLES[name]
        results = newest_results(of, folder)
        note = f"Measured at commit {results['commit'][:12]} on {results['machine']['cores']} cores."
        return f"{match[1]}{made(results)}\n\n{note}\n{match[3]}"

    return _MARKED.sub(table, text)


def _number(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only say whether the tables are those of the results")
    parser.add_argument("file", nargs="?", type=Path, default=ROOT / "README.md", metavar="FILE")
    args = parser.parse_args()
    before = args.file.read_text(encoding="utf-8")
    try:
        after = filled(before)
    except (LookupError, FileNotFoundError) as error:
        print(f"{args.file}: {error}", file=sys.stderr)
        return 2
    if args.check:
        if before != after:
            print(f"{args.file}: tables are out of date; run python benchmarks/tables.py", file=sys.stderr)
        return int(before != after)
    args.file.write_text(after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
