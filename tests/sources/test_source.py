"""Rows, rejections and batches."""

from __future__ import annotations

from cc_async.sources import open_source
from tests.support.sources import IMPORT, read


async def test_a_batch_holds_the_same_contacts_as_the_rows() -> None:
    """A batch gives the same contacts in columns, with rejections by their place."""
    text = b"email,city,lists\na@example.com,Rome,News\nb,Bern,\nc@example.com,,id-2\n"
    (batch,) = [batch async for batch in open_source(text).read_batches(IMPORT)]
    assert list(batch.lines) == [2, 3, 4]
    assert list(batch.rejections) == [1]
    assert list(batch.cells["city"]) == ["Rome", "Bern", ""]
    assert batch.lists == [("id-1",), (), ("id-2",)]
    assert batch.contacts() == await read(text)
