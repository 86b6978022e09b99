"""The contacts that were sent are read back from the bodies."""

from __future__ import annotations

from cc_async.imports._chunk import ChunkState
from cc_async.imports.verification._sent_contacts import _has_refused
from cc_async.models import Activity, ActivityStatus
from tests.support.chunks import make_progress


def test_counts_say_whether_contacts_of_a_chunk_were_refused() -> None:
    """Refused or left out, or given up; a service that counts nothing says nothing."""
    for counts, expected in (
        ({"person_count": 10}, False),
        ({"person_count": 10, "cannot_add_to_list_count": 3}, False),
        ({"person_count": 9}, True),
        ({"person_count": 10, "correctable_count": 1}, True),
        ({"error_count": 1}, True),
        ({}, False),
    ):
        activity = Activity("a1", "completed", status=ActivityStatus(**counts))
        entry = make_progress(ChunkState.COMPLETED, activity=activity)
        assert _has_refused(entry) is expected, counts
    assert _has_refused(make_progress(ChunkState.FAILED, activity=activity))
