"""A page of a collection."""

from __future__ import annotations

from typing import Generic, TypeVar

import attrs

T = TypeVar("T")


@attrs.frozen
class Page(Generic[T]):
    """Some items of a collection and the way to the next ones.

    *next_href* is `None` on the last page. *total* counts all pages, where it was asked for.
    *is_ready* is false while the service is still computing a segment: ask again.
    """

    items: tuple[T, ...] = ()
    next_href: str | None = None
    total: int | None = None
    is_ready: bool = True
