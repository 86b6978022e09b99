"""Contacts read whole: as many as the service counts, or an error.

A list of opted-out people that lacks some would let them be signed up. So each reading is compared
with the service's own count.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from cc_async.errors import UnexpectedResponseError
from cc_async.models import Contact, Page
from cc_async.resources import ContactPageFilters, Contacts
from cc_async.session import Session

T = TypeVar("T")

PAGE = 500
"""Contacts a page, the most that the service gives:
https://developer.constantcontact.com/api_guide/contacts_get_collection.html"""

_READINGS = 3
"""Readings before a gap is an error: contacts that change while pages are read make one. Ours to
choose; three gaps in a row have another cause."""

_GROWTH = 10_000
"""Contacts that may be added while pages are read, beyond twice the count: far more than an
account gains in minutes. It bounds the memory if pages do not end."""


async def read_whole(
    session: Session,
    filters: ContactPageFilters,
    read: Callable[[Contact], T],
    stops_at: Callable[[int], bool] = lambda _: False,
) -> list[T] | None:
    """Return what *read* makes of each contact that *filters* choose.

    If *stops_at* is true for the count on the first page, nothing more is read and `None` is
    returned.

    Raises:
        UnexpectedResponseError: The pages have no count, or hold fewer contacts than they count.
    """
    asked = cast(ContactPageFilters, {**filters, "include_count": True, "limit": PAGE})
    gap = ""
    for _ in range(_READINGS):
        is_first, total, people, found = True, 0, set[int](), list[T]()
        async for page in Contacts(session).iter_pages(**asked):
            if is_first:
                is_first, total = False, _count_of(page)
                if stops_at(total):
                    return None
            total = max(total, page.total or 0)
            people.update(hash(_identity(contact)) for contact in page.items)
            found += map(read, page.items)
            if len(found) > 2 * total + _GROWTH:
                raise UnexpectedResponseError(200, f"more contacts than the {total:,} it counted")
        if len(people) >= total:
            return found
        gap = f"{len(people):,} of the {total:,} contacts it counted"
    raise UnexpectedResponseError(200, gap)


def _count_of(page: Page[Contact]) -> int:
    if page.total is None:
        raise UnexpectedResponseError(200, "contacts without their count")
    return page.total


def _identity(contact: Contact) -> str | None:
    address = contact.email_address.address if contact.email_address else None
    return contact.contact_id or address
