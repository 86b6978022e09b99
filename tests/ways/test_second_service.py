"""Reports agree person by person with a second service that drops a quarter of all requests."""

from __future__ import annotations

import string
from pathlib import Path

import pytest

from cc_async import ConstantContact, Limits, Network
from cc_async.retries import RetryPolicy
from tests.support.second_service import TOKEN, SecondService

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PEOPLE = 300
KNOWN, UNSUBSCRIBED, REFUSED = 20, 10, 8


def filled(seed: int) -> tuple[SecondService, list[str]]:
    """Return the service and the addresses of a file: new, known, unsubscribed and refused ones."""
    service = SecondService(seed=seed)
    service.list_id = service.add_list("Newsletter")  # type: ignore[attr-defined]
    known = [f"known{number}@example.com" for number in range(KNOWN)]
    unsubscribed = [f"left{number}@example.com" for number in range(UNSUBSCRIBED)]
    for address in known:
        service.add_person(address)
    for address in unsubscribed:
        service.add_person(address, "unsubscribed")
    refused = [f"r{number}@refused.example.com" for number in range(REFUSED)]
    new = [f"p{number}@example.com" for number in range(PEOPLE)]
    return service, [*new, *known, *unsubscribed, *refused]


def client(base_url: str) -> ConstantContact:
    return ConstantContact(
        TOKEN,
        account="second",
        network=Network(base_url=base_url, timeout=5),
        limits=Limits(per_second=400, per_day=1_000_000),
        stores="memory:",
        retry_policy=RetryPolicy(wait_initial=0.05, wait_max=0.5, patience=60),
        settle_seconds=3,
    )


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("lists", [24, 40])
async def test_an_import_agrees_with_the_service_person_by_person(
    seed: int, lists: int, tmp_path: Path
) -> None:
    """Sent once, and each person is on the lists, or named as kept off, missing or rejected."""
    service, addresses = filled(seed)
    names = [f"L{number}" for number in range(lists)]
    ids = {name: service.add_list(name) for name in names}
    wanted = {address: names[place % lists] for place, address in enumerate(addresses)}
    path = tmp_path / "people.csv"
    lines = [f"{address},Ana,{name}" for address, name in wanted.items()]
    path.write_text("email,first_name,lists\n" + "\n".join(lines) + "\n")
    async with service.serving() as base_url, client(base_url) as cc:
        report = await cc.bulk.import_contacts(path, lists=[names[0]])
        while report.state not in ("completed", "failed"):
            report = await cc.bulk.resume(report.job_id)
    assert sum(service.faults.values()) >= 1
    assert report.contacts_read == report.contacts_sent == len(addresses)
    assert max(service.imported.values()) == 1, "a body was imported twice"
    counted = report.person_count, report.correctable_count, report.cannot_add_to_list_count
    assert counted == (len(addresses), REFUSED, UNSUBSCRIBED)
    not_arrived = {str(each.values["email"]) for each in report.not_arrived}
    assert not_arrived == {one for one in addresses if one.endswith("refused.example.com")}
    for address, name in wanted.items():
        is_member = address in service.members(ids[name])
        assert is_member == (not address.startswith("left") and address not in not_arrived)
    assert all(
        service.people[one].permission == "unsubscribed" for one in addresses if "left" in one
    )


@pytest.mark.parametrize("seed", range(3))
async def test_sign_ups_agree_with_the_service_person_by_person(seed: int, tmp_path: Path) -> None:
    """Each person with a good outcome is on the list, and no other; all are explicit."""
    service, addresses = filled(seed)
    list_id = service.list_id  # type: ignore[attr-defined]
    path = tmp_path / "people.csv"
    path.write_text("email\n" + "\n".join(addresses) + "\n")
    outcomes: dict[str, str] = {}
    async with service.serving() as base_url, client(base_url) as cc:
        async with cc.bulk.sign_up(path, lists=["Newsletter"], consent="explicit") as running:
            async for outcome in running:
                outcomes[addresses[outcome.line - 2]] = outcome.status
        report = running.report
    assert sum(service.faults.values()) > 20
    assert len(outcomes) == report.contacts_read == len(addresses)
    expected = {"left": "suppressed", "known": "updated"}
    arrived = set()
    for address, status in outcomes.items():
        kind = address.partition("@")[0].rstrip(string.digits)
        if address.endswith("refused.example.com"):
            assert status == "failed"
        elif kind in expected:
            assert status == expected[kind], address
        if status in ("created", "updated"):
            arrived.add(address)
    unknown = {address for address, status in outcomes.items() if status == "unknown"}
    assert arrived <= service.members(list_id) <= arrived | unknown
    assert report.created + report.updated == len(arrived)
    assert (report.contacts_suppressed, report.failed) == (UNSUBSCRIBED, REFUSED)
    assert all(service.people[one].permission == "explicit" for one in arrived)
    assert all(
        service.people[one].permission == "unsubscribed" for one in addresses if "left" in one
    )
    assert max(service.sign_ups.values()) <= 3
