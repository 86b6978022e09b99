"""`cc-async import`."""

import re
from pathlib import Path

import orjson
import pytest

from cc_async.sandbox import Sandbox
from tests.support.command import MIXED, PEOPLE, call, written

IMPORT_KEYS = [
    *("job_id", "state", "contacts_read", "contacts_rejected", "contacts_merged"),
    *("contacts_suppressed", "contacts_sent", "person_count", "error_count", "correctable_count"),
    *("cannot_add_to_list_count", "missing", "not_changed", "unverified"),
    *("rows_with_blanks", "requests"),
    *("activity_errors_left_out", "rejections", "suppressed", "merged_lines"),
    *("not_arrived", "kept_off", "unchanged", "activity_errors", "activities"),
]


def test_a_good_import_says_that_all_is_well(sandbox: Sandbox, tmp_path: Path) -> None:
    """All contacts arrive on all lists named, and the report says so in one table."""
    file = written(tmp_path, PEOPLE)
    ended = call("import", file, "--list", "Newsletter", "--list", "Customers")
    assert ended.code == 0
    assert ended.out.startswith("All is well: 2 contacts imported.\n")
    assert re.search(r"^Counted by the service +2$", ended.out, re.MULTILINE)
    assert "Reading: 2 contacts" in ended.err
    contact = sandbox.find_contact("ann@example.com")
    assert contact is not None
    assert len(contact.list_memberships or ()) == 2


def test_an_import_in_json(sandbox: Sandbox, tmp_path: Path) -> None:
    """The JSON object has the agreed keys, every row is in exactly one count, a copy is kept."""
    file, report = written(tmp_path, MIXED), tmp_path / "report.json"
    ended = call("import", file, "--list", "Newsletter", "--json", "--report", str(report))
    result = ended.json
    assert ended.code == 1
    assert list(result) == IMPORT_KEYS
    assert list(result["activities"][0]) == [
        "activity_id",
        "state",
        "contacts",
        "bytes",
        "addresses",
    ]
    assert (
        result["contacts_read"]
        == 4
        == sum(result[f"contacts_{name}"] for name in ("rejected", "merged", "suppressed", "sent"))
    )
    assert orjson.loads(report.read_bytes()) == result
    assert result["requests"] == len(sandbox.received)


def test_a_file_without_a_good_row_sends_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    """If every row is rejected, nothing is sent, and the report says so."""
    ended = call("import", written(tmp_path, "Email\nnobody\n"), "--list", "Newsletter")
    assert ended.code == 1
    assert ended.out.startswith("Nothing was sent: there was no contact to import.\n")
    assert {entry.method for entry in sandbox.received} == {"GET"}


def test_blank_cells_of_a_csv_that_was_asked_for_are_told(sandbox: Sandbox, tmp_path: Path) -> None:
    """Before sending and afterwards, the result says how many rows may erase stored values."""
    file = written(tmp_path, "Email,First Name\nann@example.com,Ann\nben@example.com,\n")
    words = ("import", file, "--list", "Newsletter", "--send-as", "csv")
    for ended in (call(*words, "--dry-run"), call(*words)):
        assert "1 row of the CSV has blank cells." in ended.out
    assert "blank cells" not in call("import", file, "--list", "Newsletter", "--dry-run").out


def test_lists_are_made_when_asked_for(sandbox: Sandbox, tmp_path: Path) -> None:
    """With --create-lists a missing list is made; a dry run makes none."""
    words = ("import", written(tmp_path, PEOPLE), "--list", "New", "--create-lists")
    assert call(*words, "--dry-run").code == 0
    assert "New" not in {each.name for each in sandbox.contact_lists}
    assert call(*words).code == 0
    assert "New" in {each.name for each in sandbox.contact_lists}


def test_headings_can_be_mapped(sandbox: Sandbox, tmp_path: Path) -> None:
    """--map names the column of a heading, or leaves the column out."""
    file = written(tmp_path, "Adresse;Notiz\nann@example.com;x\n")
    words = ("--map", "Adresse=email", "--map", "Notiz=", "--encoding", "latin-1")
    assert call("import", file, "--list", "Newsletter", *words).code == 0
    assert sandbox.find_contact("ann@example.com") is not None


def test_a_dry_run_of_an_import_sends_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    """A dry run shows chunks, requests, time and mails, ends with 1 for rejects, sends nothing."""
    words = ("import", written(tmp_path, MIXED), "--list", "Newsletter", "--dry-run")
    ended = call(*words)
    assert ended.code == 1
    assert "Nothing was sent; this was a dry run." in ended.out
    assert re.search(
        r"They would go in 1 chunk .* about \d+ requests: about .* a second", ended.out
    )
    assert "Mails: none." in ended.out
    result = call(*words, "--json").json
    assert list(result) == [*IMPORT_KEYS, "dry_run"]
    assert result["state"] == "planned"
    cost = ["requests", "seconds", "days", "fits_today", "ready_by"]
    assert list(result["dry_run"]) == ["chunks", *cost, "instead", "mails"]
    assert list(result["dry_run"]["instead"]) == ["way", *cost]
    assert result["dry_run"]["instead"]["way"] == "sign_up"
    assert result["dry_run"]["fits_today"]
    assert {entry.method for entry in sandbox.received} == {"GET"}


def test_addresses_in_a_file_are_suppressed(sandbox: Sandbox, tmp_path: Path) -> None:
    """--suppress leaves out the addresses of each file, in a dry run too."""
    files = [tmp_path / "former.csv", tmp_path / "rivals.txt"]
    files[0].write_text("Email address\nANN@example.com\n")
    files[1].write_text("carl@example.com\n")
    words = ("import", written(tmp_path, PEOPLE + "carl@example.com,Carl\n"))
    words += ("--list", "Newsletter", "--suppress", str(files[0]), "--suppress", str(files[1]))
    assert call(*words, "--dry-run", "--json").json["contacts_suppressed"] == 2
    ended = call(*words)
    assert ended.code == 0
    assert (
        "2 contacts were suppressed and not sent:\n  line 2: suppressed: in your list" in ended.out
    )
    assert (sandbox.contact_count, sandbox.find_contact("ann@example.com")) == (1, None)


@pytest.mark.parametrize("text", [None, "Email address\nnobody\n"])
def test_a_bad_file_of_addresses_is_refused(
    text: str | None, sandbox: Sandbox, tmp_path: Path
) -> None:
    """A file to suppress that is missing, or holds something else, ends the import with 2."""
    former = tmp_path / "former.csv"
    if text is not None:
        former.write_text(text)
    words = ("import", written(tmp_path, PEOPLE), "--list", "Newsletter")
    ended = call(*words, "--suppress", str(former), "--json")
    assert ended.code == 2
    assert str(former) in ended.json["error"]["message"]
    assert sandbox.contact_count == 0


def test_a_file_is_read_and_sent_as_it_is_told(sandbox: Sandbox, tmp_path: Path) -> None:
    """--read-as json refuses a CSV file, and --send-as json sends JSON."""
    words = ("import", written(tmp_path, PEOPLE), "--list", "Newsletter", "--json")
    ended = call(*words, "--read-as", "json")
    assert (ended.code, ended.json["error"]["type"]) == (2, "InputError")
    assert call(*words, "--read-as", "csv", "--send-as", "json").code == 0
    sent = [entry.path for entry in sandbox.received if entry.method == "POST"]
    assert sent == ["/v3/activities/contacts_json_import"]
