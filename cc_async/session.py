"""The path of a request: retry, authorize, take a permit, send, read.

Each layer is one short method, named for its part. Permits are taken inside the retries, so a
repeated request waits for a permit like any other.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio
import attrs

from cc_async.auth import (
    PRIVILEGES_PATH,
    RequiredRights,
    TokenSource,
    claims_of,
    explain_denial,
    required_rights,
    turn_of_token,
)
from cc_async.errors import (
    AuthenticationError,
    AuthError,
    ClientStateError,
    ConnectionFailedError,
    ConstantContactError,
    DailyQuotaError,
    DeadlineError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    TransportError,
    UnexpectedResponseError,
)
from cc_async.limits import Budget, Lane, PermitResult, UnnamedBudget
from cc_async.retries import RetryPolicy, waited_out
from cc_async.transport import Transport
from cc_async.wire import Reply, Request, Secret, is_token, read_error, read_json

T = TypeVar("T")

_log = logging.getLogger("cc_async")

_TOKEN_PAUSE_SHARE = 0.25
"""Pause before one more token, as a share of the time in which fresh tokens were rejected.

Other processes may use tokens up as fast as they come, so the first ones follow at once: a
stored grant renews once a second at most. After two minutes a pause has half a minute, and an
hour of it costs some 140 requests. Ours to choose.
"""

_LONGEST_TOKEN_PAUSE = 30.0
"""Seconds of the longest such pause: the end of an outage is noticed within it."""

_LONG_WAIT = 10.0
"""Seconds of waiting for a permit after which the token is asked for again.

