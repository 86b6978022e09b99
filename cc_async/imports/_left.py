"""Who left a list: known only from exports, and never for sure.

The service shows who is on a list, not who was. Two exports tell more. It makes one of a list's
contacts with the status `removed`, a word that its guide has and nobody explains: it may hold
everybody who left, or those alone who were deleted. And somebody may have exported the list at an
earlier time: whoever is in that file and not on the list any more has left it, or was taken off.

Whoever is on all of the lists now has left none, whatever an export says.
"""

from __future__ import annotations

import csv
from pathlib import Path

import anyio.lowlevel
import attrs

from cc_async.errors import (
    BadRequestError,
    InputError,
    InvalidRequestError,
    NotFoundError,
    UnexpectedResponseError,
)
from cc_async.imports._report import LeftLists
from cc_async.imports.verification._export_file import read_export
from cc_async.imports.verification._members import export_people, read_members
from cc_async.imports.verification._membership_index import Roster
from cc_async.session import Session

_BY_EXPORT, _BY_FILE = 0, 1
_REASONS = {
    _BY_EXPORT: "left-list: the service exports it as removed from the list",
    _BY_FILE: "left-list: on the list in the earlier export, and not now",
}


def check_left(is_wanted: bool, lists: int, earlier: Path | None) -> None:
    """Refuse an earlier export that nothing could be made of.

    Raises:
        InvalidRequestError: It was not asked who left, or it may be of several lists.
    """
    if earlier is not None and not is_wanted:
        raise InvalidRequestError(
            "an earlier export tells who left the list, but they are not to be left out",
            "Say protect=['left-list'] (on the command line: --protect left-list) too.",
        )
    if earlier is not None and lists != 1:
        raise InvalidRequestError(
            "an earlier export cannot say which of several lists somebody was on",
            "Import into one list at a time, each with the earlier export of that list.",
        )


@attrs.define
class Former:
    """Answers who left the lists that an import puts people on; each set of lists is read once.

    *list_ids* are the lists of those who name none of their own; *earlier* is an export of the
    one that it is. *found* is what is to be told of it afterwards.
    """

    _session: Session
    _list_ids: tuple[str, ...]
    _earlier: Path | None
    found: LeftLists | None = None
    _known: dict[tuple[str, ...], Roster] = attrs.field(factory=dict)

    async def reason_to_spare(self, identity: str, list_ids: tuple[str, ...]) -> str | None:
        """Return why somebody must be left alone who is to go to *list_ids*, or `None`."""
        list_ids = list_ids or self._list_ids
        if not list_ids:
            return None
        roster = self._known.get(list_ids)
        if roster is None:
            roster = self._known[list_ids] = await self._read(list_ids)
        source = roster.group_of(identity)
        return None if source is None or roster.sighting(identity)[0] else _REASONS[source]

    async def _read(self, list_ids: tuple[str, ...]) -> Roster:
        roster = Roster([range(len(list_ids))] * 2)
        removed = await self._read_removed(roster, list_ids)
        earlier = None
        if self._earlier is not None and list_ids == self._list_ids:
            earlier = await self._read_earlier(roster, self._earlier)
        if removed is None and earlier is None:
            raise _unknown()
        before = self.found or LeftLists(0, None)
        self.found = LeftLists(
            None if removed is None or before.removed is None else before.removed + removed,
            before.earlier if earlier is None else earlier,
        )
        for _ in roster.seal():
            await anyio.lowlevel.checkpoint()
        if removed or earlier:
            await self._see_members(roster, list_ids)
        return roster

    async def _read_removed(self, roster: Roster, list_ids: tuple[str, ...]) -> int | None:
        """Take in whom the service exports as removed; return how many, if it does."""
        people = 0

        def note(identity: str, updated: int) -> None:
            nonlocal people
            people += 1
            roster.add(identity, _BY_EXPORT)

        try:
            found = await export_people(self._session, list_ids, note, status="removed")
        except (BadRequestError, NotFoundError, UnexpectedResponseError, ValueError, csv.Error):
            return None
        return None if found is None else people

    async def _read_earlier(self, roster: Roster, path: Path) -> int:
        """Take in who is in the file; return how many."""
        people = 0
        try:
            with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
                for batch in read_export(file):
                    for identity, _ in batch:
                        roster.add(identity, _BY_FILE)
                    people += len(batch)
                    await anyio.lowlevel.checkpoint()
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise InputError(
                f"the earlier export cannot be read: {reason}", "Name a file that can.", str(path)
            ) from None
        except (ValueError, csv.Error):
            raise InputError(
                "the earlier export is no CSV with a column for the address",
                "Its first line should hold a heading such as `Email address`.",
                str(path),
            ) from None
        return people

    async def _see_members(self, roster: Roster, list_ids: tuple[str, ...]) -> None:
        for number, list_id in enumerate(list_ids):

            def note(identity: str, updated: int, number: int = number) -> None:
                roster.note(identity, number, updated)

            await read_members(self._session, list_id, note, expected=0, has_numbers=False)


def _unknown() -> InvalidRequestError:
    return InvalidRequestError(
        "who left the lists cannot be known: the service makes no export of removed contacts",
        "Hand over an export of the list that you made earlier, with left_list_from= (on the "
        "command line: --left-list-from), or leave left-list out. Nothing was sent.",
    )
