"""The members of a list now: from an export or from its pages, whichever costs fewer requests.

A page shows 500 contacts, with dates to the second:
https://developer.constantcontact.com/api_guide/contacts_get_collection.html

An export shows all of them for a handful of requests, but no contact without an address, and its
dates may be of a kind that cannot be trusted:
https://developer.constantcontact.com/api_guide/export_contacts.html
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
from cc_async.imports._scheduler import wait_before_look
from cc_async.imports.verification._export_file import ADDRESS_FIELD, UPDATED_FIELD, read_export
from cc_async.limits import Lane
from cc_async.resources import Activities, iter_pages
from cc_async.session import Session
from cc_async.wire import Request, make_query, read_time_or_none

AddMember = Callable[[str, int], None]
"""Takes an identity, and its last update in seconds since the epoch; 0 where that is not known."""

_PAGE = 500
"""Contacts on one page, the most that the service gives."""

_EXPORT_COST = 8
"""Requests of an export: one to ask for it, some looks at its activity, one to fetch the file."""

_EXPORT_PATIENCE = 60.0
"""Seconds without a usable answer after which pages are read instead of an export; they have the
patience of the job. A minute outlasts a short fault and costs little beside the pages."""

_SOONEST = 1.0
"""Seconds before the first look at an export: the shortest ones that were seen."""

_PER_SECOND = 100_000
"""Contacts that an export is taken to write in a second, at most: earlier looks are lost."""

_GROWTH = 2.0
"""A young export's percentage tells little, so the wait is at most twice its age."""

_PATIENCE = 3_600.0
"""Seconds after which an export is given up, and pages are read. Ours to choose: imports of a
million contacts end sooner."""


@attrs.frozen
class Membership:
    """How a list was read, and whether every date on it could be read.

    A list that *is_whole* showed as many members as the service counts on it.
    """

    by: VerifiedBy
    has_dates: bool
    is_whole: bool = True


def is_export_cheaper(contacts: int) -> bool:
    """Whether an export of a list of *contacts* costs fewer requests than its pages."""
    return math.ceil(contacts / _PAGE) > _EXPORT_COST


def requests_to_read_back(contacts: int) -> int:
    """Return about how many requests it takes to look for *contacts* on their list."""
    return min(math.ceil(contacts / _PAGE), _EXPORT_COST)


async def read_members(
    session: Session, list_id: str, add: AddMember, *, expected: int, has_numbers: bool
) -> Membership:
    """Call *add* for each member of a list.

    Args:
        session: For the requests.
        list_id: The list.
        add: Called with each member.
        expected: How many members there are at least, if all went well.
        has_numbers: Whether contacts without an address, which no export shows, are looked for.
    """
    if has_numbers or not is_export_cheaper(expected):
        found = await _read_all_pages(session, list_id, add, is_all=has_numbers)
        if found is not None:
            return found
    exported = await _try_export(session, list_id, add, expected)
    if exported is not None:
        return exported
    paged = await _read_all_pages(session, list_id, add, is_all=True)
    assert paged is not None  # noqa: S101 - all pages were asked for
    return paged


async def _read_all_pages(
    session: Session, list_id: str, add: AddMember, *, is_all: bool
) -> Membership | None:
    """Read page after page, once more if members lack: they may have changed meanwhile."""
    found = await _read_pages(session, list_id, add, is_all=is_all)
    if found is None or found.is_whole:
        return found
    return await _read_pages(session, list_id, add, is_all=True)


async def _read_pages(
    session: Session, list_id: str, add: AddMember, *, is_all: bool
) -> Membership | None:
    """Read page after page; return `None` where an export of the rest is cheaper."""
    query = make_query({"status": "all", "lists": list_id, "include_count": True, "limit": _PAGE})
    request = Request("GET", "/contacts", query)
    is_first, has_dates, total, people = True, True, 0, set[int]()
    async for page in iter_pages(session, request, "contacts", dict, count_key="contacts_count"):
        if is_first and not is_all and is_export_cheaper((page.total or 0) - _PAGE):
            return None
        is_first, total = False, max(total, page.total or 0)
        for contact in page.items:
            has_dates = _add_contact(contact, add) and has_dates
            people.add(hash(str(contact.get("contact_id") or contact.get("email_address"))))
    return Membership("pages", has_dates, is_whole=len(people) >= total)


def _add_contact(contact: Mapping[str, Any], add: AddMember) -> bool:
    """Add a contact as plain data, and return whether its date is readable.

    Making models of a whole page would hold the loop.
    """
    email, channel = contact.get("email_address") or {}, contact.get("sms_channel") or {}
    if not isinstance(email, Mapping) or not isinstance(channel, Mapping):
        raise UnexpectedResponseError(200, "members of a list in another form")
    text = contact.get("updated_at")
    updated = read_time_or_none(text) if text else None
    seconds = int(updated.timestamp()) if updated else 0
    if address := email.get("address"):
        add(str(address).strip().lower(), seconds)
    if number := channel.get("full_sms_address") or channel.get("sms_address"):
        add(f"sms:{str(number)[-10:]}", seconds)
    return updated is not None or not text


async def _try_export(
    session: Session, list_id: str, add: AddMember, expected: int
) -> Membership | None:
    """Read an export; return `None` where there is none that can be read."""
    try:
        return await _read_export(session, list_id, add, expected=expected)
    except (ApiError, UnexpectedResponseError, ValueError, csv.Error):
        return None


async def _read_export(
    session: Session, list_id: str, add: AddMember, *, expected: int
) -> Membership | None:
    """Call *add* for each contact in an export of the list; return `None` if the export failed.

    Raises:
        ApiError, UnexpectedResponseError: The service does not make or send the export.
        ValueError, csv.Error: The export cannot be read.
    """
    try:
        with tempfile.TemporaryFile() as file:
            soonest = max(_SOONEST, expected / _PER_SECOND)
            if not await _fetch(session, list_id, file, soonest):
                return None
            return await _read_export_file(file, add)
    except OSError as error:
        raise StoreError(
            f"the exported list cannot be written to disk: {error.strerror or error}",
            "Make room in the folder for temporary files, or name another one in TMPDIR.",
        ) from error


async def _fetch(session: Session, list_id: str, file: BinaryIO, soonest: float) -> bool:
    """Export the list into *file*; return whether that succeeded."""
    session = session.with_patience(_EXPORT_PATIENCE)
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


async def _read_export_file(file: BinaryIO, add: AddMember) -> Membership:
    file.seek(0)
    text = io.TextIOWrapper(file, "utf-8-sig", errors="replace", newline="")
    has_dates = True
    try:
        for batch in read_export(text):
            for address, updated in batch:
                add(address, updated)
                has_dates = has_dates and updated > 0
            await anyio.lowlevel.checkpoint()
    finally:
        text.detach()
    return Membership("export", has_dates)
