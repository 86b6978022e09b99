"""The budget as its users see it."""

from __future__ import annotations

import asyncio
import logging

from cc_async.errors import StoreError
from cc_async.stores import MemoryStore, Store

from ._gate import Gate
from ._rules import Lane, Rules, Turn, Verdict
from ._statistics import BudgetStatistics

_log = logging.getLogger(__name__)

_RETRY_STORE = 5.0  # seconds to go on with a share before the store is asked again


class Budget:
    """The requests an application may send, shared by all tasks, processes and machines.

    Args:
        store: Where the budget lives. All who open the same store share it.
        key: The application. Never a token.
        per_second: Requests the service takes in a second.
        per_day: Requests it takes in a UTC day.
        reserve: The share of a day (0 to 1) that bulk work leaves to the others.
        share_without_store:
            The share of all limits (0 to 1) that this process uses on its own while the store
            is out of reach, for token calls too. None: then nobody gets a turn.

    Example::

        budget = Budget(MemoryStore(), key="my-application")
        turn = await budget.acquire(Lane.BULK, account="a1")
        verdict = "lost"
        try:
            ...  # send one request
            verdict = "answered"
        finally:
            await budget.release(turn, verdict)
    """

    def __init__(
        self,
        store: Store,
        *,
        key: str,
        per_second: int = 4,
        per_day: int = 10_000,
        reserve: float = 0.0,
        share_without_store: float | None = None,
    ) -> None:
        requests, tokens = Rules(per_second, per_day, reserve), Rules(1, None)
        self._requests = Gate(store, f"budget:{key}", requests)
        self._tokens = Gate(store, f"budget:{key}:token", tokens)
        self._alone: tuple[Gate, Gate] | None = None
        self._alone_until = float("-inf")
        if share_without_store is not None:
            own = MemoryStore()
            self._alone = (
                Gate(own, "requests", requests.share(share_without_store)),
                Gate(own, "tokens", tokens.share(share_without_store)),
            )

    async def acquire(self, lane: Lane = Lane.INTERACTIVE, account: str = "") -> Turn:
        """Wait for a turn to send one request.

        Lower lanes wait for higher ones, accounts of a lane take turns, and within an account
        first come is first served.

        Args:
            lane: How urgent it is.
            account: Whose request it is; only for fairness between accounts.

        Returns:
            The turn. It must go back with `release`, whatever becomes of the request.

        Raises:
            DailyQuotaError: The day's requests are used up; says until when.
            StoreError: The store is out of reach, and no share was asked for.

        Cancellation:
            Gives the place back; a turn granted at that very moment is not counted.
        """
        gate, alone = self._gates(lane)
        now = asyncio.get_running_loop().time()
        if alone is None or now >= self._alone_until:
            try:
                return await gate.acquire(lane, account)
            except StoreError as error:
                if alone is None:
                    raise
                self._alone_until = now + _RETRY_STORE
                _log.warning("going on with a share of the budget: %s", error)
        return await alone.acquire(lane, account)

    async def release(self, turn: Turn, verdict: Verdict) -> None:
        """Give *turn* back when its reply has come, or will not come.

        Never raises: where the store is out of reach, it is told later.

        Args:
            turn: What `acquire` returned.
            verdict:
                `answered` for any reply but the two refusals for speed: `throttled` slows
                everyone, `quota_exceeded` closes the day for everyone. `lost`: no reply came.

        Cancellation:
            The turn is given back all the same.
        """
        gate, alone = self._gates(turn.lane)
        if alone is not None and alone.gave(turn):
            gate = alone
        await gate.release(turn, verdict)

    async def statistics(self) -> BudgetStatistics:
        """Return what is used, what is left, when it resets, and who is waiting.

        Raises:
            StoreError: The store is out of reach.
        """
        return await self._requests.statistics()

    def _gates(self, lane: Lane) -> tuple[Gate, Gate | None]:
        """Return the gate of *lane*, and the one that stands in for it, if any."""
        is_token = lane is Lane.TOKEN
        return self._tokens if is_token else self._requests, self._alone and self._alone[is_token]
