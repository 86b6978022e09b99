"""Turns of one process taken by the dozen, and replies told by the dozen; see `_plenty`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from cc_async.stores import MemoryStore

from . import _budget, _plenty
from ._rules import WINDOW, Lane, Rules, Turn


class Dozen:
    """What a process has taken ahead from a budget in its own memory.

    Args:
        store: Where the budget is.
        key: The budget's record.
        rules: Its limits.
        name: Returns a new name for a turn.
    """

    def __init__(self, store: MemoryStore, key: str, rules: Rules, name: Callable[[], str]) -> None:
        self._store = store
        self._key = key
        self._rules = rules
        self._name = name
        self._ahead: list[str] = []
        self._since = 0.0
        self._until = 0.0
        self._answered: list[str] = []

    def take(self, lane: Lane, account: str) -> Turn | None:
        """Return a turn, or None where there is no plenty: then ask."""
        loop_time = asyncio.get_running_loop().time()
        if not self._ahead or loop_time >= self._until:
            self.square_up()
            if not self._refill():
                return None
            self._until = loop_time + WINDOW
        return Turn(self._ahead.pop(), lane, account, self._since)

    def answered(self, turn: str) -> None:
        """Note that the reply to *turn* has come, to tell of it later."""
        self._answered.append(turn)

    def square_up(self) -> None:
        """Tell of all replies, and give back what was taken ahead."""
        answered, unused = self._answered, self._ahead
        if not answered and not unused:
            return

        def change(record: _budget.State | None, now: float) -> tuple[_budget.State, None]:
            return _plenty.square_up(record, now, self._rules, answered, unused), None

        self._answered, self._ahead = [], []
        self._store.apply(self._key, change)

    def _refill(self) -> bool:
        names = [self._name() for _ in range(_plenty.DOZEN)]

        def change(record: _budget.State | None, now: float) -> tuple[_budget.State, bool]:
            self._since = now
            state = _budget.settled(record, now, self._rules)
            if not _plenty.is_plenty(state, now, self._rules):
                return state, False
            return _plenty.take(state, now, names), True

        if not self._store.apply(self._key, change):
            return False
        self._ahead = names
        return True
