"""`cc-async sign-up`, and sign-ups that stop early and go on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cc_async.cli import _connect
from cc_async.retries import RetryPolicy
from cc_async.sandbox import Sandbox, SandboxSettings
from tests.support.command import MIXED, PEOPLE, call, serving, written

SIGN_UP = "/contacts/sign_up_form"
SIGN_UP_KEYS = [
    *("contacts_read", "contacts_rejected", "contacts_suppressed", "created", "updated"),
    *("failed", "unknown", "may_have_to_confirm", "requests"),
]
CONSENT = ("--list", "Newsletter", "--consent", "explicit", "--concurrency", "1")


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with serving(SandboxSettings(per_second=100), monkeypatch) as served:
        monkeypatch.delenv("CC_ASYNC_STORE")  # jobs live in the state folder
        monkeypatch.setenv("CC_ASYNC_BUDGET_STORE", "memory:")  # and a new day comes at once
        yield served


@pytest.fixture
def people(tmp_path: Path) -> str:
    path = tmp_path / "people.csv"
    path.write_text("email\nann@example.com\nnobody\nbob@example.com\ncid@example.com\n")
    return str(path)


def begun(sandbox: Sandbox, people: str) -> str:
    """Sign up the first person and meet the end of the day; return the job's id."""
    sandbox.faults.add("429-day", path=SIGN_UP)
    first = call("sign-up", people, *CONSENT)
    assert first.code == 4
    assert "cc-async resume" in first.err
    assert sandbox.contact_count == 0
    sandbox.faults.clear()
    (job,) = call("jobs", "--json").json["jobs"]
    assert (job["kind"], job["state"], job["contacts"]) == ("sign_up", "open", 3)
    return str(job["job_id"])


def test_a_sign_up_that_met_the_end_of_the_day_is_resumed(sandbox: Sandbox, people: str) -> None:
    """After exit code 4 `resume` goes on with the sign-up; its report counts all people."""
    job_id = begun(sandbox, people)
    ended = call("resume", "--json")
    assert (ended.code, ended.json["created"], ended.json["contacts_rejected"]) == (1, 3, 1)
    assert sandbox.contact_count == 3
    assert call("resume").code == 2
    shown = call("jobs", "show", job_id, "--json")
    assert (shown.code, shown.json["created"]) == (0, 3)


