"""Contacts from JSON: one object a line, one array, or the body of a JSON import."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator

import orjson

from cc_async.errors import InputError
from cc_async.sources._text import count_lines, refuse_long_line

__all__ = ["looks_like_json", "read_items"]

Items = list[tuple[int, object]]
"""Values with the lines they start on."""

_ARRAY = re.compile(r"\s*(?:\{\s*\"import_data\"\s*:\s*)?\[")
_BETWEEN = re.compile(r"[\s,]*")
_LONGEST_ITEM = 1_000_000
_decode = json.JSONDecoder().raw_decode


def looks_like_json(text: str) -> bool:
    """Whether a text that begins with *text* is meant to be JSON."""
    return text.lstrip()[:1] in ("{", "[")


async def read_items(texts: AsyncIterator[tuple[int, str]], source: str) -> AsyncIterator[Items]:
    """Yield the values in *texts*, which are pieces as `read_text` yields them.

    What follows the array of an import's body is not read.

    Raises:
        InputError: It is no JSON from some line on.
    """
    is_array, last, line, rest = None, "\n", 1, ""
    async for first, text in texts:
        if is_array is None:
            start = _ARRAY.match(text)
            is_array = start is not None
            rest, line = "", first
            if start:
                line += count_lines(text[: start.end()])
                text = text[start.end() :]
        if is_array:
            items, rest, line, is_over = _read_array(rest + text, line)
            yield items
            if is_over:
                return
            if len(rest) > _LONGEST_ITEM:
                break
        else:
            refuse_long_line(last, first, source=source)
            last = text[-1]
            yield _read_lines(text, first, source)
    if is_array:
        raise _broken_array(rest, line, source)


def _read_lines(text: str, line: int, source: str) -> Items:
    items: Items = []
    for number, each in enumerate(text.split("\n"), line):
        if each and not each.isspace():
            try:
                items.append((number, orjson.loads(each)))
            except orjson.JSONDecodeError as error:
                raise _broken(number, error.colno, source) from None
    return items


def _read_array(text: str, line: int) -> tuple[Items, str, int, bool]:
    """Return the whole items in *text*, what is left, its line, and whether the array ended."""
    items: Items = []
    place = 0
    while True:
        between = _BETWEEN.match(text, place)
        start = between.end() if between else place
        line += count_lines(text[place:start])
        if text[start : start + 1] == "]":
            return items, "", line, True
        try:
            item, place = _decode(text, start)
        except (json.JSONDecodeError, RecursionError):
            return items, text[start:], line, False
        items.append((line, item))
        line += count_lines(text[start:place])


def _broken_array(rest: str, line: int, source: str) -> InputError:
    try:
        _decode(rest)
    except json.JSONDecodeError as error:
        if rest:
            return _broken(line + error.lineno - 1, error.colno, source)
    except RecursionError:
        return _broken(line, 1, source)
    return InputError(
        "the file ends before its array does",
        "The file may be cut off: export it anew, or close the array with ].",
        source,
        line,
    )


def _broken(line: int, column: int, source: str) -> InputError:
    return InputError(
        f"this is no JSON from character {column} on",
        "Write one JSON object a line, or one array of objects; or give a CSV file with "
        "--format csv.",
        source,
        line,
    )
