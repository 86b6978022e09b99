"""The outcomes so far: restored, written in batches, and ended when all are final."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import attrs
import pytest

from cc_async.errors import BadRequestError, Problem, ServerError, StoreError
from cc_async.sign_ups import Outcome
from cc_async.sign_ups._outcome_log import OutcomeBatch, OutcomeLog, WrittenOutcome
from cc_async.sign_ups._outcomes import OutcomeStatus

pytestmark = pytest.mark.looptime


@attrs.define
class Kept:
    """Keeps outcomes in memory, and fails while *is_down*."""

    job_id: str = "0123456789ab"
    batches: list[OutcomeBatch] = attrs.field(factory=list)
    has_ended: bool = False
    is_down: bool = False

    async def start(self, people: int, suppressed: Sequence[WrittenOutcome]) -> None:
        pass

    async def append(self, batch: OutcomeBatch) -> None:
        if self.is_down:
            raise StoreError("the disk is full")
        self.batches.append(batch)

    async def end(self) -> None:
        self.has_ended = True


def created(log: OutcomeLog, line: int) -> bool:
    log.start_row()
    return log.add(Outcome(line, "created", "a@example.com"), line)


def suppressed(log: OutcomeLog, line: int) -> bool:
    log.start_row()
    return log.add(Outcome(line, "suppressed", "a@example.com", reason="deleted"), line)


def written(place: int, status: OutcomeStatus, reason: str = "", **more: bool) -> WrittenOutcome:
    return WrittenOutcome(place, place + 1, status, reason=reason, **more)  # type: ignore[arg-type]


async def test_outcomes_of_earlier_runs_are_restored() -> None:
    """Each contact counts once, however often it was written, and requests add up."""
    log = OutcomeLog()
    log.restore(
        [
            OutcomeBatch((written(4, "suppressed"),)),
            OutcomeBatch(
                (written(1, "created"), written(2, "created"), written(3, "failed", "refused")), 6
            ),
            OutcomeBatch(
                (written(2, "created"), written(5, "updated"), written(4, "suppressed")), 2
            ),
        ]
    )
    assert log.counts == {"created": 2, "updated": 1, "suppressed": 1, "failed": 1}
    assert log.requests == 8
    assert [place for place in range(8) if place in log.finished] == [1, 2, 3, 4, 5]
    assert [(each.line, each.reason) for each in log.not_signed_up(only_final=True)] == [
        (4, "refused"), (5, ""),
    ]  # fmt: skip


async def test_an_outcome_that_is_not_final_is_told_and_met_again() -> None:
    """It counts in the report of what was written, and not in that of a run that goes on."""
    log = OutcomeLog()
    log.restore(
        [
            OutcomeBatch((written(1, "rejected", "no address", is_final=False),)),
            OutcomeBatch((written(2, "unknown", "no answer", is_final=False),)),
            OutcomeBatch((written(3, "unknown", "no answer", is_final=False),)),
            OutcomeBatch((written(3, "created"),)),
        ]
    )
    assert log.counts == {"created": 1}
    assert [place for place in range(5) if place in log.finished] == [3]
    assert log.not_signed_up(only_final=True) == []
    assert [each.status for each in log.not_signed_up(only_final=False)] == ["rejected", "unknown"]
    report = log.report_of_all()
    assert (report.contacts_read, report.contacts_rejected, report.unknown) == (3, 1, 1)


async def test_an_outcome_that_an_earlier_run_wrote_is_not_written_again() -> None:
    """A rejected row that is met in every run is in the journal once."""
    store = Kept()
    log = OutcomeLog(store)
    log.restore([OutcomeBatch((written(1, "rejected", "no address", is_final=False),))])
    for place in (1, 2):
        log.start_row()
        log.add(Outcome(place + 1, "rejected", "", reason="no address"), place)
    await log.close(0, is_exhausted=False)
    assert [each.place for batch in store.batches for each in batch.outcomes] == [2]


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
    assert [len(batch.outcomes) for batch in store.batches] == [1, 100, 2]


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
    assert [len(batch.outcomes) for batch in store.batches] == [8]


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
    assert [[each.line for each in batch.outcomes] for batch in store.batches] == [[2, 3]]
    assert store.batches[0].requests == 4


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
        log.add(last, 3)
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


async def test_rejected_rows_and_passing_failures_are_written_as_not_final() -> None:
    """Both are met again in the next run; until then they can be named."""
    store = Kept()
    log = OutcomeLog(store)
    for outcome in (Outcome(2, "rejected", ""), Outcome(3, "failed", "", error=ServerError(500))):
        log.start_row()
        log.add(outcome, outcome.line)
    await log.close(1, is_exhausted=False)
    (batch,) = store.batches
    assert [(each.status, each.is_final) for each in batch.outcomes] == [
        ("rejected", False), ("failed", False),
    ]  # fmt: skip
    assert batch.requests == 1
