"""Collections come in pages that are chained by a link.

The link has no host and starts with the API's own prefix; it is passed through untouched,
since a cursor may end in `=`. The last page has no `_links` at all, or one without `next`.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from cc_async.models import Page
from cc_async.wire._converter import CONVERTER
from cc_async.wire._replies import Reply, _unreadable, read_json
from cc_async.wire._requests import API_PREFIX, Request

T = TypeVar("T")


def read_page(reply: Reply, key: str, model: type[T], *, count_key: str = "") -> Page[T]:
    """Return the page of *model* values that *reply* holds under *key*."""
    said = read_json(reply)
    try:
        items = tuple(CONVERTER.structure(item, model) for item in said.get(key) or ())
        next_link = (said.get("_links") or {}).get("next") or {}
        return Page(
            items=items,
            next_href=next_link.get("href") or None,
            total=said.get(count_key) if count_key else None,
            is_ready=reply.status != 202 or bool(items),
        )
    except Exception as error:  # noqa: BLE001 - cattrs raises whatever a value provokes
        raise _unreadable(reply, error) from None


def follow(href: str) -> Request:
    """Return the request that a page's link asks for."""
    parts = urlsplit(href)
    return Request("GET", parts.path.removeprefix(API_PREFIX), parts.query)


def make_cursor(limit: int, next_id: str) -> str:
    """Return a cursor as the service makes them; a client never looks inside one."""
    return base64.b64encode(f"limit={limit}&next={next_id}".encode()).decode()


def read_cursor(cursor: str) -> tuple[int, str] | None:
    """Return page size and next id of a cursor, or `None` where it is none."""
    try:
        text = base64.b64decode(cursor, validate=True).decode()
        limit, _, next_id = text.removeprefix("limit=").partition("&next=")
        return int(limit), next_id
    except (binascii.Error, ValueError):
        return None


def make_next_link(path: str, cursor: str) -> dict[str, Any]:
    """Return the `_links` of a page that is not the last."""
    return {"next": {"href": f"{API_PREFIX}{path}?cursor={quote(cursor, safe='')}"}}
