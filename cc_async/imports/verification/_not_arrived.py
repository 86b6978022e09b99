"""Contacts that were sent and did not arrive: named, and written to a file to be corrected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, TypeAlias

import attrs

from cc_async.sources import Rejection, RejectsWriter

NotArrivedStatus: TypeAlias = Literal["missing", "not_changed"]

_NAMED = 1000
"""Contacts that a report names, as many as rejected rows; the file holds all of them."""

_REASONS: Mapping[NotArrivedStatus, str] = {
    "missing": "missing: sent, but not on the lists afterwards",
    "not_changed": "not changed: on the lists, but not changed since it was sent",
}


@attrs.frozen
class NotArrived:
    """A contact that was sent and is *missing*, or is on the lists but *not_changed* since.

    *line* is the first line of its row in the source. *values* is the data that was sent; only the
    process that read the lists back knows it, and it is never stored.
    """

    line: int
    status: NotArrivedStatus
    values: Mapping[str, str | int] = attrs.field(factory=dict, repr=False)
    list_ids: tuple[str, ...] = ()

    @property
    def email_address(self) -> str:
        """The address as it was sent; empty where there was none, or where it is not known."""
        return str(self.values.get("email", ""))


@attrs.frozen(eq=False, repr=False)
class NotArrivedWriter:
    """Takes contacts that did not arrive: names the first thousand, and writes all to a file."""

    named: list[NotArrived]
    _columns: Sequence[str]
    _rows: RejectsWriter | None

    def write(self, contact: NotArrived) -> bool:
        """Take one contact; return whether it is among the named."""
        is_named = len(self.named) < _NAMED
        if is_named:
            self.named.append(contact)
        if self._rows is not None:
            values = {**contact.values, "lists": ";".join(contact.list_ids)}
            record = tuple(str(values.get(column, "")) for column in self._columns)
            self._rows.write(Rejection(contact.line, "", _REASONS[contact.status], record))
        return is_named


@contextmanager
def writing_not_arrived(path: Path | None, columns: Sequence[str]) -> Iterator[NotArrivedWriter]:
    """Open a writer with a file at *path* under *columns*; without a path it has no file.

    The file is as safe and as easy to correct and import again as a file of rejected rows.
    """
    if path is None:
        yield NotArrivedWriter([], columns, None)
        return
    with RejectsWriter(path, columns, option="missing") as rows:
        yield NotArrivedWriter([], columns, rows)
