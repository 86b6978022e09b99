"""Small pieces of text that several commands share."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cc_async.auth import GrantStatus

SHOWN_LINES = 5
"""Lines of a file to show at most, in each list of a result: enough to see a pattern, and all of
them stay on one screen of 24 lines. Chosen here."""


def printable(text: object) -> str:
    """Return *text* without characters that move a terminal's cursor or change its colour."""
    return "".join(char if char.isprintable() else "?" for char in str(text))


def renewal_text(status: GrantStatus) -> str:
    """Return when a sign-in that cannot be renewed ends, or an empty text."""
    if status.is_renewable or status.token_expires_at is None:
        return ""
    return (
        "The scope offline_access was not granted, so this sign-in cannot be renewed. It ends at "
        f"{status.token_expires_at:%Y-%m-%d %H:%M} UTC."
    )


def count_of(count: int, one: str, many: str = "") -> str:
    """Return `1 row`, `2 rows` or `12,000 rows`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def duration_text(seconds: float) -> str:
    """Return a duration in words, rounded up."""
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds > 1.5 * size:
            return f"about {count_of(math.ceil(seconds / size), unit)}"
    return f"about {count_of(max(1, math.ceil(seconds)), 'second')}"


def size_text(size: int) -> str:
    """Return a number of bytes in words."""
    return f"{size / 1e6:,.1f} MB" if size >= 1e5 else f"{size / 1e3:.1f} kB"


def first_lines(lines: Sequence[str], count: int, rest: str = "") -> str:
    """Return the first `SHOWN_LINES` of *lines*, indented.

    There are *count* in all; *lines* may hold fewer. *rest* follows the number of the lines not
    shown, and says how to see them.
    """
    shown = [f"  {line}" for line in lines[:SHOWN_LINES]]
    if count > len(shown):
        shown.append(f"  and {count - len(shown):,} more{rest}")
    return "\n".join(shown)


def text_if(count: int, text: str) -> str:
    """Return *text* where there is something to count."""
    return text if count else ""


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
    return "" if value is None else printable(value)


def paragraphs(*texts: RenderableType) -> RenderableType:
    """Return *texts* one below the other with a blank line in between; empty ones are left out."""
    spaced: list[RenderableType] = []
    for text in texts:
        if text != "":
            spaced += ["", text] if spaced else [text]
    return Group(*(Text(text) if isinstance(text, str) else text for text in spaced))
