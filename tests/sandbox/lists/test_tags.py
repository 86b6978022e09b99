"""Tags are created, renamed, counted and deleted."""

from __future__ import annotations

from tests.support.sandbox_calls import UNKNOWN_ID, fill_account, make_caller, run_activity


def test_names_of_tags_are_unique() -> None:
    """The reply is 201, 409 for a taken name, 400 for an invalid one; times are Eastern."""
    caller = make_caller()
    status, made = caller.call("POST", "/contact_tags", {"name": "gold", "tag_source": "Contact"})
    assert (status, made["name"], made["tag_source"]) == (201, "gold", "Contact")
    assert made["created_at"] == "2026-09-21T10:13:20-04:00"
    assert "contacts_count" not in made
    assert caller.call("POST", "/contact_tags", {"name": "Gold"})[0] == 409
    for wrong in ({}, {"name": ""}, {"name": "x" * 256}, {"name": "<b>"}, {"name": 5}):
        assert caller.call("POST", "/contact_tags", wrong)[0] == 400
    path = f"/contact_tags/{made['tag_id']}"
    assert caller.call("PUT", path, {"name": "silver"})[1]["name"] == "silver"
    assert caller.get("/contact_tags", include_count="true")["tags"][0]["contacts_count"] == 0
    assert caller.call("GET", f"/contact_tags/{UNKNOWN_ID}")[0] == 404


def test_an_activity_deletes_a_tag() -> None:
    """The reply is 202; the tag leaves its contacts when the activity runs."""
    caller, ids = fill_account()
    body = {"source": {"contact_ids": [ids["ana"]]}, "tag_ids": [ids["tag"]]}
    run_activity(caller, "contacts_taggings_add", body)
    status, payload = caller.call("DELETE", f"/contact_tags/{ids['tag']}")
    assert (status, payload["status"]) == (202, {})
    assert "/contacts-service/v3/accounts/" in payload["_links"]["self"]["href"]
    assert caller.call("GET", f"/contact_tags/{ids['tag']}")[0] == 200
    caller.finished(payload["activity_id"])
    assert caller.call("GET", f"/contact_tags/{ids['tag']}")[0] == 404
    assert caller.sandbox.contacts[0].taggings == ()
