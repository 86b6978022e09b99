"""Tags, and every bulk activity but the imports, in the sandbox."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.sandbox_calls import Caller, make_caller

NOBODY = "9b2f6a10-7a11-11ef-b7a4-fa163ecf3a1d"


def fill(**settings: Any) -> tuple[Caller, dict[str, str]]:
    """Return an account with two lists, a tag, a field and four people, with all ids by name."""
    caller = make_caller(lists=("One", "Two"), custom_fields=("Vehicle",), **settings)
    one, two = (item.list_id for item in caller.sandbox.contact_lists)
    ids = {"one": one, "two": two, "tag": caller.sandbox.add_tag("gold").tag_id}
    ids["field"] = caller.sandbox.custom_fields[0].custom_field_id
    for name in ("ana", "ben", "out"):
        permission = "unsubscribed" if name == "out" else "implicit"
        contact = caller.sandbox.add_contact(
            f"{name}@example.com", lists=(one,), permission=permission
        )
        ids[name] = contact.contact_id or ""
    gone = caller.sandbox.add_contact("gone@example.com", is_deleted=True)
    return caller, {**ids, "gone": gone.contact_id or ""}


def run(caller: Caller, path: str, body: dict[str, Any]) -> Any:
    """Start an activity, let its time pass, and return it."""
    status, said = caller.call("POST", f"/activities/{path}", body)
    assert status == 201, said
    assert said["state"] == "initialized"
    assert "source_file_name" not in said
    done = caller.finished(said["activity_id"])
    assert done["state"] == "completed"
    return done


def test_people_are_put_on_lists() -> None:
    """Deleted ones revive, unsubscribed ones stay off, unknown ids are passed over."""
    caller, ids = fill()
    source = {"contact_ids": [ids["ana"], ids["out"], ids["gone"], NOBODY]}
    done = run(caller, "add_list_memberships", {"source": source, "list_ids": [ids["two"]]})
    assert done["status"] == {
        "items_total_count": 3,
        "items_completed_count": 3,
        "list_count": 1,
    }
    assert caller.sandbox.members(ids["two"]) == ("ana@example.com", "gone@example.com")


def test_people_are_taken_off_lists_but_for_some() -> None:
    """exclude leaves people where they are."""
    caller, ids = fill()
    body = {
        "source": {"list_ids": [ids["one"]]},
        "exclude": {"contact_ids": [ids["ana"]]},
        "list_ids": [ids["one"]],
    }
    run(caller, "remove_list_memberships", body)
    assert caller.sandbox.members(ids["one"]) == ("ana@example.com",)


def test_people_are_tagged_and_untagged() -> None:
    """By source; those without the tag lose nothing."""
    caller, ids = fill()
    body = {"source": {"all_active_contacts": True}, "tag_ids": [ids["tag"]]}
    done = run(caller, "contacts_taggings_add", body)
    assert done["status"] == {"items_total_count": 2, "items_completed_count": 2}
    assert caller.get(f"/contact_tags/{ids['tag']}", include_count="true")["contacts_count"] == 2
    assert len(caller.get("/contacts", tags=ids["tag"])["contacts"]) == 2
    body = {"source": {"contact_ids": [ids["ana"]]}, "tag_ids": [ids["tag"]]}
    run(caller, "contacts_taggings_remove", body)
    found = caller.get("/contacts", tags=ids["tag"], include="taggings")["contacts"]
    assert [one["email_address"]["address"] for one in found] == ["ben@example.com"]
    assert found[0]["taggings"] == [ids["tag"]]


def test_people_are_deleted_by_id_or_by_list() -> None:
    """Softly, as one by one."""
    caller, ids = fill()
    done = run(caller, "contact_delete", {"contact_ids": [ids["ana"]]})
    assert done["status"]["items_completed_count"] == 1
    done = run(caller, "contact_delete", {"list_ids": [ids["one"]]})
    assert done["status"] == {"list_count": 1, "items_total_count": 2, "items_completed_count": 2}
    assert caller.sandbox.contact_count == 0
    assert len(caller.sandbox.contacts) == 4


def test_lists_tags_and_fields_are_deleted_together() -> None:
    """Each kind by an activity of its own, with the counters of its kind."""
    caller, ids = fill()
    both = {"list_ids": [ids["one"], ids["two"]]}
    assert run(caller, "list_delete", both)["status"] == {"list_count": 2}
    assert caller.get("/contact_lists") == {"lists": []}
    done = run(caller, "contacts_tags_delete", {"tag_ids": [ids["tag"]]})
    assert done["status"] == {"items_total_count": 1, "items_completed_count": 1}
    assert caller.get("/contact_tags") == {"tags": []}
    done = run(caller, "custom_fields_delete", {"custom_field_ids": [ids["field"]]})
    assert done["status"] == {}
    assert caller.get("/contact_custom_fields") == {"custom_fields": []}


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
        ("add_list_memberships", {"source": {"contact_ids": ["ana"]}, "list_ids": [NOBODY]}, 400),
        (
            "remove_list_memberships",
            {"source": {"contact_ids": ["ana"]}, "list_ids": [NOBODY]},
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
        ("contact_delete", {"contact_ids": [NOBODY] * 501}, 400),
        ("custom_fields_delete", {"custom_field_ids": [NOBODY]}, 404),
        ("list_delete", {"list_ids": "one"}, 400),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_queued(
    path: str, body: dict[str, Any], status: int
) -> None:
    """400, or 404 where the contract declares one for unknown ids."""
    caller, ids = fill()
    assert caller.call("POST", f"/activities/{path}", _filled(body, ids))[0] == status
    assert caller.sandbox.activities == ()


def _filled(value: Any, ids: dict[str, str]) -> Any:
    """Put ids in the place of names."""
    if isinstance(value, dict):
        return {key: _filled(item, ids) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, ids) for item in value]
    return ids.get(value, value) if isinstance(value, str) else value


def test_segments_and_engagement_are_taken_and_mean_nobody() -> None:
    """The sandbox has neither, and finds nobody by them."""
    caller, ids = fill()
    for source in ({"segment_id": 4}, {"engagement_level": "high"}):
        body = {"source": source, "list_ids": [ids["two"]]}
        assert run(caller, "add_list_memberships", body)["status"]["items_total_count"] == 0


def test_an_export_leaves_a_file_to_fetch() -> None:
    """Chosen columns in their order; the link leads to it, for as long as the activity lives."""
    caller, ids = fill()
    body = {
        "list_ids": [ids["one"]],
        "status": "active",
        "fields": ["email_address", "first_name", "created_at", "shoe"],
    }
    done = run(caller, "contact_exports", body)
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
def test_an_export_holds_whom_its_filter_means(body: dict[str, Any], people: int) -> None:
    """Without one, everybody who is not deleted."""
    caller, ids = fill()
    done = run(caller, "contact_exports", _filled(body, ids))
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
    """400 for pairs that the contract does not allow."""
    caller, ids = fill()
    assert caller.call("POST", "/activities/contact_exports", _filled(body, ids))[0] == 400


def test_tags_are_named_once_and_counted_when_asked() -> None:
    """201, 409 for the same name, 400 for a wrong one; times in the provider's own zone."""
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
    assert caller.call("GET", f"/contact_tags/{NOBODY}")[0] == 404


def test_deleting_a_tag_takes_an_activity() -> None:
    """202; the tag goes, and goes off its contacts, when the job runs."""
    caller, ids = fill()
    body = {"source": {"contact_ids": [ids["ana"]]}, "tag_ids": [ids["tag"]]}
    run(caller, "contacts_taggings_add", body)
    status, said = caller.call("DELETE", f"/contact_tags/{ids['tag']}")
    assert (status, said["status"]) == (202, {})
    assert "/contacts-service/v3/accounts/" in said["_links"]["self"]["href"]
    assert caller.call("GET", f"/contact_tags/{ids['tag']}")[0] == 200
    caller.finished(said["activity_id"])
    assert caller.call("GET", f"/contact_tags/{ids['tag']}")[0] == 404
    assert caller.sandbox.contacts[0].taggings == ()
