"""One budget object for all clients of a process that use the same store and application.

To the record of a budget each object with a queue is a process: it has a place in the queue, a
heartbeat, and looks at the record by itself. Thousands of clients in one process would spend
their time on that. With a shared object their requests wait in one local queue, where accounts
take turns as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias
from weakref import WeakKeyDictionary, WeakValueDictionary

from cc_async.stores import Store

from ._budget import Budget
from ._statistics import BudgetStatistics

_Name: TypeAlias = tuple[int, str, int, int, float, float | None]

_BUDGETS: WeakKeyDictionary[asyncio.AbstractEventLoop, WeakValueDictionary[_Name, Budget]] = (
    WeakKeyDictionary()
)
"""The budgets of each event loop, as long as a client uses them. A budget holds its store, so the
id of that store names no other one meanwhile."""


def shared_budget(
    store: Store,
    *,
    key: str,
    per_second: int = 4,
    per_day: int = 10_000,
    reserve: float = 0.0,
    share_without_store: float | None = None,
) -> Budget:
    """Return the budget of these arguments: in one event loop equal calls return the same one.

    Where no event loop runs, the budget is new: the loop that will use it is not known.
    """

    def make() -> Budget:
        return Budget(
            store,
            key=key,
            per_second=per_second,
            per_day=per_day,
            reserve=reserve,
            share_without_store=share_without_store,
        )

    try:
        budgets = _BUDGETS.setdefault(asyncio.get_running_loop(), WeakValueDictionary())
    except RuntimeError:
        return make()
    name = (id(store), key, per_second, per_day, reserve, share_without_store)
    budget = budgets.get(name)
    if budget is None:
        budget = budgets[name] = make()
    return budget


class UnnamedBudget:
    """The budget of an application that is not known before its first token.

    Args:
        find: Returns the name of the application of a token; of an empty one, it gets a token.
        make: Returns the budget of the application with this name.
    """

    def __init__(
        self, find: Callable[[str], Awaitable[str]], make: Callable[[str], Budget]
    ) -> None:
        self._find = find
        self._make = make
        self._budget: Budget | None = None

    async def of(self, token: str = "") -> Budget:
        """Return the budget; the first call finds the application of *token*."""
        if self._budget is None:
            self._budget = self._make(await self._find(token))
        return self._budget

    async def statistics(self) -> BudgetStatistics:
        """See `Budget.statistics`.

        Raises:
            AuthError: There is no token.
        """
        return await (await self.of()).statistics()
