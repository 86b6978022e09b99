"""Filters of `GET /contacts`, defined once for all methods that list contacts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypedDict

from cc_async.errors import InvalidRequestError
from cc_async.wire import make_query

_PEOPLE = ("status", "email", "lists", "tags", "sms_status")
"""Filters that choose people; the service ignores an empty one and returns all contacts."""

_VALUES = (
    "segment_id", "updated_after", "updated_before", "created_after", "created_before",
    "optout_after", "optout_before",
)  # fmt: skip
"""Filters with one value, which is no text; blank text in place of it would return all contacts."""

Include = Literal[
    "custom_fields", "list_memberships", "taggings", "notes", "phone_numbers", "street_addresses"
]


class ContactFilters(TypedDict, total=False):
    """Arguments of `Contacts.iter`; all are optional.

    Without *status* all contacts but deleted ones are returned, unsubscribed ones too. Its values
    are `all`, `active`, `deleted`, `not_set`, `pending_confirmation`, `temp_hold` and
    `unsubscribed`. At most 25 *lists* and 50 *tags* can be named, and *segment_id* excludes all
    other filters. A filter that is `None` is absent; an empty one is refused, because the service
    would return all contacts. *limit* is the size of a page, 1 to 500, by default 500.
    https://developer.constantcontact.com/api_guide/contacts_get_collection.html
    """

    status: Iterable[str]
    email: str | None
    lists: Iterable[str]
    segment_id: int | None
    tags: Iterable[str]
    updated_after: dt.datetime | None
    updated_before: dt.datetime | None
    created_after: dt.datetime | None
    created_before: dt.datetime | None
    optout_after: dt.datetime | None
    optout_before: dt.datetime | None
    sms_status: Iterable[str]
    include: Iterable[Include]
    limit: int


MAX_LISTS = 25
"""List ids in one request. https://developer.constantcontact.com/api_guide/contacts_get_collection.html"""

MAX_TAGS = 50
"""Tag ids in one request."""

MAX_PAGE = 500
"""Contacts on one page; the package asks for the largest, since each page is a request."""


class ContactPageFilters(ContactFilters, total=False):
    """Arguments of `Contacts.iter_pages`; *include_count* fills `Page.total`."""

    include_count: bool


def contacts_query(filters: ContactPageFilters) -> str:
    """Return the query of `GET /contacts`.

    Raises:
        TypeError: A filter has an unknown name.
        InvalidRequestError: An empty filter, too many lists or tags, or a page size out of range.
    """
    unknown = filters.keys() - ContactPageFilters.__optional_keys__
    if unknown:
        raise TypeError(f"unexpected filters: {', '.join(sorted(unknown))}")
    given: Mapping[str, Any] = filters
    for name in _VALUES:
        if isinstance(text := given.get(name), str):
            checked_filter(name, text)
    people = {name: checked_filter(name, given.get(name)) for name in _PEOPLE}
    lists, tags = people["lists"] or (), people["tags"] or ()
    limit = filters.get("limit", MAX_PAGE)
    if len(lists) > MAX_LISTS or len(tags) > MAX_TAGS or not 1 <= limit <= MAX_PAGE:
        raise InvalidRequestError(
            f"a page holds 1 to {MAX_PAGE} contacts, of at most {MAX_LISTS} lists or {MAX_TAGS} tags",
            "Name fewer lists or tags at a time, and merge the pages by contact_id.",
        )
    include_count = filters.get("include_count") or None
    params = {**given, **people, "include_count": include_count, "limit": limit}
    return make_query(params)


def checked_filter(name: str, value: str | Iterable[str] | None) -> str | tuple[str, ...] | None:
    """Return the value of a filter; `None` stays `None`.

    Raises:
        InvalidRequestError: The value or one of its items is blank, or there is no item: the
            service would ignore the filter and return everything.
    """
    if value is None:
        return None
    items = (value,) if isinstance(value, str) else tuple(value)
    if not items or not all(item.strip() for item in items):
        raise InvalidRequestError(
            f"the filter {name} is empty, and the service would return everything",
            f"Leave {name} out to get everything.",
        )
    return value if isinstance(value, str) else items
