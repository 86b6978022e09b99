"""The budget's arithmetic: pure steps on one record.

The service counts a request when it arrives, and nobody sees that moment. It lies between
sending and reply. So a request holds one of *per_second* slots from before it is sent until one
second after its reply: then the next one in that slot arrives at least a second after it,
whatever the network did to either. The least round trip seen may be taken off that second,
since the reply's way back and the next request's way out take at least that long together.

Beside the slots the record counts the UTC day, and keeps the queue of processes: each asks only
for the first of its own waiters, and the best of them takes the next slot.

Every step takes the record and the store's time and returns a new record; none changes what
it was given. Times are seconds since the epoch. The service's word counts more than the record:
it slows everyone, or closes the day for everyone.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect, insort
from itertools import islice
from typing import NamedTuple, TypedDict

from cc_async.errors import DailyQuotaError

from . import _queue, _trips
from ._rules import WINDOW, Lane, Rules, Verdict

_DAY = 86_400
_SLACK = 0.0005  # a timer may ring this much early
_EARLY = 300.0  # seconds after midnight in which two clocks may disagree about the day
_EARLY_PAUSE = 60.0
_LONGEST_PAUSE = 16.0


class State(TypedDict):
    """The record, as JSON carries it."""

    seen: float  # the time of the latest step
    day: int  # days since the epoch
    used: int
    before: list[int]  # the day counted before this one, and its requests
    closed_until: float  # no more requests before then, the service said
    flying: dict[str, float]  # turns without a reply: when granted, oldest first
    resting: list[float]  # slots after their reply: when each is free, soonest first
    heard: dict[str, float]  # processes: when each last said something
    waiting: dict[str, _queue.Ticket]  # processes: the first of each one's waiters
    served: dict[str, float]  # accounts: the latest turn, while processes compete
    last: float  # the latest turn
    slowed: float  # when the service last refused one for speed
    paused_until: float
    refusals: int  # in a row
    trips: _trips.Trips


class Ask(NamedTuple):
    """A process asks for a turn for the first of its waiters."""

    turn: str
    process: str
    lane: Lane
    account: str
    waited: float
    crowd: _queue.Crowd


def ask(record: State | None, now: float, rules: Rules, who: Ask) -> tuple[State, float]:
    """Grant a turn, or note that *who* is waiting.

    Returns:
        The new record, and how many seconds to wait before asking again; 0: the turn is granted.

    Raises:
        DailyQuotaError: The lane's share of the day is used up.
    """
    state = settled(record, now, rules)
    hear(state, now, rules, who.process)
    if now < state["closed_until"] or state["used"] >= rules.shares[who.lane]:
        raise DailyQuotaError(resets_at(state, now))
    wait = _wait(state, now, rules, who)
    if wait > _SLACK:
        since = now - who.waited
        ticket: _queue.Ticket = (int(who.lane), who.account, since, now + wait, who.crowd)
        state["waiting"] = {**state["waiting"], who.process: ticket}
        return state, wait
    if state["waiting"]:
        state["waiting"] = _queue.without(state["waiting"], who.process)
        state["served"] = _queue.with_latest(state["served"], who.account, now)
    state["flying"] = {**state["flying"], who.turn: now}
    state["used"] += 1
    state["last"] = now
    return state, 0.0


def answer(
    record: State | None, now: float, rules: Rules, turn: str, granted: float, verdict: Verdict
) -> State:
    """Note the reply to *turn*: its slot rests from now on.

    A turn that was taken for lost rests all the same: the service may have counted it late.
    """
    state = settled(record, now, rules)
    hear(state, now, rules, _owner(turn))
    flying = state["flying"]
    if turn in flying:
        state["flying"] = flying = flying.copy()
        del flying[turn]
    if verdict == "answered":
        state["trips"] = _trips.add(state["trips"], now - granted, rules.per_second)
        if state["refusals"] and granted > state["slowed"]:
            state["refusals"] = 0
    elif verdict == "throttled":
        _slow_down(state, now, granted)
    elif verdict == "quota_exceeded":
        _close_day(state, now, granted)
    least = 0.0 if verdict == "lost" else _trips.least(state["trips"])
    resting = state["resting"].copy()
    insort(resting, now + WINDOW + rules.guard - least)
    state["resting"] = resting
    return state


def withdraw(record: State | None, now: float, rules: Rules, process: str, turn: str) -> State:
    """Take *process* out of the queue, and take back *turn*, which was never sent."""
    state = settled(record, now, rules)
    state["waiting"] = _queue.without(state["waiting"], process)
    if turn in state["flying"]:
        state["flying"] = _queue.without(state["flying"], turn)
        state["used"] = max(0, state["used"] - 1)
    return state


def live(record: State | None, now: float, rules: Rules, process: str) -> State:
    """Note that *process* lives, and holds its turns."""
    state = settled(record, now, rules)
    hear(state, now, rules, process)
    return state


def resets_at(state: State, now: float) -> dt.datetime:
    """Return when requests go on: the next midnight UTC, or what the service's word made of it."""
    midnight = (state["day"] + 1.0) * _DAY
    until = state["closed_until"] if now < state["closed_until"] else midnight
    return dt.datetime.fromtimestamp(until, dt.UTC)


