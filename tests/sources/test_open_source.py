"""Anything that holds contacts, as a source."""

from __future__ import annotations

from typing import Any

import pytest

from cc_async.errors import InvalidRequestError
from cc_async.models import (
    ImportRow,
    SignUp,
)
from cc_async.sources import ReadingOptions, open_source


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
def test_a_value_without_contacts_is_refused(data: Any, message: str) -> None:
    """A single contact, or another value in place of many contacts, is refused at once."""
    with pytest.raises(InvalidRequestError, match=message) as caught:
        open_source(data)
    assert caught.value.hint


def test_unknown_formats_and_encodings_are_refused() -> None:
    """A wrong option is an error before anything is read."""
    with pytest.raises(InvalidRequestError, match="no format 'xml'"):
        open_source(b"", ReadingOptions(read_as="xml"))  # type: ignore[arg-type]
    for encoding in ("klingon", "base64"):
        with pytest.raises(InvalidRequestError, match=f"no encoding '{encoding}'"):
            open_source(b"", ReadingOptions(encoding=encoding))


def test_an_asynchronous_file_is_one_clear_error() -> None:
    """Its read would give a coroutine in place of bytes."""

    class AsyncFile:
        async def read(self, size: int = -1) -> bytes:
            return b""

    with pytest.raises(InvalidRequestError, match="asynchronous file"):
        open_source(AsyncFile())  # type: ignore[arg-type]
