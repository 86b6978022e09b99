"""The budget of an application's requests."""

from __future__ import annotations

import asyncio
import logging

from cc_async.errors import StoredFormatError, StoreError
from cc_async.stores import MemoryStore, Store

from ._local_queue import LocalQueue
from ._permits import Lane, Permit, PermitResult
from ._request_limits import RequestLimits
from ._statistics import BudgetStatistics

_log = logging.getLogger(__name__)

_RETRY_STORE = 5.0
"""Seconds with a share before the store is asked again.

A store that hangs delays a request by its own timeout each time, so it is not asked for all.
"""


class Budget:
    """The requests of an application, shared by all its tasks, processes and machines.

    Limits belong to the application (the API key), not to an account.
    https://developer.constantcontact.com/api_guide/rate_limits.html

    Args:
        store: Where the budget is kept. Budgets of the same store and key are one.
        key: Name of the application. Never a token.
        per_second: Requests that the service takes in a second.
        per_day: Requests that it takes in a UTC day.
        reserve: Share of the day, from 0 to 1, that bulk work leaves to other requests.
        share_without_store:
            Share of all limits, from 0 to 1, that this process uses on its own while the store
            is out of reach, for token calls too. By default nothing is sent then.

    Example::

        budget = Budget(MemoryStore(), key="my-application")
        permit = await budget.acquire(Lane.BULK, account="a1")
        result = "lost"
        try:
            ...  # send one request
            result = "answered"
        finally:
            await budget.release(permit, result)
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
        requests = RequestLimits(per_second, per_day, reserve)
        # No page names the limit of the authorization server; one a second is careful.
        tokens = RequestLimits(per_second=1, per_day=None)
        self._requests = LocalQueue(store, f"budget:{key}", requests)
        self._tokens = LocalQueue(store, f"budget:{key}:token", tokens)
        self._shares: tuple[LocalQueue, LocalQueue] | None = None
        self._shares_until = float("-inf")
        if share_without_store is not None:
            own = MemoryStore()
            self._shares = (
                LocalQueue(own, "requests", requests.share(share_without_store)),
                LocalQueue(own, "tokens", tokens.share(share_without_store)),
            )

    async def acquire(self, lane: Lane = Lane.INTERACTIVE, account: str = "") -> Permit:
        """Wait for a permit to send one request.

        Lower lanes wait for higher ones, accounts of a lane take turns, and within an account
        first come is first served.

        Args:
            lane: Urgency of the request.
            account: Account of the request, for fairness between accounts.

        Returns:
            The permit. It must go back with `release` after every request, a failed one too.

        Raises:
            DailyQuotaError: The day's requests are used up; `resets_at` is the end of that.
            StoredFormatError: Another version of this package wrote the budget.
            StoreError: The store is out of reach, and there is no share without it.

        Cancellation:
            The place in the queue is given up; a permit granted at that moment is not counted.
        """
        queue, share = self._queues(lane)
        now = asyncio.get_running_loop().time()
        if share is None or now >= self._shares_until:
            try:
                return await queue.acquire(lane, account)
            except StoreError as error:
                if share is None or isinstance(error, StoredFormatError):
                    raise
                self._shares_until = now + _RETRY_STORE
                _log.warning("going on with a share of the budget: %s", error)
        return await share.acquire(lane, account)

    async def release(self, permit: Permit, result: PermitResult) -> None:
        """Give *permit* back after the reply, or once no reply can come any more.

        Never raises. If the store is out of reach, it is told later.

        Args:
            permit: The permit from `acquire`.
            result:
                `throttled` and `quota_exceeded` for the two refusals for speed: the first slows
                all processes down, the second closes the day for all. `answered` for any other
                reply, `lost` for none.

        Cancellation:
            The permit is given back all the same.
        """
        queue, share = self._queues(permit.lane)
        if share is not None and share.has_granted(permit):
            queue = share
        await queue.release(permit, result)

    async def statistics(self) -> BudgetStatistics:
        """Return the requests used and left, the time of the reset, and the queue.

        Raises:
            StoreError: The store is out of reach.
        """
        return await self._requests.statistics()

    def _queues(self, lane: Lane) -> tuple[LocalQueue, LocalQueue | None]:
        """Return the queue of *lane*, and the one with a share of it, if any."""
        is_token = lane is Lane.TOKEN
        return self._tokens if is_token else self._requests, self._shares and self._shares[is_token]
