"""A dry run of a bulk sign-up: everything is read and checked, and nothing is sent."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Collection, Sequence
from contextlib import aclosing

import attrs

from cc_async.limits import Plans, plan_import, plan_sign_up
from cc_async.lookups import (
    SuppressedAddresses,
    SuppressionKind,
    check_list_names,
    read_directory,
)
from cc_async.resources import Contacts
from cc_async.session import RequestCount, Session
from cc_async.sign_ups._options import SignUpOptions
from cc_async.sign_ups._outcomes import SignUpReport
from cc_async.sources import Rejection, Row, Rules, Source, keeping_rejects

_MAX_REJECTIONS = 1000
"""Rejected rows that are kept to be shown: about 200 kB; all are counted and can be written."""

_PAGE_SIZE = 500
"""Contacts on a page when opt-outs are read, the most that the service gives:
https://developer.constantcontact.com/api_guide/contacts_get_collection.html
"""


@attrs.frozen
class SignUpDryRun:
    """The result of a dry run: the counts and the cost of a bulk sign-up.

    Args:
        report: The rows that were read, rejected, and suppressed by the caller's list, and the
            requests of the dry run. Opt-outs are not looked up, so they are not counted.
        plans: Requests and time of the sign-up, and of an import of the same people.
        rejections: The first 1,000 rejected rows.
    """

    report: SignUpReport
    plans: Plans
    rejections: tuple[Rejection, ...] = attrs.field(default=(), repr=False)

    @property
    def people(self) -> int:
        """How many people would be looked up, and sent unless they opted out."""
        return self.plans.by_sign_up.contacts


async def dry_run_sign_ups(
    session: Session,
    source: Source,
    *,
    lists: Sequence[str],
    addresses: SuppressedAddresses,
    concurrency: int,
    options: SignUpOptions,
    on_read: Callable[[int], None] | None = None,
) -> SignUpDryRun:
    """Read and check the people of *source*; see `Bulk.dry_run_sign_up`."""
    check_list_names(lists)
    request_count = RequestCount()
    session = session.on_lane(session.lane, request_count)
    directory = await read_directory(session)
    directory.list_ids(lists)
    preparing = request_count.requests
    rules = Rules(
        target="sign_up",
        lists=directory.lists,
        custom_fields=directory.custom_fields,
        max_email=options.reading.max_email,
        max_phone=options.reading.max_phone,
    )
    rows = _Rows()
    async with (
        keeping_rejects(options.rejects, source) as keep,
        aclosing(source.read(rules)) as batches,
    ):
        async for batch in batches:
            rows.add(batch, addresses.addresses, keep)
            if on_read is not None:
                on_read(rows.read)
    preparing += await _requests_to_look_up(session, options.protect, rows.people)
    report = SignUpReport(
        contacts_read=rows.read,
        contacts_rejected=rows.rejected,
        contacts_suppressed=rows.suppressed,
        requests=request_count.requests,
    )
    plans = await _plans(session, rows.people, preparing, concurrency)
    return SignUpDryRun(report, plans, tuple(rows.rejections))


@attrs.define
class _Rows:
    """Counts rows."""

    read: int = 0
    rejected: int = 0
    suppressed: int = 0
    rejections: list[Rejection] = attrs.field(factory=list)

    @property
    def people(self) -> int:
        return self.read - self.rejected - self.suppressed

    def add(
        self,
        batch: Sequence[Row | Rejection],
        addresses: Collection[str],
        keep: Callable[[Rejection], None],
    ) -> None:
        self.read += len(batch)
        for item in batch:
            if isinstance(item, Row):
                self.suppressed += item.identity in addresses
                continue
            self.rejected += 1
            keep(item)
            if len(self.rejections) < _MAX_REJECTIONS:
                self.rejections.append(item)


async def _plans(session: Session, people: int, preparing: int, concurrency: int) -> Plans:
    budget, now = await session.budget.statistics(), dt.datetime.now(dt.UTC)
    spent = session.request_count.requests
    return Plans(
        plan_sign_up(people, budget, now, preparing=preparing, concurrency=concurrency),
        plan_import(people, None, budget, now, preparing=spent),
    )


async def _requests_to_look_up(
    session: Session, protect: Collection[SuppressionKind], people: int
) -> int:
    """Return how many requests it takes to find the opt-outs among so many people."""
    if not protect:
        return 0
    pages = Contacts(session).iter_pages(status=sorted(protect), include_count=True, limit=1)
    page = await anext(pages)
    to_read = max(1, math.ceil((page.total or 0) / _PAGE_SIZE))
    return min(to_read, 1 + people)
