"""Requests of an export of contacts, and its file.

https://developer.constantcontact.com/api_guide/export_contacts.html
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import BinaryIO, Literal

import attrs

from cc_async.errors import InvalidRequestError, NotFoundError, UnexpectedResponseError
from cc_async.models import Activity
from cc_async.resources._activity_requests import MAX_CONTACT_IDS, MAX_IDS, checked_ids
from cc_async.resources._contact_filters import checked_filter
from cc_async.session import Session
from cc_async.wire import JSON, Reply, Request, encode, follow, path_of, read_error

ExportStatus = Literal["active", "unsubscribed", "removed"]


def export_request(
    list_ids: Sequence[str] | None,
    contact_ids: Sequence[str] | None,
    status: ExportStatus | None,
    fields: Sequence[str],
) -> Request:
    """Return the request that starts an export; a repeat does no harm.

    Raises:
        InvalidRequestError: Lists and contacts together, no ids in one of them, or too many.
    """
    if list_ids is not None and contact_ids is not None:
        raise InvalidRequestError("an export takes either list ids or contact ids")
    if list_ids is not None:
        checked_ids("list_ids", list_ids, MAX_IDS)
    if contact_ids is not None:
        checked_ids("contact_ids", contact_ids, MAX_CONTACT_IDS)
    checked_filter("status", status)
    values = {"list_ids": list_ids, "contact_ids": contact_ids, "status": status, "fields": fields}
    body = encode({name: value for name, value in values.items() if value})
    return Request("POST", "/activities/contact_exports", "", body, JSON)


async def save_file(session: Session, activity: Activity, file: BinaryIO) -> None:
    """Write the file of the completed export *activity* to *file*, piece by piece.

    The link in the activity is tried first, and then the path of the API's contract: in the
    contract's own example the two differ.

    Raises:
        NotFoundError: Neither place has the file.
        UnexpectedResponseError: The activity has no link, or the answer is not a file.
    """
    if activity.results_href is None:
        raise UnexpectedResponseError(200, "an export without a link to its file")
    linked = follow(activity.results_href)
    declared = path_of("contact_exports", linked.path.rpartition("/")[2])
    try:
        await _save(session, linked, file)
    except NotFoundError:
        if linked.path == declared:
            raise
        await _save(session, Request("GET", declared), file)


async def _save(session: Session, request: Request, file: BinaryIO) -> None:
    sink = _FileSink(file)
    request = attrs.evolve(request, accept="text/csv", sink=sink)
    await session.send(request, partial(_read_file, sink=sink))


@attrs.frozen(eq=False, repr=False)
class _FileSink:
    """Writes a body to a file, from its beginning."""

    _file: BinaryIO

    def begin(self) -> None:
        self._file.seek(0)
        self._file.truncate()

    def write(self, piece: bytes) -> None:
        self._file.write(piece)


def _read_file(reply: Reply, sink: _FileSink) -> None:
    if not reply.is_success:
        raise read_error(reply)
    media_type = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type in ("text/html", JSON):
        raise UnexpectedResponseError(reply.status, f"{media_type} instead of a file")
    if reply.body:  # the transport does not support sinks
        sink.begin()
        sink.write(reply.body)
