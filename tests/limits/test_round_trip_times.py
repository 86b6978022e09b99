"""The estimate of the least round trip."""

from __future__ import annotations

import random

import pytest

from cc_async.limits import _round_trip_times as round_trip_times


def learned(*seconds: float, per_second: int = 1) -> round_trip_times.RoundTripTimes:
    """Return the times after all of *seconds*."""
    times = round_trip_times.new()
    for each in seconds:
        times = round_trip_times.add(times, each, per_second)
    return times


def test_few_round_trips_say_nothing() -> None:
    """Below 32 round trips, or four seconds' worth of them, the least one counts as 0."""
    assert learned(*[0.2] * 31)["least"] == 0.0
    assert learned(*[0.2] * 32)["least"] == pytest.approx(0.2)
    assert learned(*[0.2] * 32, per_second=10)["least"] == 0.0
    assert learned(*[0.2] * 48, per_second=10)["least"] == pytest.approx(0.2)


def test_the_estimate_lies_below_the_quickest_by_their_spread() -> None:
    """The more the quickest round trips differ, the further the estimate lies below them."""
    chance = random.Random(1)
    steady = learned(*(chance.uniform(0.195, 0.205) for _ in range(64)))
    spread = learned(*(chance.uniform(0.15, 0.25) for _ in range(64)))
    assert 0.18 < steady["least"] < 0.2
    assert spread["least"] < 0.15


def test_a_quicker_one_counts_at_once() -> None:
    """A round trip below the estimate becomes the estimate."""
    times = round_trip_times.add(learned(*[0.2] * 32), 0.05)
    assert times["least"] == 0.05


def test_a_negative_round_trip_is_ignored() -> None:
    """A clock that was put back says nothing about the network."""
    times = learned(*[0.2] * 32)
    assert round_trip_times.add(times, -1.0) is times


def test_old_round_trips_are_forgotten_in_halves() -> None:
    """A slower network is noticed after two halves of 4,096 round trips."""
    times = learned(*[0.1] * 4096)
    assert (times["count"], times["previous_count"]) == (0, 4096)
    for _ in range(4096):
        times = round_trip_times.add(times, 0.2)
    assert times["least"] == pytest.approx(0.1, abs=0.08)
    for _ in range(16):
        times = round_trip_times.add(times, 0.2)
    assert times["least"] == pytest.approx(0.2)


def test_adding_changes_nothing_in_place() -> None:
    """The times given stay as they were."""
    times = learned(*[0.2] * 20)
    before = {**times, "quickest": [*times["quickest"]]}
    round_trip_times.add(times, 0.1)
    assert times == before
