"""Rows, rejections and batches."""

from __future__ import annotations

from cc_async.sources import ReadingOptions, Rejection, open_source
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


async def test_a_heading_of_any_length_is_cut_in_a_rejection() -> None:
    """A thousand rejections with it are kept, and the file of rejected rows has all of it."""
    heading = "h" * 40_000
    source = open_source(
        f"Email,{heading}\na@b.co,{'x' * 60}\n".encode(),
        ReadingOptions(mapping={heading: "first_name"}),
    )
    (batch,) = [batch async for batch in source.read_batches(IMPORT)]
    (rejection,) = batch.contacts()
    assert isinstance(rejection, Rejection)
    assert len(rejection.column) == 200
    assert source.header == ("Email", heading)
