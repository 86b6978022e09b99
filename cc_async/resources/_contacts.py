"""`/contacts`: people, one at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Unpack

import attrs
import orjson

from cc_async.errors import InvalidRequestError
from cc_async.models import Contact, ContactCounts, Page, SignUp, SignUpResult
from cc_async.resources._activity_requests import checked_ids
from cc_async.resources._contact_filters import (
    ContactFilters,
    ContactPageFilters,
    Include,
    contacts_query,
)
from cc_async.resources._contact_updates import Permission, Source, update_request
from cc_async.resources._no_content import delete, read_no_content
from cc_async.resources._page_iterator import iter_pages
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

_SIGN_UP_PATH = "/contacts/sign_up_form"
_read_contact = partial(read_reply, model=Contact)
_read_counts = partial(read_reply, model=ContactCounts)


def read_sign_up(reply: Reply) -> SignUpResult:
    """Return what the service answered to a sign-up; raises as `read_reply` does."""
    return read_reply(reply, SignUpResult)


_read_contacts = partial(read_page, key="contacts", model=Contact)


@attrs.frozen(eq=False, repr=False)
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

        Cancellation:
            Whether the contact was created is not known; look for it with `find`.
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

    async def iter(self, **filters: Unpack[ContactFilters]) -> AsyncIterator[Contact]:
        """Yield contacts, page after page; `ContactFilters` says what can be asked for.

        Without *status* everyone but deleted contacts comes, unsubscribed ones too.

        Raises:
            InvalidRequestError: More is named than one request takes.
        """
        async for page in self.iter_pages(**filters):
            for contact in page.items:
                yield contact

    async def iter_pages(
        self, **filters: Unpack[ContactPageFilters]
    ) -> AsyncIterator[Page[Contact]]:
        """Yield what `iter` does, a page at a time; *include_count* fills `Page.total`."""
        request = Request("GET", "/contacts", contacts_query(filters))
        pages = iter_pages(self._session, request, "contacts", Contact, count_key="contacts_count")
        async for page in pages:
            yield page

    async def counts(self, *, new_subscriber: bool = False) -> ContactCounts:
        """Return how many contacts there are of each permission, in one request.

        With *new_subscriber* also how many came in the last 30 days.
        """
        query = make_query({"include": "new_subscriber" if new_subscriber else None})
        return await self._session.send(Request("GET", "/contacts/counts", query), _read_counts)

    async def update(
        self,
        contact: Contact,
        *,
        update_source: Source,
        permission_to_send: Permission | None = None,
        replace: bool = False,
        revive: bool = False,
    ) -> Contact:
        """Store a contact as it was read and then changed, and return what the service says.

        ::

            contact = await cc.contacts.get(contact_id)
            changed = attrs.evolve(contact, last_name="Lang-Ross")
            await cc.contacts.update(changed, update_source="Contact")

        Names, birthday and anniversary are replaced, so what *contact* lacks is cleared.
        Sub-resources that are `None`, as without *include*, stay as they are; others are
        replaced: *list_memberships* takes the contact off every list it does not name.

        An opt-out in *contact* is sent. No other permission is, unless *permission_to_send*
        says so: putting back the one that was read could undo an opt-out of a moment ago.
        A new address keeps the `contact_id`; the service may welcome it by mistake.

        Args:
            contact: At most 25 *custom_fields*, 3 *phone_numbers*, 3 *street_addresses*, 50
                *list_memberships*, 50 *taggings* and 150 *notes*.
            update_source: `Contact` if the person did it, else `Account`.
            permission_to_send: What the person, or the account, now says about mail.
            replace: Take a contact that was not read from the service, and clear what it
                leaves out.
            revive: Bring a deleted contact back.

        Raises:
            InvalidRequestError: Something would be cleared or revived that was not asked for.
            ConflictError: Another contact has the address; `existing_id` is that contact.
            NotFoundError: There is no such contact.

        Cancellation:
            Whether the contact was stored is not known; doing it again does no harm.
        """
        request = update_request(
            contact,
            update_source=update_source,
            permission_to_send=permission_to_send,
            replace=replace,
            revive=revive,
        )
        return await self._session.send(request, _read_contact)

    async def delete(self, contact_id: str) -> None:
        """Delete a contact: it leaves its lists, and can be brought back.

        Raises:
            NotFoundError: There is no such contact, or it is deleted already.

        Cancellation:
            Whether the contact was deleted is not known; doing it again does no harm.
        """
        await delete(self._session, path_of("contacts", contact_id))

    async def resubscribe(self, contact_id: str, list_ids: Sequence[str]) -> None:
        """Mail an unsubscribed person to ask whether to come back, onto 1 to 50 lists.

        They stay unsubscribed until they answer. It can be done once for each of them.

        Raises:
            ConflictError: They were asked before, or are not unsubscribed.
            NotFoundError: There is no such contact.

        Cancellation:
            Whether the mail was sent is not known; a second one is refused.
        """
        body = encode({"list_ids": checked_ids("list_ids", list_ids, 50)})
        path = path_of("contacts", "resubscribe", contact_id)
        request = Request("PUT", path, "", body, JSON, is_repeatable=False)
        await self._session.send(request, read_no_content)

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
