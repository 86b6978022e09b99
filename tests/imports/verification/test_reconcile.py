"""Who arrived: the missing and the not changed are named, and no one else."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

import attrs
import orjson
import pytest

from cc_async import ConstantContact, ImportOptions, ImportReport
from cc_async.imports.verification import _list_members
from cc_async.sandbox import Sandbox
from cc_async.sandbox.activities import _activities, _contact_exports, _row_writer
from cc_async.testing import SandboxTransport
from cc_async.wire import Reply, Request
from tests.support.people import client_of, open_sandbox

pytestmark = pytest.mark.looptime

LOSSY, LOST, WELL = "Newsletter", "Lost", "Well"
ROWS = [
    *({"email": f"P{n}@Example.com", "first_name": f"P{n}", "lists": LOSSY} for n in range(14)),
    *({"email": f"lost{n}@example.com", "lists": LOST} for n in range(6)),
    *({"email": f"well{n}@example.com", "first_name": "=1+1", "lists": WELL} for n in range(3)),
]
REFUSED = ("p2@example.com", "p3@example.com")
KNOWN = ("p1@example.com", "p3@example.com", "p12@example.com", "lost4@example.com")
CUT = tuple(f"p{n}@example.com" for n in range(10, 14))
GONE = (*REFUSED, *CUT, *(f"lost{n}@example.com" for n in range(6)))


@pytest.fixture(autouse=True)
def _refusing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every sandbox refuse two of the people."""
    judge = _row_writer._problem_of

    def refuse(row: Mapping[str, object], email: str) -> str:
        return _row_writer.ERROR if email.lower() in REFUSED else judge(row, email)

    monkeypatch.setattr(_row_writer, "_problem_of", refuse)


def open_lossy(kind: str = "csv") -> Sandbox:
    """Return a sandbox that reads ten people of a body and drops the others."""
    lines = 11 if kind == "csv" else 10
    return open_sandbox(lists=(LOSSY, LOST, WELL), max_lines=lines, activity_seconds=5.0)


