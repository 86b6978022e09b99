"""Names of lists, remembered for some minutes."""

from __future__ import annotations

import asyncio

import pytest

from cc_async.lookups import RememberedNames
from tests.support.scripted import ScriptedTransport, make_session, reply

pytestmark = pytest.mark.looptime

LIST_ID = "5e1f2f5c-7a10-11ef-9a0b-fa163e7b09ec"
LISTS = reply(200, {"lists": [{"list_id": LIST_ID, "name": "News"}], "custom_fields": []})


async def test_names_are_read_once_in_five_minutes() -> None:
    """Calls at the same time share one reading, and five minutes later names are read again."""
    transport = ScriptedTransport(LISTS, seconds=1)
    names = RememberedNames(make_session(transport))
    calls = [names.directory_for(["News"], has_fields=False) for _ in range(5)]
    found = await asyncio.gather(*calls)
    assert {directory.list_ids(["News"]) for directory in found} == {(LIST_ID,)}
    assert len(transport.sent) == 2  # lists and custom fields
    await asyncio.sleep(301)
    await names.directory_for(["News"], has_fields=False)
    assert len(transport.sent) == 4


async def test_ids_alone_are_not_looked_up() -> None:
    """Ids without custom fields cost no request, and are taken as they are."""
    transport = ScriptedTransport(LISTS)
    names = RememberedNames(make_session(transport))
    directory = await names.directory_for([LIST_ID], has_fields=False)
    assert directory.list_ids([LIST_ID]) == (LIST_ID,)
    assert not transport.sent


async def test_a_name_that_is_not_remembered_is_looked_for() -> None:
    """It may belong to a list that was made meanwhile."""
    transport = ScriptedTransport(LISTS)
    names = RememberedNames(make_session(transport))
    for _ in range(2):
        await names.directory_for(["Other"], has_fields=False)
    assert len(transport.sent) == 4
