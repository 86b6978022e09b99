"""The sums of the service's counters over all activities of an import, with each contact counted once.

A contact in several chunks is refused, or kept off the lists, in each of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from cc_async.imports._chunk import Chunk, ChunkProgress


@attrs.frozen
class ServiceCounts:
    """The sums; see `ImportReport`."""

    person_count: int
    error_count: int
    correctable_count: int
    cannot_add_to_list_count: int


def count_once(chunks: Sequence[ChunkProgress]) -> ServiceCounts:
    """Return the sums for these chunks.

    Where chunks with the same contacts were read back, no more were refused than are missing, and
    those kept off are known. Before that, contacts in several chunks make the sums too high.
    """
    known = [(each.chunk, each.activity.status) for each in chunks if each.activity is not None]
    errors = _sum_once((chunk, status.error_count) for chunk, status in known)
    correctable = _sum_once((chunk, status.correctable_count) for chunk, status in known)
    kept_off = _sum_once((chunk, status.cannot_add_to_list_count) for chunk, status in known)
    uncounted = sum(chunk.contacts - (status.person_count or 0) for chunk, status in known)
    seen = [each.verified for each in chunks if each.verified and each.verified.is_known]
    if seen and any(chunk.is_shared for chunk, _ in known):
        missing = sum(each.missing for each in seen)
        errors = min(errors, missing)
        correctable = min(correctable, missing - errors)
        kept_off = min(kept_off, sum(each.kept_off for each in seen))
        uncounted = min(uncounted, missing)
    counted = max(0, sum(chunk.complete for chunk, _ in known) - uncounted)
    return ServiceCounts(counted, errors, correctable, kept_off)


def _sum_once(counts: Iterable[tuple[Chunk, int | None]]) -> int:
    """Return the sum of a counter over the contacts that are complete in each chunk.

    A chunk of addresses alone repeats the counts of others, or has faults of its own.
    """
    found = [(chunk, count or 0) for chunk, count in counts]
    total = sum(min(count, chunk.complete) if chunk.is_shared else count for chunk, count in found)
    return max(total, max((count for _, count in found), default=0))
