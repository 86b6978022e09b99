"""What a bulk sign-up leaves behind: rejected rows in a file, and an account of an early end."""

import csv
from pathlib import Path

import pytest

from cc_async import ConstantContact, Limits, Network
from cc_async.errors import InputError
from cc_async.sandbox import Sandbox, SandboxSettings

SETTINGS = SandboxSettings(per_second=100)


def client(url: str) -> ConstantContact:
    return ConstantContact(
        "sandbox-token",
        network=Network(base_url=url),
        limits=Limits(per_second=100),
        stores="memory:",
    )


async def test_rejected_rows_are_kept_in_a_file(tmp_path: Path) -> None:
    """Rows that cannot be signed up are written to the file of rejects, readable by its owner."""
    people, rejects = tmp_path / "people.csv", tmp_path / "rejects.csv"
    people.write_text("Email,First Name\nann@example.com,Ann\nnobody,Bob\n")
    async with (
        Sandbox(SETTINGS).serve() as server,
        client(server.url) as cc,
        cc.bulk.sign_up(
            people, lists=["Newsletter"], consent="explicit", rejects=rejects
        ) as outcomes,
    ):
        statuses = sorted([outcome.status async for outcome in outcomes])
    assert statuses == ["created", "rejected"]
    assert rejects.stat().st_mode & 0o777 == 0o600
    with rejects.open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["Email"], row["line"], row["column"]) == ("nobody", "3", "Email")


async def test_a_stopped_sign_up_accounts_for_all_it_began(tmp_path: Path) -> None:
    """After `stop` nothing more is read, and everybody who was signed up has an outcome."""
    people = [{"email": f"p{number}@example.com"} for number in range(60)]
    sandbox = Sandbox(SETTINGS)
    async with (
        sandbox.serve() as server,
        client(server.url) as cc,
        cc.bulk.sign_up(people, lists=["Newsletter"], consent="explicit") as outcomes,
    ):
        async for _ in outcomes:
            outcomes.stop()
    assert 1 <= outcomes.report.created < 60
    assert outcomes.report.created == sandbox.contact_count


async def test_a_rehearsal_signs_nobody_up(tmp_path: Path) -> None:
    """A rehearsal counts people, rejected rows and requests, and sends no sign-up."""
    people = tmp_path / "people.csv"
    people.write_text("Email\nann@example.com\nnobody\nbob@example.com\n")
    sandbox = Sandbox(SETTINGS)
    async with sandbox.serve() as server, client(server.url) as cc:
        told = await cc.bulk.rehearse_sign_ups(people, lists=["Newsletter"])
        spent = len(sandbox.received)
        async with cc.bulk.sign_up(people, lists=["Newsletter"], consent="explicit") as outcomes:
            assert [each.status async for each in outcomes].count("created") == 2
    assert (told.contacts_read, told.contacts_rejected, told.people) == (3, 1, 2)
    assert told.rejections[0].line == 3
    assert told.requests == spent == 3
    assert told.requests_ahead == outcomes.report.requests
    assert {entry.method for entry in list(sandbox.received)[:spent]} == {"GET"}


async def test_nobody_of_an_unreadable_file_is_signed_up(tmp_path: Path) -> None:
    """A file that cannot be read to its end signs nobody up, not even with nobody protected."""
    people = tmp_path / "people.csv"
    people.write_text("Email,First Name\n" + "a@example.com,A\n" * 2000 + 'b@example.com,"B\n')
    sandbox = Sandbox(SETTINGS)
    async with sandbox.serve() as server, client(server.url) as cc:
        with pytest.raises(InputError):
            async with cc.bulk.sign_up(
                people, lists=["Newsletter"], consent="explicit", protect=()
            ) as outcomes:
                await anext(outcomes)
    assert "POST" not in {entry.method for entry in sandbox.received}
