"""Bodies are cut where the next row would not fit."""

from __future__ import annotations

from hypothesis import given, strategies as st

from cc_async.imports import Chunker


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
