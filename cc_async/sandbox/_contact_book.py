"""All contacts of the account, with the indexes that keep every look-up short.

A contact's *number* is its place in the order of creation and never changes, since contacts
are deleted softly. Pages run from the newest number down.

At rest a contact is a plain tuple of texts and numbers, its *row*: the garbage collector passes
such tuples over, so that 100,000 contacts do not stop the event loop while it looks at them. To
read or change one, load it as a `ContactRecord`; to keep the change, save it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from operator import attrgetter
from typing import Any, NamedTuple

import attrs

MOST_LISTS = 50
"""How many lists one contact may be on."""

FieldValue = str | tuple[str, ...]
Row = tuple[Any, ...]
Index = dict[str, dict[int, None]]
"""Numbers by list or tag; a dict of numbers costs the garbage collector nothing, a set does."""


def matched(address: str) -> str:
    """Return the form in which addresses are compared: letter case and blanks do not count."""
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
    """A number for text messages and what was allowed for it, newest consent last."""

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
    custom_fields: tuple[tuple[str, FieldValue], ...] = ()
    sms: SmsRecord | None = None
    phones: tuple[PhoneRecord, ...] = ()
    addresses: tuple[AddressRecord, ...] = ()
    notes: tuple[NoteRecord, ...] = ()

    @property
    def is_deleted(self) -> bool:
        return self.deleted_at is not None


_NAMES = tuple(field.name for field in attrs.fields(ContactRecord))
_values: Callable[[ContactRecord], Row] = attrgetter(*_NAMES)
_NESTED = 3  # the last three hold tuples with names, which have to become plain ones


def at(name: str) -> int:
    """Return the place of a property in a row."""
    return _NAMES.index(name)


def column_names() -> tuple[str, ...]:
    """Return the names of a row's values, in their order."""
    return _NAMES


_DELETED_AT = at("deleted_at")


def _pack(record: ContactRecord) -> Row:
    row = _values(record)
    if record.phones or record.addresses or record.notes:
        nested = (tuple(map(tuple, part)) for part in row[-_NESTED:])
        row = (*row[:-_NESTED], *nested)
    return row


def _unpack(row: Row) -> ContactRecord:
    record = ContactRecord(*row)
    if record.phones or record.addresses or record.notes:
        record.phones = tuple(map(PhoneRecord._make, record.phones))
        record.addresses = tuple(map(AddressRecord._make, record.addresses))
        record.notes = tuple(map(NoteRecord._make, record.notes))
    return record


class ContactBook:
    """Contacts by id, by address, by text-message number, by list and by tag."""

    def __init__(self) -> None:
        self._rows: list[Row] = []
        self._by_id: dict[str, int] = {}
        self._by_address: dict[str, int] = {}
        self._by_sms: dict[str, int] = {}
        self._members: Index = {}
        self._tagged: Index = {}
        self.former: Index = {}
        """By list: who was on it and is not any more."""
        self.present: int = 0
        """How many are not deleted."""

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, record: ContactRecord) -> None:
        """Take *record* in under its id and address; lists, tags and numbers are set after."""
        record.number = len(self._rows)
        self._rows.append(_pack(record))
        self.present += not record.is_deleted
        self._by_id[record.contact_id] = record.number
        if record.address is not None:
            self._by_address[matched(record.address)] = record.number

    def save(self, record: ContactRecord) -> None:
        """Keep what was changed in *record*."""
        self.present -= self._rows[record.number][_DELETED_AT] is None
        self.present += not record.is_deleted
        self._rows[record.number] = _pack(record)

    def restore(self, row: Row) -> None:
        """Take a row in again that was kept somewhere else."""
        record = _unpack(row)
        lists, tags, sms = record.lists, record.tags, record.sms
        record.lists, record.tags, record.sms = (), (), None
        self.add(record)
        self.set_lists(record, lists)
        self.set_tags(record, tags)
        self.set_sms(record, sms)
        self.save(record)

    def load(self, number: int) -> ContactRecord:
        return _unpack(self._rows[number])

    def row(self, number: int) -> Row:
        return self._rows[number]

    def get(self, contact_id: str) -> ContactRecord | None:
        return self._loaded(self._by_id.get(contact_id))

    def find(self, address: str) -> ContactRecord | None:
        """Return the contact with *address*, deleted or not."""
        return self._loaded(self._by_address.get(matched(address)))

    def find_sms(self, full_number: str) -> ContactRecord | None:
        """Return the contact with this text-message number, dial code included."""
        return self._loaded(self._by_sms.get(full_number))

    def _loaded(self, number: int | None) -> ContactRecord | None:
        return None if number is None else self.load(number)

    def set_address(self, record: ContactRecord, address: str) -> None:
        if record.address is not None:
            self._by_address.pop(matched(record.address), None)
        record.address = address
        self._by_address[matched(address)] = record.number

    def set_sms(self, record: ContactRecord, sms: SmsRecord | None) -> None:
        if record.sms is not None:
            self._by_sms.pop(record.sms.full_number, None)
        record.sms = sms
        if sms is not None:
            self._by_sms[sms.full_number] = record.number

    def set_lists(self, record: ContactRecord, list_ids: tuple[str, ...]) -> None:
        """Put *record* on exactly these lists."""
        _move(self._members, record.number, record.lists, list_ids)
        for one in record.lists:
            if one not in list_ids:
                self.former.setdefault(one, {})[record.number] = None
        if self.former:
            for one in list_ids:
                self.former.get(one, {}).pop(record.number, None)
        record.lists = list_ids

    def join(self, record: ContactRecord, list_ids: tuple[str, ...]) -> None:
        """Put *record* on these lists beside the ones it is on, as far as there is room."""
        if not record.lists:
            self.set_lists(record, list_ids)
        elif new := tuple(one for one in list_ids if one not in record.lists):
            self.set_lists(record, (record.lists + new)[:MOST_LISTS])

    def leave(self, record: ContactRecord, list_ids: Iterable[str]) -> None:
        """Take *record* off these lists."""
        gone = set(list_ids)
        self.set_lists(record, tuple(one for one in record.lists if one not in gone))

    def set_tags(self, record: ContactRecord, tag_ids: tuple[str, ...]) -> None:
        """Give *record* exactly these tags."""
        _move(self._tagged, record.number, record.tags, tag_ids)
        record.tags = tag_ids

    def members(self, list_id: str) -> Set[int]:
        """Return the numbers of those who are on a list."""
        return self._members.get(list_id, _NOBODY).keys()

    def tagged(self, tag_id: str) -> Set[int]:
        """Return the numbers of those who have a tag."""
        return self._tagged.get(tag_id, _NOBODY).keys()

    def newest_first(self, start: int | None = None) -> Iterator[Row]:
        """Yield all rows from number *start* down, or from the newest."""
        first = len(self._rows) - 1 if start is None else start
        for number in range(first, -1, -1):
            yield self._rows[number]

    def pick(self, numbers: Iterable[int], start: int | None = None) -> Iterator[Row]:
        """Yield the rows of *numbers* in the order of `newest_first`."""
        for number in sorted(numbers, reverse=True):
            if start is None or number <= start:
                yield self._rows[number]


_NOBODY: dict[int, None] = {}


def _move(index: Index, number: int, old: tuple[str, ...], new: tuple[str, ...]) -> None:
    """Take *number* out of the sets it leaves and into the ones it joins."""
    for one in old:
        if one not in new:
            index[one].pop(number, None)
    for one in new:
        index.setdefault(one, {})[number] = None
