"""One contact: as a record to read and change, and as a row at rest.

A row is a plain tuple of texts and numbers. The garbage collector passes such tuples over, so that
100,000 contacts do not stop the event loop during a collection.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, NamedTuple

import attrs

MAX_LISTS_PER_CONTACT = 50
"""Lists of one contact: https://v3.developer.constantcontact.com/api_guide/lists_overview.html"""

MAX_TAGS_PER_CONTACT = 50
"""Tags of one contact: https://developer.constantcontact.com/api_guide/tags_get.html"""

FieldValue = str | tuple[str, ...]
ContactRow = tuple[Any, ...]


def address_key(address: str) -> str:
    """Return *address* in the form for comparisons: letter case and blanks do not count."""
    return address.strip().lower()


class PhoneRecord(NamedTuple):
    phone_id: str
    number: str
    kind: str
    created_at: float
    updated_at: float
    create_source: str | None
    update_source: str | None


class AddressRecord(NamedTuple):
    address_id: str
    kind: str
    street: str | None
    city: str | None
    state: str | None
    postal_code: str | None
    country: str | None
    created_at: float
    updated_at: float


class NoteRecord(NamedTuple):
    note_id: str
    content: str
    created_at: float


@attrs.frozen(eq=False)
class SmsRecord:
    """A number for text messages with its consents, newest consent last."""

    sms_id: str
    number: str
    dial_code: str
    country_code: str
    create_source: str
    update_source: str | None
    consents: tuple[Mapping[str, Any], ...]
    history: tuple[Mapping[str, Any], ...] = ()

    @property
    def full_number(self) -> str:
        return self.dial_code + self.number


@attrs.define(eq=False)
class ContactRecord:
    """One contact, loaded. Its sub-resources are immutable and replaced as a whole.

    *number* is the contact's place in the order of creation. It never changes, since contacts are
    deleted softly.
    """

    contact_id: str
    created_at: float
    create_source: str
    number: int = -1
    updated_at: float = 0.0
    update_source: str | None = None
    deleted_at: float | None = None
    address: str | None = None
    address_created_at: float = 0.0
    address_updated_at: float = 0.0
    permission: str = "implicit"
    opt_in_source: str = "Account"
    opt_in_at: float | None = None
    opt_out_source: str | None = None
    opt_out_at: float | None = None
    opt_out_reason: str | None = None
    confirm_status: str = "off"
    is_resubscribe_sent: bool = False
    first_name: str | None = None
    last_name: str | None = None
    job_title: str | None = None
    company_name: str | None = None
    birthday_month: int | None = None
    birthday_day: int | None = None
    anniversary: str | None = None
    lists: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    custom_fields: tuple[tuple[str, FieldValue], ...] = ()
    sms: SmsRecord | None = None
    phones: tuple[PhoneRecord, ...] = ()
    addresses: tuple[AddressRecord, ...] = ()
    notes: tuple[NoteRecord, ...] = ()

    @property
    def is_deleted(self) -> bool:
        return self.deleted_at is not None


COLUMNS_OF_ROW = tuple(field.name for field in attrs.fields(ContactRecord))
"""Names of a row's values, in their order."""

_values: Callable[[ContactRecord], ContactRow] = attrgetter(*COLUMNS_OF_ROW)
_NESTED = 3
"""The last three values of a row hold tuples with names, to be made plain: phones to notes."""


def column_index(name: str) -> int:
    """Return the place of a property in a row."""
    return COLUMNS_OF_ROW.index(name)


def pack_record(record: ContactRecord) -> ContactRow:
    """Return *record* as a row."""
    row = _values(record)
    if record.phones or record.addresses or record.notes:
        nested = (tuple(map(tuple, part)) for part in row[-_NESTED:])
        row = (*row[:-_NESTED], *nested)
    return row


def unpack_row(row: ContactRow) -> ContactRecord:
    """Return the record that `pack_record` made a row of."""
    record = ContactRecord(*row)
    if record.phones or record.addresses or record.notes:
        record.phones = tuple(map(PhoneRecord._make, record.phones))
        record.addresses = tuple(map(AddressRecord._make, record.addresses))
        record.notes = tuple(map(NoteRecord._make, record.notes))
    return record
