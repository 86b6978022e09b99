"""All contacts of the account, with the indexes that keep every look-up short.

A record's *number* is its place in the order of creation and never changes, since contacts
are deleted softly. Pages run from the newest number down.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

import attrs

__all__ = [
    "AddressRecord",
    "ContactBook",
    "ContactRecord",
    "NoteRecord",
    "PhoneRecord",
    "SmsRecord",
    "matched",
]

FieldValue = str | tuple[str, ...]
NO_FIELDS: Mapping[str, FieldValue] = MappingProxyType({})


def matched(address: str) -> str:
    """Return the form in which addresses are compared: letter case and blanks do not count."""
    return address.strip().lower()


@attrs.frozen(eq=False)
class PhoneRecord:
    phone_id: str
    number: str
    kind: str
    created_at: float
    updated_at: float
    create_source: str | None
    update_source: str | None


@attrs.frozen(eq=False)
class AddressRecord:
    address_id: str
    kind: str
    street: str | None
    city: str | None
    state: str | None
    postal_code: str | None
    country: str | None
    created_at: float
    updated_at: float


@attrs.frozen(eq=False)
class NoteRecord:
    note_id: str
    content: str
    created_at: float


@attrs.frozen(eq=False)
class SmsRecord:
    """A number for text messages and what was allowed for it, newest consent last."""

    sms_id: str
    number: str
    dial_code: str
    country_code: str
    create_source: str
    update_source: str | None
    consents: tuple[Mapping[str, object], ...]
    history: tuple[Mapping[str, object], ...] = ()


@attrs.define(eq=False)
class ContactRecord:
    """One contact. Its sub-resources are immutable and replaced as a whole."""

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
    custom_fields: Mapping[str, FieldValue] = NO_FIELDS
    phones: tuple[PhoneRecord, ...] = ()
    addresses: tuple[AddressRecord, ...] = ()
    notes: tuple[NoteRecord, ...] = ()
    sms: SmsRecord | None = None

    @property
    def is_deleted(self) -> bool:
        return self.deleted_at is not None


class ContactBook:
    """Contacts by id, by address, by text-message number, by list and by tag."""

    def __init__(self) -> None:
        self._all: list[ContactRecord] = []
        self._by_id: dict[str, ContactRecord] = {}
        self._by_address: dict[str, ContactRecord] = {}
        self._by_sms: dict[str, ContactRecord] = {}
        self._members: dict[str, dict[int, ContactRecord]] = {}
        self._tagged: dict[str, dict[int, ContactRecord]] = {}

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[ContactRecord]:
        return iter(self._all)

    def add(self, record: ContactRecord) -> None:
        """Take *record* in under its id and address; lists and tags are joined after."""
        record.number = len(self._all)
        self._all.append(record)
        self._by_id[record.contact_id] = record
        if record.address is not None:
            self._by_address[matched(record.address)] = record
        if record.sms is not None:
            self._by_sms[record.sms.dial_code + record.sms.number] = record

    def get(self, contact_id: str) -> ContactRecord | None:
        return self._by_id.get(contact_id)

    def find(self, address: str) -> ContactRecord | None:
        """Return the contact with *address*, deleted or not."""
        return self._by_address.get(matched(address))

    def find_sms(self, full_number: str) -> ContactRecord | None:
        """Return the contact with this text-message number, dial code included."""
        return self._by_sms.get(full_number)

    def set_address(self, record: ContactRecord, address: str) -> None:
        if record.address is not None:
            self._by_address.pop(matched(record.address), None)
        record.address = address
        self._by_address[matched(address)] = record

    def set_sms(self, record: ContactRecord, sms: SmsRecord | None) -> None:
        if record.sms is not None:
            self._by_sms.pop(record.sms.dial_code + record.sms.number, None)
        record.sms = sms
        if sms is not None:
            self._by_sms[sms.dial_code + sms.number] = record

    def set_lists(self, record: ContactRecord, list_ids: tuple[str, ...]) -> None:
        """Put *record* on exactly these lists."""
        for list_id in record.lists:
            if list_id not in list_ids:
                self._members[list_id].pop(record.number, None)
        for list_id in list_ids:
            self._members.setdefault(list_id, {})[record.number] = record
        record.lists = list_ids

    def join(self, record: ContactRecord, list_ids: tuple[str, ...]) -> None:
        """Put *record* on these lists beside the ones it is on."""
        if not record.lists:
            self.set_lists(record, list_ids)
        elif new := tuple(one for one in list_ids if one not in record.lists):
            self.set_lists(record, record.lists + new)

    def leave(self, record: ContactRecord, list_ids: Iterable[str]) -> None:
        """Take *record* off these lists."""
        gone = set(list_ids)
        self.set_lists(record, tuple(one for one in record.lists if one not in gone))

    def set_tags(self, record: ContactRecord, tag_ids: tuple[str, ...]) -> None:
        """Give *record* exactly these tags."""
        for tag_id in record.tags:
            if tag_id not in tag_ids:
                self._tagged[tag_id].pop(record.number, None)
        for tag_id in tag_ids:
            self._tagged.setdefault(tag_id, {})[record.number] = record
        record.tags = tag_ids

    def members(self, list_id: str) -> Mapping[int, ContactRecord]:
        """Return who is on a list, by number."""
        return self._members.get(list_id, {})

    def tagged(self, tag_id: str) -> Mapping[int, ContactRecord]:
        """Return who has a tag, by number."""
        return self._tagged.get(tag_id, {})

    def newest_first(self, start: int | None = None) -> Iterator[ContactRecord]:
        """Yield all contacts from number *start* down, or from the newest."""
        first = len(self._all) - 1 if start is None else start
        for number in range(first, -1, -1):
            yield self._all[number]

    def pick(self, numbers: Iterable[int], start: int | None = None) -> Iterator[ContactRecord]:
        """Yield the contacts of *numbers* in the order of `newest_first`."""
        for number in sorted(numbers, reverse=True):
            if start is None or number <= start:
                yield self._all[number]
