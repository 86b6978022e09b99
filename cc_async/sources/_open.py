"""Whatever somebody calls contacts, as a source."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import IO, Any

from cc_async.errors import InvalidRequestError
from cc_async.models import Contact, ImportRow, SignUp
from cc_async.sources._batches import Source
from cc_async.sources._blocks import (
    STANDARD_INPUT,
    is_regular_file,
    read_blocks,
    refuse_unreadable,
)
from cc_async.sources._files import FileSource, Format
from cc_async.sources._iterables import IterableSource
from cc_async.sources._text import find_encoding

Item = Mapping[str, Any] | ImportRow | SignUp | Contact
Contacts = str | Path | bytes | IO[bytes] | IO[str] | Iterable[Item] | AsyncIterable[Item]
"""What contacts can be read from; `open_source` says how."""


def open_source(
    data: Contacts,
    *,
    format: Format = "auto",  # noqa: A002 - the name people know
    encoding: str | None = None,
    name: str | None = None,
) -> Source:
    """Return the contacts in *data* as a source; nothing of them is read yet.

    ::

        source = open_source("contacts.csv")
        async for rows in source.read(Rules()):
            ...

    Args:
        data:
            The path of a file, `-` for standard input, bytes, a file object, or an iterable or
            async iterable of mappings, `ImportRow`, `SignUp` or `Contact`.
        format: What a file holds; `auto` tells by its first character.
        encoding: The encoding of a file; UTF-8 (with or without its mark) unless given.
        name: What people know it by; the path as given, unless told otherwise.

    Raises:
        InputError: The file is missing, a folder, or may not be read.
        InvalidRequestError: This is nothing contacts can be read from.
    """
    if format not in ("auto", "csv", "json"):
        raise InvalidRequestError(f"there is no format {format!r}", "Use 'auto', 'csv' or 'json'.")
    codec = find_encoding(encoding)
    if isinstance(data, str) and "\n" in data:
        raise InvalidRequestError(
            "this is text, where the path of a file is expected", "Give text.encode() instead."
        )
    if isinstance(data, str | Path):
        shown = name or ("standard input" if str(data) == STANDARD_INPUT else str(data))
        path = Path(data)
        if str(data) != STANDARD_INPUT:
            refuse_unreadable(path, source=shown)
        return FileSource(
            shown,
            partial(read_blocks, path, source=shown),
            is_rereadable=is_regular_file(path),
            format=format,
            encoding=codec,
        )
    shown = name or "rows"
    if isinstance(data, bytes | bytearray | memoryview) or hasattr(data, "read"):
        held: Any = bytes(data) if isinstance(data, bytearray | memoryview) else data
        return FileSource(
            name or _name_of(held),
            partial(read_blocks, held, source=shown),
            is_rereadable=False,
            format=format,
            encoding=codec,
        )
    _refuse_single(data)
    return IterableSource(shown, data)


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
