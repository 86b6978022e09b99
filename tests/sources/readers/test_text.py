"""Bytes as text, and files that are no text."""

from __future__ import annotations

import pytest

from cc_async.sources import ReadingOptions, open_source
from tests.support.sources import (
    IMPORT,
    error_of,
)

UTF_16 = "email,first name\na@example.com,Ann\n".encode("utf-16-le")


async def test_utf_16_is_read_when_asked_for() -> None:
    """The remedy in the error works, with and without a byte order mark."""
    for data, encoding in ((b"\xff\xfe" + UTF_16, "utf-16"), (UTF_16, "utf-16-le")):
        source = open_source(data, ReadingOptions(encoding=encoding))
        (rows,) = [rows async for rows in source.read(IMPORT)]
        assert [row.line for row in rows] == [2]
        assert source.header == ("email", "first name")


async def test_other_encodings_are_read_when_asked_for() -> None:
    """The remedy for text that is not UTF-8 works."""
    data = "email,city\na@example.com,Zürich\n".encode("cp1252")
    source = open_source(data, ReadingOptions(encoding="cp1252"))
    ((row,),) = [rows async for rows in source.read(IMPORT)]
    assert getattr(row, "values", None) == {"email": "a@example.com", "city": "Zürich"}


BAD_FILES = [
    pytest.param(b"", 0, "", "is empty", "heading", id="empty"),
    pytest.param(b"\xef\xbb\xbf", 0, "", "is empty", "heading", id="a mark and nothing else"),
    pytest.param(b"\r\n , ,\n", 0, "", "is empty", "heading", id="only blanks"),
    pytest.param(b"\n\n\n", 0, "", "is empty", "heading", id="only line ends"),
    pytest.param(b"PK\x03\x04\x14\0\6\0", 0, "", "spreadsheet", "as CSV", id="xlsx"),
    pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1", 0, "", "old spreadsheet", "as CSV", id="xls"),
    pytest.param(b"\x89PNG\r\n\x1a\n\0\0", 0, "", "picture", "CSV or JSON", id="png"),
    pytest.param(b"\xff\xd8\xff\xe0\0", 0, "", "picture", "CSV or JSON", id="jpeg"),
    pytest.param(b"%PDF-1.7\n", 0, "", "PDF", "CSV or JSON", id="pdf"),
    pytest.param(b"\x1f\x8b\x08\0", 0, "", "compressed", "Unpack", id="gzip"),
    pytest.param(b"\n <!DOCTYPE html>\n<html>", 0, "", "web page", "CSV or JSON", id="html"),
    pytest.param(b"<?xml version='1.0'?>", 0, "", "web page", "CSV or JSON", id="xml"),
    pytest.param(b"\xff\xfe" + UTF_16, 0, "", "UTF-16", "utf-16", id="utf-16"),
    pytest.param(UTF_16, 1, "", "UTF-16", "utf-16", id="utf-16 without a mark"),
    pytest.param(
        b"email\na@example.com\nb\0@example.com\n", 3, "", "NUL", "utf-16", id="nul"
    ),
    pytest.param(
        b"email,city\na@example.com,Z\xfcrich\n", 2, "city", "not UTF-8", "cp1252", id="cp1252"
    ),
]  # fmt: skip


@pytest.mark.parametrize(("data", "line", "column", "message", "remedy"), BAD_FILES)
async def test_a_file_that_is_no_text_is_one_error_with_its_remedy(
    data: bytes, line: int, column: str, message: str, remedy: str
) -> None:
    """The error names line, heading, fault and remedy, and no address."""
    error = await error_of(data, name="people.csv")
    assert (error.source, error.line, error.column) == ("people.csv", line, column)
    assert message in error.message
    assert remedy in error.hint
    assert "@" not in str(error) + error.hint


@pytest.mark.parametrize("count", [8_000, 30_000, 40_000])
async def test_an_array_in_one_long_line_is_read_to_its_end(count: int) -> None:
    """A line without an end, read in pieces up to the last byte, is not taken for an empty file."""
    array = b"[" + b",".join([b'{"email": "p@example.com"}'] * count) + b"]"
    source = open_source(array)
    assert sum([len(rows) async for rows in source.read(IMPORT)]) == count
