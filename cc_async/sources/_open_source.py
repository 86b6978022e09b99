"""The way from a path, a file or an iterable to a source of contacts."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterable, Iterable, Mapping
from pathlib import Path
from typing import IO, Any

from cc_async.errors import InvalidRequestError
from cc_async.models import Contact, ImportRow, SignUp
from cc_async.sources._options import ReadingOptions
from cc_async.sources._source import Source
from cc_async.sources.readers import STANDARD_INPUT, FileSource, IterableSource, refuse_unreadable

Item = Mapping[str, Any] | ImportRow | SignUp | Contact
ContactData = str | Path | bytes | IO[bytes] | IO[str] | Iterable[Item] | AsyncIterable[Item]
"""The types that `open_source` takes."""


def open_source(
    contacts: ContactData,
    reading: ReadingOptions = ReadingOptions(),  # noqa: B008 - a frozen value
    *,
    name: str | None = None,
) -> Source:
    """Return *contacts* as a source, without reading any of them.

    ::

        source = open_source("contacts.csv")
        async for rows in source.read(Rules()):
            ...

    Args:
        contacts:
            The path of a file, `-` for standard input, bytes, a file object, or an iterable or
            async iterable of mappings, `ImportRow`, `SignUp` or `Contact`.
        reading: How they are understood.
        name: The name of the source in messages; the path by default.

    Raises:
        InputError: The file is missing, a folder, or may not be read.
        InvalidRequestError: Contacts cannot be read from such a value, or there is no such
            format or encoding.
    """
    if isinstance(contacts, str) and "\n" in contacts:
        raise InvalidRequestError(
            "this is text, where the path of a file is expected", "Give text.encode() instead."
        )
    if isinstance(contacts, str | Path):
        shown = name or ("standard input" if str(contacts) == STANDARD_INPUT else str(contacts))
        path = Path(contacts)
        if str(contacts) != STANDARD_INPUT:
            refuse_unreadable(path, source=shown)
        return FileSource(shown, path, reading)
    shown = name or "rows"
    if inspect.iscoroutinefunction(getattr(contacts, "read", None)):
        raise InvalidRequestError(
            "this is an asynchronous file, and files are read by plain calls",
            "Give the path of the file, or bytes: await file.read().",
        )
    if isinstance(contacts, bytes | bytearray | memoryview) or hasattr(contacts, "read"):
        held: Any = bytes(contacts) if isinstance(contacts, bytearray | memoryview) else contacts
        return FileSource(name or _name_of(held), held, reading)
    _refuse_single(contacts)
    return IterableSource(shown, contacts, reading.mapping)


def _name_of(data: object) -> str:
    name = getattr(data, "name", None)
    return name if isinstance(name, str) else "rows"


def _refuse_single(data: object) -> None:
    if isinstance(data, Mapping | ImportRow | SignUp | Contact):
        raise InvalidRequestError(
            "this is one contact, where many are expected", "Put it in a list: [contact]."
        )
    if hasattr(data, "iterrows") or hasattr(data, "iter_rows"):
        raise InvalidRequestError(
            "a data frame gives its columns, not its rows",
            "Give frame.to_dict('records') with pandas, or frame.iter_rows(named=True) with polars.",
        )
    if not isinstance(data, Iterable | AsyncIterable):
        raise InvalidRequestError(
            f"contacts cannot be read from a {type(data).__name__}",
            "Give a path, bytes, a file object, or an iterable of mappings.",
        )
