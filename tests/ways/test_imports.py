"""Imports over a real socket: all contacts arrive, exactly cut, and every count adds up."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import orjson
import pytest

from cc_async import (
    ConstantContact,
    ImportOptions,
    ImportReport,
    Limits,
    Network,
    ReadingOptions,
)
from cc_async.sandbox import Sandbox
from cc_async.wire import MAX_BYTES, MAX_CONTACTS
from tests.support.people import open_sandbox, write_csv

POST_BODIES = ("/v3/activities/contacts_file_import", "/v3/activities/contacts_json_import")


@asynccontextmanager
async def client_on_a_port(sandbox: Sandbox, **settings: object) -> AsyncIterator[ConstantContact]:
    async with (
        sandbox.serve() as server,
        ConstantContact(
            "sandbox-token",
            network=Network(base_url=server.url),
            limits=Limits(per_second=100),
            stores="memory:",
            **settings,
        ) as cc,
    ):
        yield cc


def bodies(sandbox: Sandbox) -> list[int]:
    return [entry.body_size for entry in sandbox.received if entry.path in POST_BODIES]


def assert_adds_up(report: ImportReport) -> None:
    assert report.contacts_read == (
        report.contacts_rejected
        + report.contacts_merged
        + report.contacts_suppressed
        + report.contacts_sent
    )
    assert sum(entry.contacts for entry in report.activities) == report.contacts_sent


@pytest.mark.slow
async def test_ninety_thousand_wide_rows_arrive_in_as_few_bodies_as_can_be(tmp_path: Path) -> None:
    """Every row of a large CSV file arrives, no body reaches the limit, none is wasted."""
    path = write_csv(tmp_path / "wide.csv", 90_000)
    sandbox = open_sandbox(kept_bytes=0)
    async with client_on_a_port(sandbox) as cc:
        report = await cc.bulk.import_contacts(path, lists=["Newsletter"])
    sizes = bodies(sandbox)
    assert report.is_all_accepted, report
    assert (report.contacts_sent, report.person_count, sandbox.contact_count) == (90_000,) * 3
    assert_adds_up(report)
    assert [entry.bytes for entry in report.activities] == sorted(sizes, reverse=True)
    assert max(sizes) <= MAX_BYTES
    least = max(math.ceil(sum(sizes) / MAX_BYTES), math.ceil(90_000 / MAX_CONTACTS))
    assert len(sizes) <= least + 1
    odd = sandbox.find_contact("person.100@mail.example.com")
    assert odd is not None
    assert odd.company_name == 'Smith, "Jones" & Sons 100'
    assert odd.anniversary == "2006-11-15"


@pytest.mark.slow
async def test_fifty_thousand_rows_by_json_keep_custom_fields_and_any_script() -> None:
    """JSON bodies are compact UTF-8, and what only JSON can carry arrives, field by field."""
    sandbox = open_sandbox(custom_fields=("Favourite dish",), kept_bytes=2**28)
    rows = (
        {
            "email": f"p{number}@example.com",
            "first_name": "Ольга",
            "last_name": "王小明",
            "cf:Favourite dish": f"寿司 {number}",
            "mobile_phone": "555-0100",
        }
        for number in range(50_000)
    )
    async with client_on_a_port(sandbox) as cc:
        report = await cc.bulk.import_contacts(
            rows, lists=["Newsletter"], options=ImportOptions(send_as="json")
        )
        found = await cc.contacts.find("p49999@example.com", include=["custom_fields"])
    assert report.is_all_accepted, report
    assert sandbox.contact_count == report.person_count == 50_000
    assert max(bodies(sandbox)) <= MAX_BYTES
    for entry in sandbox.received:
        if entry.path in POST_BODIES:
            assert entry.body == orjson.dumps(orjson.loads(entry.body))
    assert found is not None
    assert (found.first_name, found.last_name) == ("Ольга", "王小明")
    assert found.custom_fields is not None
    assert found.custom_fields[0].value == "寿司 49999"


async def test_an_import_accounts_for_every_row() -> None:
    """Rejected, merged, refused and kept-off people are each counted once, and named."""
    sandbox = open_sandbox()
    newsletter = sandbox.contact_lists[0].list_id
    sandbox.add_contact("gone@example.com", permission="unsubscribed")
    rows = [
        {"email": "a@example.com", "first_name": "Old"},
        {"email": "no-at-sign.example.com"},
        {"email": " A@Example.com ", "first_name": "New"},
        {"email": "gone@example.com"},
        {"email": "b@example.com"},
    ]
    async with client_on_a_port(sandbox) as cc:
        report = await cc.bulk.import_contacts(rows, lists=[newsletter])
    assert_adds_up(report)
    assert (report.contacts_read, report.contacts_rejected, report.contacts_merged) == (5, 1, 1)
    assert (report.contacts_sent, report.cannot_add_to_list_count) == (3, 1)
    assert not report.is_all_accepted
    assert [(entry.line, entry.column) for entry in report.rejections] == [(2, "email")]
    stored = sandbox.find_contact("a@example.com")
    assert stored is not None
    assert stored.first_name == "New"


async def test_rows_with_lists_of_their_own_share_bodies_by_their_lists() -> None:
    """Rows go to the lists they name, by name or id, and to the import's where they name none.

    Three combinations of two lists take a body for each list.
    """
    sandbox = open_sandbox(lists=("Newsletter", "Spring fair"))
    newsletter, fair = (entry.list_id for entry in sandbox.contact_lists)
    rows = [
        {"email": f"p{number}@example.com", "lists": lists}
        for number, lists in enumerate(["", "Spring fair", f"{newsletter};Spring fair"] * 4)
    ]
    async with client_on_a_port(sandbox) as cc:
        report = await cc.bulk.import_contacts(rows, lists=["Newsletter"])
    assert (report.contacts_sent, len(report.activities)) == (12, 2)
    assert len(sandbox.members(newsletter)) == 8
    assert len(sandbox.members(fair)) == 8


async def test_every_body_has_a_file_name_of_its_own(tmp_path: Path) -> None:
    """No two bodies of an import carry the same file name, so a lost one can be looked up."""
    sandbox = open_sandbox(lists=("One", "Two"))
    rows = [{"email": f"p{n}@example.com", "lists": name} for n, name in enumerate(["One", "Two"])]
    async with client_on_a_port(sandbox) as cc:
        await cc.bulk.import_contacts(rows, lists=["One"])
        await cc.bulk.import_contacts(rows, lists=["One"])
    names = [activity.source_file_name for activity in sandbox.activities]
    assert len(names) == len(set(names)) == 4
    assert None not in names


async def test_missing_lists_are_made_only_when_all_has_been_read(tmp_path: Path) -> None:
    """With create_lists a list is made for the import, but not for a file that cannot be read."""
    sandbox = open_sandbox()
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("email\na@example.com\n")
    bad.write_text('email\n"a@example.com\n')
    async with client_on_a_port(sandbox) as cc:
        with pytest.raises(ValueError, match="quote"):
            await cc.bulk.import_contacts(
                bad, lists=["New"], options=ImportOptions(create_lists=True)
            )
        assert [entry.name for entry in sandbox.contact_lists] == ["Newsletter"]
        dry_run = await cc.bulk.dry_run_import(
            good, lists=["New"], options=ImportOptions(create_lists=True)
        )
        assert dry_run.report.contacts_sent == 1
        assert [entry.name for entry in sandbox.contact_lists] == ["Newsletter"]
        report = await cc.bulk.import_contacts(
            good, lists=["New"], options=ImportOptions(create_lists=True)
        )
    made = next(entry for entry in sandbox.contact_lists if entry.name == "New")
    assert report.is_all_accepted
    assert len(sandbox.members(made.list_id)) == 1


async def test_rejected_rows_are_written_to_be_corrected(tmp_path: Path) -> None:
    """The rejects file holds the rows as they were, with line and reason, for its owner alone."""
    path, rejects = tmp_path / "in.csv", tmp_path / "rejects.csv"
    path.write_text("Email Address,First Name\ngood@example.com,A\nbad,=1+1\n")
    async with client_on_a_port(open_sandbox()) as cc:
        report = await cc.bulk.import_contacts(
            path, lists=["Newsletter"], options=ImportOptions(rejects=rejects)
        )
    assert report.contacts_rejected == 1
    assert rejects.stat().st_mode & 0o777 == 0o600
    written = list(csv.DictReader(io.StringIO(rejects.read_text("utf-8-sig"))))
    assert [(row["Email Address"], row["line"]) for row in written] == [("bad", "3")]
    assert not written[0]["First Name"].startswith("=")


async def test_an_import_shows_its_progress() -> None:
    """Iterating a job gives rising progress to its end, and its report is then complete."""
    async with client_on_a_port(open_sandbox(activity_seconds=0.3)) as cc:
        rows = [{"email": f"p{number}@example.com"} for number in range(10)]
        job = await cc.bulk.submit_import(rows, lists=["Newsletter"])
        assert job.report.state == "running"
        seen = [progress.percent async for progress in job]
        assert seen == sorted(seen)
        assert (seen[0], seen[-1]) == (0.0, 100.0)
        assert job.report.is_all_accepted
        await job.aclose()


@pytest.mark.parametrize(
    ("name", "text", "asks"),
    [
        ("plain.csv", "Email Address,First Name\na@example.com,Ann\n", False),
        ("own.csv", "Email Address,Mine\na@example.com,7\n", False),
        ("fields.csv", "Email Address,cf:size\na@example.com,7\n", True),
        ("plain.jsonl", '{"email": "a@example.com"}\n', True),
    ],
)
async def test_custom_fields_are_read_where_a_heading_may_name_one(
    name: str, text: str, asks: bool, tmp_path: Path
) -> None:
    """A CSV whose headings are all the API's own costs a request less; JSON may name one later."""
    path = tmp_path / name
    path.write_text(text)
    mapping = {"Mine": "last_name"} if "Mine" in text else {}
    sandbox = open_sandbox(custom_fields=("size",), activity_seconds=0.1)
    async with client_on_a_port(sandbox) as cc:
        report = await cc.bulk.import_contacts(
            path,
            lists=["Newsletter"],
            options=ImportOptions(ReadingOptions(mapping=mapping)),
        )
    assert report.is_all_accepted
    asked = [entry.path for entry in sandbox.received if entry.method == "GET"]
    assert asked.count("/v3/contact_lists") == 1
    assert asked.count("/v3/contact_custom_fields") == asks


