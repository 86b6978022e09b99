"""Finding out whether the service counts fixed seconds, and using them up where it does.

A service that counts from one full second of its own clock to the next takes a whole second's
requests at once, again and again, one second apart: as long as each burst arrives well within
one of its seconds. Where those begin is unknown, so a burst is tried. A refusal may mean that
the burst straddled two of them; half a second later it cannot. Refused there too, the service
counts sliding seconds, and no bursts are tried for a week.

All a burst adds is leave to send before the slots are free. Requests that go by the slots, at
any time, count against the next burst, since they may arrive together with it.
"""

from __future__ import annotations

from typing import Literal, TypedDict

from ._rules import WINDOW

_WIDTH = 0.3  # the part of a second in which a burst may leave
_GENTLY = 4  # seconds with smaller bursts, wherever they are tried anew
_SHIFT = 0.45  # from one try to the next
_AGAIN = 100.0  # two refusals within so many seconds: it counts sliding ones
_CLOSED = 7 * 86_400.0


class Bursts(TypedDict):
    """What is known, as JSON carries it."""

    mode: Literal["unknown", "open", "closed"]
    anchor: float  # a burst begins here, and at every full second from here
    second: int  # the latest one counted from the anchor
    taken: int  # turns granted in it
    late: int  # those of them that were granted after its burst
    carried: int  # those that were late in the second before
    refused: float  # the latest refusal
    closed_until: float


def fresh() -> Bursts:
    """Return what is known at first: nothing."""
    return Bursts(
        mode="unknown",
        anchor=0.0,
        second=0,
        taken=0,
        late=0,
        carried=0,
        refused=0.0,
        closed_until=0.0,
    )


def is_open(bursts: Bursts) -> bool:
    """Whether bursts are sent."""
    return bursts["mode"] == "open"


def begin(bursts: Bursts, now: float) -> Bursts:
    """Try bursts from a second and a half ahead, unless they were given up."""
    if bursts["mode"] == "open" or now < bursts["closed_until"]:
        return bursts
    return {**fresh(), "mode": "open", "anchor": now + 1.5 * WINDOW}


def ready(bursts: Bursts, now: float, limit: int, ahead: int) -> float:
    """Return when a burst has a place for one who has so many *ahead*."""
    if bursts["mode"] != "open":
        return float("inf")
    bursts = _at(bursts, now)
    start = bursts["anchor"] + bursts["second"] * WINDOW
    size = max(1, limit >> max(0, _GENTLY - bursts["second"]))
    places = size - bursts["taken"] - bursts["carried"]
    if now < start:
        return start + ahead // limit * WINDOW
    if ahead < places and now < start + _WIDTH:
        return now
    seconds = 1 + max(0, ahead - max(0, limit - bursts["late"])) // limit
    return start + seconds * WINDOW


def granted(bursts: Bursts, now: float) -> Bursts:
    """Count a turn."""
    if bursts["mode"] != "open":
        return bursts
    bursts = _at(bursts, now)
    start = bursts["anchor"] + bursts["second"] * WINDOW
    late = not start <= now < start + _WIDTH
    return {**bursts, "taken": bursts["taken"] + 1, "late": bursts["late"] + late}


def refused(bursts: Bursts, now: float) -> Bursts:
    """Move the bursts by half a second, or give them up when that has just been done."""
    if bursts["mode"] != "open":
        return bursts
    if now - bursts["refused"] < _AGAIN:
        return {**fresh(), "mode": "closed", "closed_until": now + _CLOSED}
    anchor = bursts["anchor"] + _SHIFT
    anchor += -((anchor - now - WINDOW) // WINDOW) * WINDOW
    return {**fresh(), "mode": "open", "anchor": anchor, "refused": now}


def turn_back(bursts: Bursts, now: float) -> Bursts:
    """Return what is left of *bursts* after the clock was put back: where to try is unknown."""
    if bursts["mode"] == "open":
        return begin(fresh(), now)
    return {**bursts, "closed_until": min(bursts["closed_until"], now + _CLOSED)}


def _at(bursts: Bursts, now: float) -> Bursts:
    """Return *bursts* with the counts of the second that *now* is in."""
    second = max(0, int((now - bursts["anchor"]) // WINDOW))
    if second == bursts["second"]:
        return bursts
    carried = bursts["late"] if second == bursts["second"] + 1 else 0
    return {**bursts, "second": second, "taken": 0, "late": 0, "carried": carried}
