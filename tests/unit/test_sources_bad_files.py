"""Files that cannot be read as contacts: one error each, with the place and the way out."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from cc_async.errors import InputError, InvalidRequestError
from cc_async.models import CustomField, ImportRow, SignUp
from cc_async.sources import ReadingOptions, Rules, open_source

RULES = Rules(
    custom_fields=(CustomField("1", "Shoe Size", "shoe_size"), CustomField("2", "shoe size", "b"))
)
UTF_16 = "email,first name\na@example.com,Ann\n".encode("utf-16-le")


async def error_of(
    data: Any, mapping: Mapping[str, str] | None = None, **options: Any
) -> InputError:
    """Return the error that reading all of *data* ends in."""
    with pytest.raises(InputError) as caught:
        async for _ in open_source(data, ReadingOptions(mapping=mapping or {}), **options).read(
            RULES
        ):
            pass
    return caught.value


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
    pytest.param(b"\xff\xfe" + UTF_16, 0, "", "UTF-16", "--encoding utf-16", id="utf-16"),
    pytest.param(UTF_16, 1, "", "UTF-16", "--encoding utf-16", id="utf-16 without a mark"),
    pytest.param(
        b"email\na@example.com\nb\0@example.com\n", 3, "", "NUL", "--encoding utf-16", id="nul"
    ),
    pytest.param(
        b"email,city\na@example.com,Z\xfcrich\n", 2, "city", "not UTF-8", "cp1252", id="cp1252"
    ),
    pytest.param(b"first,last\nA,B\n", 1, "", "no heading names", "--map", id="no email"),
    pytest.param(b"a@example.com,A\n", 1, "", "a contact, not a heading", "on top", id="no heading"),
    pytest.param(b"email,Email\n", 1, "Email", "same column as 'email'", "--map", id="email twice"),
    pytest.param(b"city,E-mail,city\n", 1, "city", "there twice", "--map 'city='", id="city twice"),
    pytest.param(
        b"email,home_street,street\n", 1, "street", "same column", "--map", id="home is unprefixed"
    ),
    pytest.param(
        b"email,birthday,birthday_day\n", 1, "birthday_day", "same column", "--map", id="birthday"
    ),
    pytest.param(
        b"email,Shoesize\n", 1, "Shoesize", "no column", "--map 'Shoesize=COLUMN'", id="unknown"
    ),
    pytest.param(
        b"email,cf:hat\n", 1, "cf:hat", "no such custom field", "cf:shoe_size", id="unknown field"
    ),
    pytest.param(
        b"email,cf:SHOE SIZE\n", 1, "cf:SHOE SIZE", "more than one", "exact", id="which field"
    ),
    pytest.param(
        b"email,consented_at\n", 1, "consented_at", "no consent", "--map", id="consent in an import"
    ),
    pytest.param(
        b'email,city\na@example.com,"X\nY\n"\nb@example.com,"Rome\nc@example.com,Bern\n',
        5, "", "never closed", "double quote", id="a quote never closed",
    ),
    pytest.param(
        b'email,city\na@example.com,"Ro"me\n', 2, "", "more text", "twice", id="text after quotes"
    ),
    pytest.param(
        b'email,city\na@example.com,"Rome\nb@example.com,"Bern"\n',
        2, "", "follows its last quote on line 3", "twice", id="a quote closed too late",
    ),
    pytest.param(b'{"email": "a@example.com"}\n{"email"\n', 2, "", "9", "a line", id="json line"),
    pytest.param(b'[{"email": "a@example.com"},\n x]', 2, "", "character 2", "array", id="array"),
    pytest.param(b'[{"email": "a@example.com"},', 1, "", "ends before", "cut off", id="cut array"),
    pytest.param(b"[" * 100_000, 1, "", "no JSON", "array", id="nested far too deeply"),
    pytest.param(b'\n{"mail2": "x"}\n', 2, "mail2", "no column", "--map", id="unknown key"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "line", "column", "message", "remedy"), BAD_FILES)
async def test_a_bad_file_is_one_error_with_the_place_and_the_remedy(
    data: bytes, line: int, column: str, message: str, remedy: str
) -> None:
    """Line, heading, what is wrong and what to do are told, and no address."""
    error = await error_of(data, name="people.csv")
    assert (error.source, error.line, error.column) == ("people.csv", line, column)
    assert message in error.message
    assert remedy in error.hint
    assert "@" not in str(error) + error.hint


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: folder / "missing.csv", "no such file"),
        (lambda folder: folder, "a folder"),
        (lambda folder: folder / "file" / "inside.csv", "no such file|Not a directory"),
    ],
)
async def test_a_path_that_cannot_be_opened_is_refused_at_once(
    tmp_path: Path, make: Callable[[Path], Path], message: str
) -> None:
    """A missing file or a folder is an error before anything is read."""
    path = make(tmp_path)
    with pytest.raises(InputError, match=message) as caught:
        open_source(path)
    assert caught.value.source == str(path)
    assert caught.value.hint


async def test_utf_16_is_read_when_asked_for() -> None:
    """The remedy that the error names works, with and without a byte order mark."""
    for data, encoding in ((b"\xff\xfe" + UTF_16, "utf-16"), (UTF_16, "utf-16-le")):
        source = open_source(data, ReadingOptions(encoding=encoding))
        (rows,) = [rows async for rows in source.read(RULES)]
        assert [row.line for row in rows] == [2]
        assert source.header == ("email", "first name")


async def test_other_encodings_are_read_when_asked_for() -> None:
    """The remedy for text that is not UTF-8 works."""
    data = "email,city\na@example.com,Zürich\n".encode("cp1252")
    source = open_source(data, ReadingOptions(encoding="cp1252"))
    ((row,),) = [rows async for rows in source.read(RULES)]
    assert getattr(row, "values", None) == {"email": "a@example.com", "city": "Zürich"}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"email": "a@example.com"}, "one contact"),
        (ImportRow(email="a@example.com"), "one contact"),
        (SignUp("a@example.com"), "one contact"),
        (7, "from a int"),
        (None, "from a NoneType"),
        ("email\na@example.com\n", "this is text"),
        (type("DataFrame", (), {"iterrows": None, "__iter__": None})(), "data frame"),
    ],
)
def test_what_holds_no_contacts_is_refused(data: Any, message: str) -> None:
    """A single contact or another value in place of many is told apart at once."""
    with pytest.raises(InvalidRequestError, match=message) as caught:
        open_source(data)
    assert caught.value.hint


def test_unknown_formats_and_encodings_are_refused() -> None:
    """A wrong option is told before anything is read."""
    with pytest.raises(InvalidRequestError, match="no format 'xml'"):
        open_source(b"", ReadingOptions(read_as="xml"))  # type: ignore[arg-type]
    for encoding in ("klingon", "base64"):
        with pytest.raises(InvalidRequestError, match=f"no encoding '{encoding}'"):
            open_source(b"", ReadingOptions(encoding=encoding))


async def test_a_mapping_renames_headings_and_leaves_columns_out() -> None:
    """What the remedies name works: a mapping to a column, and to nothing."""
    reading = ReadingOptions(mapping={"Mail2": "email", "Junk": ""})
    source = open_source(b"Mail2,Junk,City\na@example.com,x,Rome\n", reading)
    ((row,),) = [rows async for rows in source.read(RULES)]
    assert getattr(row, "values", None) == {"email": "a@example.com", "city": "Rome"}


async def test_a_mapping_of_a_heading_that_is_not_there_is_an_error() -> None:
    """A slip in a mapping is not passed over."""
    error = await error_of(b"email\n", {"Naem": "first_name"})
    assert "'Naem'" in error.message
    error = await error_of(b"email,x\n", {"x": "y"})
    assert "mapped to 'y'" in error.message


async def test_a_line_without_end_is_an_error_and_does_not_fill_memory() -> None:
    """A line of far too many characters is refused when more follows."""
    error = await error_of(b"email\n" + b"x" * 1_500_000)
    assert "131,072 characters" in error.message
    error = await error_of(b"email" + b",x" * 800_000, {"x": ""})
    assert "200,000 characters" in error.message
    error = await error_of(b'email\n"' + b"x\n" * 500_000)
    assert error.line == 2
    assert "never closed within 131,072 characters" in error.message
    error = await error_of(b'{"email": "a@example.com"}\n{"email": "' + b"x" * 1_500_000)
    assert (error.line, "200,000 characters" in error.message) == (2, True)


async def test_text_files_and_pipes_are_read_too() -> None:
    """File objects of text, and what may keep a reader waiting, are read like files."""
    text = "email\r\na@example.com\r\n"
    receiver, sender = os.pipe()
    with open(receiver, "rb") as pipe:  # noqa: ASYNC230, PTH123 - a pipe
        os.write(sender, text.encode())
        os.close(sender)
        for data in (io.StringIO(text, newline=""), io.BytesIO(text.encode()), pipe):
            (rows,) = [rows async for rows in open_source(data).read(RULES)]
            assert [row.line for row in rows] == [2]


def test_the_field_limit_of_csv_is_left_as_it_was() -> None:
    """The limit belongs to the whole process, so it is not touched."""
    assert csv.field_size_limit() == 131_072
