"""After a failure of the service: when the same person may be sent again.

Each person has few attempts in a day, so they are not spent while the service is down. A harmless
request finds out whether it answers. Then the next attempt waits until another sign-up succeeds,
or a pause is over: a gateway may answer reads while it refuses writes.
"""

from __future__ import annotations

import anyio
import attrs

from cc_async.errors import (
    ApiError,
    RateLimitError,
    ServerError,
    StoreError,
    TransportError,
    UnexpectedResponseError,
)
from cc_async.session import Session
from cc_async.wire import Request, make_query, read_json

_PAUSES = (10.0, 60.0)
"""Pauses before the second and every later attempt, as multiples of the policy's first pause: 5 and
30 seconds unless that is changed. Together they outlast the restart of a gateway. Ours to choose."""

_PROBE = Request("GET", "/contact_lists", make_query({"limit": 1}))
"""A read that each sign-up is allowed: it looks for lists before it starts."""


@attrs.define(eq=False)
class Recovery:
    """Finds out, for all workers of a sign-up together, whether the service is back."""

    session: Session
    is_given_up: bool = False
    """Whether the service stayed away for longer than the policy's patience."""
    _answers: int = 0
    _lock: anyio.Lock = attrs.field(factory=anyio.Lock)
    _success: anyio.Event = attrs.field(factory=anyio.Event)

    def note_success(self) -> None:
        """Note that a sign-up succeeded: workers in a pause go on."""
        self._success.set()
        self._success = anyio.Event()

    async def wait(self, attempt: int) -> None:
        """Wait until attempt number *attempt* of a person, from 2, may be made.

        Raises:
            ConstantContactError: The service gave no usable answer within the patience.
        """
        success, answers = self._success, self._answers
        async with self._lock:
            if self._answers == answers:
                await self._probe()
                self._answers += 1
        pause = _PAUSES[min(attempt, len(_PAUSES) + 1) - 2]
        with anyio.move_on_after(pause * self.session.policy.wait_initial):
            await success.wait()

    async def _probe(self) -> None:
        try:
            await self.session.send(_PROBE, read_json)
        except (ServerError, RateLimitError, TransportError, UnexpectedResponseError, StoreError):
            self.is_given_up = True
            raise
        except ApiError:
            pass  # a refusal is an answer
