"""Plots for README.md, drawn from results files: the same bytes for the same results."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

SIDE_NAMES = {
    "ours": "Chapter & Verse",
    "eager": "plain torch, each passage padded",
    "haystack": "Haystack",
    "txtai": "txtai, each passage",
    "txtai_joined": "txtai, passages joined, 512 tokens of them",
    "everything": "ours around plain models",
}
_CORPORA = {"samples": "five sample documents", "large": "large corpus"}


def draw_speed(results: Mapping[str, Any], path: Path) -> None:
    """Median time of a question, and up to where 95 % of them take, a bar a side, a panel a corpus."""
    corpora = results["corpora"]
    with rc_context(
        {
            "svg.fonttype": "none",  # text stays text: smaller, and found by a search in the page
            "svg.hashsalt": "speed",  # names within the SVG are the same each time
            "axes.spines.top": False,
            "axes.spines.right": False,
        }
    ):
        figure = Figure(figsize=(8, 2.4 * len(corpora)), layout="constrained", facecolor="white")  # pages may be dark
        panels = figure.subplots(len(corpora), 1, squeeze=False)[:, 0]
        for axes, (name, found) in zip(panels, corpora.items(), strict=True):
            _draw_sides(axes, found["sides"])
            axes.set_title(f"{_CORPORA[name]}: {found['passages']:,} passages", loc="left", fontsize=10)
        panels[-1].set_xlabel("milliseconds a question: median, and 95th percentile")
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})


def _draw_sides(axes: Axes, sides: Mapping[str, Any]) -> None:
    for place, (name, side) in enumerate(sides.items()):
        middle, most = side["p50_ms"], side["p95_ms"]
        axes.barh(place, middle, color="#1f5a96" if name == "ours" else "#b7d0ea")
        axes.plot([middle, most], [place, place], color="#333", linewidth=1, marker="|")
        axes.text(most, place, f"  {middle:,.0f} ms", va="center", fontsize=8)
    axes.set_yticks(range(len(sides)), [SIDE_NAMES[name] for name in sides], fontsize=8)
    axes.invert_yaxis()
    axes.margins(x=0.12)
