"""The cost of a job, by sign-up and by import."""

from __future__ import annotations

import datetime as dt

import pytest

from cc_async.limits import BudgetStatistics, plan_import, plan_sign_up

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
MIDNIGHT = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)


def left(requests: int, *, round_trip: float = 0.1) -> BudgetStatistics:
    return BudgetStatistics(
        used=10_000 - requests,
        left=requests,
        per_second=4,
        per_day=10_000,
        resets_at=MIDNIGHT,
        closed=False,
        in_flight=0,
        waiting=(),
        paused_for=0.0,
        round_trip=round_trip,
    )


def test_a_sign_up_costs_a_request_each() -> None:
    """Signing 1,000 people up costs 1,000 requests and a little over 250 seconds."""
    plan = plan_sign_up(1000, left(10_000), NOW)
    assert (plan.requests, plan.fits_today) == (1000, True)
    assert plan.seconds == pytest.approx(256, abs=2)
    assert plan.ready_by == NOW + dt.timedelta(seconds=plan.seconds)


def test_few_at_once_are_slower_than_the_limit() -> None:
    """One request at a time with a slow reply does not reach the limit."""
    assert plan_sign_up(100, left(10_000, round_trip=1.0), NOW, concurrency=1).seconds == 100


def test_an_import_costs_a_request_a_body() -> None:
    """A million people in 37 bodies cost 37 requests, and some to see the end."""
    plan = plan_import(1_000_000, 37, left(10_000), NOW)
    assert 37 < plan.requests < 100
    assert plan.seconds < 120
    assert plan.fits_today


def test_nothing_costs_nothing() -> None:
    """A job without contacts needs no request, even when none is left."""
    assert plan_import(0, 0, left(0), NOW).fits_today
    assert plan_sign_up(0, left(0), NOW).requests == 0


def test_a_large_job_goes_on_after_midnight() -> None:
    """25,000 sign-ups with 2,000 left today take until the third day."""
    plan = plan_sign_up(25_000, left(2_000), NOW)
    assert not plan.fits_today
    assert MIDNIGHT + dt.timedelta(days=2) < plan.ready_by < MIDNIGHT + dt.timedelta(days=2.1)


def test_a_day_that_ends_too_early_does_not_fit() -> None:
    """Enough requests left, but not enough of the day, is no fit either."""
    late = MIDNIGHT - dt.timedelta(seconds=10)
    assert not plan_sign_up(1000, left(10_000), late).fits_today


def test_requests_before_and_after_are_counted() -> None:
    """Requests that read lists first and members afterwards are part of the cost."""
    bare = plan_import(1000, 1, left(10_000), NOW)
    whole = plan_import(1000, 1, left(10_000), NOW, preparing=3, reading_back=2)
    assert whole.requests - bare.requests == 5
    assert whole.seconds - bare.seconds == pytest.approx(5 / 4)
    assert plan_sign_up(10, left(10_000), NOW, preparing=3).requests == 13


def test_bodies_are_estimated_from_contacts() -> None:
    """Without a number of bodies, a contact counts as 150 bytes."""
    assert plan_import(26_001, None, left(10_000), NOW) == plan_import(26_001, 2, left(10_000), NOW)
    assert plan_import(0, None, left(10_000), NOW).requests == 0


def test_days_are_counted() -> None:
    """A plan names the number of UTC days that it touches."""
    assert plan_sign_up(1000, left(2_000), NOW).days == 1
    assert plan_sign_up(1000, left(10_000), MIDNIGHT - dt.timedelta(seconds=10)).days == 2
    assert plan_sign_up(25_000, left(2_000), NOW).days == 4
