"""Pictures of figures, drawn by matplotlib as SVG: bars, and lines over logarithmic axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_OURS, _OTHERS = "#2f81f7", "#8b949e"
_WIDTH = 9.0
"""Inches: 648 points, the width of a page of GitHub."""


@attrs.frozen
class Bars:
    """A bar for each of *values*; bars whose label holds *ours* are in colour."""

    title: str
    unit: str
    values: Sequence[tuple[str, float]]
    ours: str = "cc_async"

    @property
    def height(self) -> float:
        """Return the height of the picture in inches."""
        return 1.0 + 0.3 * len(self.values)

    def draw(self, axes: Axes) -> None:
        """Draw the bars."""
        labels = [label for label, _ in self.values]
        colours = [_OURS if self.ours in label else _OTHERS for label in labels]
        drawn = axes.barh(labels, [value for _, value in self.values], color=colours)
        axes.bar_label(drawn, labels=[_short(value) for _, value in self.values], padding=4)
        axes.invert_yaxis()
        axes.set_xlabel(self.unit)
        axes.margins(x=0.12)


@attrs.frozen
class Lines:
    """A line for each of *series*, both axes logarithmic."""

    title: str
    across: str
    unit: str
    series: Mapping[str, Sequence[tuple[float, float]]]

    @property
    def height(self) -> float:
        """Return the height of the picture in inches."""
        return 4.5

    def draw(self, axes: Axes) -> None:
        """Draw the lines."""
        for label, points in self.series.items():
            axes.plot(*zip(*points, strict=True), marker="o", label=label)
        axes.set(xscale="log", yscale="log", xlabel=self.across, ylabel=self.unit)
        axes.grid(visible=True, alpha=0.3)
        axes.legend()


Picture = Bars | Lines


def save(picture: Picture, path: Path) -> None:
    """Write *picture* to *path*, the same bytes for the same figures."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.hashsalt": "cc_async", "svg.fonttype": "none"}):
        figure = Figure(figsize=(_WIDTH, picture.height), layout="constrained")
        axes = figure.add_subplot()
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_title(picture.title, loc="left", fontweight="bold")
        picture.draw(axes)
        figure.savefig(path, format="svg", metadata={"Date": None})


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
