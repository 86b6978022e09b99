"""Faults in the quotes of a CSV text, for messages that name the line."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

import attrs

from cc_async.sources.readers._text import count_lines


@attrs.frozen
class QuoteFault:
    """A quoted value that is `open` at the end of the text, or has text `after` its last quote.

    *opened* and *ended* count the line ends before its first quote and before the fault.
    """

    kind: Literal["open", "after"]
    opened: int
    ended: int


@cache
def _field(delimiter: str) -> re.Pattern[str]:
    unquoted = rf"[^{delimiter}\r\n\"][^{delimiter}\r\n]*+"
    return re.compile(
        rf"(?:(?P<quoted>\"(?:[^\"]|\"\")*+(?P<closed>\"?))|(?:{unquoted})?)"
        rf"(?P<end>{delimiter}|\r\n?|\n|\Z)?"
    )


def find_quote_fault(text: str, delimiter: str) -> QuoteFault | None:
    """Return the first fault in *text*, the beginning of a record."""
    place = 0
    while place < len(text):
        field = _field(delimiter).match(text, place)
        if field is None:
            return None
        if field["quoted"] is not None:
            opened = count_lines(text[: field.start()])
            if not field["closed"]:
                return QuoteFault("open", opened, count_lines(text))
            if field["end"] is None:
                return QuoteFault("after", opened, count_lines(text[: field.end()]))
        place = max(field.end(), place + 1)
    return None
