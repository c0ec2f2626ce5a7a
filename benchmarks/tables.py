"""Fill the tables of README.md from the newest results: what stands between `<!-- results:NAME -->` and `<!-- end -->`.

Plots of the same results are drawn into docs/images.

    python benchmarks/tables.py [--check] [FILE]

With --check nothing is written or drawn, and the exit code is 1 if a table is not the one that the results give.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from plots import SIDE_NAMES, draw_speed
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
    """What is found: a column a set of questions."""
    return _of_sets(results, _ANSWERS)


def decisions(results: Mapping[str, Any]) -> str:
    """What is shown: a column a set of questions."""
    return _of_sets(results, _DECISIONS)


def _of_sets(results: Mapping[str, Any], rows: Mapping[str, tuple[str, int]]) -> str:
    """Figures with their 95 % intervals, as far as there are any."""
    sets = results["sets"]
    cells = {name: [_figure(found, key, digits) for key, digits in rows.values()] for name, found in sets.items()}
    return _table(["", *(_SETS.get(name, name) for name in sets)], [*zip(rows, *cells.values(), strict=True)])


def _figure(found: Mapping[str, Any], key: str, digits: int) -> str:
    if key == "answerable_answered":
        value, interval = 100 - found["answerable_refused"], found["intervals"].get("answerable_refused")
        interval = interval and [100 - edge for edge in reversed(interval)]
    else:
        value, interval = found[key], found["intervals"].get(key)
    if not interval or None in interval:
        return _number(value, digits)
    low, high = (f"{edge:.{0 if digits < 2 else digits}f}" for edge in interval)
    return f"{_number(value, digits)} ({low}–{high})"


def disagreement(results: Mapping[str, Any]) -> str:
    """Generated pairs of values that contradict each other, or don't."""
    rows = [[f"{results['pairs']:,}", *(_number(results[key], 1) for key in ("precision", "recall"))]]
    return _table(["generated pairs", "precision %", "recall %"], rows)


def vectors(results: Mapping[str, Any]) -> str:
    """A row a number of vectors."""
    columns = {
        "recall@10": ("recall_at_10", 3),
        "p50 ms": ("p50_ms", 1),
        "p95 ms": ("p95_ms", 1),
        "processor ms": ("p50_processor_ms", 1),
        "memory MB": ("memory_mb", 0),
        "open ms": ("open_ms", 0),
        "made in s": ("making_lists_seconds", 0),
    }
    rows = [
        [f"{row['vectors']:,}", row["kind"], *(_number(row[key], digits) for key, digits in columns.values())]
        for row in results["rows"]
    ]
    load = max(row["load"] for row in results["rows"])
    return f"{_table(['vectors', 'lists', *columns], rows)}\n\nUp to {load:.1f} processes wanted the cores meanwhile."


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


def speed(results: Mapping[str, Any], corpus: str) -> str:
    """A row a side, all over one corpus."""
    found = results["corpora"].get(corpus)
    if found is None:
        return "Not measured."
    rows = []
    for name, side in found["sides"].items():
        times = found["ratios"].get(name)
        ratio = "1" if times is None else f"{times['median']:.1f} ({times['low']:.1f}–{times['high']:.1f})"
        keys = ("em", "f1", "em_no_refusal", "f1_no_refusal")
        cells = [_number(side[f"p{share}_ms"], 0) for share in (50, 95)]
        rows.append([SIDE_NAMES[name], *cells, ratio, *(_number(side[key], 1) for key in keys)])
    heads = ["", "p50 ms", "p95 ms", "times as long as ours", "EM", "F1", "EM, refusals lifted", "F1, refusals lifted"]
    loop = found["calibration"]
    told = "A try-out: " if results.get("limit") else ""
    told += (
        f"{found['questions']} questions, {found['answerable']} of them answerable; {found['passages']:,} passages; "
    )
    told += f"the fixed loop took {loop['p50_ms']:.0f} ms (median; 95 % up to {loop['p95_ms']:.0f} ms)."
    if lost := found.get("lost"):
        told += f" Against all of it read in float32, ours lack {lost['em']:.1f} EM and {lost['f1']:.1f} F1."
    return f"{_table(heads, rows)}\n\n{told}"


def speed_phases(results: Mapping[str, Any]) -> str:
    """Where the time of a question goes, medians."""
    rows = []
    for found in results["corpora"].values():
        for name in ("ours", "eager"):
            phases = found["sides"][name]["phases"]
            cells = [
                _number(phases.get(phase, {}).get("p50_ms"), 1) for phase in ("encode", "retrieve", "read", "decide")
            ]
            rows.append([f"{SIDE_NAMES[name]}, {found['passages']:,} passages", *cells])
    return _table(["", "encode ms", "retrieve ms", "read ms", "decide ms"], rows)


def speed_more(results: Mapping[str, Any]) -> str:
    """What is not one question to a warm program."""
    start, batch, indexing = results["start"], results.get("batch"), results["indexing"]
    rows = []
    for name, seconds in start["seconds"].items():
        what = "`qa ask`" if name == "ours" else SIDE_NAMES[name]
        rows.append([f"process start to the first answer, seconds: {what}", _number(seconds, 2), ""])
    rows.append(["imports of `qa ask`, seconds", _number(start["imports"]["total"], 2), ""])
    for what, part, unit in (
        ("questions a second of a batch", batch, "questions_per_second"),
        ("tokens a second of indexing", indexing, "tokens_per_second"),
    ):
        if part is not None:
            digits = 2 if part is batch else 0
            cells = [_number(part[unit][name], digits) for name in ("ours", "eager")]
            rows.append([f"{what} (plain torch: {cells[1]})", cells[0], _number(part["ratio"]["median"], 2)])
    return _table(["", "", "times plain torch's"], rows)


# the results that a table is of, and what makes it of them
TABLES: Mapping[str, tuple[str, Callable[[Mapping[str, Any]], str]]] = {
    "answers": ("answers", answers),
    "decisions": ("answers", decisions),
    "retrieval": ("retrieval", retrieval),
    "disagreement": ("disagreement", disagreement),
    "reader": ("reader", reader),
    "speed_samples": ("speed", partial(speed, corpus="samples")),
    "speed_large": ("speed", partial(speed, corpus="large")),
    "speed_phases": ("speed", speed_phases),
    "speed_more": ("speed", speed_more),
    "vectors": ("vectors", vectors),
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
    if "<!-- results:speed" in after:
        draw_speed(newest_results("speed"), ROOT / "docs" / "images" / "speed.svg")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
