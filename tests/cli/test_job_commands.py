"""`cc-async resume` and `cc-async jobs`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cc_async.retries import RetryPolicy
from cc_async.sandbox import Sandbox, SandboxSettings
from tests.support.command import call, serving, written

PEOPLE = "email\nann@example.com\nbob@example.com\n"
IMPORTS = "/activities/contacts_*_import"


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    settings = SandboxSettings(per_second=100, activity_seconds=0.05)
    with serving(settings, monkeypatch) as served:
        monkeypatch.delenv("CC_ASYNC_STORE")  # jobs live in the state folder
        yield served


@pytest.fixture
def people(tmp_path: Path) -> str:
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE)
    return str(path)


def test_an_uncertain_chunk_is_sent_again_only_on_request(sandbox: Sandbox, people: str) -> None:
    """An import with a lost answer ends with 5 until --resend-uncertain sends it again."""
    sandbox.faults.add("cut-after", path=IMPORTS, times=1)
    ended = call("import", people, "--list", "Newsletter", "--send-as", "json", "--json")
    assert (ended.code, ended.json["state"]) == (5, "uncertain")
    job = ended.json["job_id"]
    assert call("resume").code == 5
    assert len(sandbox.activities) == 1
    again = call("resume", job, "--resend-uncertain", "--json")
    assert (again.code, again.json["job_id"], again.json["person_count"]) == (0, job, 2)
    assert len(sandbox.activities) == 2


def test_a_chunk_that_was_given_up_is_sent_again_on_request(sandbox: Sandbox, people: str) -> None:
    """A failed activity ends the import with 5; --resend-failed submits it again."""
    sandbox.fail()
    ended = call("import", people, "--list", "Newsletter")
    assert ended.code == 5
    assert "--resend-failed" in ended.out
    assert "people who left a list meanwhile would be put back on it" in " ".join(ended.out.split())
    again = call("resume", "--resend-failed")
    assert again.code == 0
    assert "People who left a list since it was sent are put back on it." in again.err
    assert sandbox.contact_count == 2


def test_the_name_of_the_account_keeps_jobs_apart(sandbox: Sandbox, people: str) -> None:
    """With --account a command sees the jobs of that account alone, whatever the variable says."""
    sandbox.faults.add("429-day", path=IMPORTS, times=1)
    words = ("import", people, "--list", "Newsletter")
    assert call(*words, "--account", "acme").code == 4
    assert call("jobs", "--json").json["jobs"] == []
    (job,) = call("jobs", "--account", "acme", "--json").json["jobs"]
    assert call("jobs", "delete", job["job_id"]).code == 2
    assert call("jobs", "delete", job["job_id"], "--account", "acme").code == 0


def test_a_token_that_tells_no_account_names_the_option(
    sandbox: Sandbox, people: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where neither the token nor the service tells the account, the error says --account."""
    monkeypatch.delenv("CC_ASYNC_ACCOUNT")
    sandbox.faults.add("503-html", path="/account/summary")
    monkeypatch.setattr("cc_async.cli._connect.RETRY_POLICY", RetryPolicy(deadline=0.5))
    ended = call("jobs", "--json")
    assert ended.code != 0
    assert "--account NAME" in ended.json["error"]["hint"]
    assert call("jobs", "--account", "acme").code == 0


def test_jobs_are_listed_shown_cancelled_and_deleted(sandbox: Sandbox, people: str) -> None:
    """A job is listed with its state; it can be shown, cancelled and deleted."""
    sandbox.faults.add("429-day", path=IMPORTS, times=1)
    assert call("import", people, "--list", "Newsletter").code == 4
    (job,) = call("jobs", "--json").json["jobs"]
    assert (job["state"], job["contacts"]) == ("open", 2)
    assert job["job_id"] in call("jobs").out
    shown = call("jobs", "show", job["job_id"], "--json")
    assert (shown.code, shown.json["state"], shown.json["contacts_sent"]) == (0, "running", 2)
    assert call("jobs", "cancel", job["job_id"]).code == 0
    assert call("jobs", "--json").json["jobs"][0]["state"] == "cancelled"
    assert "was cancelled before it was finished" in call("jobs", "show", job["job_id"]).out
    assert call("resume").code == 2
    assert call("jobs", "delete", job["job_id"]).code == 0
    assert call("jobs", "--json").json == {"jobs": []}
    assert sandbox.contact_count == 0


