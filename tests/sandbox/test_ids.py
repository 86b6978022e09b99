"""Ids have the shape of the service's and do not repeat."""

from __future__ import annotations

import random

import pytest

from cc_async.sandbox._ids import Ids, is_uuid


def test_ids_differ_and_have_the_shape_of_an_id() -> None:
    """A thousand ids of one account are lower-case UUIDs, each another one."""
    ids = Ids(random.Random(1))
    made = [ids.new() for _ in range(1_000)]
    assert all(map(is_uuid, made))
    assert len(set(made)) == 1_000
    assert [one.lower() for one in made] == made


@pytest.mark.parametrize("text", ["", "x", "9b2f6a10-7a11-11ef-b7a4-fa163ecf3a1", 5, None])
def test_another_text_is_no_id(text: object) -> None:
    """Anything but 36 characters of a UUID is refused."""
    assert not is_uuid(text)
