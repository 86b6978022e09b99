"""Contacts are found by id, address, number, list and tag, and counted."""

from __future__ import annotations

from cc_async.sandbox.storage import ContactRecord, ContactTable, SmsRecord


def filled() -> ContactTable:
    """Return a table with three contacts, on no list."""
    table = ContactTable()
    for number in range(3):
        table.add(ContactRecord(f"id{number}", 1.0, "Account", address=f"p{number}@example.com"))
    return table


def test_a_contact_is_found_by_everything_that_identifies_it() -> None:
    """Each index follows a change of the record."""
    table = filled()
    record = table.find("P1@example.com ")
    assert record is not None
    table.set_address(record, "new@example.com")
    table.set_sms(record, SmsRecord("s", "7815551212", "1", "US", "Account", None, ()))
    table.save(record)
    assert table.find("p1@example.com") is None
    for found in (table.get("id1"), table.find("new@example.com"), table.find_sms("17815551212")):
        assert found is not None
        assert found.number == 1


def test_lists_know_their_members_and_former_members() -> None:
    """A contact that returns to a list is no former member any more."""
    table = filled()
    record = table.load(0)
    table.set_lists(record, ("a", "b"))
    table.remove_from_lists(record, ("a",))
    assert (set(table.members("a")), set(table.members("b"))) == (set(), {0})
    assert set(table.former_members["a"]) == {0}
    table.add_to_lists(record, ("a",))
    assert (record.lists, set(table.former_members["a"])) == (("b", "a"), set())


def test_deleted_contacts_are_not_counted_as_present() -> None:
    """Rows run from the newest down, deleted ones included."""
    table = filled()
    record = table.load(2)
    record.deleted_at = 5.0
    table.save(record)
    table.set_tags(record, ("t",))
    assert (len(table), table.present_count, set(table.tagged("t"))) == (3, 2, {2})
    assert [row[0] for row in table.newest_first()] == ["id2", "id1", "id0"]
    assert [row[0] for row in table.pick({0, 2}, start=1)] == ["id0"]


def test_a_restored_row_is_in_every_index() -> None:
    """Lists, tags and numbers of a snapshot's rows are found again."""
    table = filled()
    record = table.load(0)
    table.set_lists(record, ("a",))
    table.set_tags(record, ("t",))
    table.save(record)
    other = ContactTable()
    other.restore(table.row(0))
    assert (set(other.members("a")), set(other.tagged("t")), other.present_count) == ({0}, {0}, 1)
    assert other.former_members == {}
