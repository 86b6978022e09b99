"""The counts of a report add up, and its state follows from the chunks."""

from __future__ import annotations

import attrs
import pytest

from cc_async.imports._chunk import ChunkProgress, ChunkState, Verified
from cc_async.imports._report import ImportReport, Preparation, make_progress, make_report
from cc_async.models import Activity, ActivityStatus
from tests.support import chunks

COUNTED = Preparation(24, 2, 1, 1)


def completed(number: int = 1, **counts: int) -> ChunkProgress:
    status = ActivityStatus(**{"person_count": 10, **counts})
    activity = Activity(f"a{number}", "completed", percent_done=100, status=status)
    return chunks.make_progress(ChunkState.COMPLETED, number, activity=activity)


def report_of(*entries: ChunkProgress, verify: bool | None = False) -> ImportReport:
    return make_report("job", COUNTED, entries, 7, verify=verify)


def test_the_counts_are_those_of_reading_and_of_all_activities() -> None:
    """Each contact that was read is rejected, merged, suppressed or sent."""
    report = report_of(completed(1), completed(2, person_count=8, error_count=2))
    assert (report.contacts_read, report.contacts_sent, report.requests) == (24, 20, 7)
    assert report.contacts_read == (
        report.contacts_rejected
        + report.contacts_merged
        + report.contacts_suppressed
        + report.contacts_sent
    )
    assert (report.person_count, report.contacts_refused, report.contacts_uncounted) == (18, 2, 0)
    assert not report.is_all_accepted


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ((ChunkState.PLANNED, ChunkState.FAILED), "running"),
        ((ChunkState.UNCERTAIN, ChunkState.FAILED), "uncertain"),
        ((ChunkState.COMPLETED, ChunkState.FAILED), "failed"),
        ((ChunkState.COMPLETED, ChunkState.COMPLETED), "completed"),
        ((), "completed"),
    ],
)
def test_the_state_is_that_of_the_chunk_furthest_from_its_end(
    states: tuple[ChunkState, ...], expected: str
) -> None:
    """Running before uncertain, uncertain before failed."""
    entries = [chunks.make_progress(state, number) for number, state in enumerate(states, 1)]
    assert report_of(*entries).state == expected


def test_a_job_is_running_until_its_lists_were_read_back() -> None:
    """With verify, or where the service's counts disagree with what was sent."""
    assert report_of(completed(), verify=True).state == "running"
    assert report_of(completed(person_count=9), verify=None).state == "running"
    assert report_of(completed(), verify=None).state == "completed"
    verified = attrs.evolve(completed(person_count=9), verified=Verified(1, 1.0, 0, 0))
    report = report_of(verified, verify=None)
    assert (report.state, report.missing, report.contacts_uncounted) == ("completed", 0, 1)
    assert attrs.evolve(report, contacts_rejected=0).is_all_accepted


def test_contacts_that_did_not_arrive_are_named_by_their_lines() -> None:
    """In the order of the source; a date that was not read makes the rest inexact."""
    first = Verified(1, 1.0, 2, None, 1, "export", (9, 3))
    report = report_of(attrs.evolve(completed(), verified=first))
    assert [(each.line, each.status) for each in report.not_arrived] == [
        (3, "missing"),
        (9, "missing"),
    ]
    assert report.verification is not None
    assert (report.verification.is_exact, report.verification.kept_off) == (False, 1)
    assert (report.missing, report.not_changed) == (2, None)


def test_progress_counts_chunks_and_the_service_s_percentage() -> None:
    """Half of one chunk of two, while the other one has ended."""
    running = chunks.make_progress(
        ChunkState.SUBMITTED, 2, activity=Activity("a2", "processing", percent_done=50)
    )
    progress = make_progress([completed(), running])
    assert (progress.contacts, progress.contacts_done, progress.percent) == (20, 10, 75.0)
    assert (progress.chunks, progress.chunks_submitted, progress.chunks_done) == (2, 2, 1)
    assert make_progress([]).percent == 100.0
