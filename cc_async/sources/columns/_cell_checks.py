"""Checks of single cells, and the values to be sent for them.

A check looks at the cells of one column, many rows at a time. `quick` proves a whole column good
with a few calls into C and returns the values to be sent, or `None` if any cell needs a closer
look. Then `clean` looks at every cell. Cells come without surrounding blanks; a blank cell is good.

Dates are sent as `YYYY-MM-DD`. Formats that the API reads:
https://developer.constantcontact.com/api_guide/import_contacts.html
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Protocol

import attrs
import orjson

from cc_async.errors import redact
from cc_async.models import LINE_BREAKS, address_fault, read_date, text_fault
from cc_async.sources._source import Cell


class CellError(Exception):
    """A cell that must not be sent. Its text is the reason and the remedy, without the value."""


class Check(Protocol):
    """The rule for the cells of one column."""

    def quick(self, cells: Sequence[str]) -> Sequence[Cell] | None:
        """Return the values to be sent for *cells*, or `None` if one of them needs a closer look."""
        ...

    def clean(self, cell: str) -> Cell:
        """Return the value to be sent for *cell*; raise `CellError` if it must not be sent."""
        ...


@attrs.frozen(eq=False, repr=False)
class Text:
    """Any text up to *max_length* characters; line breaks and tabs in it become blanks."""

    max_length: int | None

    def quick(self, cells: Sequence[str]) -> Sequence[Cell] | None:
        if self.max_length is not None and max(map(len, cells)) > self.max_length:
            return None
        return cells if "".join(cells).isprintable() else None

    def clean(self, cell: str) -> Cell:
        if not cell.isprintable():
            cell = LINE_BREAKS.sub(" ", cell)
        if fault := text_fault(cell, self.max_length):
            raise CellError(fault)
        return cell


_PLAIN_LINES = re.compile(
    r"(?:(?:[A-Za-z0-9_+-][A-Za-z0-9_.+'-]*+(?<!\.)"
    r"@(?:[A-Za-z0-9][A-Za-z0-9-]*+(?<!-)\.)++[A-Za-z0-9]++)?+\n)*+"
)
"""Lines of common addresses and blank lines: many cells in one call."""


@attrs.frozen(eq=False, repr=False)
class Email:
    """An e-mail address that is not surely wrong, up to *max_length* characters."""

    max_length: int | None

    def quick(self, cells: Sequence[str]) -> Sequence[Cell] | None:
        if self.max_length is not None and max(map(len, cells)) > self.max_length:
            return None
        return cells if _PLAIN_LINES.fullmatch("\n".join(cells) + "\n") else None

    def clean(self, cell: str) -> Cell:
        if not cell:
            return cell
        if fault := address_fault(cell, self.max_length):
            raise CellError(fault)
        return cell


_CACHED_DATES = 8_192
"""Dates remembered with their checked form: 22 years of days, half a megabyte."""


def date_in(cell: str) -> dt.date:
    """Return the date in *cell*; raise `CellError` where the API reads none."""
    try:
        return read_date(cell)
    except ValueError as error:
        raise CellError(str(error)) from None


@lru_cache(maxsize=_CACHED_DATES)
def _iso_date_or_none(cell: str) -> str | None:
    try:
        return date_in(cell).isoformat() if cell else ""
    except CellError:
        return None


_IN_FUTURE = "it is in the future; correct the date"


@attrs.frozen(eq=False, repr=False)
class Date:
    """A date until *latest* in any format the API lists, such as 12/31/2024 or 2024-12-31."""

    latest: Callable[[], dt.date] = lambda: dt.date.max

    def quick(self, cells: Sequence[str]) -> Sequence[Cell] | None:
        dates = list(map(_iso_date_or_none, cells))
        known = [date for date in dates if date is not None]
        is_good = len(known) == len(dates) and max(known) <= self.latest().isoformat()
        return known if is_good else None

    def clean(self, cell: str) -> Cell:
        date = date_in(cell) if cell else None
        if date and date > self.latest():
            raise CellError(_IN_FUTURE)
        return date.isoformat() if date else ""


_LEAP_YEAR = 2000
"""Any leap year, so that 29 February is a birthday."""

_MONTH_AND_DAY = re.compile(r"(\d\d?)[/-](\d\d?)", re.ASCII)


def _read_birthday(cell: str) -> tuple[int, int]:
    found = _MONTH_AND_DAY.fullmatch(cell)
    if found is None:
        try:
            day = date_in(cell)
        except CellError:
            raise CellError("it is no birthday; write month and day, as in 12/31") from None
        return day.month, day.day
    try:
        day = dt.date(_LEAP_YEAR, int(found[1]), int(found[2]))
    except ValueError:
        raise CellError("there is no such day; write month and day, as in 12/31") from None
    return day.month, day.day


@lru_cache(maxsize=_CACHED_DATES)
def _birthday_or_none(cell: str) -> tuple[int, int] | tuple[()] | None:
    try:
        return _read_birthday(cell) if cell else ()
    except CellError:
        return None


@attrs.frozen(eq=False, repr=False)
class Birthday:
    """Month and day in one cell, as in 12/31, or a whole date; it becomes a pair of numbers."""

    def quick(self, cells: Sequence[str]) -> Sequence[Cell] | None:
        days = list(map(_birthday_or_none, cells))
        return None if None in days else days

    def clean(self, cell: str) -> Cell:
        return _read_birthday(cell) if cell else ()


@attrs.frozen(eq=False, repr=False)
class Number:
    """A whole number from 1 to *highest*; a blank becomes 0, and 0 is never sent."""

    highest: int
    known: dict[str, int] = attrs.field(init=False, repr=False)

    @known.default
    def _all_spellings(self) -> dict[str, int]:
        numbers = range(1, self.highest + 1)
        return {"": 0} | {f"{n:{form}}": n for form in ("d", "02d") for n in numbers}

    def quick(self, cells: Sequence[str]) -> Sequence[Cell] | None:
        numbers = list(map(self.known.get, cells))
        return None if None in numbers else numbers

    def clean(self, cell: str) -> Cell:
        number = self.known.get(cell)
        if number is None:
            raise CellError(f"it is no whole number from 1 to {self.highest}; correct it")
        return number


_US_NUMBER = re.compile(r"(?:\+?1)?(\d{10})", re.ASCII)


@attrs.frozen(eq=False, repr=False)
class SmsNumber:
    """A US number of ten digits with any punctuation; it becomes the digits.

    https://developer.constantcontact.com/api_guide/v3_features.html
    """

    def quick(self, cells: Sequence[str]) -> Sequence[Cell] | None:
        return None

    def clean(self, cell: str) -> Cell:
        if not cell:
            return ""
        found = _US_NUMBER.fullmatch(re.sub(r"[\s().-]", "", cell))
        if found is None:
            raise CellError(
                "text messages go to US numbers of ten digits; write it as 781-555-0123"
            )
        return found[1]


@attrs.frozen(eq=False, repr=False)
class Moment:
    """A moment or a day until *latest*, in ISO-8601 or as a date; UTC without a zone."""

    latest: Callable[[], dt.datetime]

    def quick(self, cells: Sequence[str]) -> Sequence[Cell] | None:
        return None

    def clean(self, cell: str) -> Cell:
        if not cell:
            return None
        try:
            moment = dt.datetime.fromisoformat(cell)
        except ValueError:
            moment = dt.datetime.combine(date_in(cell), dt.time())
        moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
        if moment > self.latest():
            raise CellError(_IN_FUTURE)
        return moment


_MAX_LISTS = 50
"""Lists of one contact.
https://v3.developer.constantcontact.com/api_guide/lists_overview.html"""


