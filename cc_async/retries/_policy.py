"""Which failures pass by themselves, and which requests may be sent again.

Two questions decide. *May it be repeated?* A request that never left, or that was refused for
coming too fast, always may; after a lost answer or a failure of the service only one that does
no harm twice. *Will it pass?* Overload, outages and colliding writes do; everything else the
service says no to stays no.
"""

from __future__ import annotations

import attrs

from cc_async.errors import (
    ConflictError,
    ConnectionFailedError,
    ConstantContactError,
    RateLimitError,
    ServerError,
    TransportError,
    UnexpectedResponseError,
)
from cc_async.wire import Request


@attrs.frozen
class RetryPolicy:
    """How patient a client is.

    Args:
        attempts: How often one request is tried in all. Being told to slow down does not
            count: nothing was done then.
        max_elapsed: Seconds after the first try in which another one may begin.
        wait_initial: Seconds before the second try; doubled each time.
        wait_max: The longest such wait, in seconds.
        wait_queue: Seconds between tries while the account's queue of activities is full.
    """

    attempts: int = 4
    max_elapsed: float = 120.0
    wait_initial: float = 0.5
    wait_max: float = 20.0
    wait_queue: float = 10.0

    def wait_before_next(
        self,
        request: Request,
        error: ConstantContactError,
        *,
        attempt: int,
        elapsed: float,
        jitter: float,
    ) -> float | None:
        """Return seconds to wait before the next try, or `None` where there is none.

        Args:
            request: What was sent.
            error: How it failed.
            attempt: Which try that was, from 1; tries refused for their pace left out.
            elapsed: Seconds since the first try began.
            jitter: A random number from 0 to 1; it spreads the wait from half to the whole.
        """
        wait = self._wait(request, error, attempt, 0.5 + jitter / 2)
        if wait is None or elapsed + wait > self.max_elapsed:
            return None
        return wait

    def _wait(
        self, request: Request, error: ConstantContactError, attempt: int, spread: float
    ) -> float | None:
        if isinstance(error, RateLimitError):
            return _rate_limit_wait(error, self.wait_queue, spread)
        if attempt >= self.attempts or not _may_pass(request, error):
            return None
        return spread * min(self.wait_max, self.wait_initial * 2.0 ** (attempt - 1))


def _rate_limit_wait(error: RateLimitError, wait_queue: float, spread: float) -> float | None:
    if error.kind == "quota_exceeded":
        return None
    if error.retry_after is not None:
        return error.retry_after
    return spread * (wait_queue if error.kind == "queue_full" else 2.0)


def _may_pass(request: Request, error: ConstantContactError) -> bool:
    if isinstance(error, ConnectionFailedError):
        return True
    if isinstance(error, ConflictError):
        return request.retries_conflict
    if isinstance(error, (TransportError, ServerError, UnexpectedResponseError)):
        return request.is_repeatable
    return False
