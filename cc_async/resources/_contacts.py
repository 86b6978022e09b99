"""`/contacts`: people, one at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterable, Mapping
from functools import partial
from typing import Any, Literal

import attrs
import orjson

from cc_async.errors import InvalidRequestError
from cc_async.models import Contact, Page, SignUp, SignUpResult
from cc_async.resources._pages import iter_pages
from cc_async.session import Session
from cc_async.wire import (
    CONVERTER,
    JSON,
    Reply,
    Request,
    encode,
    make_query,
    path_of,
    read_page,
    read_reply,
    without_read_only,
)

__all__ = ["Contacts", "Include", "read_sign_up", "sign_up_request"]

Include = Literal[
    "custom_fields", "list_memberships", "taggings", "notes", "phone_numbers", "street_addresses"
]

_SIGN_UP_PATH = "/contacts/sign_up_form"
_read_contact = partial(read_reply, model=Contact)


def read_sign_up(reply: Reply) -> SignUpResult:
    """Return what the service answered to a sign-up; raises as `read_reply` does."""
    return read_reply(reply, SignUpResult)


_read_contacts = partial(read_page, key="contacts", model=Contact)


@attrs.frozen
class Contacts:
    """People in the account, one at a time; `bulk` is for many."""

    _session: Session

    async def create(self, contact: Contact) -> Contact:
        """Create a contact and return it as stored.

        *create_source* is required: `Contact` if the person asked for it, which makes the
        permission explicit, else `Account`.

        Raises:
            ConflictError: The address is taken, even by someone deleted or unsubscribed;
                `existing_id` is that contact.
        """
        if contact.create_source not in ("Contact", "Account"):
            raise InvalidRequestError(
                "a new contact needs create_source",
                "Use 'Contact' if the person asked to be added, else 'Account'.",
            )
        body = encode(without_read_only(contact))
        request = Request("POST", "/contacts", "", body, JSON, is_repeatable=False)
        return await self._session.send(request, _read_contact)

    async def get(self, contact_id: str, *, include: Iterable[Include] = ()) -> Contact:
        """Return a contact by id, deleted ones too, with the sub-resources of *include*.

        Raises:
            NotFoundError: There is no such contact.
        """
        query = make_query({"include": include})
        request = Request("GET", path_of("contacts", contact_id), query)
        return await self._session.send(request, _read_contact)

    async def find(self, email: str, *, include: Iterable[Include] = ()) -> Contact | None:
        """Return the contact that has the address *email*, or `None`.

        Unsubscribed and deleted contacts are found too: they keep their address.
        """
        query = make_query({"email": email.strip(), "status": "all", "include": include})
        page: Page[Contact] = await self._session.send(
            Request("GET", "/contacts", query), _read_contacts
        )
        return page.items[0] if page.items else None

    async def iter(
        self,
        *,
        status: Iterable[str] = (),
        email: str | None = None,
        lists: Iterable[str] = (),
        segment_id: int | None = None,
        tags: Iterable[str] = (),
        updated_after: dt.datetime | None = None,
        updated_before: dt.datetime | None = None,
        created_after: dt.datetime | None = None,
        created_before: dt.datetime | None = None,
        optout_after: dt.datetime | None = None,
        optout_before: dt.datetime | None = None,
        sms_status: Iterable[str] = (),
        include: Iterable[Include] = (),
        limit: int = 500,
    ) -> AsyncIterator[Contact]:
        """Yield contacts, page after page of *limit* (at most 500).

        Without *status* everyone but deleted contacts comes, unsubscribed ones too. The words
        are `all`, `active`, `deleted`, `not_set`, `pending_confirmation`, `temp_hold`,
        `unsubscribed`. At most 25 *lists* and 50 *tags* can be named; *segment_id* goes alone.
        """
        async for page in self.iter_pages(
            status=status,
            email=email,
            lists=lists,
            segment_id=segment_id,
            tags=tags,
            updated_after=updated_after,
            updated_before=updated_before,
            created_after=created_after,
            created_before=created_before,
            optout_after=optout_after,
            optout_before=optout_before,
            sms_status=sms_status,
            include=include,
            limit=limit,
        ):
            for contact in page.items:
                yield contact

    async def iter_pages(
        self,
        *,
        status: Iterable[str] = (),
        email: str | None = None,
        lists: Iterable[str] = (),
        segment_id: int | None = None,
        tags: Iterable[str] = (),
        updated_after: dt.datetime | None = None,
        updated_before: dt.datetime | None = None,
        created_after: dt.datetime | None = None,
        created_before: dt.datetime | None = None,
        optout_after: dt.datetime | None = None,
        optout_before: dt.datetime | None = None,
        sms_status: Iterable[str] = (),
        include: Iterable[Include] = (),
        include_count: bool = False,
        limit: int = 500,
    ) -> AsyncIterator[Page[Contact]]:
        """Yield what `iter` does, a page at a time; *include_count* fills `Page.total`."""
        list_ids, tag_ids = tuple(lists), tuple(tags)
        if len(list_ids) > 25 or len(tag_ids) > 50 or not 1 <= limit <= 500:
            raise InvalidRequestError(
                "a page holds 1 to 500 contacts, of at most 25 lists or 50 tags",
                "Ask for fewer lists at a time and merge the answers by contact_id.",
            )
        query = make_query(
            {
                "status": status,
                "email": email,
                "lists": list_ids,
                "segment_id": segment_id,
                "tags": tag_ids,
                "updated_after": updated_after,
                "updated_before": updated_before,
                "created_after": created_after,
                "created_before": created_before,
                "optout_after": optout_after,
                "optout_before": optout_before,
                "sms_status": sms_status,
                "include": include,
                "include_count": include_count or None,
                "limit": limit,
            }
        )
        pages = iter_pages(
            self._session,
            Request("GET", "/contacts", query),
            "contacts",
            Contact,
            count_key="contacts_count",
        )
        async for page in pages:
            yield page

    async def sign_up(self, sign_up: SignUp) -> SignUpResult:
        """Create or update one person who asked to be mailed.

        Only what is set changes; lists and custom fields are added. The person becomes an
        explicit subscriber, even if unsubscribed or deleted before, so call it only on the
        person's own word. A welcome or confirmation e-mail may go out.

        Raises:
            InvalidRequestError: No list, more than 50, or neither address nor number.
            BadRequestError: The service refuses the values. An address tried more than five
                times in 24 hours is called invalid for two days.

        Cancellation:
            Whether the person was signed up is not known; doing it again does no harm.
        """
        request = sign_up_request(CONVERTER.unstructure(sign_up))
        return await self._session.send(request, read_sign_up)


def sign_up_request(values: Mapping[str, Any]) -> Request:
    """Return the request that signs a person up; it may be repeated, also after a conflict.

    *values* are those of a `SignUp`, as JSON has them.

    Raises:
        InvalidRequestError: No list, more than 50, or neither address nor number.
    """
    if not 1 <= len(values.get("list_memberships", ())) <= 50:
        raise InvalidRequestError("a sign-up needs 1 to 50 lists", "Set list_memberships.")
    if not values.get("email_address") and "sms_channel" not in values:
        raise InvalidRequestError(
            "a sign-up needs an e-mail address or a number", "Set email_address."
        )
    return Request("POST", _SIGN_UP_PATH, "", orjson.dumps(values), JSON, retries_conflict=True)
