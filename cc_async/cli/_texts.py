"""Small pieces of text that several commands put together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text


def plain(text: object) -> str:
    """Return *text* without characters that would move a terminal's cursor or change its colour."""
    return "".join(char if char.isprintable() else "?" for char in str(text))


def count_of(count: int, one: str, many: str = "") -> str:
    """Return `1 row`, `2 rows` or `12,000 rows`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def how_long(seconds: float) -> str:
    """Return a duration in words, roughly."""
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds > 1.5 * size:
            return f"about {count_of(math.ceil(seconds / size), unit)}"
    return f"about {count_of(max(1, math.ceil(seconds)), 'second')}"


def amount(size: int) -> str:
    """Return a number of bytes in words."""
    return f"{size / 1e6:,.1f} MB" if size >= 1e5 else f"{size / 1e3:.1f} kB"


def listed(lines: Sequence[str], most: int, rest: str) -> str:
    """Return the first *lines*, indented; *rest* says where the others are, after their number."""
    shown = [f"  {line}" for line in lines[:most]]
    if len(lines) > most:
        shown.append(f"  and {len(lines) - most:,} more{rest}")
    return "\n".join(shown)


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> RenderableType:
    """Return rows under their header; numbers stand to the right."""
    made = Table(box=None, pad_edge=False, show_header=any(header), header_style="bold")
    kept = [tuple(row) for row in rows]
    for number, heading in enumerate(header):
        is_number = bool(kept) and all(isinstance(row[number], int) for row in kept)
        made.add_column(heading, justify="right" if is_number else "left", overflow="fold")
    for row in kept:
        made.add_row(*(Text(_cell(value)) for value in row))
    return made


def _cell(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return "" if value is None else plain(value)


def page(*parts: RenderableType) -> RenderableType:
    """Return *parts* one below the other with a blank line in between; empty ones are left out."""
    spaced: list[RenderableType] = []
    for part in parts:
        if part != "":
            spaced += ["", part] if spaced else [part]
    return Group(*(Text(part) if isinstance(part, str) else part for part in spaced))
