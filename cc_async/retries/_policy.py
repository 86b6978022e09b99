"""Passing failures, and requests that may be repeated.

Two questions decide. *May the request be repeated?* Always, if it was never sent or was refused
for speed; after a lost answer or a failure of the service, only if it does no harm twice. *Will
the failure pass?* Overload, outages and conflicting writes do; all other refusals stay.

How long a request is repeated depends on time alone, never on a number of tries.

https://developer.constantcontact.com/api_guide/glossary_responses.html
"""

from __future__ import annotations

from collections.abc import Callable

import attrs

from cc_async.errors import (
    ConflictError,
    ConnectionFailedError,
    ConstantContactError,
    InvalidRequestError,
    RateLimitError,
    ServerError,
    StoreCorruptError,
    StoreError,
    TransportError,
    UnexpectedResponseError,
)
from cc_async.wire import Request

_THROTTLED_WAIT = 2.0
"""Seconds after a refusal for speed without `Retry-After`: the second that it counted, and one more."""

_MOST_DOUBLINGS = 30
"""Doublings of a pause that are computed: beyond a billion times the first pause, the longest one
counts anyway."""

_SLOWEST_UPLOAD = 40_000
"""Bytes a second that the slowest line carries, as in `transport/`: a large body gets longer."""


def _check_positive(policy: RetryPolicy, field: attrs.Attribute[float], value: float) -> None:
    if not value > 0:
        raise InvalidRequestError(
            f"{field.name} must be more than 0 seconds", "Give it in seconds.", field.name
        )


@attrs.frozen
class RetryPolicy:
    """How long a client goes on after failures. It counts time, not tries.

    Args:
        deadline: Seconds for a call that a person waits for, from its start to its answer. They
            include the wait for a permit, for a token, and the pauses after failures.
        patience: Seconds without a usable answer after which a job ends, to be resumed: an import
            or a bulk sign-up. Each usable answer starts them anew. The store of the job and of
            the budget is waited for likewise.
        max_wait: Seconds for which an import waits for an activity that the service still
            reports as running. Afterwards the job is left, to be resumed.
        wait_initial: Seconds before the second attempt; doubled each time.
        wait_max: The longest such pause, in seconds.
        wait_queue: Seconds between attempts while the account's queue of activities is full.
        on_wait: Called before each pause, with the failure and the seconds of the pause.

    Raises:
        InvalidRequestError: *deadline*, *patience* or *max_wait* is not more than 0.
    """

    deadline: float = attrs.field(default=60.0, validator=_check_positive)
    patience: float = attrs.field(default=3_600.0, validator=_check_positive)
    max_wait: float = attrs.field(default=86_400.0, validator=_check_positive)
    wait_initial: float = 0.5
    wait_max: float = 30.0
    wait_queue: float = 10.0
    on_wait: Callable[[str, float], None] | None = attrs.field(default=None, eq=False, repr=False)

    def deadline_for(self, request: Request) -> float:
        """Return the seconds for a call that a person waits for.

        A large body gets longer. A file that is read may take any time; only silence ends it.
        """
        if request.sink is not None:
            return float("inf")
        return self.deadline + len(request.body or b"") / _SLOWEST_UPLOAD

    def wait_before_next(
        self,
        request: Request,
        error: ConstantContactError,
        *,
        failures: int,
        elapsed: float,
        is_job: bool,
        jitter: float,
    ) -> float | None:
        """Return the seconds to wait before the next attempt, or `None` to give up.

        Args:
            request: The request as it was sent.
            error: The failure.
            failures: Number of failures so far, from 1, without refusals for speed.
            elapsed: Seconds since the call started; in a job, since its first failure.
            is_job: Whether a job sends the request; otherwise a person waits for the answer.
            jitter: A random number from 0 to 1; it spreads the wait from half to the whole.
        """
        if isinstance(error, StoreError):
            passes = is_job and not isinstance(error, StoreCorruptError)
        else:
            passes = isinstance(error, RateLimitError) or _may_pass(request, error)
        if not passes:
            return None
        within = self.patience if is_job else self.deadline
        return self._wait(error, failures, elapsed, within, jitter)

    def wait_in_job(
        self, error: ConstantContactError, *, failures: int, elapsed: float, jitter: float
    ) -> float | None:
        """Return the seconds that a job waits after a failure that passes; `None` to give up.

        The arguments are those of `wait_before_next`; *elapsed* counts from the first failure.
        """
        return self._wait(error, failures, elapsed, self.patience, jitter)

    def _wait(
        self,
        error: ConstantContactError,
        failures: int,
        elapsed: float,
        within: float,
        jitter: float,
    ) -> float | None:
        spread = 0.5 + jitter / 2
        if isinstance(error, RateLimitError):
            wait = _rate_limit_wait(error, self.wait_queue, spread)
        else:
            wait = spread * self.pause(failures)
        return None if wait is None or elapsed + wait > within else wait

    def pause(self, failures: int) -> float:
        """Return the seconds of the pause after so many failures in a row, without jitter."""
        return min(self.wait_max, self.wait_initial * 2.0 ** min(failures - 1, _MOST_DOUBLINGS))

    def note_wait(self, error: Exception, seconds: float) -> None:
        """Tell `on_wait` that *error* is waited out."""
        if self.on_wait is not None:
            self.on_wait(str(error), seconds)


def waited_out(error: ConstantContactError) -> ConstantContactError:
    """Return *error* after a job's patience; that of a store says so, and is not waited for again."""
    if isinstance(error, StoreError):
        return attrs.evolve(error, is_waited_out=True).with_traceback(error.__traceback__)
    return error


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
