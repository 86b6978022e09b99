"""The way of one row through a bulk sign-up: suppressed, refused, or sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any

import attrs

from cc_async.errors import (
    AddressRefusedError,
    BadRequestError,
    ConflictError,
    ConnectionFailedError,
    ConstantContactError,
    InvalidRequestError,
    NotFoundError,
    ServerError,
    TooManyAttemptsError,
    TransportError,
    UnexpectedResponseError,
)
from cc_async.jobs import wait_out
from cc_async.lookups import SuppressionList
from cc_async.models import CustomField
from cc_async.resources import Contacts, sign_up_request
from cc_async.session import RequestCount, Session
from cc_async.sign_ups._arrivals import PARTS_TO_COMPARE, shows_sign_up
from cc_async.sign_ups._attempts import ATTEMPTS_A_DAY, AttemptLimiter
from cc_async.sign_ups._counted_transport import REFUSALS, CountedTransport, send_counted
from cc_async.sign_ups._outcome_log import OutcomeLog
from cc_async.sign_ups._outcomes import Outcome, OutcomeStatus, is_no_fault_of_row
from cc_async.sign_ups._places import PlacedContact
from cc_async.sign_ups._pool import StopFlag
from cc_async.sign_ups._recovery import Recovery
from cc_async.sources import Rejection, Row, sign_up_values

_FAILURES_IN_A_ROW = 5
"""People in a row who failed by a fault of the network or the service, and so stop the sign-up. Each
was attempted up to three times while the service answered other requests: no passing trouble.
"""

_SAME_REFUSALS = 3
"""Refusals in a row with the same words, none of them about a row, that stop the sign-up: they are
meant for all people. Two may be chance. Ours to choose.
"""

_NO_ATTEMPTS_LEFT = (
    f"this address was attempted {ATTEMPTS_A_DAY} times within a day; the service blocks an "
    "address after five, so try again tomorrow"
)
_UNANSWERED = (
    f"{ATTEMPTS_A_DAY} requests for this person stayed without an answer, and the account does not "
    "show the values that were sent; try again tomorrow"
)
_LEFT = "the sign-up was left before the answer came"
_FOUND = "the answer was lost; a look-up shows the values that were sent"
_OVERTAKEN = "a later row of the same address has been signed up, which this one would undo"

_OWN_FAULTS = (BadRequestError, ConflictError, InvalidRequestError, NotFoundError)
"""Errors of one person; the next one may fare better."""

_PASSING_FAULTS = (TransportError, ServerError, UnexpectedResponseError)
"""Errors of the network or the service; the next person may fare better."""


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
        overtaken: Places that are not sent, because a later row of the same address was.
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
    _refusals: tuple[str, int] = ("", 0)
    """The latest refusal that says nothing of its row, and how often it came in a row."""
    _recovery: Recovery = attrs.field(init=False)

    @_recovery.default
    def _make_recovery(self) -> Recovery:
        return Recovery(self.session)

    async def run(self, contact: PlacedContact) -> Outcome:
        """Return the outcome of *contact*; when it is time, write outcomes down."""
        item, place = contact.item, contact.place
        self.log.start_row()
        if isinstance(item, Rejection):
            self.keep_rejected(item)
            outcome = Outcome(item.line, "rejected", "", column=item.column, reason=item.reason)
        else:
            try:
                outcome = await self._sign_up(item, place)
            except ConstantContactError as error:
                self._note_failure(error)
                outcome = _failure(item, _words(error), error)
        is_due = self.log.add(outcome, place)
        if is_due and self.stop.error is None:  # afterwards the end of the run writes
            await self._write()
        if isinstance(item, Row) and _is_answer(outcome) and self.stop.error is None:
            self.attempts.note_answer(item.identity)  # not before the outcome is durable
        return outcome

    async def _sign_up(self, row: Row, place: int) -> Outcome:
        """Send a row, unless there is a reason not to."""
        if place in self.overtaken:
            raise InvalidRequestError(_OVERTAKEN)
        reason = await self.suppression.reason(row.identity, row.consented_at)
        if reason is not None:
            return Outcome(row.line, "suppressed", _email(row), reason=reason)
        return await self._send(row, place)

    async def _send(self, row: Row, place: int) -> Outcome:
        """Send a row; if all attempts of its address stay without an answer, look it up."""
        values = sign_up_values(row, self.custom_fields, self.list_ids)
        network = CountedTransport(self.session.transport, self.attempts, row.identity)
        try:
            if await self.attempts.has_left(row.identity):
                result = await send_counted(
                    self.session,
                    sign_up_request(values),
                    network,
                    self.request_count,
                    self._recovery.wait,
                )
                self._failures = 0
                self._recovery.note_success()
                status: OutcomeStatus = "created" if result.action == "created" else "updated"
                return Outcome(row.line, status, _email(row), result.contact_id)
        except asyncio.CancelledError:
            if network.has_sent:
                self.log.add(Outcome(row.line, "unknown", _email(row), reason=_LEFT), place)
            raise
        except TooManyAttemptsError:
            pass  # another process took the last attempt meanwhile
        except _PASSING_FAULTS as error:
            if await self.attempts.has_left(row.identity):
                raise
            self._note_failure(error)
        if self.attempts.has_answer(row.identity):
            return _failure(row, _NO_ATTEMPTS_LEFT)
        return await self._look_up(row, values)

    async def _look_up(self, row: Row, values: Mapping[str, Any]) -> Outcome:
        """Return whether a row without an answer arrived, as far as the account shows it."""
        if email := _email(row):
            contacts = Contacts(self.session)
            contact = await contacts.find(email, include=PARTS_TO_COMPARE)
            if contact is not None and shows_sign_up(contact, values):
                return Outcome(row.line, "updated", email, contact.contact_id, reason=_FOUND)
        return Outcome(row.line, "unknown", email, reason=_UNANSWERED)

    async def _write(self) -> None:
        write = partial(self.log.write, self.request_count.requests)
        try:
            await wait_out(write, self.session.policy)
        except ConstantContactError as error:
            self.stop.error = self.stop.error or error

    def _note_failure(self, error: ConstantContactError) -> None:
        """Stop if all other people would meet *error*, too."""
        if isinstance(error, _PASSING_FAULTS):
            self._failures += 1
            is_outage = isinstance(error, ConnectionFailedError) or self._recovery.is_given_up
            is_fatal = is_outage or self._failures >= _FAILURES_IN_A_ROW
        else:
            self._failures = 0
            is_fatal = not isinstance(error, _OWN_FAULTS) or self._is_meant_for_all(error)
        if is_fatal and self.stop.error is None:
            self.stop.error = error

    def _is_meant_for_all(self, error: ConstantContactError) -> bool:
        """Count *error*, and return whether it came often enough to be meant for all people."""
        if not is_no_fault_of_row(error):
            self._refusals = ("", 0)
            return False
        words, count = self._refusals
        self._refusals = (str(error), count + 1 if words == str(error) else 1)
        return self._refusals[1] >= _SAME_REFUSALS


def _email(row: Row) -> str:
    return str(row.values.get("email", ""))


def _is_answer(outcome: Outcome) -> bool:
    return outcome.status in ("created", "updated") or isinstance(outcome.error, REFUSALS)


def _words(error: ConstantContactError) -> str:
    """Return the words of *error*; those of an address that may be blocked say so."""
    return f"{error}. {error.hint}" if isinstance(error, AddressRefusedError) else str(error)


def _failure(row: Row, reason: str, error: ConstantContactError | None = None) -> Outcome:
    return Outcome(row.line, "failed", _email(row), error=error, reason=reason)
