"""Collections, read page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import TypeVar

import anyio

from cc_async.models import Page
from cc_async.session import Session
from cc_async.wire import Request, follow, read_page

T = TypeVar("T")

_NOT_READY_WAIT = 2.0
"""Seconds between two requests while the service still computes a segment (202). The service names no
time, and each request counts against the day's quota.
https://developer.constantcontact.com/api_guide/contacts_get_collection.html
"""


async def iter_pages(
    session: Session, request: Request, key: str, model: type[T], *, count_key: str = ""
) -> AsyncIterator[Page[T]]:
    """Yield the pages of a collection; each is requested after the caller has taken the one before."""
    read = partial(read_page, key=key, model=model, count_key=count_key)
    seen = set[str]()
    while True:
        page: Page[T] = await session.send(request, read)
        if not page.is_ready:
            await anyio.sleep(_NOT_READY_WAIT)
            continue
        yield page
        if page.next_href is None or page.next_href in seen:
            return
        seen.add(page.next_href)
        request = follow(page.next_href)


async def iter_items(
    session: Session, request: Request, key: str, model: type[T]
) -> AsyncIterator[T]:
    """Yield the items of a collection, page after page."""
    async for page in iter_pages(session, request, key, model):
        for item in page.items:
            yield item
