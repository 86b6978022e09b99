"""`/contact_custom_fields`: what an account stores about people beyond the usual."""

from __future__ import annotations

from collections.abc import AsyncIterator

import attrs

from cc_async.models import CustomField
from cc_async.resources._pages import iter_items
from cc_async.session import Session
from cc_async.wire import Request, make_query

__all__ = ["CustomFields"]


@attrs.frozen
class CustomFields:
    """The account's custom fields; it may have 100."""

    _session: Session

    async def iter(self, *, limit: int = 100) -> AsyncIterator[CustomField]:
        """Yield the account's custom fields, page after page of *limit* (at most 100)."""
        request = Request("GET", "/contact_custom_fields", make_query({"limit": limit}))
        async for field in iter_items(self._session, request, "custom_fields", CustomField):
            yield field
