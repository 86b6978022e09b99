"""Pages of a collection, each with a link to the next one.

The link has no host and starts with the API's prefix. It is followed unchanged, because a cursor
may end in `=`. The last page has no `_links`, or `_links` without `next`.
https://developer.constantcontact.com/api_guide/tags_get.html
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from cc_async.errors import UnexpectedResponseError
from cc_async.models import Page
from cc_async.wire._converter import CONVERTER
from cc_async.wire._replies import Reply, read_json, unreadable_reply
from cc_async.wire._requests import API_PREFIX, Request

T = TypeVar("T")

_LINK = re.compile(r"/(?!/)[!-~]*")
"""A path and a query without a host, blanks and control characters."""

_MAX_LINK = 4_096
"""Characters of the longest link that is followed. Seen are links below 200; proxies refuse request
lines beyond 4,096 to 8,192 characters."""

_MAX_DIGITS = 16
"""Digits of a count that is sent as text; no account has a quadrillion contacts."""


def read_page(reply: Reply, key: str, model: type[T], *, count_key: str = "") -> Page[T]:
    """Return the page of *model* values under *key* in *reply*.

    A page without its key is no empty page: an absence is never concluded from it. A segment that
    is still being computed is answered with 202 and no items.
    https://developer.constantcontact.com/api_guide/contacts_get_collection.html

    Raises:
        ApiError: The service refused the request.
        UnexpectedResponseError: The reply has another form.
    """
    payload = read_json(reply)
    try:
        if not isinstance(payload, dict):
            raise TypeError(f"expected an object, got {type(payload).__name__}")
        if reply.status == 202 and not payload.get(key):
            return Page(is_ready=False)
        if not isinstance(items := payload.get(key), list):
            raise TypeError(f"expected a list of {key}, got {type(items).__name__}")
        return Page(
            items=tuple(_read_item(item, model) for item in items),
            next_href=_next_href(payload.get("_links")),
            total=_count(payload.get(count_key)) if count_key else None,
        )
    except Exception as error:  # noqa: BLE001 - cattrs raises whatever a value provokes
        raise unreadable_reply(reply, error) from None


def _read_item(item: Any, model: type[T]) -> T:
    if not isinstance(item, dict):
        raise TypeError(f"expected an object, got {type(item).__name__}")
    return CONVERTER.structure(item, model)


def _next_href(links: Any) -> str | None:
    following = _member(links, "next")
    href = _member(following, "href")
    if href in (None, ""):
        return None
    if not _is_link(href):
        raise ValueError("the link to the next page leads elsewhere, or is none")
    return str(href)


def _member(value: Any, name: str) -> Any:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise TypeError(f"expected an object, got {type(value).__name__}")
    return value.get(name)


def _count(value: Any) -> int | None:
    if isinstance(value, str) and value.isdecimal() and len(value) < _MAX_DIGITS:
        return int(value)
    if value is None or (type(value) is int and value >= 0):
        return value
    raise ValueError("the count is not a number")


def _is_link(href: Any) -> bool:
    """Whether *href* is a link as the service gives it: a path on its own host, and a query."""
    return (
        isinstance(href, str)
        and len(href) <= _MAX_LINK
        and _LINK.fullmatch(href) is not None
        and ".." not in href.partition("?")[0].split("/")
    )


def follow(href: str) -> Request:
    """Return the request for the page behind the link *href*.

    Raises:
        UnexpectedResponseError: The link leads to another host, or is none.
    """
    if not _is_link(href):
        raise UnexpectedResponseError(200, "a link that leads elsewhere, or is none")
    parts = urlsplit(href)
    path = parts.path
    if path.startswith(f"{API_PREFIX}/"):  # without the slash, /v33/x would become the path 3/x
        path = path.removeprefix(API_PREFIX)
    return Request("GET", path, parts.query)


def make_cursor(limit: int, next_id: str) -> str:
    """Return a cursor in the service's form; a client never reads inside it."""
    return base64.b64encode(f"limit={limit}&next={next_id}".encode()).decode()


def read_cursor(cursor: str) -> tuple[int, str] | None:
    """Return page size and next id of *cursor*, or `None` if it is not a cursor."""
    try:
        text = base64.b64decode(cursor, validate=True).decode()
        limit, _, next_id = text.removeprefix("limit=").partition("&next=")
        return int(limit), next_id
    except (binascii.Error, ValueError):
        return None


def make_next_link(path: str, cursor: str) -> dict[str, Any]:
    """Return the `_links` of a page before the last one."""
    return {"next": {"href": f"{API_PREFIX}{path}?cursor={quote(cursor, safe='')}"}}
