"""The account behind a token."""

from __future__ import annotations

import attrs

from cc_async.models._masks import masked


@attrs.frozen
class Account:
    """The account's own data (`GET /account/summary`; scope `account_read`)."""

    encoded_account_id: str | None = None
    organization_name: str | None = None
    contact_email: str | None = attrs.field(default=None, repr=masked)
    contact_phone: str | None = attrs.field(default=None, repr=masked)
    organization_phone: str | None = attrs.field(default=None, repr=masked)
    first_name: str | None = None
    last_name: str | None = None
    country_code: str | None = None
    state_code: str | None = None
    time_zone_id: str | None = None
    website: str | None = None
    encoded_partner_id: str | None = None


@attrs.frozen
class UserPrivilege:
    """One thing the signed-in user may do, such as `contacts:read`."""

    privilege_id: int
    privilege_name: str
