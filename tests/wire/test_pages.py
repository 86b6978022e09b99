"""Pages of a collection are read, and their links are followed unchanged."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import parse_qs

import pytest

from cc_async.errors import UnexpectedResponseError
from cc_async.models import Contact
from cc_async.wire import follow, make_cursor, make_next_link, read_cursor, read_page
from tests.support.scripted import reply

ODD_LINKS: list[Any] = [
    7, {"to": 1}, ["/v3/contacts"], True, "/v3/contacts?cursor=a\r\nX: y", "/v3/contacts?a=\x00",
    "/v3/con tacts", "https://evil.example/v3/contacts", "//evil.example/v3", "3/steal", ":80/v3",
    "@evil.example/v3", "/v3/../contacts", "/v3/contacts?cursor=" + "a" * 5_000, "/v3/ü",
]  # fmt: skip


@pytest.mark.parametrize(
    "links", [{}, {"_links": {}}, {"_links": None}, {"_links": {"next": None}}]
)
def test_a_last_page_has_no_next_link(links: dict[str, object]) -> None:
    """The last page has no links, or no next one."""
    page = read_page(reply(200, {"contacts": [], **links}), "contacts", Contact)
    assert (page.items, page.next_href, page.is_ready) == ((), None, True)


@pytest.mark.parametrize(
    "payload", [{}, None, [], 5, "text", {"contacts": None}, {"contacts": {}}, {"contacts": [None]}]
)
def test_a_page_without_its_items_is_no_empty_page(payload: object) -> None:
    """A 200 without a list of contacts says nothing of them."""
    with pytest.raises(UnexpectedResponseError):
        read_page(reply(200, payload), "contacts", Contact)


@pytest.mark.parametrize("item", [[], [[]], "contact_id", 5, None])
@pytest.mark.parametrize("model", [Contact, dict])
def test_an_item_that_is_no_object_is_no_contact(item: object, model: type) -> None:
    """An item of another kind fails its page; it is never read as a contact without values."""
    with pytest.raises(UnexpectedResponseError):
        read_page(reply(200, {"contacts": [item]}), "contacts", model)


@pytest.mark.parametrize("href", ODD_LINKS)
def test_an_odd_link_to_the_next_page_is_an_error(href: object) -> None:
    """A link that is a number or an object, holds control characters or a host is not followed."""
    body = {"contacts": [], "_links": {"next": {"href": href}}}
    with pytest.raises(UnexpectedResponseError):
        read_page(reply(200, body), "contacts", Contact)


@pytest.mark.parametrize("href", [link for link in ODD_LINKS if isinstance(link, str)])
def test_a_link_to_another_place_is_not_followed(href: str) -> None:
    """No request is made from it, whichever reply it came in."""
    with pytest.raises(UnexpectedResponseError):
        follow(href)


@pytest.mark.parametrize(("count", "total"), [(600, 600), (0, 0), ("600", 600), (None, None)])
def test_a_count_may_be_text(count: object, total: int | None) -> None:
    """Other kinds of counts are an error, not a guess."""
    body = {"contacts": [], "contacts_count": count}
    page = read_page(reply(200, body), "contacts", Contact, count_key="contacts_count")
    assert page.total == total
    for odd in (-1, 1.5, True, "many", [1], "9" * 17, "9" * 5_000):
        body["contacts_count"] = odd
        with pytest.raises(UnexpectedResponseError):
            read_page(reply(200, body), "contacts", Contact, count_key="contacts_count")


def test_an_unreadable_date_fails_no_page() -> None:
    """One odd date in one contact is no date; an odd deletion stays a deletion."""
    contacts = [
        {"contact_id": "a", "updated_at": "yesterday", "created_at": {}},
        {"contact_id": "b", "deleted_at": "31/12/2024"},
        {"contact_id": "c", "updated_at": "2024-01-01T00:00:00Z", "deleted_at": None},
    ]
    odd, deleted, good = read_page(reply(200, {"contacts": contacts}), "contacts", Contact).items
    assert (odd.updated_at, odd.created_at) == (None, None)
    assert deleted.is_deleted
    assert (good.is_deleted, good.updated_at) == (False, dt.datetime(2024, 1, 1, tzinfo=dt.UTC))


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


def test_a_link_that_only_begins_like_the_api_keeps_its_slash() -> None:
    """`/v33/steal` is no path below `/v3`: cut there, it would join the host of the base URL."""
    assert follow("/v33/steal").path == "/v33/steal"
    assert follow("/v3/contacts?x=1").path == "/contacts"
