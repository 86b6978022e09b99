"""The outcomes so far: restored, written in batches, and ended when all are final."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import attrs
import pytest

from cc_async.errors import BadRequestError, Problem, ServerError, StoreError
from cc_async.sign_ups import Outcome
from cc_async.sign_ups._outcome_log import LineSet, OutcomeBatch, OutcomeLog

pytestmark = pytest.mark.looptime


@attrs.define
class Kept:
    """Keeps outcomes in memory, and fails while *is_down*."""

    job_id: str = "0123456789ab"
    batches: list[OutcomeBatch] = attrs.field(factory=list)
    has_ended: bool = False
    is_down: bool = False

    async def start(self, people: int, suppressed: Sequence[int]) -> None:
        pass

    async def append(self, batch: OutcomeBatch) -> None:
        if self.is_down:
            raise StoreError("the disk is full")
        self.batches.append(batch)

    async def end(self) -> None:
        self.has_ended = True


def created(log: OutcomeLog, line: int) -> bool:
    log.start_row()
    return log.add(Outcome(line, "created", "a@example.com"))


def suppressed(log: OutcomeLog, line: int) -> bool:
    log.start_row()
    return log.add(Outcome(line, "suppressed", "a@example.com", reason="deleted"))


async def test_a_set_of_lines_grows() -> None:
    """A line is new once; lines far beyond the last one are absent."""
    lines = LineSet()
    assert (lines.last, 5 in lines) == (0, False)
    assert (lines.add(5), lines.add(5), lines.add(3)) == (True, False, True)
    assert (lines.last, 3 in lines, 4 in lines, 600 in lines) == (5, True, False, False)


async def test_outcomes_of_earlier_runs_are_restored() -> None:
    """Each line counts once, however often it was written, and requests add up."""
    log = OutcomeLog()
    log.restore(
        [
            OutcomeBatch(suppressed=(5,)),
            OutcomeBatch(created=(2, 3), failed=((4, "refused"),), requests=6),
            OutcomeBatch(created=(3,), updated=(6,), suppressed=(5,), requests=2),
        ]
    )
    assert log.counts == {"created": 2, "updated": 1, "suppressed": 1, "failed": 1}
    assert log.requests == 8
    assert [line for line in range(8) if line in log.finished] == [2, 3, 4, 5, 6]
    assert [(failed.line, failed.reason) for failed in log.failures] == [(4, "refused")]


async def test_at_most_a_thousand_failures_are_restored() -> None:
    """All failures count; the first thousand can be shown."""
    log = OutcomeLog()
    log.restore([OutcomeBatch(failed=tuple((line, "refused") for line in range(2, 1_502)))])
    assert (log.counts["failed"], len(log.failures)) == (1_500, 1_000)


async def test_outcomes_without_a_request_are_written_every_hundred_and_every_second() -> None:
    """It is time to write when a batch is full, or a second after the last one was written."""
    store = Kept()
    log = OutcomeLog(store)
    suppressed(log, 1)
    await log.write(0)
    assert [suppressed(log, line) for line in range(2, 102)] == [False] * 99 + [True]
    await log.write(100)
    await asyncio.sleep(0.9)
    assert not suppressed(log, 102)
    await asyncio.sleep(0.1)
    assert suppressed(log, 103)
    await log.write(104)
    assert [len(batch.suppressed) for batch in store.batches] == [1, 100, 2]


async def test_the_outcome_of_a_request_is_written_at_once() -> None:
    """It is always time to write it, and those that come together are written together."""

    class Slow(Kept):
        async def append(self, batch: OutcomeBatch) -> None:
            await asyncio.sleep(1)
            await super().append(batch)

    store = Slow()
    log = OutcomeLog(store)

    async def work(line: int) -> None:
        assert created(log, line)
        await log.write(line)

    await asyncio.gather(*map(work, range(2, 10)))
    assert [len(batch.created) for batch in store.batches] == [8]


async def test_a_failed_write_loses_no_outcome() -> None:
    """What could not be written is written with the next batch, requests included."""
    store = Kept(is_down=True)
    log = OutcomeLog(store)
    created(log, 2)
    with pytest.raises(StoreError):
        await log.write(3)
    store.is_down = False
    created(log, 3)
    await log.write(4)
    assert store.batches == [OutcomeBatch(created=(2, 3), requests=4)]


@pytest.mark.parametrize(
    ("last", "is_exhausted", "has_ended"),
    [
        (
            Outcome(
                3, "failed", "", error=BadRequestError(400, (Problem("", "email is invalid"),))
            ),
            True,
            True,
        ),
        (Outcome(3, "failed", "", error=ServerError(500)), True, False),
        (Outcome(3, "rejected", ""), True, True),
        (Outcome(3, "created", ""), False, False),
        (None, True, False),
    ],
)
async def test_a_sign_up_ends_when_every_row_has_a_final_outcome(
    last: Outcome | None, is_exhausted: bool, has_ended: bool
) -> None:
    """It does not end with unread rows, with a passing failure, or with a row in flight."""
    store = Kept()
    log = OutcomeLog(store)
    created(log, 2)
    log.start_row()
    if last is not None:
        log.add(last)
    await log.close(2, is_exhausted=is_exhausted)
    assert store.has_ended == has_ended


async def test_without_a_store_nothing_is_written() -> None:
    """The sign-up of an iterable has no job, and its outcomes are counted all the same."""
    log = OutcomeLog()
    assert log.job_id is None
    created(log, 2)
    await log.start(1, [])
    await log.write(1)
    await log.close(1, is_exhausted=True)


async def test_rejected_rows_and_passing_failures_are_not_written() -> None:
    """Both are met again in the next run."""
    store = Kept()
    log = OutcomeLog(store)
    for outcome in (Outcome(2, "rejected", ""), Outcome(3, "failed", "", error=ServerError(500))):
        log.start_row()
        log.add(outcome)
    await log.close(1, is_exhausted=False)
    assert store.batches == [OutcomeBatch(requests=1)]
