"""Suppressed people are left out of an import before anything is sent, and their lines are named."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from cc_async import ImportOptions
from cc_async.errors import InvalidRequestError, UnexpectedResponseError
from cc_async.lookups import SuppressionKind, SuppressionList, open_suppression
from cc_async.sandbox import Sandbox
from cc_async.wire import Reply
from tests.support.people import client_of, open_sandbox
from tests.support.scripted import ScriptedTransport, make_session, reply

pytestmark = pytest.mark.looptime

EMAILS = ("new@example.com", " Gone@Example.com ", "left@example.com", "known@example.com")


def filled(more: int = 0) -> Sandbox:
    sandbox = open_sandbox()
    sandbox.add_contact("gone@example.com", permission="unsubscribed")
    sandbox.add_contact("left@example.com", is_deleted=True)
    sandbox.add_contact("known@example.com")
    for number in range(more):
        sandbox.add_contact(f"other{number}@example.com", permission="unsubscribed")
    return sandbox


def imported(sandbox: Sandbox) -> list[bytes]:
    return [entry.body for entry in sandbox.received if entry.path.endswith("_import")]


@pytest.mark.parametrize(
    ("protect", "lines"),
    [
        ((), []),
        (("unsubscribed",), [2]),
        (("deleted",), [3]),
        (("deleted", "unsubscribed"), [2, 3]),
    ],
)
async def test_opt_outs_are_left_out_and_named(protect: tuple[str, ...], lines: list[int]) -> None:
    """Nothing of them is sent; the report counts them and names their lines and the reason."""
    sandbox = filled()
    rows = [{"email": email} for email in EMAILS]
    async with client_of(sandbox) as cc:
        report = await cc.bulk.import_contacts(
            rows,
            lists=["Newsletter"],
            options=ImportOptions(protect=protect, verify=False),  # type: ignore[arg-type]
        )
    assert [each.line for each in report.suppressed] == lines
    assert report.contacts_suppressed == len(lines)
    assert report.contacts_sent == 4 - len(lines)
    sent = b"".join(imported(sandbox)).lower()
    assert (b"gone@" in sent, b"left@" in sent) == (2 not in lines, 3 not in lines)
    assert {each.reason for each in report.suppressed} <= {
        "suppressed: unsubscribed",
        "suppressed: deleted",
    }


async def test_leaving_people_out_is_no_fault() -> None:
    """An import of which all others arrived is all accepted."""
    rows = [{"email": email} for email in EMAILS]
    async with client_of(filled()) as cc:
        report = await cc.bulk.import_contacts(
            rows, lists=["Newsletter"], options=ImportOptions(protect=["unsubscribed", "deleted"])
        )
    assert report.is_all_accepted


async def test_the_cheaper_way_of_asking_is_taken(tmp_path: Path) -> None:
    """A few people are asked about one by one where thousands unsubscribed; many are not."""
    path = tmp_path / "people.csv"
    path.write_text("email\n" + "\n".join(email.strip() for email in EMAILS))
    sandbox = filled(more=3_000)
    async with client_of(sandbox) as cc:
        report = await cc.bulk.import_contacts(
            path,
            lists=["Newsletter"],
            options=ImportOptions(protect=["unsubscribed"], verify=False),
        )
    assert [each.line for each in report.suppressed] == [3]
    asked = [entry.query for entry in sandbox.received if entry.path == "/v3/contacts"]
    assert len(asked) == 1 + 4
    sandbox.received.clear()
    rows = [{"email": f"n{number}@example.com"} for number in range(50)]
    async with client_of(sandbox) as cc:
        report = await cc.bulk.import_contacts(
            rows, lists=["Newsletter"], options=ImportOptions(protect=["unsubscribed"])
        )
    assert report.contacts_suppressed == 0
    assert sum(entry.path == "/v3/contacts" for entry in sandbox.received) == 7


async def test_a_person_with_nothing_but_a_number_is_not_looked_up() -> None:
    """A row without an address is sent: the service finds no contact by a number."""
    rows = [{"sms_number": "781-555-0123", "sms_consent_date": "2026-01-01"}]
    async with client_of(filled()) as cc:
        report = await cc.bulk.import_contacts(
            rows,
            lists=["Newsletter"],
            options=ImportOptions(protect=["unsubscribed"], sms_permission="not_set"),
        )
    assert (report.contacts_suppressed, report.contacts_sent) == (0, 1)


async def test_preferences_are_pulled_in_one_call() -> None:
    """All people who unsubscribed or were deleted are known by address, with the moment."""
    sandbox = filled(more=600)
    async with client_of(sandbox) as cc:
        found = await cc.bulk.preferences()
        few = await cc.bulk.preferences(["deleted"])
    assert len(found.opt_outs) == 602
    gone, left = found.of(" GONE@example.com"), found.of("left@example.com")
    assert gone is not None
    assert left is not None
    assert (gone.kind, left.kind) == ("unsubscribed", "deleted")
    assert gone.since.timestamp() <= sandbox.clock() < left.since.timestamp()
    assert found.of("known@example.com") is None
    assert set(few.opt_outs) == {"left@example.com"}
    assert "@" not in repr(found)


async def _each(items: list[str]) -> AsyncIterator[str]:
    for item in items:
        yield item


@pytest.mark.parametrize("kind", ["path", "text", "paths", "addresses", "async"])
async def test_addresses_in_the_callers_list_are_left_out_of_an_import(
    kind: str, tmp_path: Path
) -> None:
    """From a file, several files, a list or an async iterable; the reason names the list."""
    path = tmp_path / "former.csv"
    path.write_text("KNOWN@example.com\nother@example.com\n")
    suppress: Any = {
        "path": path,
        "text": str(path),
        "paths": [path, "new@example.com"],
        "addresses": {" Known@example.com"},
        "async": _each(["known@example.com"]),
    }[kind]
    sandbox = filled()
    async with client_of(sandbox) as cc:
        report = await cc.bulk.import_contacts(
            [{"email": email} for email in EMAILS],
            lists=["Newsletter"],
            suppress=suppress,
            options=ImportOptions(protect=["deleted"], verify=False),
        )
    expected = {1: "in your list"} if kind == "paths" else {}
    expected |= {3: "deleted", 4: "in your list"}
    found = {row.line: row.reason.removeprefix("suppressed: ") for row in report.suppressed}
    assert found == expected
    assert b"known@" not in b"".join(imported(sandbox)).lower()


async def test_the_callers_list_alone_costs_no_request() -> None:
    """Without opt-outs to look up, the account is not asked for any contact."""
    sandbox = filled()
    async with client_of(sandbox) as cc:
        report = await cc.bulk.import_contacts(
            [{"email": "new@example.com"}, {"email": "old@example.com"}],
            lists=["Newsletter"],
            suppress=["old@example.com"],
            options=ImportOptions(verify=False),
        )
    assert (report.contacts_suppressed, report.contacts_sent) == (1, 1)
    assert not [entry for entry in sandbox.received if entry.path == "/v3/contacts"]


async def test_the_same_file_with_another_list_is_another_import(tmp_path: Path) -> None:
    """An unfinished import goes on only where the same addresses are left out, in any order."""
    path = tmp_path / "people.csv"
    path.write_text("email\nann@example.com\nbob@example.com\n")
    ids = []
    async with client_of(filled()) as cc:
        for suppress in (
            ["bob@example.com", "c@example.com"],
            ["C@example.com", "bob@example.com"],
            ["c@example.com"],
            (),
        ):
            job = await cc.bulk.submit_import(path, lists=["Newsletter"], suppress=suppress)
            ids.append(job.id)
            await job.aclose()
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3


@pytest.mark.parametrize("protect", [("all",), "deleted", ("unsubscribed", "left-list")])
async def test_an_unknown_kind_of_opt_out_is_an_error(protect: tuple[str, ...]) -> None:
    """Nothing is sent, and the account is not asked."""
    sandbox = filled()
    async with client_of(sandbox) as cc:
        for call in (
            cc.bulk.submit_import(
                [{"email": "a@b.co"}],
                lists=["Newsletter"],
                options=ImportOptions(protect=protect),  # type: ignore[arg-type]
            ),
            cc.bulk.preferences(protect),  # type: ignore[arg-type]
        ):
            with pytest.raises(InvalidRequestError):
                await call
    assert sandbox.received.count == 0


TODAY = dt.datetime(2026, 11, 30, tzinfo=dt.UTC)


def contact(address: str, **values: Any) -> dict[str, Any]:
    return {"contact_id": address, "email_address": {"address": address, **values}}


def page(*contacts: dict[str, Any], total: int | None = None) -> Reply:
    count = len(contacts) if total is None else total
    return reply(200, {"contacts": list(contacts), "contacts_count": count})


async def suppression(*answers: Reply, kinds: tuple[SuppressionKind, ...]) -> SuppressionList:
    """Return what protects one person: the opt-outs are read where there are few of them."""
    return await open_suppression(make_session(ScriptedTransport(*answers)), kinds, people=1)


MANY = page(total=3_000)
"""The answer after which a person is looked up alone."""


@pytest.mark.parametrize("permission", ["explicit", "unsubscribed"])
async def test_a_look_up_answered_with_another_person_is_an_error(permission: str) -> None:
    """It says nothing of the person, whatever the other one wants."""
    other = contact("bob@example.com", permission_to_send=permission)
    found = await suppression(MANY, page(other), kinds=("unsubscribed",))
    with pytest.raises(UnexpectedResponseError, match="another address"):
        await found.reason("ann@example.com")


async def test_of_several_people_found_the_one_asked_for_counts() -> None:
    """The opt-out of another person in the same answer is not hers."""
    other = contact("bob@example.com", permission_to_send="unsubscribed")
    asked = contact("ANN@example.com", permission_to_send="explicit")
    found = await suppression(MANY, page(other, asked), kinds=("unsubscribed",))
    assert await found.reason("ann@example.com") is None
    assert await found.reason("bob@example.com") == "unsubscribed"


@pytest.mark.parametrize("kind", ["unsubscribed", "deleted"])
async def test_a_contact_listed_as_opted_out_is_suppressed_whatever_it_shows(
    kind: SuppressionKind,
) -> None:
    """The service was asked for opt-outs alone; no consent is known to be later than such a one."""
    listed = contact("ann@example.com", permission_to_send="explicit")
    found = await suppression(page(listed), kinds=(kind,))
    assert await found.reason("ann@example.com") == kind
    assert await found.reason("ann@example.com", consented_at=TODAY) == kind


@pytest.mark.parametrize("before", [(), (MANY,)])
async def test_no_consent_is_later_than_an_opt_out_without_a_date(
    before: tuple[Reply, ...],
) -> None:
    """The person stays suppressed, read with all others or looked up alone."""
    undated = contact("ann@example.com", permission_to_send="unsubscribed")
    dated = contact(
        "bob@example.com", permission_to_send="unsubscribed", opt_out_date="2026-01-01T00:00:00Z"
    )
    found = await suppression(*before, page(undated, dated), kinds=("unsubscribed", "deleted"))
    assert await found.reason("ann@example.com", consented_at=TODAY) == "unsubscribed"
    assert await found.reason("bob@example.com", consented_at=TODAY) is None
