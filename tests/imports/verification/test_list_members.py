"""The members of a list are read by pages or by an export, whichever costs less."""

from __future__ import annotations

import anyio
import pytest

from cc_async.imports.verification import _list_members
from cc_async.imports.verification._list_members import (
    Membership,
    is_export_cheaper,
    read_members,
    requests_to_read_back,
)
from cc_async.sandbox import Sandbox
from tests.support.people import client_of, open_sandbox

pytestmark = pytest.mark.looptime


def filled(people: int, **settings: object) -> Sandbox:
    sandbox = open_sandbox(activity_seconds=5.0, **settings)
    newsletter = sandbox.contact_lists[0].list_id
    for number in range(people):
        sandbox.add_contact(f"P{number}@example.com", lists=(newsletter,))
    sandbox.add_contact("elsewhere@example.com")
    return sandbox


async def read(
    sandbox: Sandbox, *, expected: int = 0, has_numbers: bool = False
) -> tuple[Membership, dict[str, int]]:
    members: dict[str, int] = {}
    async with client_of(sandbox) as cc:
        found = await read_members(
            cc._session,
            sandbox.contact_lists[0].list_id,
            members.__setitem__,
            expected=expected,
            has_numbers=has_numbers,
        )
    return found, members


def paths(sandbox: Sandbox) -> list[str]:
    return [entry.path.removeprefix("/v3") for entry in sandbox.received]


def test_an_export_costs_about_eight_requests_and_a_page_one() -> None:
    """Up to 4,000 contacts pages are no dearer."""
    assert not is_export_cheaper(4_000)
    assert is_export_cheaper(4_001)
    assert [requests_to_read_back(count) for count in (0, 1, 501, 10**6)] == [0, 1, 2, 8]


async def test_a_small_list_is_read_page_by_page() -> None:
    """Identities come in lower case with the times of their updates."""
    sandbox = filled(3)
    found, members = await read(sandbox, expected=3)
    assert found == Membership("pages", has_dates=True)
    assert sorted(members) == ["p0@example.com", "p1@example.com", "p2@example.com"]
    assert all(0 < updated <= sandbox.clock() for updated in members.values())
    assert paths(sandbox) == ["/contacts"]


@pytest.mark.parametrize("expected", [0, 600])
async def test_a_large_list_is_exported(expected: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Known to be large before, or told so by the first page."""
    monkeypatch.setattr(_list_members, "_EXPORT_COST", 1)
    sandbox = filled(1_100)
    found, members = await read(sandbox, expected=expected)
    assert found.by == "export"
    assert len(members) == 1_100
    assert paths(sandbox)[0 if expected else 1] == "/activities/contact_exports"


async def test_numbers_without_an_address_are_looked_for_on_pages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An export does not show them, so pages are read however many there are."""
    monkeypatch.setattr(_list_members, "_EXPORT_COST", 0)
    found, members = await read(filled(1_100), expected=1_100, has_numbers=True)
    assert (found.by, len(members)) == ("pages", 1_100)


@pytest.mark.parametrize("fault", ["500", "503-html"])
async def test_pages_are_read_where_no_export_can_be_had(
    fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service refuses it, or answers with something else."""
    monkeypatch.setattr(_list_members, "_EXPORT_COST", 0)
    sandbox = filled(10)
    sandbox.faults.add(fault, path="/activities/contact_exports", share=1.0)
    found, members = await read(sandbox, expected=10)
    assert (found.by, len(members)) == ("pages", 10)


async def test_an_export_of_many_contacts_is_not_looked_at_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A second for every 100,000 contacts: an earlier look is a lost request."""
    monkeypatch.setattr(_list_members, "_EXPORT_COST", 0)
    sandbox = filled(10)
    started = anyio.current_time()
    await read(sandbox, expected=2_000_000)
    assert anyio.current_time() - started >= 20.0
    assert len(paths(sandbox)) == 3
