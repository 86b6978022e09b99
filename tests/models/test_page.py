"""A page of a collection."""

from __future__ import annotations

from cc_async.models import Page


def test_a_page_is_the_last_one_and_ready_unless_it_says_otherwise() -> None:
    """Most pages are complete."""
    assert Page((1, 2)) == Page(items=(1, 2), next_href=None, total=None, is_ready=True)