@pytest.mark.parametrize(
    "words", [("resume",), ("resume", "nonsense"), ("jobs", "show", "nonsense")]
)
def test_a_job_that_is_not_there_is_bad_usage(sandbox: Sandbox, words: tuple[str, ...]) -> None:
    """If there is no such job, the command says so and ends with 2."""
    ended = call(*words)
    assert ended.code == 2
    assert "no" in ended.err
    assert "Traceback" not in ended.err


def test_a_changed_file_is_refused_with_the_reason(sandbox: Sandbox, people: str) -> None:
    """The same import of a changed file is refused, with both commands to type."""
    sandbox.faults.add("403", path=IMPORTS, times=1)
    assert call("import", people, "--list", "Newsletter").code == 3
    Path(people).write_text(PEOPLE + "carl@example.com\n")
    ended = call("import", people, "--list", "Newsletter")
    assert ended.code == 2
    assert "has changed" in ended.err
    assert "resume" in ended.err
    assert "jobs cancel" in ended.err
    assert call("resume").code == 0
    assert sandbox.contact_count == 2
    assert call("import", people, "--list", "Newsletter").code == 0
    assert sandbox.contact_count == 3


def test_contacts_that_did_not_arrive_are_shown_later_too(
    tmp_path: Path, people: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`jobs show` names lines and files long after the import, and no address."""
    rejects, missing = tmp_path / "rejects.csv", tmp_path / "missing.csv"
    Path(people).write_text(PEOPLE + "nobody\ncarl@example.com\ndora@example.com\n")
    with serving(SandboxSettings(activity_seconds=0.1, max_lines=3), monkeypatch) as sandbox:
        monkeypatch.delenv("CC_ASYNC_STORE")
        files = ("--rejects", str(rejects), "--missing", str(missing))
        assert call("import", people, "--list", "Newsletter", *files).code == 1
        (job,) = call("jobs", "--json").json["jobs"]
        spent = sandbox.received.count
        shown = call("jobs", "show", job["job_id"])
        assert sandbox.received.count == spent
    assert (job["state"], shown.code) == ("ended", 0)
    assert "line 4, email: " in shown.out
    assert "line 5: missing" in shown.out
    assert "line 6: missing" in shown.out
    assert str(rejects) in shown.out.replace("\n", "")
    assert str(missing) in shown.out.replace("\n", "")
    assert "example.com" not in shown.out


def test_people_are_named_in_json_and_when_a_job_is_shown(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kept off, replaced and rejected: each with its line, afterwards too, then without address."""
    monkeypatch.delenv("CC_ASYNC_STORE", raising=False)
    sandbox.add_contact("ann@example.com", permission="unsubscribed")
    rows = "Email,First Name\nbob@example.com,X\nann@example.com,X\nnobody,X\nbob@example.com,Y\n"
    ended = call("import", written(tmp_path, rows), "--list", "Newsletter", "--json")
    found = ended.json
    assert [row["line"] for row in found["kept_off"]] == [3]
    assert found["kept_off"][0]["email_address"] == "ann@example.com"
    assert found["merged_lines"] == [2]
    assert [(row["line"], row["column"]) for row in found["rejections"]] == [(4, "Email")]
    shown = call("jobs", "show", found["job_id"], "--json").json
    assert shown["kept_off"][0] == {**found["kept_off"][0], "email_address": ""}
    assert shown["merged_lines"] == [2]
    text = call("jobs", "show", found["job_id"]).out
    assert "1 row was replaced by a later row for the same contact:\n  line 2\n" in text
