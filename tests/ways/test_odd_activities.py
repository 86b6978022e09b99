"""A list of activities that is odd is no proof: a chunk with a lost answer is not sent again for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson
import pytest

from cc_async.errors import UnexpectedResponseError
from cc_async.sandbox import Sandbox
from cc_async.testing import SandboxTransport
from cc_async.wire import Reply, Request
from tests.support.people import client_of, open_sandbox

pytestmark = pytest.mark.looptime

LISTS = ("L0", "L1", "L2")
ROWS = [{"email": f"{name}@example.com", "lists": name} for name in LISTS]


class OddActivities(SandboxTransport):
    """Loses the answer to the first import, and shows the list of activities as *odd* makes it."""

    def __init__(self, sandbox: Sandbox, odd: Callable[[list[dict[str, Any]]], object]) -> None:
        super().__init__(sandbox)
        sandbox.faults.add("cut-after", path="/activities/contacts_*_import", times=1)
        self.odd: Callable[[list[dict[str, Any]]], object] | None = odd

    async def send(self, request: Request, headers: Mapping[str, str]) -> Reply:
        if self.odd is None or (request.method, request.path) != ("GET", "/activities"):
            return await super().send(request, headers)
        reply = await super().send(Request("GET", "/activities"), headers)
        activities = sorted(
            orjson.loads(reply.body)["activities"], key=lambda each: each["source_file_name"]
        )
        shown = self.odd(activities)
        body = shown if isinstance(shown, bytes) else orjson.dumps(shown)
        return Reply(200, {"content-type": "application/json"}, body)


def nameless(activities: list[dict[str, Any]]) -> object:
    for each in activities:
        each.pop("source_file_name")
    return {"activities": activities}


def looping(activities: list[dict[str, Any]]) -> object:
    links = {"next": {"href": "/v3/activities?cursor=bGltaXQ9MSZuZXh0PTI="}}
    return {"activities": activities[1:], "_links": links}


ODD: dict[str, Callable[[list[dict[str, Any]]], object]] = {
    "an empty object": lambda activities: {},
    "null": lambda activities: None,
    "a cursor that loops": looping,
    "no names": nameless,
    "an accepted one missing": lambda activities: {"activities": activities[2:]},
    "an empty list": lambda activities: {"activities": []},
    "another shape": lambda activities: activities[1:],
    "no activities": lambda activities: {"activities": [{"id": 1}, "x"]},
    "cut off": lambda activities: orjson.dumps({"activities": activities[1:]})[:-40],
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
async def test_a_lost_chunk_stays_uncertain(
    odd: Callable[[list[dict[str, Any]]], object],
) -> None:
    """The caller is told; once the list is whole again, the job finds the chunk and ends."""
    sandbox = open_sandbox(lists=LISTS, activity_seconds=20.0)
    transport = OddActivities(sandbox, odd)
    async with client_of(sandbox, transport=transport) as cc:
        job = await cc.bulk.submit_import(ROWS, lists=["L0"])
        try:
            assert (await job).state == "uncertain"
        except UnexpectedResponseError:
            assert job.report.state in ("uncertain", "running")
        assert len(sandbox.activities) == len(LISTS)
        await job.aclose()
        transport.odd = None
        report = await (await cc.bulk.resume(job.id))
    assert report.is_all_accepted, report
    assert len(sandbox.activities) == len(LISTS)


async def test_a_chunk_that_a_whole_list_does_not_show_is_sent_again() -> None:
    """Where all accepted activities are shown with their names, absence is believed."""
    sandbox = open_sandbox(lists=LISTS)
    sandbox.faults.add("cut-before", path="/activities/contacts_*_import", times=1)
    async with client_of(sandbox) as cc:
        report = await cc.bulk.import_contacts(ROWS, lists=["L0"])
    assert report.is_all_accepted, report
    assert len(sandbox.activities) == len(LISTS)
