"""What can be told about a grant without giving it away."""

from __future__ import annotations

import datetime as dt

import attrs

from cc_async.auth._grant import Grant

_REFRESH_TOKEN_LIFE = dt.timedelta(days=180)


@attrs.frozen
class GrantStatus:
    """A grant as people see it; times are in UTC.

    `grant_expires_at` is when a refresh token that nobody uses ends: 180 days after the last
    renewal. It is `None` where there is no refresh token: then `token_expires_at` is the end.
    `is_refused`: the service takes it no more, and somebody has to sign in.
    """

    profile: str
    client_id: str
    scopes: tuple[str, ...]
    signed_in_at: dt.datetime
    token_expires_at: dt.datetime | None
    grant_expires_at: dt.datetime | None
    renewals: int
    is_refused: bool

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
