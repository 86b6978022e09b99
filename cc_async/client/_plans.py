"""The same people by sign-up and by import: what each would cost."""

from __future__ import annotations

import datetime as dt

import attrs

from cc_async.imports import ImportReport, requests_to_read_back
from cc_async.limits import BudgetStatistics, Plan, plan_import, plan_sign_up
from cc_async.sign_ups import SignUpRehearsal


@attrs.frozen(eq=False, repr=False)
class Plans:
    """What a job costs `by_sign_up`, a request for each person, and `by_import`.

    The two are no substitutes for each other: a sign-up makes people explicit subscribers, an
    import changes nobody's permission. Where everything was read for one of them, the other is
    an estimate.
    """

    by_sign_up: Plan
    by_import: Plan


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
    """Return the plans for what a dry run of an import has read; *verify* as for the import."""
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


def plans_for_sign_up(
    told: SignUpRehearsal, budget: BudgetStatistics, now: dt.datetime, *, concurrency: int
) -> Plans:
    """Return the plans for what a rehearsed sign-up has read."""
    preparing = told.requests_ahead - told.people
    return Plans(
        plan_sign_up(told.people, budget, now, preparing=preparing, concurrency=concurrency),
        plan_import(told.people, None, budget, now, preparing=told.requests),
    )
