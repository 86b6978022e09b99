"""The outcome of each person of a bulk sign-up, and the sum of all."""

from __future__ import annotations

import re
from collections import Counter
from typing import Literal, TypeAlias

import attrs

from cc_async.errors import (
    BadRequestError,
    ConstantContactError,
    InvalidRequestError,
    NotFoundError,
)

OutcomeStatus: TypeAlias = Literal[
    "created", "updated", "failed", "rejected", "suppressed", "unknown"
]


@attrs.frozen
class Outcome:
    """The outcome of one person's sign-up.

    Args:
        line: Place in the source, counted from 1; in a file the heading is line 1.
        status:
            `created` or `updated`: the person is on the lists. `failed`: the service refused the
            person or could not be reached; see *error* and *reason*. `rejected`: the row was not
            fit to be sent; see *column* and *reason*. `suppressed`: the person opted out or is in
            the caller's list, and was not sent; see *reason*. `unknown`: no request for the
            person was answered, and a look-up does not show the values that were sent.
        email_address: As in the source; empty for rejected rows and for outcomes of earlier runs.
        contact_id: The service's id of the contact that was created or updated.
        error: The error of a failed sign-up; `None` if the sign-up was not attempted.
        column: The column at fault in a rejected row.
        reason: Why the person failed, was rejected, or was suppressed: `unsubscribed`, `deleted`
            or `in your list`.
    """

    line: int
    status: OutcomeStatus
    email_address: str = attrs.field(repr=False)
    contact_id: str | None = None
    error: ConstantContactError | None = None
    column: str = ""
    reason: str = ""

    @property
    def is_final(self) -> bool:
        """Whether another attempt would have the same outcome.

        A failure of the network or the service, a day that is used up, and an unknown outcome are
        not final, and neither is a refusal that says nothing of the row: that person is sent again
        when the sign-up is resumed.
        """
        if self.error is not None and is_no_fault_of_row(self.error):
            return False
        return self.status not in ("failed", "unknown") or isinstance(
            self.error, (BadRequestError, InvalidRequestError, NotFoundError)
        )


_PROPERTIES = re.compile(
    r"(?i)address|e-?mail|name|title|phone|birthday|anniversary|custom|field|list|street|city|state|"
    r"postal|country|sms"
)
"""Words for what a sign-up holds; a reason with one of them is about the row."""


def is_no_fault_of_row(error: ConstantContactError) -> bool:
    """Return whether the service refused a request for a reason that says nothing of its row.

    402, 413 and 415 never do, and other refusals do not if they name no property.
    """
    if not isinstance(error, BadRequestError):
        return False
    words = " ".join(f"{each.error_key} {each.error_message}" for each in error.problems)
    return error.status in (402, 413, 415) or not _PROPERTIES.search(words)


@attrs.frozen
class SignUpReport:
    """The sum of a bulk sign-up's outcomes.

    Every row that was read is in exactly one count:
    `contacts_read = contacts_rejected + contacts_suppressed + created + updated + failed + unknown`.
    *may_have_to_confirm* are the people who were created: where the account uses Confirmed Opt-in,
    they are not subscribed before they have confirmed. No answer of the service tells whether.
    *requests* counts all requests of the sign-up, those of earlier runs and of look-ups included.
    https://developer.constantcontact.com/api_guide/contacts_create_or_update.html
    """

    contacts_read: int = 0
    contacts_rejected: int = 0
    contacts_suppressed: int = 0
    created: int = 0
    updated: int = 0
    failed: int = 0
    unknown: int = 0
    may_have_to_confirm: int = 0
    requests: int = 0

    @classmethod
    def of(cls, counts: Counter[OutcomeStatus], requests: int) -> SignUpReport:
        """Return the report for outcomes counted by status."""
        return cls(
            contacts_read=counts.total(),
            contacts_rejected=counts["rejected"],
            contacts_suppressed=counts["suppressed"],
            created=counts["created"],
            updated=counts["updated"],
            failed=counts["failed"],
            unknown=counts["unknown"],
            may_have_to_confirm=counts["created"],
            requests=requests,
        )
