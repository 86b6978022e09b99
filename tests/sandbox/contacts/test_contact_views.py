"""Replies show contacts with the parts that were asked for."""

from __future__ import annotations

from tests.support.sandbox_calls import make_caller


def test_included_parts_are_shown_even_when_empty() -> None:
    """A part named in include is an array; other parts are absent."""
    caller = make_caller()
    caller.sandbox.add_contact("a@example.com")
    one = caller.get("/contacts", include="list_memberships,notes")["contacts"][0]
    assert (one["list_memberships"], one["notes"]) == ([], [])
    assert "taggings" not in one
