"""Pages are chained by cursors."""

from __future__ import annotations

import random

import pytest

from tests.support.sandbox_calls import Caller, make_caller


def _fill(caller: Caller, count: int) -> None:
    for number in range(count):
        caller.sandbox.add_contact(f"p{number}@example.com", lists=(caller.list_id,))


@pytest.mark.parametrize("lists", [False, True])
def test_pages_are_chained_and_the_last_has_no_links(lists: bool) -> None:
    """A link alone leads on, with the filters and the size of the first page."""
    caller = make_caller()
    caller.sandbox.add_contact("elsewhere@example.com")
    _fill(caller, 5)
    params = {"lists": caller.list_id} if lists else {}
    page = caller.get("/contacts", limit="2", include_count="true", **params)
    assert page["contacts_count"] == (5 if lists else 6)
    seen = [one["email_address"]["address"] for one in page["contacts"]]
    while "_links" in page:
        assert page["_links"]["next"]["href"].startswith("/v3/contacts?cursor=")
        page = caller.follow(page)
        assert len(page["contacts"]) <= 2
        seen += [one["email_address"]["address"] for one in page["contacts"]]
    expected = [f"p{number}@example.com" for number in range(4, -1, -1)]
    assert seen == (expected if lists else [*expected, "elsewhere@example.com"])


def test_new_contacts_do_not_shift_the_pages() -> None:
    """Pages run newest first, so none repeats or misses a contact."""
    caller = make_caller()
    _fill(caller, 4)
    page = caller.get("/contacts", limit="2")
    caller.sandbox.add_contact("new@example.com")
    second = caller.follow(page)
    assert [one["email_address"]["address"] for one in second["contacts"]] == [
        "p1@example.com",
        "p0@example.com",
    ]


@pytest.mark.parametrize("seed", range(3))
def test_pages_hold_every_contact_once(seed: int) -> None:
    """Contacts added or deleted between two pages are neither repeated nor skipped."""
    rng = random.Random(seed)
    caller = make_caller()
    known = [caller.sandbox.add_contact(f"p{n}@example.com").contact_id for n in range(60)]
    page = caller.get("/contacts", status="all", limit=str(rng.randint(1, 7)))
    seen = [one["contact_id"] for one in page["contacts"]]
    while "_links" in page:
        caller.sandbox.add_contact(f"new{len(seen)}@example.com")
        caller.call("DELETE", f"/contacts/{rng.choice(known)}")
        page = caller.follow(page)
        seen += [one["contact_id"] for one in page["contacts"]]
    assert seen == known[::-1]
