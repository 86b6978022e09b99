"""Outcomes, and the report that adds them up."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from cc_async import Outcome, SignUpReport
from cc_async.errors import (
    BadRequestError,
    ConstantContactError,
    DailyQuotaError,
    InvalidRequestError,
    NotFoundError,
    Problem,
    ServerError,
    TransportError,
)
from cc_async.sign_ups import OutcomeStatus

MIDNIGHT = dt.datetime(2026, 9, 22, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("error", "is_final"),
    [
        (BadRequestError(400, (Problem("", "email_address is invalid"),)), True),
        (BadRequestError(400, (Problem("", "This is not possible now."),)), False),
        (BadRequestError(415, (Problem("", "email_address is invalid"),)), False),
        (NotFoundError(404), True),
        (InvalidRequestError("a later row"), True),
        (ServerError(500), False),
        (TransportError("broken"), False),
        (DailyQuotaError(MIDNIGHT), False),
        (None, False),
    ],
)
def test_only_a_refused_person_failed_for_good(
    error: ConstantContactError | None, is_final: bool
) -> None:
    """A failure is final if the service or this package would refuse the person again."""
    assert Outcome(2, "failed", "a@example.com", error=error).is_final == is_final


@pytest.mark.parametrize("status", ["created", "updated", "rejected", "suppressed"])
def test_all_other_outcomes_are_final(status: OutcomeStatus) -> None:
    """Only failures can end differently at the next attempt."""
    assert Outcome(2, status, "a@example.com").is_final


def test_an_outcome_does_not_show_the_address() -> None:
    """The address is not in the text of an outcome, which may be logged."""
    assert "example.com" not in repr(Outcome(2, "created", "a@example.com"))


def test_a_report_adds_up() -> None:
    """Every outcome is in exactly one count, and all of them are the rows read."""
    counts: Counter[OutcomeStatus] = Counter(
        {"created": 5, "updated": 4, "failed": 3, "rejected": 2, "suppressed": 1}
    )
    assert SignUpReport.of(counts, 20) == SignUpReport(
        contacts_read=15,
        contacts_rejected=2,
        contacts_suppressed=1,
        created=5,
        updated=4,
        failed=3,
        may_have_to_confirm=5,
        requests=20,
    )
