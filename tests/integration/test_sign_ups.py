"""Bulk sign-ups: one at a time for each person, never too many, everyone answered."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cc_async import ConstantContact, Limits, Network, SignUp
from cc_async.errors import (
    ConsentRequiredError,
    DailyQuotaError,
    PermissionDeniedError,
    ServerError,
    UnknownNameError,
)
from tests.support.people import client_of, open_sandbox

LISTS = ["Newsletter"]
SIGN_UP = "/contacts/sign_up_form"


async def test_three_thousand_sign_ups_with_every_address_twice() -> None:
    """In doubled, differently spelled input nothing collides, and the later values are kept."""
    sandbox = open_sandbox(latency=0.002, latency_jitter=0.004)
    people = [
        {"email": f"Person{number}@Example.COM", "first_name": "Early"} for number in range(1500)
    ]
    people += [
        {"email": f"person{number}@example.com", "first_name": f"Late{number}"}
        for number in reversed(range(1500))
    ]
    async with (
        sandbox.serve() as server,
        ConstantContact(
            "sandbox-token",
            network=Network(base_url=server.url),
            limits=Limits(per_second=10_000),
            stores="memory:",
        ) as cc,
        cc.bulk.sign_up(people, lists=LISTS, consent="explicit", concurrency=8) as outcomes,
    ):
        lines = sorted([outcome.line async for outcome in outcomes])
    assert lines == list(range(1, 3001))
    report = outcomes.report
    assert (report.created, report.updated, report.failed) == (1500, 1500, 0)
    assert sandbox.received.most_in_flight <= 8
    assert not [entry for entry in sandbox.received if entry.status == 409]
    for number in (0, 750, 1499):
        contact = sandbox.find_contact(f"person{number}@example.com")
        assert contact is not None
        assert contact.first_name == f"Late{number}"


@pytest.mark.looptime
async def test_without_the_callers_word_nothing_is_sent() -> None:
    """A bulk sign-up without consent is refused with the reason, before any request."""
    sandbox = open_sandbox()
    async with client_of(sandbox) as cc:
        with pytest.raises(ConsentRequiredError, match="asked for it"):
            async with cc.bulk.sign_up([{"email": "a@example.com"}], lists=LISTS):
                raise AssertionError("never here")
    assert len(sandbox.received) == 0


@pytest.mark.looptime
async def test_people_who_left_are_left_alone() -> None:
    """Unsubscribed and deleted people are not signed up, unless their consent is the newer."""
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
        "protected", "updated", "protected", "created",
    ]  # fmt: skip
    assert found[1].reason == "unsubscribed"
    assert outcomes.report.contacts_suppressed == 2
    left = sandbox.find_contact("left@example.com")
    assert left is not None
    assert left.is_unsubscribed


@pytest.mark.looptime
async def test_protection_can_be_lifted() -> None:
    """With protect=() nobody is looked up, and unsubscribed people are signed up again."""
    sandbox = open_sandbox()
    sandbox.add_contact("left@example.com", permission="unsubscribed")
    async with (
        client_of(sandbox) as cc,
        cc.bulk.sign_up(
            [{"email": "left@example.com"}], lists=LISTS, consent="explicit", protect=()
        ) as outcomes,
    ):
        assert [outcome.status async for outcome in outcomes] == ["updated"]
    assert not [entry for entry in sandbox.received if entry.path == "/v3/contacts"]


@pytest.mark.looptime
@pytest.mark.parametrize(("unsubscribed", "people", "lookups"), [(3, 900, 1), (2600, 2, 3)])
async def test_whoever_left_is_found_at_the_least_cost(
    unsubscribed: int, people: int, lookups: int, tmp_path: Path
) -> None:
    """Many people and few opt-outs: pages are read; few people and many opt-outs: each is asked."""
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
    assert statuses.count("protected") == min(people, unsubscribed)
    asked = [entry for entry in sandbox.received if entry.path == "/v3/contacts"]
    assert len(asked) == lookups


@pytest.mark.looptime
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


@pytest.mark.looptime
async def test_one_refused_person_does_not_stop_the_others() -> None:
    """A person the service refuses is a failed outcome with the error; the others go on."""
    sandbox = open_sandbox(tries_per_day=1)
    people = [{"email": "a@example.com"}] * 2 + [{"email": "b@example.com"}, {"email": "no"}]
    async with (
        client_of(sandbox) as cc,
        cc.bulk.sign_up(people, lists=LISTS, consent="explicit") as outcomes,
    ):
        found = {outcome.line: outcome async for outcome in outcomes}
    assert [found[line].status for line in (1, 2, 3, 4)] == [
        "created", "failed", "created", "rejected",
    ]  # fmt: skip
    assert outcomes.report.contacts_read == 4


@pytest.mark.looptime
async def test_no_address_is_tried_more_than_three_times() -> None:
    """However often an address comes, and however often the service fails, three tries are all."""
    sandbox = open_sandbox()
    sandbox.faults.add("503", path=SIGN_UP, times=2)
    people = [{"email": "a@example.com"}] * 4
    async with (
        client_of(sandbox) as cc,
        cc.bulk.sign_up(people, lists=LISTS, consent="explicit") as outcomes,
    ):
        statuses = [outcome.status async for outcome in outcomes]
    assert statuses == ["created", "failed", "failed", "failed"]
    tries = [entry for entry in sandbox.received if entry.path == "/v3" + SIGN_UP]
    assert len(tries) == 3


@pytest.mark.looptime
@pytest.mark.parametrize(
    ("fault", "kind", "most"),
    [("403", PermissionDeniedError, 8), ("429-day", DailyQuotaError, 8), ("500", ServerError, 60)],
)
async def test_what_everyone_would_meet_stops_the_sign_up(
    fault: str, kind: type[Exception], most: int
) -> None:
    """A missing right, a used-up day or a service that is down ends it, with the error at the end."""
    sandbox = open_sandbox()
    sandbox.faults.add(fault, path=SIGN_UP)
    people = [{"email": f"p{number}@example.com"} for number in range(500)]
    seen = []
    async with client_of(sandbox) as cc:
        with pytest.raises(kind):
            async with cc.bulk.sign_up(people, lists=LISTS, consent="explicit") as outcomes:
                async for outcome in outcomes:
                    seen.append(outcome.status)  # noqa: PERF401 - the error comes after these
    assert set(seen) == {"failed"}
    tries = [entry for entry in sandbox.received if entry.path == "/v3" + SIGN_UP]
    assert len(tries) <= most


@pytest.mark.looptime
async def test_a_colliding_write_is_tried_again() -> None:
    """A 409 because somebody else writes to the same person passes."""
    sandbox = open_sandbox(latency=0.3)
    async with client_of(sandbox) as one, client_of(sandbox) as two:
        list_id = sandbox.contact_lists[0].list_id
        results = await asyncio.gather(
            one.contacts.sign_up(SignUp("a@example.com", [list_id], first_name="A")),
            two.contacts.sign_up(SignUp("a@example.com", [list_id], last_name="B")),
        )
    assert sorted(result.action for result in results) == ["created", "updated"]
    assert 409 in [entry.status for entry in sandbox.received]


@pytest.mark.looptime
async def test_an_unknown_list_is_named_with_what_was_meant() -> None:
    """A list the account does not have is an error that offers the nearest name."""
    async with client_of(open_sandbox()) as cc:
        with pytest.raises(UnknownNameError) as caught:
            async with cc.bulk.sign_up([], lists=["Newsleter"], consent="explicit"):
                raise AssertionError("never here")
    assert "Newsletter" in caught.value.hint
