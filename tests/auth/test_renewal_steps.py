"""The rules of a renewal: pure steps on a grant."""

from __future__ import annotations

import itertools

import attrs
import pytest

from cc_async.auth._grant import Grant
from cc_async.auth._renewal_steps import (
    NEXT_ACTION,
    Action,
    LeaseState,
    Renewability,
    TokenState,
    choose_action,
    keep_reply,
    margin,
    mark_sent,
    next_action,
)
from cc_async.wire import Secret
from tests.support.scripted import reply

GOOD = reply(
    200,
    {
        "token_type": "Bearer",
        "expires_in": 1000,
        "access_token": "access-2",
        "scope": "contact_data offline_access",
        "refresh_token": "refresh-2",
    },
)
BAD = reply(400, {"error": "invalid_grant", "error_description": "No."})
GRANT = Grant("one", "client-1", 0.0, Secret("access-1"), 1000.0, 1000.0, Secret("refresh-1"), 0.0)


def _situation(
    token: TokenState, renewability: Renewability, lease: LeaseState
) -> tuple[Grant, float]:
    now = {TokenState.FRESH: 10.0, TokenState.ENDING: 950.0, TokenState.ENDED: 1001.0}[token]
    return attrs.evolve(
        GRANT,
        refused_at=5.0 if renewability is Renewability.IMPOSSIBLE else 0.0,
        holder="another" if lease is LeaseState.HELD else "",
        held_until=now + 30 if lease is LeaseState.HELD else 0.0,
        retry_at=now + 5 if lease is LeaseState.COOLING else 0.0,
    ), now


@pytest.mark.parametrize(
    ("token", "renewability", "lease"),
    list(itertools.product(TokenState, Renewability, LeaseState)),
    ids=str,
)
def test_every_situation_has_its_action(
    token: TokenState, renewability: Renewability, lease: LeaseState
) -> None:
    """A grant in each situation of the table gets the action of that row."""
    grant, now = _situation(token, renewability, lease)
    assert choose_action(grant, now, None) is NEXT_ACTION[token, renewability, lease]


def test_a_held_lease_is_given_to_no_other_holder() -> None:
    """A second holder waits until the first lease has run out."""
    held, action = next_action(GRANT, 1001.0, holder="a", rejected=None, lease=30)
    assert action is Action.RENEW
    assert next_action(held, 1002.0, holder="b", rejected=None, lease=30) == (held, Action.WAIT)
    assert next_action(held, 1032.0, holder="b", rejected=None, lease=30)[1] is Action.RENEW


def test_a_valid_token_never_asks_for_a_sign_in() -> None:
    """In every situation with a valid token the action is to use or to renew it."""
    assert all(
        action in (Action.USE, Action.RENEW)
        for (token, _, _), action in NEXT_ACTION.items()
        if token != TokenState.ENDED
    )


def test_only_one_request_leaves_for_a_refresh_token() -> None:
    """Of two holders that both take the lease for their own, only the first may send."""
    first, is_first = mark_sent(GRANT, 10.0, holder="a", refresh_token="refresh-1", lease=30)
    assert is_first
    again = mark_sent(first, 11.0, holder="b", refresh_token="refresh-1", lease=30)
    assert again == (first, False)
    replied = keep_reply(first, 12.0, grant_id="one", refresh_token="refresh-1", reply=GOOD)
    again = mark_sent(replied, 50.0, holder="b", refresh_token="refresh-1", lease=30)
    assert again == (replied, False)
    assert replied is not None
    renewed, _ = next_action(replied, 50.0, holder="b", rejected=None, lease=30)
    again = mark_sent(renewed, 50.0, holder="b", refresh_token="refresh-1", lease=30)
    assert again == (renewed, False)


def test_a_cut_off_renewal_is_remembered() -> None:
    """The next holder notes the time of a request whose answer was never stored."""
    first, _ = mark_sent(GRANT, 10.0, holder="a", refresh_token="refresh-1", lease=30)
    second, is_next = mark_sent(first, 50.0, holder="b", refresh_token="refresh-1", lease=30)
    assert is_next
    assert second is not None
    assert (second.unanswered_at, second.sent_at) == (10.0, 50.0)


def test_a_lifetime_counts_from_the_request() -> None:
    """A token is as old as its request, and lives for the time in the reply."""
    first, _ = mark_sent(GRANT, 10.0, holder="a", refresh_token="refresh-1", lease=30)
    kept = keep_reply(first, 20.0, grant_id="one", refresh_token="refresh-1", reply=GOOD)
    assert kept is not None
    renewed, action = next_action(kept, 21.0, holder="b", rejected="access-1", lease=30)
    assert (action, renewed.expires_at, renewed.renewals) == (Action.USE, 1010.0, 1)


def test_a_refusal_of_a_replaced_token_is_dropped() -> None:
    """A late refusal for an older refresh token changes nothing; late tokens are kept."""
    assert keep_reply(GRANT, 9.0, grant_id="one", refresh_token="refresh-0", reply=BAD) is GRANT
    kept = keep_reply(GRANT, 9.0, grant_id="one", refresh_token="refresh-0", reply=GOOD)
    assert kept is not None
    assert kept.reply is not None


def test_the_margin_is_a_small_part_of_a_life() -> None:
    """A token of a day is renewed five minutes before its end, one of a minute six seconds."""
    assert (margin(86_400), margin(60)) == (300, 6)
