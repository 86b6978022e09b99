"""Rows that a later row for the same contact replaces."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from cc_async.sources import Deduplicator


def test_the_last_row_for_an_identity_wins() -> None:
    """All but the last row of an identity are merged."""
    last = Deduplicator()
    for identity in ("a", "b", "a", "c", "a", "b"):
        last.add(identity)
    merged = last.merged()
    assert [index in merged for index in range(6)] == [True, True, True, False, False, False]
    assert len(merged) == 3
    assert len(last) == 6


def test_without_rows_nothing_is_merged() -> None:
    """Without rows no row is merged."""
    assert len(Deduplicator().merged()) == 0


async def test_many_rows_go_through_a_file_and_give_the_same_answer() -> None:
    """Rows beyond the memory go to a file; the answer is the same."""
    rows = [f"person{number % 7000}@example.com" for number in range(20_000)]
    small, large = Deduplicator(max_rows=3), Deduplicator()
    small.add_all(rows[:11_000])
    small.add_all(rows[11_000:])
    large.add_all(rows)
    from_file, from_memory = await small.find_merged(), large.merged()
    assert len(from_file) == len(from_memory) == 13_000
    assert all((index in from_file) == (index < 13_000) for index in range(20_000))


def test_the_temporary_file_is_closed() -> None:
    """A closed deduplicator leaves no file behind and takes no more rows."""
    last = Deduplicator(max_rows=1)
    last.add("a")
    last.close()
    last.close()
    with pytest.raises(ValueError, match="closed"):
        last.add("a")


@given(st.lists(st.text('ab\n"', max_size=3)), st.integers(1, 4))
@settings(deadline=None)
def test_the_last_of_each_identity_is_kept_as_in_a_dict(rows: list[str], max_rows: int) -> None:
    """The rows that remain are those that a dict of the last row would keep."""
    last = Deduplicator(max_rows=max_rows)
    for row in rows:
        last.add(row)
    merged = last.merged()
    kept = {identity: index for index, identity in enumerate(rows)}
    assert [index for index in range(len(rows)) if index not in merged] == sorted(kept.values())
    assert len(merged) == len(rows) - len(kept)
