"""Rows are cut into chunks exactly to the byte."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from cc_async.imports.cutting._chunker import Chunker


def test_a_body_is_filled_to_the_last_byte_and_not_beyond() -> None:
    """Rows fill a body up to its limit exactly; the next one begins another."""
    chunker = Chunker(overhead=10, separator=2, max_bytes=23, max_contacts=99)
    assert [chunker.feed(size) for size in (4, 4, 2)] == [False, False, True]
    assert chunker.size == 12
    exact = Chunker(overhead=10, separator=2, max_bytes=24, max_contacts=99)
    assert [exact.feed(size) for size in (4, 4, 2)] == [False, False, False]
    assert exact.size == 24
    with pytest.raises(ValueError, match="fits into no chunk"):
        chunker.feed(15)


def test_a_body_holds_no_more_contacts_than_a_file_may() -> None:
    """The row after the last that a body may hold begins another."""
    chunker = Chunker(overhead=0, separator=0, max_contacts=3)
    assert [chunker.feed(1) for _ in range(7)] == [False, False, False, True, False, False, True]


@given(st.lists(st.lists(st.integers(1, 30), max_size=6), max_size=12), st.integers(0, 3))
def test_rows_taken_together_fill_bodies_as_rows_taken_singly(
    blocks: list[list[int]], separator: int
) -> None:
    """Taking blocks of rows whole where they fit cuts in the same places as taking each row."""
    together = Chunker(7, separator, max_bytes=80, max_contacts=9)
    singly = Chunker(7, separator, max_bytes=80, max_contacts=9)
    for block in blocks:
        expected = [singly.feed(row) for row in block]
        if together.feed_all(sum(block), len(block)):
            assert True not in expected
        else:
            assert [together.feed(row) for row in block] == expected
        assert (together.size, together.contacts) == (singly.size, singly.contacts)
