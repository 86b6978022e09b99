"""Collections are read page by page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from itertools import count, pairwise

import pytest

from cc_async import (
    Tag,
)
from cc_async.errors import UnexpectedResponseError
from cc_async.resources import Activities, ContactLists, Contacts, _page_iterator
from cc_async.retries import RetryPolicy
from cc_async.wire import Reply, Request
from tests.support.people import client_of, open_sandbox
from tests.support.scripted import ScriptedTransport, make_session, reply

pytestmark = pytest.mark.looptime


async def test_a_collection_is_read_page_by_page() -> None:
    """Small pages return all items once."""
    async with client_of(open_sandbox()) as cc:
        made = [await cc.tags.create(f"tag {number}") for number in range(5)]
        tags: list[Tag] = [tag async for tag in cc.tags.iter(limit=2)]
    assert {tag.tag_id for tag in tags} == {tag.tag_id for tag in made}


async def test_an_unfinished_segment_is_requested_again() -> None:
    """A page that is not ready is requested again after pauses that grow to half a minute."""
    unfinished = [reply(202, {"status": "Processing"})] * 6
    transport = ScriptedTransport(*unfinished, reply(200, {"contacts": [{"contact_id": "c"}]}))
    contacts = [found async for found in Contacts(make_session(transport)).iter(segment_id=7)]
    assert len(contacts) == 1
    assert [later - first for first, later in pairwise(transport.at)] == [2, 4, 8, 16, 30, 30]


async def test_a_segment_that_is_never_ready_ends_in_an_error() -> None:
    """The patience of the client's policy is the bound."""
    transport = ScriptedTransport(reply(202, {"status": "Processing"}))
    session = make_session(transport, policy=RetryPolicy(patience=120))
    with pytest.raises(UnexpectedResponseError, match="not ready"):
        await anext(Contacts(session).iter(segment_id=7))
    assert 120 < transport.at[-1] - transport.at[0] < 160


async def test_a_contact_or_a_list_that_is_looked_for_is_waited_for_too() -> None:
    """A 202 is no 'not found'."""
    for find, key, item in (
        (lambda session: Contacts(session).find("a@example.com"), "contacts", {"contact_id": "c"}),
        (
            lambda session: ContactLists(session).find("News"),
            "lists",
            {"list_id": "l", "name": "News"},
        ),
    ):
        transport = ScriptedTransport(reply(202, {}), reply(200, {key: [item]}))
        assert await find(make_session(transport)) is not None


async def test_a_link_to_a_page_before_is_an_error() -> None:
    """A next link that came before is not followed again, and what came is not taken as whole."""
    page = {
        "contacts": [{"contact_id": "c"}],
        "_links": {"next": {"href": "/v3/contacts?cursor=x"}},
    }
    transport = ScriptedTransport(reply(200, page))
    with pytest.raises(UnexpectedResponseError, match="earlier page"):
        async for _ in Contacts(make_session(transport)).iter():
            pass
    assert len(transport.sent) == 2


def _endless(key: str, items: int) -> Callable[[Request], Reply]:
    """Return an answer with a fresh cursor each time."""
    cursors = count()

    def answer(request: Request) -> Reply:
        href = f"/v3/{key}?cursor={next(cursors)}"
        entries = [{"activity_id": "a", "state": "completed", "contact_id": "c"}] * items
        return reply(200, {key: entries, "_links": {"next": {"href": href}}})

    return answer


@pytest.mark.parametrize(("items", "requests"), [(0, 100), (500, 401)])
async def test_fresh_cursors_for_ever_end_in_an_error(items: int, requests: int) -> None:
    """Empty pages end soon, full ones at twice of what an account can have."""
    transport = ScriptedTransport(_endless("activities", items))
    with pytest.raises(UnexpectedResponseError, match="without an end"):
        async for _ in Activities(make_session(transport)).iter():
            pass
    assert len(transport.sent) == requests


async def test_contacts_for_ever_end_in_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Contacts are bounded by the number of pages, and an opt-out's reading by its own count."""
    monkeypatch.setattr(_page_iterator, "_MAX_PAGES", 50)
    transport = ScriptedTransport(_endless("contacts", 1))
    with pytest.raises(UnexpectedResponseError, match="without an end"):
        async for _ in Contacts(make_session(transport)).iter():
            pass
    assert len(transport.sent) == 50


async def test_all_pages_of_contacts_are_read() -> None:
    """Pages of ten return all contacts, and a filter may leave none."""
    sandbox = open_sandbox()
    for number in range(25):
        sandbox.add_contact(f"p{number}@example.com")
    async with client_of(sandbox) as cc:
        contacts = [contact async for contact in cc.contacts.iter(limit=10)]
        none = cc.contacts.iter(updated_after=dt.datetime.now(dt.UTC) + dt.timedelta(days=9999))
        assert [contact async for contact in none] == []
    assert len({contact.contact_id for contact in contacts}) == 25
    assert sandbox.received.count == 4
