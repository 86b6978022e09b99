"""Bulk activities change list memberships and tags."""

from __future__ import annotations

from tests.support.sandbox_calls import UNKNOWN_ID, fill_account, run_activity


def test_contacts_are_put_on_lists() -> None:
    """Deleted contacts are undeleted, unsubscribed ones stay off, unknown ids are ignored."""
    caller, ids = fill_account()
    source = {"contact_ids": [ids["ana"], ids["out"], ids["gone"], UNKNOWN_ID]}
    done = run_activity(
        caller, "add_list_memberships", {"source": source, "list_ids": [ids["two"]]}
    )
    assert done["status"] == {
        "items_total_count": 3,
        "items_completed_count": 3,
        "list_count": 1,
    }
    assert caller.sandbox.members(ids["two"]) == ("ana@example.com", "gone@example.com")


def test_excluded_contacts_stay_on_a_list() -> None:
    """All other contacts of the source are taken off."""
    caller, ids = fill_account()
    body = {
        "source": {"list_ids": [ids["one"]]},
        "exclude": {"contact_ids": [ids["ana"]]},
        "list_ids": [ids["one"]],
    }
    run_activity(caller, "remove_list_memberships", body)
    assert caller.sandbox.members(ids["one"]) == ("ana@example.com",)


def test_contacts_are_tagged_and_untagged() -> None:
    """The source selects them; a contact without the tag loses nothing."""
    caller, ids = fill_account()
    body = {"source": {"all_active_contacts": True}, "tag_ids": [ids["tag"]]}
    done = run_activity(caller, "contacts_taggings_add", body)
    assert done["status"] == {"items_total_count": 2, "items_completed_count": 2}
    assert caller.get(f"/contact_tags/{ids['tag']}", include_count="true")["contacts_count"] == 2
    assert len(caller.get("/contacts", tags=ids["tag"])["contacts"]) == 2
    body = {"source": {"contact_ids": [ids["ana"]]}, "tag_ids": [ids["tag"]]}
    run_activity(caller, "contacts_taggings_remove", body)
    found = caller.get("/contacts", tags=ids["tag"], include="taggings")["contacts"]
    assert [one["email_address"]["address"] for one in found] == ["ben@example.com"]
    assert found[0]["taggings"] == [ids["tag"]]
