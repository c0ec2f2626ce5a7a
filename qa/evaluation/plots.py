"""Plots as SVG, the same bytes for the same figures, to stand in a page."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from qa import metrics

_NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}


def reliability(confidences: Sequence[float], right: Sequence[bool]) -> str:
    """How many candidates of each confidence were right, with Wilson's 95 % intervals and the number in each bin."""
    return _svg(lambda axes: _draw_reliability(axes, metrics.reliability(confidences, right)))


def risk_coverage(confidences: Sequence[float], right: Sequence[bool]) -> str:
    """The share of wrong answers against the share of questions answered, surest first; lines at 5, 10 and 20 %."""
    return _svg(lambda axes: _draw_risk(axes, metrics.risks(confidences, metrics.losses(right)).tolist()))


def _draw_reliability(axes: Axes, bins: Sequence[metrics.Bin]) -> None:
    axes.plot([0, 1], [0, 1], color="#999", linewidth=1, linestyle="--")
    for one in bins:
        low, high = metrics.wilson(round(one.right * one.count), one.count)
        axes.bar((one.low + one.high) / 2, one.right, width=0.9 * (one.high - one.low), color="#b7d0ea")
        axes.plot([one.confidence, one.confidence], [low, high], color="#1f5a96", linewidth=1)
        axes.plot([one.confidence], [one.right], color="#1f5a96", marker="o", markersize=4)
        axes.text((one.low + one.high) / 2, 0.01, str(one.count), ha="center", fontsize=8)
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="confidence", ylabel="share right", title="Reliability")


def _draw_risk(axes: Axes, risks: Sequence[float]) -> None:
    axes.plot([count / len(risks) for count in range(1, len(risks) + 1)], risks, color="#1f5a96", linewidth=1.5)
    for risk in (0.05, 0.1, 0.2):
        axes.axhline(risk, color="#999", linewidth=0.8, linestyle=":")
        axes.text(1, risk, f"{100 * risk:.0f} %", ha="right", va="bottom", fontsize=8)
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="share answered (coverage)", ylabel="share wrong (risk)")
    axes.set_title("Risk and coverage")


def _svg(draw: Callable[[Axes], None]) -> str:
    with rc_context(
        {
            "svg.fonttype": "none",  # text stays text: smaller, and found by a search in the page
            "svg.hashsalt": "qa",  # names within the SVG are the same each time
            "axes.spines.top": False,
            "axes.spines.right": False,
        }
    ):
        figure = Figure(figsize=(5, 4), layout="constrained")  # without pyplot: no window, no state
        draw(figure.subplots())
        written = io.StringIO()
        figure.savefig(written, format="svg", metadata=_NO_METADATA)
    text = written.getvalue()
    return text[text.index("<svg") :]
