"""The properties that a contact, a sign-up and an import row call the same."""

from __future__ import annotations

import attrs


@attrs.frozen(kw_only=True)
class ContactDetails:
    """Properties that a contact, a sign-up and an import row call the same.

    A property added here, with a row in `PROPERTIES`, is one of all three.
    """

    first_name: str | None = None
    last_name: str | None = None
    job_title: str | None = None
    company_name: str | None = None
    birthday_month: int | None = None
    birthday_day: int | None = None
    anniversary: str | None = None
