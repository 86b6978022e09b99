"""The path of one request: retried, authorized, permitted, sent and read."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import attrs
import pytest

from cc_async import ConstantContact
from cc_async.auth import AccessToken, turn_of_token
from cc_async.errors import (
    AuthenticationError,
    AuthError,
    ClientStateError,
    ConnectionFailedError,
    DailyQuotaError,
    DeadlineError,
    PermissionDeniedError,
    ServerError,
    StoreError,
    TransportError,
)
from cc_async.limits import Budget, Lane, Permit
from cc_async.models import SignUpResult
from cc_async.retries import RetryPolicy
from cc_async.session import RequestCount, Session
from cc_async.stores import MemoryStore
from cc_async.testing import SandboxTransport
from cc_async.wire import Reply, Request, read_reply
from tests.support.accounts import jwt
from tests.support.budgets import Clock, FailingStore, loop_time, make_budget
from tests.support.loops import in_a_new_loop
from tests.support.people import open_sandbox
from tests.support.scripted import ScriptedTransport, SpentTokens, make_session, reply
from tests.support.tokens import EndlessTokens

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
    """After two failures and a lost answer the answer comes, and four requests were counted."""
    transport = ScriptedTransport(DOWN, TransportError("cut"), DOWN, OK)
    request_count = RequestCount()
    assert (
        await make_session(transport).send(READ, read, request_count=request_count)
    ).action == "updated"
    assert transport.at == [0.0, 0.5, 1.5, 3.5]
    assert request_count.requests == 4


async def test_a_write_that_may_have_happened_is_not_repeated() -> None:
    """An import whose answer is lost leaves once."""
    transport = ScriptedTransport(TransportError("cut"), OK)
    with pytest.raises(TransportError):
        await make_session(transport).send(WRITE, read)
    assert len(transport.sent) == 1


async def test_being_told_to_slow_down_is_waited_out() -> None:
    """Throttled requests, a write too, are repeated while the budget slows down."""
    transport = ScriptedTransport(*[TIRED] * 6, OK)
    request_count = RequestCount()
    await make_session(transport).send(WRITE, read, request_count=request_count)
    assert request_count.requests == 7
    assert transport.at[-1] < 60.0


async def test_a_job_outlasts_a_bad_quarter_of_an_hour() -> None:
    """A request of a job is repeated through 14 minutes of 503, and its pauses are reported."""
    waits: list[tuple[str, float]] = []
    policy = RetryPolicy(on_wait=lambda text, seconds: waits.append((text, seconds)))
    transport = ScriptedTransport(lambda _: OK if loop_time() > 840.0 else DOWN)
    session = make_session(transport, policy=policy).on_lane(Lane.BULK)
    await session.send(READ, read)
    assert 840.0 < transport.at[-1] < 871.0
    assert len(transport.sent) < 40
    assert "503" in waits[0][0]
    assert [seconds for _, seconds in waits[:4]] == [0.5, 1.0, 2.0, 4.0]


async def test_a_job_gives_up_after_its_patience() -> None:
    """After ten minutes without a usable answer, where that is the patience, the error comes."""
    transport = ScriptedTransport(ConnectionFailedError("refused"))
    session = make_session(transport, policy=RetryPolicy(patience=600.0)).on_lane(Lane.POLLING)
    with pytest.raises(ConnectionFailedError):
        await session.send(READ, read)
    assert 500.0 < transport.at[-1] <= 600.0


async def test_patience_does_not_count_the_wait_for_the_first_answer() -> None:
    """A job's request that waited an hour for its permit has its whole patience afterwards."""
    transport = ScriptedTransport(DOWN, OK, seconds=4_000.0)
    await make_session(transport).on_lane(Lane.BULK).send(READ, read)
    assert len(transport.sent) == 2


