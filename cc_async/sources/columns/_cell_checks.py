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
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Protocol

import attrs
import orjson

from cc_async.errors import redact
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


_LINE_BREAKS = re.compile(r"[\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def is_too_long(cell: str, limit: int | None) -> bool:
    """Whether *cell* has more characters than *limit*; `None` is no limit."""
    return limit is not None and len(cell) > limit


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
            cell = _LINE_BREAKS.sub(" ", cell)
            if _CONTROL.search(cell):
                raise CellError("it holds an invisible control character; type the value anew")
        if is_too_long(cell, self.max_length):
            raise CellError(
                f"it has {len(cell)} characters and {self.max_length} are allowed; shorten it"
            )
        return cell


_LOCAL = r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f.][^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]*+(?<!\.)"
_LABEL = r"[^\W_](?:[^\W_]|-)*+(?<!-)"
_ADDRESS = re.compile(rf"{_LOCAL}@{_LABEL}(?:\.{_LABEL})++")
_PLAIN_LINES = re.compile(
    r"(?:(?:[A-Za-z0-9_+-][A-Za-z0-9_.+'-]*+(?<!\.)"
    r"@(?:[A-Za-z0-9][A-Za-z0-9-]*+(?<!-)\.)++[A-Za-z0-9]++)?+\n)*+"
)
"""Lines of common addresses and blank lines: many cells in one call."""


def holds_address(text: str) -> bool:
    """Whether *text*, without surrounding blanks, is an e-mail address."""
    return _ADDRESS.fullmatch(text.strip()) is not None


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
        if _ADDRESS.fullmatch(cell) is None or not cell.isprintable():
            raise CellError(_address_fault(cell))
        if is_too_long(cell, self.max_length):
            raise CellError(
                f"the address has {len(cell)} characters and {self.max_length} are allowed; "
                "correct it, or raise the limit if the account takes it"
            )
        return cell


def _address_fault(address: str) -> str:
    local, at, domain = address.rpartition("@")
    if not at:
        return "there is no @ in the address; correct it"
    if "@" in local:
        return "there is more than one @ in the address; write one address"
    if not local or not domain:
        return "a part of the address before or after the @ is missing; complete it"
    if re.search(r"\s", address) or not address.isprintable():
        return "there is a blank or an invisible character in the address; remove it"
    if "." not in domain:
        return "there is no dot after the @, as in example.com; correct the address"
    if local.startswith(".") or local.endswith(".") or ".." in domain or domain[-1] == ".":
        return "there is a dot too many in the address; remove it"
    return "the address holds a character that addresses do not have; write only the address"


_CACHED_DATES = 8_192
"""Dates remembered with their checked form: 22 years of days, half a megabyte."""

_DATE = re.compile(
    r"(?P<y>\d{4})(?P<s>[/-])(?P<m>\d\d?)(?P=s)(?P<d>\d\d?)"
    r"|(?P<m2>\d\d?)(?P<s2>[/-])(?P<d2>\d\d?)(?P=s2)(?P<y2>\d{4})",
    re.ASCII,
)


def read_date(cell: str) -> dt.date:
    """Return the date in *cell*; raise `CellError` where the API reads none."""
    found = _DATE.fullmatch(cell)
    if found is None:
        raise CellError("the service reads no such date; write it as 2024-12-31")
    year, month, day = (int(found[key] or found[key + "2"]) for key in "ymd")
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise CellError(
            "there is no such day; write the date as 2024-12-31 (year, month, day)"
        ) from None


@lru_cache(maxsize=_CACHED_DATES)
def _iso_date_or_none(cell: str) -> str | None:
    try:
        return read_date(cell).isoformat() if cell else ""
    except CellError:
        return None


_IN_FUTURE = "it is in the future; correct the date"


@attrs.frozen(eq=False, repr=False)
class Date:
    """A date until *latest* in any format the API lists, such as 12/31/2024 or 2024-12-31."""

    latest: dt.date = dt.date.max

    def quick(self, cells: Sequence[str]) -> Sequence[Cell] | None:
        dates = list(map(_iso_date_or_none, cells))
        known = [date for date in dates if date is not None]
        is_good = len(known) == len(dates) and max(known) <= self.latest.isoformat()
        return known if is_good else None

    def clean(self, cell: str) -> Cell:
        date = read_date(cell) if cell else None
        if date and date > self.latest:
            raise CellError(_IN_FUTURE)
        return date.isoformat() if date else ""


_LEAP_YEAR = 2000
"""Any leap year, so that 29 February is a birthday."""

_MONTH_AND_DAY = re.compile(r"(\d\d?)[/-](\d\d?)", re.ASCII)


def _read_birthday(cell: str) -> tuple[int, int]:
    found = _MONTH_AND_DAY.fullmatch(cell)
    if found is None:
        try:
            day = read_date(cell)
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

    latest: dt.datetime

    def quick(self, cells: Sequence[str]) -> Sequence[Cell] | None:
        return None

    def clean(self, cell: str) -> Cell:
        if not cell:
            return None
        try:
            moment = dt.datetime.fromisoformat(cell)
        except ValueError:
            moment = dt.datetime.combine(read_date(cell), dt.time())
        moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
        if moment > self.latest:
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
