"""`/contact_tags`: tags of contacts.

https://developer.constantcontact.com/api_guide/tags_get.html
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

import attrs

from cc_async.models import Activity, Tag
from cc_async.resources._page_iterator import iter_items
from cc_async.session import Session
from cc_async.wire import JSON, Reply, Request, encode, make_query, path_of, read_reply

_read_tag = partial(read_reply, model=Tag)


@attrs.frozen(eq=False, repr=False)
class Tags:
    """The account's tags, at most 500; a contact has at most 50. `activities` tags in bulk."""

    _session: Session

    async def create(self, name: str, *, tag_source: str | None = None) -> Tag:
        """Create a tag. *name* has 1 to 255 characters without `<` and `>`, and is unique.

        Raises:
            ConflictError: A tag of that name exists.

        Cancellation:
            The tag may have been created; look for it with `find`.
        """
        body = {"name": name} if tag_source is None else {"name": name, "tag_source": tag_source}
        request = Request("POST", "/contact_tags", "", encode(body), JSON, is_repeatable=False)
        return await self._session.send(request, _read_tag)

    async def get(self, tag_id: str, *, include_count: bool = False) -> Tag:
        """Return a tag by id; *include_count* adds the number of its contacts.

        Raises:
            NotFoundError: There is no such tag.
        """
        query = make_query({"include_count": include_count or None})
        request = Request("GET", path_of("contact_tags", tag_id), query)
        return await self._session.send(request, _read_tag)

    async def find(self, name: str) -> Tag | None:
        """Return the tag with exactly this *name*, or `None`. It reads all tags, page by page."""
        async for tag in self.iter():
            if tag.name == name:
                return tag
        return None

    async def iter(self, *, include_count: bool = False, limit: int = 500) -> AsyncIterator[Tag]:
        """Yield the account's tags, page after page of *limit* (at most 500)."""
        query = make_query({"include_count": include_count or None, "limit": limit})
        request = Request("GET", "/contact_tags", query)
        async for tag in iter_items(self._session, request, "tags", Tag):
            yield tag

    async def update(self, tag_id: str, *, name: str) -> Tag:
        """Rename a tag to *name*; its contacts and its source stay.

        Raises:
            ConflictError: Another tag has that name.
            NotFoundError: There is no such tag.

        Cancellation:
            The tag may have been renamed; a repeat does no harm.
        """
        body = encode({"name": name})
        request = Request("PUT", path_of("contact_tags", tag_id), "", body, JSON)
        return await self._session.send(request, _read_tag)

    async def delete(self, tag_id: str) -> Activity:
        """Start an activity that deletes a tag, and return it.

        When the activity has ended, no contact has the tag any more. The contacts stay.

        Raises:
            NotFoundError: There is no such tag.

        Cancellation:
            The deletion may have been started; a repeat does no harm.
        """
        request = Request("DELETE", path_of("contact_tags", tag_id), is_repeatable=False)
        return await self._session.send(request, _read_deletion)


def _read_deletion(reply: Reply) -> Activity:
    """Return the activity. The service may answer 406 for an unknown tag: it is read as 404."""
    return read_reply(attrs.evolve(reply, status=404) if reply.status == 406 else reply, Activity)
