"""The options of an import are one frozen value."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from cc_async import ImportOptions
from cc_async.errors import InvalidRequestError


def test_places_are_paths_however_they_are_given() -> None:
    """Text, a path, or nothing."""
    options = ImportOptions(rejects="a.csv", missing=Path("b.csv"))
    assert (options.rejects, options.missing) == (Path("a.csv"), Path("b.csv"))
    assert ImportOptions().rejects is None


def test_options_cannot_be_changed() -> None:
    """They can be shared, and evolved into others."""
    options = ImportOptions()
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        options.verify = True  # type: ignore[misc]
    assert attrs.evolve(options, verify=True) == ImportOptions(verify=True)


@pytest.mark.parametrize(
    "wrong", [{"send_as": "xml"}, {"protect": ["left-list"]}, {"protect": "deleted"}]
)
def test_an_unknown_value_is_refused_with_the_known_ones(wrong: dict[str, object]) -> None:
    """Before anything is read or sent."""
    with pytest.raises(InvalidRequestError) as caught:
        ImportOptions(**wrong).check()  # type: ignore[arg-type]
    assert "'" in caught.value.hint
    ImportOptions(send_as="json", protect=("unsubscribed",)).check()