def test_the_same_sign_up_again_goes_on(
    sandbox: Sandbox, people: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same command tries people again after a failure of the service, and no others."""
    monkeypatch.setattr(_connect, "RETRY_POLICY", RetryPolicy(wait_initial=0.01))
    for _ in range(3):  # all tries of a sign-up before this one
        sandbox.faults.add("500", path=SIGN_UP, times=1)
    first = call("sign-up", people, *CONSENT, "--json")
    assert (first.code, first.json["created"], first.json["unknown"]) == (5, 2, 1)
    again = call("sign-up", people, *CONSENT, "--json")
    assert "Going on with sign-up" in again.err
    assert (again.code, again.json["created"], again.json["unknown"]) == (5, 2, 1)
    result = call("sign-up", people, *CONSENT).out
    assert "Of 1 person it is unknown whether they are signed up:" in result
    assert "3 requests for this person stayed without an answer" in result
    assert len([entry for entry in sandbox.received if entry.path == "/v3" + SIGN_UP]) == 5


def test_a_sign_up_can_be_cancelled(sandbox: Sandbox, people: str) -> None:
    """A cancelled sign-up is not resumed, and a deleted one is no longer listed."""
    job_id = begun(sandbox, people)
    assert call("jobs", "cancel", job_id).code == 0
    assert call("resume").code == 2
    assert "sign-up" in call("jobs").out
    assert call("jobs", "delete", job_id).code == 0
    assert call("jobs").out.startswith("There are no jobs")


def test_a_file_that_changed_is_refused(sandbox: Sandbox, people: str) -> None:
    """A file that has changed is refused, with the commands to type."""
    job_id = begun(sandbox, people)
    Path(people).write_text("email\nann@example.com\n")
    for words in (("sign-up", people, *CONSENT), ("resume",)):
        ended = call(*words)
        assert ended.code == 2
        assert "has changed" in ended.err
        assert f"jobs cancel {job_id}" in ended.err


def test_people_are_signed_up(sandbox: Sandbox, tmp_path: Path) -> None:
    """All people are signed up, in order for one address, with the agreed keys."""
    rejects = tmp_path / "rejects.csv"
    words = ("--consent", "explicit", "--json", "--rejects", str(rejects))
    ended = call("sign-up", written(tmp_path, MIXED), "--list", "Newsletter", *words)
    assert ended.code == 1
    assert list(ended.json) == [*SIGN_UP_KEYS, "not_signed_up"]
    assert {name: ended.json[name] for name in SIGN_UP_KEYS[:-1]} == {
        "contacts_read": 4,
        "contacts_rejected": 1,
        "contacts_suppressed": 0,
        "created": 2,
        "updated": 1,
        "failed": 0,
        "unknown": 0,
        "may_have_to_confirm": 2,
    }
    assert ended.json["requests"] == len(sandbox.received)
    assert rejects.stat().st_mode & 0o777 == 0o600
    contact = sandbox.find_contact("ann@example.com")
    assert contact is not None
    assert contact.first_name == "Anna"


def test_a_result_says_that_new_people_may_have_to_confirm(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Where people were created, text and JSON say so; people who were only updated need nothing."""
    words = ("sign-up", written(tmp_path, PEOPLE), *CONSENT)
    assert "New people may still have to confirm" in call(*words).out
    again = call(*words, "--json").json
    assert (again["updated"], again["may_have_to_confirm"]) == (2, 0)
    assert "confirm" not in call(*words).out


def test_all_people_who_were_not_signed_up_are_named_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`jobs show` of a sign-up names rejected, suppressed and refused people, without addresses."""
    rows = "nobody\n" * 7 + "ann@example.com\nbob@example.com\nbob@example.com\n"
    file = written(tmp_path, "email\n" + rows)
    with serving(SandboxSettings(per_second=100, attempts_per_day=1), monkeypatch) as sandbox:
        monkeypatch.delenv("CC_ASYNC_STORE")  # jobs live in the state folder
        sandbox.add_contact("ann@example.com", permission="unsubscribed")
        ran = call("sign-up", file, *CONSENT, "--json")
        (job,) = call("jobs", "--json").json["jobs"]
        shown = call("jobs", "show", job["job_id"], "--json")
        text = call("jobs", "show", job["job_id"]).out
    assert shown.code == 0
    assert {**shown.json, "requests": 0} == {
        **ran.json,
        "requests": 0,
        "not_signed_up": [{**each, "email_address": ""} for each in ran.json["not_signed_up"]],
    }
    named = [(each["line"], each["status"]) for each in shown.json["not_signed_up"]]
    assert named == [
        *((line, "rejected") for line in range(2, 9)), (9, "suppressed"), (11, "failed"),
    ]  # fmt: skip
    assert "line 9: suppressed: unsubscribed" in text
    assert "  and 2 more; --json names all of them" in text
    assert "example.com" not in text


def test_unsubscribed_people_are_suppressed(sandbox: Sandbox, tmp_path: Path) -> None:
    """Suppressed people are no fault; --protect none signs them up again."""
    sandbox.add_contact("ann@example.com", permission="unsubscribed")
    words = ("sign-up", written(tmp_path, PEOPLE), "--list", "Newsletter", "--consent", "explicit")
    ended = call(*words)
    assert ended.code == 0
    assert "1 contact was suppressed and not sent:\n  line 2: suppressed: unsubscribed" in ended.out
    assert call(*words, "--protect", "none", "--json").json["contacts_suppressed"] == 0


def test_addresses_of_a_file_are_suppressed(sandbox: Sandbox, tmp_path: Path) -> None:
    """With --suppress the addresses of a file are left out, in a dry run too."""
    former = tmp_path / "former.txt"
    former.write_text("ANN@example.com\n")
    words = ("sign-up", written(tmp_path, PEOPLE), "--list", "Newsletter", "--consent", "explicit")
    words = (*words, "--suppress", str(former), "--read-as", "csv", "--json")
    assert call(*words, "--dry-run").json["contacts_suppressed"] == 1
    assert call(*words).json["contacts_suppressed"] == 1
    assert sandbox.find_contact("ann@example.com") is None


def test_a_dry_run_of_a_sign_up_sends_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    """A dry run counts people, requests and time, names the mails, and sends no sign-up."""
    file = written(tmp_path, MIXED)
    words = ("sign-up", file, "--list", "Newsletter", "--consent", "explicit", "--dry-run")
    ended = call(*words)
    assert ended.code == 1
    assert re.search(r"Would be signed up +3\n", ended.out)
    assert "welcome mail" in ended.out
    assert "a mail to confirm" in ended.out
    result = call(*words, "--json").json
    assert list(result) == [*SIGN_UP_KEYS, "dry_run"]
    assert result["dry_run"]["contacts"] == 3
    assert result["dry_run"]["requests"] == 6
    assert result["dry_run"]["instead"]["way"] == "import"
    assert "An import of the same people, which changes no permission" in ended.out
    assert {entry.method for entry in sandbox.received} == {"GET"}


def test_addresses_in_a_file_are_suppressed(sandbox: Sandbox, tmp_path: Path) -> None:
    """--suppress leaves out the addresses of each file, and the result names their lines."""
    files = [tmp_path / "former.csv", tmp_path / "rivals.txt"]
    files[0].write_text("Email address\nANN@example.com\n")
    files[1].write_text("carl@example.com\n")
    words = ("sign-up", written(tmp_path, PEOPLE + "carl@example.com,Carl\n"), *CONSENT)
    ended = call(*words, "--suppress", str(files[0]), "--suppress", str(files[1]))
    assert ended.code == 0
    assert (
        "2 contacts were suppressed and not sent:\n  line 2: suppressed: in your list" in ended.out
    )
    assert (sandbox.contact_count, sandbox.find_contact("ann@example.com")) == (1, None)


def test_a_file_is_read_as_it_is_told(sandbox: Sandbox, tmp_path: Path) -> None:
    """--read-as json refuses a CSV file."""
    ended = call("sign-up", written(tmp_path, PEOPLE), *CONSENT, "--read-as", "json", "--json")
    assert (ended.code, ended.json["error"]["type"]) == (2, "InputError")
    assert sandbox.contact_count == 0
