"""The journal of a bulk sign-up: its format on disk, and what is not read."""

from __future__ import annotations

from pathlib import Path

import attrs
import orjson
import pytest

from cc_async.errors import JobNotFoundError, StoreCorruptError, StoredFormatError
from cc_async.jobs import SourceFile
from cc_async.sign_ups._journal import SignUpJournal, SignUpPlan
from cc_async.sign_ups._outcome_log import OutcomeBatch, WrittenOutcome
from cc_async.sources import ReadingOptions
from cc_async.stores import MemoryStore

SAMPLES = Path(__file__).parents[1] / "samples" / "sign_ups"
JOB = "0123456789ab"
PLAN = SignUpPlan(
    job_id=JOB,
    created_at=1_790_000_000.0,
    name="people.csv",
    file=SourceFile("/data/people.csv", "00112233445566778899aabbccddeeff"),
    consent="explicit",
    lists=("Newsletter",),
    protect=("unsubscribed", "deleted"),
    reading=ReadingOptions(encoding="cp1252", mapping={"Mail": "email"}),
    key="ffeeddccbbaa99887766554433221100",
)
REFUSED = "Constant Contact answered 400: no reason given"
SUPPRESSED = WrittenOutcome(6, 7, "suppressed", reason="in your list")
BATCH = OutcomeBatch(
    (
        WrittenOutcome(1, 2, "created", "00000000-0000-4000-8000-000000000001"),
        WrittenOutcome(2, 3, "updated", "00000000-0000-4000-8000-000000000002"),
        WrittenOutcome(3, 4, "suppressed", reason="unsubscribed"),
        WrittenOutcome(4, 5, "failed", reason=REFUSED),
        WrittenOutcome(5, 6, "rejected", column="email", reason="no address", is_final=False),
        WrittenOutcome(7, 8, "unknown", reason="no answer", is_final=False),
    ),
    requests=8,
)


async def journal_of(sample: str) -> SignUpJournal:
    store = MemoryStore()
    await store.append(f"job:{JOB}", (SAMPLES / sample).read_bytes().splitlines())
    return SignUpJournal(store, JOB)


async def test_the_sample_is_read() -> None:
    """A journal of today's version is read as it was written."""
    journal = await journal_of("journal-2.jsonl")
    assert await journal.read() == (PLAN, [OutcomeBatch((SUPPRESSED,)), BATCH])


async def test_a_journal_is_written_as_the_sample_shows() -> None:
    """Names and order of the entries are those of the sample: they are part of the format."""
    store = MemoryStore()
    journal = SignUpJournal(store, JOB)
    await journal.start(PLAN, [SUPPRESSED])
    await journal.append(BATCH)
    sample = (SAMPLES / "journal-2.jsonl").read_bytes().splitlines()
    written = await store.read(f"job:{JOB}")
    assert [orjson.loads(entry) for entry in written] == [orjson.loads(line) for line in sample]


@pytest.mark.parametrize(
    ("sample", "words"),
    [("journal-unversioned.jsonl", "has no version"), ("journal-1.jsonl", "has version 1")],
)
async def test_a_journal_of_another_version_is_refused(sample: str, words: str) -> None:
    """A journal that an earlier version wrote is refused in one sentence, with a remedy."""
    journal = await journal_of(sample)
    with pytest.raises(StoredFormatError, match=f"the journal of job {JOB} {words}") as caught:
        await journal.read()
    assert "Delete the job" in caught.value.hint


@pytest.mark.parametrize(
    "entry", [b"{", b'{"entry":"submitted"}', b'{"entry":"outcomes","outcomes":7}', b"[]"]
)
async def test_a_damaged_journal_is_an_error_with_a_remedy(entry: bytes) -> None:
    """An entry that cannot be understood is named as damage."""
    journal = await journal_of("journal-2.jsonl")
    await journal.store.append(f"job:{JOB}", [entry])
    with pytest.raises(StoreCorruptError, match=f"job {JOB} is damaged") as caught:
        await journal.read_batches()
    assert "Delete the job" in caught.value.hint


async def test_a_job_that_does_not_exist_has_no_journal() -> None:
    """Before it starts and after it is dropped, a job has no batches and cannot be read."""
    journal = SignUpJournal(MemoryStore(), JOB)
    assert await journal.read_batches() is None
    await journal.start(attrs.evolve(PLAN, lists=()), [])
    assert await journal.read_batches() == []
    await journal.drop()
    with pytest.raises(JobNotFoundError):
        await journal.read()
