"""What is told of who arrived, of who did not, and of who was left alone."""

from __future__ import annotations

from pathlib import Path

from cc_async.cli._texts import count_of, listed, plain
from cc_async.imports import ImportReport, NotArrived

_SHOWN = 5
_WAYS = {"pages": "page by page", "export": "by an export"}


def absence_counts(report: ImportReport) -> list[tuple[str, int]]:
    """Return the lines of the table that say who did not arrive."""
    return [
        ("Missing from the lists", report.missing or 0),
        ("On the lists, but not changed", report.not_changed or 0),
    ]


def arrival_texts(report: ImportReport, path: Path | None) -> list[str]:
    """Return what reading the lists back has told, and what to do about it."""
    found = report.verification
    if found is None:
        return []
    ways = " and ".join(_WAYS[way] for way in found.by)
    told = f"{count_of(found.contacts, 'contact was', 'contacts were')} looked for on the lists, "
    told += f"which were read {ways}."
    if not report.missing and not report.not_changed:
        told += " Nobody is missing."
    if not found.is_exact:
        told += (
            " The dates in the export could not be understood: it is certain who is on the "
            "lists, but not whether this import has changed them."
        )
    return [told, _absent_text(report, path)]


def _absent_text(report: ImportReport, path: Path | None) -> str:
    count = (report.missing or 0) + (report.not_changed or 0)
    if not count:
        return ""
    lines = [_line(person) for person in report.not_arrived]
    lines += [""] * (count - len(lines))
    told = f"{count_of(count, 'contact')} did not arrive as sent; the service gives no reason:\n"
    told += listed(lines, _SHOWN, "" if path else _rest(report))
    if path is not None:
        told += f"\nAll of them are in {plain(path)}; correct them there and run that file."
    return told


def _rest(report: ImportReport) -> str:
    """Return where those are who are not shown; of a job that is over, no addresses are kept."""
    is_fresh = any(person.values for person in report.not_arrived)
    again = "" if is_fresh else ", if those lines are imported again"
    return f"; --missing PATH writes all of them to a file{again}"


def _line(person: NotArrived) -> str:
    word = "missing" if person.status == "missing" else "on the lists, but not changed"
    return f"line {person.line}: {word}"


def suppressed_text(report: ImportReport) -> str:
    """Return which rows were left out because their people are suppressed."""
    count = report.contacts_suppressed
    if not count:
        return ""
    lines = [f"line {each.line}: {plain(each.reason)}" for each in report.suppressed]
    lines += [""] * (count - len(lines))
    told = f"{count_of(count, 'contact was', 'contacts were')} suppressed and not sent:\n"
    return told + listed(lines, _SHOWN, "")
