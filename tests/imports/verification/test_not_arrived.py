"""Contacts that did not arrive are named, and written to a file to be corrected."""

from __future__ import annotations

import csv
from pathlib import Path

from cc_async.imports.verification._not_arrived import NotArrived, writing_not_arrived

COLUMNS = ("email", "first_name", "lists")


def test_the_file_can_be_corrected_and_imported_again(tmp_path: Path) -> None:
    """It has the columns that were sent, the lists, and line and reason of each contact."""
    path = tmp_path / "missing.csv"
    with writing_not_arrived(path, COLUMNS) as writer:
        writer.write(
            NotArrived(3, "missing", {"email": "a@b.co", "first_name": "=A"}, ("l1", "l2"))
        )
        writer.write(NotArrived(9, "not_changed", {"email": "c@d.co"}, ("l1",)))
    with path.open(encoding="utf-8-sig", newline="") as file:
        first, second = csv.DictReader(file)
    assert (first["email"], first["first_name"], first["lists"]) == ("a@b.co", "'=A", "l1;l2")
    assert (first["line"], first["reason"].partition(":")[0]) == ("3", "missing")
    assert (second["line"], second["reason"].partition(":")[0]) == ("9", "not changed")
    assert path.stat().st_mode & 0o077 == 0


def test_the_first_thousand_are_named_and_all_are_written(tmp_path: Path) -> None:
    """Memory stays small however many contacts are missing."""
    path = tmp_path / "missing.csv"
    with writing_not_arrived(path, COLUMNS) as writer:
        named = [writer.write(NotArrived(line, "missing")) for line in range(1_002)]
    assert named == [True] * 1_000 + [False] * 2
    assert len(writer.named) == 1_000
    assert len(path.read_text().splitlines()) == 1_003


def test_without_a_path_contacts_are_named_alone() -> None:
    """No file is made."""
    with writing_not_arrived(None, COLUMNS) as writer:
        assert writer.write(NotArrived(3, "missing", {"email": "a@b.co"}))
    assert [each.email_address for each in writer.named] == ["a@b.co"]


def test_an_address_does_not_show_in_a_repr() -> None:
    """Logs of a program do not get it."""
    contact = NotArrived(3, "missing", {"email": "a@b.co"})
    assert "@" not in repr(contact)
    assert NotArrived(3, "missing").email_address == ""
