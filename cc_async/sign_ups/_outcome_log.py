"""What became of whom, line by line: kept in batches, so that a sign-up can be gone on with."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Protocol

import anyio
import attrs

from cc_async.errors import BadRequestError, InvalidRequestError, NotFoundError
from cc_async.sign_ups._attempts import Tries
from cc_async.sign_ups._outcomes import Outcome, OutcomeStatus

_MOST_WAITING = 100
_LONGEST_WAIT = 1.0
"""A batch is written when it holds so many outcomes, or so many seconds after the last one."""

_KEPT_FAILURES = 1000


@attrs.frozen
class SignUpBatch:
    """The lines of people who need not be sent again, and what they cost; no addresses.

    *failed* gives the reason as well.
    """

    created: tuple[int, ...] = ()
    updated: tuple[int, ...] = ()
    protected: tuple[int, ...] = ()
    failed: tuple[tuple[int, str], ...] = ()
    requests: int = 0


class Keeper(Protocol):
    """Where a sign-up is written down."""

    @property
    def job_id(self) -> str:
        """What the sign-up is called."""
        ...

    async def begin(self, people: int) -> None:
        """Note that so many are about to be signed up."""
        ...

    async def save(self, batch: SignUpBatch) -> None:
        """Make a batch durable."""
        ...

    async def end(self) -> None:
        """Note that everybody has an outcome that will stay."""
        ...


class _Lines:
    """A set of line numbers; a byte each."""

    def __init__(self) -> None:
        self._marks = bytearray()

    def __contains__(self, line: int) -> bool:
        return line < len(self._marks) and bool(self._marks[line])

    def __len__(self) -> int:
        return len(self._marks)

    def add(self, line: int) -> bool:
        """Add a line; return whether it is new."""
        if line >= len(self._marks):
            self._marks.extend(bytes(line + 1 - len(self._marks)))
        is_new = not self._marks[line]
        self._marks[line] = 1
        return is_new


@attrs.define(eq=False, repr=False)
class Ledger:
    """The outcomes of a bulk sign-up, those of earlier runs included.

    An outcome that another try could change (the service failed, the day was used up) is none:
    that person is sent again when the sign-up goes on. Rejected rows are told by every run.
    """

    tries: Tries
    keeper: Keeper | None = None
    counts: Counter[OutcomeStatus] = attrs.field(factory=Counter)
    failures: list[Outcome] = attrs.field(factory=list)
    requests: int = 0
    settled: _Lines = attrs.field(factory=_Lines)
    _stays: int = 0
    """How many outcomes of this run will stay as they are."""
    _waiting: list[Outcome] = attrs.field(factory=list)
    _spent: int = 0
    _due: float = 0.0
    _now: Callable[[], float] = attrs.field(init=False)

    @_now.default
    def _use_loop_time(self) -> Callable[[], float]:
        return asyncio.get_running_loop().time

    def restore(self, batches: Iterable[SignUpBatch]) -> None:
        """Take in what earlier runs wrote down."""
        for batch in batches:
            self.requests += batch.requests
            for line in batch.created:
                self.counts["created"] += self.settled.add(line)
            for line in batch.updated:
                self.counts["updated"] += self.settled.add(line)
            for line in batch.protected:
                self.counts["protected"] += self.settled.add(line)
            for line, reason in batch.failed:
                if self.settled.add(line):
                    self.counts["failed"] += 1
                    self.failures.append(Outcome(line, "failed", "", reason=reason))
        del self.failures[_KEPT_FAILURES:]

    @property
    def job_id(self) -> str | None:
        """What the sign-up is called, where it can be gone on with."""
        return None if self.keeper is None else self.keeper.job_id

    async def begin(self, people: int) -> None:
        """Note that so many people are about to be signed up, and read how often they were tried.

        Raises:
            StoreError: That cannot be written down.
        """
        if self.keeper is not None:
            await self.keeper.begin(people)
        await self.tries.write()

    def note(self, outcome: Outcome) -> bool:
        """Take an outcome; return whether it is time to `write`."""
        if _stays(outcome):
            self._stays += 1
            if outcome.status != "rejected":
                self._waiting.append(outcome)
        return len(self._waiting) >= _MOST_WAITING or self._now() >= self._due

    async def write(self, requests: int) -> None:
        """Make what waits durable; *requests* is what this run has cost so far.

        Raises:
            StoreError: It cannot be written down.
        """
        self._due = self._now() + _LONGEST_WAIT
        waiting, self._waiting = self._waiting, []
        spent, self._spent = requests - self._spent, requests
        if self.keeper is not None and (waiting or spent):
            try:
                with anyio.CancelScope(shield=True):
                    await self.keeper.save(_batch_of(waiting, spent))
            except BaseException:
                self._waiting[:0] = waiting
                self._spent -= spent
                raise
        await self.tries.write()

    async def close(self, requests: int, *, is_read: bool, begun: int) -> None:
        """Write down what is left, and that this was all, where everybody has an outcome.

        *is_read* says whether the source was read to its end; *begun* how many rows were begun.
        """
        with anyio.CancelScope(shield=True):
            await self.write(requests)
            if self.keeper is not None and is_read and begun == self._stays:
                await self.keeper.end()


def _stays(outcome: Outcome) -> bool:
    """Whether another try would come to the same."""
    return outcome.status != "failed" or isinstance(
        outcome.error, (BadRequestError, InvalidRequestError, NotFoundError)
    )


def _batch_of(outcomes: Iterable[Outcome], requests: int) -> SignUpBatch:
    lines: dict[OutcomeStatus, list[int]] = {"created": [], "updated": [], "protected": []}
    failed = []
    for outcome in outcomes:
        if outcome.status == "failed":
            failed.append((outcome.line, outcome.reason))
        else:
            lines[outcome.status].append(outcome.line)
    return SignUpBatch(
        tuple(lines["created"]),
        tuple(lines["updated"]),
        tuple(lines["protected"]),
        tuple(failed),
        requests,
    )
