"""Sign-ups that stop early, and go on, from the command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cc_async.sandbox import Sandbox, SandboxSettings
from tests.support.command import call, serving

SIGN_UP = "/contacts/sign_up_form"
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


def stopped(sandbox: Sandbox, people: str) -> str:
    """Sign up the first person and meet the end of the day; return the job's id."""
    sandbox.faults.add("429-day", path=SIGN_UP)
    first = call("upsert", people, *CONSENT)
    assert first.code == 4
    assert "cc-async resume" in first.err
    assert sandbox.contact_count == 0
    sandbox.faults.clear()
    (job,) = call("jobs", "--json").json["jobs"]
    assert (job["kind"], job["state"], job["contacts"]) == ("sign_up", "open", 3)
    return str(job["job_id"])


def test_a_sign_up_that_met_the_end_of_the_day_is_resumed(sandbox: Sandbox, people: str) -> None:
    """After exit code 4 `resume` goes on with the sign-up; its report counts everybody."""
    job_id = stopped(sandbox, people)
    ended = call("resume", "--json")
    assert (ended.code, ended.json["created"], ended.json["contacts_rejected"]) == (1, 3, 1)
    assert sandbox.contact_count == 3
    assert call("resume").code == 2
    shown = call("jobs", "show", job_id, "--json")
    assert (shown.code, shown.json["created"]) == (0, 3)


def test_the_same_sign_up_again_goes_on(sandbox: Sandbox, people: str) -> None:
    """A person whom the service failed is tried again by the same command; the others are not."""
    for _ in range(3):  # all tries of a sign-up before this one
        sandbox.faults.add("500", path=SIGN_UP, times=1)
    first = call("upsert", people, *CONSENT, "--json")
    assert (first.code, first.json["created"], first.json["failed"]) == (5, 2, 1)
    again = call("upsert", people, *CONSENT, "--json")
    assert "Going on with sign-up" in again.err
    assert (again.code, again.json["created"], again.json["failed"]) == (1, 2, 1)
    told = call("upsert", people, *CONSENT).out
    assert "tried 3 times within a day" in told
    assert len([entry for entry in sandbox.received if entry.path == "/v3" + SIGN_UP]) == 5


def test_a_sign_up_can_be_given_up(sandbox: Sandbox, people: str) -> None:
    """A cancelled sign-up is not gone on with, and a deleted one is forgotten."""
    job_id = stopped(sandbox, people)
    assert call("jobs", "cancel", job_id).code == 0
    assert call("resume").code == 2
    assert "sign-up" in call("jobs").out
    assert call("jobs", "delete", job_id).code == 0
    assert call("jobs").out.startswith("There are no jobs")


def test_a_file_that_changed_is_refused(sandbox: Sandbox, people: str) -> None:
    """A file that is not what it was is refused with the reason and a way out."""
    job_id = stopped(sandbox, people)
    Path(people).write_text("email\nann@example.com\n")
    for words in (("upsert", people, *CONSENT), ("resume",)):
        ended = call(*words)
        assert ended.code == 2
        assert "has changed" in ended.err
        assert f"jobs cancel {job_id}" in ended.err
