"""`/contacts`: one contact at a time.

https://developer.constantcontact.com/api_guide/contacts_overview.html
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Unpack

import attrs

from cc_async.errors import InvalidRequestError
from cc_async.models import Contact, ContactCounts, Page, SignUpResult
from cc_async.resources._activity_requests import checked_ids
from cc_async.resources._contact_faults import check_new_contact
from cc_async.resources._contact_filters import (
    ContactFilters,
    ContactPageFilters,
    Include,
    contacts_query,
)
from cc_async.resources._contact_updates import Permission, UpdateSource, update_request
from cc_async.resources._no_content import delete_at, read_no_content
from cc_async.resources._page_iterator import iter_pages, read_first_page
from cc_async.session import Session
from cc_async.wire import (
    JSON,
    Reply,
    Request,
    encode,
    make_query,
    path_of,
    read_reply,
    without_read_only,
)

_SIGN_UP_PATH = "/contacts/sign_up_form"
_read_contact = partial(read_reply, model=Contact)
_read_counts = partial(read_reply, model=ContactCounts)

MAX_LIST_IDS = 50
"""Lists in one sign-up, https://developer.constantcontact.com/api_guide/contacts_create_or_update.html"""


@attrs.frozen(eq=False, repr=False)
class Contacts:
    """Contacts of the account, one at a time; `bulk` is for many."""

    _session: Session

    async def create(self, contact: Contact) -> Contact:
        """Create a contact and return it as stored. Its values are checked before it is sent.

        *create_source* is required: `Contact` if the person asked for it, and then the
        permission is explicit; else `Account`.
        https://developer.constantcontact.com/api_guide/contacts_create.html

        Raises:
            InvalidRequestError: Values cannot be sent; the message names all of them.
            ConflictError: Another contact has the address, deleted and unsubscribed ones
                included; `existing_id` is its id.

        Cancellation:
            The contact may have been created; look for it with `find`.
        """
        check_new_contact(contact)
        body = encode(without_read_only(contact))
        request = Request("POST", "/contacts", "", body, JSON, is_repeatable=False)
        return await self._session.send(request, _read_contact)

    async def get(self, contact_id: str, *, include: Iterable[Include] = ()) -> Contact:
        """Return a contact by id, also a deleted one, with the sub-resources in *include*.

        Raises:
            NotFoundError: There is no such contact.
        """
        query = make_query({"include": include})
        request = Request("GET", path_of("contacts", contact_id), query)
        return await self._session.send(request, _read_contact)

    async def find(self, email: str, *, include: Iterable[Include] = ()) -> Contact | None:
        """Return the contact with the address *email*, or `None`.

        Unsubscribed and deleted contacts are found too: they keep their address. A blank address
        finds no contact. An address with capitals that finds none is looked for in small letters
        as well, with a second request.
        """
        if not email or not email.strip():
            return None
        spelling, chosen = email.strip(), tuple(include)
        for address in dict.fromkeys((spelling, spelling.lower())):
            query = make_query({"email": address, "status": "all", "include": chosen})
            request = Request("GET", "/contacts", query)
            found = await read_first_page(self._session, request, "contacts", Contact)
            if found:
                return found[0]
        return None

    async def iter(self, **filters: Unpack[ContactFilters]) -> AsyncIterator[Contact]:
        """Yield contacts, page after page; `ContactFilters` lists the arguments.

        Without *status* all contacts but deleted ones are returned, unsubscribed ones too.

        Raises:
            InvalidRequestError: Too many lists or tags, or a page size out of range.
        """
        async for page in self.iter_pages(**filters):
            for contact in page.items:
                yield contact

    async def iter_pages(
        self, **filters: Unpack[ContactPageFilters]
    ) -> AsyncIterator[Page[Contact]]:
        """Yield the contacts of `iter` as pages; *include_count* fills `Page.total`."""
        request = Request("GET", "/contacts", contacts_query(filters))
        pages = iter_pages(self._session, request, "contacts", Contact, count_key="contacts_count")
        async for page in pages:
            yield page

    async def counts(self, *, new_subscriber: bool = False) -> ContactCounts:
        """Return the number of contacts with each permission, in one request.

        *new_subscriber* adds the number of contacts of the last 30 days.
        """
        query = make_query({"include": "new_subscriber" if new_subscriber else None})
        return await self._session.send(Request("GET", "/contacts/counts", query), _read_counts)

    async def update(
        self,
        contact: Contact,
        *,
        update_source: UpdateSource,
        permission_to_send: Permission | None = None,
        replace: bool = False,
        revive: bool = False,
    ) -> Contact:
        """Store a contact that was read and then changed, and return the stored contact.

        ::

            contact = await cc.contacts.get(contact_id)
            changed = attrs.evolve(contact, last_name="Lang-Ross")
            await cc.contacts.update(changed, update_source="Contact")

        Names, birthday and anniversary are replaced, so a missing one is cleared. Sub-resources
        that are `None`, as without *include*, stay as they are; others are replaced:
        *list_memberships* removes the contact from every list that it does not name.

        An opt-out in *contact* is sent. Any other permission is sent only with
        *permission_to_send*: sending the one that was read could undo a recent opt-out. A new
        address keeps the `contact_id`; the service may send a welcome mail by mistake.

        Args:
            contact: At most 25 *custom_fields*, 3 *phone_numbers*, 3 *street_addresses*, 50
                *list_memberships*, 50 *taggings* and 150 *notes*.
            update_source: `Contact` for a change by the person, else `Account`.
            permission_to_send: The new permission, as the person or the account gave it.
            replace: Accept a contact that was not read from the service, and clear its missing
                properties.
            revive: Restore a deleted contact.

        Raises:
            InvalidRequestError: The update would clear a property, or restore a deleted contact,
                without *replace* or *revive*; or values cannot be sent, all of which are named.
            ConflictError: Another contact has the address; `existing_id` is its id.
            NotFoundError: There is no such contact.

        Cancellation:
            The contact may have been stored; a repeat does no harm.
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
        """Delete a contact: it leaves its lists, and can be restored.

        https://developer.constantcontact.com/api_guide/contacts/contacts-delete

        Raises:
            NotFoundError: There is no such contact, or it is deleted already.

        Cancellation:
            The contact may have been deleted; a repeat does no harm.
        """
        await delete_at(self._session, path_of("contacts", contact_id))

    async def resubscribe(self, contact_id: str, list_ids: Sequence[str]) -> None:
        """Send an unsubscribed contact a mail that offers to resubscribe to 1 to 50 lists.

        The contact stays unsubscribed until the person accepts. It is possible once for each
        contact.
        https://developer.constantcontact.com/api_guide/contacts_re-subscribe.html

        Raises:
            ConflictError: The contact has had such a mail, or is not unsubscribed.
            NotFoundError: There is no such contact.

        Cancellation:
            The mail may have been sent; a second one is refused.
        """
        body = encode({"list_ids": checked_ids("list_ids", list_ids, MAX_LIST_IDS)})
        path = path_of("contacts", "resubscribe", contact_id)
        request = Request("PUT", path, "", body, JSON, is_repeatable=False)
        await self._session.send(request, read_no_content)


def sign_up_request(values: Mapping[str, Any]) -> Request:
    """Return the request for a sign-up; it is repeated after a lost answer and after a conflict.

    *values* are the properties of a `SignUp` in JSON.

    Raises:
        InvalidRequestError: No list, more than 50, or neither address nor SMS number.
    """
    if not 1 <= len(values.get("list_memberships", ())) <= MAX_LIST_IDS:
        raise InvalidRequestError(
            f"a sign-up needs 1 to {MAX_LIST_IDS} lists", "Set list_memberships."
        )
    if not values.get("email_address") and "sms_channel" not in values:
        raise InvalidRequestError(
            "a sign-up needs an e-mail address or an SMS number", "Set email_address."
        )
    return Request("POST", _SIGN_UP_PATH, "", encode(values), JSON, retries_conflict=True)


def read_sign_up(reply: Reply) -> SignUpResult:
    """Return the result of a sign-up; raises as `read_reply` does."""
    return read_reply(reply, SignUpResult)
