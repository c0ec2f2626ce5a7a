"""How well contradicting values are told from agreeing ones, on generated pairs: precision and recall.

    python benchmarks/disagreement.py [--pairs N]

The pairs are those of tests/disagreeing.py: sentences by speakers, of a pattern and a vocabulary of their own. Half of
them contradict each other; the others give the same value, or count other things or those of another place.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from results_file import write_results

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.disagreeing import differ, generated


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=1000, metavar="N", help="how many pairs (1000)")
    args = parser.parse_args()
    found = [(expected, differ(question, one, other)) for expected, question, one, other in generated(args.pairs)]
    right = sum(expected and said for expected, said in found)
    figures = {
        "pairs": len(found),
        "precision": 100 * right / sum(said for _, said in found),
        "recall": 100 * right / sum(expected for expected, _ in found),
    }
    print({name: round(value, 1) for name, value in figures.items()}, file=sys.stderr)
    print(write_results("disagreement", figures))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
