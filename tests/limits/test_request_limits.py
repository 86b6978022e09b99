"""The limits of a budget, and the numbers that follow from them."""

from __future__ import annotations

import math

import pytest

from cc_async.limits import Lane
from cc_async.limits._request_limits import GUARD, RequestLimits


def test_the_reserve_is_taken_from_bulk_work_only() -> None:
    """Bulk work may use the day without the reserve, every other lane the whole day."""
    shares = RequestLimits(4, 10_000, reserve=0.1).daily_shares
    assert shares[Lane.BULK] == 9_000
    assert {shares[lane] for lane in Lane if lane is not Lane.BULK} == {10_000}


def test_without_a_limit_of_the_day_no_lane_ends() -> None:
    """If only the second is limited, every lane may use any number of requests a day."""
    assert set(RequestLimits(1, None).daily_shares) == {math.inf}


def test_the_gap_of_bulk_work_is_an_eighth_of_a_slot() -> None:
    """At four a second, bulk work leaves 31 ms between two permits."""
    assert RequestLimits(4).gap == pytest.approx(0.03125)


@pytest.mark.parametrize(
    ("share", "per_second", "guard"), [(0.5, 2, GUARD), (0.25, 1, GUARD), (0.125, 1, 1.0 + GUARD)]
)
def test_a_share_below_one_a_second_rests_longer(
    share: float, per_second: int, guard: float
) -> None:
    """A share has the same part of both limits; below one a second its slot rests longer."""
    part = RequestLimits(4, 10_000, reserve=0.2).share(share)
    assert (part.per_second, part.per_day) == (per_second, 10_000 * share)
    assert part.guard == pytest.approx(guard)
    assert part.reserve == 0.2
