"""Bulk activities: what the service calls a job that runs on its side."""

from __future__ import annotations

import datetime as dt

import attrs

TERMINAL_STATES = frozenset({"completed", "cancelled", "failed", "timed_out"})
"""States an activity never leaves. Any other word, known or not, means: ask again."""


@attrs.frozen
class ActivityStatus:
    """An activity's counters; which are there depends on its kind, none are there at first.

    *items_total_count* of a file import counts the heading row. *person_count* is what to
    compare with the number of contacts sent.
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
    """A job on the service's side. It is forgotten after ten days.

    Nothing in it says what kind of job it is: remember what each id was for.
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
    activity_errors: tuple[str, ...] = ()
    status: ActivityStatus = ActivityStatus()
    results_href: str | None = None

    @property
    def is_terminal(self) -> bool:
        """Whether the activity has ended, well or badly."""
        return self.state in TERMINAL_STATES
