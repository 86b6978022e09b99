"""Checks of values in bodies and queries, in the service's own wording.

https://developer.constantcontact.com/api_guide/glossary_responses.html
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping
from typing import Any

from cc_async.sandbox._ids import is_uuid
from cc_async.sandbox.http._error_replies import ErrorReply, bad_request
from cc_async.wire import read_time

_ADDRESS = re.compile(
    r"[A-Z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Z0-9](?:[A-Z0-9-]{0,61}[A-Z0-9])?\.)+[A-Z][A-Z0-9-]*[A-Z0-9]",
    re.IGNORECASE | re.ASCII,
)
MAX_ADDRESS_LENGTH = 80
"""Characters: https://developer.constantcontact.com/api_guide/contacts_subresources.html"""

_DATES = (
    re.compile(r"(?P<year>\d{4})[-/](?P<month>\d{1,2})[-/](?P<day>\d{1,2})", re.ASCII),
    re.compile(r"(?P<month>\d{1,2})[-/](?P<day>\d{1,2})[-/](?P<year>\d{4})", re.ASCII),
)
_MONTH_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""Days of each month in a leap year: a birthday has no year."""

MAX_SEQUENCE_IDS = 500
"""Ids of the retired API in one request: the provider's contract."""


class ValidationErrors(list[str]):
    """The problems of one request, raised together as one refusal."""

    def missing(self, name: str) -> None:
        self.append(f"{name} is missing")

    def invalid(self, name: str) -> None:
        self.append(f"{name} does not have a valid value")

    def check_text(
        self, body: Mapping[str, Any], name: str, max_length: int, min_length: int = 0
    ) -> None:
        """Add a problem where *name* is present and no text of an allowed length."""
        value = body.get(name)
        if value is None:
            return
        if not isinstance(value, str):
            self.invalid(name)
        elif len(value) > max_length:
            self.append(f"{name} is too long (maximum is {max_length} characters)")
        elif len(value) < min_length:
            self.append(f"{name} is too short (minimum is {min_length} characters)")

    def check_choice(self, body: Mapping[str, Any], name: str, known: Collection[str]) -> None:
        """Add a problem where *name* is present and none of the *known* words."""
        value = body.get(name)
        if value is not None and not (isinstance(value, str) and value in known):
            self.invalid(name)

    def raise_any(self) -> None:
        """Raise all problems as one refusal; do nothing if there is none."""
        if self:
            raise bad_request(", ".join(self))


def is_address(text: str) -> bool:
    """Whether *text* looks like an e-mail address."""
    return len(text) <= MAX_ADDRESS_LENGTH and _ADDRESS.fullmatch(text) is not None


def is_birthday(month: object, day: object) -> bool:
    """Whether month and day are present and make a day of some year."""
    if type(month) is not int or type(day) is not int:
        return False
    return 1 <= month <= 12 and 1 <= day <= _MONTH_DAYS[month - 1]


def read_anniversary(text: str) -> str | None:
    """Return a date as `YYYY-MM-DD`, or `None` for a text in no documented format.

    https://developer.constantcontact.com/api_guide/contacts_subresources.html
    """
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
    """Return a query's word, one of those *known*."""
    value = params.get(name)
    if value is not None and value not in known:
        raise _invalid(name)
    return value


def read_words(params: Mapping[str, str], name: str, known: Collection[str]) -> frozenset[str]:
    """Return a query's comma list of *known* words."""
    if name not in params:
        return frozenset()
    words = frozenset(params[name].split(","))
    if not words <= set(known):
        raise _invalid(name)
    return words


def read_ids(params: Mapping[str, str], name: str, max_ids: int) -> tuple[str, ...]:
    """Return a query's comma list of ids."""
    if name not in params:
        return ()
    ids = tuple(params[name].split(","))
    if len(ids) > max_ids or not all(map(is_uuid, ids)):
        raise _invalid(name)
    return ids


def read_moment(params: Mapping[str, str], name: str) -> float | None:
    """Return a query's ISO-8601 time as seconds since 1970."""
    if name not in params:
        return None
    try:
        return read_time(params[name]).timestamp()
    except (ValueError, OverflowError):
        raise _invalid(name) from None


def read_sequence_ids(params: Mapping[str, str]) -> list[int]:
    """Return the ids of the retired API that a migration asks for."""
    texts = params.get("sequence_ids", "").split(",")
    if len(texts) > MAX_SEQUENCE_IDS or not all(
        one.isascii() and one.isdecimal() and len(one) < 16 for one in texts
    ):
        raise _invalid("sequence_ids")
    return list(map(int, texts))


def _invalid(name: str) -> ErrorReply:
    return bad_request(f"{name} does not have a valid value")
