"""Exports write the selected contacts to a CSV file."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.sandbox_calls import fill_account, run_activity, with_ids


def test_an_export_makes_a_file() -> None:
    """It has the chosen columns in their order, and stays as long as its activity."""
    caller, ids = fill_account()
    body = {
        "list_ids": [ids["one"]],
        "status": "active",
        "fields": ["email_address", "first_name", "created_at", "shoe"],
    }
    done = run_activity(caller, "contact_exports", body)
    assert done["status"] == {"items_total_count": 2, "items_completed_count": 2}
    href = done["_links"]["results"]["href"]
    assert href.startswith("/v3/contact_exports/")
    reply = caller.send("GET", href.removeprefix("/v3"))
    assert (reply.status, reply.headers["content-type"]) == (200, "text/csv")
    assert reply.body.decode().splitlines() == [
        "Email address,First name,Created At",
        "ana@example.com,,2026-09-21 10:13:20 EDT",
        "ben@example.com,,2026-09-21 10:13:20 EDT",
    ]
    caller.sandbox.clock.advance(10 * 86_400)
    assert caller.send("GET", href.removeprefix("/v3")).status == 404


@pytest.mark.parametrize(
    ("body", "people"),
    [
        ({}, 3), ({"status": "unsubscribed"}, 1), ({"status": "removed"}, 1),
        ({"new_subscriber": True}, 2), ({"contact_ids": ["ana"]}, 1), ({"tag_ids": ["tag"]}, 0),
        ({"list_ids": ["one"], "exclude": {"contact_ids": ["ana"]}}, 2),
    ],
)  # fmt: skip
def test_an_export_holds_the_contacts_of_its_filter(body: dict[str, Any], people: int) -> None:
    """Without a filter it holds all contacts that are not deleted."""
    caller, ids = fill_account()
    done = run_activity(caller, "contact_exports", with_ids(body, ids))
    assert done["status"]["items_total_count"] == people


@pytest.mark.parametrize(
    "body",
    [
        {"contact_ids": ["ana"], "list_ids": ["one"]}, {"tag_ids": ["tag"], "status": "active"},
        {"status": "gone"}, {"contact_ids": ["ana"], "exclude": {"contact_ids": ["ben"]}},
        {"fields": ["email_optin_date"]}, {"fields": "all"}, {"segment_id": "1"},
    ],
)  # fmt: skip
def test_filters_of_an_export_exclude_each_other(body: dict[str, Any]) -> None:
    """The reply is 400 for pairs that the contract does not allow."""
    caller, ids = fill_account()
    assert caller.call("POST", "/activities/contact_exports", with_ids(body, ids))[0] == 400
