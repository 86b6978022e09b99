"""Requests with an empty answer."""

from __future__ import annotations

from cc_async.errors import ConstantContactError, NotFoundError, UnexpectedResponseError
from cc_async.session import Session
from cc_async.wire import Reply, Request, read_error


def read_no_content(reply: Reply) -> None:
    """Return `None`, or raise the error for *reply*."""
    if not reply.is_success:
        raise read_error(reply)
    if reply.headers.get("content-type", "").lower().startswith("text/html"):
        raise UnexpectedResponseError(reply.status, "an HTML page instead of an empty body")


async def delete_at(session: Session, path: str) -> None:
    """Delete the thing at *path*. A 404 for a repeat means that the first attempt deleted it.

    Raises:
        NotFoundError: The first attempt was answered with 404.
    """
    is_repeated = False

    async def note_repeat(_: ConstantContactError) -> bool:
        nonlocal is_repeated
        is_repeated = True
        return True

    try:
        await session.send(Request("DELETE", path), read_no_content, may_repeat=note_repeat)
    except NotFoundError:
        if not is_repeated:
            raise
