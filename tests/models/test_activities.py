"""Bulk activities."""

from __future__ import annotations

import pytest

from cc_async.models import TERMINAL_STATES, Activity


@pytest.mark.parametrize("state", sorted(TERMINAL_STATES))
def test_an_activity_in_a_terminal_state_has_ended(state: str) -> None:
    """Such a state is never left."""
    assert Activity("a1", state).is_terminal


@pytest.mark.parametrize("state", ["initialized", "processing", "cancel_requested", "new word"])
def test_an_activity_in_another_state_goes_on(state: str) -> None:
    """A state that is not known means: ask again."""
    assert not Activity("a1", state).is_terminal
