"""Forms with files, parsed by aiohttp's reader, so that the client is not tested by its own code."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from email.message import Message
from typing import Any, TypeVar, cast

import attrs
from aiohttp import BodyPartReader, MultipartReader, StreamReader
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http import HttpProcessingError
from multidict import CIMultiDict

T = TypeVar("T")


@attrs.frozen
class FormPart:
    """One field of a form; *file_name* is `None` for plain text."""

    name: str
    file_name: str | None
    data: bytes = attrs.field(repr=False)


def read_form(content_type: str, body: bytes, max_bytes: int) -> list[FormPart]:
    """Return the parts of a form, reading its first *max_bytes* bytes only.

    A part that lies across the limit ends there; later parts are missing.

    Raises:
        ValueError: *body* is no form, or a damaged one.
    """
    header = Message()
    header["content-type"] = content_type
    boundary = header.get_boundary()
    if header.get_content_type() != "multipart/form-data" or not boundary:
        raise ValueError("not a form with a boundary")
    if len(body) > max_bytes:
        body = body[:max_bytes] + f"\r\n--{boundary}--\r\n".encode()
    try:
        return _run(_read_parts(content_type, body))
    except (AssertionError, LookupError, RuntimeError, HttpProcessingError) as error:
        raise ValueError("a damaged form") from error


async def _read_parts(content_type: str, body: bytes) -> list[FormPart]:
    # The whole body is there, so the reader never waits; it asks for a loop and does not use it.
    loop = cast(asyncio.AbstractEventLoop, object())
    stream = StreamReader(BaseProtocol(loop), len(body) + 1, loop=loop)
    stream.feed_data(body)
    stream.feed_eof()
    reader = MultipartReader(CIMultiDict({"Content-Type": content_type}), stream)
    parts = []
    while (part := await reader.next()) is not None:
        if isinstance(part, BodyPartReader):
            parts.append(FormPart(part.name or "", part.filename, bytes(await part.read())))
    return parts


def _run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never waits."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return cast(T, done.value)
    coroutine.close()
    raise ValueError("a form without an end")
