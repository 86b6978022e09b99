"""Pictures of figures: bars, and lines over logarithmic axes, readable in light and in dark."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from xml.sax.saxutils import escape

__all__ = ["bars", "lines"]

_WIDTH = 720
_STYLE = """<style>
text { font: 13px system-ui, sans-serif; fill: #24292f } .title { font-weight: 600 }
.soft { fill: #6e7781 } .grid { stroke: #8b949e55 } .mark { stroke: #bf3989; stroke-width: 2 }
.bar { fill: #8b949e } .ours { fill: #2f81f7 } path { fill: none; stroke-width: 2 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .soft { fill: #9198a1 } }
</style>"""
_COLOURS = ("#2f81f7", "#d4a72c", "#3fb950", "#bf3989", "#8b949e")

Series = Mapping[str, Sequence[tuple[float, float]]]


def bars(
    title: str, unit: str, values: Sequence[tuple[str, float]], *, ours: str = "cc_async"
) -> str:
    """Return a picture with a bar for each of *values*; labels that hold *ours* stand out."""
    most, height = max(value for _, value in values), 56 + 26 * len(values)
    left = 24 + 7 * max(len(label) for label, _ in values)
    parts = [_text(12, 22, title, "title"), _text(12, 40, unit, "soft")]
    for place, (label, value) in enumerate(values):
        top = 52 + 26 * place
        width = max(1.0, (_WIDTH - left - 90) * value / most)
        kind = "bar ours" if ours in label else "bar"
        parts += [
            _text(left - 8, top + 14, label, anchor="end"),
            f'<rect class="{kind}" x="{left}" y="{top}" width="{width:.1f}" height="18" rx="3"/>',
            _text(left + width + 6, top + 14, _short(value)),
        ]
    return _picture(title, height, parts)


def lines(title: str, across: str, unit: str, series: Series) -> str:
    """Return a picture of *series* of points, both axes logarithmic."""
    points = [point for line in series.values() for point in line]
    x_axis = _Axis([x for x, _ in points], 70, _WIDTH - 30)
    y_axis = _Axis([y for _, y in points], 300, 60)
    parts = [_text(12, 22, title, "title"), _text(12, 40, unit, "soft")]
    for value, place in y_axis.ticks():
        parts.append(_line(70, place, _WIDTH - 30, place))
        parts.append(_text(62, place + 4, _short(value), "soft", "end"))
    for value, place in x_axis.ticks():
        parts.append(_line(place, 60, place, 300))
        parts.append(_text(place, 318, _short(value), "soft", "middle"))
    parts.append(_text(_WIDTH - 30, 338, across, "soft", "end"))
    for number, (label, line) in enumerate(series.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        way = " L ".join(f"{x_axis.place(x):.1f} {y_axis.place(y):.1f}" for x, y in line)
        parts.append(f'<path d="M {way}" stroke="{colour}"/>')
        top = 362 + 20 * number
        parts.append(f'<rect x="70" y="{top - 10}" width="22" height="4" fill="{colour}"/>')
        parts.append(_text(100, top - 3, label))
    return _picture(title, 362 + 20 * len(series), parts)


class _Axis:
    """A logarithmic axis from *start* to *end* of the picture, in whole powers of ten."""

    def __init__(self, values: Sequence[float], start: float, end: float) -> None:
        positive = [value for value in values if value > 0]
        self._low = math.floor(math.log10(min(positive)))
        self._high = max(self._low + 1, math.ceil(math.log10(max(positive))))
        self._start, self._end = start, end

    def place(self, value: float) -> float:
        power = math.log10(max(value, 10.0**self._low))
        share = (power - self._low) / (self._high - self._low)
        return self._start + share * (self._end - self._start)

    def ticks(self) -> Iterator[tuple[float, float]]:
        for power in range(self._low, self._high + 1):
            yield 10.0**power, self.place(10.0**power)


def _picture(title: str, height: int, parts: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'width="{_WIDTH}" role="img" aria-label="{escape(title)}">'
    )
    return "\n".join([head, _STYLE, *parts, "</svg>", ""])


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _line(x: float, y: float, to_x: float, to_y: float) -> str:
    return f'<line class="grid" x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}"/>'


def _short(value: float) -> str:
    if value >= 1_000_000:
        return f"{value / 1_000_000:g} M"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
