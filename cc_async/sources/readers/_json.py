"""Contacts from JSON: one object a line, one array, or the body of a JSON import."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

import orjson

from cc_async.errors import InputError
from cc_async.sources.readers._file_format import Block, FileFormat, Items
from cc_async.sources.readers._text import (
    LONGEST_LINE,
    UndecodableError,
    read_text,
    refuse_long_line,
)
from cc_async.sources.readers._values import DoubledNames

_Found = list[tuple[int, object]]
"""Values with the lines they start on."""

_ARRAY = re.compile(r"\s*(?P<body>\{\s*\"import_data\"\s*:\s*)?\[")
_BETWEEN = re.compile(r"[\s,]*")
_LONGEST_ITEM = 1_000_000
"""Characters of one item of an array; a contact has some hundred. A longer one ends the reading, so
a broken file never fills the memory."""

_MAX_DIGITS = 4_000
"""Digits of a whole number that are read as such: Python reads up to 4,300."""

_FED_CHARACTERS = 32_768
"""Characters that are decoded between two turns of the loop: 0.2 milliseconds, measured."""


def _whole_number(digits: str) -> int | float:
    """Return a whole number; one that Python does not read, of 4,300 digits, as infinite."""
    return int(digits) if len(digits) <= _MAX_DIGITS else float(digits)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return an object of a file, with a mark if a name comes twice in it or inside it."""
    found = dict(pairs)
    inner = [value for value in found.values() if isinstance(value, DoubledNames)]
    if len(found) == len(pairs) and not inner:
        return found
    doubled = DoubledNames(found)
    names = [name for name, _ in pairs]
    doubled.name = next((name for name in names if names.count(name) > 1), "") or inner[0].name
    return doubled


_decode = json.JSONDecoder(parse_int=_whole_number).raw_decode
_decode_pairs = json.JSONDecoder(parse_int=_whole_number, object_pairs_hook=list).raw_decode
_decode_objects = json.JSONDecoder(parse_int=_whole_number, object_pairs_hook=_object).raw_decode


async def read_json_items(
    blocks: AsyncIterator[Block], encoding: str, source: str
) -> AsyncGenerator[Items, None]:
    """Yield the values in *blocks*; see `FileFormat.read`."""
    async with aclosing(read_text(blocks, encoding, source=source)) as texts:
        try:
            async with aclosing(_read_all(texts, source)) as pieces:
                async for found in pieces:
                    lines, values = zip(*found, strict=True) if found else ((), ())
                    yield Items(lines, values)
        except UndecodableError as error:
            raise error.as_input_error(source) from None


JSON = FileFormat("json", lambda _, text: text.lstrip()[:1] in ("{", "["), read_json_items)


async def _read_all(
    texts: AsyncIterator[tuple[int, str]], source: str
) -> AsyncGenerator[_Found, None]:
    """Yield the values in *texts*, the pieces of `read_text`.

    Raises:
        InputError: It is no JSON from some line on, or more than blanks follows an array.
    """
    array: _Array | None = None
    last = "\n"
    async for line, text in texts:
        if array is None and last == "\n" and (start := _ARRAY.match(text)) and line == 1:
            array = _Array(is_body=bool(start["body"]))
            array.skip(text, start.end())
            text, array.rest = array.rest, ""
        if array is None:
            refuse_long_line(last, line, source=source)
            last = text[-1]
            yield _read_lines(text, line, source)
            continue
        for place in range(0, len(text), _FED_CHARACTERS):
            yield array.feed(text[place : place + _FED_CHARACTERS])
        if len(array.rest) > _LONGEST_ITEM:
            break
    if array is not None:
        array.finish(source)


def _read_lines(text: str, line: int, source: str) -> _Found:
    items: _Found = []
    for number, each in enumerate(text.split("\n"), line):
        if each and not each.isspace():
            try:
                items.append((number, _with_doubles(orjson.loads(each), each)))
            except orjson.JSONDecodeError as error:
                if len(each) > LONGEST_LINE:
                    refuse_long_line(each[-1], number, source=source)
                raise _broken(number, error.colno, source) from None
    return items


