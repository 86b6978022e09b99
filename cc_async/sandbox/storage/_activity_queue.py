"""Bulk activities: work that is spread over time and moves with the sandbox's clock alone.

An activity starts shortly after its request and has done all its steps at its end. Due steps are
done when a request or a test looks at the account, a few at a time, so that the event loop stays
free.
https://developer.constantcontact.com/api_guide/activity_status.html
"""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Callable, Iterator
from typing import Literal

import attrs

from cc_async.sandbox._settings import SandboxSettings
from cc_async.sandbox.http import IncomingRequest

Ending = Literal["completed", "cancelled", "failed", "timed_out"]
Steps = Iterator[None]
"""The work of an activity: each `next` is one step."""

StartHook = Callable[["ActivityRecord", float], None]
"""Called with an activity and the time when it starts: for a test to hold or fail it."""

START_SHARE = 0.25
"""The share of an activity's time that passes before it starts. Our own choice."""


class WorkFailedError(Exception):
    """The work of an activity cannot go on; the text becomes the activity's error."""


@attrs.define(eq=False)
class ActivityRecord:
    """One activity.

    *step_time* is the time of its next step. *request* is kept until the activity ends, so that
    the work can start anew after a restart.
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
    step_time: float = 0.0
    state: Ending | None = None
    counters: dict[str, int] = attrs.field(factory=dict)
    running_counters: dict[str, int] = attrs.field(factory=dict)
    errors: tuple[str, ...] = ()
    source_file_name: str | None = None
    results_id: str | None = None
    held_at: float | None = None
    has_status: bool = True
    request: IncomingRequest | None = attrs.field(default=None, repr=False)
    start_hook: Callable[[], None] | None = attrs.field(default=None, repr=False)

    def seen_at(self, now: float) -> float:
        """Return the time that counts for this activity: it stands still while held."""
        return now if self.held_at is None else self.held_at

    def progress(self, now: float) -> float:
        """Return the share of the work that is due, from 0 to 1."""
        seen = self.seen_at(now)
        if seen >= self.ends_at:
            return 1.0
        span = self.ends_at - self.starts_at
        return max(0.0, (seen - self.starts_at) / span) if span > 0 else 0.0

    def is_started(self, now: float) -> bool:
        return self.seen_at(now) >= self.starts_at

    def end(self, state: Ending, at: float, errors: tuple[str, ...] = ()) -> None:
        """End the activity; the rest of its work is never done."""
        self.state, self.ends_at, self.errors, self.steps = state, at, errors, iter(())
        self.held_at = self.request = None


class ActivityQueue:
    """All activities that can still be looked up, and the open ones among them."""

    def __init__(self, settings: SandboxSettings) -> None:
        self._settings = settings
        self._known: dict[str, ActivityRecord] = {}
        self._open: dict[str, ActivityRecord] = {}
        self._count = 0
        self.start_hooks: deque[StartHook] = deque()
        """One for each of the next activities."""

    @property
    def open_count(self) -> int:
        """Activities that wait or run."""
        return len(self._open)

    def __iter__(self) -> Iterator[ActivityRecord]:
        return iter(tuple(self._known.values()))

    def take_newest(self) -> ActivityRecord:
        """Remove and return the activity that was added last."""
        activity_id, record = self._known.popitem()
        self._open.pop(activity_id, None)
        return record

    def restore(self, record: ActivityRecord) -> None:
        """Add an activity of a snapshot."""
        self._known[record.activity_id] = record
        if record.state is None:
            self._open[record.activity_id] = record
        self._count = max(self._count, record.number + 1)

    def get(self, activity_id: str) -> ActivityRecord | None:
        return self._known.get(activity_id)

    def newest_first(self) -> list[ActivityRecord]:
        return list(reversed(self._known.values()))

    def add(self, activity_id: str, kind: str, now: float, total_steps: int) -> ActivityRecord:
        """Queue an activity; the caller then sets its *steps*."""
        seconds = self._settings.activity_seconds
        record = ActivityRecord(
            activity_id,
            self._count,
            kind,
            now,
            now + START_SHARE * seconds,
            now + seconds,
            total_steps,
        )
        self._count += 1
        self._known[activity_id] = self._open[activity_id] = record
        if self.start_hooks:
            record.start_hook = functools.partial(
                self.start_hooks.popleft(), record, record.starts_at
            )
        return record

    def work(self, now: float, max_steps: int) -> bool:
        """Do up to *max_steps* due steps, and say whether more are due."""
        for record in tuple(self._open.values()):
            max_steps -= self._work_on(record, now, max_steps)
            if max_steps <= 0:
                return True
        self._forget_old(now)
        return False

    def _work_on(self, record: ActivityRecord, now: float, max_steps: int) -> int:
        """Do the due steps of one activity, and return their number."""
        if record.start_hook is not None and record.is_started(now):
            hook, record.start_hook = record.start_hook, None
            hook()
            if record.activity_id not in self._open:
                return 0
        progress = record.progress(now)
        record.step_time = min(record.seen_at(now), record.ends_at)
        due = int(record.total_steps * progress)
        before = record.done_steps
        try:
            while record.done_steps - before < max_steps and (
                record.done_steps < due or progress == 1
            ):
                next(record.steps)
                record.done_steps += 1
        except StopIteration:
            if progress == 1:
                record.state = "completed"
        except WorkFailedError as failure:
            record.end("failed", record.step_time, (str(failure),))
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
        """End an open activity in *state*; do nothing with one that has ended."""
        if record.state is None:
            record.end(state, at, errors)
            self._open.pop(record.activity_id, None)

    def lose(self, activity_id: str) -> None:
        """Forget an activity; the work it has done stays."""
        self._known.pop(activity_id, None)
        self._open.pop(activity_id, None)
