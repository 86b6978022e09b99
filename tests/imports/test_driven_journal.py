"""Of two processes that write to one journal, the one that took the job over last is believed."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from cc_async.errors import JobBusyError, JobCancelledError, StoreError
from cc_async.imports._chunk import (
    AnswerLost,
    ChunkProgress,
    ChunkState,
    SubmitAccepted,
    SubmitRefused,
    SubmitStarted,
)
from cc_async.imports._driven_journal import DrivenJournal
from cc_async.imports._journal import ImportJournal, ImportPlan, replay
from cc_async.imports._report import Preparation
from cc_async.models import Activity
from cc_async.retries import RetryPolicy
from cc_async.stores import MemoryStore
from tests.support.chunks import make_chunk

pytestmark = pytest.mark.looptime

ACTIVITY = Activity("a1", "processing")


class InterruptedStore(MemoryStore):
    """A store that lets *meanwhile* write before the next entry, or fails after it wrote one."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: bytes | None = None
        self.is_failing = False

    async def append(self, log: str, entries: Sequence[bytes]) -> int:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            await super().append(log, [meanwhile])
        length = await super().append(log, entries)
        if self.is_failing:
            self.is_failing = False
            raise StoreError("the connection was cut after the commit")
        return length


@pytest.fixture
def store() -> InterruptedStore:
    return InterruptedStore()


@pytest.fixture
async def journal(store: InterruptedStore) -> ImportJournal:
    journal = ImportJournal(store, "job")
    chunks = (make_chunk(1), make_chunk(2))
    await journal.begin(ImportPlan("job", 1.0, "a.csv", Preparation(), chunks))
    return journal


async def opened(journal: ImportJournal) -> tuple[DrivenJournal, dict[int, ChunkProgress]]:
    plan, events = await journal.read()
    chunks = replay(plan, events)
    return DrivenJournal(journal, chunks, len(events), RetryPolicy()), chunks


async def states(journal: ImportJournal) -> list[ChunkState]:
    return [entry.state for entry in replay(*await journal.read()).values()]


async def test_a_process_that_was_replaced_writes_nothing_that_counts(
    journal: ImportJournal,
) -> None:
    """Not even where it had looked at the journal before, and the other process goes on."""
    (old, _), (new, chunks) = await opened(journal), await opened(journal)
    assert await old.take_over(1.0)
    await old.write(SubmitStarted(1, 2.0))
    assert await new.take_over(3.0)
    with pytest.raises(JobBusyError):
        await old.write(SubmitRefused(1, 4.0))
    with pytest.raises(JobBusyError):
        await old.require_lead(1)
    await new.write(AnswerLost(1, 5.0))
    assert chunks[1].state is ChunkState.UNCERTAIN
    assert (await states(journal))[0] is ChunkState.UNCERTAIN


async def test_an_event_of_an_earlier_driver_ends_no_later_one(
    store: InterruptedStore, journal: ImportJournal
) -> None:
    """One that slept between looking and writing writes in vain; the driver writes once more."""
    (new, chunks), (old, _) = await opened(journal), await opened(journal)
    await old.take_over(1.0)
    await old.write(SubmitStarted(1, 1.5))
    await new.take_over(2.0)
    for meanwhile, event in ((b"answer-lost", SubmitRefused), (b"submit-refused", SubmitStarted)):
        store.meanwhile = b'{"event":"%s","number":3,"chunk":1,"at":3.0}' % meanwhile
        await new.write(event(1, 4.0))
    assert chunks[1].state is ChunkState.SUBMITTING
    assert await states(journal) == [ChunkState.SUBMITTING, ChunkState.PLANNED]


@pytest.mark.parametrize("state", ["submitting", "uncertain"])
async def test_a_late_acceptance_is_never_lost(state: str, journal: ImportJournal) -> None:
    """The process that was replaced still says what the service accepted, and the other believes it."""
    (old, _), (new, chunks) = await opened(journal), await opened(journal)
    await old.take_over(1.0)
    for number in (1, 2):
        await old.write(SubmitStarted(number, 2.0))
    await new.take_over(3.0)
    if state == "uncertain":
        await new.write(AnswerLost(1, 3.5))
    for number in (1, 2):
        with pytest.raises(JobBusyError):
            await old.write(SubmitAccepted(number, 4.0, ACTIVITY))
    await new.write(AnswerLost(1, 5.0))
    with pytest.raises(JobBusyError):
        await new.require_lead(1)
    assert [entry.state for entry in chunks.values()] == [ChunkState.SUBMITTED] * 2
    assert await states(journal) == [ChunkState.SUBMITTED] * 2


async def test_of_two_that_take_over_at_once_one_drives(
    store: InterruptedStore, journal: ImportJournal
) -> None:
    """The one whose event comes second is told; it counts nothing."""
    one, _ = await opened(journal)
    store.meanwhile = b'{"event":"taken-over","number":1,"driver":"another","at":1.0}'
    with pytest.raises(JobBusyError):
        await one.take_over(1.0)
    with pytest.raises(JobBusyError):
        await one.write(SubmitStarted(1, 2.0))
    assert await one.take_over(3.0)
    await one.write(SubmitStarted(1, 4.0))
    assert not await one.take_over(5.0)


async def test_an_event_that_was_written_in_spite_of_an_error_is_not_written_again(
    store: InterruptedStore, journal: ImportJournal
) -> None:
    """The next attempt finds it in its place."""
    one, chunks = await opened(journal)
    await one.take_over(1.0)
    store.is_failing = True
    await one.write(SubmitStarted(1, 2.0))
    assert chunks[1].submissions == 1
    assert len(await store.read("job:job")) == 3


async def test_nothing_is_written_to_a_journal_that_is_gone(
    store: InterruptedStore, journal: ImportJournal
) -> None:
    """The job was deleted; not even an acceptance makes a new log."""
    one, _ = await opened(journal)
    await one.take_over(1.0)
    await one.write(SubmitStarted(1, 2.0))
    await store.drop("job:job")
    with pytest.raises(JobCancelledError):
        await one.write(SubmitAccepted(1, 3.0, ACTIVITY))
    assert await store.read("job:job") == []
