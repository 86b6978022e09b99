"""From the bytes of a file to the bytes of bodies, against a slow and obvious way of doing it."""

from __future__ import annotations

import csv
import io
import itertools
import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

import attrs
import pytest
from hypothesis import given, settings, strategies as st

from cc_async.imports._bodies import FileBodies, body_digest
from cc_async.imports._planner import prepare
from cc_async.imports.cutting import _chunker
from cc_async.imports.cutting._spool import Spool
from cc_async.lookups import SuppressionList
from cc_async.session import Session
from cc_async.sources import ReadingOptions, Rules, open_source
from cc_async.wire import BodyFrame, csv_frame, json_frame
from tests.support.sources import SlowFile

COLUMNS = ("email", "first_name", "street")
LISTS = ("l1",)
MAX_BYTES, MAX_CONTACTS = 900, 7
BREAKS = frozenset("\t\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029")

good = st.sampled_from(["a@example.com", "A@Example.com", "b@example.com", "ç@exämple.com"])
emails = good | good | st.sampled_from([" c@example.com\t", "nobody", "two@@example.com", "d@x"])
texts = st.lists(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)
    | st.sampled_from(["\r\n", "\n", "\r", '"', ",", ";", " ", "\\", "é", "\u2028", "x" * 30]),
    max_size=4,
).map("".join)
line_ends = st.sampled_from(["\n", "\r\n", "\r", "\n\n", "\r\n \r\n", "\n,,\n"])
records = st.lists(
    st.tuples(emails, texts, texts).map(list)
    | st.tuples(good, st.sampled_from(["", "Ann"]), st.just("Rome")).map(list)
    | st.lists(texts, max_size=4),
    max_size=25,
)


@attrs.frozen
class Result:
    """The result of a file: contacts read, rejected lines, merged rows, and the bodies."""

    read: int
    rejected: list[int]
    merged: int
    bodies: list[bytes]
    lines: list[list[int]]


@pytest.fixture(autouse=True, scope="module")
def _small_bodies() -> Iterator[None]:
    """Bodies of a few rows, so that cutting is met often."""
    with pytest.MonkeyPatch.context() as patch:
        defaults = list(_chunker.Chunker.__init__.__defaults__ or ())
        small = (MAX_BYTES, MAX_CONTACTS, *defaults[2:])
        patch.setattr(_chunker.Chunker.__init__, "__defaults__", small)
        yield


