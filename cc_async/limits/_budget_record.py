"""The arithmetic of a budget: pure steps on one record.

The service counts a request at the moment of its arrival, somewhere between sending and reply.
So a request holds one of *per_second* slots from before it is sent until one second after its
reply. The next request in that slot then arrives at least a second later, even if the network
delays one of them. The least round trip is taken off that second, because the way back of the
reply and the way out of the next request take at least that long together.

Beside the slots the record counts the UTC day and keeps the queue of processes. Each process
asks only for the first of its own waiters, and the best of those takes the next slot.

Every step takes the record and the store's time and returns a new record; none changes its
arguments. Times are seconds since the epoch. A refusal by the service counts more than the
record: it slows all processes down, or closes the day for all.

https://developer.constantcontact.com/api_guide/rate_limits.html
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect, insort
from itertools import islice
from typing import NamedTuple, TypedDict

from cc_async.errors import DailyQuotaError

from . import _round_trip_times as round_trip_times, _tickets as tickets
from ._permits import Lane, PermitResult
from ._request_limits import GUARD, WINDOW, RequestLimits
from ._round_trip_times import RoundTripTimes
from ._tickets import QueueLengths, Ticket

RECORD_FORMAT = 1
"""Version of the record. A change of its keys or their meaning raises it."""

PROCESS_TIMEOUT = 3.0
"""Seconds of silence after which a process counts as killed, and its permits as lost.

Three seconds of the limit are the price of a killed process. A busy but living one sends a
heartbeat every second.
"""

_PERMIT_TIMEOUT = 120.0
"""Seconds after which a permit without a reply counts as lost although its process lives.

Twice the 60 seconds of a request. An upload of 4 MB may take up to 160 on a slow line; its slot
cools down after the late reply all the same.
"""

_MAX_LATENESS = 0.25
"""Seconds by which a process may come late for its turn before others go ahead.

Longer than a busy event loop or a slow commit takes, and short beside the second to be shared.
"""

_DAY = 86_400
"""Seconds of a UTC day: the service counts requests anew at 00:00 UTC.

https://developer.constantcontact.com/api_guide/rate_limits.html
"""

_TIMER_SLACK = 0.0005
"""Seconds by which a timer may ring early. asyncio's timers have the clock's resolution."""

_CLOCKS_DIFFER = 300.0
"""Seconds after midnight in which two clocks may disagree about the day.

Five minutes are the usual tolerance, as of Kerberos.
"""

_EARLY_PAUSE = 60.0
"""Seconds without requests after a `quota_exceeded` so soon after midnight.

The service may still count yesterday then. Until the clocks agree, every pause of a minute
costs one refused request.
"""

_LONGEST_PAUSE = 16.0
"""Seconds of the longest pause after refusals for speed in a row: 1, 2, 4, 8, 16.

