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

from cc_async.sign_ups._outcomes import Outcome, OutcomeStatus, SignUpReport
from cc_async.sign_ups._places import PlaceSet

_BATCH_SIZE = 100
"""Outcomes without a request that are written at once: about 1 ms of work of a store."""

_BATCH_SECONDS = 1.0
"""Seconds until such outcomes are written anyway. A process that is killed finds them again."""

_SIGNED_UP: frozenset[OutcomeStatus] = frozenset({"created", "updated"})

_SENT: frozenset[OutcomeStatus] = frozenset({"created", "updated", "failed"})
"""Outcomes of a request: a process that is killed before they are written sends them again."""


@attrs.frozen
class WrittenOutcome:
    """An outcome as it is written down: by its place in the source, without address.

    *is_final* says that later runs leave the contact alone. They check rejected rows anew, and
    they send people again after a lost answer or a failure of the service.
    """

    place: int
    line: int
    status: OutcomeStatus
    contact_id: str = ""
    column: str = ""
    reason: str = ""
    is_final: bool = True

    @classmethod
    def of(cls, outcome: Outcome, place: int) -> WrittenOutcome:
        """Return what is written of *outcome*."""
        return cls(
            place,
            outcome.line,
            outcome.status,
            outcome.contact_id or "",
            outcome.column,
            outcome.reason,
            outcome.is_final and outcome.status != "rejected",
        )

    def outcome(self) -> Outcome:
        """Return the outcome, as far as it was written."""
        contact_id = self.contact_id or None
        return Outcome(
            self.line, self.status, "", contact_id, column=self.column, reason=self.reason
        )


@attrs.frozen
class OutcomeBatch:
    """Outcomes that were written together, and the requests that they cost."""

    outcomes: tuple[WrittenOutcome, ...] = ()
    requests: int = 0


class OutcomeStore(Protocol):
    """Where the outcomes of one sign-up are kept."""

    @property
    def job_id(self) -> str:
        """The id to resume the sign-up by."""
        ...

    async def start(self, people: int, suppressed: Sequence[WrittenOutcome]) -> None:
        """Write down that a run starts with *people* to be sent.

        *suppressed* are the people in the caller's list.
        """
        ...

    async def append(self, batch: OutcomeBatch) -> None:
        """Write a batch down; it is durable on return."""
        ...

    async def end(self) -> None:
        """Write down that every row has a final outcome."""
        ...


@attrs.define(eq=False, repr=False)
class OutcomeLog:
    """The outcomes of a bulk sign-up, earlier runs included.

    Without a *store* nothing is written down, and the sign-up cannot be resumed.

    Attributes:
        keep: Called with each outcome, final ones of earlier runs included.
        counts: Final outcomes of earlier runs and all outcomes of this one, by status.
        earlier: The latest outcome of earlier runs of each contact that was not signed up.
        requests: Requests of earlier runs.
        finished: Places with a final outcome from an earlier run.
    """

    store: OutcomeStore | None = None
    keep: Callable[[Outcome], None] = attrs.field(default=lambda outcome: None)
    counts: Counter[OutcomeStatus] = attrs.field(factory=Counter)
    earlier: dict[int, WrittenOutcome] = attrs.field(factory=dict)
    requests: int = 0
    finished: PlaceSet = attrs.field(factory=PlaceSet)
    _unfinished: int = 0
    """Rows of this run that were started and have no final outcome."""
    _unwritten: list[WrittenOutcome] = attrs.field(factory=list)
    _written_requests: int = 0
    _due: float = 0.0
    _lock: anyio.Lock = attrs.field(factory=anyio.Lock)
    _now: Callable[[], float] = attrs.field(init=False)

    @_now.default
    def _use_loop_time(self) -> Callable[[], float]:
        return asyncio.get_running_loop().time

    def restore(self, batches: Iterable[OutcomeBatch]) -> None:
        """Add the outcomes that earlier runs wrote down; each contact counts once."""
        for batch in batches:
            self.requests += batch.requests
            for written in batch.outcomes:
                if written.place not in self.finished:
                    self._restore(written)

    def _restore(self, written: WrittenOutcome) -> None:
        self.earlier[written.place] = written
        if written.status in _SIGNED_UP:
            del self.earlier[written.place]
        if written.is_final:
            self.finished.add(written.place)
            self.counts[written.status] += 1
            self.keep(written.outcome())

    def not_signed_up(self, *, only_final: bool) -> list[Outcome]:
        """Return the outcomes of *earlier*, in the order of the source."""
        written = sorted(self.earlier.values(), key=lambda each: each.place)
        return [each.outcome() for each in written if each.is_final or not only_final]

    def report_of_all(self) -> SignUpReport:
        """Return the sum of all outcomes that earlier runs wrote down, final or not."""
        others = Counter(each.status for each in self.earlier.values() if not each.is_final)
        return SignUpReport.of(self.counts + others, self.requests)

    @property
    def job_id(self) -> str | None:
        """The id to resume the sign-up by, or `None`."""
        return None if self.store is None else self.store.job_id

    async def start(self, people: int, suppressed: Sequence[WrittenOutcome]) -> None:
        """Write down that a run starts; see `OutcomeStore.start`.

        Raises:
            StoreError: It cannot be written down.
        """
        if self.store is not None:
            await self.store.start(people, suppressed)

    def start_row(self) -> None:
        """Note that work on a row starts."""
        self._unfinished += 1

    def add(self, outcome: Outcome, place: int) -> bool:
        """Add the outcome of the contact at *place*; return whether it is time to `write`."""
        self.counts[outcome.status] += 1
        self._unfinished -= outcome.is_final
        written = WrittenOutcome.of(outcome, place)
        if written != self.earlier.get(place):
            self._unwritten.append(written)
        self.keep(outcome)
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
            await self.store.append(OutcomeBatch(tuple(outcomes), cost))
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
