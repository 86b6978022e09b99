"""A source of contacts, and the rows, rejections and batches that it yields."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Any, Literal, Protocol

import attrs

from cc_async.models import ContactList, CustomField

Cell = Any
"""The value of a cleaned cell: text, a number, a pair of numbers, list ids or a moment."""

Target = Literal["import", "sign_up"]
"""The use that rows are meant for."""


@attrs.frozen
class Row:
    """One contact, read and checked, ready to be encoded.

    Args:
        line:
            The line on which it starts; the heading is line 1. In an iterable, the number of
            the item, from 1.
        identity:
            Two rows with the same identity are the same contact: the address in lower case, or
            `sms:` and the digits of a row that has only a number for text messages.
        values:
            The values to be sent, by the API's column names, without blank ones. The address keeps
            its letter case, `birthday_month` and `birthday_day` are numbers, dates are
            `YYYY-MM-DD`, and blanks replace line breaks.
        lists:
            The ids of the row's own lists, sorted, each once. Empty means the lists of the import
            or sign-up.
        consented_at: The moment of the contact's consent, as the source gives it.
    """

    line: int
    identity: str = attrs.field(repr=False)
    values: dict[str, str | int] = attrs.field(repr=False)
    lists: tuple[str, ...] = ()
    consented_at: dt.datetime | None = None


_LONGEST_COLUMN = 200
"""Characters of a heading in a rejection: enough to find it. A thousand rejections are kept in reports
and journals, and a heading may have any length."""


def _cut(column: str) -> str:
    return column if len(column) <= _LONGEST_COLUMN else column[: _LONGEST_COLUMN - 1] + "…"


@attrs.frozen
class Rejection:
    """A row that cannot be sent.

    Args:
        line: As for `Row`.
        column: The heading at fault, in the source's spelling, cut after 200 characters; empty if
            the whole row is.
        reason: The fault and the remedy, in plain words without an address.
        record: The cells as they were read, in the order of the source's header.
    """

    line: int
    column: str = attrs.field(converter=_cut)
    reason: str
    record: tuple[str, ...] = attrs.field(default=(), repr=False)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@attrs.frozen(hash=False)
class Rules:
    """The rules that rows are checked against: their use, the account, and the API's limits.

    Args:
        target: The use of the rows.
        custom_fields: The account's custom fields.
        lists: The account's lists.
        max_email:
            Characters of an address. Like the other limits it is the smallest number in the
            API's pages, and `None` lifts it.
        max_phone: Characters of a phone number.
        max_custom_fields: Custom fields of one contact; by default 50 in a sign-up and 25 in an
            import. https://developer.constantcontact.com/api_guide/contacts_create_or_update.html
        needs_sms_consent: Refuse numbers for text messages without the date of the consent; an
            import with an explicit permission for them needs it in each row.
            https://developer.constantcontact.com/api_guide/import_contacts.html
        clock: Returns the time; a consent cannot be later than the check of its row. A reading may
            take days where a program gives the contacts.
    """

    target: Target = "import"
    custom_fields: tuple[CustomField, ...] = ()
    lists: tuple[ContactList, ...] = ()
    max_email: int | None = 50
    max_phone: int | None = 25
    max_custom_fields: int | None = attrs.field()
    needs_sms_consent: bool = False
    clock: Callable[[], dt.datetime] = _now

    @max_custom_fields.default
    def _default_custom_fields(self) -> int:
        return 50 if self.target == "sign_up" else 25


@attrs.frozen(eq=False)
class Batch:
    """Contacts in the order of their source, as columns; encoding columns needs no row objects.

    All sequences have the same length, and one place in them belongs to one contact.

    Args:
        lines: As `Row.line`.
        identities: As `Row.identity`.
        cells:
            The cells to be sent, by the API's column names. A blank cell is empty text, or 0 in
            the halves of a birthday.
        lists: As `Row.lists`; `None` if the source has no such column.
        consented_at: As `Row.consented_at`; `None` if the source has no such column.
        rejections: The rejected contacts by their place. Their cells are without meaning.
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
    """Contacts on their way in, from a file or from a program."""

    @property
    def name(self) -> str:
        """The name of the source in messages."""
        ...

    @property
    def is_rereadable(self) -> bool:
        """Whether every `read` yields the same contacts."""
        ...

    @property
    def can_read_ahead(self) -> bool:
        """Whether it can be read ahead of need, as a file or a list: that uses up nothing."""
        ...

    @property
    def header(self) -> tuple[str, ...]:
        """The headings in the source's spelling, in order of first appearance.

        A CSV file has all of them as soon as its heading is read. JSON and iterables have all of
        them at their end.
        """
        ...

    @property
    def columns(self) -> tuple[str, ...]:
        """The API's names of the columns, complete as soon as *header* is."""
        ...

    async def needs_custom_fields(self, rules: Rules) -> bool:
        """Whether the account's custom fields must be known before this is read.

        Ask before reading, with the *rules* of the reading but without the fields.
        """
        ...

    def read(
        self, rules: Rules, *, max_rows: int = 500
    ) -> AsyncGenerator[list[Row | Rejection], None]:
        """Yield every contact, checked, in order, at most *max_rows* at a time.

        The loop is held while one list is made, so *max_rows* bounds that time as well. Other
        tasks run between lists; lists of a few rows share a turn. From iterables no more than the
        items of one list are taken ahead.

        Raises:
            InputError: The source cannot be read as contacts, or names a column that neither
                the API nor the account has. The error names the place and the remedy.
        """
        ...

    def read_batches(self, rules: Rules, *, max_rows: int = 500) -> AsyncGenerator[Batch, None]:
        """Yield the same contacts as `read`, in columns: to encode many of them at once."""
        ...
