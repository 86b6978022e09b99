"""Forms with files, taken apart by aiohttp's reader: a parser the client has no hand in."""

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
class Part:
    """One field of a form; *file_name* is `None` for plain text."""

    name: str
    file_name: str | None
    data: bytes = attrs.field(repr=False)


def read_form(content_type: str, body: bytes, most: int) -> list[Part]:
    """Return the parts of a form of which only the first *most* bytes are looked at.

    What lies beyond is as if it had never been sent, and the part it was in ends there.

    Raises:
        ValueError: This is no form.
    """
    header = Message()
    header["content-type"] = content_type
    boundary = header.get_boundary()
    if header.get_content_type() != "multipart/form-data" or not boundary:
        raise ValueError("not a form with a boundary")
    if len(body) > most:
        body = body[:most] + f"\r\n--{boundary}--\r\n".encode()
    try:
        return _run(_read_parts(content_type, body))
    except (AssertionError, LookupError, RuntimeError, HttpProcessingError) as error:
        raise ValueError("a damaged form") from error


async def _read_parts(content_type: str, body: bytes) -> list[Part]:
    # Everything has arrived, so the reader never waits: no loop is needed, but it wants one.
    loop = cast(asyncio.AbstractEventLoop, object())
    stream = StreamReader(BaseProtocol(loop), len(body) + 1, loop=loop)
    stream.feed_data(body)
    stream.feed_eof()
    reader = MultipartReader(CIMultiDict({"Content-Type": content_type}), stream)
    parts = []
    while (part := await reader.next()) is not None:
        if isinstance(part, BodyPartReader):
            parts.append(Part(part.name or "", part.filename, bytes(await part.read())))
    return parts


def _run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never waits."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return cast(T, done.value)
    coroutine.close()
    raise ValueError("a form without an end")