Long enough that a limit of the service below ours settles, short beside the day.
"""


class BudgetRecord(TypedDict):
    """The record, as JSON carries it."""

    format: int
    updated_at: float
    day: int  # days since the epoch
    used: int  # requests of that day
    previous_day: list[int]  # the day counted before, and its requests
    closed_until: float  # end of a day that the service has called used up
    in_flight: dict[str, float]  # permits without a reply: time of the grant, oldest first
    cooling: list[float]  # slots after their reply: time from which each is free, soonest first
    heartbeats: dict[str, float]  # latest word of each process
    tickets: dict[str, Ticket]  # processes in the queue
    served: dict[str, float]  # latest permit of each account, while processes compete
    last_permit_at: float
    throttled_at: float  # latest refusal for speed
    paused_until: float
    refusals: int  # for speed, in a row
    round_trips: RoundTripTimes


class PermitRequest(NamedTuple):
    """A process asks for a permit for the first of its waiters.

    *waited* is in seconds, and *queue_lengths* are those of the whole process.
    """

    permit_id: str
    process: str
    lane: Lane
    account: str
    waited: float
    queue_lengths: QueueLengths


def request_permit(
    record: BudgetRecord | None, now: float, limits: RequestLimits, request: PermitRequest
) -> tuple[BudgetRecord, float]:
    """Grant a permit, or put the process of *request* into the queue.

    Returns:
        The new record, and the seconds to wait before asking again; 0: the permit is granted.

    Raises:
        DailyQuotaError: The lane's share of the day is used up.
    """
    new = pruned(record, now)
    _note_process(new, now, request.process)
    if now < new["closed_until"] or new["used"] >= limits.daily_shares[request.lane]:
        raise DailyQuotaError(resets_at(new, now))
    wait = _wait(new, now, limits, request)
    if wait > _TIMER_SLACK:
        ticket = Ticket(
            lane=int(request.lane),
            account=request.account,
            since=now - request.waited,
            back_at=now + wait,
            queue_lengths=request.queue_lengths,
        )
        new["tickets"] = {**new["tickets"], request.process: ticket}
        return new, wait
    if new["tickets"]:
        new["tickets"] = tickets.without(new["tickets"], request.process)
        new["served"] = tickets.with_latest(new["served"], request.account, now)
    new["in_flight"] = {**new["in_flight"], request.permit_id: now}
    new["used"] += 1
    new["last_permit_at"] = now
    return new, 0.0


def release_permit(
    record: BudgetRecord | None,
    now: float,
    limits: RequestLimits,
    permit_id: str,
    granted: float,
    result: PermitResult,
) -> BudgetRecord:
    """Note the *result* of a permit; its slot cools down from now on.

    The slot of a permit that counted as lost cools down all the same: the service may have
    counted the request late.
    """
    new = pruned(record, now)
    _note_process(new, now, _process_of(permit_id))
    new["in_flight"] = in_flight = new["in_flight"].copy()
    in_flight.pop(permit_id, None)
    if result == "answered":
        new["round_trips"] = round_trip_times.add(
            new["round_trips"], now - granted, limits.per_second
        )
        if new["refusals"] and granted > new["throttled_at"]:
            new["refusals"] = 0
    elif result == "throttled":
        _slow_down(new, now, granted)
    elif result == "quota_exceeded":
        _close_day(new, now, granted)
    least = 0.0 if result == "lost" else new["round_trips"]["least"]
    new["cooling"] = cooling = new["cooling"].copy()
    insort(cooling, now + WINDOW + limits.guard - least)
    return new


def withdraw(record: BudgetRecord | None, now: float, process: str, permit_id: str) -> BudgetRecord:
    """Take *process* out of the queue, and take back a permit that was never used."""
    new = pruned(record, now)
    new["tickets"] = tickets.without(new["tickets"], process)
    if permit_id in new["in_flight"]:
        new["in_flight"] = tickets.without(new["in_flight"], permit_id)
        new["used"] = max(0, new["used"] - 1)
    return new


def note_heartbeat(record: BudgetRecord | None, now: float, process: str) -> BudgetRecord:
    """Note that *process* lives and holds its permits."""
    new = pruned(record, now)
    _note_process(new, now, process)
    return new


def resets_at(record: BudgetRecord, now: float) -> dt.datetime:
    """Return the time at which requests go on: midnight UTC, or the end of a closed day."""
    midnight = (record["day"] + 1.0) * _DAY
    until = record["closed_until"] if now < record["closed_until"] else midnight
    return dt.datetime.fromtimestamp(until, dt.UTC)


def pruned(record: BudgetRecord | None, now: float) -> BudgetRecord:
    """Return a copy of *record* without everything that has ended by *now*."""
    if record is None:
        return _new_record(now)
    new = record.copy()
    if now < new["updated_at"]:
        _turn_back(new, now)
    new["updated_at"] = now
    if now // _DAY != new["day"]:
        _begin_day(new, int(now // _DAY))
    cooling = new["cooling"]
    if cooling and cooling[0] <= now + _TIMER_SLACK:
        new["cooling"] = cooling[bisect(cooling, now + _TIMER_SLACK) :]
    in_flight, oldest = new["in_flight"], now - _PERMIT_TIMEOUT
    if in_flight and next(iter(in_flight.values())) < oldest:
        new["in_flight"] = {permit: at for permit, at in in_flight.items() if at >= oldest}
    return new


def _new_record(now: float) -> BudgetRecord:
    return BudgetRecord(
        format=RECORD_FORMAT,
        updated_at=now,
        day=int(now // _DAY),
        used=0,
        previous_day=[0, 0],
        closed_until=0.0,
        in_flight={},
        cooling=[],
        heartbeats={},
        tickets={},
        served={},
        last_permit_at=0.0,
        throttled_at=0.0,
        paused_until=0.0,
        refusals=0,
        round_trips=round_trip_times.new(),
    )


def _begin_day(new: BudgetRecord, day: int) -> None:
    # Requests without a reply may be counted in the new day. A clock that is put back over
    # midnight finds its count again.
    previous = new["previous_day"]
    used = previous[1] if previous[0] == day else len(new["in_flight"])
    new["previous_day"] = [new["day"], new["used"]]
    new["day"], new["used"] = day, used


def _turn_back(new: BudgetRecord, now: float) -> None:
    # The clock was put back: no time may lie further ahead than one written now could.
    soon = now + WINDOW + GUARD
    new["cooling"] = [min(at, soon) for at in new["cooling"]]
    new["in_flight"] = {permit: min(at, now) for permit, at in new["in_flight"].items()}
    new["heartbeats"] = {process: min(at, now) for process, at in new["heartbeats"].items()}
    new["served"] = {}
    new["tickets"] = {}
    new["last_permit_at"] = min(new["last_permit_at"], now)
    new["throttled_at"] = min(new["throttled_at"], now)
    new["paused_until"] = min(new["paused_until"], soon)
    new["closed_until"] = min(new["closed_until"], (now // _DAY + 1) * _DAY)


def _process_of(permit_id: str) -> str:
    return permit_id.partition("-")[0]


def _note_process(new: BudgetRecord, now: float, process: str) -> None:
    """Note in the caller's own copy that *process* lives, and forget the silent ones."""
    heartbeats = new["heartbeats"]
    if process in heartbeats and len(heartbeats) == 1:
        new["heartbeats"] = {process: now}
        return
    alive = {name: at for name, at in heartbeats.items() if at >= now - PROCESS_TIMEOUT}
    alive[process] = now
    new["heartbeats"] = alive
    new["in_flight"] = {
        permit: at for permit, at in new["in_flight"].items() if _process_of(permit) in alive
    }
    new["tickets"] = {name: ticket for name, ticket in new["tickets"].items() if name in alive}


