"""Which contacts a listing holds: one set of filters for everything that lists contacts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Literal, TypedDict

from cc_async.errors import InvalidRequestError
from cc_async.wire import make_query

Include = Literal[
    "custom_fields", "list_memberships", "taggings", "notes", "phone_numbers", "street_addresses"
]


class ContactFilters(TypedDict, total=False):
    """Arguments of `Contacts.iter`; all can be left out.

    Without *status* everyone but deleted contacts comes, unsubscribed ones too. The words are
    `all`, `active`, `deleted`, `not_set`, `pending_confirmation`, `temp_hold`, `unsubscribed`.
    At most 25 *lists* and 50 *tags* can be named; *segment_id* goes alone. *limit* is the size
    of a page, 1 to 500, by default 500.
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


class ContactPageFilters(ContactFilters, total=False):
    """Arguments of `Contacts.iter_pages`: *include_count* fills `Page.total`."""

    include_count: bool


def contacts_query(filters: ContactPageFilters) -> str:
    """Return the query of `GET /contacts`.

    Raises:
        TypeError: There is no filter of that name.
        InvalidRequestError: More is named than one request takes.
    """
    unknown = filters.keys() - ContactPageFilters.__optional_keys__
    if unknown:
        raise TypeError(f"contacts cannot be filtered by {', '.join(sorted(unknown))}")
    lists, tags = tuple(filters.get("lists", ())), tuple(filters.get("tags", ()))
    limit = filters.get("limit", 500)
    if len(lists) > 25 or len(tags) > 50 or not 1 <= limit <= 500:
        raise InvalidRequestError(
            "a page holds 1 to 500 contacts, of at most 25 lists or 50 tags",
            "Ask for fewer lists at a time and merge the answers by contact_id.",
        )
    is_counted = filters.get("include_count") or None
    given = {**filters, "lists": lists, "tags": tags, "include_count": is_counted, "limit": limit}
    return make_query(given)  # type: ignore[arg-type]
