"""Bodies hold every row that counts, once, in order, within the limits."""

from __future__ import annotations

import asyncio
import csv
import io
import shutil
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings, strategies as st

from cc_async.imports._bodies import BODY_HEADER, body_digest, body_path
from cc_async.imports.cutting import _chunker
from cc_async.imports.cutting._spool import Spool
from cc_async.sources import Deduplicator, MergedRows, Row

TEXT = st.text(
    alphabet=st.characters(
        codec="utf-8", exclude_characters="\r\n\x00", exclude_categories=("Cs", "Cc")
    ),
    min_size=1,
    max_size=12,
).filter(lambda text: text.strip() == text)
COLUMNS = ("first_name", "city", "cf:car", "work_phone")
VALUES = st.dictionaries(st.sampled_from(COLUMNS), TEXT, max_size=4)
LISTS = st.sampled_from([(), ("l2",), ("l2", "l3"), ("l1", "l4")])
ROWS = st.lists(st.tuples(st.integers(0, 30), VALUES, LISTS), max_size=60)


@pytest.fixture(autouse=True, scope="module")
def _small_bodies() -> Iterator[None]:
    """Bodies of a few rows, so that cutting is met often."""
    with pytest.MonkeyPatch.context() as patch:
        defaults = list(_chunker.Chunker.__init__.__defaults__ or ())
        patch.setattr(_chunker.Chunker.__init__, "__defaults__", (900, 7, *defaults[2:]))
        yield


@settings(max_examples=60, deadline=None)
@given(ROWS, st.sampled_from(["auto", "json"]))
def test_bodies_hold_every_row_that_counts_once_and_in_order(
    rows: list[tuple[int, dict[str, str], tuple[str, ...]]], kind: str
) -> None:
    """Read back from the bodies, the contacts are the last row for each address, unchanged.

    Each is complete in one body. Other bodies carry its address alone, so that all bodies
    together put it on the lists of all its rows.
    """
    folder = Path(tempfile.mkdtemp())
    spool, deduplicator = Spool("job", folder, send_as=kind), Deduplicator()
    expected: dict[str, tuple[dict[str, str], set[str], int]] = {}
    for line, (person, values, lists) in enumerate(rows, 2):
        email = f"p{person}@example.com"
        row = Row(line, email, {"email": email, **values}, lists)
        spool.add_rows([row])
        deduplicator.add(row.identity)
        named = {*(lists or ("l1",)), *expected.get(email, ({}, set(), 0))[1]}
        expected[email] = (row.values, named, line)  # type: ignore[assignment]
    merged = asyncio.run(deduplicator.find_merged(spool.unite))
    chunks = [chunk for done in spool.cut(merged, ("l1",)) for chunk in done]
    found: dict[str, tuple[dict[str, str], int]] = {}
    on_lists: dict[str, list[str]] = {}
    for chunk in chunks:
        stored = body_path(folder, chunk.number).read_bytes()
        body = stored.removeprefix(BODY_HEADER)[: chunk.size]
        assert len(body) == chunk.size <= 900
        assert body_digest(body) == chunk.digest
        contacts = read_body(body, chunk.content_type)
        lines = struct.unpack(f"<{chunk.contacts}I", stored.removeprefix(BODY_HEADER)[chunk.size :])
        assert len(contacts) == chunk.contacts <= 7
        for place, (contact, line) in enumerate(zip(contacts, lines, strict=True)):
            email = contact["email"]
            assert chunk.first_line <= line <= chunk.last_line
            on_lists[email] = [*on_lists.get(email, []), *chunk.list_ids]
            if place < chunk.complete:
                assert email not in found
                found[email] = (contact, line)
            else:
                assert set(contact) == {"email"}
                assert expected[email][2] == line
    spool.close()
    assert len(list(folder.iterdir())) == len(chunks)
    assert sorted(chunk.number for chunk in chunks) == list(range(1, len(chunks) + 1))
    shutil.rmtree(folder)
    assert found == {email: (values, line) for email, (values, _, line) in expected.items()}
    assert {email: sorted(lists) for email, lists in on_lists.items()} == {
        email: sorted(lists) for email, (_, lists, _) in expected.items()
    }
    assert sum(chunk.complete for chunk in chunks) == len(expected)
    assert len(merged) == len(rows) - len(expected)


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_many_lists_are_cut_with_few_open_files(kind: str, tmp_path: Path) -> None:
    """The rows of some bodies are written at a time; the others are read for again."""
    spool = Spool("job", tmp_path, send_as=kind)  # type: ignore[arg-type]
    rows = [
        Row(number, f"p{number}@example.com", {"email": f"p{number}@example.com"}, (f"l{number}",))
        for number in range(100)
    ]
    spool.add_rows(rows)
    most, chunks = 0, []
    for done in spool.cut(MergedRows(100), ("l0",)):
        chunks += done
        most = max(most, open_files())
    assert [chunk.contacts for chunk in chunks] == [1] * 100
    assert {chunk.list_ids for chunk in chunks} == {row.lists for row in rows}
    assert most - open_files() <= 20


