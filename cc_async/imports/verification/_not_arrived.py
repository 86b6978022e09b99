"""People who were sent and did not arrive: named, and written to be corrected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, TypeAlias

import attrs

from cc_async.sources import Rejection, RejectsWriter

Absence: TypeAlias = Literal["missing", "not_changed"]

NAMED = 1000
"""How many are named, beside the file that holds all."""

_REASONS: Mapping[Absence, str] = {
    "missing": "missing: sent, but not on the lists afterwards",
    "not_changed": "not changed: on the lists, but not changed since it was sent",
}


@attrs.frozen
class NotArrived:
    """Someone who was sent and is missing, or is there but was not changed (`not_changed`).

    *line* is where the row began in the input, *values* what was sent of it; that is known only
    to the process that looked, and stands in the file that was asked for.
    """

    line: int
    status: Absence
    values: Mapping[str, str | int] = attrs.field(factory=dict, repr=False)
    list_ids: tuple[str, ...] = ()

    @property
    def email_address(self) -> str:
        """The address as it was sent; nothing where there was only a number, or it was not kept."""
        return str(self.values.get("email", ""))


@attrs.frozen(eq=False, repr=False)
class Writing:
    """Takes who did not arrive: the first thousand to be named, and all into a file."""

    named: list[NotArrived]
    _columns: Sequence[str]
    _rows: RejectsWriter | None

    def take(self, person: NotArrived) -> bool:
        """Take one; return whether it is among those who are named."""
        is_named = len(self.named) < NAMED
        if is_named:
            self.named.append(person)
        if self._rows is not None:
            values = {**person.values, "lists": ";".join(person.list_ids)}
            record = tuple(str(values.get(column, "")) for column in self._columns)
            self._rows.write(Rejection(person.line, "", _REASONS[person.status], record))
        return is_named


@contextmanager
def writing(path: Path | None, columns: Sequence[str]) -> Iterator[Writing]:
    """Write into a file at *path*, under *columns*; without a path, into none.

    The file is as safe and as easy to correct and import again as one of rejected rows.
    """
    if path is None:
        yield Writing([], columns, None)
        return
    with RejectsWriter(path, columns) as rows:
        yield Writing([], columns, rows)
