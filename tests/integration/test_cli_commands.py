"""The commands at work against a sandbox: what they do, print and leave behind."""

import csv
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from cc_async.cli._app import app
from cc_async.sandbox import Sandbox, SandboxSettings
from tests.support.command import call, serving

ROOT = Path(__file__).parents[2]
COMMANDS = (
    *("import", "resume", "jobs", "upsert", "lists", "activities", "quota", "sandbox"),
    *("login", "logout", "whoami", "keepalive"),
)
IMPORT_KEYS = [
    *("job_id", "state", "contacts_read", "contacts_rejected", "contacts_merged"),
    *("contacts_suppressed", "contacts_sent", "person_count", "error_count", "correctable_count"),
    *("cannot_add_to_list_count", "missing", "not_changed", "requests", "activities"),
]
UPSERT_KEYS = [
    *("contacts_read", "contacts_rejected", "contacts_suppressed", "created", "updated"),
    *("failed", "requests"),
]
PEOPLE = "Email Address,First Name\nann@example.com,Ann\nbob@example.com,Bob\n"
MIXED = PEOPLE + "nobody,Carl\nANN@example.com,Anna\n"


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    settings = SandboxSettings(
        per_second=100, activity_seconds=0.1, lists=("Newsletter", "Customers")
    )
    with serving(settings, monkeypatch) as served:
        yield served


def written(folder: Path, text: str) -> str:
    file = folder / "people.csv"
    file.write_text(text, encoding="utf-8")
    return str(file)


def options_of(command: str) -> list[str]:
    found = app[command].assemble_argument_collection()
    spoken = [argument for argument in found if argument.parse]
    return [name for argument in spoken for name in argument.names if name.startswith("--")]


# --- help and documentation -------------------------------------------------------------------


def test_there_are_no_other_commands() -> None:
    """The tests here know all commands."""
    assert tuple(sorted(COMMANDS)) == tuple(sorted(n for n in app if not n.startswith("-")))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    """Each command, and each option of it, says what it does, and ends with 0."""
    ended = call(command, "--help")
    assert (ended.code, ended.err) == (0, "")
    assert re.search(rf"Usage: cc-async {command}", ended.out)
    for argument in app[command].assemble_argument_collection():
        if argument.parse and argument.show:
            assert argument.parameter.help, argument.name


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_documented(command: str) -> None:
    """The page about the command names each command and each of its options."""
    page = (ROOT / "docs" / "command.md").read_text(encoding="utf-8")
    assert f"cc-async {command}" in page
    for option in options_of(command):
        assert option in page, option


def test_help_alone_and_the_version() -> None:
    """Without a word the command shows its help, and it knows its version."""
    assert "import" in call().out
    assert call("--version").code == 0


# --- import -----------------------------------------------------------------------------------


def test_an_import_that_goes_well(sandbox: Sandbox, tmp_path: Path) -> None:
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
    told = ended.json
    assert ended.code == 1
    assert list(told) == IMPORT_KEYS
    assert list(told["activities"][0]) == ["activity_id", "state", "contacts", "bytes"]
    assert (
        told["contacts_read"]
        == 4
        == sum(told[f"contacts_{name}"] for name in ("rejected", "merged", "suppressed", "sent"))
    )
    assert orjson.loads(report.read_bytes()) == told
    assert told["requests"] == len(sandbox.received)


def test_rejected_rows_are_told_and_kept(sandbox: Sandbox, tmp_path: Path) -> None:
    """The first rejected rows are told by line, column and reason; the file holds all of them."""
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
    """An import tells how many were kept off the lists, and why."""
    sandbox.add_contact("ann@example.com", permission="unsubscribed")
    ended = call("import", written(tmp_path, PEOPLE), "--list", "Newsletter")
    assert ended.code == 1
    assert "1 contact was kept off the lists because they unsubscribed." in ended.out


def test_contacts_that_were_never_counted_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the service drops rows without a word, the report says how many, and ends with 1."""
    people = "Email\n" + "".join(f"p{number}@example.com\n" for number in range(5))
    with serving(SandboxSettings(per_second=100, max_lines=3), monkeypatch):
        ended = call("import", written(tmp_path, people), "--list", "Newsletter", "--no-verify")
    assert ended.code == 1
    assert re.search(r"3 contacts were sent but never counted by the service", ended.out)


def test_who_did_not_arrive_is_named_and_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the counts disagree the lists are read back, and the lines that are missing told."""
    people = "Email\n" + "".join(f"p{number}@example.com\n" for number in range(5))
    missing = tmp_path / "missing.csv"
    with serving(SandboxSettings(per_second=100, max_lines=3), monkeypatch):
        ended = call(
            "import", written(tmp_path, people), "--list", "Newsletter", "--missing", str(missing)
        )
    assert ended.code == 1
    assert "3 contacts did not arrive as sent" in ended.out
    assert re.findall(r"line (\d): missing", ended.out) == ["4", "5", "6"]
    with missing.open(encoding="utf-8-sig", newline="") as opened:
        assert [row["line"] for row in csv.DictReader(opened)] == ["4", "5", "6"]


