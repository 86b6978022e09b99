"""`/contact_lists`: mailing lists.

https://v3.developer.constantcontact.com/api_guide/lists_overview.html
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Literal

import attrs

from cc_async.models import Activity, ContactList
from cc_async.resources._contact_filters import checked_filter
from cc_async.resources._page_iterator import iter_items, read_first_page
from cc_async.session import Session
from cc_async.wire import JSON, Request, encode, make_query, path_of, read_reply

_read_list = partial(read_reply, model=ContactList)
_read_activity = partial(read_reply, model=Activity)

Count = Literal["all", "active"]


@attrs.frozen(eq=False, repr=False)
class ContactLists:
    """The account's mailing lists, at most 1,000."""

    _session: Session

    async def create(
        self, name: str, *, description: str | None = None, favorite: bool | None = None
    ) -> ContactList:
        """Create a list. *name* has 1 to 255 characters and is unique in the account.

        Raises:
            ConflictError: A list of that name exists.

        Cancellation:
            The list may have been created; look for it with `find`.
        """
        body = _body(name, description, favorite)
        request = Request("POST", "/contact_lists", "", body, JSON, is_repeatable=False)
        return await self._session.send(request, _read_list)

    async def get(
        self, list_id: str, *, include_membership_count: Count | None = None
    ) -> ContactList:
        """Return a list by id; *include_membership_count* adds its number of members.

        Raises:
            NotFoundError: There is no such list.
        """
        query = make_query({"include_membership_count": include_membership_count})
        request = Request("GET", path_of("contact_lists", list_id), query)
        return await self._session.send(request, _read_list)

    async def find(self, name: str) -> ContactList | None:
        """Return the list with exactly this *name*, or `None`."""
        request = Request("GET", "/contact_lists", make_query({"name": name}))
        lists = await read_first_page(self._session, request, "lists", ContactList)
        return next((found for found in lists if found.name == name), None)

    async def iter(
        self,
        *,
        status: Literal["all", "active", "deleted"] | None = None,
        include_membership_count: Count | None = None,
        limit: int = 500,
    ) -> AsyncIterator[ContactList]:
        """Yield the account's lists, page after page of *limit* (at most 500)."""
        query = make_query(
            {
                "status": checked_filter("status", status),
                "include_membership_count": include_membership_count,
                "limit": limit,
            }
        )
        request = Request("GET", "/contact_lists", query)
        async for found in iter_items(self._session, request, "lists", ContactList):
            yield found

    async def update(
        self,
        list_id: str,
        *,
        name: str,
        description: str | None = None,
        favorite: bool | None = None,
    ) -> ContactList:
        """Replace a list's name, description and favorite mark; an omitted one is cleared.

        Raises:
            ConflictError: Another list has that name.
            NotFoundError: There is no such list.

        Cancellation:
            The list may have been changed; a repeat does no harm.
        """
        request = Request(
            "PUT",
            path_of("contact_lists", list_id),
            "",
            _body(name, description, favorite),
            JSON,
        )
        return await self._session.send(request, _read_list)

    async def delete(self, list_id: str) -> Activity:
        """Start an activity that deletes a list, and return it.

        The list is gone when the activity has ended. Its contacts stay in the account.
        https://developer.constantcontact.com/api_guide/lists_delete.html

        Raises:
            NotFoundError: There is no such list.

        Cancellation:
            The deletion may have been started; a repeat does no harm.
        """
        request = Request("DELETE", path_of("contact_lists", list_id), is_repeatable=False)
        return await self._session.send(request, _read_activity)


def _body(name: str, description: str | None, favorite: bool | None) -> bytes:
    values = {"name": name, "description": description, "favorite": favorite}
    return encode({key: value for key, value in values.items() if value is not None})
