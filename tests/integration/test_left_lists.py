"""Who left the list is left out of an import, as far as exports tell, and it is said how sure."""

from __future__ import annotations

from pathlib import Path

import pytest

from cc_async import ImportReport
from cc_async.errors import InputError, InvalidRequestError
from cc_async.imports import LeftLists
from cc_async.imports.verification import _members
from cc_async.sandbox import Sandbox, _exports
from cc_async.sandbox._contact_changes import delete
from tests.support.people import client_of, open_sandbox

pytestmark = pytest.mark.looptime

LISTS = ("Newsletter", "Offers")
PEOPLE = ("stays@example.com", "Leaves@Example.com", "gone@example.com", "new@example.com")
ROWS = [{"email": email} for email in PEOPLE]


@pytest.fixture(params=["pages", "export"], autouse=True)
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read who is on the list now page by page, or by an export."""
    monkeypatch.setattr(_members, "_EXPORT_COST", 8 if request.param == "pages" else 0)


def filled(**settings: object) -> Sandbox:
    """Return a sandbox where one stayed on the list, one left it, one was deleted."""
    sandbox = open_sandbox(lists=LISTS, **settings)
    newsletter = ids(sandbox)["Newsletter"]
    for email in PEOPLE[:3]:
        sandbox.add_contact(email, lists=(newsletter,))
    leave(sandbox, PEOPLE[1], "Newsletter")
    gone = sandbox.state.contacts.find(PEOPLE[2])
    assert gone is not None
    delete(sandbox.state, gone, sandbox.clock())
    return sandbox


def ids(sandbox: Sandbox) -> dict[str, str]:
    return {entry.name: entry.list_id for entry in sandbox.contact_lists}


def leave(sandbox: Sandbox, email: str, name: str) -> None:
    contacts = sandbox.state.contacts
    record = contacts.find(email)
    assert record is not None
    contacts.leave(record, (ids(sandbox)[name],))
    contacts.save(record)


async def run(sandbox: Sandbox, rows: object = ROWS, **more: object) -> ImportReport:
    async with client_of(sandbox) as cc:
        wish = {"lists": ["Newsletter"], "protect": ["left-list"], "verify": False, **more}
        report = await cc.bulk.import_contacts(rows, **wish)  # type: ignore[arg-type]
        again = (await cc.bulk.resume(report.job_id)).report  # as another process would see it
    assert (again.left_lists, again.protected) == (report.left_lists, report.protected)
    return report


def lines(report: ImportReport) -> list[int]:
    return [row.line for row in report.protected]


@pytest.mark.parametrize(("meaning", "expected"), [("left", [2, 3]), ("deleted", [3])])
async def test_whom_the_service_exports_as_removed_is_left_out(
    meaning: str, expected: list[int]
) -> None:
    """Whatever it means by that word: they are named, and the report says how many it told of."""
    sandbox = filled(removed_exports=meaning)
    report = await run(sandbox)
    assert lines(report) == expected
    assert report.contacts_protected == len(expected)
    assert report.left_lists == LeftLists(removed=len(expected), earlier=None)
    assert {row.reason for row in report.protected} == {
        "left alone: left-list: the service exports it as removed from the list"
    }
    assert report.is_all_accepted


@pytest.mark.parametrize("meaning", ["left", "refused"])
async def test_who_is_in_an_earlier_export_and_not_on_the_list_has_left(
    meaning: str, tmp_path: Path
) -> None:
    """That is certain, and is enough where the service makes no export of removed contacts."""
    earlier = tmp_path / "earlier.csv"
    earlier.write_text(
        "\ufeffEmail address,First name\nSTAYS@example.com,S\nleaves@example.com,L\n"
    )
    report = await run(filled(removed_exports=meaning), left_list_from=earlier)
    assert lines(report) == ([2, 3] if meaning == "left" else [2])
    assert report.left_lists == LeftLists(None if meaning == "refused" else 2, earlier=2)


async def test_where_nothing_tells_who_left_nothing_is_sent() -> None:
    """The service refuses the word, and there is no earlier export: an error with the way out."""
    sandbox = filled(removed_exports="refused")
    with pytest.raises(InvalidRequestError, match="who left the lists cannot be known") as caught:
        await run(sandbox)
    assert "left_list_from" in caught.value.hint
    assert not [entry for entry in sandbox.received if entry.path.endswith("_import")]


async def test_who_is_on_the_list_now_has_not_left_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if an export of removed contacts names everybody, as if it did not know the word."""
    monkeypatch.setattr(_exports, "_former", lambda call, source: range(len(call.state.contacts)))
    report = await run(filled())
    assert lines(report) == [2, 3]
    assert report.left_lists == LeftLists(removed=3, earlier=None)


async def test_who_left_one_of_several_lists_is_left_out() -> None:
    """Whoever is on all of them is not; rows with lists of their own are asked about those."""
    sandbox = filled()
    offers = ids(sandbox)["Offers"]
    sandbox.add_contact("both@example.com", lists=tuple(ids(sandbox).values()))
    sandbox.add_contact("half@example.com", lists=tuple(ids(sandbox).values()))
    leave(sandbox, "half@example.com", "Offers")
    people = ["both@example.com", "half@example.com"]
    rows = [{"email": email} for email in people]
    assert lines(await run(sandbox, rows, lists=list(LISTS))) == [2]
    assert lines(await run(sandbox, rows)) == []
    own = [{"email": email, "lists": name} for name in LISTS for email in people]
    report = await run(sandbox, own)
    assert lines(report) == [4]
    assert offers in {list_id for _, list_id in _sent(sandbox)}


def _sent(sandbox: Sandbox) -> set[tuple[str, str]]:
    contacts = sandbox.state.contacts
    return {
        (record.address or "", one)
        for record in map(contacts.load, range(len(contacts)))
        for one in record.lists
    }


async def test_nobody_has_left_a_list_that_is_only_made_now() -> None:
    """It costs no export, and everybody goes there."""
    sandbox = filled()
    report = await run(sandbox, lists=["Brand new"], create_lists=True)
    assert (lines(report), report.contacts_sent, report.left_lists) == ([], 4, None)
    assert not [entry for entry in sandbox.received if entry.path.endswith("contact_exports")]


async def test_left_out_for_several_reasons_is_counted_once() -> None:
    """Someone deleted who was on the list is named once; the counts add up."""
    report = await run(filled(), protect=["deleted", "left-list"])
    assert lines(report) == [2, 3]
    assert report.contacts_read == report.contacts_protected + report.contacts_sent == 4


async def test_an_earlier_export_that_tells_nothing_is_refused(tmp_path: Path) -> None:
    """A file of several lists, without an address, that is not there, or nobody asked for."""
    good = tmp_path / "good.csv"
    good.write_text("Email address\nstays@example.com\n")
    bad = tmp_path / "bad.csv"
    bad.write_text("Name\nAna\n")
    sandbox = filled()
    for more, error in (
        ({"lists": list(LISTS), "left_list_from": good}, InvalidRequestError),
        ({"protect": ["deleted"], "left_list_from": good}, InvalidRequestError),
        ({"left_list_from": bad}, InputError),
        ({"left_list_from": tmp_path / "none.csv"}, InputError),
    ):
        with pytest.raises(error):
            await run(sandbox, **more)
    assert not [entry for entry in sandbox.received if entry.path.endswith("_import")]
