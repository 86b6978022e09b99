"""The way of one row through a bulk sign-up: suppressed, refused, or sent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial

import attrs

from cc_async.errors import (
    AuthenticationError,
    AuthError,
    BadRequestError,
    ConflictError,
    ConstantContactError,
    DailyQuotaError,
    InvalidRequestError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    TransportError,
    UnexpectedResponseError,
)
from cc_async.lookups import SuppressionList
from cc_async.models import CustomField, SignUpResult
from cc_async.resources import read_sign_up, sign_up_request
from cc_async.session import RequestCount, Session
from cc_async.sign_ups._attempts import ATTEMPTS_A_DAY, AttemptLimiter
from cc_async.sign_ups._outcome_log import OutcomeLog
from cc_async.sign_ups._outcomes import Outcome, OutcomeStatus
from cc_async.sign_ups._pool import StopFlag
from cc_async.sources import Rejection, Row, sign_up_values

_FAILURES_IN_A_ROW = 5
"""Failures of the network or the service, one after another, that stop the sign-up: the service is
down. Each of them was attempted up to three times, so this is no passing trouble.
"""

_NO_ATTEMPTS_LEFT = (
    f"this address was attempted {ATTEMPTS_A_DAY} times within a day; the service blocks an "
    "address after five, so try again tomorrow"
)
_OVERTAKEN = "a later row of the same address has been signed up, which this one would undo"

_OWN_FAULTS = (BadRequestError, ConflictError, InvalidRequestError, NotFoundError)
"""Errors of one person; the next one may fare better."""

_PASSING_FAULTS = (TransportError, ServerError, UnexpectedResponseError)
"""Errors of the network or the service; the next person may fare better."""

_NOT_ATTEMPTED = (
    AuthError,
    AuthenticationError,
    DailyQuotaError,
    PermissionDeniedError,
    RateLimitError,
)
"""Errors of a request that was refused before the service looked at the address in it."""


@attrs.define(eq=False)
class SignUpWorker:
    """Signs up one row after another, and adds their outcomes to *log*.

    Args:
        session: Where requests are sent.
        list_ids: The lists for rows that name none.
        custom_fields: The account's custom fields.
        suppression: The people to leave out.
        attempts: How often each address may be sent.
        log: The outcomes.
        stop: Set here after an error that all other people would meet, too.
        overtaken: Lines that are not sent, because a later row of the same address was.
        keep_rejected: Called with each rejected row.
        request_count: Counts the requests of the whole sign-up.
    """

    session: Session
    list_ids: Sequence[str]
    custom_fields: Sequence[CustomField]
    suppression: SuppressionList
    attempts: AttemptLimiter
    log: OutcomeLog
    stop: StopFlag
    overtaken: Collection[int]
    keep_rejected: Callable[[Rejection], None]
    request_count: RequestCount
    _failures: int = 0

    async def run(self, item: Row | Rejection) -> Outcome:
        """Return the outcome of *item*; when it is time, write outcomes down."""
        self.log.start_row()
        if isinstance(item, Rejection):
            self.keep_rejected(item)
            outcome = Outcome(item.line, "rejected", "", column=item.column, reason=item.reason)
        else:
            try:
                outcome = await self._sign_up(item)
            except ConstantContactError as error:
                self._note_failure(error)
                outcome = _failure(item, str(error), error)
        if self.log.add(outcome):
            await self._write()
        return outcome

    async def _sign_up(self, row: Row) -> Outcome:
        """Send a row, unless there is a reason not to."""
        if row.line in self.overtaken:
            raise InvalidRequestError(_OVERTAKEN)
        reason = await self.suppression.reason(row.identity, row.consented_at)
        if reason is not None:
            return Outcome(row.line, "suppressed", _email(row), reason=reason)
        if not await self.attempts.take(row.identity):
            return _failure(row, _NO_ATTEMPTS_LEFT)
        result = await self._send(row)
        self._failures = 0
        status: OutcomeStatus = "created" if result.action == "created" else "updated"
        return Outcome(row.line, status, _email(row), result.contact_id)

    async def _send(self, row: Row) -> SignUpResult:
        """Send a row after its attempt was taken; each repeat takes another one."""
        cost = RequestCount()
        try:
            return await self.session.send(
                sign_up_request(sign_up_values(row, self.custom_fields, self.list_ids)),
                read_sign_up,
                request_count=cost,
                may_repeat=partial(self.attempts.take, row.identity),
            )
        except BaseException as error:
            if not cost.requests or isinstance(error, _NOT_ATTEMPTED):
                self.attempts.give_back(row.identity)
            raise
        finally:
            self.request_count.requests += cost.requests

    async def _write(self) -> None:
        try:
            await self.log.write(self.request_count.requests)
        except ConstantContactError as error:
            self.stop.error = self.stop.error or error

    def _note_failure(self, error: ConstantContactError) -> None:
        """Stop if all other people would meet *error*, too."""
        if isinstance(error, _PASSING_FAULTS):
            self._failures += 1
            is_fatal = self._failures >= _FAILURES_IN_A_ROW
        else:
            self._failures = 0
            is_fatal = not isinstance(error, _OWN_FAULTS)
        if is_fatal and self.stop.error is None:
            self.stop.error = error


def _email(row: Row) -> str:
    return str(row.values.get("email", ""))


def _failure(row: Row, reason: str, error: ConstantContactError | None = None) -> Outcome:
    return Outcome(row.line, "failed", _email(row), error=error, reason=reason)
