"""How personal values look in a `repr`."""

from __future__ import annotations

from cc_async.models._masks import masked


def test_a_value_is_masked_and_its_absence_shown() -> None:
    """A log shows that there is a value, and not the value."""
    assert (masked("ann@example.com"), masked(None)) == ("'***'", "None")