@attrs.frozen(eq=False, repr=False)
class ListNames:
    """Lists by id or exact name, with ; or | between them; they become their ids.

    A JSON array of texts in the cell is read as such: so a name may hold a separator.
    """

    ids: Mapping[str, str] = attrs.field(repr=False)

    def quick(self, cells: Sequence[str]) -> Sequence[Cell] | None:
        return None if any(cells) else [()] * len(cells)

    def clean(self, cell: str) -> Cell:
        if cell in self.ids:
            return (self.ids[cell],)
        names = [name.strip() for name in _split_names(cell)]
        for name in names:
            if name and name not in self.ids:
                raise CellError(f"the account has no list {redact(name)!r}; create or correct it")
        ids = tuple(sorted({self.ids[name] for name in names if name}))
        if len(ids) > _MAX_LISTS:
            raise CellError(f"it names {len(ids)} lists and a contact goes on {_MAX_LISTS} at most")
        return ids


def _split_names(cell: str) -> list[str]:
    if cell.startswith("["):
        try:
            names = orjson.loads(cell)
        except ValueError:
            names = None
        if isinstance(names, list) and all(isinstance(name, str) for name in names):
            return names
    return re.split(r"[;|]", cell)


@attrs.frozen(eq=False, repr=False)
class Blank:
    """No value: the column has no heading, so a value in it would be lost."""

    def quick(self, cells: Sequence[str]) -> Sequence[Cell] | None:
        return None if any(cells) else cells

    def clean(self, cell: str) -> Cell:
        if cell:
            raise CellError("it stands in a column without a heading; give the column a name")
        return cell