async def test_a_call_ends_at_its_deadline_while_it_waits_for_a_permit() -> None:
    """Where other work holds all permits, a call ends in time and says that it was not sent."""
    transport = ScriptedTransport(OK, seconds=500.0)
    session = make_session(transport, per_second=1, policy=RetryPolicy(deadline=30.0))
    task = asyncio.create_task(session.on_lane(Lane.BULK).send(READ, read))
    await asyncio.sleep(1)
    with pytest.raises(DeadlineError, match="not sent") as caught:
        await session.send(READ, read)
    assert not caught.value.was_sent
    assert loop_time() == pytest.approx(31.0, abs=0.1)
    task.cancel()


async def test_a_call_ends_at_its_deadline_without_an_answer() -> None:
    """A service that hangs for longer than the deadline ends the call with one clear error."""
    session = make_session(ScriptedTransport(OK, seconds=500.0), policy=RetryPolicy(deadline=30.0))
    with pytest.raises(DeadlineError, match="30 s") as caught:
        await session.send(READ, read)
    assert isinstance(caught.value, TimeoutError)
    assert caught.value.was_sent
    assert loop_time() == pytest.approx(30.0, abs=0.1)


async def test_a_job_waits_for_the_store_of_its_budget() -> None:
    """While the budget's store is out of reach, a job waits and a call fails at once."""
    store = FailingStore(Clock())
    store.down = True
    session = attrs.evolve(make_session(ScriptedTransport(OK)), budget=make_budget(store))
    with pytest.raises(StoreError):
        await session.send(READ, read)
    task = asyncio.create_task(session.on_lane(Lane.BULK).send(READ, read))
    await asyncio.sleep(300)
    store.down = False
    await task


async def test_a_used_up_day_ends_all_requests_until_midnight_utc() -> None:
    """quota_exceeded is an error with the time of the reset, and nothing else is sent that day."""
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
    """With a fixed token a 401 asks for a sign-in, and nothing is repeated."""
    transport = ScriptedTransport(REFUSED)
    with pytest.raises(AuthError) as caught:
        await make_session(transport, tokens=AccessToken("secret-token")).send(READ, read)
    assert "secret" not in f"{caught.value!r} {caught.value} {caught.value.hint}"
    assert len(transport.sent) == 1


async def test_retries_wait_for_a_permit() -> None:
    """A repeated request takes a permit of the budget like any other."""
    transport = ScriptedTransport(DOWN, OK)
    session = make_session(transport, per_second=1)
    await session.send(READ, read)
    assert transport.at[1] >= 1.0


async def test_a_cancelled_request_gives_its_permit_back() -> None:
    """After a cancelled request the budget has all its permits again, a second later."""
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
    """When all attempts failed, the last error comes out, not a wrapper."""
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


async def test_accepted_tokens_may_end_any_number_of_times() -> None:
    """A token that other tasks used up meanwhile is renewed again: each was accepted before."""
    uses = Counter[str]()

    class ShortLived(ScriptedTransport):
        async def send(self, request: Request, headers: Mapping[str, str]) -> Reply:
            token = headers["Authorization"]
            uses[token] += 1
            is_good = uses[token] <= 2
            await asyncio.sleep(0.1)
            return OK if is_good else REFUSED

    session = make_session(ShortLived(), tokens=SpentTokens(map(str, range(100))))
    await asyncio.gather(*(session.send(WRITE, read) for _ in range(20)))
    assert uses["Bearer 0"] == 20
    assert sum(min(2, count) for count in uses.values()) == 20


class SlowTokens:
    """Gives tokens in a given order; one in place of a rejected one takes fourteen seconds."""

    def __init__(self, order: Iterable[str]) -> None:
        self.order = iter(order)

    async def token(self, *, rejected: str | None = None) -> str:
        await asyncio.sleep(0 if rejected is None else 14.0)
        return next(self.order)


