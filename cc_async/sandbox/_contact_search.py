"""`GET /contacts`: which contacts a query means, newest first.

Looking through many contacts works on their rows, which need not be loaded for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from itertools import islice

import attrs

from cc_async.sandbox._checks import read_flag, read_ids, read_moment, read_words
from cc_async.sandbox._contact_book import ContactBook, ContactRecord, Row, at
from cc_async.sandbox._contact_views import INCLUDES
from cc_async.sandbox._settings import DAY

Test = Callable[[Row], bool]

NUMBER, PERMISSION, DELETED = at("number"), at("permission"), at("deleted_at")
UPDATED = at("updated_at")
LISTS, TAGS, SMS, OPTED_IN = at("lists"), at("tags"), at("sms"), at("opt_in_at")
MAILABLE = frozenset({"explicit", "implicit"})


def is_present(row: Row) -> bool:
    """Whether a contact is not deleted."""
    return row[DELETED] is None


def is_active(row: Row) -> bool:
    """Whether a contact may be mailed."""
    return row[DELETED] is None and row[PERMISSION] in MAILABLE


def is_new_subscriber(row: Row, now: float) -> bool:
    """Whether somebody opted in within the last 30 days."""
    opted_in = row[OPTED_IN]
    return is_active(row) and opted_in is not None and opted_in > now - 30 * DAY


def is_settled(row: Row, until: float) -> bool:
    """Whether what was changed in a contact was changed before *until*."""
    return bool(row[UPDATED] <= until)


def _has(permission: str) -> Test:
    return lambda row: row[DELETED] is None and row[PERMISSION] == permission


_STATUS_TESTS: dict[str, Test] = {
    "all": lambda row: True,
    "active": is_active,
    "deleted": lambda row: row[DELETED] is not None,
    **{
        name: _has(name)
        for name in ("not_set", "pending_confirmation", "temp_hold", "unsubscribed")
    },
}

_SMS_STATUSES = frozenset({"all", "explicit", "unsubscribed", "pending_confirmation", "not_set"})

_TIMES = {"updated": at("updated_at"), "created": at("created_at"), "optout": at("opt_out_at")}


@attrs.frozen
class ContactQuery:
    """What a query asks for: where to look, what to test, what to show."""

    email: str | None
    lists: tuple[str, ...]
    tags: tuple[str, ...]
    tests: tuple[Test, ...]
    include: frozenset[str]
    wants_count: bool


def read_contact_query(params: Mapping[str, str]) -> ContactQuery:
    """Return what *params* ask for, or refuse a value that is none."""
    tests = [_status_test(read_words(params, "status", _STATUS_TESTS))]
    if sms := read_words(params, "sms_status", _SMS_STATUSES):
        tests.append(lambda row: _has_sms_status(row, sms))
    for name, place in _TIMES.items():
        tests.extend(_time_tests(params, name, place))
    return ContactQuery(
        email=params.get("email"),
        lists=read_ids(params, "lists", most=25),
        tags=read_ids(params, "tags", most=50),
        tests=tuple(tests),
        include=read_words(params, "include", INCLUDES),
        wants_count=read_flag(params, "include_count"),
    )


def settled(query: ContactQuery, until: float) -> ContactQuery:
    """Return *query* for those alone who were changed before *until*."""
    return attrs.evolve(query, tests=(*query.tests, lambda row: is_settled(row, until)))


def select(
    book: ContactBook, query: ContactQuery, start: int | None, limit: int
) -> tuple[list[ContactRecord], int | None]:
    """Return one page, and the number at which the next one starts, if there is one."""
    found = [row[NUMBER] for row in islice(_matches(book, query, start), limit + 1)]
    return list(map(book.load, found[:limit])), found[limit] if len(found) > limit else None


def count(book: ContactBook, query: ContactQuery) -> int:
    """Return how many contacts all pages hold."""
    return sum(1 for _ in _matches(book, query, None))


def count_mailable(book: ContactBook, numbers: Set[int]) -> int:
    """Return how many of these contacts may be mailed."""
    return sum(is_active(book.row(number)) for number in numbers)


def _matches(book: ContactBook, query: ContactQuery, start: int | None) -> Iterator[Row]:
    candidates = _candidates(book, query, start)
    for test in query.tests:
        candidates = filter(test, candidates)
    return candidates


def _candidates(book: ContactBook, query: ContactQuery, start: int | None) -> Iterator[Row]:
    """Look where the fewest contacts have to be looked at."""
    if query.email is not None:
        record = book.find(query.email)
        rows = iter((book.row(record.number),) if record else ())
        return (row for row in rows if _belongs(row, query))
    if query.lists:
        numbers = _united(book.members, query.lists)
        return (row for row in book.pick(numbers, start) if _belongs(row, query))
    if query.tags:
        return book.pick(_united(book.tagged, query.tags), start)
    return book.newest_first(start)


def _united(look_up: Callable[[str], Set[int]], ids: tuple[str, ...]) -> Set[int]:
    if len(ids) == 1:
        return look_up(ids[0])
    return frozenset().union(*map(look_up, ids))


def _belongs(row: Row, query: ContactQuery) -> bool:
    on_lists = not query.lists or any(one in row[LISTS] for one in query.lists)
    return on_lists and (not query.tags or any(one in row[TAGS] for one in query.tags))


def _status_test(words: frozenset[str]) -> Test:
    if not words:
        return is_present
    tests = [_STATUS_TESTS[word] for word in words]
    return tests[0] if len(tests) == 1 else lambda row: any(test(row) for test in tests)


def _has_sms_status(row: Row, words: frozenset[str]) -> bool:
    sms = row[SMS]
    if sms is None:
        return False
    said = sms.consents[-1]["sms_consent_permission"] if sms.consents else "not_set"
    return "all" in words or said in words


def _time_tests(params: Mapping[str, str], name: str, place: int) -> Iterator[Test]:
    after = read_moment(params, f"{name}_after")
    before = read_moment(params, f"{name}_before")
    if after is not None:
        yield lambda row: row[place] is not None and row[place] > after
    if before is not None:
        yield lambda row: row[place] is not None and row[place] < before
