"""What does it cost to notice that activities have ended, and how late is it noticed?

A simulation: nothing sleeps. So many activities are submitted, four a second; each takes a
log-normal time, 60 seconds in the middle. Each is polled by itself, in growing steps or when its
percentage promises its end, as four requests a second allow; or one list shows all that are
open, and cc_async's own rule says when to look, with percentages in steps of one and without.
"""

from __future__ import annotations

import heapq
import math
import random
import statistics
from collections.abc import Callable, Sequence
from functools import partial

import attrs

from benchmarks._pictures import Bars
from benchmarks._report import Cell, Goal, Report
from cc_async.imports._scheduler import wait_before_look

_TRIP, _PACE, _PAGE = 0.2, 0.25, 500
_MIDDLE, _SPREAD = 60.0, 0.9
_SHORTEST, _LONGEST = 1.0, 60.0
_OURS = "cc_async: one list, by percentage"
_WANTED = {1: (4.5, 4.8), 25: (1.7, 1.7), 250: (0.56, 1.4)}
"""For so many open: requests an activity and seconds until noticed, by the list."""


@attrs.frozen
class Watch:
    """Cost of one way of watching: requests for an activity, and seconds until its end is noticed."""

    requests: float
    delay: float


@attrs.frozen
class _Activity:
    began: float
    seconds: float

    @property
    def end(self) -> float:
        return self.began + self.seconds

    def percent(self, now: float) -> int:
        return max(1, min(99, int(100 * (now - self.began) / self.seconds)))


def submitted(count: int, seed: int) -> list[_Activity]:
    """Return *count* activities, begun four a second."""
    chance = random.Random(seed)
    return [
        _Activity(n * _PACE, chance.lognormvariate(math.log(_MIDDLE), _SPREAD))
        for n in range(count)
    ]


Shown = Callable[[_Activity, float], tuple[float, int | None]]
"""Returns the seconds an activity has been at work, and its percentage if it has one."""


def growing(age: float, percent: int) -> float:
    """Wait a second first, then half as long again each time."""
    return min(_LONGEST, _SHORTEST + age / 2)


def by_percent(age: float, percent: int) -> float:
    """Wait until the end that the percentage promises."""
    if percent <= 1:
        return growing(age, percent)
    return min(_LONGEST, max(_SHORTEST, age * (100 - percent) / percent + 0.5))


def polled(activities: Sequence[_Activity], wait: Callable[[float, int], float]) -> Watch:
    """Poll each of *activities* by itself, four requests a second at the most."""
    due = [(each.began + _SHORTEST, number) for number, each in enumerate(activities)]
    heapq.heapify(due)
    requests, delay, free = 0, 0.0, 0.0
    while due:
        at, number = heapq.heappop(due)
        sent, each = max(at, free), activities[number]
        free, now = sent + _PACE, sent + _TRIP
        requests += 1
        if each.end <= sent + _TRIP / 2:
            delay += now - each.end
        else:
            percent = each.percent(sent + _TRIP / 2)
            heapq.heappush(due, (now + wait(now - each.began, percent), number))
    return Watch(requests / len(activities), delay / len(activities))


def listed(activities: Sequence[_Activity], shown: Shown) -> Watch:
    """Look at all *activities* in one list, whenever cc_async's rule says so."""
    running, requests, delay, now = list(activities), 0, 0.0, 0.0
    while running:
        begun = [each for each in running if each.began <= now] or running[:1]
        seen = [shown(each, now) for each in begun]
        sent = now + wait_before_look(seen)
        now = sent + _TRIP
        requests += math.ceil(len(begun) / _PAGE)
        ended = [each for each in running if each.end <= sent + _TRIP / 2]
        delay += sum(now - each.end for each in ended)
        running = [each for each in running if each.end > sent + _TRIP / 2]
    return Watch(requests / len(activities), delay / len(activities))


def fine(each: _Activity, now: float) -> tuple[float, int]:
    """Show how long an activity has been at work, and percentages in steps of one."""
    return max(0.0, now - each.began), each.percent(now - _TRIP / 2)


def coarse(each: _Activity, now: float) -> tuple[float, int]:
    """Show percentages in steps of 25."""
    age, percent = fine(each, now)
    return age, max(1, percent // 25 * 25)


def missing(each: _Activity, now: float) -> tuple[float, None]:
    """Show no percentages at all."""
    return fine(each, now)[0], None


def late(each: _Activity, now: float) -> tuple[float, int]:
    """Show percentages that stand at 7 for half the time, as of a job that waits its turn."""
    age, percent = fine(each, now)
    return age, 7 if percent < 50 else 7 + (percent - 50) * 93 // 50


_WAYS: dict[str, Callable[[Sequence[_Activity]], Watch]] = {
    "each polled, growing steps": partial(polled, wait=growing),
    "each polled, by percentage": partial(polled, wait=by_percent),
    "cc_async: one list, no percentages": partial(listed, shown=missing),
    "cc_async: one list, percentages in quarters": partial(listed, shown=coarse),
    "cc_async: one list, percentages that mislead": partial(listed, shown=late),
    _OURS: partial(listed, shown=fine),
}


def measure(size: float = 1.0) -> Report:
    """Play every way for 1, 25 and 250 activities."""
    rows: list[tuple[Cell, ...]] = []
    goals, bars = [], []
    for count, (requests, delay) in _WANTED.items():
        for name, way in _WAYS.items():
            plays = range(max(5, int(2000 * size / count)))
            found = [way(submitted(count, seed)) for seed in plays]
            cost = Watch(
                statistics.mean(each.requests for each in found),
                statistics.mean(each.delay for each in found),
            )
            rows.append((f"{count} open: {name}", cost.requests, cost.delay))
            bars.append((f"{count}: {name}", cost.requests))
        goals.append(Goal(f"requests an activity, {count} open", cost.requests, requests, True))
        goals.append(Goal(f"seconds until noticed, {count} open", cost.delay, delay, True))
    return Report(
        "Watching: what it takes to notice that activities have ended (simulated)",
        ("open at once, way", "requests an activity", "seconds until noticed"),
        rows,
        goals,
        picture=Bars("Waiting for activities", "requests an activity", bars),
    )
