"""The status of a grant, without its secrets."""

from __future__ import annotations

import datetime as dt

import attrs

from cc_async.auth._grant import Grant

_REFRESH_TOKEN_LIFE = dt.timedelta(days=180)
"""Life of an unused refresh token. The provider's support staff gives it, for both kinds of token.

https://developer.constantcontact.com/api_guide/server_flow.html
"""


@attrs.frozen
class GrantStatus:
    """The status of a grant, for a display; times are in UTC.

    `grant_expires_at` is the end of an unused refresh token: 180 days after the last renewal. It is
    `None` without a refresh token: the grant then ends with `token_expires_at`. `is_refused`: the
    service does not accept the grant any more, and the user must sign in again.
    """

    profile: str
    client_id: str
    scopes: tuple[str, ...]
    signed_in_at: dt.datetime
    token_expires_at: dt.datetime | None
    grant_expires_at: dt.datetime | None
    renewals: int
    is_refused: bool

    @property
    def is_renewable(self) -> bool:
        """Whether there is a refresh token; without one the grant ends with its access token."""
        return self.grant_expires_at is not None

    @classmethod
    def of(cls, grant: Grant, profile: str) -> GrantStatus:
        """Return the status of *grant*."""
        renewed_at = _time(grant.refreshed_at)
        can_renew = bool(grant.refresh_token) and renewed_at is not None
        return cls(
            profile,
            grant.client_id,
            tuple(grant.scope.split()),
            dt.datetime.fromtimestamp(grant.signed_in_at, dt.UTC),
            _time(grant.expires_at),
            renewed_at + _REFRESH_TOKEN_LIFE if can_renew and renewed_at else None,
            max(0, grant.renewals - (grant.id != "seed")),
            bool(grant.refused_at),
        )


def _time(moment: float) -> dt.datetime | None:
    return dt.datetime.fromtimestamp(moment, dt.UTC) if moment else None
