"""Bulk activities: jobs that run on the service's side.

https://developer.constantcontact.com/api_guide/activity_status.html
"""

from __future__ import annotations

import datetime as dt

import attrs

TERMINAL_STATES = frozenset({"completed", "cancelled", "failed", "timed_out"})
"""States that an activity never leaves. In any other state, known or not, it may go on."""


@attrs.frozen
class ActivityStatus:
    """An activity's counters. Each kind of activity has some of them; a new one has none.

    *items_total_count* of a file import counts the heading row. Compare *person_count* with the
    number of contacts sent.
    """

    items_total_count: int | None = None
    items_completed_count: int | None = None
    person_count: int | None = None
    error_count: int | None = None
    correctable_count: int | None = None
    cannot_add_to_list_count: int | None = None
    list_count: int | None = None


@attrs.frozen
class Activity:
    """A job on the service's side, kept for ten days.

    It does not say its kind of job: remember the purpose of each id. *activity_errors* are texts
    of the service, at most 200 of 500 characters each; *errors_left_out* counts the others.
    *results_href* leads to the file of a finished export.
    """

    activity_id: str
    state: str
    created_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None
    started_at: dt.datetime | None = None
    completed_at: dt.datetime | None = None
    percent_done: int | None = None
    source_file_name: str | None = None
    activity_errors: tuple[str, ...] = attrs.field(default=(), repr=False)
    errors_left_out: int = 0
    status: ActivityStatus = ActivityStatus()
    results_href: str | None = None

    @property
    def is_terminal(self) -> bool:
        """Whether the activity has ended, well or badly."""
        return self.state in TERMINAL_STATES
