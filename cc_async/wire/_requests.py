"""A request as it will travel, and its query string."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Protocol
from urllib.parse import quote, urlencode

import attrs

API_PREFIX = "/v3"
JSON = "application/json"

QueryValue = str | int | bool | dt.datetime | Iterable[str] | None


class Sink(Protocol):
    """Takes a long body as it comes, so that it is never held whole."""

    def begin(self) -> None:
        """Forget what was taken: a body starts, maybe after a try that broke off."""
        ...

    def write(self, piece: bytes) -> None:
        """Take the next piece."""
        ...


@attrs.frozen
class Request:
    """One request, without host, token or tracing: those are added on the way out.

    *path* starts below the API's base (`/contacts`); *query* is already percent-encoded.
    *is_repeatable* says that sending it twice does no harm, so that a lost answer may be
    answered by asking again. *retries_conflict* marks the one kind of 409 that passes: two
    writes to one contact at the same moment. A transport that can hands the body of a success to
    *sink*, and then a reply without one.
    """

    method: str
    path: str
    query: str = ""
    body: bytes | None = attrs.field(default=None, repr=False)
    content_type: str | None = None
    accept: str = JSON
    is_repeatable: bool = True
    retries_conflict: bool = False
    sink: Sink | None = attrs.field(default=None, repr=False, eq=False)


def make_time(moment: dt.datetime) -> str:
    """Return *moment* as the service takes it: UTC with `Z`, so that no `+` needs encoding."""
    if moment.tzinfo is None:
        raise ValueError("a time needs a zone; use datetime.now(datetime.UTC), for example")
    text = moment.astimezone(dt.UTC).isoformat(
        timespec="milliseconds" if moment.microsecond else "seconds"
    )
    return text.replace("+00:00", "Z")


def make_query(params: Mapping[str, QueryValue]) -> str:
    """Return *params* as a query string, leaving out what is `None` or an empty list."""
    pairs = [(name, _make_value(value)) for name, value in params.items() if value is not None]
    return urlencode([pair for pair in pairs if pair[1] != ""], quote_via=quote, safe=",:")


def _make_value(value: QueryValue) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case dt.datetime():
            return make_time(value)
        case str() | int():
            return str(value)
        case None:
            return ""
        case _:
            return ",".join(value)


def path_of(*parts: str) -> str:
    """Return a path of *parts*, each percent-encoded: an id never leaves its place."""
    return "".join("/" + quote(part, safe="") for part in parts)
