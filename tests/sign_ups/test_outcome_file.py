"""The file with a line for each person of a sign-up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cc_async import SignUpOptions
from cc_async.errors import UnknownNameError
from tests.support.people import client_of, open_sandbox

pytestmark = pytest.mark.looptime

LISTS = ["Newsletter"]
SIGN_UP = "/contacts/sign_up_form"


def read(path: Path) -> list[dict[str, Any]]:
    """Return the lines of a file, by line of the source."""
    found = [json.loads(line) for line in path.read_text().splitlines()]
    return sorted(found, key=lambda each: int(each["line"]))


async def test_every_person_has_a_line_whatever_the_outcome(tmp_path: Path) -> None:
    """Each kind of outcome is named with address, reason and hint; the file is for its owner alone."""
    sandbox = open_sandbox(attempts_per_day=1)
    sandbox.add_contact("b@example.com", permission="unsubscribed")
    people, outcomes_file = tmp_path / "people.csv", tmp_path / "outcomes.jsonl"
    people.write_text(
        "email\na@example.com\nb@example.com\nno\na@example.com\nc@example.com\nd@example.com\n"
    )
    options = SignUpOptions(outcomes=outcomes_file)
    async with (
        client_of(sandbox) as cc,
        cc.bulk.sign_up(
            people,
            lists=LISTS,
            consent="explicit",
            suppress=["c@example.com"],
            concurrency=1,
            options=options,
        ) as outcomes,
    ):
        async for outcome in outcomes:
            if outcome.line == 6:
                sandbox.faults.add("500", path=SIGN_UP)
    lines = read(outcomes_file)
    contact = sandbox.find_contact("a@example.com")
    assert contact is not None
    assert lines[0] == {
        "line": 2, "email_address": "a@example.com", "status": "created",
        "contact_id": contact.contact_id, "column": "", "reason": "", "hint": "",
    }  # fmt: skip
    assert [(each["status"], bool(each["reason"]), bool(each["hint"])) for each in lines] == [
        ("created", False, False), ("suppressed", True, False), ("rejected", True, False),
        ("failed", True, True), ("suppressed", True, False), ("unknown", True, False),
    ]  # fmt: skip
    assert outcomes_file.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["outcomes.jsonl", "people.csv"]


async def test_a_resumed_sign_up_writes_the_outcomes_of_before_too(tmp_path: Path) -> None:
    """Those of earlier runs have no address, but their line and the id of the contact."""
    sandbox = open_sandbox(latency=0.1)
    people, outcomes_file = tmp_path / "people.csv", tmp_path / "outcomes.jsonl"
    people.write_text("email\nno\n" + "".join(f"p{n}@example.com\n" for n in range(40)))
    options = SignUpOptions(outcomes=outcomes_file)
    async with client_of(sandbox) as cc:
        async with cc.bulk.sign_up(
            people, lists=LISTS, consent="explicit", options=options
        ) as outcomes:
            await anext(outcomes)
        first = read(outcomes_file)
        assert len(first) == outcomes.report.contacts_read > 1
        async with cc.bulk.resume_sign_up(outcomes=outcomes_file) as outcomes:
            async for _ in outcomes:
                pass
    lines = read(outcomes_file)
    assert [each["line"] for each in lines] == list(range(2, 43))
    ids = {contact.contact_id for contact in sandbox.contacts}
    assert {each["contact_id"] for each in lines[1:]} == ids
    without = [each for each in lines if not each["email_address"] and each["status"] == "created"]
    assert len(without) == len(first) - 1
    assert outcomes.report.contacts_read == 41


async def test_a_sign_up_that_does_not_begin_leaves_an_older_file(tmp_path: Path) -> None:
    """A file of before is replaced once there are outcomes, or none because the source is empty."""
    outcomes_file = tmp_path / "outcomes.jsonl"
    outcomes_file.write_text("of before")
    options = SignUpOptions(outcomes=outcomes_file)
    async with client_of(open_sandbox()) as cc:
        with pytest.raises(UnknownNameError):
            async with cc.bulk.sign_up(
                [{"email": "a@example.com"}], lists=["None"], consent="explicit", options=options
            ):
                pass
        assert outcomes_file.read_text() == "of before"
        async with cc.bulk.sign_up([], lists=LISTS, consent="explicit", options=options):
            pass
        assert outcomes_file.read_text() == ""
