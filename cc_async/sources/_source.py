"""What a source is, and what it hands over: rows and rejections, one by one or in batches."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Literal, Protocol

import attrs

from cc_async.models import ContactList, CustomField

Cell = Any
"""What a cleaned cell holds: text, a number, a pair of numbers, list ids or a point in time."""


Target = Literal["import", "sign_up"]
"""The use of rows."""


@attrs.frozen
class Row:
    """One contact, read and checked, ready to be encoded.

    *line* is where it starts, counted from 1 with the heading as line 1; for iterables it is
    the number of the item, from 1. *identity* is what makes two rows the same contact: the
    address without surrounding blanks in lower case, or `sms:` and the digits where a row has
    only a number for text messages.

    *values* maps the API's column names to what should be sent; blank ones are left out. The
    address keeps its letter case, `birthday_month` and `birthday_day` are numbers, dates are
    `YYYY-MM-DD`, line breaks have become blanks. *lists* are ids of the row's own lists, sorted,
    each once; empty means the import's lists.
    """

    line: int
    identity: str = attrs.field(repr=False)
    values: dict[str, str | int] = attrs.field(repr=False)
    lists: tuple[str, ...] = ()
    consented_at: dt.datetime | None = None


@attrs.frozen
class Rejection:
    """A row that was set aside: where, why and what to do, in plain words without an address.

    *column* is the heading as the source spells it; *record* holds the cells as they were read,
    in the order of the source's header.
    """

    line: int
    column: str
    reason: str
    record: tuple[str, ...] = attrs.field(default=(), repr=False)


@attrs.frozen(hash=False)
class Rules:
    """What rows are checked against: the use they are meant for, and the account.

    The limits are the smallest the sources of the API agree on (in characters, and
    custom fields a contact); `None` lifts one.
    """

    target: Target = "import"
    custom_fields: tuple[CustomField, ...] = ()
    lists: tuple[ContactList, ...] = ()
    max_email: int | None = 50
    max_phone: int | None = 25
    max_custom_fields: int | None = 25


@attrs.frozen(eq=False)
class Batch:
    """Contacts in the order of their source, as columns: encoding them needs no row objects.

    All sequences have one place for each contact. *cells* maps the API's columns to what is sent;
    a blank cell is empty text, or 0 in the halves of a birthday. *lists* and *consented_at* are
    `None` where the source has no such column. *rejections* are those set aside, by their place;
    what the sequences hold in those places means nothing.
    """

    lines: Sequence[int]
    identities: Sequence[str] = attrs.field(repr=False)
    cells: Mapping[str, Sequence[Cell]] = attrs.field(repr=False)
    lists: Sequence[tuple[str, ...]] | None = None
    consented_at: Sequence[dt.datetime | None] | None = None
    rejections: Mapping[int, Rejection] = attrs.field(factory=dict)

    def __len__(self) -> int:
        return len(self.lines)

    def contacts(self) -> list[Row | Rejection]:
        """Return the contacts one by one."""
        values = self._values()
        rows: list[Row]
        if self.lists is None and self.consented_at is None:
            rows = list(map(Row, self.lines, self.identities, values))
        else:
            lists = self.lists or [()] * len(self)
            moments = self.consented_at or [None] * len(self)
            rows = list(map(Row, self.lines, self.identities, values, lists, moments))
        if not self.rejections:
            return list(rows)
        return [self.rejections.get(place, row) for place, row in enumerate(rows)]

    def _values(self) -> list[dict[str, str | int]]:
        names = tuple(self.cells)
        if not names:
            return [{} for _ in self.lines]
        return [
            {name: cell for name, cell in zip(names, row, strict=False) if cell}
            for row in zip(*self.cells.values(), strict=True)
        ]


class Source(Protocol):
    """Contacts on their way in, from a file or from a program.

    *name* is what people know it by. A source that *is_rereadable* yields the same on every
    `read`. One that *can_read_ahead*, a file or a list, can be read ahead of what is needed: nobody
    is kept waiting, and nothing is used up. *header* holds the headings as the source spells
    them, and *columns* the API's names for them, in order of first appearance: complete for CSV
    as soon as the heading is read, for JSON and iterables when all of it is.
    """

    @property
    def name(self) -> str: ...

    @property
    def is_rereadable(self) -> bool: ...

    @property
    def can_read_ahead(self) -> bool: ...

    @property
    def header(self) -> tuple[str, ...]: ...

    @property
    def columns(self) -> tuple[str, ...]: ...

    async def needs_custom_fields(self, rules: Rules) -> bool:
        """Whether the account's custom fields have to be known before this can be read.

        *rules* are those it will be read with, without the fields. Asked before reading.
        """
        ...

    def read(
        self, rules: Rules, *, max_rows: int = 500
    ) -> AsyncGenerator[list[Row | Rejection], None]:
        """Yield every contact, checked or set aside, in order, at most *max_rows* at a time.

        A list is worked out in one go, and other tasks get their turn before the next one (lists
        of a few rows share a turn), so *max_rows* also bounds how long the loop is held. From
        iterables no more than the items of one list are taken ahead.

        Raises:
            InputError: The source cannot be read as contacts, or names a column that neither
                the API nor the account has. It says where, and what to do.
        """
        ...

    def read_batches(self, rules: Rules, *, max_rows: int = 500) -> AsyncGenerator[Batch, None]:
        """Yield what `read` yields, in columns: for whoever encodes many contacts at once."""
        ...
