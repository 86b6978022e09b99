"""Bulk activities: work that is spread over time and moves with the clock alone.

An activity starts a moment after it was asked for and has done all its steps at its end. Steps
that are due are done when somebody looks, a few at a time, so that nobody is kept waiting.
"""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal

import attrs

from cc_async.sandbox._settings import SandboxSettings

if TYPE_CHECKING:
    from cc_async.sandbox._call import Incoming

Ending = Literal["completed", "cancelled", "failed", "timed_out"]
Steps = Iterator[None]
"""The work of an activity: each `next` is one step."""

Fate = Callable[["ActivityRecord", float], None]
"""What is in store for an activity that is still to come; it happens when the activity starts."""

START = 0.25
"""The part of an activity's time that passes before it starts."""


class WorkFailedError(Exception):
    """The work of an activity cannot go on; the text is what the activity will say."""


@attrs.define(eq=False)
class ActivityRecord:
    """One activity.

    *moment* is the time its next step is done at. *request* asked for it, and can start it anew
    after a restart; it is dropped when the activity ends.
    """

    activity_id: str
    number: int
    kind: str
    created_at: float
    starts_at: float
    ends_at: float
    total_steps: int
    steps: Steps = attrs.field(default=iter(()), repr=False)
    done_steps: int = 0
    moment: float = 0.0
    state: Ending | None = None
    counters: dict[str, int] = attrs.field(factory=dict)
    running_counters: dict[str, int] = attrs.field(factory=dict)
    errors: tuple[str, ...] = ()
    source_file_name: str | None = None
    results_id: str | None = None
    held_at: float | None = None
    has_status: bool = True
    request: Incoming | None = attrs.field(default=None, repr=False)
    fate: Callable[[], None] | None = attrs.field(default=None, repr=False)

    def seen_at(self, now: float) -> float:
        """Return the time that counts for this activity: it stands still while held."""
        return now if self.held_at is None else self.held_at

    def progress(self, now: float) -> float:
        """Return how much of the work is due, from 0 to 1."""
        seen = self.seen_at(now)
        if seen >= self.ends_at:
            return 1.0
        span = self.ends_at - self.starts_at
        return max(0.0, (seen - self.starts_at) / span) if span > 0 else 0.0

    def is_started(self, now: float) -> bool:
        return self.seen_at(now) >= self.starts_at

    def end(self, state: Ending, at: float, errors: tuple[str, ...] = ()) -> None:
        """End it now; work not done yet is never done."""
        self.state, self.ends_at, self.errors, self.steps = state, at, errors, iter(())
        self.held_at = self.request = None


class ActivityQueue:
    """All activities younger than their life, and the ones still to be worked on."""

    def __init__(self, settings: SandboxSettings) -> None:
        self._settings = settings
        self._known: dict[str, ActivityRecord] = {}
        self._open: dict[str, ActivityRecord] = {}
        self._count = 0
        self.fates: deque[Fate] = deque()

    @property
    def open_count(self) -> int:
        """How many wait or run."""
        return len(self._open)

    def __iter__(self) -> Iterator[ActivityRecord]:
        return iter(tuple(self._known.values()))

    def take_newest(self) -> ActivityRecord:
        """Take the activity out again that was added last."""
        activity_id, record = self._known.popitem()
        self._open.pop(activity_id, None)
        return record

    def restore(self, record: ActivityRecord) -> None:
        """Take an activity in again that was kept somewhere else."""
        self._known[record.activity_id] = record
        if record.state is None:
            self._open[record.activity_id] = record
        self._count = max(self._count, record.number + 1)

    def get(self, activity_id: str) -> ActivityRecord | None:
        return self._known.get(activity_id)

    def newest_first(self) -> list[ActivityRecord]:
        return list(reversed(self._known.values()))

    def add(self, activity_id: str, kind: str, now: float, total_steps: int) -> ActivityRecord:
        """Queue an activity; its work is given to it after."""
        seconds = self._settings.activity_seconds
        record = ActivityRecord(
            activity_id, self._count, kind, now, now + START * seconds, now + seconds, total_steps
        )
        self._count += 1
        self._known[activity_id] = self._open[activity_id] = record
        if self.fates:
            record.fate = functools.partial(self.fates.popleft(), record, record.starts_at)
        return record

    def work(self, now: float, most: int) -> bool:
        """Do up to *most* steps that are due, and say whether more are."""
        for record in tuple(self._open.values()):
            most -= self._work_on(record, now, most)
            if most <= 0:
                return True
        self._forget_old(now)
        return False

    def _work_on(self, record: ActivityRecord, now: float, most: int) -> int:
        """Do what is due of one activity, and return how many steps that were."""
        if record.fate is not None and record.is_started(now):
            fate, record.fate = record.fate, None
            fate()
            if record.activity_id not in self._open:
                return 0
        progress = record.progress(now)
        record.moment = min(record.seen_at(now), record.ends_at)
        due = int(record.total_steps * progress)
        before = record.done_steps
        try:
            while record.done_steps - before < most and (record.done_steps < due or progress == 1):
                next(record.steps)
                record.done_steps += 1
        except StopIteration:
            if progress == 1:
                record.state = "completed"
        except WorkFailedError as failure:
            record.end("failed", record.moment, (str(failure),))
        if record.state is not None:
            self._open.pop(record.activity_id, None)
            record.steps, record.request = iter(()), None
        return record.done_steps - before

    def _forget_old(self, now: float) -> None:
        for record in tuple(self._known.values()):
            if record.created_at > now - self._settings.activity_life:
                break
            self.lose(record.activity_id)

    def finish(
        self, record: ActivityRecord, state: Ending, at: float, errors: tuple[str, ...] = ()
    ) -> None:
        """End an activity that is still open in *state*."""
        if record.state is None:
            record.end(state, at, errors)
            self._open.pop(record.activity_id, None)

    def lose(self, activity_id: str) -> None:
        """Forget an activity as if it had never been; what it has done stays."""
        self._known.pop(activity_id, None)
        self._open.pop(activity_id, None)
