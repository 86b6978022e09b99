"""What a job will cost, before it starts."""

from __future__ import annotations

import datetime as dt
import math
from typing import Literal

import attrs

from ._statistics import BudgetStatistics

_TRIP = 0.2  # seconds, while none was measured
_ACTIVITY = 60.0  # seconds the service takes for an import: the median seen
_LOOKS = 9  # requests to see one import end; one list of activities serves many
_IN_A_BODY = 26_000  # contacts of 150 bytes


@attrs.frozen
class Plan:
    """What one way of doing a job costs.

    `seconds` counts from now while the day lasts, if nobody else uses the budget; it does not
    count the nights between two days. `fits_today` says whether the requests left today are
    enough, and the time until midnight UTC; `days` is in how many UTC days it can be done;
    `ready_by` is when it would be, midnights counted.
    """

    way: Literal["sign_up", "import"]
    contacts: int
    requests: int
    seconds: float
    fits_today: bool
    ready_by: dt.datetime
    days: int = 1


def plan_sign_up(
    contacts: int,
    budget: BudgetStatistics,
    now: dt.datetime,
    *,
    preparing: int = 0,
    concurrency: int = 8,
) -> Plan:
    """Return what it costs to sign *contacts* up: one request for each.

    Args:
        contacts: How many people.
        budget: What is left, from `Budget.statistics`.
        now: The time, with a zone.
        preparing: Requests before the first of them: to read lists, and who is to be left alone.
        concurrency: How many requests are in flight at once.
    """
    trip = budget.round_trip or _TRIP
    pace = min(budget.per_second / (1.0 + trip / 4), concurrency / trip)
    requests = preparing + contacts
    return _plan("sign_up", contacts, requests, requests / pace, budget, now)


def plan_import(
    contacts: int,
    bodies: int | None,
    budget: BudgetStatistics,
    now: dt.datetime,
    *,
    preparing: int = 0,
    reading_back: int = 0,
) -> Plan:
    """Return what it costs to import *contacts* in so many *bodies*: one request for each, and
    those that watch them end.

    Args:
        contacts: How many people.
        bodies: How many request bodies they fill; None: guess, from 150 bytes for each contact.
        budget: What is left, from `Budget.statistics`.
        now: The time, with a zone.
        preparing: Requests before the first body: to read lists, and who is to be left out.
        reading_back: Requests after the last one, to see who arrived.
    """
    if bodies is None:
        bodies = math.ceil(contacts / _IN_A_BODY)
    if not bodies:
        return _plan("import", contacts, preparing, preparing / budget.per_second, budget, now)
    sent = preparing + bodies + reading_back
    requests = sent + math.ceil(_LOOKS * math.sqrt(bodies))
    seconds = sent / budget.per_second + _ACTIVITY
    return _plan("import", contacts, requests, seconds, budget, now)


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
    nights = ready_by.astimezone(dt.UTC).date() - now.astimezone(dt.UTC).date()
    return Plan(way, contacts, requests, seconds, fits_today, ready_by, 1 + nights.days)
