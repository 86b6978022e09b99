"""All contacts of the account, with the indexes that keep every look-up short.

Pages run from the newest number down. To read or change a contact, load its record; to keep the
change, save it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set

from cc_async.sandbox.storage._contact_records import (
    MAX_LISTS_PER_CONTACT,
    ContactRecord,
    ContactRow,
    SmsRecord,
    address_key,
    column_index,
    pack_record,
    unpack_row,
)

Index = dict[str, dict[int, None]]
"""Numbers by list or tag. The garbage collector passes over a dict of numbers, but not a set."""

_NO_NUMBERS: dict[int, None] = {}
_DELETED_AT = column_index("deleted_at")


class ContactTable:
    """Contacts by id, by address, by text-message number, by list and by tag."""

    def __init__(self) -> None:
        self._rows: list[ContactRow] = []
        self._by_id: dict[str, int] = {}
        self._by_address: dict[str, int] = {}
        self._by_sms: dict[str, int] = {}
        self._members: Index = {}
        self._tagged: Index = {}
        self.former_members: Index = {}
        """By list: the contacts that left it."""
        self.present_count: int = 0
        """Contacts that are not deleted."""

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, record: ContactRecord) -> None:
        """Add *record* under its id and address; lists, tags and numbers are set afterwards."""
        record.number = len(self._rows)
        self._rows.append(pack_record(record))
        self.present_count += not record.is_deleted
        self._by_id[record.contact_id] = record.number
        if record.address is not None:
            self._by_address[address_key(record.address)] = record.number

    def save(self, record: ContactRecord) -> None:
        """Keep the changes of *record*."""
        self.present_count -= self._rows[record.number][_DELETED_AT] is None
        self.present_count += not record.is_deleted
        self._rows[record.number] = pack_record(record)

    def restore(self, row: ContactRow) -> None:
        """Add a row of a snapshot."""
        record = unpack_row(row)
        lists, tags, sms = record.lists, record.tags, record.sms
        record.lists, record.tags, record.sms = (), (), None
        self.add(record)
        self.set_lists(record, lists)
        self.set_tags(record, tags)
        self.set_sms(record, sms)
        self.save(record)

    def load(self, number: int) -> ContactRecord:
        return unpack_row(self._rows[number])

    def row(self, number: int) -> ContactRow:
        return self._rows[number]

    def get(self, contact_id: str) -> ContactRecord | None:
        return self._loaded(self._by_id.get(contact_id))

    def find(self, address: str) -> ContactRecord | None:
        """Return the contact with *address*, deleted or not."""
        return self._loaded(self._by_address.get(address_key(address)))

    def find_sms(self, full_number: str) -> ContactRecord | None:
        """Return the contact with this text-message number, dial code included."""
        return self._loaded(self._by_sms.get(full_number))

    def _loaded(self, number: int | None) -> ContactRecord | None:
        return None if number is None else self.load(number)

    def set_address(self, record: ContactRecord, address: str) -> None:
        if record.address is not None:
            self._by_address.pop(address_key(record.address), None)
        record.address = address
        self._by_address[address_key(address)] = record.number

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
                self.former_members.setdefault(one, {})[record.number] = None
        if self.former_members:
            for one in list_ids:
                self.former_members.get(one, {}).pop(record.number, None)
        record.lists = list_ids

    def add_to_lists(self, record: ContactRecord, list_ids: tuple[str, ...]) -> None:
        """Put *record* on these lists too; those beyond the limit of lists are left out."""
        if not record.lists:
            self.set_lists(record, list_ids)
        elif new := tuple(one for one in list_ids if one not in record.lists):
            self.set_lists(record, (record.lists + new)[:MAX_LISTS_PER_CONTACT])

    def remove_from_lists(self, record: ContactRecord, list_ids: Iterable[str]) -> None:
        """Take *record* off these lists."""
        gone = set(list_ids)
        self.set_lists(record, tuple(one for one in record.lists if one not in gone))

    def set_tags(self, record: ContactRecord, tag_ids: tuple[str, ...]) -> None:
        """Give *record* exactly these tags."""
        _move(self._tagged, record.number, record.tags, tag_ids)
        record.tags = tag_ids

    def members(self, list_id: str) -> Set[int]:
        """Return the numbers of the contacts on a list."""
        return self._members.get(list_id, _NO_NUMBERS).keys()

    def tagged(self, tag_id: str) -> Set[int]:
        """Return the numbers of the contacts with a tag."""
        return self._tagged.get(tag_id, _NO_NUMBERS).keys()

    def newest_first(self, start: int | None = None) -> Iterator[ContactRow]:
        """Yield all rows from number *start* down, or from the newest."""
        first = len(self._rows) - 1 if start is None else start
        for number in range(first, -1, -1):
            yield self._rows[number]

    def pick(self, numbers: Iterable[int], start: int | None = None) -> Iterator[ContactRow]:
        """Yield the rows of *numbers* in the order of `newest_first`."""
        for number in sorted(numbers, reverse=True):
            if start is None or number <= start:
                yield self._rows[number]


def _move(index: Index, number: int, old: tuple[str, ...], new: tuple[str, ...]) -> None:
    """Take *number* out of the entries it leaves, and add it to the ones it joins."""
    for one in old:
        if one not in new:
            index[one].pop(number, None)
    for one in new:
        index.setdefault(one, {})[number] = None
