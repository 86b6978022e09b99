"""Bulk activities delete contacts, lists, tags and custom fields."""

from __future__ import annotations

from tests.support.sandbox_calls import fill_account, run_activity


def test_contacts_are_deleted_by_id_or_by_list() -> None:
    """They are deleted softly, as by single requests."""
    caller, ids = fill_account()
    done = run_activity(caller, "contact_delete", {"contact_ids": [ids["ana"]]})
    assert done["status"]["items_completed_count"] == 1
    done = run_activity(caller, "contact_delete", {"list_ids": [ids["one"]]})
    assert done["status"] == {"list_count": 1, "items_total_count": 2, "items_completed_count": 2}
    assert caller.sandbox.contact_count == 0
    assert len(caller.sandbox.contacts) == 4


def test_lists_tags_and_fields_are_deleted_together() -> None:
    """Each kind has an activity of its own, with the counters of its kind."""
    caller, ids = fill_account()
    both = {"list_ids": [ids["one"], ids["two"]]}
    assert run_activity(caller, "list_delete", both)["status"] == {"list_count": 2}
    assert caller.get("/contact_lists") == {"lists": []}
    done = run_activity(caller, "contacts_tags_delete", {"tag_ids": [ids["tag"]]})
    assert done["status"] == {"items_total_count": 1, "items_completed_count": 1}
    assert caller.get("/contact_tags") == {"tags": []}
    done = run_activity(caller, "custom_fields_delete", {"custom_field_ids": [ids["field"]]})
    assert done["status"] == {}
    assert caller.get("/contact_custom_fields") == {"custom_fields": []}
