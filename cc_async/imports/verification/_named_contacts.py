"""Contacts that verification names, and the file in which they are written to be corrected."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal, TypeAlias

import attrs

from cc_async.sources import Rejection, RejectsWriter

VerifiedStatus: TypeAlias = Literal["missing", "not_changed", "kept_off"]

_NAMED = 1000
"""Contacts of each status that a report names, as many as rejected rows."""

_REASONS: Mapping[VerifiedStatus, str] = {
    "missing": "missing: sent, but not on the lists afterwards",
    "not_changed": "not changed: on the lists, but not changed since it was sent",
    "kept_off": "kept off: not on the lists, because the contact unsubscribed",
}


@attrs.frozen
class NamedContact:
    """A contact that was sent, and named after the lists were read back.

    A *missing* contact is not on its lists; a *kept_off* one is not because it unsubscribed; a
    *not_changed* one is on its lists, but was not changed since it was sent.

    *line* is the first line of its row in the source. *values* is the data that was sent; only the
    process that read the lists back knows it, and it is never stored.
    """

    line: int
    status: VerifiedStatus
    values: Mapping[str, str | int] = attrs.field(factory=dict, repr=False)
    list_ids: tuple[str, ...] = ()

    @property
    def email_address(self) -> str:
        """The address as it was sent; empty where there was none, or where it is not known."""
        return str(self.values.get("email", ""))


@attrs.frozen(eq=False, repr=False)
class ContactNamer:
    """Names the first thousand contacts of each status, and writes contacts to a file."""

    named: dict[VerifiedStatus, list[NamedContact]]
    _columns: Sequence[str]
    _rows: RejectsWriter | None

    def name(self, contact: NamedContact) -> bool:
        """Name one contact, unless there are too many; return whether it was named."""
        named = self.named.setdefault(contact.status, [])
        if len(named) >= _NAMED:
            return False
        named.append(contact)
        return True

    def write(self, contact: NamedContact) -> None:
        """Write one contact to the file, if there is one."""
        if self._rows is not None:
            values = {**contact.values, "lists": ";".join(contact.list_ids)}
            record = tuple(str(values.get(column, "")) for column in self._columns)
            self._rows.write(Rejection(contact.line, "", _REASONS[contact.status], record))


@asynccontextmanager
async def naming_contacts(path: Path | None, columns: Sequence[str]) -> AsyncIterator[ContactNamer]:
    """Open a namer with a file at *path* under *columns*; without a path it has no file.

    The file is as safe and as easy to correct and import again as a file of rejected rows.
    """
    if path is None:
        yield ContactNamer({}, columns, None)
        return
    async with RejectsWriter(path, columns, option="missing") as rows:
        yield ContactNamer({}, columns, rows)
