"""Filters of contacts become a query."""

from __future__ import annotations

import pytest

from cc_async.errors import (
    InvalidRequestError,
)
from cc_async.resources import Activities, ContactFilters, ContactLists, Contacts
from tests.support.resources import (
    IDS,
    NEWSLETTER,
    NOON,
)
from tests.support.scripted import ScriptedTransport, make_session, reply


async def test_filters_become_a_query() -> None:
    """Filters are sent under their names; absent ones are omitted, unknown ones refused."""
    transport = ScriptedTransport(reply(200, {"contacts": []}))
    contacts = Contacts(make_session(transport))
    pages = contacts.iter_pages(
        status=["all"], lists=iter([NEWSLETTER]), email=None, updated_after=NOON,
        include=["taggings"], include_count=True, limit=50,
    )  # fmt: skip
    assert [page.items async for page in pages] == [()]
    assert transport.sent[0].query == (
        f"status=all&lists={NEWSLETTER}&updated_after=2026-09-21T12:00:00Z&include=taggings"
        "&include_count=true&limit=50"
    )
    with pytest.raises(TypeError, match="stauts"):
        [contact async for contact in contacts.iter(stauts=["all"])]  # type: ignore[call-arg]
    with pytest.raises(InvalidRequestError, match="25 lists"):
        [contact async for contact in contacts.iter(lists=IDS[:26])]
    assert len(transport.sent) == 1


@pytest.mark.parametrize(
    "filters",
    [
        {"email": ""}, {"email": " "}, {"lists": []}, {"lists": [""]}, {"lists": iter(())},
        {"tags": []}, {"tags": ["t", " "]}, {"status": []}, {"status": [""]}, {"sms_status": ()},
        {"updated_after": ""}, {"created_before": " "}, {"optout_after": ""}, {"segment_id": ""},
    ],
)  # fmt: skip
async def test_an_empty_filter_is_refused(filters: ContactFilters) -> None:
    """The service would ignore an empty filter and return all people, so it is not sent."""
    transport = ScriptedTransport(reply(200, {"contacts": [{"contact_id": "stranger"}]}))
    with pytest.raises(InvalidRequestError, match="empty"):
        [contact async for contact in Contacts(make_session(transport)).iter(**filters)]
    assert not transport.sent


async def test_a_blank_address_finds_no_contact() -> None:
    """`find` of a blank address returns nothing, and never the newest contact."""
    transport = ScriptedTransport(reply(200, {"contacts": [{"contact_id": "stranger"}]}))
    contacts = Contacts(make_session(transport))
    assert await contacts.find("") is None
    assert await contacts.find(" \t") is None
    assert await contacts.find(None) is None  # type: ignore[arg-type]
    assert not transport.sent


async def test_an_empty_state_is_refused_for_lists_and_activities() -> None:
    """Lists and activities refuse a blank status or state in place of returning all."""
    session = make_session(ScriptedTransport(reply(200, {"lists": [], "activities": []})))
    with pytest.raises(InvalidRequestError, match="status"):
        [found async for found in ContactLists(session).iter(status="")]  # type: ignore[arg-type]
    with pytest.raises(InvalidRequestError, match="state"):
        [found async for found in Activities(session).iter(state="")]  # type: ignore[arg-type]
