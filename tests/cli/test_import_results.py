"""Results of an import and of its dry run."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import attrs
import pytest
from rich.console import Console, RenderableType

from cc_async.cli._import_results import ImportResult
from cc_async.imports import ActivityProblem, ActivityReport, ImportReport

REPORT = ImportReport(
    job_id="j1",
    state="completed",
    contacts_read=3,
    contacts_rejected=0,
    contacts_merged=1,
    contacts_suppressed=0,
    contacts_sent=2,
    person_count=2,
    error_count=0,
    correctable_count=0,
    cannot_add_to_list_count=0,
    missing=None,
    not_changed=None,
    requests=4,
    activities=(ActivityReport("a1", "completed", 2, 100),),
)


def shown(text: RenderableType) -> str:
    console = Console(file=io.StringIO(), width=200)
    console.print(text)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize(
    ("changes", "headline"),
    [
        ({}, "All is well: 2 contacts imported."),
        ({"contacts_rejected": 1}, "2 contacts imported, 1 row rejected."),
        ({"error_count": 1}, "is finished, but not everything went well."),
        ({"contacts_sent": 0, "person_count": 0}, "Nothing was sent: there was no contact"),
        ({"state": "uncertain"}, "is finished, except for a chunk that is uncertain."),
        ({"state": "failed"}, "is finished, but the service gave up a chunk."),
    ],
)
def test_the_headline_says_how_it_ended(changes: dict[str, Any], headline: str) -> None:
    """The first line says whether all is well, and what is not."""
    result = ImportResult(attrs.evolve(REPORT, **changes))
    assert headline in shown(result.to_text()).splitlines()[0]


@pytest.mark.parametrize(
    ("is_cancelled", "headline"), [(False, "is not finished."), (True, "was cancelled before")]
)
def test_an_unfinished_import_says_so(is_cancelled: bool, headline: str) -> None:
    """An import that is not over says so, and whether it was cancelled."""
    report = attrs.evolve(REPORT, state="running")
    result = ImportResult(report, is_over=False, is_cancelled=is_cancelled)
    assert headline in shown(result.to_text()).splitlines()[0]


def test_the_advice_says_how_to_go_on() -> None:
    """A file is imported again; any other input is resumed by the job's id."""
    report = attrs.evolve(REPORT, state="running")
    assert "Run the same import again to go on" in ImportResult(report).advice
    assert "`cc-async resume j1`" in ImportResult(report, is_file=False).advice
    assert ImportResult(REPORT).advice == ""
    assert ImportResult(report, is_cancelled=True).advice == ""


def test_what_the_service_says_is_shown_as_text_and_json() -> None:
    """The first texts have their lines, or else their chunks; JSON holds all that were kept."""
    said = [ActivityProblem(1, "a1", number or None, f"text {number}") for number in range(7)]
    result = ImportResult(
        attrs.evolve(REPORT, activity_errors=tuple(said), activity_errors_left_out=3)
    )
    text = shown(result.to_text())
    assert "The service says:\n  chunk 1: text 0\n  line 1: text 1\n" in text
    assert "and 5 more; --json names" in text
    found = result.to_json()
    assert found["activity_errors"] == [attrs.asdict(each) for each in said]
    assert found["activity_errors_left_out"] == 3


def test_only_counts_that_matter_are_shown() -> None:
    """A count of zero is left out, except for those that are always shown."""
    text = shown(ImportResult(REPORT).to_text())
    assert "Merged into a later row for the same address  1" in text
    assert "Rejected here" not in text
    assert "Requests" in text


def test_files_are_named(tmp_path: Path) -> None:
    """The file of rejected rows is named where there are any."""
    report = attrs.evolve(REPORT, contacts_rejected=2)
    text = shown(ImportResult(report, rejects=Path("rejects.csv")).to_text())
    assert "All of them are in rejects.csv" in text
