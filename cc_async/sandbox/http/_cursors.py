"""Pages of a collection, chained by cursors.

A cursor holds the page size and an id, as observed. The sandbox keeps the filters that belong to
the id, so that the link alone leads to the next page.
https://developer.constantcontact.com/api_guide/v3_technical_overview.html
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import attrs

from cc_async.sandbox._ids import Ids
from cc_async.sandbox.http._error_replies import bad_request
from cc_async.wire import make_cursor, make_next_link, read_cursor

MAX_CURSORS = 10_000
"""Cursors that stay valid: more than the pages of any test, little memory. Our own choice."""


@attrs.frozen
class Paging:
    """The page a request asks for: *start* is the number of its first item, `None` on page one."""

    path: str
    params: Mapping[str, str]
    limit: int
    start: int | None = None


class Cursors:
    """The cursors given out, newest last; old ones are forgotten."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self._known: OrderedDict[str, Paging] = OrderedDict()

    def read(self, path: str, params: Mapping[str, str], *, default: int, max_limit: int) -> Paging:
        """Return the page that a request's *params* ask for.

        Raises:
            ErrorReply: 400 for an invalid cursor or limit.
        """
        cursor = params.get("cursor")
        if cursor is None:
            return Paging(path, params, _read_limit(params.get("limit"), default, max_limit))
        limit, page_id = read_cursor(cursor) or (0, "")
        paging = self._known.get(page_id)
        if paging is None or paging.path != path:
            raise bad_request("cursor does not have a valid value")
        return attrs.evolve(paging, limit=limit)

    def links(self, paging: Paging, next_number: int | None) -> dict[str, Any]:
        """Return the link to the next page, as a part of the reply; empty on the last page."""
        if next_number is None:
            return {}
        page_id = self._ids.new()
        self._known[page_id] = attrs.evolve(paging, start=next_number)
        if len(self._known) > MAX_CURSORS:
            self._known.popitem(last=False)
        return {"_links": make_next_link(paging.path, make_cursor(paging.limit, page_id))}


def _read_limit(text: str | None, default: int, max_limit: int) -> int:
    if text is None:
        return default
    if text.isascii() and text.isdecimal() and len(text) < 10 and 1 <= int(text) <= max_limit:
        return int(text)
    raise bad_request("limit does not have a valid value")
