"""When a person is sent again after a failure of the service."""

from __future__ import annotations

import asyncio

import pytest

from cc_async.errors import ServerError
from cc_async.limits import Lane
from cc_async.retries import RetryPolicy
from cc_async.sign_ups._recovery import Recovery
from tests.support.budgets import loop_time
from tests.support.scripted import ScriptedTransport, make_session, reply

pytestmark = pytest.mark.looptime

OK = reply(200, {"lists": []})
DOWN = reply(503, "<html>")


def make_recovery(transport: ScriptedTransport, **policy: float) -> Recovery:
    session = make_session(transport, policy=RetryPolicy(**policy)).on_lane(Lane.BULK)  # type: ignore[arg-type]
    return Recovery(session)


async def test_attempts_are_spread_over_more_than_half_a_minute() -> None:
    """Where reads are answered and sign-ups are not, pauses of 5 and 30 seconds come between."""
    recovery = make_recovery(ScriptedTransport(OK))
    await recovery.wait(2)
    assert loop_time() == pytest.approx(5.0)
    await recovery.wait(3)
    assert loop_time() == pytest.approx(35.0)


async def test_the_success_of_another_person_ends_the_pause() -> None:
    """When another sign-up succeeds, the waiting ones go on at once."""
    recovery = make_recovery(ScriptedTransport(OK))
    waiting = [asyncio.create_task(recovery.wait(3)) for _ in range(3)]
    await asyncio.sleep(1.0)
    recovery.note_success()
    await asyncio.gather(*waiting)
    assert loop_time() == pytest.approx(1.0)


async def test_workers_ask_together_whether_the_service_is_back() -> None:
    """Eight workers send the requests of one while the service is down."""
    transport = ScriptedTransport(lambda _: OK if loop_time() > 60.0 else DOWN)
    recovery = make_recovery(transport)
    await asyncio.gather(*(recovery.wait(2) for _ in range(8)))
    assert 60.0 < loop_time() < 100.0
    assert len(transport.sent) < 12


async def test_a_service_that_stays_away_is_given_up_after_the_patience() -> None:
    """When the patience is over, the failure comes out, and says that the outage lasts."""
    recovery = make_recovery(ScriptedTransport(DOWN), patience=100.0)
    with pytest.raises(ServerError):
        await recovery.wait(2)
    assert recovery.is_given_up


async def test_a_refused_read_is_an_answer() -> None:
    """A 403 to the harmless request says that the service is there."""
    recovery = make_recovery(ScriptedTransport(reply(403, {"error_key": "x"})))
    await recovery.wait(2)
    assert not recovery.is_given_up