@pytest.fixture(params=["pages", "export"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Read lists page by page, or by exports, whichever costs less."""
    monkeypatch.setattr(_list_members, "_EXPORT_COST", 8 if request.param == "pages" else 0)
    return str(request.param)


def list_id(sandbox: Sandbox, name: str) -> str:
    return next(entry.list_id for entry in sandbox.contact_lists if entry.name == name)


def fill(sandbox: Sandbox) -> None:
    """Put some of the people on their lists, a while ago."""
    for email in KNOWN:
        name = LOST if email.startswith("lost") else LOSSY
        sandbox.add_contact(email, lists=(list_id(sandbox, name),))
    sandbox.clock.advance(3_600)


async def run(sandbox: Sandbox, cc: ConstantContact, **more: object) -> ImportReport:
    """Import all rows; the activity for one list vanishes on its way."""
    job = await cc.bulk.submit_import(ROWS, lists=[LOSSY], options=ImportOptions(**more))  # type: ignore[arg-type]
    async for _ in job:
        if len(sandbox.activities) == 3 and not sandbox.find_contact("well0@example.com"):
            lost = next(
                chunk.activity.activity_id
                for chunk in job._chunks.values()
                if chunk.chunk.list_ids == (list_id(sandbox, LOST),) and chunk.activity
            )
            if lost in [activity.activity_id for activity in sandbox.activities]:
                sandbox.lose(lost)
    await job.aclose()
    return job.report


def named(report: ImportReport, status: str) -> set[str]:
    people = (*report.not_arrived, *report.kept_off, *report.unchanged)
    return {person.email_address.lower() for person in people if person.status == status}


@pytest.mark.parametrize("kind", ["csv", "json"])
async def test_into_a_new_list_the_missing_are_named_and_no_one_else(way: str, kind: str) -> None:
    """Cut off, refused or lost with their activity: exactly those people are missing."""
    sandbox = open_lossy(kind)
    async with client_of(sandbox) as cc:
        report = await run(sandbox, cc, send_as=kind)
    assert named(report, "missing") == set(GONE)
    assert (report.missing, report.not_changed) == (len(GONE), 0)
    assert report.verification is not None
    assert (report.verification.by, report.verification.is_exact) == ((way,), True)
    assert report.verification.contacts == 20  # the chunk of which all arrived is beyond doubt
    assert not report.is_all_accepted
    assert report.state == "failed"


async def test_contacts_that_were_on_the_list_before_are_not_changed(
    way: str,
) -> None:
    """People who were there before and were not changed are told apart from those not there."""
    sandbox = open_lossy()
    fill(sandbox)
    async with client_of(sandbox) as cc:
        report = await run(sandbox, cc, verify=True)
    assert named(report, "missing") == set(GONE) - set(KNOWN)
    assert named(report, "not_changed") == set(GONE) & set(KNOWN)
    assert (report.missing, report.not_changed) == (9, 3)
    assert report.verification is not None
    assert report.verification.contacts == 23


async def test_missing_contacts_are_written_to_be_corrected_and_imported_again(
    way: str, tmp_path: Path
) -> None:
    """The file names lines of the input, is for its owner alone, and can be imported as it is."""
    sandbox = open_lossy()
    fill(sandbox)
    path = tmp_path / "missing.csv"
    async with client_of(sandbox) as cc:
        report = await run(sandbox, cc, missing=path)
    assert path.stat().st_mode & 0o777 == 0o600
    written = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))
    lines = {row["email"]: int(row["line"]) for row in written}
    assert {email.lower() for email in lines} == set(GONE)
    assert all(ROWS[line - 1]["email"] == email for email, line in lines.items())
    assert {row["reason"].partition(":")[0] for row in written} == {"missing", "not changed"}
    again = open_sandbox(lists=(LOSSY, LOST, WELL))
    ids = {list_id(sandbox, name): list_id(again, name) for name in (LOSSY, LOST, WELL)}
    text = path.read_text("utf-8-sig")
    for old, new in ids.items():
        text = text.replace(old, new)
    path.write_text(text)
    async with client_of(again) as cc:
        report = await cc.bulk.import_contacts(path, lists=[WELL])
    assert named(report, "missing") == set(REFUSED)
    assert {email.lower() for email in again.members(list_id(again, LOST))} == {
        email for email in GONE if email.startswith("lost")
    }


@pytest.mark.parametrize("wish", [True, None])
async def test_people_who_unsubscribed_are_kept_off_and_not_missing(wish: bool | None) -> None:
    """Contacts that are not on the list because of an opt-out are named with their lines."""
    sandbox = open_sandbox()
    sandbox.add_contact("Q3@example.com", permission="unsubscribed")
    rows = [{"email": f"q{number}@example.com"} for number in range(5)]
    async with client_of(sandbox) as cc:
        report = await cc.bulk.import_contacts(
            rows, lists=["Newsletter"], options=ImportOptions(verify=wish)
        )
    assert (report.missing, report.not_changed, report.not_arrived) == (0, 0, ())
    assert report.verification is not None
    assert report.verification.kept_off == report.cannot_add_to_list_count == 1
    assert [(each.line, each.email_address, each.status) for each in report.kept_off] == [
        (4, "q3@example.com", "kept_off")
    ]
    assert not report.is_all_accepted


async def test_lines_of_people_kept_off_outlast_the_process(tmp_path: Path) -> None:
    """The journal holds the lines, and no address; the file for corrections has none of them."""
    sandbox, missing = open_sandbox(), tmp_path / "missing.csv"
    sandbox.add_contact("q3@example.com", permission="unsubscribed")
    async with client_of(sandbox) as cc:
        report = await cc.bulk.import_contacts(
            ROWS_OF_FIVE, lists=["Newsletter"], options=ImportOptions(missing=missing)
        )
        again = (await cc.bulk.resume(report.job_id)).report
    assert [(each.line, each.email_address) for each in again.kept_off] == [(4, "")]
    assert len(missing.read_text().splitlines()) == 1


@pytest.fixture
def _counts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let activities of every sandbox have no counters."""
    view_of = _activities.activity_view
    monkeypatch.setattr(
        _activities, "activity_view", lambda *args: {**view_of(*args), "status": {}}
    )


@pytest.mark.usefixtures("_counts_nothing")
async def test_people_kept_off_are_no_success_where_nothing_is_counted() -> None:
    """Without counters the lists show who was kept off."""
    sandbox = open_sandbox()
    sandbox.add_contact("q3@example.com", permission="unsubscribed")
    async with client_of(sandbox) as cc:
        report = await cc.bulk.import_contacts(ROWS_OF_FIVE, lists=["Newsletter"])
    assert (report.missing, report.cannot_add_to_list_count, report.contacts_kept_off) == (0, 0, 1)
    assert named(report, "kept_off") == {"q3@example.com"}
    assert not report.is_all_accepted


@pytest.fixture(params=[True, False])
def _keeps_dates(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an import of what is known leave the dates alone, with counters and without."""
    write = _row_writer.RowWriter.write

    def keeping(self: _row_writer.RowWriter, row: Mapping[str, object], now: float) -> str:
        found = self.state.contacts.find(str(row["email"]).lower())
        before = found.updated_at if found else now
        counter = write(self, row, now)
        if found:
            found.updated_at = before
            self.state.contacts.save(found)
        return counter

    monkeypatch.setattr(_row_writer.RowWriter, "write", keeping)
    if not request.param:
        request.getfixturevalue("_counts_nothing")


@pytest.mark.usefixtures("_keeps_dates")
async def test_a_nightly_import_that_changes_nothing_is_no_failure(tmp_path: Path) -> None:
    """On the list is arrived; not changed since is a remark, with lines, and no correction."""
    sandbox, missing = open_sandbox(), tmp_path / "missing.csv"
    options = ImportOptions(verify=True, missing=missing)
    async with client_of(sandbox) as cc:
        await cc.bulk.import_contacts(ROWS_OF_FIVE, lists=["Newsletter"])
        sandbox.clock.advance(86_400)
        report = await cc.bulk.import_contacts(ROWS_OF_FIVE, lists=["Newsletter"], options=options)
    assert (report.missing, report.not_changed) == (0, 5)
    assert report.not_arrived == ()
    assert [each.line for each in report.unchanged] == [1, 2, 3, 4, 5]
    assert report.is_all_accepted
    assert len(missing.read_text().splitlines()) == 1


class Lacking(SandboxTransport):
    """A network on which pages of contacts lack one person, *times* times."""

    def __init__(self, sandbox: Sandbox, person: str, times: int) -> None:
        super().__init__(sandbox)
        self._person = person
        self._times = times

    async def send(self, request: Request, headers: Mapping[str, str]) -> Reply:
        found = await super().send(request, headers)
        if request.path != "/contacts" or b"contacts_count" not in found.body or self._times <= 0:
            return found
        self._times -= 1
        page = orjson.loads(found.body)
        page["contacts"] = [
            each for each in page["contacts"] if each["email_address"]["address"] != self._person
        ]
        return attrs.evolve(found, body=orjson.dumps(page))


@pytest.mark.parametrize(("times", "missing"), [(1, 0), (9, None)])
async def test_no_one_is_called_missing_who_may_be_on_a_list_that_was_not_read_whole(
    times: int, missing: int | None, tmp_path: Path
) -> None:
    """A page that lacks a person is read again; if the count still disagrees it cannot be told."""
    sandbox, path = open_sandbox(), tmp_path / "missing.csv"
    async with client_of(sandbox, transport=Lacking(sandbox, "q3@example.com", times)) as cc:
        report = await cc.bulk.import_contacts(
            ROWS_OF_FIVE, lists=["Newsletter"], options=ImportOptions(verify=True, missing=path)
        )
        again = (await cc.bulk.resume(report.job_id)).report
    assert sandbox.find_contact("q3@example.com") is not None
    assert (report.state, report.missing, report.not_arrived) == ("completed", missing, ())
    assert report.unverified == again.unverified == (0 if missing == 0 else 5)
    assert report.is_all_accepted is (missing == 0)


async def test_a_list_that_was_not_read_whole_does_no_harm_where_all_are_on_it() -> None:
    """A person of before lacks; those who were sent are all there."""
    sandbox = open_sandbox()
    sandbox.add_contact("old@example.com", lists=(sandbox.contact_lists[0].list_id,))
    async with client_of(sandbox, transport=Lacking(sandbox, "old@example.com", 9)) as cc:
        report = await cc.bulk.import_contacts(
            ROWS_OF_FIVE, lists=["Newsletter"], options=ImportOptions(verify=True)
        )
    assert (report.missing, report.unverified) == (0, 0)
    assert report.is_all_accepted


async def test_contacts_that_were_left_out_are_a_failure_also_where_they_were_there_before() -> (
    None
):
    """Where the service counts some, those not changed may be the others."""
    sandbox = open_sandbox(max_lines=4)
    newsletter = sandbox.contact_lists[0].list_id
    for number in range(5):
        sandbox.add_contact(f"q{number}@example.com", lists=(newsletter,))
    sandbox.clock.advance(3_600)
    async with client_of(sandbox) as cc:
        report = await cc.bulk.import_contacts(ROWS_OF_FIVE, lists=["Newsletter"])
    assert (report.missing, report.not_changed, report.contacts_uncounted) == (0, 2, 2)
    assert not report.is_all_accepted


async def test_lists_are_not_read_back_where_that_is_not_wanted_or_not_needed() -> None:
    """Where all counts agree nothing is read back; with verify=False nothing ever is."""
    rows = [{"email": f"q{number}@example.com"} for number in range(5)]
    sandbox = open_sandbox()
    async with client_of(sandbox) as cc:
        report = await cc.bulk.import_contacts(rows, lists=["Newsletter"])
    assert (report.missing, report.not_changed, report.verification) == (None, None, None)
    assert report.is_all_accepted
    cutting = open_sandbox(max_lines=3)
    async with client_of(cutting) as cc:
        report = await cc.bulk.import_contacts(
            rows, lists=["Newsletter"], options=ImportOptions(verify=False)
        )
    assert report.missing is None
    assert not report.is_all_accepted
    for each in (sandbox, cutting):
        assert not [entry for entry in each.received if entry.path == "/v3/contacts"]


async def test_all_contacts_can_be_looked_for() -> None:
    """With verify=True all are looked for, on every list of theirs, numbers without address too."""
    sandbox = open_sandbox(lists=("One", "Two"))
    rows = [
        {"email": "a@example.com"},
        {"sms_number": "781-555-0123", "sms_consent_date": "2026-01-01"},
    ]
    async with client_of(sandbox) as cc:
        report = await cc.bulk.import_contacts(
            rows,
            lists=["One", "Two"],
            options=ImportOptions(verify=True, sms_permission="explicit"),
        )
    assert (report.missing, report.not_changed) == (0, 0)
    assert report.is_all_accepted


async def test_a_contact_on_one_of_its_two_lists_is_missing() -> None:
    """A person counts as arrived when all lists of the import have them."""
    sandbox = open_sandbox(lists=("One", "Two"), activity_seconds=0.5)
    async with client_of(sandbox) as cc:
        job = await cc.bulk.submit_import(
            [{"email": "a@example.com"}, {"email": "b@example.com"}],
            lists=["One", "Two"],
            options=ImportOptions(verify=True),
        )
        async for progress in job:
            if progress.percent == 100:
                record = sandbox.state.contacts.find("b@example.com")
                assert record is not None
                sandbox.state.contacts.set_lists(record, (list_id(sandbox, "One"),))
                sandbox.state.contacts.save(record)
        await job.aclose()
    assert named(job.report, "missing") == {"b@example.com"}


ROWS_OF_FIVE = [{"email": f"q{number}@example.com"} for number in range(5)]


async def test_an_export_that_fails_is_replaced_by_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """An export that ends badly, and one without a known heading, are both replaced."""
    monkeypatch.setattr(_list_members, "_EXPORT_COST", 0)
    for trouble in ("fails", "titles"):
        sandbox = open_sandbox(max_lines=4)
        if trouble == "fails":
            sandbox.state.activities.start_hooks.append(lambda record, at: None)
            sandbox.fail()
        else:
            titled = {
                "email_address": _contact_exports.ExportColumn(
                    "Courriel", _contact_exports._plain("address")
                )
            }
            monkeypatch.setattr(
                _contact_exports, "EXPORT_COLUMNS", {**_contact_exports.EXPORT_COLUMNS, **titled}
            )
        async with client_of(sandbox) as cc:
            report = await cc.bulk.import_contacts(ROWS_OF_FIVE, lists=["Newsletter"])
        assert named(report, "missing") == {"q3@example.com", "q4@example.com"}
        assert report.verification is not None
        assert report.verification.by == ("pages",)


async def test_dates_that_cannot_be_read_are_not_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Missing contacts are certain then, no more is, and not_changed is not counted."""
    monkeypatch.setattr(_list_members, "_EXPORT_COST", 0)
    monkeypatch.setattr(_contact_exports, "export_text", lambda moment: "22.09.2026 06:00")
    sandbox = open_sandbox(max_lines=4)
    newsletter = sandbox.contact_lists[0].list_id
    sandbox.add_contact("q3@example.com", lists=(newsletter,))
    sandbox.clock.advance(3_600)
    async with client_of(sandbox) as cc:
        report = await cc.bulk.import_contacts(ROWS_OF_FIVE, lists=["Newsletter"])
        again = (await cc.bulk.resume(report.job_id)).report
    told = attrs.evolve(report.not_arrived[0], values={})
    assert named(report, "missing") == {"q4@example.com"}
    assert (report.missing, report.not_changed) == (1, None)
    assert report.verification is not None
    assert not report.verification.is_exact
    assert not report.is_all_accepted
    assert attrs.evolve(again, requests=0) == attrs.evolve(report, requests=0, not_arrived=(told,))
