"""`GET /contacts`: which contacts a query means, newest first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import islice

import attrs

from cc_async.sandbox._checks import read_flag, read_ids, read_moment, read_words
from cc_async.sandbox._contact_book import ContactBook, ContactRecord
from cc_async.sandbox._contact_views import INCLUDES

__all__ = ["ContactQuery", "read_contact_query", "select"]

Test = Callable[[ContactRecord], bool]

MAILABLE = frozenset({"explicit", "implicit"})

_STATUS_TESTS: dict[str, Test] = {
    "all": lambda one: True,
    "active": lambda one: not one.is_deleted and one.permission in MAILABLE,
    "deleted": lambda one: one.is_deleted,
    "not_set": lambda one: not one.is_deleted and one.permission == "not_set",
    "pending_confirmation": (
        lambda one: not one.is_deleted and one.permission == "pending_confirmation"
    ),
    "temp_hold": lambda one: not one.is_deleted and one.permission == "temp_hold",
    "unsubscribed": lambda one: not one.is_deleted and one.permission == "unsubscribed",
}

_SMS_STATUSES = frozenset({"all", "explicit", "unsubscribed", "pending_confirmation", "not_set"})

_TIMES: dict[str, Callable[[ContactRecord], float | None]] = {
    "updated": lambda one: one.updated_at,
    "created": lambda one: one.created_at,
    "optout": lambda one: one.opt_out_at,
}


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
        tests.append(lambda one: _has_sms_status(one, sms))
    for name, moment_of in _TIMES.items():
        tests.extend(_time_tests(params, name, moment_of))
    return ContactQuery(
        email=params.get("email"),
        lists=read_ids(params, "lists", most=25),
        tags=read_ids(params, "tags", most=50),
        tests=tuple(tests),
        include=read_words(params, "include", INCLUDES),
        wants_count=read_flag(params, "include_count"),
    )


def select(
    book: ContactBook, query: ContactQuery, start: int | None, limit: int
) -> tuple[list[ContactRecord], int | None]:
    """Return one page, and the number at which the next one starts, if there is one."""
    found = list(islice(_matches(book, query, start), limit + 1))
    return found[:limit], found[limit].number if len(found) > limit else None


def count(book: ContactBook, query: ContactQuery) -> int:
    """Return how many contacts all pages hold."""
    return sum(1 for _ in _matches(book, query, None))


def _matches(book: ContactBook, query: ContactQuery, start: int | None) -> Iterator[ContactRecord]:
    candidates = _candidates(book, query, start)
    for test in query.tests:
        candidates = filter(test, candidates)
    return candidates


def _candidates(
    book: ContactBook, query: ContactQuery, start: int | None
) -> Iterator[ContactRecord]:
    """Look where the fewest contacts have to be looked at."""
    if query.email is not None:
        record = book.find(query.email)
        return iter((record,) if record and _belongs(record, query) else ())
    if query.lists:
        numbers = _united(book.members, query.lists)
        return (one for one in book.pick(numbers, start) if _belongs(one, query))
    if query.tags:
        return book.pick(_united(book.tagged, query.tags), start)
    return book.newest_first(start)


def _united(
    look_up: Callable[[str], Mapping[int, ContactRecord]], ids: tuple[str, ...]
) -> Collection[int]:
    if len(ids) == 1:
        return look_up(ids[0])
    return set().union(*map(look_up, ids))


def _belongs(record: ContactRecord, query: ContactQuery) -> bool:
    on_lists = not query.lists or any(one in record.lists for one in query.lists)
    return on_lists and (not query.tags or any(one in record.tags for one in query.tags))


def _status_test(words: frozenset[str]) -> Test:
    if not words:
        return lambda one: one.deleted_at is None
    tests = [_STATUS_TESTS[word] for word in words]
    return tests[0] if len(tests) == 1 else lambda one: any(test(one) for test in tests)


def _has_sms_status(record: ContactRecord, words: frozenset[str]) -> bool:
    if record.sms is None:
        return False
    said = record.sms.consents[-1]["sms_consent_permission"] if record.sms.consents else "not_set"
    return "all" in words or said in words


def _time_tests(
    params: Mapping[str, str], name: str, moment_of: Callable[[ContactRecord], float | None]
) -> Iterator[Test]:
    after = read_moment(params, f"{name}_after")
    before = read_moment(params, f"{name}_before")
    if after is not None:
        yield lambda one: (moment := moment_of(one)) is not None and moment > after
    if before is not None:
        yield lambda one: (moment := moment_of(one)) is not None and moment < before