def test_protected_people_are_left_out_and_named(sandbox: Sandbox, tmp_path: Path) -> None:
    """An import can leave people alone, says which lines that were, and ends with 0."""
    sandbox.add_contact("ann@example.com", permission="unsubscribed")
    ended = call(
        "import", written(tmp_path, PEOPLE), "--list", "Newsletter", "--protect", "unsubscribed"
    )
    assert ended.code == 0
    assert re.search(r"1 contact was suppressed and not sent:\n *line 2: suppressed", ended.out)


def test_a_file_without_a_good_row_sends_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    """Where every row is rejected, nothing is sent, and the report says so."""
    ended = call("import", written(tmp_path, "Email\nnobody\n"), "--list", "Newsletter")
    assert ended.code == 1
    assert ended.out.startswith("Nothing was sent: there was no contact fit to be imported.\n")
    assert {entry.method for entry in sandbox.received} == {"GET"}


def test_lists_are_made_when_asked_for(sandbox: Sandbox, tmp_path: Path) -> None:
    """With --create-lists a list that is missing is made; a rehearsal makes none."""
    words = ("import", written(tmp_path, PEOPLE), "--list", "New", "--create-lists")
    assert call(*words, "--dry-run").code == 0
    assert "New" not in {each.name for each in sandbox.contact_lists}
    assert call(*words).code == 0
    assert "New" in {each.name for each in sandbox.contact_lists}


def test_headings_can_be_mapped(sandbox: Sandbox, tmp_path: Path) -> None:
    """A heading of one's own is named by --map, and one that is not wanted is left out."""
    file = written(tmp_path, "Adresse;Notiz\nann@example.com;x\n")
    words = ("--map", "Adresse=email", "--map", "Notiz=", "--encoding", "latin-1")
    assert call("import", file, "--list", "Newsletter", *words).code == 0
    assert sandbox.find_contact("ann@example.com") is not None


def test_an_import_can_be_rehearsed(sandbox: Sandbox, tmp_path: Path) -> None:
    """A dry run tells parts, requests, time and mails, ends with 1 for rejects, sends nothing."""
    words = ("import", written(tmp_path, MIXED), "--list", "Newsletter", "--dry-run")
    ended = call(*words)
    assert ended.code == 1
    assert "Nothing was sent; this was a dry run." in ended.out
    assert re.search(r"They would go in 1 part .* about \d+ requests: about .* a second", ended.out)
    assert "Mails: none." in ended.out
    told = call(*words, "--json").json
    assert list(told) == [*IMPORT_KEYS, "dry_run"]
    assert told["state"] == "planned"
    cost = ["requests", "seconds", "days", "fits_today", "ready_by"]
    assert list(told["dry_run"]) == ["bodies", *cost, "instead", "mails"]
    assert list(told["dry_run"]["instead"]) == ["way", *cost]
    assert told["dry_run"]["instead"]["way"] == "sign_up"
    assert told["dry_run"]["fits_today"]
    assert {entry.method for entry in sandbox.received} == {"GET"}


# --- upsert -----------------------------------------------------------------------------------


def test_people_are_signed_up(sandbox: Sandbox, tmp_path: Path) -> None:
    """Everybody is signed up, in order for one address, with the agreed keys."""
    rejects = tmp_path / "rejects.csv"
    words = ("--consent", "explicit", "--json", "--rejects", str(rejects))
    ended = call("upsert", written(tmp_path, MIXED), "--list", "Newsletter", *words)
    assert ended.code == 1
    assert list(ended.json) == UPSERT_KEYS
    assert {name: ended.json[name] for name in UPSERT_KEYS[:-1]} == {
        "contacts_read": 4,
        "contacts_rejected": 1,
        "contacts_suppressed": 0,
        "created": 2,
        "updated": 1,
        "failed": 0,
    }
    assert ended.json["requests"] == len(sandbox.received)
    assert rejects.stat().st_mode & 0o777 == 0o600
    contact = sandbox.find_contact("ann@example.com")
    assert contact is not None
    assert contact.first_name == "Anna"


