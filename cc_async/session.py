"""The way of one request: authorise, take a turn, send, read, decide whether again.

Each layer is one short method, named for what it adds. Turns are taken inside the retries, so
a repeated request waits its turn like any other.
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
)
from cc_async.errors import (
    ClientStateError,
    ConnectionFailedError,
    ConstantContactError,
    DailyQuotaError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    TransportError,
    UnexpectedResponseError,
)
from cc_async.limits import Budget, Lane, PermitResult
from cc_async.retries import RetryPolicy
from cc_async.transport import Transport
from cc_async.wire import Reply, Request, Secret, read_error, read_json

T = TypeVar("T")

_log = logging.getLogger("cc_async")

_MAX_REJECTED_NEW_TOKENS = 4
"""How many tokens that never served may be refused before no other is asked for."""


@attrs.define
class Tally:
    """What something cost: *requests* that left, and *tries* not refused for their pace."""

    requests: int = 0
    tries: int = 0


@attrs.define
class _Loop:
    """The one event loop a client lives in, known from its first request on."""

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
class _Tokens:
    """What this session has learnt about its tokens."""

    served: deque[str] = attrs.field(factory=lambda: deque(maxlen=16))
    """The latest that were accepted."""
    denials: dict[tuple[str, RequiredRights], str] = attrs.field(factory=dict)
    """Why a token was denied what it needed."""

    def note_served(self, token: str) -> None:
        if token not in self.served:
            self.served.append(token)


@attrs.frozen
class Session:
    """Sends requests for one account, on one budget, as one lane.

    Args:
        transport: The network, or what stands in for it.
        tokens: Where access tokens come from.
        budget: The application's budget; every try takes a turn from it.
        policy: What is tried again, and how long.
        account: Accounts take turns on a shared budget; this is ours.
        lane: Interactive calls go ahead of polling, polling ahead of bulk work.
        tally: Counts what left, unless a call brings a tally of its own.
        jitter: Returns random numbers from 0 to 1.
    """

    transport: Transport
    tokens: TokenSource
    budget: Budget
    policy: RetryPolicy = attrs.field(factory=RetryPolicy)
    account: str = ""
    lane: Lane = Lane.INTERACTIVE
    tally: Tally = attrs.field(factory=Tally)
    jitter: Callable[[], float] = random.random
    _loop: _Loop = attrs.field(factory=_Loop, alias="loop", repr=False)
    _known: _Tokens = attrs.field(factory=_Tokens, alias="known", repr=False)

    def on_lane(self, lane: Lane, tally: Tally | None = None) -> Session:
        """Return this session on another *lane*, counting into *tally* where one is given."""
        return attrs.evolve(self, lane=lane, tally=tally or self.tally)

    async def send(
        self,
        request: Request,
        read: Callable[[Reply], T],
        *,
        tally: Tally | None = None,
        policy: RetryPolicy | None = None,
        may_repeat: Callable[[], Awaitable[bool]] | None = None,
    ) -> T:
        """Return what *read* makes of the answer to *request*.

        Waits for a turn, renews a refused token, and tries again what may pass, if *may_repeat*
        has nothing against it. A 403 is explained, which may cost another request.

        Raises:
            AuthError: There is no usable token.
            DailyQuotaError: The application's day is used up.
            ApiError: The service said no, or went on saying so.
            TransportError: No answer came.
            ClientStateError: The client is closed, or belongs to another loop.

        Cancellation:
            The turn is given back; whether the request was carried out is not known.
        """
        return await self._send_retrying(
            request, read, tally or self.tally, policy or self.policy, may_repeat
        )

    def check(self) -> asyncio.AbstractEventLoop:
        """Return the loop; raise `ClientStateError` where it is another, or the client closed."""
        return self._loop.check()

    async def aclose(self) -> None:
        """Close the transport; nothing can be sent afterwards."""
        self._loop.is_closed = True
        await self.transport.aclose()

    async def _send_retrying(
        self,
        request: Request,
        read: Callable[[Reply], T],
        tally: Tally,
        policy: RetryPolicy,
        may_repeat: Callable[[], Awaitable[bool]] | None,
    ) -> T:
        now = self.check().time
        started, attempt = now(), 1
        while True:
            tally.tries += 1
            try:
                return await self._send_authorised(request, read, tally)
            except ConstantContactError as error:
                is_paced = isinstance(error, RateLimitError)
                tally.tries -= is_paced
                wait = policy.wait_before_next(
                    request,
                    error,
                    attempt=attempt,
                    elapsed=now() - started,
                    jitter=self.jitter(),
                )
                if wait is None:
                    raise
                if may_repeat is not None and not is_paced and not await may_repeat():
                    raise
                attempt += not is_paced
                _log.info("%s %s: %s; again in %.1f s", request.method, request.path, error, wait)
            await anyio.sleep(wait)

    async def _send_authorised(
        self, request: Request, read: Callable[[Reply], T], tally: Tally
    ) -> T:
        """Renew a refused token and repeat, until tokens are refused that never served anybody.

        One that did had merely ended, and so may have one that only others got to use: it takes
        more than one of those to give up.
        """
        rejected: str | None = None
        barren = 0
        while True:
            token = await self._token(rejected)  # renewed before the turn, not in it
            reply, token = await self._send_limited(request, tally, token)
            if reply.status != 401:
                self._known.note_served(token)
                break
            barren += token not in self._known.served
            if barren > _MAX_REJECTED_NEW_TOKENS:
                return read(reply)
            request_id = reply.headers.get("x-amzn-requestid", "")
            _log.info("%s %s: token refused (%s)", request.method, request.path, request_id)
            rejected = token
        try:
            return read(reply)
        except PermissionDeniedError as error:
            denial = error
        raise await self._explained(denial, request, token)

    async def _send_limited(self, request: Request, tally: Tally, token: str) -> tuple[Reply, str]:
        permit = await self.budget.acquire(self.lane, self.account)
        result: PermitResult = "lost"
        try:
            token = await self._token()  # the wait may have been long
            tally.requests += 1
            headers = {"Authorization": Secret("Bearer " + token)}
            reply = await self.transport.send(request, headers)
            result = _permit_result(reply)
        finally:
            await self.budget.release(permit, result)
        if result == "quota_exceeded":
            resets_at = (await self.budget.statistics()).resets_at
            raise DailyQuotaError(resets_at) from read_error(reply)
        return reply, token

    async def _token(self, rejected: str | None = None) -> str:
        """Return a token; without one the request has not left, whatever went wrong."""
        try:
            return await self.tokens.token(rejected=rejected)
        except (TransportError, RateLimitError, ServerError, UnexpectedResponseError) as error:
            raise ConnectionFailedError(f"no access token could be had: {error}") from error

    async def _explained(
        self, error: PermissionDeniedError, request: Request, token: str
    ) -> PermissionDeniedError:
        if request.path == PRIVILEGES_PATH:
            return error
        reason = await self._reason(required_rights(request.method, request.path), token)
        return attrs.evolve(error, reason=reason)

    async def _reason(self, need: RequiredRights, token: str) -> str:
        """Return why *token* was denied *need*; it is asked for once."""
        if (known := self._known.denials.get((token, need))) is not None:
            return known
        scopes, privileges = claims_of(token).get("scp"), None
        asking = Request("GET", PRIVILEGES_PATH)
        try:
            found = await self.send(asking, read_json, policy=RetryPolicy(attempts=1))
            privileges = [str(item.get("privilege_name")) for item in found]
        except PermissionDeniedError:
            pass
        except (ConstantContactError, AttributeError, TypeError):
            return ""  # no time to find out
        reason = explain_denial(need, scopes if isinstance(scopes, list) else None, privileges)
        self._known.denials[token, need] = reason
        return reason


def _permit_result(reply: Reply) -> PermitResult:
    """Tell the budget what the service thinks of our pace."""
    if reply.status not in (429, 403):
        return "answered"
    error = read_error(reply)
    if not isinstance(error, RateLimitError) or error.kind == "queue_full":
        return "answered"
    return error.kind
