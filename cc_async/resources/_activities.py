"""`/activities`: bulk jobs that the service runs.

https://developer.constantcontact.com/api_guide/bulk_activities.html
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from functools import partial
from typing import BinaryIO, Literal
from uuid import uuid4

import anyio
import attrs

from cc_async.errors import InvalidRequestError, TransportTimeoutError
from cc_async.limits import Lane
from cc_async.models import Activity
from cc_async.resources._activity_requests import (
    MAX_CONTACT_IDS,
    MAX_IDS,
    ContactSource,
    change_request,
    checked_ids,
    deletion_request,
    require_sms_consent,
)
from cc_async.resources._contact_filters import checked_filter
from cc_async.resources._exports import ExportStatus, export_request, save_file
from cc_async.resources._page_iterator import iter_items
from cc_async.session import RequestCount, Session
from cc_async.wire import (
    MAX_BYTES,
    Request,
    SmsPermission,
    csv_frame,
    encode,
    json_frame,
    make_query,
    path_of,
    read_reply,
)

_read_activity = partial(read_reply, model=Activity)

_LONGEST_STEP = 30.0
"""Seconds between two looks at an activity, at most. Steps double up to it: a short activity is
seen early, and an hour of waiting costs some 120 of the day's requests.
"""

MAX_DELETED_LISTS = 100
"""Lists that one activity deletes, https://developer.constantcontact.com/api_guide/bulk_activities.html"""

MAX_DELETED_TAGS = 500
"""Tags that one activity deletes, https://developer.constantcontact.com/api_guide/bulk_activities.html"""

MAX_DELETED_FIELDS = 100
"""Custom fields that one activity deletes, https://developer.constantcontact.com/api_guide/bulk_activities.html"""


def wait_steps() -> Iterable[float]:
    """Yield the seconds between two looks at an activity: 1, 2, 4, … 30, 30."""
    step = 1.0
    while True:
        yield step
        step = min(step * 2, _LONGEST_STEP)


