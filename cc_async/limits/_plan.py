"""What a job will cost, before it starts."""

from __future__ import annotations

import datetime as dt
import math
from typing import Literal

import attrs

from ._statistics import BudgetStatistics

__all__ = ["Plan", "plan_import", "plan_sign_up"]

_TRIP = 0.2  # seconds, while none was measured
_ACTIVITY = 60.0  # seconds the service takes for an import: the median seen
_LOOKS = 9  # requests to see one import end; one list of activities serves many
_LOOKS_EACH = 0.7


@attrs.frozen
class Plan:
    """What one way of doing a job costs.

    `seconds` counts from now while the day lasts, if nobody else uses the budget; it does not
    count the nights between two days. `fits_today` says whether the requests left today are
    enough; `ready_by` is when the job would be done, midnights counted.
    """

    way: Literal["sign_up", "import"]
    contacts: int
    requests: int
    seconds: float
    fits_today: bool
    ready_by: dt.datetime


def plan_sign_up(
    contacts: int, budget: BudgetStatistics, now: dt.datetime, *, concurrency: int = 8
) -> Plan:
    """Return what it costs to sign *contacts* up: one request for each.

    Args:
        contacts: How many people.
        budget: What is left, from `Budget.statistics`.
        now: The time, with a zone.
        concurrency: How many requests are in flight at once.
    """
    trip = budget.round_trip or _TRIP
    pace = min(budget.per_second / (1.0 + trip / 4), concurrency / trip)
    return _plan("sign_up", contacts, contacts, contacts / pace, budget, now)


def plan_import(contacts: int, bodies: int, budget: BudgetStatistics, now: dt.datetime) -> Plan:
    """Return what it costs to import *contacts* in so many *bodies*: one request for each, and
    those that watch them end.

    Args:
        contacts: How many people.
        bodies: How many request bodies they fill.
        budget: What is left, from `Budget.statistics`.
        now: The time, with a zone.
    """
    if not bodies:
        return _plan("import", contacts, 0, 0.0, budget, now)
    requests = bodies + math.ceil(max(_LOOKS, _LOOKS_EACH * bodies))
    return _plan("import", contacts, requests, bodies / budget.per_second + _ACTIVITY, budget, now)


def _plan(
    way: Literal["sign_up", "import"],
    contacts: int,
    requests: int,
    seconds: float,
    budget: BudgetStatistics,
    now: dt.datetime,
) -> Plan:
    ready_by = now + dt.timedelta(seconds=seconds)
    fits_today = requests <= budget.left and ready_by <= budget.resets_at
    if requests > budget.left and budget.per_day:
        later = requests - budget.left
        days, rest = divmod(later - 1, budget.per_day)
        left = dt.timedelta(seconds=seconds * (rest + 1) / requests)
        ready_by = max(ready_by, budget.resets_at + dt.timedelta(days=days) + left)
    return Plan(way, contacts, requests, seconds, fits_today, ready_by)
