"""What is told of an import, and of one that was only rehearsed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
from rich.console import RenderableType

from cc_async.cli._arrivals import absence_counts, arrival_texts, suppressed_text
from cc_async.cli._estimates import Estimate
from cc_async.cli._exit_codes import ExitCode, of_import
from cc_async.cli._texts import amount, count_of, listed, page, plain, table
from cc_async.imports import ActivityReport, ImportReport
from cc_async.sources import Rejection

_SHOWN = 5
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
    "requests",
)
_HARMLESS = "Importing a contact again does no harm: it sets the same values."


def import_json(report: ImportReport) -> dict[str, Any]:
    """Return the object that stands for an import."""
    activities = [attrs.asdict(activity) for activity in report.activities]
    return {key: getattr(report, key) for key in _KEYS} | {"activities": activities}


@attrs.frozen
class ImportResult:
    """An import as it stands.

    *rejects* is where the rejected rows were written, if anywhere, and *missing* where those who
    did not arrive; *is_over* says that nothing more will happen by waiting; *is_file* that the
    same contacts can be read again; *is_cancelled* that the rest was given up.
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
    def advice(self) -> str:
        if self.report.state == "completed" or self.is_cancelled:
            return ""
        again = "Run the same import again" if self.is_file else _resume(self.report)
        accepted = any(activity.activity_id for activity in self.report.activities)
        goes_on = "What the service has accepted goes on there. " if accepted else ""
        return f"{goes_on}{again} to go on where it stopped."

    def to_json(self) -> dict[str, Any]:
        return import_json(self.report)

    def to_text(self) -> RenderableType:
        return page(
            _headline(self.report, is_over=self.is_over, is_cancelled=self.is_cancelled),
            table(("", ""), _counts(self.report, "Sent" if self.is_over else "To be sent")),
            rejections_text(self.report.contacts_rejected, self.report.rejections, self.rejects),
            suppressed_text(self.report),
            *(_troubles(self.report) if self.is_over else ()),
            *arrival_texts(self.report, self.missing),
        )


def _resume(report: ImportReport) -> str:
    return f"Say `cc-async resume {report.job_id}`"


def _headline(report: ImportReport, *, is_over: bool, is_cancelled: bool) -> str:
    people = count_of(report.contacts_sent, "contact")
    if is_cancelled and not is_over:
        return f"The import of {people} was cancelled before it was finished."
    if not is_over:
        return f"The import of {people} is not finished."
    if report.state == "uncertain":
        return f"The import of {people} is finished, but for a part that nobody knows about."
    if report.state == "failed":
        return f"The import of {people} is finished, but the service gave a part of it up."
    if not report.contacts_sent:
        return "Nothing was sent: there was no contact fit to be imported."
    if attrs.evolve(report, contacts_rejected=0).is_all_accepted and report.contacts_rejected:
        return f"{people} imported, {count_of(report.contacts_rejected, 'row')} rejected."
    if not report.is_all_accepted:
        return f"The import of {people} is finished, but not everything went well."
    return f"All is well: {people} imported."


def _counts(report: ImportReport, sent: str) -> list[tuple[str, int]]:
    counts = [
        ("Contacts read", report.contacts_read),
        ("Rejected here", report.contacts_rejected),
        ("Replaced by a later row for the same address", report.contacts_merged),
        ("Suppressed", report.contacts_suppressed),
        (sent, report.contacts_sent),
        ("Counted by the service", report.person_count),
        ("Refused by the service", report.contacts_refused),
        ("Kept off the lists", report.cannot_add_to_list_count),
        *absence_counts(report),
        ("Requests", report.requests),
    ]
    always = ("Contacts read", sent, "Counted by the service", "Requests")
    return [(name, count) for name, count in counts if count or name in always]


def rejections_text(count: int, rejections: tuple[Rejection, ...], path: Path | None) -> str:
    """Return the first rows that were set aside, and where all of them are."""
    if not count:
        return ""
    lines = [_rejection_line(rejection) for rejection in rejections]
    lines += [""] * (count - len(lines))
    rest = "" if path is not None else "; --rejects PATH writes all of them to a file"
    told = f"{count_of(count, 'row was', 'rows were')} rejected and not sent:\n"
    told += listed(lines, _SHOWN, rest)
    if path is not None:
        told += f"\nAll of them are in {plain(path)}; correct them there and run that file."
    return told


