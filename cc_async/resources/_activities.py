"""`/activities`: jobs that run on the service's side."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from functools import partial
from typing import Literal
from uuid import uuid4

import anyio
import attrs

from cc_async.errors import InvalidRequestError
from cc_async.limits import Lane
from cc_async.models import Activity
from cc_async.resources._pages import iter_items
from cc_async.session import Session, Tally
from cc_async.wire import (
    MAX_BYTES,
    Request,
    SmsPermission,
    csv_frame,
    json_frame,
    json_row,
    make_query,
    path_of,
    read_reply,
)

__all__ = ["Activities", "wait_steps"]

_read_activity = partial(read_reply, model=Activity)
_LONGEST_STEP = 30.0


def wait_steps() -> Iterable[float]:
    """Yield seconds between two looks at one activity: 1, 2, 4, … 30, 30."""
    step = 1.0
    while True:
        yield step
        step = min(step * 2, _LONGEST_STEP)


@attrs.frozen
class Activities:
    """Bulk jobs of the account, of the last ten days. `bulk` watches many at once."""

    _session: Session

    async def submit_json_import(
        self,
        import_data: Sequence[Mapping[str, str | int]],
        list_ids: Sequence[str],
        *,
        sms_permission_to_send: SmsPermission | None = None,
    ) -> Activity:
        """Start an import of flat rows (`email`, `first_name`, `cf:<name>` …).

        Raises:
            InvalidRequestError: The body would pass 4,000,000 bytes, of which the service
                drops the rest without a word; or there are not 1 to 50 lists.

        Cancellation:
            Whether the job was started is not known; look for it with `iter`.
        """
        frame = json_frame(_checked(list_ids), sms_permission=sms_permission_to_send)
        body = frame.build(map(json_row, import_data))
        return await self.submit_body(frame.path, frame.content_type, body)

    async def submit_file_import(
        self,
        file: bytes,
        list_ids: Sequence[str],
        *,
        file_name: str = "contacts.csv",
        sms_permission_to_send: SmsPermission | None = None,
    ) -> Activity:
        """Start an import of a CSV *file* whose first line holds the service's own headings.

        Raises and cancellation as for `submit_json_import`.
        """
        frame = csv_frame(
            (),
            _checked(list_ids),
            file_name=file_name,
            boundary=uuid4().hex,
            sms_permission=sms_permission_to_send,
        )
        return await self.submit_body(frame.path, frame.content_type, frame.build([file]))

    async def submit_body(
        self, path: str, content_type: str, body: bytes, *, tally: Tally | None = None
    ) -> Activity:
        """Start an import with a whole *body*, as a frame of `cc_async.wire` builds it."""
        if len(body) > MAX_BYTES:
            raise InvalidRequestError(
                f"an import body of {len(body):,} bytes is too large; the service drops what "
                f"is beyond 4 MB without a word",
                "Use bulk.import_contacts, which cuts it.",
            )
        request = Request("POST", path, "", body, content_type, is_repeatable=False)
        return await self._session.send(request, _read_activity, tally=tally)

    async def get(self, activity_id: str) -> Activity:
        """Return an activity as it is now.

        Raises:
            NotFoundError: There is none, or it is older than ten days.
        """
        request = Request("GET", path_of("activities", activity_id))
        return await self._session.send(request, _read_activity)

    async def iter(
        self,
        *,
        state: Literal["processing", "completed", "cancelled", "failed", "timed_out"] | None = None,
        limit: int = 500,
    ) -> AsyncIterator[Activity]:
        """Yield the activities of the last ten days, page after page of *limit* (at most 500)."""
        request = Request("GET", "/activities", make_query({"state": state, "limit": limit}))
        async for activity in iter_items(self._session, request, "activities", Activity):
            yield activity

    async def wait(self, activity_id: str, *, timeout: float | None = None) -> Activity:
        """Ask until the activity has ended, and return it.

        After *timeout* seconds it is returned as it is then: that is no failure, the service
        goes on; look at `is_terminal`, and ask again later. A state that nobody knows is not
        an end.

        Raises:
            NotFoundError: There is none, or it is older than ten days.

        Cancellation:
            Only the waiting ends; the service goes on.
        """
        polling = Activities(self._session.on_lane(Lane.POLLING))
        deadline = None if timeout is None else anyio.current_time() + timeout
        steps = iter(wait_steps())
        while True:
            activity = await polling.get(activity_id)
            left = None if deadline is None else deadline - anyio.current_time()
            if activity.is_terminal or (left is not None and left <= 0):
                return activity
            step = next(steps)
            await anyio.sleep(step if left is None else min(step, left))


def _checked(list_ids: Sequence[str]) -> Sequence[str]:
    if isinstance(list_ids, str) or not 1 <= len(list_ids) <= 50:
        raise InvalidRequestError("an import needs 1 to 50 list ids")
    return list_ids
