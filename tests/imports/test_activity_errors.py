"""What the service says about an import is told, with the line of the source that it names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cc_async import ImportOptions
from cc_async.imports._activity_errors import addresses_in, line_named
from cc_async.sandbox.activities import _activities
from cc_async.stores import SqliteStore
from tests.support.people import client_of, open_sandbox

SENT = {"a@b.co": 4, "x@b.co": 7, "c@b.co": 9}
LINES = [4, 7, 9]


@pytest.mark.parametrize(
    ("text", "kind", "line"),
    [
        ("Line 2: Invalid birthday", "csv", 4),
        ("Row 4 is too long", "csv", 9),
        ("Line 1: unknown heading", "csv", 0),
        ("Line 5: Invalid birthday", "csv", 0),
        ("Line 2: Invalid birthday", "json", 0),
        ("the address 'x@B.co' is blocked", "csv", 7),
        ("<c@b.co>: no such domain.", "json", 9),
        ("else@b.co is blocked", "json", 0),
        ("The file could not be read.", "csv", 0),
    ],
)
def test_an_error_names_a_line_by_its_row_or_its_address(text: str, kind: str, line: int) -> None:
    """The heading of a file is its first line; rows of a JSON body have no documented number."""
    found = {address: SENT[address] for address in addresses_in([text]) if address in SENT}
    assert line_named(text, kind, found, LINES) == line  # type: ignore[arg-type]


SAID = ["Line 3: Invalid birthday", "P4@Example.com is blocked", {"message": "Something is odd"}]


@pytest.fixture(params=["completed", "failed"])
def saying(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let activities of every sandbox end in this state, with errors."""
    view_of = _activities.activity_view

    def saying(*args: Any) -> dict[str, Any]:
        view = view_of(*args)
        is_over = view["state"] == "completed"
        return view | {"state": request.param, "activity_errors": SAID} if is_over else view

    monkeypatch.setattr(_activities, "activity_view", saying)
    return str(request.param)


@pytest.mark.looptime
async def test_what_the_service_says_stands_in_the_report_with_lines(
    saying: str, tmp_path: Path
) -> None:
    """Each text has its chunk and its line, also in another process; addresses are not stored."""
    file = tmp_path / "people.csv"
    file.write_text("Email\n\n" + "".join(f"p{n}@example.com\n" for n in range(6)))
    sandbox, store = open_sandbox(), SqliteStore(tmp_path / "store.db")
    async with client_of(sandbox, stores=store) as cc:
        job = await cc.bulk.submit_import(
            file, lists=["Newsletter"], options=ImportOptions(verify=False)
        )
        report = await job
        shown = (await cc.bulk.resume(job.id)).report
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("store.db*"))
    await store.aclose()
    assert report.state == saying
    assert [(each.chunk, each.line, each.text) for each in report.activity_errors] == [
        (1, 4, "Line 3: Invalid birthday"),
        (1, 7, "<address> is blocked"),
        (1, None, "Something is odd"),
    ]
    assert report.activity_errors == shown.activity_errors
    assert report.activity_errors[0].activity_id == report.activities[0].activity_id
    assert b"Line 3: Invalid" in stored
    assert b"P4@Example" not in stored
