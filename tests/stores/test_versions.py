"""Format versions of stored data."""

from __future__ import annotations

import traceback

import pytest

from cc_async.errors import InvalidRequestError, StoreCorruptError, StoredFormatError
from cc_async.stores import require_format, require_shape
from cc_async.stores._versions import require_layout

REMEDY = "Begin again."


def test_the_expected_version_is_accepted() -> None:
    """A record of the one version that the caller reads is fine."""
    require_format({"format": 3, "n": 1}, 3, what="the record", remedy=REMEDY)


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({}, "the record has no version, and this cc_async reads version 3"),
        ({"format": 4}, "the record has version 4, and this cc_async reads version 3"),
    ],
)
def test_another_version_is_refused(record: dict[str, int], message: str) -> None:
    """An older, a newer and a missing version are one sentence and one remedy."""
    with pytest.raises(StoredFormatError) as caught:
        require_format(record, 3, what="the record", remedy=REMEDY)
    assert (str(caught.value), caught.value.hint) == (message, REMEDY)


def test_a_record_from_before_versions_may_be_accepted() -> None:
    """A caller that reads such records says so; another version is still refused."""
    require_format({}, 3, what="it", remedy=REMEDY, allow_unversioned=True)
    with pytest.raises(StoredFormatError):
        require_format({"format": 4}, 3, what="it", remedy=REMEDY, allow_unversioned=True)


def test_an_unknown_layout_is_refused() -> None:
    """A store without a version has today's layout; another one is an error with a remedy."""
    require_layout(None, place="the store")
    require_layout(1, place="the store")
    with pytest.raises(StoredFormatError, match="the store has version 2") as caught:
        require_layout(2, place="the store")
    assert "CC_ASYNC_STORE" in caught.value.hint


def test_an_error_of_reading_is_damage_and_nothing_of_the_record_is_shown() -> None:
    """Any error of the block becomes one of the tree; errors of the tree stay as they are."""
    with (
        pytest.raises(StoreCorruptError, match=r"the list is damaged \(KeyError\)") as caught,
        require_shape(what="the list", remedy="Make a new one."),
    ):
        raise KeyError("ann@example.com")
    assert "ann" not in "".join(traceback.format_exception(caught.value))
    assert caught.value.hint == "Make a new one."
    with pytest.raises(InvalidRequestError), require_shape(what="the list", remedy=""):
        raise InvalidRequestError("refused")
