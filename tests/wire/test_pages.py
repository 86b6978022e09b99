"""Pages of a collection are read, and their links are followed unchanged."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest

from cc_async.models import Contact
from cc_async.wire import follow, make_cursor, make_next_link, read_cursor, read_page
from tests.support.scripted import reply


@pytest.mark.parametrize(
    "links", [{}, {"_links": {}}, {"_links": None}, {"_links": {"next": None}}]
)
def test_a_last_page_has_no_next_link(links: dict[str, object]) -> None:
    """The last page has no links, or no next one."""
    page = read_page(reply(200, {"contacts": [], **links}), "contacts", Contact)
    assert (page.items, page.next_href, page.is_ready) == ((), None, True)


def test_an_unfinished_segment_is_not_ready() -> None:
    """A 202 without contacts is a page that is not ready."""
    page = read_page(reply(202, {"status": "Processing"}), "contacts", Contact)
    assert not page.is_ready


def test_a_link_is_followed_unchanged() -> None:
    """The cursor of a link, with its encoded padding, is sent back unchanged."""
    request = follow("/v3/contacts?cursor=bGltaXQ9Mg%3D%3D")
    assert (request.path, request.query) == ("/contacts", "cursor=bGltaXQ9Mg%3D%3D")


def test_a_link_leads_to_its_cursor() -> None:
    """A next link that was made for a page is followed to the same limit and id."""
    href = make_next_link("/contacts", make_cursor(50, "c-51"))["next"]["href"]
    request = follow(href)
    assert request.path == "/contacts"
    (cursor,) = parse_qs(request.query)["cursor"]
    assert read_cursor(cursor) == (50, "c-51")


@pytest.mark.parametrize("text", ["", "c-51", "bm8gY3Vyc29y"])
def test_other_text_is_no_cursor(text: str) -> None:
    """Text that is no cursor is read as `None`."""
    assert read_cursor(text) is None