def _wait(new: BudgetRecord, now: float, limits: RequestLimits, request: PermitRequest) -> float:
    ahead, check = 0, WINDOW
    if new["tickets"]:
        since, served = now - request.waited, new["served"]
        mine = tickets.rank(request.lane, request.account, since, request.process, served)
        ahead, check = tickets.count_ahead(new["tickets"], mine, served, now - _MAX_LATENESS)
    ready = new["paused_until"]
    if _free_slots(new, limits) <= ahead:
        ready = max(ready, _slot_end(new, now, limits, ahead))
    if request.lane >= Lane.BULK:
        ready = max(ready, new["last_permit_at"] + limits.gap)
    if ready <= now:
        return 0.0
    return min(ready - now, check) if ahead else ready - now


def _free_slots(new: BudgetRecord, limits: RequestLimits) -> int:
    return limits.per_second - len(new["in_flight"]) - len(new["cooling"])


def _slot_end(new: BudgetRecord, now: float, limits: RequestLimits, ahead: int) -> float:
    """Return the earliest time of a free slot for a waiter with so many others *ahead*."""
    rest = WINDOW + limits.guard - new["round_trips"]["least"]
    count = ahead + 1
    ends = [now] * _free_slots(new, limits) + new["cooling"][:count]
    ends += [
        max(at + WINDOW + limits.guard, now + rest)
        for at in islice(new["in_flight"].values(), count)
    ]
    rounds, place = divmod(ahead, len(ends))
    return sorted(ends)[place] + rounds * WINDOW


def _slow_down(new: BudgetRecord, now: float, granted: float) -> None:
    # Requests sent before a pause began count once; each refusal after it doubles the next one.
    if granted <= new["throttled_at"]:
        return
    new["throttled_at"] = now
    new["paused_until"] = now + min(WINDOW * 2.0 ** new["refusals"], _LONGEST_PAUSE)
    new["refusals"] += 1
    new["round_trips"] = round_trip_times.new()


def _close_day(new: BudgetRecord, now: float, granted: float) -> None:
    # https://developer.constantcontact.com/api_guide/rate_limits.html (quota_exceeded)
    if granted // _DAY != new["day"]:
        return  # the request belonged to yesterday
    if granted % _DAY < _CLOCKS_DIFFER:
        new["closed_until"] = now + _EARLY_PAUSE
    else:
        new["closed_until"] = (new["day"] + 1.0) * _DAY
