"""Bulk activities change and delete many contacts."""

from __future__ import annotations

import asyncio

import pytest

from cc_async.errors import InvalidRequestError, NotFoundError, TransportTimeoutError
from cc_async.resources import Activities
from cc_async.retries import RetryPolicy
from tests.support.people import client_of, open_sandbox
from tests.support.resources import (
    join,
    members,
    wait_until_completed,
)
from tests.support.scripted import ScriptedTransport, make_session, reply

pytestmark = pytest.mark.looptime


async def test_list_memberships_change_in_bulk() -> None:
    """Contacts are added to lists and removed, except excluded ones."""
    sandbox = open_sandbox(lists=("Newsletter", "Spring fair"))
    first, second = (entry.list_id for entry in sandbox.contact_lists)
    async with client_of(sandbox) as cc:
        ana, ben = [await join(cc, sandbox, f"{name}@example.com") for name in ("a", "b")]
        ended = await wait_until_completed(
            cc,
            await cc.activities.submit_add_list_memberships([second], {"contact_ids": [ana, ben]}),
        )
        assert (ended.status.items_completed_count, ended.status.list_count) == (2, 1)
        assert await members(cc, second) == {ana, ben}
        await wait_until_completed(
            cc,
            await cc.activities.submit_remove_list_memberships(
                [second], {"list_ids": [first]}, exclude=[ben]
            ),
        )
        assert await members(cc, second) == {ben}


async def test_taggings_change_in_bulk() -> None:
    """A tag is added to all active contacts, and removed from those with another tag."""
    sandbox = open_sandbox()
    async with client_of(sandbox) as cc:
        gold, old = [(await cc.tags.create(name)).tag_id for name in ("gold", "old")]
        ana, ben = [await join(cc, sandbox, f"{name}@example.com") for name in ("a", "b")]
        started = await cc.activities.submit_taggings_add([gold], {"all_active_contacts": True})
        assert (await wait_until_completed(cc, started)).status.items_completed_count == 2
        await wait_until_completed(
            cc, await cc.activities.submit_taggings_add([old], {"contact_ids": [ben]})
        )
        await wait_until_completed(
            cc, await cc.activities.submit_taggings_remove([gold], {"tag_ids": [old]})
        )
        tagged = {contact.contact_id async for contact in cc.contacts.iter(tags=[gold])}
    assert tagged == {ana}


async def test_contacts_lists_tags_and_fields_are_deleted_in_bulk() -> None:
    """Each deletion is an activity; deleting lists, tags and fields keeps the contacts."""
    sandbox = open_sandbox(lists=("Newsletter", "Spring fair"), custom_fields=("Vehicle",))
    first, second = (entry.list_id for entry in sandbox.contact_lists)
    async with client_of(sandbox) as cc:
        tag = await cc.tags.create("gold")
        ana, ben, cem = [await join(cc, sandbox, f"{name}@example.com") for name in "abc"]
        await wait_until_completed(cc, await cc.activities.submit_contact_delete(contact_ids=[ana]))
        assert await members(cc, first) == {ben, cem}
        await wait_until_completed(cc, await cc.activities.submit_list_delete([second]))
        await wait_until_completed(cc, await cc.activities.submit_tags_delete([tag.tag_id]))
        field_id = sandbox.custom_fields[0].custom_field_id
        await wait_until_completed(cc, await cc.activities.submit_custom_fields_delete([field_id]))
        assert [found.list_id async for found in cc.contact_lists.iter()] == [first]
        assert [found async for found in cc.tags.iter()] == []
        assert [found async for found in cc.custom_fields.iter()] == []
        assert (await cc.contacts.counts()).total == 2
        await wait_until_completed(cc, await cc.activities.submit_contact_delete(list_ids=[first]))
        assert (await cc.contacts.counts()).total == 0


async def test_a_timeout_of_a_wait_is_no_failure() -> None:
    """After its timeout a wait returns the unfinished activity, and a second wait goes on."""
    sandbox = open_sandbox(activity_seconds=50.0)
    async with client_of(sandbox) as cc:
        lists = [sandbox.contact_lists[0].list_id]
        started = await cc.activities.submit_json_import([{"email": "a@example.com"}], lists)
        waited = await cc.activities.wait(started.activity_id, timeout=10)
        assert not waited.is_terminal
        assert (await cc.activities.wait(started.activity_id)).state == "completed"
        assert [found.activity_id async for found in cc.activities.iter()] == [started.activity_id]
        with pytest.raises(NotFoundError):
            await cc.activities.get("9b2f6a10-7a11-11ef-b7a4-fa163ecf3a1d")


async def test_a_file_is_submitted_unchanged() -> None:
    """A CSV file with the service's headings is sent unchanged."""
    sandbox = open_sandbox()
    async with client_of(sandbox) as cc:
        lists = [sandbox.contact_lists[0].list_id]
        started = await cc.activities.submit_file_import(
            b"email,first_name\na@example.com,A\n", lists
        )
        done = await cc.activities.wait(started.activity_id)
        assert (done.state, done.status.person_count) == ("completed", 1)
        with pytest.raises(InvalidRequestError, match="too large"):
            await cc.activities.submit_file_import(b"x" * 4_000_000, lists)


async def test_an_activity_that_never_ends_is_waited_for_so_long() -> None:
    """Without a timeout, the policy's `max_wait` is the bound."""
    answer = reply(200, {"activity_id": "a", "state": "processing"})
    session = make_session(ScriptedTransport(answer), policy=RetryPolicy(max_wait=600))
    with pytest.raises(TransportTimeoutError, match="600 s"):
        await Activities(session).wait("a")
    assert asyncio.get_running_loop().time() == pytest.approx(600, abs=2)


async def test_rows_with_an_explicit_permission_need_a_date_of_consent() -> None:
    """The service would assume no permission for a number without one."""
    row = {"email": "a@example.com", "sms_number": "7815550123"}
    transport = ScriptedTransport(reply(201, {"activity_id": "a", "state": "initialized"}))
    activities = Activities(make_session(transport))
    dated = {**row, "sms_consent_date": "2026-01-02"}
    with pytest.raises(InvalidRequestError, match="row 2: an explicit permission"):
        await activities.submit_json_import([dated, row], ["l"], sms_permission_to_send="explicit")
    assert not transport.sent
    await activities.submit_json_import([dated], ["l"], sms_permission_to_send="explicit")
    await activities.submit_json_import([row], ["l"], sms_permission_to_send="not_set")
    with pytest.raises(InvalidRequestError, match="another type"):
        await activities.submit_json_import([{"email": object()}], ["l"])  # type: ignore[dict-item]
