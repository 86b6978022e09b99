"""The table of a chunk's states decides every step."""

from __future__ import annotations

import pytest

from cc_async.imports._chunk import (
    TRANSITIONS,
    AbsentFromActivities,
    AcceptedLate,
    ActivityCompleted,
    ActivityFailed,
    AnswerLost,
    ChunkEvent,
    ChunkState,
    FoundAmongActivities,
    LookupMissed,
    ResendAsked,
    SubmitAccepted,
    SubmitRefused,
    SubmitStarted,
    Verified,
    next_state,
)
from cc_async.models import Activity

ACTIVITY = Activity("a1", "processing")

EVENTS: tuple[ChunkEvent, ...] = (
    SubmitStarted(1, 0.0),
    SubmitAccepted(1, 0.0, ACTIVITY),
    AcceptedLate(1, 0.0, ACTIVITY),
    SubmitRefused(1, 0.0),
    AnswerLost(1, 0.0),
    FoundAmongActivities(1, 0.0, ACTIVITY),
    AbsentFromActivities(1, 0.0),
    LookupMissed(1, 0.0),
    ResendAsked(1, 0.0),
    ActivityCompleted(1, 0.0, ACTIVITY),
    ActivityFailed(1, 0.0, ACTIVITY),
    Verified(1, 0.0, 1, 0, 0, "pages"),
)


@pytest.mark.parametrize("state", ChunkState)
@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_the_table_decides_every_step(state: ChunkState, event: ChunkEvent) -> None:
    """Each event leads where the table says, and is an error where the table says nothing."""
    expected = TRANSITIONS[state].get(type(event))
    if expected is None:
        with pytest.raises(ValueError, match=state.name):
            next_state(state, event)
    else:
        assert next_state(state, event) is expected


def test_an_uncertain_chunk_is_sent_again_only_by_knowing_or_being_told() -> None:
    """Out of UNCERTAIN lead four arrows: accepted, found, known to be absent, or asked for."""
    assert TRANSITIONS[ChunkState.UNCERTAIN] == {
        LookupMissed: ChunkState.UNCERTAIN,
        FoundAmongActivities: ChunkState.SUBMITTED,
        AbsentFromActivities: ChunkState.PLANNED,
        ResendAsked: ChunkState.PLANNED,
        AcceptedLate: ChunkState.SUBMITTED,
    }
    starts = [state for state, arrows in TRANSITIONS.items() if SubmitStarted in arrows]
    assert starts == [ChunkState.PLANNED]
