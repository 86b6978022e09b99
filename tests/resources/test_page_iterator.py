"""Collections are read page by page."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest

from cc_async import (
    Tag,
)
from cc_async.resources import Contacts
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
    """A page that is not ready is requested again after some seconds."""
    unfinished = reply(202, {"status": "Processing"})
    transport = ScriptedTransport(unfinished, unfinished, reply(200, {"contacts": [{}]}))
    contacts = [found async for found in Contacts(make_session(transport)).iter(segment_id=7)]
    assert len(contacts) == 1
    assert [later - first for first, later in pairwise(transport.at)] == [2.0, 2.0]


async def test_a_link_to_a_page_before_ends_the_iteration() -> None:
    """A next link that came before is not followed again."""
    page = {"contacts": [{}], "_links": {"next": {"href": "/v3/contacts?cursor=x"}}}
    transport = ScriptedTransport(reply(200, page))
    contacts = [found async for found in Contacts(make_session(transport)).iter()]
    assert len(contacts) == len(transport.sent) == 2


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
