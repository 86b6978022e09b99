"""What sources hand over, and what they check rows against."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import attrs

from cc_async.models import ContactList, CustomField


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

    target: Literal["import", "sign_up"] = "import"
    custom_fields: tuple[CustomField, ...] = ()
    lists: tuple[ContactList, ...] = ()
    max_email: int | None = 50
    max_phone: int | None = 25
    max_custom_fields: int | None = 25
