"""A full queue of activities: when a chunk is sent again after the service refused one for it.

The service keeps 1,000 activities waiting. A chunk has up to 4 MB, so it is not sent to find out
whether there is room again: the end of an activity tells, and a list of them is small.
https://developer.constantcontact.com/api_guide/rate_limits.html
"""

from __future__ import annotations

import attrs

_FIRST_RETRY, _LONGEST_RETRY = 60.0, 600.0
"""Seconds after a refusal until a chunk is sent although no activity was seen to end; doubled with
each refusal in a row, up to ten minutes. Usual imports take a minute. Ours to choose."""


@attrs.define
class FullQueue:
    """What a job knows about the account's queue.

    *is_full*: nothing is sent. *is_tight*: it was full once, so one chunk is sent at a time.
    """

    is_full: bool = False
    is_tight: bool = False
    _refusals: int = 0
    _retry_at: float = 0.0
    _open: int | None = None

    def note_refused(self, now: float) -> None:
        """Note that the service refused a chunk because its queue is full.

        *now* is in seconds on the clock of this process, which no step of a wall clock moves.
        """
        if self.is_full:
            return  # another chunk of the same moment
        self._retry_at = now + min(_LONGEST_RETRY, _FIRST_RETRY * 2.0 ** min(self._refusals, 10))
        self._refusals += 1
        self._open = None
        self.is_full = self.is_tight = True

    def note_accepted(self) -> None:
        """Note that the service accepted a chunk."""
        self._refusals = 0

    def note_ended(self) -> None:
        """Note that an activity of this job ended: there is room for one."""
        self.is_full = False

    def note_look(self, now: float, open_activities: int | None = None) -> None:
        """Note a look at the account, and how many of its activities have not ended, if known."""
        if self._open is not None and open_activities is not None and open_activities < self._open:
            self.is_full = False
        self._open = open_activities if open_activities is not None else self._open
        if now >= self._retry_at:
            self.is_full = False
