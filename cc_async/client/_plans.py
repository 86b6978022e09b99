"""The result of a dry run of an import, with its cost."""

from __future__ import annotations

import datetime as dt

import attrs

from cc_async.imports import ImportReport, requests_to_read_back
from cc_async.limits import BudgetStatistics, Plans, plan_import, plan_sign_up


@attrs.frozen
class ImportDryRun:
    """The result of an import that was read, checked and cut, and not sent.

    *report* counts the contacts; its activities are the chunks that would be sent.
    """

    report: ImportReport
    plans: Plans


def plans_after_reading(
    report: ImportReport, budget: BudgetStatistics, now: dt.datetime, *, verify: bool | None
) -> Plans:
    """Return the plans for the *report* of a dry run; *verify* as for the import."""
    reading_back = requests_to_read_back(report.contacts_sent) if verify else 0
    rows = report.contacts_sent + report.contacts_merged
    return Plans(
        plan_sign_up(rows, budget, now, preparing=report.requests),
        plan_import(
            report.contacts_sent,
            len(report.activities),
            budget,
            now,
            preparing=report.requests,
            reading_back=reading_back,
        ),
    )
