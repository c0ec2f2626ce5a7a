"""README tables are made from the newest results, and nothing else."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "benchmarks"))

from tables import _DECISIONS, filled

README = "Before\n<!-- results:retrieval -->\nold\n<!-- end -->\nAfter <!-- end -->\n"


def results(folder: Path, commit: str, measured: str, recall: float) -> None:
    row = {"method": "BM25", "recall_at_1": recall, "recall_at_5": 92.46, "mrr": 0.8312}
    written = {"commit": commit, "measured": measured, "machine": {"cores": 2}, "rows": [row]}
    (folder / f"retrieval-{commit}.json").write_text(json.dumps(written), encoding="utf-8")


def test_a_table_is_that_of_the_newest_results(tmp_path: Path) -> None:
    results(tmp_path, "aaa", "2026-02-01T00:00:00+00:00", 76.44)
    results(tmp_path, "bbb", "2026-01-01T00:00:00+00:00", 11.11)
    after = filled(README, tmp_path)
    assert after == (
        "Before\n"
        "<!-- results:retrieval -->\n"
        "|  | R@1 | R@5 | MRR |\n"
        "| --- | ---: | ---: | ---: |\n"
        "| BM25 | 76.4 | 92.5 | 0.831 |\n"
        "\n"
        "Measured at commit aaa on 2 cores.\n"
        "<!-- end -->\n"
        "After <!-- end -->\n"
    )
    assert filled(after, tmp_path) == after


def test_a_table_without_results_or_of_no_known_name_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"benchmarks/retrieval.py"):
        filled(README, tmp_path)
    with pytest.raises(LookupError, match=r"no table 'speed'"):
        filled(README.replace("retrieval", "speed"), tmp_path)
    assert filled("No tables", tmp_path) == "No tables"


def test_figures_of_sets_stand_with_their_intervals(tmp_path: Path) -> None:
    figures = dict.fromkeys((key for key, _ in _DECISIONS.values()), 50.04) | {"answerable_refused": 20.0, "ece": 0.051}
    intervals = {"answerable_refused": [15.4, 25.6], "ece": [0.0294, 0.0683], "item_recall": [None, None]}
    sets = {"dev": {**figures, "item_recall": None, "intervals": intervals}}
    written = {"commit": "aaa", "measured": "2026-02-01", "machine": {"cores": 2}, "sets": sets}
    (tmp_path / "answers-aaa.json").write_text(json.dumps(written), encoding="utf-8")
    rows = filled("<!-- results:decisions -->\n<!-- end -->", tmp_path).splitlines()
    assert rows[1:4] == ["|  | five sample documents |", "| --- | ---: |", "| answered % | 80.0 (74–85) |"]
    assert "| shown right % | 50.0 |" in rows
    assert "| ECE | 0.051 (0.029–0.068) |" in rows
    assert "| list items found % | – |" in rows