def _rejection_line(rejection: Rejection) -> str:
    place = f"line {rejection.line}"
    if rejection.column:
        place += f", {plain(rejection.column)}"
    return f"{place}: {plain(rejection.reason)}"


def _troubles(report: ImportReport) -> list[str]:
    kept_off = report.cannot_add_to_list_count
    is_verified = report.verification is not None
    which = "" if is_verified else " and does not say which"
    return [
        _if(
            kept_off,
            f"{count_of(kept_off, 'contact was', 'contacts were')} kept off the lists because "
            "they unsubscribed. Only they can change that, by signing up again.",
        ),
        _if(
            report.error_count,
            f"The service refused {count_of(report.error_count, 'contact')}{which}. Correct what "
            "looks unusual and import it again.",
        ),
        _if(
            report.correctable_count,
            f"The service holds {count_of(report.correctable_count, 'contact')} back until "
            "somebody corrects them on its web site, where the import's page lists them.",
        ),
        _if(
            0 if is_verified else report.contacts_uncounted,
            f"{count_of(report.contacts_uncounted, 'contact was', 'contacts were')} sent but "
            f"never counted by the service: they may not have arrived. {_HARMLESS}",
        ),
        _parts_text(report, "uncertain"),
        _parts_text(report, "failed"),
    ]


def _if(count: int, text: str) -> str:
    return text if count else ""


def _parts_text(report: ImportReport, kind: str) -> str:
    """Return what is to be said of the parts that came to no good end."""
    if kind == "uncertain":
        lost = [each for each in report.activities if each.state == "uncertain"]
        return _if(
            len(lost),
            f"The answer to {count_of(len(lost), 'part')} of the import was lost "
            f"({count_of(_contacts(lost), 'contact')}): it is uncertain whether it arrived. "
            f"{_resume(report)} --resend-uncertain to send it again. {_HARMLESS}",
        )
    failed = [each for each in report.activities if each.state in _GIVEN_UP]
    names = ", ".join(f"{each.activity_id} ({plain(each.state)})" for each in failed)
    return _if(
        len(failed),
        f"The service gave up {count_of(len(failed), 'part')} of the import "
        f"({count_of(_contacts(failed), 'contact')}): {names}. "
        f"{_resume(report)} --resend-failed to send it again. {_HARMLESS}",
    )


_GIVEN_UP = ("failed", "cancelled", "timed_out", "vanished")


def _contacts(activities: list[ActivityReport]) -> int:
    return sum(activity.contacts for activity in activities)


@attrs.frozen
class DryRunResult:
    """An import that was read, checked and cut, and not sent."""

    report: ImportReport
    estimate: Estimate
    rejects: Path | None = None

    @property
    def exit_code(self) -> ExitCode:
        return ExitCode.NOT_ALL_ACCEPTED if self.report.contacts_rejected else ExitCode.DONE

    @property
    def advice(self) -> str:
        return ""

    def to_json(self) -> dict[str, Any]:
        would = {"bodies": len(self.report.activities), **self.estimate.to_json(), "mails": "none"}
        return import_json(self.report) | {"state": "planned", "dry_run": would}

    def to_text(self) -> RenderableType:
        report = self.report
        sizes = [activity.bytes for activity in report.activities]
        parts = f"{count_of(len(sizes), 'part')} ({amount(sum(sizes))})"
        counts = [
            (name, count)
            for name, count in _counts(report, "Would be sent")
            if name not in ("Counted by the service", "Requests")
        ]
        return page(
            "Nothing was sent; this was a dry run.",
            table(("", ""), counts),
            rejections_text(report.contacts_rejected, report.rejections, self.rejects),
            suppressed_text(report),
            f"They would go in {parts}. {self.estimate} An import is taken to need a minute of the "
            "service's own time.",
            "Mails: none. An import sends no welcome and no confirmation mail.",
        )
