"""Passing failures, and requests that may be repeated."""

from __future__ import annotations

import datetime as dt
from typing import cast

import pytest

from cc_async.errors import (
    AuthError,
    BadRequestError,
    ConflictError,
    ConnectionFailedError,
    ConstantContactError,
    DailyQuotaError,
    InvalidRequestError,
    NotFoundError,
    RateLimitError,
    ServerError,
    StoredFormatError,
    StoreError,
    TransportError,
    TransportTimeoutError,
    UnexpectedResponseError,
)
from cc_async.retries import RetryPolicy
from cc_async.wire import Request, Sink

READ = Request("GET", "/contacts")
SIGN_UP = Request("POST", "/contacts/sign_up_form", retries_conflict=True)
IMPORT = Request("POST", "/activities/contacts_json_import", is_repeatable=False)
PASSING = (
    ServerError(503),
    TransportError("x"),
    TransportTimeoutError("x"),
    UnexpectedResponseError(200, "x"),
)
FINAL = (
    BadRequestError(400),
    NotFoundError(404),
    AuthError("x"),
    DailyQuotaError(dt.datetime.now(dt.UTC)),
)


def wait(
    request: Request,
    error: ConstantContactError,
    *,
    failures: int = 1,
    elapsed: float = 0.0,
    is_job: bool = False,
    jitter: float = 1.0,
) -> float | None:
    return RetryPolicy().wait_before_next(
        request, error, failures=failures, elapsed=elapsed, is_job=is_job, jitter=jitter
    )


@pytest.mark.parametrize("error", PASSING, ids=lambda error: type(error).__name__)
def test_after_a_lost_answer_only_harmless_requests_are_repeated(
    error: ConstantContactError,
) -> None:
    """Reads and sign-ups are repeated after a lost or broken answer; an import never is."""
    assert wait(READ, error) == 0.5
    assert wait(SIGN_UP, error) == 0.5
    assert wait(IMPORT, error) is None


@pytest.mark.parametrize("request_", [READ, SIGN_UP, IMPORT], ids=lambda request: request.path)
def test_a_request_that_was_never_sent_may_always_be_repeated(request_: Request) -> None:
    """After a failed connection every request is repeated."""
    assert wait(request_, ConnectionFailedError("x")) == 0.5


@pytest.mark.parametrize("error", FINAL, ids=lambda error: type(error).__name__)
def test_refusals_for_good_are_final(error: ConstantContactError) -> None:
    """A request that the service refuses for good is not repeated."""
    assert wait(READ, error) is None


def test_a_conflict_passes_for_sign_ups_only() -> None:
    """A 409 is repeated for a sign-up, since it means two writes at once there, and never else."""
    assert wait(SIGN_UP, ConflictError(409)) == 0.5
    assert wait(READ, ConflictError(409)) is None


def test_waits_double_up_to_a_bound_and_are_spread() -> None:
    """Each wait is twice the last, at most half a minute, and jitter takes up to half off."""
    waits = [wait(READ, ServerError(500), failures=failures) for failures in range(1, 10)]
    assert waits == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    assert wait(READ, ServerError(500), failures=10**6) == 30
    assert wait(READ, ServerError(500), jitter=0.0) == 0.25


def test_time_is_bounded_and_the_number_of_tries_is_not() -> None:
    """A person's call is repeated within its deadline, a job's for an hour without an answer."""
    assert wait(READ, ServerError(500), failures=99, elapsed=29.0) is not None
    assert wait(READ, ServerError(500), elapsed=59.8) is None
    assert wait(READ, ServerError(500), elapsed=3_599, is_job=True) is not None
    assert wait(READ, ServerError(500), elapsed=3_599.8, is_job=True) is None


def test_only_a_job_waits_for_its_store() -> None:
    """A store that is out of reach passes in a job; a damaged one does not, and never for a call."""
    assert wait(READ, StoreError("out of reach"), is_job=True) == 0.5
    assert wait(IMPORT, StoreError("out of reach"), is_job=True) == 0.5
    assert wait(READ, StoreError("out of reach")) is None
    assert wait(READ, StoredFormatError("another version"), is_job=True) is None


@pytest.mark.parametrize("name", ["deadline", "patience", "max_wait"])
def test_times_must_be_positive(name: str) -> None:
    """A time of 0 is refused, with its name."""
    with pytest.raises(InvalidRequestError, match=name):
        RetryPolicy(**{name: 0.0})


def test_large_transfers_get_longer() -> None:
    """A body of 4 MB has 100 s more, and a file that is read has no deadline."""
    policy = RetryPolicy(deadline=60.0)
    assert policy.deadline_for(READ) == 60.0
    assert policy.deadline_for(Request("POST", "/x", body=bytes(4_000_000))) == 160.0
    assert policy.deadline_for(Request("GET", "/x", sink=cast("Sink", object()))) == float("inf")


def test_each_kind_of_429_waits_its_own_time() -> None:
    """Throttling waits two seconds, a full queue longer, and a used-up day is final."""
    assert wait(IMPORT, RateLimitError(429, kind="throttled"), failures=99) == 2.0
    assert wait(IMPORT, RateLimitError(429, kind="queue_full")) == 10.0
    assert wait(IMPORT, RateLimitError(429, kind="quota_exceeded")) is None
    assert wait(READ, RateLimitError(429, retry_after=7.0)) == 7.0
