"""The status of a grant."""

from __future__ import annotations

import datetime as dt

import attrs

from cc_async.auth import GrantStatus
from cc_async.auth._grant import new_grant, seeded_grant
from cc_async.auth._renewal_steps import absorb_reply
from tests.support.scripted import reply

SIGNED_IN = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)
NOW = SIGNED_IN.timestamp()
REPLY = {"access_token": "access-1", "expires_in": 3600, "scope": "contact_data offline_access"}


def test_a_grant_with_a_refresh_token_lasts_half_a_year() -> None:
    """The token ends with its lifetime, the grant 180 days after its last renewal."""
    answer = reply(200, {**REPLY, "refresh_token": "refresh-1"})
    grant = absorb_reply(new_grant("one", "client-1", NOW, answer), NOW)
    status = GrantStatus.of(grant, "acme")
    assert (status.profile, status.client_id, status.renewals) == ("acme", "client-1", 0)
    assert status.scopes == ("contact_data", "offline_access")
    assert status.token_expires_at == SIGNED_IN + dt.timedelta(hours=1)
    assert status.grant_expires_at == SIGNED_IN + dt.timedelta(days=180)
    assert "access-1" not in repr(status)


def test_a_grant_without_a_refresh_token_ends_with_its_token() -> None:
    """Without a refresh token there is no later end."""
    grant = absorb_reply(new_grant("one", "client-1", NOW, reply(200, REPLY)), NOW)
    status = GrantStatus.of(grant, "acme")
    assert status.grant_expires_at is None
    assert status.token_expires_at == SIGNED_IN + dt.timedelta(hours=1)


def test_a_refused_grant_says_so() -> None:
    """A refusal shows in the status."""
    grant = attrs.evolve(seeded_grant("client-1", "refresh-1", NOW), refused_at=NOW)
    assert GrantStatus.of(grant, "default").is_refused
