"""The sandbox's clock, and moments as replies show them."""

from __future__ import annotations

import pytest

from tests.support.sandbox_calls import make_caller


def test_time_runs_only_forwards() -> None:
    """The clock cannot be set back."""
    with pytest.raises(ValueError, match="backwards"):
        make_caller().sandbox.clock.advance(-1)