async def test_accepted_tokens_that_end_do_not_count_as_fresh_ones() -> None:
    """Four that served before end one after another: the call goes on, with as long as it takes."""
    served = ["a", "b", "c", *["d"] * 20]
    transport = ScriptedTransport(*[OK] * len(served), *[REFUSED] * 4, OK)
    session = make_session(transport, tokens=SlowTokens([*served, "a", "b", "c", "d", "e"]))
    for _ in served:
        await session.send(READ, read)
    started = transport.at[-1]
    await session.send(READ, read)
    assert transport.headers[-1]["Authorization"] == "Bearer e"
    assert transport.at[-1] - started == pytest.approx(4 * 14, abs=1)


async def test_fresh_tokens_that_other_processes_use_up_are_no_reason_to_sign_in() -> None:
    """A request is carried out although its first eight fresh tokens were used up by others."""
    transport = ScriptedTransport(*[REFUSED] * 8, OK)
    await make_session(transport, tokens=EndlessTokens()).send(WRITE, read)
    assert transport.at[-1] < 30.0


@pytest.mark.parametrize(
    ("lane", "least", "most"), [(Lane.INTERACTIVE, 15, 30), (Lane.BULK, 1800, 3600)]
)
async def test_tokens_that_never_work_are_given_up_after_a_time(
    lane: Lane, least: int, most: int
) -> None:
    """If no fresh token is accepted, the error says so, and does not ask for a sign-in."""
    transport = ScriptedTransport(REFUSED)
    session = make_session(transport, tokens=EndlessTokens()).on_lane(lane)
    with pytest.raises(AuthenticationError) as caught:
        await session.send(READ, read)
    assert "fresh tokens" in caught.value.hint
    assert least < transport.at[-1] <= most
    assert len(transport.sent) < 160


async def test_a_source_that_gives_the_rejected_token_again_is_told_so() -> None:
    """A token that comes back after its rejection ends the call, and is not sent again."""

    class SameToken:
        async def token(self, *, rejected: str | None = None) -> str:
            return "token-1"

    transport = ScriptedTransport(REFUSED)
    with pytest.raises(AuthError, match="again"):
        await make_session(transport, tokens=SameToken()).send(READ, read)
    assert len(transport.sent) == 1


async def test_after_a_long_wait_a_request_takes_the_newest_token() -> None:
    """A request that waited long for its permit is sent with the token that is good by then."""
    transport = ScriptedTransport(OK, seconds=20.0)
    tokens = SpentTokens(["old", "new"])
    session = make_session(transport, tokens=tokens, per_second=1)
    waiting = [asyncio.create_task(session.send(READ, read)) for _ in range(2)]
    await asyncio.sleep(0.5)
    await tokens.token(rejected="old")
    await asyncio.gather(*waiting)
    assert transport.headers[-1]["Authorization"] == "Bearer new"


