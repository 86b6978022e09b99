"""The filters of `GET /contacts`, and one page of their result, newest first.

A search works on rows, so that no contact is loaded before it is shown.
https://developer.constantcontact.com/api_guide/contacts_get_collection.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from itertools import islice

import attrs

from cc_async.sandbox._settings import DAY
from cc_async.sandbox.contacts._contact_views import INCLUDES
from cc_async.sandbox.http import read_flag, read_ids, read_moment, read_words
from cc_async.sandbox.storage import ContactRecord, ContactRow, ContactTable, column_index

RowFilter = Callable[[ContactRow], bool]

NUMBER, PERMISSION = column_index("number"), column_index("permission")
DELETED, UPDATED = column_index("deleted_at"), column_index("updated_at")
LISTS, TAGS, SMS = column_index("lists"), column_index("tags"), column_index("sms")
OPTED_IN = column_index("opt_in_at")
MAILABLE = frozenset({"explicit", "implicit"})

NEW_SUBSCRIBER_SECONDS = 30 * DAY
"""Seconds for which a subscriber counts as new: the guide's 30 days (page above)."""

MAX_LISTS_IN_QUERY = 25
"""Lists in one query: the page above."""

MAX_TAGS_IN_QUERY = 50
"""Tags in one query: the page above."""


def is_present(row: ContactRow) -> bool:
    """Whether a contact is not deleted."""
    return row[DELETED] is None


def is_active(row: ContactRow) -> bool:
    """Whether a contact may be mailed."""
    return row[DELETED] is None and row[PERMISSION] in MAILABLE


def is_new_subscriber(row: ContactRow, now: float) -> bool:
    """Whether a contact opted in within the last 30 days."""
    opted_in = row[OPTED_IN]
    return is_active(row) and opted_in is not None and opted_in > now - NEW_SUBSCRIBER_SECONDS


def is_unchanged_since(row: ContactRow, moment: float) -> bool:
    """Whether a contact had its last change before *moment*."""
    return bool(row[UPDATED] <= moment)


def _has(permission: str) -> RowFilter:
    return lambda row: row[DELETED] is None and row[PERMISSION] == permission


_STATUS_FILTERS: dict[str, RowFilter] = {
    "all": lambda row: True,
    "active": is_active,
    "deleted": lambda row: row[DELETED] is not None,
    **{
        name: _has(name)
        for name in ("not_set", "pending_confirmation", "temp_hold", "unsubscribed")
    },
}

_SMS_STATUSES = frozenset({"all", "explicit", "unsubscribed", "pending_confirmation", "not_set"})

_TIMES = {
    "updated": UPDATED,
    "created": column_index("created_at"),
    "optout": column_index("opt_out_at"),
}


@attrs.frozen
class ContactQuery:
    """The filters of a query, and the parts of each contact to show."""

    email: str | None
    lists: tuple[str, ...]
    tags: tuple[str, ...]
    filters: tuple[RowFilter, ...]
    include: frozenset[str]
    wants_count: bool

    def unchanged_since(self, moment: float) -> ContactQuery:
        """Return the query for contacts with no change after *moment*."""
        return attrs.evolve(
            self, filters=(*self.filters, lambda row: is_unchanged_since(row, moment))
        )


def read_contact_query(params: Mapping[str, str]) -> ContactQuery:
    """Return the query of a request's *params*.

    Raises:
        ErrorReply: 400 for an invalid value.
    """
    filters = [_status_filter(read_words(params, "status", _STATUS_FILTERS))]
    if sms := read_words(params, "sms_status", _SMS_STATUSES):
        filters.append(lambda row: _has_sms_status(row, sms))
    for name, place in _TIMES.items():
        filters.extend(_time_filters(params, name, place))
    return ContactQuery(
        email=params.get("email"),
        lists=read_ids(params, "lists", MAX_LISTS_IN_QUERY),
        tags=read_ids(params, "tags", MAX_TAGS_IN_QUERY),
        filters=tuple(filters),
        include=read_words(params, "include", INCLUDES),
        wants_count=read_flag(params, "include_count"),
    )


def select(
    contacts: ContactTable, query: ContactQuery, start: int | None, limit: int
) -> tuple[list[ContactRecord], int | None]:
    """Return one page, and the number of the next page's first contact; `None` on the last."""
    found = [row[NUMBER] for row in islice(_matches(contacts, query, start), limit + 1)]
    return list(map(contacts.load, found[:limit])), found[limit] if len(found) > limit else None


def count_matches(contacts: ContactTable, query: ContactQuery) -> int:
    """Return the number of contacts on all pages."""
    return sum(1 for _ in _matches(contacts, query, None))


def count_active(contacts: ContactTable, numbers: Set[int]) -> int:
    """Return how many of these contacts may be mailed."""
    return sum(is_active(contacts.row(number)) for number in numbers)


def _matches(
    contacts: ContactTable, query: ContactQuery, start: int | None
) -> Iterator[ContactRow]:
    candidates = _candidates(contacts, query, start)
    for test in query.filters:
        candidates = filter(test, candidates)
    return candidates


def _candidates(
    contacts: ContactTable, query: ContactQuery, start: int | None
) -> Iterator[ContactRow]:
    """Return the rows of the smallest index that holds all matches."""
    if query.email is not None:
        record = contacts.find(query.email)
        rows = iter((contacts.row(record.number),) if record else ())
        return (row for row in rows if _belongs(row, query))
    if query.lists:
        numbers = _united(contacts.members, query.lists)
        return (row for row in contacts.pick(numbers, start) if _belongs(row, query))
    if query.tags:
        return contacts.pick(_united(contacts.tagged, query.tags), start)
    return contacts.newest_first(start)


def _united(look_up: Callable[[str], Set[int]], ids: tuple[str, ...]) -> Set[int]:
    if len(ids) == 1:
        return look_up(ids[0])
    return frozenset().union(*map(look_up, ids))


def _belongs(row: ContactRow, query: ContactQuery) -> bool:
    on_lists = not query.lists or any(one in row[LISTS] for one in query.lists)
    return on_lists and (not query.tags or any(one in row[TAGS] for one in query.tags))


def _status_filter(words: frozenset[str]) -> RowFilter:
    if not words:
        return is_present
    filters = [_STATUS_FILTERS[word] for word in words]
    return filters[0] if len(filters) == 1 else lambda row: any(test(row) for test in filters)


def _has_sms_status(row: ContactRow, words: frozenset[str]) -> bool:
    sms = row[SMS]
    if sms is None:
        return False
    permission = sms.consents[-1]["sms_consent_permission"] if sms.consents else "not_set"
    return "all" in words or permission in words


def _time_filters(params: Mapping[str, str], name: str, place: int) -> Iterator[RowFilter]:
    after = read_moment(params, f"{name}_after")
    before = read_moment(params, f"{name}_before")
    if after is not None:
        yield lambda row: row[place] is not None and row[place] > after
    if before is not None:
        yield lambda row: row[place] is not None and row[place] < before
