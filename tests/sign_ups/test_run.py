"""One run of a bulk sign-up: consent, suppression, reading no further than needed, its end."""

from __future__ import annotations

import asyncio
import csv
import datetime as dt
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from cc_async import ConstantContact, SignUp, SignUpOptions, SignUpOutcomes
from cc_async.errors import ConsentRequiredError, InvalidRequestError, UnknownNameError
from tests.support.people import client_of, open_sandbox

pytestmark = pytest.mark.looptime

LISTS = ["Newsletter"]
SIGN_UP = "/contacts/sign_up_form"


async def test_without_consent_nothing_is_sent() -> None:
    """A bulk sign-up without consent is refused with the reason, before any request."""
    sandbox = open_sandbox()
    async with client_of(sandbox) as cc:
        with pytest.raises(ConsentRequiredError, match="asked for it"):
            async with cc.bulk.sign_up(
                [{"email": "a@example.com"}], lists=LISTS, consent="implicit"
            ):
                raise AssertionError("never here")
    assert len(sandbox.received) == 0


async def test_opt_outs_are_suppressed() -> None:
    """People who opted out are not signed up, unless they consented after that."""
    sandbox = open_sandbox()
    sandbox.add_contact("left@example.com", permission="unsubscribed")
    sandbox.add_contact("back@example.com", permission="unsubscribed")
    sandbox.add_contact("stale@example.com", permission="unsubscribed")
    now = dt.datetime.now(dt.UTC)
    people = [
        SignUp("LEFT@example.com"),
        SignUp("back@example.com", consented_at=now + dt.timedelta(days=1)),
        SignUp("stale@example.com", consented_at=now - dt.timedelta(days=900)),
        SignUp("new@example.com"),
    ]
    async with (
        client_of(sandbox) as cc,
        cc.bulk.sign_up(people, lists=LISTS, consent="explicit") as outcomes,
    ):
        found = {outcome.line: outcome async for outcome in outcomes}
    assert [found[line].status for line in (1, 2, 3, 4)] == [
        "suppressed", "updated", "suppressed", "created",
    ]  # fmt: skip
    assert found[1].reason == "unsubscribed"
    assert outcomes.report.contacts_suppressed == 2
    left = sandbox.find_contact("left@example.com")
    assert left is not None
    assert left.is_unsubscribed


async def test_opt_outs_can_be_signed_up_again() -> None:
    """With `protect=()` opt-outs are not looked up, and unsubscribed people are signed up again."""
    sandbox = open_sandbox()
    sandbox.add_contact("left@example.com", permission="unsubscribed")
    async with (
        client_of(sandbox) as cc,
        cc.bulk.sign_up(
            [{"email": "left@example.com"}],
            lists=LISTS,
            consent="explicit",
            options=SignUpOptions(protect=()),
        ) as outcomes,
    ):
        assert [outcome.status async for outcome in outcomes] == ["updated"]
    assert not [entry for entry in sandbox.received if entry.path == "/v3/contacts"]


@pytest.mark.parametrize(("unsubscribed", "people", "lookups"), [(3, 900, 1), (2600, 2, 3)])
async def test_opt_outs_are_found_at_the_least_cost(
    unsubscribed: int, people: int, lookups: int, tmp_path: Path
) -> None:
    """Few opt-outs are read in pages; if there are many, each of a few people is looked up."""
    sandbox = open_sandbox()
    for number in range(unsubscribed):
        sandbox.add_contact(f"u{number}@example.com", permission="unsubscribed")
    path = tmp_path / "people.csv"
    path.write_text("email\n" + "".join(f"u{number}@example.com\n" for number in range(people)))
    async with (
        client_of(sandbox) as cc,
        cc.bulk.sign_up(path, lists=LISTS, consent="explicit") as outcomes,
    ):
        statuses = [outcome.status async for outcome in outcomes]
    assert statuses.count("suppressed") == min(people, unsubscribed)
    asked = [entry for entry in sandbox.received if entry.path == "/v3/contacts"]
    assert len(asked) == lookups


async def test_an_endless_source_is_read_no_further_than_needed() -> None:
    """Of an endless async iterable no more is read than was signed up, is in flight, or waits."""
    taken = 0

    async def people() -> AsyncIterator[dict[str, str]]:
        nonlocal taken
        while True:
            taken += 1
            yield {"email": f"p{taken}@example.com"}

    sandbox = open_sandbox(latency=0.1)
    async with (
        client_of(sandbox) as cc,
        cc.bulk.sign_up(people(), lists=LISTS, consent="explicit", concurrency=4) as outcomes,
    ):
        for _ in range(10):
            await anext(outcomes)
    assert taken <= 18
    assert sandbox.contact_count == taken


