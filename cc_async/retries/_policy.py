"""Passing failures, and requests that may be repeated.

Two questions decide. *May the request be repeated?* Always, if it was never sent or was refused
for speed; after a lost answer or a failure of the service, only if it does no harm twice. *Will
the failure pass?* Overload, outages and conflicting writes do; all other refusals stay.

https://developer.constantcontact.com/api_guide/glossary_responses.html
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

_THROTTLED_WAIT = 2.0
"""Seconds after a refusal for speed without `Retry-After`: the second that it counted, and one more."""


@attrs.frozen
class RetryPolicy:
    """The patience of a client.

    Args:
        attempts: Attempts for one request in all. A refusal for speed does not count, because
            the service did nothing then.
        max_elapsed: Seconds after the first attempt in which another one may begin.
        wait_initial: Seconds before the second attempt; doubled each time.
        wait_max: The longest such wait, in seconds.
        wait_queue: Seconds between attempts while the account's queue of activities is full.
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
        """Return the seconds to wait before the next attempt, or `None` to give up.

        Args:
            request: The request as it was sent.
            error: The failure.
            attempt: Number of that attempt, from 1, without those refused for speed.
            elapsed: Seconds since the first attempt began.
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
    # https://developer.constantcontact.com/api_guide/rate_limits.html
    if error.kind == "quota_exceeded":
        return None
    if error.retry_after is not None:
        return error.retry_after
    return spread * (wait_queue if error.kind == "queue_full" else _THROTTLED_WAIT)


def _may_pass(request: Request, error: ConstantContactError) -> bool:
    if isinstance(error, ConnectionFailedError):
        return True
    if isinstance(error, ConflictError):
        return request.retries_conflict
    if isinstance(error, (TransportError, ServerError, UnexpectedResponseError)):
        return request.is_repeatable
    return False
