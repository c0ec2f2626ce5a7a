"""Train the reader and fit its calibration: `python -m qa.training reader`, then `python -m qa.training calibration`.

The recipe is recipe.toml. The sets come from --data DIR (DIR/train/<file>, as sets.toml names them) or are fetched.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from qa.training.asked import calibrate
from qa.training.chain import run

RECIPE = Path(__file__).with_name("recipe.toml")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one of the two steps."""
    parser = argparse.ArgumentParser(prog="python -m qa.training", description=__doc__)
    parser.add_argument("step", choices=["reader", "calibration"])
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder with the sets; without it they are fetched")
    parser.add_argument("--recipe", type=Path, default=RECIPE, metavar="FILE", help="another recipe")
    parser.add_argument("--work", type=Path, default=Path(".training"), metavar="DIR", help="checkpoints and stages")
    parser.add_argument("--out", type=Path, default=Path("qa/reader/weights"), metavar="DIR", help="where to write")
    given = parser.parse_args(arguments)
    if given.step == "reader":
        run(given.recipe, given.data, given.work, given.out)
    else:
        calibrate(given.recipe, given.data, given.work, given.out)


if __name__ == "__main__":
    main()
