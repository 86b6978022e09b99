"""Before an import sends anything, its source is read once, checked, and cut."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from cc_async import ImportOptions
from cc_async.errors import ConstantContactError, InvalidRequestError, UnknownNameError
from cc_async.sources.columns import _checker
from tests.support.people import client_of, open_sandbox

pytestmark = pytest.mark.looptime


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that grows by the number of rows of each batch that is checked."""
    rows: list[int] = []
    check = _checker.Checker.check

    def counting(self: _checker.Checker, lines: Sequence[int], *rest: Any) -> Any:
        rows.append(len(lines))
        return check(self, lines, *rest)

    monkeypatch.setattr(_checker.Checker, "check", counting)
    return rows


@pytest.mark.parametrize("is_dry_run", [False, True])
async def test_a_file_is_parsed_once_also_where_opt_outs_are_looked_up(
    is_dry_run: bool, parsed: list[int], tmp_path: Path
) -> None:
    """Its addresses are counted by their @ signs, so choosing how to look up costs no parsing.

    One row is parsed before: the headings tell whether custom fields have to be known.
    """
    path = tmp_path / "people.csv"
    path.write_text("email\n" + "".join(f"p{number}@example.com\n" for number in range(2_000)))
    sandbox = open_sandbox()
    sandbox.add_contact("p7@example.com", permission="unsubscribed")
    options = ImportOptions(protect=["unsubscribed", "deleted"], verify=False)
    async with client_of(sandbox) as cc:
        if is_dry_run:
            report = (
                await cc.bulk.dry_run_import(path, lists=["Newsletter"], options=options)
            ).report
        else:
            report = await cc.bulk.import_contacts(path, lists=["Newsletter"], options=options)
    assert (report.contacts_sent, report.contacts_suppressed) == (1_999, 1)
    assert sum(parsed) == 2_000 + 1


CREATING = ImportOptions(create_lists=True)
SMS = "email,sms number\na@example.com,7815550123\n"


@pytest.mark.parametrize("is_dry_run", [False, True])
@pytest.mark.parametrize(
    ("text", "lists", "error"),
    [
        ("email\na@example.com\n", [f"New {number}" for number in range(51)], InvalidRequestError),
        ("email\na@example.com\n", "New", InvalidRequestError),
        ("email\na@example.com\n", ["New", " "], InvalidRequestError),
        ("email\na@example.com\n", ["New", "x" * 256], InvalidRequestError),
        ("email\na@example.com\n", ["New", "Twice"], UnknownNameError),
        (SMS, ["New"], InvalidRequestError),
        ("email\nnobody\n", ["New"], None),
        ("email\n", ["New"], None),
    ],
    ids=[
        "51 lists",
        "a text",
        "a blank",
        "too long",
        "not unique",
        "sms",
        "no row fits",
        "no rows",
    ],
)
async def test_no_list_is_made_for_an_import_that_sends_nothing(
    text: str,
    lists: list[str],
    error: type[ConstantContactError] | None,
    is_dry_run: bool,
    tmp_path: Path,
) -> None:
    """All that can be refused without the service is refused before anything is made there."""
    path = tmp_path / "people.csv"
    path.write_text(text)
    sandbox = open_sandbox(lists=["Newsletter", "Twice", "Twice"])
    async with client_of(sandbox) as cc:
        start: Any = cc.bulk.dry_run_import if is_dry_run else cc.bulk.import_contacts
        if error is None:
            found = await start(path, lists=lists, options=CREATING)
            assert (found.report if is_dry_run else found).contacts_sent == 0
        else:
            with pytest.raises(error):
                await start(path, lists=lists, options=CREATING)
        assert await cc.bulk.jobs() == () or error is None
    assert not [entry for entry in sandbox.received if entry.method == "POST"]


async def test_a_dry_run_counts_each_missing_list() -> None:
    """Two lists that are not there yet make a body as long as with two real ones."""
    rows = [{"email": "a@example.com"}]
    async with client_of(open_sandbox()) as cc:
        dry = await cc.bulk.dry_run_import(rows, lists=["New 1", "New 2"], options=CREATING)
        real = await cc.bulk.import_contacts(rows, lists=["New 1", "New 2"], options=CREATING)
    assert [each.bytes for each in dry.report.activities] == [
        each.bytes for each in real.activities
    ]


@pytest.mark.parametrize("is_dry_run", [False, True])
async def test_rows_that_a_later_row_replaces_are_named_by_their_lines(is_dry_run: bool) -> None:
    """Whatever lists they name; the first thousand of them, in the order of the source."""
    rows = [
        {"email": f"P{number % 3}@example.com", "lists": ("A", "B")[number % 2]}
        for number in range(1_300)
    ]
    sandbox = open_sandbox(lists=("A", "B"))
    async with client_of(sandbox) as cc:
        if is_dry_run:
            report = (await cc.bulk.dry_run_import(rows, lists=["A"])).report
        else:
            report = await cc.bulk.import_contacts(rows, lists=["A"])
            assert (await cc.bulk.resume(report.job_id)).report.merged_lines == report.merged_lines
    assert report.contacts_merged == 1_297
    assert report.merged_lines == tuple(range(1, 1_001))


async def test_explicit_text_messages_without_a_consent_reject_their_row_by_line(
    tmp_path: Path,
) -> None:
    """Rows with a date of consent are sent, and the others are named, not stored without one."""
    path = tmp_path / "people.csv"
    path.write_text(
        "email,sms number,sms consent date\n"
        "a@example.com,781-555-0123,2026-01-02\n"
        "b@example.com,781-555-0124,\n"
        "c@example.com,,\n"
    )
    sandbox = open_sandbox()
    options = ImportOptions(sms_permission="explicit", verify=False)
    async with client_of(sandbox) as cc:
        report = await cc.bulk.import_contacts(path, lists=["Newsletter"], options=options)
    assert [(each.line, each.column) for each in report.rejections] == [(3, "sms consent date")]
    assert report.contacts_sent == 2
    assert sandbox.find_contact("b@example.com") is None
