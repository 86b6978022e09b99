"""Filters of `GET /contacts` select contacts, newest first."""

from __future__ import annotations

import pytest

from tests.support.sandbox_calls import NOON, make_caller, problem


def test_no_match_gives_an_empty_page() -> None:
    """The reply is an empty array, without 404 and without links."""
    found = make_caller().get("/contacts", email="dlang@example.com", status="all")
    assert found == {"contacts": []}


def test_deleted_contacts_show_on_request_only() -> None:
    """The default listing holds unsubscribed contacts, and no deleted ones."""
    caller = make_caller()
    caller.sandbox.add_contact("a@example.com")
    caller.sandbox.add_contact("b@example.com", permission="unsubscribed")
    caller.sandbox.add_contact("c@example.com", is_deleted=True)

    def found(**params: str) -> list[str]:
        page = caller.get("/contacts", **params)
        return [one["email_address"]["address"] for one in page["contacts"]]

    assert found() == ["b@example.com", "a@example.com"]
    assert found(status="all") == ["c@example.com", "b@example.com", "a@example.com"]
    assert found(status="active") == ["a@example.com"]
    assert found(status="unsubscribed,deleted") == ["c@example.com", "b@example.com"]
    assert found(email="C@example.com") == []
    assert found(email="C@example.com", status="all") == ["c@example.com"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "501"), ("limit", "0"), ("limit", "x"), ("limit", "²"), ("cursor", "abc"),
        ("status", "gone"), ("include", "everything"), ("lists", "x"), ("updated_after", "soon"),
        ("include_count", "yes"), ("tags", ""), ("sms_status", "x"), ("segment_id", "x"),
    ],
)  # fmt: skip
def test_an_invalid_query_value_is_named(name: str, value: str) -> None:
    """The reply is 400 in the words of the documented example."""
    status, payload = make_caller().call("GET", "/contacts", **{name: value})
    assert (status, problem(payload)[1]) == (400, f"{name} does not have a valid value")


def test_times_bound_a_listing() -> None:
    """updated_after and similar filters are exclusive, in any ISO-8601 zone."""
    caller = make_caller()
    caller.sandbox.add_contact("a@example.com")
    caller.sandbox.clock.advance(60)
    caller.sandbox.add_contact("b@example.com", permission="unsubscribed")

    def found(**params: str) -> int:
        return len(caller.get("/contacts", **params)["contacts"])

    assert NOON == 1_790_000_000
    assert found(updated_after="2026-09-21T14:13:30Z") == 1
    assert found(updated_before="2026-09-21T10:13:30-04:00") == 1
    assert found(created_after="2026-09-21T14:00:00Z", created_before="2026-09-21T15:00:00Z") == 2
    assert found(optout_after="2026-09-21T14:13:30Z") == 1