@settings(max_examples=300, deadline=None)
@given(
    rows=records,
    ends=st.lists(line_ends, min_size=26, max_size=26),
    is_quoted=st.booleans(),
    delimiter=st.sampled_from([",", ";", "\t"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    step=st.sampled_from([1, 2, 7, 100, 65_536]),
    kind=st.sampled_from(["csv", "json"]),
)
async def test_bodies_are_to_the_byte_what_the_obvious_way_makes_of_a_file(
    rows: list[list[str]],
    ends: list[str],
    is_quoted: bool,
    delimiter: str,
    encoding: str,
    step: int,
    kind: str,
) -> None:
    """Counts, lines and bytes are the same for any cells and any line ends."""
    text = delimiter.join(COLUMNS)
    for row, end in zip(rows, ends, strict=False):
        text += end.replace(",", delimiter)
        text += delimiter.join(as_cell(cell, delimiter, is_quoted=is_quoted) for cell in row)
    data = text.encode(encoding, "ignore")
    expected, found = (
        obvious(data, encoding, delimiter, kind),
        await real(SlowFile(data, step), None if encoding.startswith("utf-8") else encoding, kind),
    )
    assert found == expected


def as_cell(value: str, delimiter: str, *, is_quoted: bool) -> str:
    """Return *value* as a cell, in quotes where it must be or where all are."""
    if is_quoted or any(character in value for character in ('"', delimiter, "\r", "\n")):
        return '"' + value.replace('"', '""') + '"'
    return value


async def real(data: io.RawIOBase, encoding: str | None, kind: str) -> Result:
    """Do it the package's way."""
    folder = Path(tempfile.mkdtemp())
    spool = Spool("job", folder, send_as=kind)
    suppression = SuppressionList(cast(Session, None), frozenset(), frozenset(), {}, 0.0)
    source = open_source(data, ReadingOptions(encoding=encoding))

    async def list_ids(_: int) -> tuple[str, ...]:
        return LISTS

    counted, chunks = await prepare(
        source, Rules(), spool, suppression, list_ids=list_ids, rejects=None, on_read=None
    )
    bodies = FileBodies(folder)
    result = Result(
        counted.contacts_read,
        [rejection.line for rejection in counted.rejections],
        counted.contacts_merged,
        [await bodies.read(chunk) for chunk in chunks],
        [list(await bodies.read_lines(chunk)) for chunk in chunks],
    )
    assert [chunk.contacts for chunk in chunks] == list(map(len, result.lines))
    shutil.rmtree(folder)
    return result


def obvious(data: bytes, encoding: str, delimiter: str, kind: str) -> Result:
    """Do it with everything in memory, one cell after the other."""
    text = data.decode(encoding).removeprefix("\ufeff")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    next(reader)
    read, rejected, people, merged = 0, [], dict[str, tuple[int, list[str]]](), 0
    before = reader.line_num
    for record in reader:
        line, before = before + 1, reader.line_num
        cells = [cell.strip() for cell in record]
        if not any(cells):
            continue
        read += 1
        cleaned = [one_line(cell) for cell in cells]
        if len(cells) != len(COLUMNS) or not is_good(cells[0], cleaned[1:]):
            rejected.append(line)
            continue
        who = cells[0].lower()
        merged += who in people
        people.pop(who, None)
        people[who] = (line, [cells[0], *cleaned[1:]])
    return Result(read, rejected, merged, *cut(list(people.values()), kind))


def one_line(cell: str) -> str:
    """Return *cell* with a blank for each run of line breaks."""
    runs = itertools.groupby(cell, key=BREAKS.__contains__)
    return "".join(" " if is_break else "".join(run) for is_break, run in runs)


def is_good(email: str, others: Sequence[str]) -> bool:
    """Whether a contact may be sent."""
    local, at, domain = email.partition("@")
    is_address = local.isalpha() and at and domain.replace(".", "").isalpha() and "." in domain
    controls = {*range(0x20), *range(0x7F, 0xA0)}
    first_name, street = others
    return (
        bool(is_address)
        and not any(ord(character) in controls for character in first_name + street)
        and len(first_name) <= 50
        and len(street) <= 255
    )


def cut(people: list[tuple[int, list[str]]], kind: str) -> tuple[list[bytes], list[list[int]]]:
    """Return bodies of *people*, each filled as far as it goes, and the lines behind them."""
    bodies, lines = list[bytes](), list[list[int]]()
    open_rows, open_lines = list[bytes](), list[int]()
    for line, cells in people:
        row = as_json(cells) if kind == "json" else as_csv(cells)
        frame = frame_of(kind, len(bodies) + 1)
        if len(open_rows) == MAX_CONTACTS or len(frame.build([*open_rows, row])) > MAX_BYTES:
            bodies.append(frame.build(open_rows))
            lines.append(open_lines)
            open_rows, open_lines = [], []
        open_rows.append(row)
        open_lines.append(line)
    if open_rows:
        bodies.append(frame_of(kind, len(bodies) + 1).build(open_rows))
        lines.append(open_lines)
    return bodies, lines


def as_csv(cells: Sequence[str]) -> bytes:
    """Return a row as the csv module writes it."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\r\n").writerow(cells)
    return file.getvalue().removesuffix("\r\n").encode()


def as_json(cells: Sequence[str]) -> bytes:
    """Return a row as the json module writes it, without blank cells."""
    values = {name: cell for name, cell in zip(COLUMNS, cells, strict=True) if cell}
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def frame_of(kind: str, number: int) -> BodyFrame:
    """Return what stands around the rows of body *number*."""
    if kind == "json":
        return json_frame(LISTS)
    name = f"cc-async-job-{number:06d}.csv"
    return csv_frame(COLUMNS, LISTS, file_name=name, boundary=body_digest(name.encode()))
