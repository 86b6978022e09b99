"""Who is on a list now: from an export, or page by page, whichever costs fewer requests.

A page shows 500 people, with dates to the second. An export shows all of them for a handful of
requests, but nobody without an address, and its dates may be of a kind that cannot be trusted.
"""

from __future__ import annotations

import csv
import io
import math
import tempfile
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

import anyio
import anyio.lowlevel
import attrs

from cc_async.errors import ApiError, StoreError, UnexpectedResponseError
from cc_async.imports._chunk import VerifiedBy
from cc_async.imports._polling import wait_before_look
from cc_async.imports.verification._export_file import ADDRESS_FIELD, UPDATED_FIELD, read_export
from cc_async.limits import Lane
from cc_async.resources import Activities, iter_pages
from cc_async.session import Session
from cc_async.wire import Request, make_query, read_time

Note = Callable[[str, int], None]
"""Takes an identity and when it was updated, in seconds since the epoch; 0 if nobody knows."""

_PAGE = 500
_EXPORT_COST = 8
"""Requests that an export takes: to ask for it, to look after it some times, to fetch it."""

_SOONEST, _A_SECOND, _GROWTH = 1.0, 100_000, 2.0
"""An export that has just begun says little of when it ends: wait no longer than twice its age,
but a second for every 100,000 people at least; a look that comes too early is a request lost."""

_PATIENCE = 3_600.0
"""Seconds after which an export that has not ended is no longer waited for."""


@attrs.frozen
class Membership:
    """How a list was read, and whether every date on it could be."""

    by: VerifiedBy
    has_dates: bool


def is_export_cheaper(contacts: int) -> bool:
    """Whether an export of a list of *contacts* costs fewer requests than its pages."""
    return math.ceil(contacts / _PAGE) > _EXPORT_COST


def requests_to_read_back(contacts: int) -> int:
    """Return about how many requests it takes to see which of *contacts* are on their list."""
    return min(math.ceil(contacts / _PAGE), _EXPORT_COST)


async def read_members(
    session: Session, list_id: str, note: Note, *, expected: int, has_numbers: bool
) -> Membership:
    """Hand everyone on a list to *note*.

    *expected* is how many are there at least, if all went well; *has_numbers* says that people
    without an address, whom an export cannot show, have to be found too.
    """
    if has_numbers or not is_export_cheaper(expected):
        found = await _read_pages(session, list_id, note, is_all=has_numbers)
        if found is not None:
            return found
    exported = await _read_export(session, list_id, note, expected)
    if exported is not None:
        return exported
    paged = await _read_pages(session, list_id, note, is_all=True)
    assert paged is not None  # noqa: S101 - all pages were asked for
    return paged


async def _read_pages(
    session: Session, list_id: str, note: Note, *, is_all: bool
) -> Membership | None:
    """Read page after page; nothing is returned where an export of the rest is cheaper."""
    query = make_query({"status": "all", "lists": list_id, "include_count": True, "limit": _PAGE})
    request = Request("GET", "/contacts", query)
    is_first = True
    async for page in iter_pages(session, request, "contacts", dict, count_key="contacts_count"):
        if is_first and not is_all and is_export_cheaper((page.total or 0) - _PAGE):
            return None
        is_first = False
        for contact in page.items:
            _note_contact(contact, note)
    return Membership("pages", has_dates=True)


def _note_contact(contact: Mapping[str, Any], note: Note) -> None:
    """Note a contact as it came; making values of a whole page would hold the loop."""
    updated = contact.get("updated_at")
    seconds = int(read_time(updated).timestamp()) if updated else 0
    if address := (contact.get("email_address") or {}).get("address"):
        note(str(address).strip().lower(), seconds)
    channel = contact.get("sms_channel") or {}
    if number := channel.get("full_sms_address") or channel.get("sms_address"):
        note(f"sms:{str(number)[-10:]}", seconds)


async def _read_export(
    session: Session, list_id: str, note: Note, expected: int
) -> Membership | None:
    """Read an export; nothing is returned where there is none that can be read."""
    try:
        return await _export_people(session, list_id, note, expected=expected)
    except (ApiError, UnexpectedResponseError, ValueError, csv.Error):
        return None


async def _export_people(
    session: Session, list_id: str, note: Note, *, expected: int
) -> Membership | None:
    """Call *note* for each person in an export of the list; return `None` if the export failed.

    Raises:
        ApiError, UnexpectedResponseError: The service does not make or send the export.
        ValueError, csv.Error: The export cannot be read.
    """
    try:
        with tempfile.TemporaryFile() as file:
            soonest = max(_SOONEST, expected / _A_SECOND)
            if not await _fetch(session, list_id, file, soonest):
                return None
            return await _read_file(file, note)
    except OSError as error:
        raise StoreError(
            f"the exported list cannot be put aside: {error.strerror or error}",
            "Make room where temporary files go, or name another folder in TMPDIR.",
        ) from error


async def _fetch(session: Session, list_id: str, file: BinaryIO, soonest: float) -> bool:
    """Export the list into *file*; return whether that succeeded."""
    activities = Activities(session.on_lane(Lane.BULK))
    watching = Activities(session.on_lane(Lane.POLLING))
    activity = await activities.submit_export(
        list_ids=[list_id], fields=[ADDRESS_FIELD, UPDATED_FIELD]
    )
    started = anyio.current_time()
    while not activity.is_terminal:
        age = anyio.current_time() - started
        if age > _PATIENCE:
            return False
        wait = wait_before_look([(age, activity.percent_done)])
        await anyio.sleep(max(soonest - age, min(wait, max(_SOONEST, _GROWTH * age))))
        activity = await watching.get(activity.activity_id)
    if activity.state != "completed":
        return False
    await activities.save_export(activity, file)
    return True


async def _read_file(file: BinaryIO, note: Note) -> Membership:
    file.seek(0)
    text = io.TextIOWrapper(file, "utf-8-sig", errors="replace", newline="")
    has_dates = True
    try:
        for batch in read_export(text):
            for address, updated in batch:
                note(address, updated)
                has_dates = has_dates and updated > 0
            await anyio.lowlevel.checkpoint()
    finally:
        text.detach()
    return Membership("export", has_dates)
