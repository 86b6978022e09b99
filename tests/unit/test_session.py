"""One request on its way: authorised, paced, read, tried again."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from cc_async.auth import AccessToken
from cc_async.errors import (
    AuthError,
    ClientStateError,
    DailyQuotaError,
    ServerError,
    TransportError,
)
from cc_async.models import SignUpResult
from cc_async.session import Session, Tally
from cc_async.wire import Request, read_reply
from tests.support.loops import in_a_new_loop
from tests.support.scripted import ScriptedTransport, SpentTokens, make_session, reply

pytestmark = pytest.mark.looptime

OK = reply(200, {"contact_id": "c", "action": "updated"})
DOWN = reply(503, "<html><title>no</title>")
TIRED = reply(429, {"error_key": "throttled", "error_message": "Too Many Requests"})
SPENT = reply(429, {"error_key": "quota_exceeded", "error_message": "Limit Exceeded"})
REFUSED = reply(401, {"error_key": "unauthorized", "error_message": "Unauthorized"})
READ = Request("GET", "/thing")
WRITE = Request("POST", "/thing", is_repeatable=False)
read = partial(read_reply, model=SignUpResult)


async def test_an_outage_is_waited_out() -> None:
    """Two failures and a lost answer later, the answer is there, and four requests were counted."""
    transport = ScriptedTransport(DOWN, TransportError("cut"), DOWN, OK)
    tally = Tally()
    assert (await make_session(transport).send(READ, read, tally=tally)).action == "updated"
    assert transport.at == [0.0, 0.5, 1.5, 3.5]
    assert (tally.requests, tally.tries) == (4, 4)


async def test_a_write_that_may_have_happened_is_not_repeated() -> None:
    """An import whose answer is lost leaves once."""
    transport = ScriptedTransport(TransportError("cut"), OK)
    with pytest.raises(TransportError):
        await make_session(transport).send(WRITE, read)
    assert len(transport.sent) == 1


async def test_being_told_to_slow_down_is_no_try() -> None:
    """Throttled requests are sent again as often as it takes, and do not count as tries."""
    transport = ScriptedTransport(*[TIRED] * 6, OK)
    tally = Tally()
    await make_session(transport).send(WRITE, read, tally=tally)
    assert (tally.requests, tally.tries) == (7, 1)


async def test_a_used_up_day_ends_for_everyone_until_midnight_utc() -> None:
    """quota_exceeded is an error that names the hour, and nothing else is sent that day."""
    transport = ScriptedTransport(SPENT, OK)
    session = make_session(transport)
    for _ in range(2):
        with pytest.raises(DailyQuotaError) as caught:
            await session.send(READ, read)
        assert (caught.value.resets_at.hour, caught.value.resets_at.minute) == (0, 0)
    assert len(transport.sent) == 1


async def test_a_refused_token_is_renewed_once() -> None:
    """After a 401 the request leaves again with the fresh token."""
    transport = ScriptedTransport(REFUSED, OK)
    tokens = SpentTokens(["old", "new"])
    await make_session(transport, tokens=tokens).send(WRITE, read)
    assert [headers["Authorization"] for headers in transport.headers] == [
        "Bearer old",
        "Bearer new",
    ]


async def test_a_token_that_cannot_be_renewed_asks_for_a_sign_in() -> None:
    """With a plain token a 401 says that somebody has to sign in; nothing is repeated."""
    transport = ScriptedTransport(REFUSED)
    with pytest.raises(AuthError) as caught:
        await make_session(transport, tokens=AccessToken("secret-token")).send(READ, read)
    assert "secret" not in f"{caught.value!r} {caught.value} {caught.value.hint}"
    assert len(transport.sent) == 1


async def test_retries_wait_their_turn() -> None:
    """A repeated request takes a turn of the budget like any other."""
    transport = ScriptedTransport(DOWN, OK)
    session = make_session(transport, per_second=1)
    await session.send(READ, read)
    assert transport.at[1] >= 1.0


async def test_a_cancelled_request_gives_its_turn_back() -> None:
    """After a cancelled request the budget still has all its turns, a second later."""
    transport = ScriptedTransport(OK, seconds=50.0)
    session = make_session(transport, per_second=1)
    task = asyncio.create_task(session.send(READ, read))
    await asyncio.sleep(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    transport.seconds = 0.0
    await session.send(READ, read)
    assert transport.at[1] < 5.0


async def test_a_failure_that_lasts_is_raised_as_it_is() -> None:
    """When all tries failed, the last error comes out, not a wrapper."""
    with pytest.raises(ServerError) as caught:
        await make_session(ScriptedTransport(DOWN)).send(READ, read)
    assert caught.value.status == 503


async def test_a_closed_session_says_so() -> None:
    """After closing, the transport is closed and a request is refused in words."""
    transport = ScriptedTransport(OK)
    session = make_session(transport)
    await session.aclose()
    assert transport.is_closed
    with pytest.raises(ClientStateError, match="closed"):
        await session.send(READ, read)


def test_a_session_lives_in_one_loop() -> None:
    """Used in a second loop, a session says that each loop needs its own."""
    session: Session = make_session(ScriptedTransport(OK))
    in_a_new_loop(session.send(READ, read))
    with pytest.raises(ClientStateError, match="one client for each loop"):
        in_a_new_loop(session.send(READ, read))


def test_without_asyncio_a_session_says_so() -> None:
    """Where no asyncio loop runs, as under trio, the error names asyncio."""
    coroutine = make_session(ScriptedTransport(OK)).send(READ, read)
    with pytest.raises(ClientStateError, match="asyncio"):
        coroutine.send(None)
