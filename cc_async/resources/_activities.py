"""`/activities`: jobs that run on the service's side."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from functools import partial
from typing import BinaryIO, Literal
from uuid import uuid4

import anyio
import attrs

from cc_async.errors import InvalidRequestError, NotFoundError, UnexpectedResponseError
from cc_async.limits import Lane
from cc_async.models import Activity
from cc_async.resources._activity_requests import (
    ContactSource,
    change_request,
    deletion_request,
)
from cc_async.resources._page_iterator import iter_items
from cc_async.session import Session, Tally
from cc_async.wire import (
    JSON,
    MAX_BYTES,
    Reply,
    Request,
    SmsPermission,
    csv_frame,
    encode,
    follow,
    json_frame,
    json_row,
    make_query,
    path_of,
    read_error,
    read_reply,
)

_read_activity = partial(read_reply, model=Activity)
_LONGEST_STEP = 30.0


def wait_steps() -> Iterable[float]:
    """Yield seconds between two looks at one activity: 1, 2, 4, … 30, 30."""
    step = 1.0
    while True:
        yield step
        step = min(step * 2, _LONGEST_STEP)


@attrs.frozen(eq=False, repr=False)
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

    async def submit_export(
        self,
        *,
        list_ids: Sequence[str] = (),
        contact_ids: Sequence[str] = (),
        status: Literal["active", "unsubscribed", "removed"] | None = None,
        fields: Sequence[str] = (),
    ) -> Activity:
        """Start an export of contacts into a CSV file; when it has completed, `save_export`.

        Args:
            list_ids: Everybody on at least one of these, at most 50; without a filter, all.
            contact_ids: Or these people, at most 500.
            status: Only with one of the two; the words are from the guide, not the contract.
            fields: Columns, such as `email_address` or `updated_at`; all of them by default.

        Cancellation:
            Whether the job was started is not known; another one does no harm.
        """
        if (list_ids and contact_ids) or len(list_ids) > 50 or len(contact_ids) > 500:
            raise InvalidRequestError("an export takes up to 50 list ids or up to 500 contact ids")
        wish = {
            "list_ids": list_ids,
            "contact_ids": contact_ids,
            "status": status,
            "fields": fields,
        }
        body = encode({name: value for name, value in wish.items() if value})
        request = Request("POST", "/activities/contact_exports", "", body, JSON)
        return await self._session.send(request, _read_activity)

    async def submit_add_list_memberships(
        self, list_ids: Sequence[str], source: ContactSource, *, exclude: Sequence[str] = ()
    ) -> Activity:
        """Start putting contacts on 1 to 50 lists.

        A contact may be on 50 lists. Unsubscribed people stay off, and deleted ones may be
        brought back.

        Args:
            list_ids: Where to put them.
            source: Whom: exactly one of `contact_ids` (at most 500), `list_ids` (50), `tag_ids`
                (50), `segment_id`, `all_active_contacts`, `engagement_level` and
                `new_subscriber`, such as `{"contact_ids": [...]}`.
            exclude: Ids of contacts to leave out of `list_ids`, `all_active_contacts` or
                `new_subscriber`.

        Raises:
            InvalidRequestError: Not exactly one source, or too many ids.
            RateLimitError: The account has 1,000 activities that have not ended.

        Cancellation:
            Whether the activity was started is not known; look for it with `iter`.
        """
        return await self._change("add_list_memberships", source, exclude, {"list_ids": list_ids})

    async def submit_remove_list_memberships(
        self, list_ids: Sequence[str], source: ContactSource, *, exclude: Sequence[str] = ()
    ) -> Activity:
        """Start taking contacts off 1 to 50 lists; they stay in the account.

        As `submit_add_list_memberships`, but a *source* cannot be a `segment_id`.
        """
        return await self._change(
            "remove_list_memberships", source, exclude, {"list_ids": list_ids}
        )

    async def submit_taggings_add(
        self, tag_ids: Sequence[str], source: ContactSource, *, exclude: Sequence[str] = ()
    ) -> Activity:
        """Start giving contacts 1 to 50 tags; a contact may have 50.

        As `submit_add_list_memberships`, but a *source* cannot be a `segment_id` or an
        `engagement_level`.
        """
        return await self._change("contacts_taggings_add", source, exclude, {"tag_ids": tag_ids})

    async def submit_taggings_remove(
        self, tag_ids: Sequence[str], source: ContactSource, *, exclude: Sequence[str] = ()
    ) -> Activity:
        """Start taking 1 to 50 tags off contacts; sources as for `submit_taggings_add`."""
        return await self._change("contacts_taggings_remove", source, exclude, {"tag_ids": tag_ids})

    async def _change(
        self,
        kind: str,
        source: ContactSource,
        exclude: Sequence[str],
        targets: Mapping[str, Sequence[str]],
    ) -> Activity:
        request = change_request(kind, source, exclude, targets)
        return await self._session.send(request, _read_activity)

    async def submit_contact_delete(
        self, *, contact_ids: Sequence[str] = (), list_ids: Sequence[str] = ()
    ) -> Activity:
        """Start deleting contacts: at most 500 *contact_ids*, or everyone on 50 *list_ids*.

        Whoever is on such a list is deleted from the account, and from all its other lists.
        Deleted contacts can be brought back; their list memberships cannot.

        Raises:
            InvalidRequestError: Neither or both, or too many ids.
            RateLimitError: The account has 1,000 activities that have not ended.

        Cancellation:
            Whether the activity was started is not known; look for it with `iter`.
        """
        if bool(contact_ids) == bool(list_ids):
            raise InvalidRequestError("contacts are deleted by contact_ids or by list_ids")
        name, ids, most = (
            ("contact_ids", contact_ids, 500) if contact_ids else ("list_ids", list_ids, 50)
        )
        return await self._delete("contact_delete", name, ids, most)

    async def submit_list_delete(self, list_ids: Sequence[str]) -> Activity:
        """Start deleting 1 to 100 lists; their contacts stay.

        Raises and cancellation as for `submit_contact_delete`, here and in the next two.
        """
        return await self._delete("list_delete", "list_ids", list_ids, 100)

    async def submit_tags_delete(self, tag_ids: Sequence[str]) -> Activity:
        """Start deleting 1 to 500 tags, from their contacts too; the contacts stay."""
        return await self._delete("contacts_tags_delete", "tag_ids", tag_ids, 500)

    async def submit_custom_fields_delete(self, custom_field_ids: Sequence[str]) -> Activity:
        """Start deleting 1 to 100 custom fields, with the values of all contacts."""
        return await self._delete("custom_fields_delete", "custom_field_ids", custom_field_ids, 100)

    async def _delete(self, kind: str, name: str, ids: Sequence[str], most: int) -> Activity:
        request = deletion_request(kind, name, ids, most)
        return await self._session.send(request, _read_activity)

    async def save_export(self, activity: Activity, file: BinaryIO) -> None:
        """Write the file of a completed export to *file*, piece by piece.

        The service's link is followed as it is given, and then where the contract says the
        file is: the contract's own example misspells it.

        Raises:
            NotFoundError: The file is in neither place.
            UnexpectedResponseError: The activity has no file, or the answer is none.
        """
        if activity.results_href is None:
            raise UnexpectedResponseError(200, "an export without a link to its file")
        given = follow(activity.results_href)
        declared = path_of("contact_exports", given.path.rpartition("/")[2])
        try:
            await self._save(given, file)
        except NotFoundError:
            if given.path == declared:
                raise
            await self._save(Request("GET", declared), file)

    async def _save(self, request: Request, file: BinaryIO) -> None:
        sink = _FileSink(file)
        request = attrs.evolve(request, accept="text/csv", sink=sink)
        await self._session.send(request, partial(_read_file, sink=sink))

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


@attrs.frozen(eq=False, repr=False)
class _FileSink:
    """Writes a body to a file, from its beginning."""

    _file: BinaryIO

    def begin(self) -> None:
        self._file.seek(0)
        self._file.truncate()

    def write(self, piece: bytes) -> None:
        self._file.write(piece)


def _read_file(reply: Reply, sink: _FileSink) -> None:
    if not reply.is_success:
        raise read_error(reply)
    kind = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in ("text/html", JSON):
        raise UnexpectedResponseError(reply.status, f"{kind} in place of a file")
    if reply.body:  # the transport did not know what to do with a sink
        sink.begin()
        sink.write(reply.body)


def _checked(list_ids: Sequence[str]) -> Sequence[str]:
    if isinstance(list_ids, str) or not 1 <= len(list_ids) <= 50:
        raise InvalidRequestError("an import needs 1 to 50 list ids")
    return list_ids
