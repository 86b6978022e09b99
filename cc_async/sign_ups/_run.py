"""Signing many people up, one request each, with an outcome for every one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import attrs

from cc_async.errors import ConsentRequiredError, InvalidRequestError
from cc_async.lookups import SuppressionKind, open_suppression, read_directory
from cc_async.session import RequestCount, Session
from cc_async.sign_ups._outcome_log import Ledger
from cc_async.sign_ups._outcomes import Outcome, SignUpReport
from cc_async.sign_ups._pool import Halt, open_pool
from cc_async.sign_ups._rows import SignUpRows
from cc_async.sign_ups._worker import SignUpWork
from cc_async.sources import Rejection, Row, Rules, Source, keeping_rejects

_GRACE = 10.0
"""Seconds that sign-ups in flight may take to finish when the caller stops early."""


@asynccontextmanager
async def open_sign_ups(
    session: Session,
    source: Source,
    *,
    lists: Sequence[str],
    rules: Rules,
    consent: str | None,
    protect: Collection[SuppressionKind],
    concurrency: int,
    ledger: Ledger,
    rejects: Path | None = None,
) -> AsyncIterator[SignUpOutcomes]:
    """Sign up everyone in *source* who has no outcome in *ledger* yet; see `Bulk.sign_up`."""
    _check_wish(consent, concurrency)
    request_count = RequestCount()
    session = session.on_lane(session.lane, request_count)
    directory = await read_directory(session)
    rules = attrs.evolve(
        rules, target="sign_up", lists=directory.lists, custom_fields=directory.custom_fields
    )
    census = await _take_census(source, rules, ledger)  # and nothing is sent if it cannot be read
    protection = await open_suppression(session, protect, people=census.people)
    list_ids = directory.list_ids(lists)
    await ledger.begin(census.people or 0)
    rows = SignUpRows(source, rules, ledger, smallest=concurrency)
    with keeping_rejects(rejects, source) as keep:
        work = SignUpWork(
            session,
            list_ids,
            protection,
            rules,
            ledger,
            rows,
            Halt(),
            overtaken=census.overtaken,
            keep_rejected=keep,
            request_count=request_count,
        )
        async with _running(work, concurrency) as outcomes:
            yield outcomes


@asynccontextmanager
async def _running(work: SignUpWork, concurrency: int) -> AsyncIterator[SignUpOutcomes]:
    """Let workers do their work while the block runs; then write down what is left to write."""
    rows, ledger, request_count = work.rows, work.ledger, work.request_count
    try:
        async with (
            aclosing(rows),
            open_pool(
                rows,
                work.run,
                concurrency=concurrency,
                key=_identity,
                grace=_GRACE,
                halt=work.halt,
            ) as results,
        ):
            yield SignUpOutcomes(results, ledger, work.halt, request_count)
    finally:
        await ledger.close(request_count.requests, is_read=rows.is_exhausted, begun=work.begun)


class SignUpOutcomes:
    """The outcomes of a bulk sign-up, as answers arrive, and their sum so far.

    Iterating raises, after the last outcome, what stopped the sign-up before its end.
    """

    def __init__(
        self,
        results: AsyncIterator[Outcome],
        ledger: Ledger,
        halt: Halt,
        request_count: RequestCount,
    ) -> None:
        self._results = results
        self._ledger = ledger
        self._halt = halt
        self._request_count = request_count
        self._counts = Counter(ledger.counts)
        self._before = (ledger.counts.total(), ledger.requests)

    def __aiter__(self) -> AsyncIterator[Outcome]:
        return self

    async def __anext__(self) -> Outcome:
        try:
            outcome = await anext(self._results)
        except StopAsyncIteration:
            if self._halt.error is not None:
                raise self._halt.error from None
            raise
        self._counts[outcome.status] += 1
        return outcome

    def stop(self) -> None:
        """Read no further; what is in flight ends, and its outcomes still come."""
        self._halt.is_asked = True

    @property
    def job_id(self) -> str | None:
        """What `Bulk.resume_sign_up` goes on with; `None` where nothing can be gone on with."""
        return self._ledger.job_id

    @property
    def contacts_before(self) -> int:
        """How many had an outcome from before, when this run of the sign-up began."""
        return self._before[0]

    @property
    def failed_before(self) -> tuple[Outcome, ...]:
        """Who was refused for good in earlier runs, without addresses; at most a thousand."""
        return tuple(self._ledger.failures)

    @property
    def report(self) -> SignUpReport:
        """The sum of the outcomes taken so far, and of those from before."""
        return SignUpReport.of(self._counts, self._before[1] + self._request_count.requests)


def _check_wish(consent: str | None, concurrency: int) -> None:
    if consent != "explicit":
        raise ConsentRequiredError(
            "a sign-up makes people explicit subscribers, so it needs your word that each of "
            "them asked for it",
            'Say consent="explicit" (on the command line: --consent explicit) if they did; to '
            "add people without it, import them.",
        )
    if concurrency < 1:
        raise InvalidRequestError("concurrency must be at least 1")


def _identity(item: Row | Rejection) -> str | None:
    return item.identity if isinstance(item, Row) else None


@attrs.define
class _Census:
    """How many people are to be signed up, where that can be found out by reading twice.

    *overtaken* are lines without an outcome whose address was signed up by a later one.
    """

    people: int | None = None
    overtaken: set[int] = attrs.field(factory=set)
    _waiting: dict[str, list[int]] = attrs.field(factory=dict)

    def add(self, row: Row, ledger: Ledger) -> None:
        if row.line in ledger.settled:
            self.overtaken.update(self._waiting.pop(row.identity, ()))
            return
        self.people = (self.people or 0) + 1
        if row.line < len(ledger.settled):
            self._waiting.setdefault(row.identity, []).append(row.line)


async def _take_census(source: Source, rules: Rules, ledger: Ledger) -> _Census:
    census = _Census()
    if not source.is_rereadable:
        return census
    census.people = 0
    async with aclosing(source.read(rules)) as batches:
        async for batch in batches:
            for item in batch:
                if isinstance(item, Row):
                    census.add(item, ledger)
    return census
