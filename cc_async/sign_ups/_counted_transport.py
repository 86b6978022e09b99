"""The network with a count of attempts around it, for the sign-ups of one address.

It stands behind the budget, so an attempt is taken after the wait for a permit, just before the
request leaves. Repeats and new tokens pass here as well.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping

import attrs

from cc_async.errors import (
    AddressRefusedError,
    BadRequestError,
    ConflictError,
    ConnectionFailedError,
    ConstantContactError,
    JobBusyError,
    JobCancelledError,
    NotFoundError,
    StoreError,
    TooManyAttemptsError,
)
from cc_async.models import SignUpResult
from cc_async.resources import read_sign_up
from cc_async.session import RequestCount, Session
from cc_async.sign_ups._attempts import ATTEMPTS_A_DAY, AttemptLimiter
from cc_async.transport import Transport
from cc_async.wire import Reply, Request

_NOTHING_DONE = frozenset({401, 402, 403, 413, 415, 429, 503})
"""Statuses of a request that was turned away before the service looked at the address in it.
https://developer.constantcontact.com/api_guide/glossary_responses.html
"""

REFUSALS = (BadRequestError, ConflictError, NotFoundError)
"""Answers of the service that say that the last attempt had no effect. Like a result, such an answer
is noted (`AttemptLimiter.note_answer`), in bulk once its outcome is durable."""

_NEVER_LEFT = (ConnectionFailedError, JobBusyError, JobCancelledError, StoreError)
"""Errors before a request leaves; all but the first are of the job that the sign-up belongs to."""

_INVALID_ADDRESS = re.compile(r"(?i)e-?mail.*invalid|invalid.*e-?mail")

_NO_ATTEMPTS_LEFT = (
    f"this address was attempted {ATTEMPTS_A_DAY} times within a day; the service blocks an "
    "address for two days after five"
)


@attrs.define(eq=False)
class CountedTransport:
    """Sends sign-ups of *address*, and counts an attempt for each that may have an effect.

    *has_sent* says whether such a request left.
    """

    transport: Transport
    attempts: AttemptLimiter
    address: str
    has_sent: bool = False

    async def send(self, request: Request, headers: Mapping[str, str]) -> Reply:
        """Take an attempt, and send the request once. A read, which explains a 403, takes none.

        Raises:
            TooManyAttemptsError: The address has no attempts left; nothing was sent.
            StoreError: The attempt cannot be written down; nothing was sent.
            JobBusyError: This process does not drive the job any more; nothing was sent.
            TransportError: No answer came.

        Cancellation:
            The attempt counts, because the service may have carried the request out.
        """
        if request.method == "GET":
            return await self.transport.send(request, headers)
        if not await self.attempts.take(self.address):
            raise TooManyAttemptsError(_NO_ATTEMPTS_LEFT, "Try again tomorrow.")
        self.has_sent = True
        try:
            reply = await self.transport.send(request, headers)
        except _NEVER_LEFT:
            self._take_back()
            raise
        if reply.status in _NOTHING_DONE:
            self._take_back()
        return reply

    async def aclose(self) -> None:
        """Leave the network open: it belongs to the client."""

    def _take_back(self) -> None:
        self.attempts.give_back(self.address)
        self.has_sent = False


async def send_counted(
    session: Session,
    request: Request,
    network: CountedTransport,
    request_count: RequestCount,
    wait: Callable[[int], Awaitable[None]] | None = None,
) -> SignUpResult:
    """Send a sign-up over *network*.

    It is repeated after a passing failure while the address has attempts left. Before attempt 2
    or later, after one without an answer, *wait* is called with its number, if given.

    Raises:
        TooManyAttemptsError: The address has no attempts left.
        AddressRefusedError: The service calls the address invalid; it may be blocked.
        ConstantContactError: As `Session.send`.
    """
    attempts, address, number = network.attempts, network.address, 1

    async def may_repeat(error: ConstantContactError) -> bool:
        nonlocal number
        if network.has_sent and not isinstance(error, ConflictError):
            number += 1
            if wait is not None:
                await wait(number)
        return await attempts.has_left(address)

    try:
        return await attrs.evolve(session, transport=network).send(
            request,
            read_sign_up,
            request_count=request_count,
            may_repeat=may_repeat,
        )
    except BadRequestError as error:
        if _INVALID_ADDRESS.search(str(error)):  # it has passed our checks
            ids = (error.request_id, error.tracking_id)
            raise AddressRefusedError(error.status, error.problems, *ids) from error
        raise