async def test_what_the_service_never_counted_is_told() -> None:
    """Where the service drops part of a body without a word, the report says how many."""
    sandbox = open_sandbox(max_bytes=2_000)
    rows = [{"email": f"p{number}@example.com"} for number in range(500)]
    async with client_on_a_port(sandbox, settle_seconds=0.5) as cc:
        report = await cc.bulk.import_contacts(rows, lists=["Newsletter"])
    assert report.state == "completed"
    assert 390 < report.contacts_uncounted <= 500 - sandbox.contact_count
    assert not report.is_all_accepted


@pytest.mark.parametrize("source", ["columns", "rows", "late column"])
async def test_blank_cells_of_a_csv_that_was_asked_for_are_counted(source: str) -> None:
    """The report says how many rows may erase stored values, however they are read."""
    sandbox = open_sandbox()
    rows = [
        {"email": "a@example.com", "first_name": "A", "last_name": ""},
        {"email": "b@example.com", "first_name": "B", "last_name": "B"},
        {"email": "c@example.com", "first_name": "", "last_name": "C"},
    ]
    if source == "rows":
        rows = [{**row, "lists": "Newsletter"} for row in rows]
    if source == "late column":
        rows[:0] = [{"email": f"p{n}@example.com", "first_name": "P"} for n in range(600)]
    async with client_on_a_port(sandbox) as cc:
        as_csv = ImportOptions(send_as="csv")
        report = await cc.bulk.import_contacts(rows, lists=["Newsletter"], options=as_csv)
        assert report.rows_with_blanks == (602 if source == "late column" else 2)
        report = await cc.bulk.import_contacts(rows, lists=["Newsletter"])
        assert report.rows_with_blanks == 0


