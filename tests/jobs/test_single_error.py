"""One error of a task group reaches the caller bare."""

from __future__ import annotations

import pytest

from cc_async.jobs import single_error


def test_a_single_error_is_unwrapped_with_its_cause() -> None:
    """However deep it is wrapped."""
    with pytest.raises(KeyError) as caught, single_error():
        error = KeyError("a")
        error.__cause__ = ValueError("b")
        raise ExceptionGroup("outer", [ExceptionGroup("inner", [error])])
    assert isinstance(caught.value.__cause__, ValueError)


def test_several_errors_stay_together() -> None:
    """None of them is lost."""
    with pytest.raises(ExceptionGroup) as caught, single_error():
        raise ExceptionGroup("both", [KeyError("a"), ValueError("b")])
    assert len(caught.value.exceptions) == 2
