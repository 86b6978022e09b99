"""Network, limits and stores as frozen values."""

from __future__ import annotations

import attrs
import pytest

from cc_async import Limits, Network, Stores


@pytest.mark.parametrize("kind", [Network, Limits, Stores])
def test_every_option_has_a_default_and_none_can_be_changed(kind: type) -> None:
    """A value can be made without arguments, compared, and shared between clients."""
    value = kind()
    assert value == kind()
    for field in attrs.fields(kind):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(value, field.name, None)
