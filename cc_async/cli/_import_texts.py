"""Sentences about the contacts of an import: rejected, suppressed, refused, not arrived."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cc_async.cli._texts import count_of, first_lines, printable, text_if
from cc_async.imports import ActivityReport, ImportReport, NamedContact
from cc_async.sources import Rejection

_VERIFIED_BY = {"pages": "page by page", "export": "by an export"}
_GIVEN_UP = ("failed", "cancelled", "timed_out", "vanished")
_STATUS_TEXTS = {
    "missing": "missing",
    "not_changed": "on the lists, but not changed since",
    "kept_off": "kept off, unsubscribed",
}
_ALL_IN_JSON = "; --json names up to a thousand"
_HARMLESS = (
    "Importing a contact again sets the same values; people who left a list meanwhile would be put back "
    "on it."
)


def rejections_text(
    count: int,
    rejections: Sequence[Rejection],
    path: Path | None,
    rest: str = "; --rejects PATH writes all of them to a file",
) -> str:
    """Return the first rejected rows; all of them are in *path*, or *rest* says how to see them."""
    if not count:
        return ""
    rest = "" if path is not None else rest
    text = f"{count_of(count, 'row was', 'rows were')} rejected and not sent:\n"
    text += first_lines([_rejection_line(each) for each in rejections], count, rest)
    if path is not None:
        text += f"\nAll of them are in {printable(path)}; correct them there and run that file."
    return text


def _rejection_line(rejection: Rejection) -> str:
    place = f"line {rejection.line}"
    if rejection.column:
        place += f", {printable(rejection.column)}"
    return f"{place}: {printable(rejection.reason)}"


def suppressed_text(count: int, suppressed: Sequence[Rejection]) -> str:
    """Return the first suppressed rows, with the reasons."""
    text = f"{count_of(count, 'contact was', 'contacts were')} suppressed and not sent"
    lines = [f"line {each.line}: {printable(each.reason)}" for each in suppressed]
    return text_if(count, f"{text}:\n{first_lines(lines, count)}" if lines else f"{text}.")


def merged_text(count: int, lines: Sequence[int]) -> str:
    """Return the lines of the first rows that a later row replaced."""
    text = (
        f"{count_of(count, 'row was', 'rows were')} replaced by a later row for the same contact:\n"
    )
    return text_if(
        count, text + first_lines([f"line {line}" for line in lines], count, _ALL_IN_JSON)
    )


def blanks_text(count: int) -> str:
    """Return what blank cells of a CSV may do."""
    text = (
        f"{count_of(count, 'row')} of the CSV {'has' if count == 1 else 'have'} blank cells. The "
        "service may erase the values that it stores there, or keep them: it documents neither. "
        "`--send-as auto` sends such rows without the blank cells."
    )
    return text_if(count, text)


def resume_command(report: ImportReport) -> str:
    """Return the command that goes on with the import."""
    return f"`cc-async resume {report.job_id}`"


# --- what the service did not accept ----------------------------------------------------------


def trouble_texts(report: ImportReport) -> list[str]:
    """Return a sentence for each kind of trouble at the service."""
    return [
        *_refusal_texts(report),
        text_if(
            0 if report.verification is not None else report.contacts_uncounted,
            f"{count_of(report.contacts_uncounted, 'contact was', 'contacts were')} sent but "
            f"never counted by the service: they may not have arrived. {_HARMLESS}",
        ),
        _uncertain_text(report),
        _given_up_text(report),
    ]


def _refusal_texts(report: ImportReport) -> list[str]:
    kept_off = report.contacts_kept_off
    unnamed = "" if report.verification is not None else " without naming them"
    return [
        text_if(
            kept_off,
            f"{count_of(kept_off, 'contact was', 'contacts were')} kept off the lists because "
            "they unsubscribed. Only they can change that, by signing up again. "
            + _kept_off_names(report),
        ),
        text_if(
            report.error_count,
            f"The service refused {count_of(report.error_count, 'contact')}{unnamed}. Correct any "
            "that look unusual and import them again.",
        ),
        text_if(
            report.correctable_count,
            f"The service holds {count_of(report.correctable_count, 'contact')} back until they "
            "are corrected on its web site, where the import's page lists them.",
        ),
    ]


def _kept_off_names(report: ImportReport) -> str:
    """Return the lines of the people kept off the lists, or why they are not known."""
    if report.verification is None:
        return "The service does not name them; reading the lists back with --verify does."
    return "They are:\n" + first_lines(
        [_line_of(contact) for contact in report.kept_off], report.contacts_kept_off, _ALL_IN_JSON
    )


def _uncertain_text(report: ImportReport) -> str:
    lost = [each for each in report.activities if each.state == "uncertain"]
    return text_if(
        len(lost),
        f"The answer to {count_of(len(lost), 'chunk')} of the import was lost "
        f"({count_of(_contacts(lost), 'contact')}): it is uncertain whether it arrived. "
        f"{_with_flag(report, '--resend-uncertain')} sends it again. {_HARMLESS}",
    )


def _given_up_text(report: ImportReport) -> str:
    failed = [each for each in report.activities if each.state in _GIVEN_UP]
    names = ", ".join(f"{each.activity_id} ({printable(each.state)})" for each in failed)
    return text_if(
        len(failed),
        f"The service gave up {count_of(len(failed), 'chunk')} of the import "
        f"({count_of(_contacts(failed), 'contact')}): {names}. "
        f"{_with_flag(report, '--resend-failed')} sends it again. {_HARMLESS}",
    )


def activity_errors_text(report: ImportReport) -> str:
    """Return the first texts of the service about the import."""
    lines = [
        f"{f'line {each.line}' if each.line else f'chunk {each.chunk}'}: {printable(each.text)}"
        for each in report.activity_errors
    ]
    count = len(lines) + report.activity_errors_left_out
    return text_if(count, f"The service says:\n{first_lines(lines, count, _ALL_IN_JSON)}")


def _with_flag(report: ImportReport, flag: str) -> str:
    return f"`cc-async resume {report.job_id} {flag}`"


def _contacts(activities: Sequence[ActivityReport]) -> int:
    return sum(activity.contacts + activity.addresses for activity in activities)


# --- what the lists showed --------------------------------------------------------------------


def arrival_texts(report: ImportReport, path: Path | None) -> list[str]:
    """Return the findings of reading the lists back; *path* holds the contacts not arrived."""
    found, untold = report.verification, _unverified_text(report)
    if found is None:
        return [untold]
    ways = " and ".join(_VERIFIED_BY[way] for way in found.by)
    text = f"{count_of(found.contacts, 'contact was', 'contacts were')} looked for on the lists, "
    text += f"which were read {ways}."
    if not report.missing:
        text += " None is missing."
    if not found.is_exact:
        text += (
            " The export's dates are unreadable, so it is certain who is on the lists, but not "
            "whether this import has changed them."
        )
    return [text, untold, _not_arrived_text(report, path), _unchanged_text(report)]


def _unverified_text(report: ImportReport) -> str:
    count = report.unverified
    return text_if(
        count,
        f"Of {count_of(count, 'contact')} it cannot be told whether they arrived: their list shows fewer "
        "members than the service counts on it, or their data is no longer stored here.",
    )


def _not_arrived_text(report: ImportReport, path: Path | None) -> str:
    count = report.missing or 0
    if not count:
        return ""
    lines = [_line_of(contact) for contact in report.not_arrived]
    reason = "" if report.activity_errors else "; the service gives no reason"
    text = f"{count_of(count, 'contact')} did not arrive{reason}:\n"
    text += first_lines(lines, count, "" if path else _missing_hint(report))
    if path is not None:
        text += f"\nAll of them are in {printable(path)}; correct them there and run that file."
    return text


def _missing_hint(report: ImportReport) -> str:
    """Return how to see all of them; of a job that has ended, no addresses are kept."""
    has_addresses = any(contact.values for contact in report.not_arrived)
    again = "" if has_addresses else ", if those lines are imported again"
    return f"; --missing PATH writes all of them to a file{again}"


def _unchanged_text(report: ImportReport) -> str:
    """Return a remark on contacts that are on the lists, and were not changed since."""
    lines = [_line_of(contact) for contact in report.unchanged]
    count = report.not_changed or 0
    return text_if(
        count,
        f"{count_of(count, 'contact is', 'contacts are')} on the lists, but not changed since. That "
        "is as it should be where a row holds what the contact had before:\n"
        + first_lines(lines, count, _ALL_IN_JSON),
    )


def _line_of(contact: NamedContact) -> str:
    return f"line {contact.line}: {_STATUS_TEXTS[contact.status]}"
