"""Contacts are named, and written to a file to be corrected."""

from __future__ import annotations

import csv
from pathlib import Path

from cc_async.imports.verification._named_contacts import (
    ContactNamer,
    NamedContact,
    naming_contacts,
)

COLUMNS = ("email", "first_name", "lists")


async def test_the_file_can_be_corrected_and_imported_again(tmp_path: Path) -> None:
    """It has the columns that were sent, the lists, and line and reason of each contact."""
    path = tmp_path / "missing.csv"
    async with naming_contacts(path, COLUMNS) as namer:
        namer.write(
            NamedContact(3, "missing", {"email": "a@b.co", "first_name": "=A"}, ("l1", "l2"))
        )
        namer.write(NamedContact(9, "not_changed", {"email": "c@d.co"}, ("l1",)))
    with path.open(encoding="utf-8-sig", newline="") as file:
        first, second = csv.DictReader(file)
    assert (first["email"], first["first_name"], first["lists"]) == ("a@b.co", "'=A", "l1;l2")
    assert (first["line"], first["reason"].partition(":")[0]) == ("3", "missing")
    assert (second["line"], second["reason"].partition(":")[0]) == ("9", "not changed")
    assert path.stat().st_mode & 0o077 == 0


def name_and_write(namer: ContactNamer, line: int) -> bool:
    contact = NamedContact(line, "missing")
    namer.write(contact)
    return namer.name(contact)


async def test_the_first_thousand_are_named_and_all_are_written(tmp_path: Path) -> None:
    """Memory stays small however many contacts are missing; each status has its own thousand."""
    path = tmp_path / "missing.csv"
    async with naming_contacts(path, COLUMNS) as namer:
        named = [name_and_write(namer, line) for line in range(1_002)]
    assert named == [True] * 1_000 + [False] * 2
    assert len(namer.named["missing"]) == 1_000
    assert namer.name(NamedContact(5, "kept_off"))
    assert len(path.read_text().splitlines()) == 1_003


async def test_without_a_path_contacts_are_named_alone() -> None:
    """No file is made."""
    async with naming_contacts(None, COLUMNS) as namer:
        assert namer.name(NamedContact(3, "missing", {"email": "a@b.co"}))
    assert [each.email_address for each in namer.named["missing"]] == ["a@b.co"]


def test_an_address_does_not_show_in_a_repr() -> None:
    """Logs of a program do not get it."""
    contact = NamedContact(3, "missing", {"email": "a@b.co"})
    assert "@" not in repr(contact)
    assert NamedContact(3, "missing").email_address == ""