def test_who_unsubscribed_is_left_alone(sandbox: Sandbox, tmp_path: Path) -> None:
    """Protected people are no fault; --protect none signs them up again."""
    sandbox.add_contact("ann@example.com", permission="unsubscribed")
    words = ("upsert", written(tmp_path, PEOPLE), "--list", "Newsletter", "--consent", "explicit")
    ended = call(*words)
    assert ended.code == 0
    assert "1 person was left alone because they unsubscribed or were deleted." in ended.out
    assert call(*words, "--protect", "none", "--json").json["contacts_suppressed"] == 0


def test_a_sign_up_can_be_rehearsed(sandbox: Sandbox, tmp_path: Path) -> None:
    """A dry run counts people, requests and time, names the mails, and signs nobody up."""
    file = written(tmp_path, MIXED)
    words = ("upsert", file, "--list", "Newsletter", "--consent", "explicit", "--dry-run")
    ended = call(*words)
    assert ended.code == 1
    assert re.search(r"Would be signed up +3\n", ended.out)
    assert "welcome mail" in ended.out
    assert "a mail to confirm" in ended.out
    told = call(*words, "--json").json
    assert list(told) == [*UPSERT_KEYS, "dry_run"]
    assert told["dry_run"]["contacts"] == 3
    assert told["dry_run"]["requests"] == 6
    assert told["dry_run"]["instead"]["way"] == "import"
    assert "An import of the same people, which changes nobody's permission" in ended.out
    assert {entry.method for entry in sandbox.received} == {"GET"}


# --- looking ----------------------------------------------------------------------------------


def test_lists_are_shown(sandbox: Sandbox) -> None:
    """Lists come with name, contacts and id, for people and for programs."""
    ids = {each.name: each.list_id for each in sandbox.contact_lists}
    ended = call("lists")
    assert ended.code == 0
    assert re.search(rf"^Customers +0 +{ids['Customers']}$", ended.out, re.MULTILINE)
    told: dict[str, Any] = call("lists", "--json").json
    assert {each["name"]: each["list_id"] for each in told["lists"]} == ids


def test_jobs_are_shown_and_waited_for(sandbox: Sandbox, tmp_path: Path) -> None:
    """Bulk jobs are listed; --wait waits for them and its exit code says how they ended."""
    call("import", written(tmp_path, PEOPLE), "--list", "Newsletter")
    (activity,) = sandbox.activities
    ended = call("activities")
    assert ended.code == 0
    assert activity.activity_id in ended.out
    assert "completed" in ended.out
    told = call("activities", activity.activity_id, "--wait", "--json")
    assert (told.code, told.json["activities"][0]["person_count"]) == (0, 2)
    sandbox.fail()
    call("import", written(tmp_path, PEOPLE), "--list", "Newsletter")
    assert call("activities").code == 0
    assert call("activities", "--wait").code == 5
    assert "The file could not be read." in call("activities").out
    assert call("activities", "00000000-0000-0000-0000-000000000000").code == 2


def test_the_quota_costs_nothing(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What is left of the day is counted here, across runs, without a request."""
    monkeypatch.delenv("CC_ASYNC_STORE")
    home = ("--home", str(tmp_path / "state"))
    call("lists", *home)
    ended = call("quota", "--json", *home)
    assert ended.code == 0
    assert (ended.json["used"], ended.json["left"]) == (1, 9_999)
    assert "9,999 of 10,000" in call("quota", *home).out
    assert len(sandbox.received) == 1
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700


def test_a_port_that_is_taken_is_told(sandbox: Sandbox) -> None:
    """The sandbox says that its port is taken, and how to get another one."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = call("sandbox", "--port", str(taken.getsockname()[1]))
    assert ended.code == 2
    assert "--port 0" in ended.err
    assert ended.out == ""


# --- --sandbox --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ("import", "F", "--list", "News", "--list", "More"),
        ("import", "F", "--list", "News", "--dry-run"),
        ("upsert", "F", "--list", "News", "--consent", "explicit"),
        ("lists",),
        ("activities",),
        ("quota",),
    ],
)
def test_everything_works_in_a_sandbox(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With --sandbox each command works without an account and leaves no state behind."""
    monkeypatch.setenv("CC_ASYNC_HOME", str(tmp_path / "home"))
    text = "Email,cf:Shoe size,cf:Colour\nann@example.com,40,red\n"
    file = written(tmp_path, text)
    ended = call(*(file if word == "F" else word for word in words), "--sandbox", "--json")
    assert ended.code == 0, ended
    assert "This is a sandbox" in ended.err
    assert sorted(tmp_path.iterdir()) == [Path(file)]


def test_without_a_token_somebody_has_to_sign_in() -> None:
    """Without a token the command ends with 3 and names the variable."""
    ended = call("lists", "--json")
    assert ended.code == 3
    assert "CC_ASYNC_ACCESS_TOKEN" in ended.json["error"]["hint"]