@pytest.mark.parametrize("blank_cells", ["kept", "erased"])
@pytest.mark.parametrize("source", ["file", "rows", "late column", "lists"])
async def test_a_value_that_was_left_out_leaves_the_stored_one_alone(
    blank_cells: str, source: str, tmp_path: Path
) -> None:
    """Whatever the service makes of blank cells in CSV, it gets none, and values are set."""
    sandbox = open_sandbox(blank_cells=blank_cells, custom_fields=("Size",))
    for name in ("a", "b", "c"):
        sandbox.add_contact(f"{name}@example.com", first_name="Old", last_name="Kept")
    rows: list[dict[str, str]] = [
        {"email": "a@example.com", "first_name": "New", "last_name": ""},
        {"email": "b@example.com", "first_name": "", "last_name": "New"},
        {"email": "c@example.com", "first_name": "New", "last_name": "New"},
    ]
    if source == "lists":
        rows = [{**row, "lists": "Newsletter"} for row in rows]
    if source == "late column":
        rows = [{key: value for key, value in row.items() if value} for row in rows]
        rows[1:1] = [{"email": f"p{n}@example.com", "first_name": "P"} for n in range(600)]
    data: object = rows
    if source == "file":
        data = tmp_path / "people.csv"
        with (tmp_path / "people.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, ["email", "first_name", "last_name", "cf:size"])
            writer.writeheader()
            writer.writerows(rows)
    async with client_on_a_port(sandbox) as cc:
        report = await cc.bulk.import_contacts(data, lists=["Newsletter"])  # type: ignore[arg-type]
    assert report.is_all_accepted
    found = [sandbox.find_contact(f"{name}@example.com") for name in ("a", "b", "c")]
    assert [(one.first_name, one.last_name) for one in found if one] == [
        ("New", "Kept"),
        ("Old", "New"),
        ("New", "New"),
    ]
    if source in ("file", "rows"):
        assert len(report.activities) == 1  # all fit in one JSON body