class CountingTokens:
    """A token source that counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    async def token(self, *, rejected: str | None = None) -> str:
        self.calls += 1
        return f"token-{self.calls}"


async def test_a_request_asks_for_its_token_once() -> None:
    """A token source is called once for each request, also if the request waits for a permit."""
    tokens = CountingTokens()
    session = make_session(ScriptedTransport(OK), tokens=tokens, per_second=4)
    await asyncio.gather(*(session.send(READ, read) for _ in range(12)))
    assert tokens.calls == 12


async def test_reading_a_contact_asks_for_its_token_once() -> None:
    """`contacts.get` of a whole client calls the token source once."""
    sandbox = open_sandbox(token=None)
    contact_id = sandbox.add_contact("ana@example.com").contact_id
    tokens = CountingTokens()
    async with ConstantContact(tokens, transport=SandboxTransport(sandbox), stores="memory:") as cc:
        await cc.contacts.get(str(contact_id))
        assert tokens.calls == 1


async def test_each_attempt_and_each_rejected_token_asks_once_more() -> None:
    """A repeated request and a rejected token cost one more call of the token source each."""
    tokens = CountingTokens()
    transport = ScriptedTransport(DOWN, REFUSED, OK)
    await make_session(transport, tokens=tokens).send(READ, read)
    assert tokens.calls == len(transport.sent) == 3


JWT = "x.eyJzY3AiOlsiY29udGFjdF9kYXRhIl19.y"  # {"scp":["contact_data"]}
DENIED = reply(403, {"error_key": "forbidden", "error_message": "Forbidden"})


@pytest.mark.parametrize(
    ("path", "privileges", "hint"),
    [
        ("/account/summary", reply(200, []), "lacks the scope account_read"),
        ("/activities", reply(200, [{"privilege_name": "contacts:read"}]), "contacts:write"),
        ("/contacts", reply(200, [{"privilege_name": "contacts:read"}]), "Neither the scope"),
        ("/contacts", DENIED, "switched off"),
        ("/contacts", DOWN, "contacts:write, or the application"),
    ],
)
async def test_a_403_says_what_is_missing(path: str, privileges: Reply, hint: str) -> None:
    """A scope, a privilege and a dead application are told apart, at the cost of one request."""
    transport = ScriptedTransport(
        lambda request: privileges if request.path.endswith("privileges") else DENIED
    )
    session = make_session(transport, tokens=AccessToken(JWT))
    for _ in range(2):
        with pytest.raises(PermissionDeniedError) as caught:
            await session.send(Request("GET", path), read)
        assert hint in caught.value.hint
    assert len(transport.sent) == (4 if privileges is DOWN else 3)


@pytest.mark.parametrize("trouble", [ServerError(503), TransportError("cut")])
async def test_without_a_token_nothing_has_left(trouble: Exception) -> None:
    """A write whose token never came was certainly not carried out."""

    class NoTokens:
        async def token(self, *, rejected: str | None = None) -> str:
            raise trouble

    transport = ScriptedTransport(OK)
    with pytest.raises(ConnectionFailedError, match="no access token could be had"):
        await make_session(transport, tokens=NoTokens()).send(WRITE, read)
    assert transport.sent == []


async def test_locals_in_a_traceback_show_no_token() -> None:
    """A report that prints the local variables of every frame down to the network is masked."""
    session = make_session(
        ScriptedTransport(RuntimeError("broken")), tokens=AccessToken("secret-token")
    )
    with pytest.raises(RuntimeError) as caught:
        await session.send(READ, read)
    shown = [
        repr(entry.frame.f_locals) for entry in caught.traceback if "cc_async" in str(entry.path)
    ]
    assert len(shown) > 3
    assert "secret-token" not in "".join(shown)


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


@pytest.mark.parametrize("token", ["a\r\nX: y", "", "a b", None])
async def test_a_token_with_line_breaks_is_not_sent(token: Any) -> None:
    """A source that gives no usable token is told so by an error of the tree."""

    class OddTokens:
        async def token(self, *, rejected: str | None = None) -> str:
            return token  # type: ignore[no-any-return]

    transport = ScriptedTransport(reply(200, {}))
    with pytest.raises(AuthError, match="line breaks"):
        await make_session(transport, tokens=OddTokens()).send(READ, read)
    assert not transport.sent


async def test_accounts_take_turns_by_their_tokens() -> None:
    """Without a name, requests wait under the user of the token; with a name, under that."""
    asked: list[str] = []

    class Asked(Budget):
        async def acquire(self, lane: Lane = Lane.INTERACTIVE, account: str = "") -> Permit:
            asked.append(account)
            return await super().acquire(lane, account)

    budget = Asked(MemoryStore(), key="app-1", per_second=1000, per_day=1_000_000)
    for user in ("lola", "tim"):
        session = Session(
            transport=ScriptedTransport(OK), tokens=AccessToken(jwt(user)), budget=budget
        )
        await session.send(READ, read)
        await attrs.evolve(session, account=user).send(READ, read)
    assert asked == [turn_of_token(jwt("lola")), "lola", turn_of_token(jwt("tim")), "tim"]
