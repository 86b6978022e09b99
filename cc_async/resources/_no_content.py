"""Requests whose success says nothing."""

from __future__ import annotations

from cc_async.errors import NotFoundError, UnexpectedResponseError
from cc_async.session import Session
from cc_async.wire import Reply, Request, read_error


def read_no_content(reply: Reply) -> None:
    """Return nothing, or raise the error that *reply* stands for."""
    if not reply.is_success:
        raise read_error(reply)
    if reply.headers.get("content-type", "").lower().startswith("text/html"):
        raise UnexpectedResponseError(reply.status, "a page in place of an answer")


async def delete(session: Session, path: str) -> None:
    """Delete what *path* names; what is gone at a second try was deleted by the first.

    Raises:
        NotFoundError: It was not there at the first try.
    """
    is_repeated = False

    async def note() -> bool:
        nonlocal is_repeated
        is_repeated = True
        return True

    try:
        await session.send(Request("DELETE", path), read_no_content, may_repeat=note)
    except NotFoundError:
        if not is_repeated:
            raise
