"""Requests and their query strings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Protocol
from urllib.parse import quote, urlencode

import attrs

from cc_async.errors import InvalidRequestError, redact

API_PREFIX = "/v3"
JSON = "application/json"

QueryValue = str | int | bool | dt.datetime | Iterable[str] | None


class Sink(Protocol):
    """Receives a long body piece by piece, so that memory never holds all of it."""

    def begin(self) -> None:
        """Discard all pieces: a body starts, possibly after a failed attempt."""
        ...

    def write(self, piece: bytes) -> None:
        """Receive the next piece."""
        ...


@attrs.frozen
class Request:
    """One request; the session adds host, token and tracing headers.

    *path* starts below the API's base (`/contacts`), and *query* is percent-encoded.
    *is_repeatable* means that a repeat does no harm, so a request without an answer is sent
    again. *retries_conflict* means that a 409 is repeated too: two requests changed one contact
    at the same moment. If *sink* is set, a transport may write the body of a success there and
    return a reply without a body.
    """

    method: str
    path: str
    query: str = attrs.field(default="", repr=lambda query: repr(redact(query)))
    body: bytes | None = attrs.field(default=None, repr=False)
    content_type: str | None = None
    accept: str = JSON
    is_repeatable: bool = True
    retries_conflict: bool = False
    sink: Sink | None = attrs.field(default=None, repr=False, eq=False)


def make_time(moment: object) -> str:
    """Return *moment* in the service's form: UTC with `Z`, so that no `+` needs encoding.

    https://developer.constantcontact.com/api_guide/v3_technical_overview.html

    Raises:
        InvalidRequestError: *moment* is no time, has no time zone, or is beyond the years of UTC.
    """
    if not isinstance(moment, dt.datetime) or moment.tzinfo is None:
        raise InvalidRequestError(
            "a time needs a day, an hour and a time zone",
            "Use datetime.now(datetime.UTC), for example.",
        )
    try:
        moment = moment.astimezone(dt.UTC)
    except OverflowError:
        raise InvalidRequestError("a time is beyond the years of UTC") from None
    text = moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds")
    return text.replace("+00:00", "Z")


def make_query(params: Mapping[str, QueryValue]) -> str:
    """Return *params* as a query string without those that are `None` or empty."""
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
        case dt.date():
            raise InvalidRequestError(
                "a day alone is no time", "Give a datetime with a time zone, such as that of UTC."
            )
        case None:
            return ""
    try:
        return ",".join(value)
    except TypeError:
        raise InvalidRequestError("a filter is neither a text nor several of them") from None


def path_of(*parts: object) -> str:
    """Return a path of *parts*, each percent-encoded, so that no id adds a part of its own.

    Raises:
        InvalidRequestError: A part is blank or only dots, so the path would lead to other things.
    """
    texts = [part for part in parts if isinstance(part, str) and part.strip(" .")]
    if len(texts) != len(parts):
        raise InvalidRequestError("an id is blank", "Give the id of the thing you mean.")
    return "".join("/" + quote(part, safe="") for part in texts)
