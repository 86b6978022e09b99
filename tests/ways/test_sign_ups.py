"""Sign-ups over a real connection, and of one person from two sides."""

from __future__ import annotations

import asyncio

import pytest

from cc_async import ConstantContact, Limits, Network, SignUp
from tests.support.people import client_of, open_sandbox


@pytest.mark.slow
async def test_three_thousand_sign_ups_with_every_address_twice() -> None:
    """Rows of one address never collide, and the values of the later row are kept."""
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
        cc.bulk.sign_up(
            people, lists=["Newsletter"], consent="explicit", concurrency=8
        ) as outcomes,
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
async def test_a_colliding_write_is_tried_again() -> None:
    """A 409, because another client writes to the same contact, passes."""
    sandbox = open_sandbox(latency=0.3)
    async with client_of(sandbox) as one, client_of(sandbox) as two:
        list_id = sandbox.contact_lists[0].list_id
        results = await asyncio.gather(
            one.contacts.sign_up(
                SignUp("a@example.com", [list_id], first_name="A"), consent="explicit"
            ),
            two.contacts.sign_up(
                SignUp("a@example.com", [list_id], last_name="B"), consent="explicit"
            ),
        )
    assert sorted(result.action for result in results) == ["created", "updated"]
    assert 409 in [entry.status for entry in sandbox.received]
