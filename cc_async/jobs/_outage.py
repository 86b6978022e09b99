"""Outages during a job: of its store, or of the service. They are waited out with growing pauses."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio
import attrs

from cc_async.errors import ConstantContactError, StoreCorruptError, StoreError
from cc_async.retries import RetryPolicy, waited_out

T = TypeVar("T")


@attrs.define(eq=False)
class Outage:
    """Failures in a row without a usable answer."""

    policy: RetryPolicy
    _failures: int = 0
    _since: float = 0.0

    async def wait(self, error: ConstantContactError) -> None:
        """Wait until the next attempt after *error*.

        Raises:
            ConstantContactError: It is *error*; the patience of the policy is over. A
                `StoreError` then says so: no layer above waits for the store once more.
        """
        now = anyio.current_time()
        self._since = self._since if self._failures else now
        self._failures += 1
        seconds = self.policy.wait_in_job(
            error,
            failures=self._failures,
            elapsed=now - self._since,
            jitter=random.random(),  # noqa: S311 - no secret
        )
        if seconds is None:
            raise waited_out(error)
        self.policy.note_wait(error, seconds)
        await anyio.sleep(seconds)

    def end(self) -> None:
        """Note a usable answer: patience begins anew."""
        self._failures = 0


async def wait_out(work: Callable[[], Awaitable[T]], policy: RetryPolicy) -> T:
    """Return the result of *work*, repeated while its store is out of reach.

    Raises:
        StoreError: The store stayed out of reach for longer than the patience, or is damaged.

    Cancellation:
        A pause between two attempts ends at once.
    """
    outage = Outage(policy)
    while True:
        try:
            return await work()
        except StoreCorruptError:
            raise
        except StoreError as error:
            if error.is_waited_out:
                raise
            failure = error
        await outage.wait(failure)