def open_files() -> int:
    """Return the number of files that this process has open."""
    return sum(1 for _ in Path("/dev/fd").iterdir())


def test_in_csv_an_address_never_stands_beside_blank_cells(tmp_path: Path) -> None:
    """A service may take a blank cell for a value to erase, so addresses have a body of their own."""
    spool = Spool("job", tmp_path, send_as="csv")
    lists = [("l1", "l2"), ("l1", "l3"), ("l2", "l3"), ("l1",), ("l2", "l1", "l3"), ("l3", "l4"),
             ("l1", "l4"), ("l2", "l4"), ("l1", "l2", "l4")]  # fmt: skip
    for number, names in enumerate(lists, 2):
        email = f"p{number}@example.com"
        values: dict[str, str | int] = {"email": email, "city": "Köln"}
        spool.add_rows([Row(number, email, values, tuple(sorted(names)))])
    chunks = [chunk for done in spool.cut(MergedRows(len(lists)), ("l0",)) for chunk in done]
    assert len(chunks) < len(lists)
    assert sum(chunk.complete for chunk in chunks) == len(lists)
    for chunk in chunks:
        body = body_path(tmp_path, chunk.number).read_bytes().removeprefix(BODY_HEADER)
        contacts = read_body(body[: chunk.size], chunk.content_type)
        columns = {"email"} if chunk.repeated else {"email", "city"}
        assert chunk.repeated in (0, chunk.contacts)
        assert all(set(contact) == columns for contact in contacts)


def test_people_without_an_address_stay_together(tmp_path: Path) -> None:
    """A number for text messages alone would lose its consent."""
    spool = Spool("job", tmp_path, send_as="auto", sms_permission="explicit")
    names = [("l1", "l2"), ("l1", "l3"), ("l2", "l3"), ("l1", "l2", "l3"), ("l1",)]
    for number, lists in enumerate(names):
        digits = f"555123000{number}"
        values: dict[str, str | int] = {"sms_number": digits, "sms_consent_date": "2024-07-03"}
        spool.add_rows([Row(number, f"sms:{digits}", values, lists)])
    chunks = [chunk for done in spool.cut(MergedRows(len(names)), ("l0",)) for chunk in done]
    assert sorted(chunk.list_ids for chunk in chunks) == sorted(names)
    assert not any(chunk.is_shared for chunk in chunks)


def read_body(body: bytes, content_type: str) -> list[dict[str, str]]:
    """Read a body with parsers that are not the client's own."""
    if content_type == "application/json":
        contacts: list[dict[str, str]] = orjson.loads(body)["import_data"]
        return contacts
    text = body.split(b"\r\n\r\n", 2)[2].rsplit(b"\r\n--", 1)[0].decode()
    heading, *lines = csv.reader(io.StringIO(text, newline=""))
    assert all(len(line) == len(heading) for line in lines)
    return [
        {name: cell for name, cell in zip(heading, line, strict=True) if cell} for line in lines
    ]
