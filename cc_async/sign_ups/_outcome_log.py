"""The outcomes of a bulk sign-up so far, written down so that it can be resumed.

The outcome of a request is written down at once, together with those that come meanwhile. The
others can be found again, so they wait for a batch.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import anyio
import attrs

from cc_async.sign_ups._outcomes import Outcome, OutcomeStatus

_BATCH_SIZE = 100
"""Outcomes without a request that are written at once: about 1 ms of work of a store."""

_BATCH_SECONDS = 1.0
"""Seconds until such outcomes are written anyway. A process that is killed finds them again."""

_SENT: frozenset[OutcomeStatus] = frozenset({"created", "updated", "failed"})
"""Outcomes of a request: a process that is killed before they are written sends them again."""

_MAX_FAILURES = 1000
"""Final failures of earlier runs that are kept to be shown: about 200 kB."""


@attrs.frozen
class OutcomeBatch:
    """Final outcomes by line, and the requests that they cost; no addresses.

    *failed* holds lines with reasons.
    """

    created: tuple[int, ...] = ()
    updated: tuple[int, ...] = ()
    suppressed: tuple[int, ...] = ()
    failed: tuple[tuple[int, str], ...] = ()
    requests: int = 0

    @classmethod
    def of(cls, outcomes: Iterable[Outcome], requests: int) -> OutcomeBatch:
        """Return the batch of these final outcomes; rejected rows are left out."""
        lines: dict[OutcomeStatus, list[int]] = {"created": [], "updated": [], "suppressed": []}
        failed = []
        for outcome in outcomes:
            if outcome.status == "failed":
                failed.append((outcome.line, outcome.reason))
            elif outcome.status in lines:
                lines[outcome.status].append(outcome.line)
        return cls(
            tuple(lines["created"]),
            tuple(lines["updated"]),
            tuple(lines["suppressed"]),
            tuple(failed),
            requests,
        )


class OutcomeStore(Protocol):
    """Where the outcomes of one sign-up are kept."""

    @property
    def job_id(self) -> str:
        """The id to resume the sign-up by."""
        ...

    async def start(self, people: int, suppressed: Sequence[int]) -> None:
        """Write down that a run starts with *people* to be sent.

        *suppressed* are the lines of people in the caller's list.
        """
        ...

    async def append(self, batch: OutcomeBatch) -> None:
        """Write a batch down; it is durable on return."""
        ...

    async def end(self) -> None:
        """Write down that every row has a final outcome."""
        ...


class LineSet:
    """A set of line numbers, a byte each: a set of integers takes thirty times as much."""

    def __init__(self) -> None:
        self._marks = bytearray()

    def __contains__(self, line: int) -> bool:
        return line < len(self._marks) and bool(self._marks[line])

    @property
    def last(self) -> int:
        """The highest line, 0 for an empty set."""
        return max(0, len(self._marks) - 1)

    def add(self, line: int) -> bool:
        """Add a line; return whether it is new."""
        if line >= len(self._marks):
            self._marks.extend(bytes(line + 1 - len(self._marks)))
        is_new = not self._marks[line]
        self._marks[line] = 1
        return is_new


@attrs.define(eq=False, repr=False)
class OutcomeLog:
    """The outcomes of a bulk sign-up, earlier runs included.

    Without a *store* nothing is written down, and the sign-up cannot be resumed. Rejected rows
    are never written down: every run reads and reports them.

    Attributes:
        counts: Outcomes by status, of earlier runs and of this one.
        failures: Final failures of earlier runs, without addresses.
        requests: Requests of earlier runs.
        finished: Lines with a final outcome from an earlier run.
    """

    store: OutcomeStore | None = None
    counts: Counter[OutcomeStatus] = attrs.field(factory=Counter)
    failures: list[Outcome] = attrs.field(factory=list)
    requests: int = 0
    finished: LineSet = attrs.field(factory=LineSet)
    _unfinished: int = 0
    """Rows of this run that were started and have no final outcome."""
    _unwritten: list[Outcome] = attrs.field(factory=list)
    _written_requests: int = 0
    _due: float = 0.0
    _lock: anyio.Lock = attrs.field(factory=anyio.Lock)
    _now: Callable[[], float] = attrs.field(init=False)

    @_now.default
    def _use_loop_time(self) -> Callable[[], float]:
        return asyncio.get_running_loop().time

    def restore(self, batches: Iterable[OutcomeBatch]) -> None:
        """Add the outcomes that earlier runs wrote down."""
        for batch in batches:
            self.requests += batch.requests
            self._restore("created", batch.created)
            self._restore("updated", batch.updated)
            self._restore("suppressed", batch.suppressed)
            for line, reason in batch.failed:
                if self._restore("failed", (line,)):
                    self.failures.append(Outcome(line, "failed", "", reason=reason))
        del self.failures[_MAX_FAILURES:]

    def _restore(self, status: OutcomeStatus, lines: Iterable[int]) -> int:
        count = sum(self.finished.add(line) for line in lines)
        self.counts[status] += count
        return count

    @property
    def job_id(self) -> str | None:
        """The id to resume the sign-up by, or `None`."""
        return None if self.store is None else self.store.job_id

    async def start(self, people: int, suppressed: Sequence[int]) -> None:
        """Write down that a run starts; see `OutcomeStore.start`.

        Raises:
            StoreError: It cannot be written down.
        """
        if self.store is not None:
            await self.store.start(people, suppressed)

    def start_row(self) -> None:
        """Note that work on a row starts."""
        self._unfinished += 1

    def add(self, outcome: Outcome) -> bool:
        """Add the outcome of a row; return whether it is time to `write`."""
        self.counts[outcome.status] += 1
        if outcome.is_final:
            self._unfinished -= 1
            if outcome.status != "rejected":
                self._unwritten.append(outcome)
        is_full = len(self._unwritten) >= _BATCH_SIZE or self._now() >= self._due
        return is_full or (outcome.is_final and outcome.status in _SENT)

    async def write(self, requests: int) -> None:
        """Write down the unwritten outcomes; *requests* is the number of this run so far.

        Outcomes that are added while others are being written go with the next write.

        Raises:
            StoreError: They cannot be written down.
        """
        with anyio.CancelScope(shield=True):
            async with self._lock:
                if self._unwritten:
                    await self._write(requests)

    async def _write(self, requests: int) -> None:
        self._due = self._now() + _BATCH_SECONDS
        outcomes, self._unwritten = self._unwritten, []
        cost, self._written_requests = requests - self._written_requests, requests
        if self.store is None or not (outcomes or cost):
            return
        try:
            await self.store.append(OutcomeBatch.of(outcomes, cost))
        except BaseException:
            self._unwritten[:0] = outcomes
            self._written_requests -= cost
            raise

    async def close(self, requests: int, *, is_exhausted: bool) -> None:
        """Write down the unwritten outcomes, and the end, if every row has a final outcome.

        *is_exhausted* says whether the source was read to its end.
        """
        with anyio.CancelScope(shield=True):
            async with self._lock:
                await self._write(requests)
            if self.store is not None and is_exhausted and not self._unfinished:
                await self.store.end()
