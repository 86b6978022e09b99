"""Collections, read page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import TypeVar

import anyio

from cc_async.errors import UnexpectedResponseError
from cc_async.models import Page
from cc_async.session import Session
from cc_async.wire import Reply, Request, follow, read_page

T = TypeVar("T")

_NOT_READY_WAIT, _LONGEST_WAIT = 2.0, 30.0
"""Seconds between two requests while the service still computes a segment (202): the first pause,
doubled each time, and the longest. The service names no time, and each request counts against the
day's quota. https://developer.constantcontact.com/api_guide/contacts_get_collection.html
"""

_MAX_PAGES = 20_000
"""Pages of one collection: twice the requests of a day. Ten million contacts fill so many."""

_MAX_EMPTY_PAGES = 100
"""Pages without an item in a row. A page may be empty if all of its contacts were filtered out; the
service was not seen to send one."""

_MAX_ITEMS = 200_000
"""Lists, tags, fields or activities: twice the activities that 10,000 requests a day start in the
ten days of their life. https://developer.constantcontact.com/api_guide/activity_status.html"""


async def iter_pages(
    session: Session, request: Request, key: str, model: type[T], *, count_key: str = ""
) -> AsyncIterator[Page[T]]:
    """Yield the pages of a collection; each is requested after the caller has taken the one before.

    Raises:
        UnexpectedResponseError: The pages do not end: a link came before, there are more than any
            account can have, or a segment is not ready within the policy's patience.
    """
    read = partial(read_page, key=key, model=model, count_key=count_key)
    seen, pages, empty_pages = set[int](), 0, 0
    while True:
        page = await _read_ready_page(session, request, read)
        yield page
        if page.next_href is None:
            return
        pages += 1
        empty_pages = 0 if page.items else empty_pages + 1
        if hash(page.next_href) in seen:
            raise UnexpectedResponseError(200, f"{key} without an end: a link to an earlier page")
        if pages >= _MAX_PAGES or empty_pages >= _MAX_EMPTY_PAGES:
            raise UnexpectedResponseError(200, f"{key} without an end: {pages:,} pages so far")
        seen.add(hash(page.next_href))
        request = follow(page.next_href)


async def _read_ready_page(
    session: Session, request: Request, read: Callable[[Reply], Page[T]]
) -> Page[T]:
    """Return the page, and ask again while the service still computes it."""
    started, wait = anyio.current_time(), _NOT_READY_WAIT
    while True:
        page = await session.send(request, read)
        if page.is_ready:
            return page
        if (waited := anyio.current_time() - started) > session.policy.patience:
            raise UnexpectedResponseError(202, f"'not ready' for {waited:,.0f} s")
        await anyio.sleep(wait)
        wait = min(2 * wait, _LONGEST_WAIT)


async def read_first_page(
    session: Session, request: Request, key: str, model: type[T]
) -> tuple[T, ...]:
    """Return the items of the first page, for a question that has few answers."""
    read = partial(read_page, key=key, model=model)
    return (await _read_ready_page(session, request, read)).items


async def iter_items(
    session: Session, request: Request, key: str, model: type[T]
) -> AsyncIterator[T]:
    """Yield the items of a collection, page after page; errors are those of `iter_pages`."""
    items = 0
    async for page in iter_pages(session, request, key, model):
        for item in page.items:
            yield item
        items += len(page.items)
        if items > _MAX_ITEMS:
            raise UnexpectedResponseError(200, f"{key} without an end: {items:,} so far")