A stored grant renews a token five minutes before its end, or after nine tenths of a short life,
so a token stays good for a wait below this. Above it, one more look costs nothing beside the wait.
"""


@attrs.define
class RequestCount:
    """Number of requests sent for one purpose."""

    requests: int = 0


@attrs.define
class _OwnLoop:
    """The one event loop of a client, known from its first request on."""

    running: asyncio.AbstractEventLoop | None = None
    is_closed: bool = False

    def check(self) -> asyncio.AbstractEventLoop:
        if self.is_closed:
            raise ClientStateError("this client is closed; open a new one")
        try:
            current = asyncio.get_running_loop()
        except RuntimeError:
            raise ClientStateError(
                "no asyncio event loop is running here; cc_async needs asyncio, also under anyio"
            ) from None
        if self.running is None:
            self.running = current
        elif self.running is not current:
            raise ClientStateError(
                "this client belongs to another event loop; open one client for each loop"
            )
        return current


@attrs.define
class _TokenHistory:
    """Experience of this session with its tokens."""

    accepted: deque[str] = attrs.field(factory=lambda: deque(maxlen=16))
    """The latest tokens that the service accepted."""
    denials: dict[tuple[str, RequiredRights], str] = attrs.field(factory=dict)
    """Reasons for a 403, by token and required rights."""

    def note_accepted(self, token: str) -> None:
        if token not in self.accepted:
            self.accepted.append(token)


@attrs.frozen
class Session:
    """Sends requests of one account, on one budget, in one lane.

    Args:
        transport: The network, or a replacement for it.
        tokens: Source of access tokens, asked once for a request.
        budget: The application's budget; every attempt takes a permit from it.
        policy: Rules for repeating a request, and how long. Calls of the interactive lane have a
            deadline, all others patience.
        account: Name of the account; accounts take turns on a shared budget. Without a name the
            token tells the accounts apart.
        lane: Interactive calls go ahead of polling, polling ahead of bulk work.
        request_count: Counts the requests of calls without a count of their own.
        jitter: Returns random numbers from 0 to 1.
        check_token: Called with each token before a request leaves with it; raises if the token
            must not be used.
    """

    transport: Transport
    tokens: TokenSource
    budget: Budget | UnnamedBudget
    policy: RetryPolicy = attrs.field(factory=RetryPolicy)
    account: str = ""
    lane: Lane = Lane.INTERACTIVE
    request_count: RequestCount = attrs.field(factory=RequestCount)
    jitter: Callable[[], float] = random.random
    check_token: Callable[[str], Awaitable[None]] | None = None
    _loop: _OwnLoop = attrs.field(factory=_OwnLoop, alias="loop", repr=False)
    _history: _TokenHistory = attrs.field(factory=_TokenHistory, alias="history", repr=False)

    def on_lane(self, lane: Lane, request_count: RequestCount | None = None) -> Session:
        """Return this session on another *lane*, with a *request_count* if one is given."""
        return attrs.evolve(self, lane=lane, request_count=request_count or self.request_count)

    def with_patience(self, seconds: float) -> Session:
        """Return this session with at most so much patience, for a job with another way to go on."""
        patience = min(seconds, self.policy.patience)
        return attrs.evolve(self, policy=attrs.evolve(self.policy, patience=patience))

    async def send(
        self,
        request: Request,
        read: Callable[[Reply], T],
        *,
        request_count: RequestCount | None = None,
        may_repeat: Callable[[ConstantContactError], Awaitable[bool]] | None = None,
    ) -> T:
        """Send *request* and return the result of *read* for its reply.

        Waits for a permit, renews a rejected token, and repeats the request after a passing
        failure, unless *may_repeat* returns false for it. In the interactive lane all of it ends at the
        policy's deadline, in the other lanes when its patience is over. A 403 is explained at
        the cost of one more request.

        Raises:
            AuthError: There is no usable token.
            DeadlineError: No answer came before the deadline of an interactive call.
            DailyQuotaError: The application's day is used up.
            ApiError: The service refused the request.
            TransportError: No answer came.
            ClientStateError: The client is closed, or belongs to another loop.

        Cancellation:
            The permit is given back; the service may have carried the request out.
        """
        self.check()
        request_count = request_count or self.request_count
        if self.lane is not Lane.INTERACTIVE:
            return await self._send_with_retries(request, read, request_count, may_repeat)
        before, seconds = request_count.requests, self.policy.deadline_for(request)
        with anyio.move_on_after(seconds):
            return await self._send_with_retries(request, read, request_count, may_repeat)
        raise DeadlineError.after(seconds, was_sent=request_count.requests > before)

    def check(self) -> asyncio.AbstractEventLoop:
        """Return the loop; raise `ClientStateError` in another loop or after closing."""
        return self._loop.check()

    async def aclose(self) -> None:
        """Close the transport. Requests afterwards raise `ClientStateError`."""
        self._loop.is_closed = True
        await self.transport.aclose()

    async def _send_with_retries(
        self,
        request: Request,
        read: Callable[[Reply], T],
        request_count: RequestCount,
        may_repeat: Callable[[ConstantContactError], Awaitable[bool]] | None,
    ) -> T:
        now, is_job, failures = self.check().time, self.lane is not Lane.INTERACTIVE, 0
        started = None if is_job else now()
        while True:
            try:
                return await self._send_with_token(request, read, request_count)
            except ConstantContactError as error:
                is_paced = isinstance(error, RateLimitError)
                failures += not is_paced
                started = now() if started is None else started
                wait = self.policy.wait_before_next(
                    request,
                    error,
                    failures=failures,
                    elapsed=now() - started,
                    is_job=is_job,
                    jitter=self.jitter(),
                )
                if wait is None:
                    raise (waited_out(error) if is_job else error) from error.__cause__
                if may_repeat is not None and not is_paced and not await may_repeat(error):
                    raise
                _log.info("%s %s: %s; again in %.1f s", request.method, request.path, error, wait)
                self.policy.note_wait(error, wait)
            await anyio.sleep(wait)

    async def _send_with_token(
        self, request: Request, read: Callable[[Reply], T], request_count: RequestCount
    ) -> T:
        """Send with a token, and again with another one while tokens are rejected.

        A token that was accepted before has merely ended. The others are fresh: if they are
        rejected for longer than the call may last, the last 401 stands. If there is no other
        token, the token source says so.
        """
        now = self.check().time
        rejected: str | None = None
        rejected_since: float | None = None
        while True:
            token = await self._token(rejected)  # a renewal holds no permit
            reply, token = await self._send_with_permit(request, token, request_count)
            if reply.status != 401:
                self._history.note_accepted(token)
                break
            request_id = reply.headers.get("x-amzn-requestid", "")
            _log.info("%s %s: token rejected (%s)", request.method, request.path, request_id)
            if token not in self._history.accepted:
                rejected_since = now() if rejected_since is None else rejected_since
                await self._pause_after_rejection(reply, now() - rejected_since)
            rejected = token
        try:
            return read(reply)
        except PermissionDeniedError as error:
            denial = error
        raise await self._with_reason(denial, request, token)

    async def _pause_after_rejection(self, reply: Reply, elapsed: float) -> None:
        """Wait before one more token; raise the 401 if fresh tokens were rejected for too long."""
        policy, is_job = self.policy, self.lane is not Lane.INTERACTIVE
        wait = min(_LONGEST_TOKEN_PAUSE, elapsed * _TOKEN_PAUSE_SHARE)
        error = read_error(reply)
        # half a deadline: the rest is left to a slow renewal, so that the 401 is told
        if elapsed + wait > (policy.patience if is_job else policy.deadline / 2):
            if isinstance(error, AuthenticationError):
                error = attrs.evolve(error, is_token_fresh=True)
            raise error
        if wait:
            policy.note_wait(error, wait)
            await anyio.sleep(wait)

    async def _send_with_permit(
        self, request: Request, token: str, request_count: RequestCount
    ) -> tuple[Reply, str]:
        """Send once, and return the reply and the token that went with it."""
        now, account = self.check().time, self.account or turn_of_token(token)
        asked = now()
        budget = self.budget if isinstance(self.budget, Budget) else await self.budget.of(token)
        permit = await budget.acquire(self.lane, account)
        result: PermitResult = "lost"
        try:
            if now() - asked > _LONG_WAIT:
                token = await self._token()
            request_count.requests += 1
            headers = {"Authorization": Secret("Bearer " + token)}
            reply = await self.transport.send(request, headers)
            result = _permit_result(reply)
        finally:
            await budget.release(permit, result)
        if result == "quota_exceeded":
            resets_at = (await budget.statistics()).resets_at
            raise DailyQuotaError(resets_at) from read_error(reply)
        return reply, token

    async def _token(self, rejected: str | None = None) -> str:
        """Return a token. A failure to get one means that the request was not sent."""
        try:
            token = await self.tokens.token(rejected=rejected)
        except (TransportError, RateLimitError, ServerError, UnexpectedResponseError) as error:
            raise ConnectionFailedError(f"no access token could be had: {error}") from error
        if not is_token(token):
            raise AuthError("the source of tokens gave a token with blanks or line breaks, or none")
        if token == rejected:
            raise AuthError("the source of tokens gave the token again that was rejected")
        if self.check_token is not None:
            await self.check_token(token)
        return token

    async def _with_reason(
        self, error: PermissionDeniedError, request: Request, token: str
    ) -> PermissionDeniedError:
        if request.path == PRIVILEGES_PATH:
            return error
        reason = await self._denial_reason(required_rights(request.method, request.path), token)
        return attrs.evolve(error, reason=reason)

    async def _denial_reason(self, required: RequiredRights, token: str) -> str:
        """Return the reason for a 403; the service is asked once for each token and right.

        https://developer.constantcontact.com/api_guide/user_privileges.html
        """
        if (known := self._history.denials.get((token, required))) is not None:
            return known
        scopes, privileges = claims_of(token).get("scp"), None
        asking = Request("GET", PRIVILEGES_PATH)
        try:
            found = await self._send_with_token(asking, read_json, self.request_count)
            privileges = [str(item.get("privilege_name")) for item in found]
        except PermissionDeniedError:
            pass
        except (ConstantContactError, AttributeError, TypeError):
            return ""  # the reason can be asked for at the next 403
        reason = explain_denial(required, scopes if isinstance(scopes, list) else None, privileges)
        self._history.denials[token, required] = reason
        return reason


def _permit_result(reply: Reply) -> PermitResult:
    """Return the result of a permit: `answered`, or one of the two refusals for speed.

    https://developer.constantcontact.com/api_guide/rate_limits.html
    """
    error = read_error(reply) if reply.status in (429, 403) else None
    if isinstance(error, RateLimitError) and error.kind != "queue_full":
        return error.kind
    return "answered"