def settled(record: State | None, now: float, rules: Rules) -> State:
    """Return a copy of *record* without all that is over by *now*."""
    if record is None:
        return _fresh(now)
    state = record.copy()
    if now < state["seen"]:
        _turn_back(state, now, rules)
    state["seen"] = now
    if now // _DAY != state["day"]:
        _begin_day(state, int(now // _DAY))
    resting = state["resting"]
    if resting and resting[0] <= now + _SLACK:
        state["resting"] = resting[bisect(resting, now + _SLACK) :]
    flying = state["flying"]
    if flying and next(iter(flying.values())) < now - rules.longest:
        state["flying"] = {turn: at for turn, at in flying.items() if at >= now - rules.longest}
    return state


def _fresh(now: float) -> State:
    return State(
        seen=now,
        day=int(now // _DAY),
        used=0,
        before=[0, 0],
        closed_until=0.0,
        flying={},
        resting=[],
        heard={},
        waiting={},
        served={},
        last=0.0,
        slowed=0.0,
        paused_until=0.0,
        refusals=0,
        trips=_trips.fresh(),
    )


def _begin_day(state: State, day: int) -> None:
    # Whatever has no reply yet may be counted in the new day. A clock that is put back over
    # midnight finds the count it left.
    used = state["before"][1] if state["before"][0] == day else len(state["flying"])
    state["before"] = [state["day"], state["used"]]
    state["day"], state["used"] = day, used


def _turn_back(state: State, now: float, rules: Rules) -> None:
    # The clock was put back: nothing may lie further ahead than it could have been put there now.
    soon = now + WINDOW + rules.guard
    state["resting"] = [min(at, soon) for at in state["resting"]]
    state["flying"] = {turn: min(at, now) for turn, at in state["flying"].items()}
    state["heard"] = {process: min(at, now) for process, at in state["heard"].items()}
    state["served"] = {}
    state["waiting"] = {}
    state["last"] = min(state["last"], now)
    state["slowed"] = min(state["slowed"], now)
    state["paused_until"] = min(state["paused_until"], soon)
    state["closed_until"] = min(state["closed_until"], (now // _DAY + 1) * _DAY)


def _owner(turn: str) -> str:
    return turn.partition("-")[0]


def hear(state: State, now: float, rules: Rules, process: str) -> None:
    """Note, in a *state* of the caller's own, that *process* lives, and forget the silent ones."""
    heard = state["heard"]
    if process in heard and len(heard) == 1:
        state["heard"] = {process: now}
        return
    state["heard"] = alive = {name: at for name, at in heard.items() if at >= now - rules.hold}
    alive[process] = now
    state["flying"] = {turn: at for turn, at in state["flying"].items() if _owner(turn) in alive}
    state["waiting"] = {name: ticket for name, ticket in state["waiting"].items() if name in alive}


def _wait(state: State, now: float, rules: Rules, who: Ask) -> float:
    ahead, check = 0, WINDOW
    if state["waiting"]:
        mine = _queue.rank(who.lane, who.account, now - who.waited, who.process, state["served"])
        ahead, check = _queue.ahead(state["waiting"], mine, state["served"], now - rules.patience)
    ready = state["paused_until"]
    if rules.per_second - len(state["flying"]) - len(state["resting"]) <= ahead:
        ready = max(ready, _slot_end(state, now, rules, ahead))
    if who.lane >= Lane.BULK:
        ready = max(ready, state["last"] + rules.gap)
    if ready <= now:
        return 0.0
    return min(ready - now, check) if ahead else ready - now


def _slot_end(state: State, now: float, rules: Rules, ahead: int) -> float:
    """Return when a slot is free at the earliest for one who has so many *ahead*."""
    rest = WINDOW + rules.guard - _trips.least(state["trips"])
    count = ahead + 1
    ends = [now] * (rules.per_second - len(state["flying"]) - len(state["resting"]))
    ends += state["resting"][:count]
    ends += [
        max(at + WINDOW + rules.guard, now + rest) for at in islice(state["flying"].values(), count)
    ]
    rounds, place = divmod(ahead, len(ends))
    return sorted(ends)[place] + rounds * WINDOW


def _slow_down(state: State, now: float, granted: float) -> None:
    # One pause for all that was on its way when it began; longer ones while refusals go on.
    if granted <= state["slowed"]:
        return
    pause = min(WINDOW * 2.0 ** state["refusals"], _LONGEST_PAUSE)
    state["slowed"] = now
    state["paused_until"] = now + pause
    state["refusals"] += 1
    state["trips"] = _trips.fresh()


def _close_day(state: State, now: float, granted: float) -> None:
    if granted // _DAY != state["day"]:
        return  # it was yesterday that was used up
    if granted % _DAY < _EARLY:
        state["closed_until"] = now + _EARLY_PAUSE
    else:
        state["closed_until"] = (state["day"] + 1.0) * _DAY
