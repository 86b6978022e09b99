"""One run of a bulk sign-up: a request and an outcome for each person."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from functools import partial
from math import inf

import anyio
import attrs

from cc_async.errors import InvalidRequestError
from cc_async.jobs import wait_out
from cc_async.lookups import (
    SuppressedAddresses,
    check_list_names,
    open_suppression,
    read_directory,
)
from cc_async.session import RequestCount, Session
from cc_async.sign_ups._attempts import AttemptLimiter
from cc_async.sign_ups._consent import require_consent
from cc_async.sign_ups._first_pass import make_first_pass
from cc_async.sign_ups._options import SignUpOptions
from cc_async.sign_ups._outcome_log import OutcomeLog
from cc_async.sign_ups._outcomes import Outcome, SignUpReport
from cc_async.sign_ups._places import PlacedContact, read_in_places
from cc_async.sign_ups._pool import StopFlag, open_pool
from cc_async.sign_ups._worker import SignUpWorker
from cc_async.sources import Row, Rules, Source, keeping_rejects

_GRACE = 10.0
"""Seconds that requests in flight may take to finish when the caller stops early, and then the store
after an error: two hundred times a usual answer, and soon enough for a process that was told to end.
"""

_ROWS_AHEAD = 500
"""Rows that are read at once from a source that can be read ahead; about 5 ms of checking."""


@attrs.define(eq=False)
class _Reading:
    """The rows of a source without a final outcome from an earlier run."""

    source: Source
    rules: Rules
    log: OutcomeLog
    is_exhausted: bool = False

    async def batches(self) -> AsyncGenerator[list[PlacedContact], None]:
        """Yield the rows; from an iterable one at a time, so that none is read in vain."""
        max_rows = _ROWS_AHEAD if self.source.can_read_ahead else 1
        contacts = read_in_places(self.source, self.rules, max_rows=max_rows)
        async with aclosing(contacts) as batches:
            async for batch in batches:
                yield [each for each in batch if each.place not in self.log.finished]
        self.is_exhausted = True


@attrs.frozen
class SignUpArguments:
    """The arguments of `Bulk.sign_up`; *addresses* are the caller's list to suppress.

    Raises:
        ConsentRequiredError: *consent* is not `explicit`.
        InvalidRequestError: *concurrency* is below 1, or *lists* names no lists.
    """

    lists: Sequence[str]
    consent: str
    options: SignUpOptions
    concurrency: int
    addresses: SuppressedAddresses = SuppressedAddresses()

    def __attrs_post_init__(self) -> None:
        require_consent(self.consent)
        if self.concurrency < 1:
            raise InvalidRequestError("concurrency must be at least 1", option="concurrency")
        check_list_names(self.lists)


@asynccontextmanager
async def open_sign_ups(
    session: Session,
    source: Source,
    arguments: SignUpArguments,
    *,
    log: OutcomeLog,
    attempts: AttemptLimiter,
) -> AsyncIterator[SignUpOutcomes]:
    """Sign up the people of *source* without a final outcome in *log*; see `Bulk.sign_up`."""
    request_count = RequestCount()
    session = session.on_lane(session.lane, request_count)
    directory = await read_directory(session)
    list_ids = directory.list_ids(arguments.lists)
    rules = Rules(
        target="sign_up",
        lists=directory.lists,
        custom_fields=directory.custom_fields,
        max_email=arguments.options.reading.max_email,
        max_phone=arguments.options.reading.max_phone,
    )
    found = await make_first_pass(source, rules, log.finished, arguments.addresses.addresses)
    suppression = await open_suppression(
        session,
        arguments.options.protect,
        people=found.people,
        addresses=arguments.addresses,
    )
    await log.start(found.people or 0, found.suppressed)
    await attempts.flush()
    async with keeping_rejects(arguments.options.rejects, source) as keep:
        worker = SignUpWorker(
            session,
            list_ids,
            directory.custom_fields,
            suppression,
            attempts,
            log,
            StopFlag(),
            overtaken=found.overtaken,
            keep_rejected=keep,
            request_count=request_count,
        )
        async with _running(
            worker, _Reading(source, rules, log), arguments.concurrency
        ) as outcomes:
            yield outcomes


@asynccontextmanager
async def _running(
    worker: SignUpWorker, reading: _Reading, concurrency: int
) -> AsyncIterator[SignUpOutcomes]:
    """Let the pool work while the block runs; then write down the unwritten outcomes.

    A store that is away is waited for with patience; after an error or a cancellation, for ten
    seconds: the error has to come out.
    """
    log, request_count, stop = worker.log, worker.request_count, worker.stop
    within = inf
    try:
        async with (
            aclosing(reading.batches()) as batches,
            open_pool(
                batches,
                worker.run,
                concurrency=concurrency,
                key=_identity,
                grace=_GRACE,
                stop=stop,
            ) as results,
        ):
            yield SignUpOutcomes(results, log, stop, request_count)
    except BaseException:
        within = _GRACE
        raise
    finally:
        close = partial(log.close, request_count.requests, is_exhausted=reading.is_exhausted)
        with anyio.move_on_after(within):
            await wait_out(close, worker.session.policy)
            await wait_out(worker.attempts.flush, worker.session.policy)


class SignUpOutcomes:
    """The outcomes of a bulk sign-up, one by one as the answers arrive.

    ::

        async with cc.bulk.sign_up(people, lists=["Newsletter"], consent="explicit") as outcomes:
            async for outcome in outcomes:
                print(outcome.line, outcome.status)
        print(outcomes.report)

    An error that stops the sign-up is raised by the iteration, after the last outcome.
    """

    def __init__(
        self,
        results: AsyncIterator[Outcome],
        log: OutcomeLog,
        stop: StopFlag,
        request_count: RequestCount,
    ) -> None:
        self._results = results
        self._log = log
        self._stop = stop
        self._request_count = request_count
        self._before = (log.counts.total(), log.requests)

    def __aiter__(self) -> AsyncIterator[Outcome]:
        return self

    async def __anext__(self) -> Outcome:
        try:
            outcome = await anext(self._results)
        except StopAsyncIteration:
            if self._stop.error is not None:
                raise self._stop.error from None
            raise
        return outcome

    def stop(self) -> None:
        """Read no more people. Requests in flight finish, and their outcomes still come."""
        self._stop.is_requested = True

    @property
    def job_id(self) -> str | None:
        """The id for `Bulk.resume_sign_up`; `None` if the source can be read only once."""
        return self._log.job_id

    @property
    def contacts_before(self) -> int:
        """How many people had a final outcome from earlier runs when this run started."""
        return self._before[0]

    @property
    def not_signed_up_before(self) -> tuple[Outcome, ...]:
        """Final outcomes of earlier runs of people who were not signed up, without addresses."""
        return tuple(self._log.not_signed_up(only_final=True))

    @property
    def report(self) -> SignUpReport:
        """The sum of the outcomes so far, those of earlier runs included.

        After the block it counts all requests: those that were on their way when it was left are
        waited for, and are unknown if they take longer than ten seconds.
        """
        return SignUpReport.of(self._log.counts, self._before[1] + self._request_count.requests)


def _identity(contact: PlacedContact) -> str | None:
    return contact.item.identity if isinstance(contact.item, Row) else None
