"""Network, limits and stores as frozen values."""

from __future__ import annotations

import attrs
import pytest

from cc_async import Limits, Network, Stores
from cc_async.errors import InvalidRequestError
from cc_async.stores import MemoryStore


@pytest.mark.parametrize("kind", [Network, Limits, Stores])
def test_every_option_has_a_default_and_none_can_be_changed(kind: type) -> None:
    """A value can be made without arguments, compared, and shared between clients."""
    value = kind()
    assert value == kind()
    for field in attrs.fields(kind):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(value, field.name, None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("per_second", 0), ("per_second", -1), ("per_day", 0), ("reserve", 1.5), ("reserve", -0.1),
        ("reserve", float("nan")), ("share_without_store", 2.0),
    ],
)  # fmt: skip
def test_limits_out_of_range_are_refused_by_name(name: str, value: float) -> None:
    """A limit that no budget can keep is refused where it is given."""
    with pytest.raises(InvalidRequestError, match=name) as caught:
        Limits(**{name: value})  # type: ignore[arg-type]
    assert caught.value.option == name


def test_the_defaults_of_the_settings_can_be_given_as_limits() -> None:
    """No reserve and no share are 0, as in the environment."""
    Limits(per_second=4, per_day=10_000, reserve=0.0, share_without_store=0.0)


def test_no_option_shows_a_password() -> None:
    """Addresses of stores and proxies are masked; an open store has a `repr` of its own."""
    url = "redis://me:secret@host"
    assert "secret" not in repr(Network(proxy="http://me:secret@host"))
    assert "secret" not in repr(Stores(url, budget=url, tokens=url, journal=url))
    assert "MemoryStore()" in repr(Stores(MemoryStore()))
