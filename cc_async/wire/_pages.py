"""Pages of a collection, each with a link to the next one.

The link has no host and starts with the API's prefix. It is followed unchanged, because a cursor
may end in `=`. The last page has no `_links`, or `_links` without `next`.
https://developer.constantcontact.com/api_guide/tags_get.html
"""

from __future__ import annotations

import base64
import binascii
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from cc_async.models import Page
from cc_async.wire._converter import CONVERTER
from cc_async.wire._replies import Reply, read_json, unreadable_reply
from cc_async.wire._requests import API_PREFIX, Request

T = TypeVar("T")


def read_page(reply: Reply, key: str, model: type[T], *, count_key: str = "") -> Page[T]:
    """Return the page of *model* values under *key* in *reply*.

    A segment that is still being computed is answered with 202 and no items.
    https://developer.constantcontact.com/api_guide/contacts_get_collection.html

    Raises:
        ApiError: The service refused the request.
        UnexpectedResponseError: The reply has another form.
    """
    payload = read_json(reply)
    try:
        items = tuple(CONVERTER.structure(item, model) for item in payload.get(key) or ())
        next_link = (payload.get("_links") or {}).get("next") or {}
        return Page(
            items=items,
            next_href=next_link.get("href") or None,
            total=payload.get(count_key) if count_key else None,
            is_ready=reply.status != 202 or bool(items),
        )
    except Exception as error:  # noqa: BLE001 - cattrs raises whatever a value provokes
        raise unreadable_reply(reply, error) from None


def follow(href: str) -> Request:
    """Return the request for the page behind the link *href*."""
    parts = urlsplit(href)
    return Request("GET", parts.path.removeprefix(API_PREFIX), parts.query)


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
