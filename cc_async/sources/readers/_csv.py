"""Contacts from CSV: commas, semicolons or tabs, any line end, exact line numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from functools import partial
from itertools import compress, count, islice

import attrs

from cc_async.errors import InputError
from cc_async.sources.readers._csv_errors import find_quote_fault
from cc_async.sources.readers._file_format import Block, FileFormat, Records
from cc_async.sources.readers._text import EMPTY, UndecodableError, read_text, refuse_long_line

_DELIMITERS = (",", ";", "\t")
_RECORDS_AT_ONCE = 500
"""Records of one piece. Lists by the thousand would be taken for long-lived by the garbage
collector; it then looks through every object of the program."""


@attrs.frozen
class _Parsed:
    """The records of a piece of CSV, the line each starts on, and the incomplete rest."""

    lines: Sequence[int]
    records: list[list[str]]
    rest: str = ""
    rest_line: int = 0
    delimiter: str = ","


def find_delimiter(text: str) -> str:
    """Return the delimiter that divides the first line of *text* into most cells.

    Lines of nothing but blanks and commas are skipped.
    """
    if not _width_of_first_line(text, ","):
        return ","
    return max(_DELIMITERS, key=partial(_width_of_first_line, text))


def _width_of_first_line(text: str, delimiter: str) -> int:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return len(next(filter(holds_something, reader), ()))
    except csv.Error:
        return 0


def holds_something(record: Sequence[str]) -> bool:
    """Whether *record* has a cell that is not blank."""
    return any(map(str.strip, record))


def parse(text: str, line: int, delimiter: str) -> Iterator[_Parsed]:
    """Yield the records in *text*, some hundred at a time; its first line has the number *line*.

    From the first faulty record on, the text is the rest of the last piece: more text may
    complete it.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    following, is_whole, is_over = line, True, False
    while not is_over:
        records: list[list[str]] = []
        lines = [following]
        try:
            for record in islice(reader, _RECORDS_AT_ONCE):
                records.append(record)
                lines.append(line + reader.line_num)
        except csv.Error:
            is_whole = False
        is_over = not is_whole or len(records) < _RECORDS_AT_ONCE
        following = lines.pop()
        if not all(map(any, records)):
            lines = [number for number, record in zip(lines, records, strict=True) if any(record)]
            records = list(filter(any, records))
        rest = "" if is_whole else _after(text, following - line)
        yield _Parsed(lines, records, rest, following, delimiter)


def _after(text: str, lines: int) -> str:
    """Return *text* without its first *lines*."""
    return "".join(list(io.StringIO(text, newline=""))[lines:])


async def read_csv_records(
    blocks: AsyncIterator[Block], encoding: str, source: str
) -> AsyncGenerator[Records, None]:
    """Yield the records in *blocks*; see `FileFormat.read`.

    Lines before the heading that hold nothing but blanks and delimiters are left out.
    """
    heading: list[str] | None = None
    delimiter = ","
    async with aclosing(read_text(blocks, encoding, source=source)) as texts:
        try:
            async with aclosing(_parse_all(texts, source)) as parsed:
                async for found in parsed:
                    start, delimiter = 0, found.delimiter
                    if heading is None:
                        place = next(compress(count(), map(holds_something, found.records)), None)
                        start = len(found.records) if place is None else place
                        heading = None if place is None else found.records[place]
                    yield Records(found.lines[start:], found.records[start:])
        except UndecodableError as error:
            column = _heading_at(error.before, heading or [], delimiter)
            raise error.as_input_error(source, column) from None
    if heading is None:
        raise InputError(*EMPTY, source)


CSV = FileFormat("csv", lambda _, __: True, read_csv_records)


def _heading_at(before: str, heading: Sequence[str], delimiter: str) -> str:
    """Return the heading of the cell at the end of *before*, or nothing if that is unclear."""
    place = before.count(delimiter)
    return heading[place] if '"' not in before and place < len(heading) else ""


async def _parse_all(
    texts: AsyncIterator[tuple[int, str]], source: str
) -> AsyncGenerator[_Parsed, None]:
    """Yield the records in *texts*, the pieces of `read_text`.

    Raises:
        InputError: The quotes do not add up.
    """
    delimiter, has_heading = "", False
    rest, rest_line, last = "", 1, "\n"
    async for line, text in texts:
        refuse_long_line(last, line, source=source)
        last = text[-1]
        if not has_heading:
            delimiter = find_delimiter(rest + text)
        for found in parse(rest + text, rest_line if rest else line, delimiter):
            has_heading = has_heading or any(map(holds_something, found.records))
            yield found
        rest, rest_line = found.rest, found.rest_line
        _refuse_fault(found, source)
        if len(rest) > csv.field_size_limit():
            break
    if rest:
        raise _never_ends(rest, rest_line, delimiter, source)


def _refuse_fault(found: _Parsed, source: str) -> None:
    fault = find_quote_fault(found.rest, found.delimiter)
    if fault is not None and fault.kind == "after":
        opened, ended = found.rest_line + fault.opened, found.rest_line + fault.ended
        where = f" on line {ended}" if ended != opened else ""
        raise InputError(
            f"a value in double quotes begins here, and more text follows its last quote{where}",
            "Close the quotes at the end of the value, and write a double quote inside it twice.",
            source,
            opened,
        )


def _never_ends(rest: str, line: int, delimiter: str, source: str) -> InputError:
    is_cut = len(rest) > csv.field_size_limit()
    fault = find_quote_fault(rest, delimiter)
    if fault is None:
        return InputError(
            f"a value has more than {csv.field_size_limit():,} characters",
            "Give a file with one contact a line.",
            source,
            line,
        )
    return InputError(
        "a double quote is opened here and never closed"
        + (f" within {csv.field_size_limit():,} characters" if is_cut else ""),
        "Add the missing double quote at the end of the value.",
        source,
        line + fault.opened,
    )
