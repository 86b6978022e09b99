"""Signing many people up, one request each, with an outcome for every one of them."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import attrs

from cc_async.bulk._directory import read_directory
from cc_async.bulk._outcomes import Outcome, OutcomeStatus, SignUpReport
from cc_async.bulk._pool import open_pool
from cc_async.bulk._protection import ProtectedKind, Protection, open_protection
from cc_async.bulk._rejects import keeping_rejects
from cc_async.errors import (
    BadRequestError,
    ConflictError,
    ConsentRequiredError,
    ConstantContactError,
    InvalidRequestError,
    NotFoundError,
    ServerError,
    TransportError,
    UnexpectedResponseError,
)
from cc_async.resources import read_sign_up, sign_up_request
from cc_async.retries import RetryPolicy
from cc_async.session import Session, Tally
from cc_async.sources import Rejection, Row, Rules, Source, to_sign_up

__all__ = ["SignUpOutcomes", "open_sign_ups"]

TRIES_A_DAY = 3
"""How often one address is tried: the service blocks it for two days after five."""

_GRACE = 10.0
"""Seconds that sign-ups in flight may take to finish when the caller stops early."""

_BROKEN_AFTER = 5
"""That many people in a row failed for no fault of theirs: the service is down, stop."""


@asynccontextmanager
async def open_sign_ups(
    session: Session,
    source: Source,
    *,
    lists: Sequence[str],
    rules: Rules,
    consent: str | None,
    protect: Collection[ProtectedKind],
    concurrency: int,
    rejects: Path | None = None,
) -> AsyncIterator[SignUpOutcomes]:
    """Sign up everyone in *source*; see `Bulk.sign_up`."""
    if consent != "explicit":
        raise ConsentRequiredError(
            "a sign-up makes people explicit subscribers, so it needs your word that each of "
            "them asked for it",
            'Say consent="explicit" (on the command line: --consent explicit) if they did; to '
            "add people without it, import them.",
        )
    if concurrency < 1:
        raise InvalidRequestError("concurrency must be at least 1")
    tally = Tally()
    session = session.on_lane(session.lane, tally)
    directory = await read_directory(session)
    rules = attrs.evolve(
        rules, target="sign_up", lists=directory.lists, custom_fields=directory.custom_fields
    )
    people = await _count(source, rules)  # and nothing is sent if it cannot be read
    protection = await open_protection(session, protect, people=people)
    list_ids = directory.list_ids(lists)
    with keeping_rejects(rejects, source) as keep:
        work = _SignUps(session, list_ids, protection, rules, tally, keep)
        reader = _Reader(source, rules, work)
        async with (
            aclosing(reader),
            open_pool(
                reader, work.run, concurrency=concurrency, key=_identity, grace=_GRACE
            ) as results,
        ):
            yield SignUpOutcomes(results, work)


class SignUpOutcomes:
    """The outcomes of a bulk sign-up, as answers arrive, and their sum so far.

    Iterating raises, after the last outcome, what stopped the sign-up before its end.
    """

    def __init__(self, results: AsyncIterator[Outcome], work: _SignUps) -> None:
        self._results = results
        self._work = work
        self._counts = Counter[OutcomeStatus]()

    def __aiter__(self) -> AsyncIterator[Outcome]:
        return self

    async def __anext__(self) -> Outcome:
        try:
            outcome = await anext(self._results)
        except StopAsyncIteration:
            if self._work.stopped_by is not None:
                raise self._work.stopped_by from None
            raise
        self._counts[outcome.status] += 1
        return outcome

    def stop(self) -> None:
        """Read no further; what is in flight ends, and its outcomes still come."""
        self._work.is_stopping = True

    @property
    def report(self) -> SignUpReport:
        """The sum of the outcomes taken so far."""
        return SignUpReport.of(self._counts, self._work.tally.requests)


def _identity(item: Row | Rejection) -> str | None:
    return item.identity if isinstance(item, Row) else None


async def _count(source: Source, rules: Rules) -> int | None:
    """Return how many people *source* holds, where that can be found out by reading it twice."""
    if not source.is_rereadable:
        return None
    people = 0
    async with aclosing(source.read(rules)) as batches:
        async for batch in batches:
            people += sum(isinstance(item, Row) for item in batch)
    return people


class _Reader:
    """Hands out one row at a time; of a source that is not at hand, reads no further."""

    def __init__(self, source: Source, rules: Rules, work: _SignUps) -> None:
        self._work = work
        self._batches = source.read(rules, max_rows=500 if source.is_at_hand else 1)
        self._items = deque[Row | Rejection]()

    def __aiter__(self) -> AsyncIterator[Row | Rejection]:
        return self

    async def __anext__(self) -> Row | Rejection:
        if self._work.is_stopping or self._work.stopped_by is not None:
            raise StopAsyncIteration
        while not self._items:
            self._items.extend(await anext(self._batches))
        return self._items.popleft()

    async def aclose(self) -> None:
        await self._batches.aclose()


@attrs.define
class _SignUps:
    """What is done with one person."""

    session: Session
    list_ids: tuple[str, ...]
    protection: Protection
    rules: Rules
    tally: Tally
    keep_rejected: Callable[[Rejection], None]
    stopped_by: ConstantContactError | None = None
    is_stopping: bool = False
    _tries: dict[str, int] = attrs.field(factory=dict)
    _failures_in_a_row: int = 0
    _policies: tuple[RetryPolicy, ...] = attrs.field(init=False)

    @_policies.default
    def _limit_attempts(self) -> tuple[RetryPolicy, ...]:
        """Return what is tried again where an address may be tried so many times more."""
        policy = self.session.policy
        return tuple(
            attrs.evolve(policy, attempts=min(left, policy.attempts))
            for left in range(TRIES_A_DAY + 1)
        )

    async def run(self, item: Row | Rejection) -> Outcome:
        if isinstance(item, Rejection):
            self.keep_rejected(item)
            return Outcome(item.line, "rejected", "", column=item.column, reason=item.reason)
        email = str(item.values.get("email", ""))
        reason = await self.protection.reason_to_spare(item.identity, item.consented_at)
        if reason is not None:
            return Outcome(item.line, "protected", email, reason=reason)
        try:
            return await self._send(item, email)
        except ConstantContactError as error:
            self._stop_if_hopeless(error)
            return Outcome(item.line, "failed", email, error=error, reason=str(error))

    async def _send(self, row: Row, email: str) -> Outcome:
        tried = self._tries.get(row.identity, 0)
        if tried >= TRIES_A_DAY:
            reason = (
                f"this address was tried {tried} times already; the service blocks it after five"
            )
            return Outcome(row.line, "failed", email, reason=reason)
        request = sign_up_request(to_sign_up(row, self.rules.custom_fields, self.list_ids))
        cost, policy = Tally(), self._policies[TRIES_A_DAY - tried]
        try:
            result = await self.session.send(request, read_sign_up, tally=cost, policy=policy)
        finally:
            self.tally.requests += cost.requests
            self._tries[row.identity] = tried + cost.tries
        self._failures_in_a_row = 0
        status: OutcomeStatus = "created" if result.action == "created" else "updated"
        return Outcome(row.line, status, email, result.contact_id)

    def _stop_if_hopeless(self, error: ConstantContactError) -> None:
        """Read no further where everyone else would meet *error* too."""
        if isinstance(error, (TransportError, ServerError, UnexpectedResponseError)):
            self._failures_in_a_row += 1
            is_hopeless = self._failures_in_a_row >= _BROKEN_AFTER
        else:
            self._failures_in_a_row = 0
            is_hopeless = not isinstance(
                error, (BadRequestError, ConflictError, InvalidRequestError, NotFoundError)
            )
        if is_hopeless and self.stopped_by is None:
            self.stopped_by = error
