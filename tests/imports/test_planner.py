"""Before an import sends anything, its source is read once, checked, and cut."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from cc_async import ImportOptions
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
