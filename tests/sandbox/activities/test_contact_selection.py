"""A bulk activity is for the contacts that its source selects."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.sandbox_calls import UNKNOWN_ID, fill_account, run_activity, with_ids


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("add_list_memberships", {"source": {"contact_ids": ["ana"]}}, 400),
        ("add_list_memberships", {"list_ids": ["one"]}, 400),
        ("add_list_memberships", {"source": {}, "list_ids": ["one"]}, 400),
        ("add_list_memberships", {"source": {"contact_ids": []}, "list_ids": ["one"]}, 400),
        (
            "add_list_memberships",
            {"source": {"contact_ids": ["ana"], "list_ids": ["one"]}, "list_ids": ["two"]},
            400,
        ),
        (
            "add_list_memberships",
            {"source": {"contact_ids": ["ana"]}, "list_ids": [UNKNOWN_ID]},
            400,
        ),
        (
            "remove_list_memberships",
            {"source": {"contact_ids": ["ana"]}, "list_ids": [UNKNOWN_ID]},
            404,
        ),
        ("remove_list_memberships", {"source": {"segment_id": 1}, "list_ids": ["one"]}, 400),
        (
            "add_list_memberships",
            {
                "source": {"contact_ids": ["ana"]},
                "exclude": {"contact_ids": ["ben"]},
                "list_ids": ["one"],
            },
            400,
        ),
        ("contacts_taggings_add", {"source": {"contact_ids": ["ana"]}, "tag_ids": ["x"]}, 400),
        ("contacts_taggings_add", {"source": {"engagement_level": "high"}, "tag_ids": []}, 400),
        ("contact_delete", {}, 400),
        ("contact_delete", {"contact_ids": ["ana"], "list_ids": ["one"]}, 400),
        ("contact_delete", {"contact_ids": [UNKNOWN_ID] * 501}, 400),
        ("custom_fields_delete", {"custom_field_ids": [UNKNOWN_ID]}, 404),
        ("list_delete", {"list_ids": "one"}, 400),
    ],
)
def test_an_invalid_request_is_refused_before_anything_is_queued(
    path: str, body: dict[str, Any], status: int
) -> None:
    """The reply is 400, or 404 where the contract declares it for unknown ids."""
    caller, ids = fill_account()
    assert caller.call("POST", f"/activities/{path}", with_ids(body, ids))[0] == status
    assert caller.sandbox.activities == ()


def test_segments_and_engagement_levels_select_no_contacts() -> None:
    """The sandbox has neither, and accepts both."""
    caller, ids = fill_account()
    for source in ({"segment_id": 4}, {"engagement_level": "high"}):
        body = {"source": source, "list_ids": [ids["two"]]}
        assert (
            run_activity(caller, "add_list_memberships", body)["status"]["items_total_count"] == 0
        )
