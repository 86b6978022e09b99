"""Results of an import and of its dry run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import attrs
from rich.console import RenderableType

from cc_async.cli._estimates import Estimate
from cc_async.cli._exit_codes import ExitCode, of_import
from cc_async.cli._import_texts import (
    activity_errors_text,
    arrival_texts,
    blanks_text,
    merged_text,
    rejections_text,
    resume_command,
    suppressed_text,
    trouble_texts,
)
from cc_async.cli._texts import count_of, paragraphs, size_text, table
from cc_async.imports import ImportReport

_KEYS = (
    "job_id",
    "state",
    "contacts_read",
    "contacts_rejected",
    "contacts_merged",
    "contacts_suppressed",
    "contacts_sent",
    "person_count",
    "error_count",
    "correctable_count",
    "cannot_add_to_list_count",
    "missing",
    "not_changed",
    "unverified",
    "rows_with_blanks",
    "requests",
    "activity_errors_left_out",
)

_ROWS = ("rejections", "suppressed")
_CONTACTS = ("not_arrived", "kept_off", "unchanged")
_OF_ROW = ("line", "column", "reason")
_OF_CONTACT = ("line", "email_address", "list_ids")

_SENT = ("submitting", "uncertain")
"""States of chunks without an activity that the service may have accepted."""


def _report_json(report: ImportReport) -> dict[str, Any]:
    """Return the JSON object of an import."""
    return {
        **{key: getattr(report, key) for key in _KEYS},
        **{key: _named(getattr(report, key), _OF_ROW) for key in _ROWS},
        "merged_lines": report.merged_lines,
        **{key: _named(getattr(report, key), _OF_CONTACT) for key in _CONTACTS},
        "activity_errors": list(map(attrs.asdict, report.activity_errors)),
        "activities": list(map(attrs.asdict, report.activities)),
    }


def _named(items: Iterable[object], keys: Sequence[str]) -> list[dict[str, Any]]:
    return [{key: getattr(item, key) for key in keys} for item in items]


@attrs.frozen
class ImportResult:
    """Result of an import, finished or not.

    *rejects* and *missing* are the files of rejected contacts and of those that did not arrive.
    *is_over* says that waiting changes nothing more, *is_file* that the same input can be read
    again, *is_cancelled* that the rest was given up.
    """

    report: ImportReport
    rejects: Path | None = None
    missing: Path | None = None
    is_over: bool = True
    is_file: bool = True
    is_cancelled: bool = False

    @property
    def exit_code(self) -> ExitCode:
        return of_import(self.report)

    @property
    def has_sent(self) -> bool:
        """Whether the service may have accepted contacts."""
        return any(each.activity_id or each.state in _SENT for each in self.report.activities)

    @property
    def advice(self) -> str:
        if self.report.state == "completed" or self.is_cancelled:
            return ""
        again = (
            "Run the same import again" if self.is_file else f"Run {resume_command(self.report)}"
        )
        is_accepted = any(activity.activity_id for activity in self.report.activities)
        goes_on = "What the service has accepted goes on there. " if is_accepted else ""
        return f"{goes_on}{again} to go on where it stopped."

    def to_json(self) -> dict[str, Any]:
        return _report_json(self.report)

    def to_text(self) -> RenderableType:
        report = self.report
        return paragraphs(
            self._headline(),
            table(("", ""), _counts(report, "Sent" if self.is_over else "To be sent")),
            rejections_text(report.contacts_rejected, report.rejections, self.rejects),
            merged_text(report.contacts_merged, report.merged_lines),
            suppressed_text(report.contacts_suppressed, report.suppressed),
            blanks_text(report.rows_with_blanks),
            *(trouble_texts(report) if self.is_over else ()),
            activity_errors_text(report),
            *arrival_texts(report, self.missing),
        )

    def _headline(self) -> str:
        report, contacts = self.report, count_of(self.report.contacts_sent, "contact")
        if self.is_cancelled and not self.is_over:
            return f"The import of {contacts} was cancelled before it was finished."
        if not self.is_over:
            return f"The import of {contacts} is not finished."
        if report.state == "uncertain":
            return f"The import of {contacts} is finished, except for a chunk that is uncertain."
        if report.state == "failed":
            return f"The import of {contacts} is finished, but the service gave up a chunk."
        if not report.contacts_sent:
            return "Nothing was sent: there was no contact to import."
        if attrs.evolve(report, contacts_rejected=0).is_all_accepted and report.contacts_rejected:
            return f"{contacts} imported, {count_of(report.contacts_rejected, 'row')} rejected."
        if not report.is_all_accepted:
            return f"The import of {contacts} is finished, but not everything went well."
        return f"All is well: {contacts} imported."


def _counts(report: ImportReport, sent: str) -> list[tuple[str, int]]:
    counts = [
        ("Contacts read", report.contacts_read),
        ("Rejected here", report.contacts_rejected),
        ("Merged into a later row for the same address", report.contacts_merged),
        ("Suppressed", report.contacts_suppressed),
        (sent, report.contacts_sent),
        ("Counted by the service", report.person_count),
        ("Refused by the service", report.contacts_refused),
        ("Kept off the lists", report.contacts_kept_off),
        ("Missing from the lists", report.missing or 0),
        ("On the lists, but not changed since", report.not_changed or 0),
        ("Requests", report.requests),
    ]
    always = ("Contacts read", sent, "Counted by the service", "Requests")
    return [(name, count) for name, count in counts if count or name in always]


@attrs.frozen
class ImportDryRunResult:
    """Result of a dry run of an import."""

    report: ImportReport
    estimate: Estimate
    rejects: Path | None = None
    advice: str = ""

    @property
    def exit_code(self) -> ExitCode:
        return ExitCode.NOT_ALL_ACCEPTED if self.report.contacts_rejected else ExitCode.DONE

    def to_json(self) -> dict[str, Any]:
        plan = {"chunks": len(self.report.activities), **self.estimate.to_json(), "mails": "none"}
        return _report_json(self.report) | {"state": "planned", "dry_run": plan}

    def to_text(self) -> RenderableType:
        report = self.report
        sizes = [activity.bytes for activity in report.activities]
        chunks = f"{count_of(len(sizes), 'chunk')} ({size_text(sum(sizes))})"
        counts = [
            (name, count)
            for name, count in _counts(report, "Would be sent")
            if name not in ("Counted by the service", "Requests")
        ]
        return paragraphs(
            "Nothing was sent; this was a dry run.",
            table(("", ""), counts),
            rejections_text(report.contacts_rejected, report.rejections, self.rejects),
            merged_text(report.contacts_merged, report.merged_lines),
            suppressed_text(report.contacts_suppressed, report.suppressed),
            blanks_text(report.rows_with_blanks),
            f"They would go in {chunks}. {self.estimate} An import is taken to need a minute of the "
            "service's own time.",
            "Mails: none. An import sends no welcome and no confirmation mail.",
        )