async def test_an_unknown_list_is_refused_with_a_suggestion() -> None:
    """The error for an unknown list offers the nearest name."""
    async with client_of(open_sandbox()) as cc:
        with pytest.raises(UnknownNameError) as caught:
            async with cc.bulk.sign_up([], lists=["Newsleter"], consent="explicit"):
                raise AssertionError("never here")
    assert "Newsletter" in caught.value.hint


async def test_rejected_rows_are_kept_in_a_file(tmp_path: Path) -> None:
    """Rows that cannot be signed up are written to the file of rejects, readable by its owner."""
    sandbox = open_sandbox()
    people, rejects = tmp_path / "people.csv", tmp_path / "rejects.csv"
    people.write_text("Email,First Name\nann@example.com,Ann\nnobody,Bob\n")
    async with (
        client_of(sandbox) as cc,
        cc.bulk.sign_up(
            people, lists=LISTS, consent="explicit", options=SignUpOptions(rejects=rejects)
        ) as outcomes,
    ):
        statuses = sorted([outcome.status async for outcome in outcomes])
    assert statuses == ["created", "rejected"]
    assert rejects.stat().st_mode & 0o777 == 0o600
    with rejects.open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["Email"], row["line"], row["column"]) == ("nobody", "3", "Email")


async def test_a_stopped_sign_up_has_an_outcome_for_each_person_sent() -> None:
    """After `stop` nothing more is read, and each person who was signed up has an outcome."""
    people = [{"email": f"p{number}@example.com"} for number in range(60)]
    sandbox = open_sandbox(latency=0.1)
    async with (
        client_of(sandbox) as cc,
        cc.bulk.sign_up(people, lists=LISTS, consent="explicit") as outcomes,
    ):
        async for _ in outcomes:
            outcomes.stop()
    assert 1 <= outcomes.report.created < 60
    assert outcomes.report.created == sandbox.contact_count


async def test_addresses_of_the_callers_list_are_suppressed(tmp_path: Path) -> None:
    """Addresses in `suppress` are not sent, whenever they consented."""
    sandbox = open_sandbox()
    former = tmp_path / "former.csv"
    former.write_text("Name,Email address\nAnn,ANN@example.com\n")
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    people = [SignUp("ann@example.com", consented_at=later), SignUp("bob@example.com")]
    async with (
        client_of(sandbox) as cc,
        cc.bulk.sign_up(people, lists=LISTS, consent="explicit", suppress=former) as outcomes,
    ):
        found = {outcome.line: (outcome.status, outcome.reason) async for outcome in outcomes}
    assert found == {1: ("suppressed", "in your list"), 2: ("created", "")}
    assert sandbox.find_contact("ann@example.com") is None


async def test_a_sign_up_needs_a_worker() -> None:
    """A concurrency below 1 is refused before anything is read."""
    async with client_of(open_sandbox()) as cc:
        with pytest.raises(InvalidRequestError, match="at least 1"):
            async with cc.bulk.sign_up([], lists=LISTS, consent="explicit", concurrency=0):
                raise AssertionError("never here")


async def _leave(how: str, outcomes: SignUpOutcomes) -> None:
    """Read twenty outcomes, then leave."""
    for _ in range(20):
        await anext(outcomes)
    if how == "an exception":
        raise LookupError(how)
    if how == "a cancellation":
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await asyncio.sleep(0)


@pytest.mark.parametrize("how", ["break", "an exception", "a cancellation"])
@pytest.mark.parametrize("latency", [0.3, 30.0])
async def test_all_requests_are_counted_when_the_caller_leaves(how: str, latency: float) -> None:
    """Those on their way are waited for; what takes longer than ten seconds is unknown."""
    people = [{"email": f"p{number}@example.com"} for number in range(60)]
    sandbox = open_sandbox(latency=0.1)
    found = []

    async def run(cc: ConstantContact) -> None:
        async with cc.bulk.sign_up(people, lists=LISTS, consent="explicit") as outcomes:
            found.append(outcomes)
            asyncio.get_running_loop().call_later(
                0.25, lambda: sandbox.faults.add("latency", path=SIGN_UP, seconds=latency)
            )
            await _leave(how, outcomes)

    async with client_of(sandbox) as cc:
        with suppress(LookupError, asyncio.CancelledError):
            await asyncio.create_task(run(cc))
        report = found[0].report
        await asyncio.sleep(60)
    sent = [entry for entry in sandbox.received if entry.path == "/v3" + SIGN_UP]
    assert report.created + report.unknown == report.contacts_read == len(sent)
    assert (report.unknown > 0) == (latency > 10)
