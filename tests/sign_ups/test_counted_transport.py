"""Attempts around the network: taken as a request leaves, given back if nothing was done."""

from __future__ import annotations

import pytest

from cc_async.errors import (
    ConnectionFailedError,
    JobBusyError,
    JobCancelledError,
    PermissionDeniedError,
    StoreError,
    TooManyAttemptsError,
    TransportError,
)
from cc_async.models import SignUpResult
from cc_async.resources import sign_up_request
from cc_async.session import RequestCount, Session
from cc_async.sign_ups._attempts import AttemptLimiter
from cc_async.sign_ups._counted_transport import CountedTransport, send_counted
from cc_async.stores import MemoryStore
from tests.support.scripted import Answer, ScriptedTransport, SpentTokens, make_session, reply

pytestmark = pytest.mark.looptime

ADDRESS = "a@example.com"
REQUEST = sign_up_request({"email_address": ADDRESS, "list_memberships": ["l"]})
CREATED = reply(201, {"contact_id": "c", "action": "created"})


@pytest.fixture
def attempts() -> AttemptLimiter:
    return AttemptLimiter(MemoryStore(), "app", lambda: 1_790_000_000.0)


async def left(attempts: AttemptLimiter) -> int:
    """Return how many attempts are left, and use them up."""
    return [await attempts.take(ADDRESS) for _ in range(4)].count(True)


async def send(session: Session, attempts: AttemptLimiter) -> SignUpResult:
    network = CountedTransport(session.transport, attempts, ADDRESS)
    return await send_counted(session, REQUEST, network, RequestCount(), _no_pause)


async def _no_pause(_: int) -> None:
    """Go on at once."""


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (reply(503), 2),
        (reply(429), 2),
        (reply(401), 2),
        (ConnectionFailedError("no route"), 2),
        (reply(500), 1),
        (TransportError("cut"), 1),
        (reply(200, "<html>"), 1),
        (reply(409), 1),
    ],
)
async def test_an_attempt_is_spent_if_the_request_may_have_an_effect(
    first: Answer, expected: int, attempts: AttemptLimiter
) -> None:
    """A repeat after a 503 costs one attempt in all; after a 500 or a lost answer it costs two."""
    tokens = SpentTokens(["one", "two"])
    await send(make_session(ScriptedTransport(first, CREATED), tokens=tokens), attempts)
    assert await left(attempts) == expected


async def test_the_question_why_a_sign_up_was_denied_is_no_attempt(
    attempts: AttemptLimiter,
) -> None:
    """A 403 costs none, though one more request asks for the user's privileges."""
    transport = ScriptedTransport(reply(403), reply(200, []))
    with pytest.raises(PermissionDeniedError):
        await send(make_session(transport), attempts)
    assert len(transport.sent) == 2
    assert await left(attempts) == 3


async def test_an_attempt_is_not_spent_while_a_request_waits_for_its_turn(
    attempts: AttemptLimiter,
) -> None:
    """At the moment of leaving, and not before, the attempt is taken."""

    class NoTurn:
        async def of(self, _: object) -> NoTurn:
            return self

        async def acquire(self, *_: object) -> None:
            assert await AttemptLimiter.has_left(attempts, ADDRESS)
            assert not attempts._counts._counts
            raise LookupError("never a turn")

    session = make_session(ScriptedTransport(CREATED))
    object.__setattr__(session, "budget", NoTurn())
    with pytest.raises(LookupError):
        await send(session, attempts)
    assert await left(attempts) == 3


async def test_a_fourth_attempt_is_refused_without_a_request(attempts: AttemptLimiter) -> None:
    """An address without attempts is refused, and nothing is sent."""
    transport = ScriptedTransport(CREATED)
    await left(attempts)
    with pytest.raises(TooManyAttemptsError, match="two days"):
        await send(make_session(transport), attempts)
    assert transport.sent == []


@pytest.mark.parametrize(
    "error", [JobBusyError("job"), JobCancelledError("job"), StoreError("away")], ids=type
)
async def test_an_attempt_is_not_spent_where_the_job_was_lost(
    error: Exception, attempts: AttemptLimiter
) -> None:
    """The network of a job refuses the request before it leaves."""
    network = CountedTransport(ScriptedTransport(error), attempts, ADDRESS)
    with pytest.raises(type(error)):
        await network.send(REQUEST, {})
    assert not network.has_sent
    assert await left(attempts) == 3
