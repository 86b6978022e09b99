"""Bodies hold every row that counts, once, in order, within the limits."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings, strategies as st

from cc_async.imports import _chunker
from cc_async.imports._bodies import BODY_HEADER, body_digest, body_path
from cc_async.imports._spool import Spool
from cc_async.sources import Deduplicator, Row

TEXT = st.text(
    alphabet=st.characters(
        codec="utf-8", exclude_characters="\r\n\x00", exclude_categories=("Cs", "Cc")
    ),
    min_size=1,
    max_size=12,
).filter(lambda text: text.strip() == text)
COLUMNS = ("first_name", "city", "cf:car", "work_phone")
VALUES = st.dictionaries(st.sampled_from(COLUMNS), TEXT, max_size=4)
ROWS = st.lists(
    st.tuples(st.integers(0, 30), VALUES, st.sampled_from([(), ("l2",), ("l2", "l3")])), max_size=60
)


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
    """Read back from the bodies, the contacts are the last row for each address, unchanged."""
    folder = Path(tempfile.mkdtemp())
    spool, deduplicator, expected = Spool("job", folder, send_as=kind), Deduplicator(), {}
    for line, (person, values, lists) in enumerate(rows, 2):
        email = f"p{person}@example.com"
        row = Row(line, email, {"email": email, **values}, lists)
        spool.add_rows([row])
        deduplicator.add(row.identity)
        expected[email] = ({"email": email, **values}, lists or ("l1",), line)
    merged = deduplicator.merged()
    chunks = [chunk for done in spool.cut(merged, ("l1",)) for chunk in done]
    found = {}
    for chunk in chunks:
        stored = body_path(folder, chunk.number).read_bytes()
        body = stored.removeprefix(BODY_HEADER)[: chunk.size]
        assert len(body) == chunk.size <= 900
        assert body_digest(body) == chunk.digest
        contacts = read_body(body, chunk.content_type)
        assert len(contacts) == chunk.contacts <= 7
        for contact in contacts:
            assert contact["email"] not in found
            found[contact["email"]] = (contact, chunk.list_ids)
            line = expected[contact["email"]][2]
            assert chunk.first_line <= line <= chunk.last_line
    spool.close()
    assert len(list(folder.iterdir())) == len(chunks)
    shutil.rmtree(folder)
    assert found == {email: (values, lists) for email, (values, lists, _) in expected.items()}
    assert len(merged) == len(rows) - len(expected)


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
