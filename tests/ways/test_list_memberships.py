"""People with many combinations of lists take few imports, and each is counted once."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from cc_async import ImportOptions, ImportReport
from cc_async.sandbox import Sandbox
from tests.support.people import client_of, open_sandbox

LISTS = [f"L{number}" for number in range(12)]
POSTS = ("/v3/activities/contacts_file_import", "/v3/activities/contacts_json_import")


def random_rows(count: int) -> list[dict[str, str]]:
    """Return people who are each on some of twelve lists."""
    rng = random.Random(5)
    return [
        {
            "email": f"p{number}@example.com",
            "first_name": f"Name {number}",
            "lists": ";".join(rng.sample(LISTS, rng.randint(1, 12))),
        }
        for number in range(count)
    ]


def assert_memberships(sandbox: Sandbox, rows: list[dict[str, str]]) -> None:
    """All people are on exactly their lists, and complete."""
    names = {one.list_id: one.name for one in sandbox.contact_lists}
    found = {}
    for row in rows:
        contact = sandbox.find_contact(row["email"])
        assert contact is not None
        found[row["email"]] = (contact.first_name, {names[one] for one in contact.list_memberships})
    assert found == {
        row["email"]: (row["first_name"], set(row["lists"].split(";"))) for row in rows
    }


def posts(sandbox: Sandbox) -> int:
    return sum(entry.path in POSTS for entry in sandbox.received)


@pytest.mark.looptime
@pytest.mark.parametrize("verify", [None, True])
@pytest.mark.parametrize(("send_as", "most"), [("auto", 12), ("json", 12), ("csv", 24)])
async def test_people_on_twelve_lists_take_an_import_for_each_list(
    send_as: str, most: int, verify: bool | None
) -> None:
    """All memberships are right, and the counts of the report are those of people."""
    rows, sandbox = random_rows(400), open_sandbox(lists=LISTS, blank_cells="erased")
    async with client_of(sandbox) as cc:
        report = await cc.bulk.import_contacts(
            rows,
            lists=["L0"],
            options=ImportOptions(send_as=send_as, verify=verify),  # type: ignore[arg-type]
        )
    assert posts(sandbox) == len(report.activities) <= most
    assert_memberships(sandbox, rows)
    assert (report.contacts_read, report.contacts_sent, report.person_count) == (400,) * 3
    assert sum(entry.contacts for entry in report.activities) == 400
    assert report.is_all_accepted
    assert report.missing == (0 if verify else None)


@pytest.mark.looptime
async def test_an_import_left_between_two_lists_goes_on_elsewhere(tmp_path: Path) -> None:
    """Another process sends the rest, one list after the other, and counts each person once."""
    rows, sandbox = random_rows(200), open_sandbox(lists=LISTS)
    store = f"sqlite:///{tmp_path}/state.db"
    async with client_of(sandbox, stores=store) as cc:
        job = await cc.bulk.submit_import(rows, lists=["L0"], options=ImportOptions(verify=True))
        async for progress in job:
            running = [one for one in sandbox.activities if one.state != "completed"]
            assert len(running) <= 1
            if progress.chunks_done == 5:
                break
        await job.aclose()
    async with client_of(sandbox, stores=store) as cc:
        report = await (await cc.bulk.resume(job.id))
    assert posts(sandbox) == len(report.activities) == 12
    assert_memberships(sandbox, rows)
    assert (report.contacts_sent, report.person_count, report.missing) == (200, 200, 0)
    assert report.is_all_accepted


@pytest.mark.slow
@pytest.mark.looptime
async def test_three_thousand_people_on_twelve_lists_take_twelve_imports() -> None:
    """They are on 1,900 combinations of lists, more than the service's queue of 1,000 takes."""
    rows, sandbox = random_rows(3_000), open_sandbox(lists=LISTS)
    assert len({row["lists"] for row in rows}) > 1_500
    async with client_of(sandbox) as cc:
        report = await cc.bulk.import_contacts(rows, lists=["L0"])
    assert posts(sandbox) == 12
    assert_memberships(sandbox, rows)
    assert (report.contacts_sent, report.person_count, report.is_all_accepted) == (
        3_000,
        3_000,
        True,
    )


async def import_with_trouble(**options: object) -> tuple[ImportReport, list[dict[str, str]]]:
    """Import 300 people of whom three unsubscribed, and two are refused."""
    rows = random_rows(300)
    sandbox = open_sandbox(lists=LISTS, person_count="stored")
    for number in (7, 8, 9):
        sandbox.add_contact(f"p{number}@example.com", permission="unsubscribed")
    for number in (20, 21):
        rows[number]["email"] = f"p{number}..x@example.com"
    async with client_of(sandbox) as cc:
        report = await cc.bulk.import_contacts(
            rows,
            lists=["L0"],
            options=ImportOptions(**options),  # type: ignore[arg-type]
        )
    return report, rows


@pytest.mark.looptime
@pytest.mark.parametrize("send_as", ["auto", "csv"])
async def test_people_in_several_imports_are_kept_off_or_missing_once(
    send_as: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service counts them in each import; after reading the lists back they count once."""
    monkeypatch.setattr(
        "cc_async.sandbox.activities._row_writer.is_address", lambda text: ".." not in text
    )
    report, rows = await import_with_trouble(send_as=send_as)
    assert report.contacts_read == report.contacts_sent == 300
    assert report.contacts_refused == report.missing == 2
    assert report.verification is not None
    assert report.verification.kept_off == report.cannot_add_to_list_count == 3
    assert report.person_count == 298
    assert [person.line for person in report.not_arrived] == [21, 22]
    assert [len(person.list_ids) for person in report.not_arrived] == [
        len(row["lists"].split(";")) for row in rows[20:22]
    ]
    assert not report.is_all_accepted


@pytest.mark.looptime
async def test_rows_of_one_person_put_it_on_the_lists_of_all() -> None:
    """The last row counts, and the lists of the earlier ones are kept."""
    sandbox = open_sandbox(lists=LISTS)
    rows = [
        {"email": "a@example.com", "first_name": "Old", "lists": "L1"},
        {"email": "b@example.com", "first_name": "B", "lists": ""},
        {"email": "A@example.com", "first_name": "Older", "lists": "L2;L3"},
        {"email": "a@example.com", "first_name": "New", "lists": ""},
    ]
    async with client_of(sandbox) as cc:
        report = await cc.bulk.import_contacts(rows, lists=["L0"])
    assert (report.contacts_merged, report.contacts_sent) == (2, 2)
    assert_memberships(
        sandbox,
        [
            {"email": "a@example.com", "first_name": "New", "lists": "L0;L1;L2;L3"},
            {"email": "b@example.com", "first_name": "B", "lists": "L0"},
        ],
    )


@pytest.mark.slow
@pytest.mark.parametrize(("files", "code"), [(64, 0), (12, 5)])
def test_two_thousand_combinations_need_few_open_files(files: int, code: int) -> None:
    """Where even those are too many, the error says so."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.many_lists", str(files)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert "2080 65" in done.stdout or "open files" in done.stdout
