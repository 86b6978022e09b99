"""What became of each person of a bulk sign-up, and the sum of it."""

from __future__ import annotations

from collections import Counter
from typing import Literal

import attrs

from cc_async.errors import ConstantContactError

OutcomeStatus = Literal["created", "updated", "failed", "rejected", "protected"]


@attrs.frozen
class Outcome:
    """What became of one person.

    *status* is `created` or `updated`; `failed`, with the *error*; `rejected` here, with the
    *reason* and nothing sent; or `protected`: left alone, because the person unsubscribed or
    was deleted (the *reason* says which). *line* counts from 1: of a file with its heading, of
    other sources the items.
    """

    line: int
    status: OutcomeStatus
    email_address: str = attrs.field(repr=False)
    contact_id: str | None = None
    error: ConstantContactError | None = None
    column: str = ""
    reason: str = ""


@attrs.frozen
class SignUpReport:
    """The sum of a bulk sign-up.

    `contacts_read = contacts_rejected + contacts_suppressed + created + updated + failed`.
    """

    contacts_read: int = 0
    contacts_rejected: int = 0
    contacts_suppressed: int = 0
    created: int = 0
    updated: int = 0
    failed: int = 0
    requests: int = 0

    @classmethod
    def of(cls, counts: Counter[OutcomeStatus], requests: int) -> SignUpReport:
        """Return the report for outcomes counted by status."""
        return cls(
            contacts_read=counts.total(),
            contacts_rejected=counts["rejected"],
            contacts_suppressed=counts["protected"],
            created=counts["created"],
            updated=counts["updated"],
            failed=counts["failed"],
            requests=requests,
        )
