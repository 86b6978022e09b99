"""Rules that values in queries and bodies must keep, gathered into one complaint."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping
from typing import Any

from cc_async.sandbox._answers import invalid
from cc_async.sandbox._ids import is_uuid
from cc_async.wire import read_time

_ADDRESS = re.compile(
    r"[A-Z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Z0-9](?:[A-Z0-9-]{0,61}[A-Z0-9])?\.)+[A-Z][A-Z0-9-]*[A-Z0-9]",
    re.IGNORECASE | re.ASCII,
)
_DATES = (
    re.compile(r"(?P<year>\d{4})[-/](?P<month>\d{1,2})[-/](?P<day>\d{1,2})", re.ASCII),
    re.compile(r"(?P<month>\d{1,2})[-/](?P<day>\d{1,2})[-/](?P<year>\d{4})", re.ASCII),
)
_MONTH_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class Complaints(list[str]):
    """Problems of one request, in the service's wording, raised together."""

    def missing(self, name: str) -> None:
        self.append(f"{name} is missing")

    def wrong(self, name: str) -> None:
        self.append(f"{name} does not have a valid value")

    def check_text(self, body: Mapping[str, Any], name: str, most: int, least: int = 0) -> None:
        """Complain where *name* is there but is no text of a length allowed."""
        value = body.get(name)
        if value is None:
            return
        if not isinstance(value, str):
            self.wrong(name)
        elif len(value) > most:
            self.append(f"{name} is too long (maximum is {most} characters)")
        elif len(value) < least:
            self.append(f"{name} is too short (minimum is {least} characters)")

    def check_word(self, body: Mapping[str, Any], name: str, known: Collection[str]) -> None:
        """Complain where *name* is there but is none of the words known."""
        value = body.get(name)
        if value is not None and not (isinstance(value, str) and value in known):
            self.wrong(name)

    def raise_any(self) -> None:
        """Raise everything complained about as one refusal."""
        if self:
            raise invalid(", ".join(self))


def is_address(text: str) -> bool:
    """Whether *text* looks like an e-mail address."""
    return len(text) <= 80 and _ADDRESS.fullmatch(text) is not None


def is_birthday(month: object, day: object) -> bool:
    """Whether the two halves are there and make a day of some year."""
    if type(month) is not int or type(day) is not int:
        return False
    return 1 <= month <= 12 and 1 <= day <= _MONTH_DAYS[month - 1]


def read_anniversary(text: str) -> str | None:
    """Return a date in any of the formats listed as `YYYY-MM-DD`, or `None`."""
    for pattern in _DATES:
        if found := pattern.fullmatch(text.strip()):
            year, month, day = (int(found[name]) for name in ("year", "month", "day"))
            try:
                return dt.date(year, month, day).isoformat()
            except ValueError:
                return None
    return None


def read_flag(params: Mapping[str, str], name: str) -> bool:
    """Return a query's `true` or `false`."""
    return read_choice(params, name, ("true", "false")) == "true"


def read_choice(params: Mapping[str, str], name: str, known: Collection[str]) -> str | None:
    """Return a query's one word out of those known."""
    value = params.get(name)
    if value is not None and value not in known:
        raise invalid(f"{name} does not have a valid value")
    return value


def read_words(params: Mapping[str, str], name: str, known: Collection[str]) -> frozenset[str]:
    """Return a query's comma list of known words."""
    if name not in params:
        return frozenset()
    words = frozenset(params[name].split(","))
    if not words <= set(known):
        raise invalid(f"{name} does not have a valid value")
    return words


def read_ids(params: Mapping[str, str], name: str, most: int) -> tuple[str, ...]:
    """Return a query's comma list of ids."""
    if name not in params:
        return ()
    ids = tuple(params[name].split(","))
    if len(ids) > most or not all(map(is_uuid, ids)):
        raise invalid(f"{name} does not have a valid value")
    return ids


def read_moment(params: Mapping[str, str], name: str) -> float | None:
    """Return a query's ISO-8601 time as seconds since 1970."""
    if name not in params:
        return None
    try:
        return read_time(params[name]).timestamp()
    except (ValueError, OverflowError):
        raise invalid(f"{name} does not have a valid value") from None


def read_sequence_ids(params: Mapping[str, str]) -> list[int]:
    """Return the ids of the retired API that a migration asks for."""
    texts = params.get("sequence_ids", "").split(",")
    if len(texts) > 500 or not all(
        one.isascii() and one.isdecimal() and len(one) < 16 for one in texts
    ):
        raise invalid("sequence_ids does not have a valid value")
    return list(map(int, texts))
