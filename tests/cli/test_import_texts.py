"""Sentences about the contacts of an import."""

import csv
import re
from pathlib import Path

import pytest

from cc_async.sandbox import Sandbox, SandboxSettings
from tests.support.command import PEOPLE, call, serving, written


def test_rejected_rows_are_shown_and_kept(sandbox: Sandbox, tmp_path: Path) -> None:
    """The first rejected rows are shown by line, column and reason; the file holds all of them."""
    file = written(tmp_path, PEOPLE + "nobody,X\n" * 8)
    rejects = tmp_path / "rejects.csv"
    without = call("import", file, "--list", "Newsletter")
    assert "8 rows were rejected and not sent:\n  line 4, Email Address: " in without.out
    assert "and 3 more; --rejects PATH writes all of them to a file" in without.out
    assert "nobody" not in without.out + without.err
    ended = call("import", file, "--list", "Newsletter", "--rejects", str(rejects))
    assert (ended.code, rejects.stat().st_mode & 0o777) == (1, 0o600)
    assert str(rejects) in ended.out
    assert ended.out.startswith("2 contacts imported, 8 rows rejected.\n")
    with rejects.open(encoding="utf-8-sig", newline="") as opened:
        assert len(list(csv.DictReader(opened))) == 8


def test_people_who_unsubscribed_stay_off_the_lists(sandbox: Sandbox, tmp_path: Path) -> None:
    """An import says how many contacts were kept off the lists, and why."""
    sandbox.add_contact("ann@example.com", permission="unsubscribed")
    ended = call("import", written(tmp_path, PEOPLE), "--list", "Newsletter")
    assert ended.code == 1
    assert "1 contact was kept off the lists because they unsubscribed." in ended.out
    assert "They are:\n  line 2: kept off, unsubscribed\n" in ended.out
    ended = call("import", written(tmp_path, PEOPLE), "--list", "Newsletter", "--no-verify")
    assert "reading the lists back with --verify does" in ended.out


def test_contacts_that_were_never_counted_are_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the service drops rows silently, the report says how many, and ends with 1."""
    people = "Email\n" + "".join(f"p{number}@example.com\n" for number in range(5))
    with serving(SandboxSettings(per_second=100, max_lines=3), monkeypatch):
        ended = call("import", written(tmp_path, people), "--list", "Newsletter", "--no-verify")
    assert ended.code == 1
    assert re.search(r"3 contacts were sent but never counted by the service", ended.out)


def test_contacts_that_did_not_arrive_are_named_and_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the counts disagree the lists are read back, and missing lines are named."""
    people = "Email\n" + "".join(f"p{number}@example.com\n" for number in range(5))
    missing = tmp_path / "missing.csv"
    with serving(SandboxSettings(per_second=100, max_lines=3), monkeypatch):
        ended = call(
            "import", written(tmp_path, people), "--list", "Newsletter", "--missing", str(missing)
        )
    assert ended.code == 1
    assert "3 contacts did not arrive" in ended.out
    assert re.findall(r"line (\d): missing", ended.out) == ["4", "5", "6"]
    with missing.open(encoding="utf-8-sig", newline="") as opened:
        assert [row["line"] for row in csv.DictReader(opened)] == ["4", "5", "6"]


def test_suppressed_contacts_are_named(sandbox: Sandbox, tmp_path: Path) -> None:
    """An import names the lines of suppressed contacts, and ends with 0."""
    sandbox.add_contact("ann@example.com", permission="unsubscribed")
    ended = call(
        "import", written(tmp_path, PEOPLE), "--list", "Newsletter", "--protect", "unsubscribed"
    )
    assert ended.code == 0
    assert re.search(r"1 contact was suppressed and not sent:\n *line 2: suppressed", ended.out)
