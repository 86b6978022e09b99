"""A bulk sign-up in which nobody is signed up: what would be sent, and what it would cost."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from contextlib import aclosing
from pathlib import Path

import attrs

from cc_async.lookups import SuppressionKind, read_directory
from cc_async.resources import Contacts
from cc_async.session import RequestCount, Session
from cc_async.sources import Rejection, Rules, Source, keeping_rejects

_KEPT_REJECTIONS = 1000
_PAGE = 500


@attrs.frozen
class SignUpRehearsal:
    """What a bulk sign-up would do.

    *people* would be sent, some of them left alone; *requests_ahead* is what all of it would
    cost, while *requests* were spent on finding this out. *rejections* holds the first thousand
    rejected rows.
    """

    contacts_read: int
    contacts_rejected: int
    requests: int
    requests_ahead: int
    rejections: tuple[Rejection, ...] = attrs.field(default=(), repr=False)

    @property
    def people(self) -> int:
        """How many rows are fit to be sent."""
        return self.contacts_read - self.contacts_rejected


async def rehearse_sign_ups(
    session: Session,
    source: Source,
    *,
    lists: Sequence[str],
    rules: Rules,
    protect: Collection[SuppressionKind],
    rejects: Path | None = None,
    on_read: Callable[[int], None] | None = None,
) -> SignUpRehearsal:
    """Read and check everyone in *source*; see `Bulk.rehearse_sign_ups`."""
    request_count = RequestCount()
    session = session.on_lane(session.lane, request_count)
    directory = await read_directory(session)
    directory.list_ids(lists)
    directory_cost = request_count.requests
    rules = attrs.evolve(
        rules, target="sign_up", lists=directory.lists, custom_fields=directory.custom_fields
    )
    read, rejected, kept = 0, 0, list[Rejection]()
    with keeping_rejects(rejects, source) as keep:
        async with aclosing(source.read(rules)) as batches:
            async for batch in batches:
                read += len(batch)
                for item in batch:
                    if isinstance(item, Rejection):
                        rejected += 1
                        keep(item)
                        kept += [item][: _KEPT_REJECTIONS - len(kept)]
                if on_read is not None:
                    on_read(read)
    people = read - rejected
    lookups = await _lookups(session, protect, people)
    ahead = directory_cost + lookups + people
    return SignUpRehearsal(read, rejected, request_count.requests, ahead, tuple(kept))


async def _lookups(session: Session, protect: Collection[SuppressionKind], people: int) -> int:
    """Return how many requests it takes to find out who is to be left alone."""
    if not protect:
        return 0
    pages = Contacts(session).iter_pages(status=sorted(protect), include_count=True, limit=1)
    page = await anext(pages)
    to_read = max(1, math.ceil((page.total or 0) / _PAGE))
    return min(to_read, 1 + people)
