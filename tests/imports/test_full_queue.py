"""A full queue of activities: when a chunk is sent again."""

from __future__ import annotations

from cc_async.imports._full_queue import FullQueue


def full_queue() -> FullQueue:
    queue = FullQueue()
    queue.note_refused(now=100.0)
    return queue


def test_nothing_is_sent_until_something_ends() -> None:
    """After a refusal the queue counts as full until an activity of the job ends."""
    queue = full_queue()
    queue.note_look(101.0)
    assert queue.is_full
    queue.note_ended()
    assert not queue.is_full
    assert queue.is_tight


def test_fewer_open_activities_than_before_mean_room() -> None:
    """A list with fewer open activities than the last one says that there is room."""
    queue = full_queue()
    for count, is_full in ((1_000, True), (1_000, True), (999, False)):
        queue.note_look(110.0, count)
        assert queue.is_full is is_full


def test_without_a_sign_a_chunk_is_sent_after_growing_pauses() -> None:
    """Where nothing tells of room, a chunk is sent after 1, 2, 4, 8 and then every 10 minutes."""
    queue, now, pauses = FullQueue(), 0.0, []
    for _ in range(6):
        queue.note_refused(now)
        started = now
        while queue.is_full:
            now += 1.0
            queue.note_look(now)
        pauses.append(now - started)
    assert pauses == [60, 120, 240, 480, 600, 600]
    queue.note_accepted()
    queue.note_refused(now)
    queue.note_look(now + 60.0)
    assert not queue.is_full


def test_several_refusals_of_one_moment_count_once() -> None:
    """Four chunks that are refused together make one pause."""
    queue = full_queue()
    queue.note_refused(now=100.5)
    queue.note_look(160.0)
    assert not queue.is_full
