"""The cost of a job before its start."""

from __future__ import annotations

import datetime as dt
import math
from typing import Literal

import attrs

from ._statistics import BudgetStatistics

_ROUND_TRIP = 0.2
"""Seconds of a round trip before any was measured: within the 50 to 300 ms of our simulations."""

_ACTIVITY = 60.0
"""Seconds that the service takes for an import: the median of `python -m benchmarks watching`."""

_LOOKS = 9
"""Requests until the end of one import is seen; one list of activities serves many imports.

From `python -m benchmarks watching`: without percentages 9 for one import, and for many at once
9 times the root of their number.
"""

_CONTACTS_IN_A_BODY = 26_000
"""Contacts of 150 bytes in a body of 4,000,000 bytes.

https://developer.constantcontact.com/api_guide/import_contacts.html
"""


@attrs.frozen
class Plan:
    """The cost of one way of doing a job.

    `seconds` counts from now while the day lasts and other jobs leave the budget alone, without
    the nights between two days. `fits_today` says whether both the requests left today and the
    time until midnight UTC are enough. `days` is the number of UTC days that the job touches,
    and `ready_by` the time of its end, midnights counted.
    """

    way: Literal["sign_up", "import"]
    contacts: int
    requests: int
    seconds: float
    fits_today: bool
    ready_by: dt.datetime
    days: int = 1


@attrs.frozen
class Plans:
    """What a job costs `by_sign_up`, a request for each person, and `by_import`.

    The two do not replace each other: a sign-up makes people explicit subscribers, an import
    changes no permission. One of the two was read and checked; the other is an estimate.
    """

    by_sign_up: Plan
    by_import: Plan


def plan_sign_up(
    contacts: int,
    budget: BudgetStatistics,
    now: dt.datetime,
    *,
    preparing: int = 0,
    concurrency: int = 8,
) -> Plan:
    """Return the cost of signing *contacts* up: one request for each.

    Args:
        contacts: Number of people.
        budget: The rest of the budget, from `Budget.statistics`.
        now: The time, with a zone.
        preparing: Requests before the first of them, to read lists and suppressed contacts.
        concurrency: Number of requests in flight at once.
    """
    round_trip = budget.round_trip or _ROUND_TRIP
    pace = min(budget.per_second / (1.0 + round_trip / 4), concurrency / round_trip)
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
    """Return the cost of importing *contacts*: one request for each body, and some to see the end.

    Args:
        contacts: Number of people.
        bodies: Number of request bodies; None: an estimate from 150 bytes for each contact.
        budget: The rest of the budget, from `Budget.statistics`.
        now: The time, with a zone.
        preparing: Requests before the first body, to read lists and suppressed contacts.
        reading_back: Requests after the last one, to see the arrivals.
    """
    if bodies is None:
        bodies = math.ceil(contacts / _CONTACTS_IN_A_BODY)
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
