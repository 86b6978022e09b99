"""The journal of an import holds its plan and events, in a format with a version."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import attrs
import orjson
import pytest

from cc_async.errors import (
    JobCancelledError,
    JobNotFoundError,
    StoreCorruptError,
    StoredFormatError,
)
from cc_async.imports._chunk import (
    AcceptedLate,
    Chunk,
    ChunkEvent,
    ChunkState,
    ResendAsked,
    SubmitAccepted,
    SubmitStarted,
)
from cc_async.imports._journal import (
    ImportJournal,
    ImportPlan,
    JournalEvent,
    RequestsMade,
    TakenOver,
    replay,
    requests_of,
)
from cc_async.imports._report import Preparation
from cc_async.models import Activity
from cc_async.sources import Rejection
from cc_async.stores import MemoryStore, Store
from tests.support.chunks import make_chunk

pytestmark = pytest.mark.looptime

SAMPLES = Path(__file__).parents[1] / "samples" / "imports"
LOG = "job:0123456789ab"


async def stored(name: str) -> tuple[Store, list[bytes]]:
    """Return a store with the journal of a sample, and its entries."""
    store, entries = MemoryStore(), (SAMPLES / name).read_bytes().splitlines()
    await store.append(LOG, entries)
    return store, entries


async def written(
    store: Store, plan: ImportPlan, events: Sequence[JournalEvent | None]
) -> list[bytes]:
    journal = ImportJournal(store, plan.job_id)
    await journal.begin(plan)
    for number, event in enumerate(events, 1):
        assert event is not None
        assert await journal.append(event, number) == number
    return await store.read(LOG)


async def test_a_journal_is_written_as_in_the_sample() -> None:
    """The sample is read, and written again byte by byte: every event has its chosen name."""
    store, entries = await stored("journal-2.jsonl")
    plan, events = await ImportJournal(store, "0123456789ab").read()
    assert await written(MemoryStore(), plan, events) == entries
    kinds = {*ChunkEvent.__subclasses__(), TakenOver, RequestsMade} - {AcceptedLate}
    assert {type(event) for event in events} == kinds


async def test_a_journal_is_replayed_to_the_state_of_each_chunk() -> None:
    """The states after the last events of the sample."""
    store, _ = await stored("journal-2.jsonl")
    chunks = replay(*(await ImportJournal(store, "0123456789ab").read()))
    assert [chunk.state for chunk in chunks.values()] == [ChunkState.COMPLETED, ChunkState.FAILED]
    assert (chunks[2].submissions, chunks[2].lookups) == (4, 0)
    assert chunks[1].verified is not None
    assert chunks[1].verified.missing_lines == (5,)


async def test_requests_of_planning_and_of_all_processes_add_up() -> None:
    """Each process writes down how many it made since the event before."""
    store, _ = await stored("journal-2.jsonl")
    plan, events = await ImportJournal(store, "0123456789ab").read()
    assert requests_of(plan, ()) == 3
    assert requests_of(plan, [*events, RequestsMade(9, 1.0)]) == 3 + 2 + 9


@pytest.mark.parametrize("version", ["3", None])
async def test_a_journal_of_another_version_is_refused(version: str | None) -> None:
    """A newer one, and one from before versions: one sentence says what to do."""
    if version is None:
        store, _ = await stored("journal-unversioned.jsonl")
    else:
        store = MemoryStore()
        entries = (SAMPLES / "journal-2.jsonl").read_bytes().splitlines()
        await store.append(LOG, [entries[0].replace(b'"format":2', b'"format":3'), *entries[1:]])
    with pytest.raises(StoredFormatError, match="the journal of job 0123456789ab has") as caught:
        await ImportJournal(store, "0123456789ab").read()
    assert "Finish or cancel the job" in caught.value.hint


async def test_an_unknown_job_and_a_damaged_journal_are_different_errors() -> None:
    """Without a log there is no job; a log that cannot be read is damaged."""
    store = MemoryStore()
    with pytest.raises(JobNotFoundError, match="there is no job"):
        await ImportJournal(store, "0123456789ab").read()
    _, entries = await stored("journal-2.jsonl")
    for damaged in ([b"rubbish"], [entries[0], b'{"event":"none","number":1,"chunk":1,"at":1.0}']):
        store = MemoryStore()
        await store.append(LOG, damaged)
        with pytest.raises(StoreCorruptError, match="is damaged"):
            await ImportJournal(store, "0123456789ab").read()


async def test_no_data_of_contacts_is_written() -> None:
    """Of rejected and suppressed rows the lines and reasons are kept, and no cells."""
    row = Rejection(3, "Email", "this is no e-mail address", ("secret@example",))
    counted = Preparation(2, 1, contacts_suppressed=1, rejections=(row,), suppressed=(row,))
    plan = ImportPlan("0123456789ab", 1.0, "a.csv", counted, (make_chunk(),))
    store = MemoryStore()
    assert b"secret" not in b"".join(await written(store, plan, []))
    read, _ = await ImportJournal(store, "0123456789ab").read()
    assert read.counted.rejections == (attrs.evolve(row, record=()),)


async def test_an_event_without_a_transition_changes_nothing() -> None:
    """It is passed over when the journal is read."""
    plan = ImportPlan("0123456789ab", 1.0, "a.csv", Preparation(), (make_chunk(),))
    activity = Activity("a1", "processing")
    events = [SubmitStarted(1, 1.0), SubmitAccepted(1, 2.0, activity)]
    expected = replay(plan, events)
    assert replay(plan, [*events, SubmitStarted(1, 3.0), ResendAsked(1, 4.0)]) == expected


async def test_an_event_counts_at_its_own_place_alone() -> None:
    """Written after others, it counts nothing; but an acceptance is knowledge, however late."""
    journal = ImportJournal(MemoryStore(), "0123456789ab")
    await journal.begin(ImportPlan("0123456789ab", 1.0, "a.csv", Preparation(), ()))
    started, accepted = SubmitStarted(1, 1.0), SubmitAccepted(1, 2.0, Activity("a1", "processing"))
    places = [await journal.append(event, 1) for event in (started, started, accepted)]
    assert places == [1, 2, 3]
    late = AcceptedLate(1, 2.0, accepted.activity)
    assert await journal.read_later(0) == [started, None, late]
    assert await journal.read_later(1) == [None, late]
    assert await journal.read_later(3) == []


async def test_a_journal_that_is_gone_belongs_to_a_cancelled_job() -> None:
    """A process that still holds the job is told so."""
    with pytest.raises(JobCancelledError):
        await ImportJournal(MemoryStore(), "0123456789ab").read_later(0)


def test_a_chunk_in_the_journal_has_the_fields_of_the_sample() -> None:
    """A new field needs a new version, unless it has a default."""
    plan = orjson.loads((SAMPLES / "journal-2.jsonl").read_bytes().splitlines()[0])
    assert set(plan["chunks"][0]) == {field.name for field in attrs.fields(Chunk)}
