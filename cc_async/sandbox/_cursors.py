"""Pages of a collection, chained by cursors.

A cursor holds the page size and an id, and nothing else; so the filters it stands for are kept
here, and the link works alone.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import attrs

from cc_async.sandbox._answers import invalid
from cc_async.sandbox._ids import Ids
from cc_async.wire import make_cursor, make_next_link, read_cursor

MOST_KEPT = 10_000


@attrs.frozen
class Paging:
    """Which page is asked for: *start* is the number of its first item, `None` on page one."""

    path: str
    params: Mapping[str, str]
    limit: int
    start: int | None = None


class Cursors:
    """The pages that were promised, newest last; old ones are forgotten."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self._promised: OrderedDict[str, Paging] = OrderedDict()

    def read(self, path: str, params: Mapping[str, str], *, default: int, most: int) -> Paging:
        """Return the page that a request's *params* ask for.

        Raises:
            Refusal: The cursor or the limit is none.
        """
        cursor = params.get("cursor")
        if cursor is None:
            return Paging(path, params, _read_limit(params.get("limit"), default, most))
        known = read_cursor(cursor)
        paging = self._promised.get(known[1]) if known else None
        if known is None or paging is None or paging.path != path:
            raise invalid("cursor does not have a valid value")
        return attrs.evolve(paging, limit=known[0])

    def links(self, paging: Paging, next_number: int | None) -> dict[str, Any]:
        """Return what a page's reply says about the next one: nothing on the last."""
        if next_number is None:
            return {}
        page_id = self._ids.new()
        self._promised[page_id] = attrs.evolve(paging, start=next_number)
        if len(self._promised) > MOST_KEPT:
            self._promised.popitem(last=False)
        return {"_links": make_next_link(paging.path, make_cursor(paging.limit, page_id))}


def _read_limit(text: str | None, default: int, most: int) -> int:
    if text is None:
        return default
    if text.isascii() and text.isdecimal() and len(text) < 10 and 1 <= int(text) <= most:
        return int(text)
    raise invalid("limit does not have a valid value")
