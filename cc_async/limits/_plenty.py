"""Turns by the dozen, for limits so high that asking for each costs more than it saves.

Only a limit of many requests a second, kept in the memory of one process, is handled so: that
is a sandbox or a benchmark, never the real service. While more than half of the slots are free
a process takes some turns ahead, and tells of replies later: a slot then rests a little longer
than it needs to, never shorter.
"""

from __future__ import annotations

from collections.abc import Sequence

from ._budget import State, rest, settled
from ._rules import WINDOW, Rules

DOZEN = 32


def is_plenty(state: State, now: float, rules: Rules) -> bool:
    """Whether nobody waits, and neither limit is anywhere near."""
    return (
        not state["waiting"]
        and now >= max(state["paused_until"], state["closed_until"])
        and 2 * (len(state["flying"]) + state["rested"]) < rules.per_second
        and state["used"] + 100 * DOZEN < min(rules.shares)
    )


def take(state: State, now: float, turns: Sequence[str]) -> State:
    """Grant *turns* that nobody has asked for yet."""
    flying = {**state["flying"], **dict.fromkeys(turns, now)}
    return {**state, "flying": flying, "used": state["used"] + len(turns)}


def square_up(
    record: State | None,
    now: float,
    rules: Rules,
    answered: Sequence[str],
    unused: Sequence[str],
) -> State:
    """Note the replies to *answered*, and take back the turns that stayed *unused*."""
    state = settled(record, now, rules)
    flying = state["flying"].copy()
    for turn in answered:
        flying.pop(turn, None)
    for turn in unused:
        flying.pop(turn, None)
    state["flying"] = flying
    state["used"] = max(0, state["used"] - len(unused))
    if answered:
        rest(state, now + WINDOW + rules.guard, rules.grain, len(answered))
    return state