class _Array:
    """Reads the items of an array as its text comes.

    *line* and *column* say where the *rest* begins that is no whole item yet, from 1 and 0. After
    the last item the rest begins with the end of the array.
    """

    def __init__(self, *, is_body: bool) -> None:
        self.rest, self.line, self.column = "", 1, 0
        self._is_body, self._is_over = is_body, False

    def skip(self, text: str, end: int) -> None:
        """Count *text* up to *end* as read; the rest stays. Lines end with LF in JSON."""
        self.line += text.count("\n", 0, end)
        last = text.rfind("\n", 0, end)
        self.column = end - last - 1 if last >= 0 else self.column + end
        self.rest = text[end:]

    def feed(self, text: str) -> _Found:
        """Take more text and return the items that are whole now, with their lines."""
        items: _Found = []
        if self._is_over:
            self.rest += text
            return items
        text, line, place = self.rest + text, self.line, 0
        is_one_line = "\n" not in text
        while True:
            start = _BETWEEN.match(text, place).end()  # type: ignore[union-attr] # always matches
            line += 0 if is_one_line else text.count("\n", place, start)
            found = None if text.startswith("]", start) else _whole_item(text, start)
            if found is None:
                self._is_over = text.startswith("]", start)
                self.skip(text, start)
                return items
            item, place = found
            items.append((line, item))
            line += 0 if is_one_line else text.count("\n", start, place)

    def finish(self, source: str) -> None:
        """Raise `InputError` unless the array is over, and nothing follows that would be lost."""
        if not self._is_over or len(self.rest) > _LONGEST_ITEM:
            raise self._error(source)
        text = ('{"import_data":[' if self._is_body else "[") + self.rest
        try:
            found, end = _decode_pairs(text)
        except json.JSONDecodeError as error:
            added = self.column - len(text) + len(self.rest) if error.lineno == 1 else 0
            raise _broken(self.line + error.lineno - 1, error.colno + added, source) from None
        except RecursionError:
            raise _broken(self.line, self.column + 1, source) from None
        for name, value in found:
            if value not in (None, "", []):
                raise _not_taken(name, self.line + text.count("\n", 0, end), source)
        more = end + len(text[end:]) - len(text[end:].lstrip())
        if more < len(text):
            raise _second_array(self.line + text.count("\n", 0, more), source)

    def _error(self, source: str) -> InputError:
        """Return the reason for which the rest is no item."""
        try:
            _decode(self.rest)
        except json.JSONDecodeError as error:
            if self.rest:
                column = self.column if error.lineno == 1 else 0
                return _broken(self.line + error.lineno - 1, column + error.colno, source)
        except RecursionError:
            return _broken(self.line, self.column + 1, source)
        return InputError(
            "the file ends before its array does",
            "The file may be cut off: export it anew, or close the array with ].",
            source,
            self.line,
        )


def _whole_item(text: str, start: int) -> tuple[object, int] | None:
    """Return the value at *start* and its end, or `None` if it may be incomplete."""
    try:
        value, end = _decode(text, start)
    except (json.JSONDecodeError, RecursionError):
        return None
    if end == len(text) and type(value) in (int, float):  # more digits may follow
        return None
    return _with_doubles(value, text[start:end]), end


def _with_doubles(value: object, text: str) -> object:
    """Return *value*, read from *text*, with a mark if a name comes twice in it.

    Each name has a colon; a text with more colons is looked at more closely.
    """
    if not isinstance(value, dict) or text.count(":") <= len(value):
        return value
    return _decode_objects(text.strip())[0]


def _not_taken(name: str, line: int, source: str) -> InputError:
    return InputError(
        "contacts are read from one import_data, and this would be lost",
        "Take it out of the file. Lists and permissions are given with the import itself.",
        source,
        line,
        name,
    )


def _second_array(line: int, source: str) -> InputError:
    return InputError(
        "more text follows the array of contacts, and would be lost",
        "Put all contacts into one array, or write one JSON object a line.",
        source,
        line,
    )


def _broken(line: int, column: int, source: str) -> InputError:
    return InputError(
        f"this is no JSON from character {column} on",
        "Write one JSON object a line, or one array of objects; or read the file as CSV.",
        source,
        line,
        option="read_as",
    )
