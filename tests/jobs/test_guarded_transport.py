"""A request of a job leaves only after the job was asked."""

from __future__ import annotations

import pytest

from cc_async.errors import JobBusyError
from cc_async.jobs import GuardedTransport
from cc_async.wire import Request
from tests.support.scripted import ScriptedTransport, reply


async def test_a_request_leaves_after_the_check_and_not_without() -> None:
    """An error of the check comes out, and nothing is sent."""
    network, errors = ScriptedTransport(reply()), [JobBusyError("job")]

    async def check() -> None:
        if errors:
            raise errors.pop()

    guarded = GuardedTransport(network, check)
    with pytest.raises(JobBusyError):
        await guarded.send(Request("GET", "/x"), {})
    assert network.sent == []
    assert (await guarded.send(Request("GET", "/x"), {})).status == 200
    await guarded.aclose()
    assert not network.is_closed
