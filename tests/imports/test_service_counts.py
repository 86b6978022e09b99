"""The service counts a contact in each of its activities; here it is counted once."""

from __future__ import annotations

import attrs

from cc_async.imports._chunk import ChunkProgress, ChunkState, Verified
from cc_async.imports._service_counts import ServiceCounts, count_once
from cc_async.models import Activity, ActivityStatus
from tests.support import chunks


def completed(
    number: int, contacts: int, repeated: int, verified: Verified | None = None, **counts: int
) -> ChunkProgress:
    status = ActivityStatus(**{"person_count": contacts, **counts})
    entry = chunks.make_progress(
        ChunkState.COMPLETED,
        number,
        activity=Activity(f"a{number}", "completed", status=status),
        verified=verified,
    )
    chunk = attrs.evolve(entry.chunk, contacts=contacts, repeated=repeated, is_shared=True)
    return attrs.evolve(entry, chunk=chunk)


def test_contacts_in_several_activities_are_counted_once() -> None:
    """Ten people on two lists, of whom two are on one of them alone."""
    found = count_once([completed(1, 9, 0), completed(2, 9, 8)])
    assert found == ServiceCounts(10, 0, 0, 0)


def test_a_chunk_of_addresses_repeats_the_counts_of_others() -> None:
    """Someone unsubscribed is kept off with the complete row, and with each address."""
    found = count_once(
        [
            completed(1, 10, 0, cannot_add_to_list_count=2),
            completed(2, 10, 10, cannot_add_to_list_count=2),
        ]
    )
    assert found == ServiceCounts(10, 0, 0, 2)


def test_a_fault_of_addresses_alone_is_counted() -> None:
    """An activity of addresses that refuses one of them, or loses one, is no success."""
    found = count_once([completed(1, 10, 0), completed(2, 10, 10, person_count=9, error_count=1)])
    assert found == ServiceCounts(9, 1, 0, 0)


def test_after_reading_the_lists_back_the_counts_are_exact() -> None:
    """One person is refused in both chunks, and one is kept off in both."""
    counts = {"error_count": 1, "cannot_add_to_list_count": 1, "person_count": 8}
    first = completed(1, 9, 0, Verified(1, 5.0, missing=1, kept_off=1), **counts)
    second = completed(2, 9, 8, Verified(2, 5.0, missing=0), **counts)
    assert count_once([first, second]) == ServiceCounts(9, 1, 0, 1)


def test_what_was_not_sent_yet_is_not_counted() -> None:
    """The counts are those of the activities so far."""
    planned = chunks.make_progress(ChunkState.PLANNED, 2)
    assert count_once([completed(1, 9, 0), planned]) == ServiceCounts(9, 0, 0, 0)
