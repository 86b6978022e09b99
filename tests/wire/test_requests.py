"""Paths, queries and times have the form that the API takes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from cc_async.errors import InvalidRequestError
from cc_async.wire import Request, make_query, path_of
from cc_async.wire._requests import make_time

NOW = dt.datetime(2026, 9, 22, 10, 0, tzinfo=dt.timezone(dt.timedelta(hours=2)))


def test_a_query_is_encoded() -> None:
    """Plus signs are encoded, lists joined by commas, times in UTC, absent values omitted."""
    query = make_query(
        {
            "email": "jo+news@example.com",
            "include": ("notes", "taggings"),
            "updated_after": NOW,
            "include_count": True,
            "limit": 500,
            "status": (),
            "tags": None,
        }
    )
    assert query == (
        "email=jo%2Bnews%40example.com&include=notes,taggings&updated_after=2026-09-22T08:00:00Z"
        "&include_count=true&limit=500"
    )


def test_a_time_without_a_time_zone_is_refused() -> None:
    """A time without a time zone is an error."""
    with pytest.raises(ValueError, match="zone"):
        make_time(dt.datetime(2026, 9, 22))  # noqa: DTZ001 - the point of the test


def test_an_id_is_one_part_of_a_path() -> None:
    """Slashes and question marks of an id are encoded."""
    assert path_of("contacts", "../contact_lists?x") == "/contacts/..%2Fcontact_lists%3Fx"


@pytest.mark.parametrize("part", ["", " ", ".", "..", None, 7])
def test_a_blank_id_is_refused(part: Any) -> None:
    """A blank id, one of dots, or that of a new contact makes no path to the collection."""
    with pytest.raises(InvalidRequestError, match="blank"):
        path_of("contacts", part)


def test_a_day_alone_is_no_time() -> None:
    """A date in place of a time is refused in place of a bare `TypeError`."""
    for moment in (dt.date(2026, 9, 22), dt.datetime(2026, 9, 22)):  # noqa: DTZ001 - the point
        with pytest.raises(InvalidRequestError):
            make_query({"updated_after": moment})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    "moment",
    [
        dt.datetime.min.replace(tzinfo=dt.timezone(dt.timedelta(hours=14))),
        dt.datetime.max.replace(tzinfo=dt.timezone(-dt.timedelta(hours=12))),
        dt.date(2026, 9, 22), "2026-09-22", 5, float("nan"), object(),
    ],
)  # fmt: skip
def test_what_is_no_time_in_utc_is_refused(moment: object) -> None:
    """A moment before the first year or after the last one in UTC, and all that is no moment."""
    with pytest.raises(InvalidRequestError):
        make_time(moment)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [5.5, object(), [1, 2]])
def test_a_filter_of_another_type_is_refused(value: object) -> None:
    """A value that no query can hold is an error of the tree."""
    with pytest.raises(InvalidRequestError):
        make_query({"updated_after": value})  # type: ignore[dict-item]


def test_the_repr_of_a_request_shows_no_address() -> None:
    """Logs and tracebacks show requests; people in their queries and bodies are masked."""
    query = make_query({"email": "ann@example.com", "limit": 1})
    shown = repr(Request("POST", "/contacts", query, b'{"email_address": "ann@example.com"}'))
    assert "ann" not in shown
    assert "limit=1" in shown
