"""One body of an import: what it is, and how far it has come."""

from __future__ import annotations

import datetime as dt

import attrs

from cc_async.imports._chunk import (
    AnswerLost,
    ChunkEvent,
    ChunkState,
    LookupMissed,
    SubmitStarted,
    Verified,
    advance,
)
from cc_async.models import Activity
from cc_async.wire import ImportFormat


@attrs.frozen
class Chunk:
    """A body that is ready to be sent: *size* bytes with this *digest*.

    *first_line* and *last_line* say which part of the input it came from.
    """

    number: int
    format: ImportFormat
    url_path: str
    content_type: str
    list_ids: tuple[str, ...]
    file_name: str
    contacts: int
    size: int
    first_line: int
    last_line: int
    digest: str


@attrs.frozen
class Progressing:
    """A chunk and how far it has come.

    *since* is when it came into its state, in seconds since the epoch; for an uncertain one,
    when its request would have ended at the latest. *lookups* counts whole readings of the
    activities that did not show it, *submissions* how often it was sent. *first_sent* is when
    the service first took it, on the service's own clock; *verified* what looking for its people
    has told, until it is sent again.
    """

    chunk: Chunk
    state: ChunkState = ChunkState.PLANNED
    activity: Activity | None = None
    since: float = 0.0
    lookups: int = 0
    submissions: int = 0
    first_sent: dt.datetime | None = None
    verified: Verified | None = None

    def after(self, event: ChunkEvent) -> Progressing:
        """Return where *event* leads."""
        if isinstance(event, LookupMissed):
            advance(self.state, event)
            return attrs.evolve(self, lookups=self.lookups + 1)
        if isinstance(event, Verified):
            advance(self.state, event)
            return attrs.evolve(self, verified=event)
        activity = getattr(event, "activity", self.activity)
        return attrs.evolve(
            self,
            state=advance(self.state, event),
            activity=activity,
            since=event.at,
            lookups=0 if isinstance(event, AnswerLost) else self.lookups,
            submissions=self.submissions + isinstance(event, SubmitStarted),
            first_sent=self.first_sent or (activity.created_at if activity else None),
            verified=None,
        )