@attrs.frozen(eq=False, repr=False)
class Activities:
    """Activities of the account in the last ten days. `bulk` waits for many at once.

    https://developer.constantcontact.com/api_guide/activity_status.html
    """

    _session: Session

    async def submit_json_import(
        self,
        import_data: Sequence[Mapping[str, str | int]],
        list_ids: Sequence[str],
        *,
        sms_permission_to_send: SmsPermission | None = None,
    ) -> Activity:
        """Start an import of flat rows (`email`, `first_name`, `cf:<name>` …).

        https://developer.constantcontact.com/api_guide/import_contacts.html

        Raises:
            InvalidRequestError: The body is larger than 4 MB, there are not 1 to 50 lists, or a
                number for text messages has no date of consent under an explicit permission.

        Cancellation:
            The activity may have been started; look for it with `iter`.
        """
        frame = json_frame(
            checked_ids("list_ids", list_ids, MAX_IDS), sms_permission=sms_permission_to_send
        )
        if sms_permission_to_send == "explicit":
            require_sms_consent(import_data)
        body = frame.build(map(encode, import_data))
        return await self.submit_body(frame.path, frame.content_type, body)

    async def submit_file_import(
        self,
        file: bytes,
        list_ids: Sequence[str],
        *,
        file_name: str = "contacts.csv",
        sms_permission_to_send: SmsPermission | None = None,
    ) -> Activity:
        """Start an import of a CSV *file* with the service's headings in its first line.

        Errors and cancellation are those of `submit_json_import`.
        """
        frame = csv_frame(
            (),
            checked_ids("list_ids", list_ids, MAX_IDS),
            file_name=file_name,
            boundary=uuid4().hex,
            sms_permission=sms_permission_to_send,
        )
        return await self.submit_body(frame.path, frame.content_type, frame.build([file]))

    async def submit_body(
        self,
        path: str,
        content_type: str,
        body: bytes,
        *,
        request_count: RequestCount | None = None,
    ) -> Activity:
        """Start an import with a complete *body*, as a frame of `cc_async.wire` builds it."""
        if len(body) > MAX_BYTES:
            raise InvalidRequestError(
                f"an import body of {len(body):,} bytes is too large; the service silently drops "
                f"all beyond 4 MB",
                "Use bulk.import_contacts: it divides the rows.",
            )
        request = Request("POST", path, "", body, content_type, is_repeatable=False)
        return await self._session.send(request, _read_activity, request_count=request_count)

    async def submit_export(
        self,
        *,
        list_ids: Sequence[str] | None = None,
        contact_ids: Sequence[str] | None = None,
        status: ExportStatus | None = None,
        fields: Sequence[str] = (),
    ) -> Activity:
        """Start an export of contacts to a CSV file; `save_export` fetches the completed file.

        https://developer.constantcontact.com/api_guide/export_contacts.html

        Args:
            list_ids: Export the members of at least one of these lists, 1 to 50. With neither
                *list_ids* nor *contact_ids* all contacts are exported.
            contact_ids: Export these contacts, 1 to 500.
            status: Only with one of the two. The values are from the guide, not the contract.
            fields: Columns, such as `email_address` or `updated_at`; all of them by default.

        Raises:
            InvalidRequestError: Lists and contacts together, no ids in one of them, or too many.

        Cancellation:
            The activity may have been started; a second one does no harm.
        """
        request = export_request(list_ids, contact_ids, status, fields)
        return await self._session.send(request, _read_activity)

    async def submit_add_list_memberships(
        self, list_ids: Sequence[str], source: ContactSource, *, exclude: Sequence[str] = ()
    ) -> Activity:
        """Start an activity that adds contacts to 1 to 50 lists.

        A contact can be on 50 lists. Unsubscribed contacts are not added, and deleted ones may
        be restored.

        Args:
            list_ids: The lists.
            source: The contacts: exactly one of `contact_ids` (at most 500), `list_ids` (50),
                `tag_ids` (50), `segment_id`, `all_active_contacts`, `engagement_level` and
                `new_subscriber`, such as `{"contact_ids": [...]}`.
            exclude: Ids of contacts to exclude from `list_ids`, `all_active_contacts` or
                `new_subscriber`.

        Raises:
            InvalidRequestError: Not exactly one source, or too many ids.
            RateLimitError: The account has 1,000 unfinished activities.

        Cancellation:
            The activity may have been started; look for it with `iter`.
        """
        return await self._change("add_list_memberships", source, exclude, {"list_ids": list_ids})

    async def submit_remove_list_memberships(
        self, list_ids: Sequence[str], source: ContactSource, *, exclude: Sequence[str] = ()
    ) -> Activity:
        """Start an activity that removes contacts from 1 to 50 lists, but not from the account.

        Arguments are those of `submit_add_list_memberships`, without the source `segment_id`.
        """
        return await self._change(
            "remove_list_memberships", source, exclude, {"list_ids": list_ids}
        )

    async def submit_taggings_add(
        self, tag_ids: Sequence[str], source: ContactSource, *, exclude: Sequence[str] = ()
    ) -> Activity:
        """Start an activity that adds 1 to 50 tags to contacts; a contact can have 50.

        Arguments are those of `submit_add_list_memberships`, without the sources `segment_id`
        and `engagement_level`.
        """
        return await self._change("contacts_taggings_add", source, exclude, {"tag_ids": tag_ids})

    async def submit_taggings_remove(
        self, tag_ids: Sequence[str], source: ContactSource, *, exclude: Sequence[str] = ()
    ) -> Activity:
        """Start an activity that removes 1 to 50 tags from contacts.

        Arguments are those of `submit_taggings_add`.
        """
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
        self,
        *,
        contact_ids: Sequence[str] | None = None,
        list_ids: Sequence[str] | None = None,
    ) -> Activity:
        """Start an activity that deletes contacts: at most 500, or all members of 50 lists.

        Members of *list_ids* are deleted from the account, and so from all its other lists.
        Deleted contacts can be restored; their list memberships cannot.

        Raises:
            InvalidRequestError: Neither or both, no ids, or too many.
            RateLimitError: The account has 1,000 unfinished activities.

        Cancellation:
            The activity may have been started; look for it with `iter`.
        """
        if contact_ids is not None and list_ids is None:
            return await self._delete("contact_delete", "contact_ids", contact_ids, MAX_CONTACT_IDS)
        if list_ids is not None and contact_ids is None:
            return await self._delete("contact_delete", "list_ids", list_ids, MAX_IDS)
        raise InvalidRequestError("contacts are deleted either by contact_ids or by list_ids")

    async def submit_list_delete(self, list_ids: Sequence[str]) -> Activity:
        """Start an activity that deletes 1 to 100 lists; their contacts stay.

        Errors and cancellation of this method and the next two are those of
        `submit_contact_delete`.
        """
        return await self._delete("list_delete", "list_ids", list_ids, MAX_DELETED_LISTS)

    async def submit_tags_delete(self, tag_ids: Sequence[str]) -> Activity:
        """Start an activity that deletes 1 to 500 tags; their contacts stay, without the tags."""
        return await self._delete("contacts_tags_delete", "tag_ids", tag_ids, MAX_DELETED_TAGS)

    async def submit_custom_fields_delete(self, custom_field_ids: Sequence[str]) -> Activity:
        """Start an activity that deletes 1 to 100 custom fields and all their values."""
        return await self._delete(
            "custom_fields_delete", "custom_field_ids", custom_field_ids, MAX_DELETED_FIELDS
        )

    async def _delete(self, kind: str, name: str, ids: Sequence[str], max_ids: int) -> Activity:
        request = deletion_request(kind, name, ids, max_ids)
        return await self._session.send(request, _read_activity)

    async def save_export(self, activity: Activity, file: BinaryIO) -> None:
        """Write the file of a completed export to *file*, piece by piece.

        Raises:
            NotFoundError: The service does not have the file.
            UnexpectedResponseError: The activity has no file, or the answer is not a file.
        """
        await save_file(self._session, activity, file)

    async def get(self, activity_id: str) -> Activity:
        """Return an activity in its present state.

        Raises:
            NotFoundError: The id is unknown, or the activity is older than ten days.
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
        query = make_query({"state": checked_filter("state", state), "limit": limit})
        request = Request("GET", "/activities", query)
        async for activity in iter_items(self._session, request, "activities", Activity):
            yield activity

    async def wait(self, activity_id: str, *, timeout: float | None = None) -> Activity:
        """Wait until the activity has ended, and return it.

        After *timeout* seconds the unfinished activity is returned. That is no failure: the
        service continues, so look at `is_terminal`, and wait again later. An unknown state does
        not count as an end. Without a *timeout* the wait ends after the `max_wait` of the
        client's retry policy, a day by default.

        Raises:
            NotFoundError: The id is unknown, or the activity is older than ten days.
            TransportTimeoutError: The activity has not ended within `max_wait`.

        Cancellation:
            Only the waiting ends; the service continues.
        """
        polling = Activities(self._session.on_lane(Lane.POLLING))
        longest = self._session.policy.max_wait if timeout is None else timeout
        deadline = anyio.current_time() + longest
        steps = iter(wait_steps())
        while True:
            activity = await polling.get(activity_id)
            left = deadline - anyio.current_time()
            if activity.is_terminal or (left <= 0 and timeout is not None):
                return activity
            if left <= 0:
                raise TransportTimeoutError(f"the activity has not ended within {longest:,.0f} s")
            await anyio.sleep(min(next(steps), left))
