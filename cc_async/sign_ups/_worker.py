"""What is done with one row of a bulk sign-up: spared, refused, or sent."""

from __future__ import annotations

from collections.abc import Callable, Collection
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
from cc_async.resources import read_sign_up, sign_up_request
from cc_async.session import RequestCount, Session
from cc_async.sign_ups._attempts import TRIES_A_DAY
from cc_async.sign_ups._outcome_log import Ledger
from cc_async.sign_ups._outcomes import Outcome, OutcomeStatus
from cc_async.sign_ups._pool import Halt
from cc_async.sign_ups._rows import SignUpRows
from cc_async.sources import Rejection, Row, Rules, sign_up_values

_BROKEN_AFTER = 5
"""That many people in a row failed for no fault of theirs: the service is down, stop."""

_TRIED_ENOUGH = (
    f"this address was tried {TRIES_A_DAY} times within a day; the service blocks it after five, "
    "so it has to wait until tomorrow"
)
_OVERTAKEN = "a later row for the same address has been signed up, which this one would undo"


@attrs.define(eq=False)
class SignUpWork:
    """Works on one row after another.

    Where *rows* took no try for an address, one is taken when its turn comes. *overtaken* are
    lines that must not be sent any more.
    """

    session: Session
    list_ids: tuple[str, ...]
    protection: SuppressionList
    rules: Rules
    ledger: Ledger
    rows: SignUpRows
    halt: Halt
    overtaken: Collection[int]
    keep_rejected: Callable[[Rejection], None]
    request_count: RequestCount
    begun: int = 0
    _failures_in_a_row: int = 0

    async def run(self, item: Row | Rejection) -> Outcome:
        """Return what became of *item*; where it is time, outcomes are written down."""
        self.begun += 1
        if isinstance(item, Rejection):
            self.keep_rejected(item)
            outcome = Outcome(item.line, "rejected", "", column=item.column, reason=item.reason)
        else:
            try:
                outcome = await self._sign_up(item)
            except ConstantContactError as error:
                self._stop_if_hopeless(error)
                outcome = _failure(item, str(error), error)
        if self.ledger.note(outcome):
            await self._write()
        return outcome

    async def _sign_up(self, row: Row) -> Outcome:
        """Send a row, unless there is a reason not to."""
        if row.line in self.overtaken:
            raise InvalidRequestError(_OVERTAKEN)
        reason = await self.protection.reason(row.identity, row.consented_at)
        is_granted = self.rows.granted.pop(row.line, None) is not None
        if reason is not None:
            if is_granted:
                self.ledger.tries.give_back(row.identity)
            return Outcome(row.line, "protected", _email(row), reason=reason)
        if not is_granted and not await self._take_try(row.identity):
            return _failure(row, _TRIED_ENOUGH)
        cost = RequestCount()
        try:
            result = await self.session.send(
                sign_up_request(sign_up_values(row, self.rules.custom_fields, self.list_ids)),
                read_sign_up,
                request_count=cost,
                may_repeat=partial(self._take_durably, row.identity),
            )
        except BaseException as error:
            if not cost.requests or isinstance(error, _NO_TRIES):
                self.ledger.tries.give_back(row.identity)
            raise
        finally:
            self.request_count.requests += cost.requests
        self._failures_in_a_row = 0
        status: OutcomeStatus = "created" if result.action == "created" else "updated"
        return Outcome(row.line, status, _email(row), result.contact_id)

    async def _take_try(self, identity: str) -> bool:
        """Take a try for an address whose turn has come; return whether it may be made."""
        if self.rows.is_at_hand:
            return await self._take_durably(identity)
        return self.ledger.tries.take_nowait(identity)

    async def _take_durably(self, identity: str) -> bool:
        (is_granted,) = await self.ledger.tries.take((identity,))
        return is_granted

    async def _write(self) -> None:
        try:
            await self.ledger.write(self.request_count.requests)
        except ConstantContactError as error:
            self.halt.error = self.halt.error or error

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
        if is_hopeless and self.halt.error is None:
            self.halt.error = error


_NO_TRIES = (
    AuthError,
    AuthenticationError,
    DailyQuotaError,
    PermissionDeniedError,
    RateLimitError,
)
"""Refused at the door: the service did not get as far as the address."""


def _email(row: Row) -> str:
    return str(row.values.get("email", ""))


def _failure(row: Row, reason: str, error: ConstantContactError | None = None) -> Outcome:
    return Outcome(row.line, "failed", _email(row), error=error, reason=reason)
