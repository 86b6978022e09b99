"""The rules of a grant's life, and the forms and replies of OAuth: nothing waits here."""

from __future__ import annotations

import itertools
import pickle
from urllib.parse import parse_qs, urlsplit

import attrs
import pytest

from cc_async.auth import AccessToken, application_of
from cc_async.auth._grant import (
    NEXT_ACTION,
    Action,
    Grant,
    LeaseState,
    Renewability,
    TokenState,
    choose_action,
    keep_reply,
    margin,
    mark_sent,
    new_grant,
    next_action,
)
from cc_async.wire import (
    Refusal,
    RefusalKind,
    Reply,
    Secret,
    SecretBytes,
    TokenReply,
    authorize_url,
    basic,
    code_challenge,
    code_request,
    device_request,
    poll_request,
    read_device_reply,
    read_token_reply,
    refresh_request,
)
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
    tokens: TokenState, renewability: Renewability, lease: LeaseState
) -> tuple[Grant, float]:
    now = {TokenState.FRESH: 10.0, TokenState.ENDING: 950.0, TokenState.ENDED: 1001.0}[tokens]
    return attrs.evolve(
        GRANT,
        refused_at=5.0 if renewability is Renewability.IMPOSSIBLE else 0.0,
        holder="somebody" if lease is LeaseState.HELD else "",
        held_until=now + 30 if lease is LeaseState.HELD else 0.0,
        retry_at=now + 5 if lease is LeaseState.COOLING else 0.0,
    ), now


@pytest.mark.parametrize(
    ("tokens", "renewability", "lease"),
    list(itertools.product(TokenState, Renewability, LeaseState)),
    ids=str,
)
def test_every_situation_has_its_next_step(
    tokens: TokenState, renewability: Renewability, lease: LeaseState
) -> None:
    """Each cell of the table is reached by a grant that is in that situation."""
    grant, now = _situation(tokens, renewability, lease)
    assert choose_action(grant, now, None) is NEXT_ACTION[tokens, renewability, lease]


def test_nobody_renews_what_somebody_else_renews() -> None:
    """While a lease is held nobody gets another one."""
    held, action = next_action(GRANT, 1001.0, holder="a", rejected=None, lease=30)
    assert action is Action.RENEW
    assert next_action(held, 1002.0, holder="b", rejected=None, lease=30) == (held, Action.WAIT)
    assert next_action(held, 1032.0, holder="b", rejected=None, lease=30)[1] is Action.RENEW


def test_a_valid_token_never_asks_for_a_person() -> None:
    """Whatever happened to the grant, a token that is still good is used or renewed."""
    assert all(
        action in (Action.USE, Action.RENEW)
        for (tokens, _, _), action in NEXT_ACTION.items()
        if tokens != TokenState.ENDED
    )


def test_only_one_request_leaves_for_a_refresh_token() -> None:
    """Of two who both think the lease is theirs, the second is told no."""
    first, is_first = mark_sent(GRANT, 10.0, holder="a", refresh_token="refresh-1", lease=30)
    assert is_first
    assert mark_sent(first, 11.0, holder="b", refresh_token="refresh-1", lease=30) == (first, False)
    replied = keep_reply(first, 12.0, grant_id="one", refresh_token="refresh-1", reply=GOOD)
    assert mark_sent(replied, 50.0, holder="b", refresh_token="refresh-1", lease=30) == (
        replied,
        False,
    )
    renewed, _ = next_action(replied, 50.0, holder="b", rejected=None, lease=30)  # type: ignore[arg-type]
    assert mark_sent(renewed, 50.0, holder="b", refresh_token="refresh-1", lease=30) == (
        renewed,
        False,
    )


def test_a_request_that_nobody_finished_is_remembered() -> None:
    """Whoever takes over from a dead process notes that a renewal had been cut off."""
    first, _ = mark_sent(GRANT, 10.0, holder="a", refresh_token="refresh-1", lease=30)
    second, is_next = mark_sent(first, 50.0, holder="b", refresh_token="refresh-1", lease=30)
    assert is_next
    assert second is not None
    assert (second.unanswered_at, second.sent_at) == (10.0, 50.0)


def test_a_lifetime_counts_from_the_request() -> None:
    """A token is taken to be as old as its request; the reply's own lifetime counts."""
    first, _ = mark_sent(GRANT, 10.0, holder="a", refresh_token="refresh-1", lease=30)
    kept = keep_reply(first, 20.0, grant_id="one", refresh_token="refresh-1", reply=GOOD)
    renewed, action = next_action(kept, 21.0, holder="b", rejected="access-1", lease=30)  # type: ignore[arg-type]
    assert (action, renewed.expires_at, renewed.renewals) == (Action.USE, 1010.0, 1)


def test_a_refusal_of_a_replaced_token_says_nothing() -> None:
    """A late invalid_grant for a token that others have renewed meanwhile is dropped."""
    assert keep_reply(GRANT, 9.0, grant_id="one", refresh_token="refresh-0", reply=BAD) is GRANT
    kept = keep_reply(GRANT, 9.0, grant_id="one", refresh_token="refresh-0", reply=GOOD)
    assert kept is not None
    assert kept.reply is not None


def test_a_grant_survives_its_store() -> None:
    """A grant comes back from plain data, whatever a newer release has added to it."""
    grant = new_grant("one", "client-1", 5.0, GOOD)
    assert Grant.of({**grant.to_record(), "added_later": 1}) == grant
    assert "refresh-2" not in repr(grant)


def test_the_margin_is_never_most_of_a_life() -> None:
    """A day gives five minutes, a minute gives six seconds."""
    assert (margin(86_400), margin(60)) == (300, 6)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (reply(200, b""), RefusalKind.TRANSIENT),
        (reply(200, "<html>"), RefusalKind.TRANSIENT),
        (reply(200, {"expires_in": 5}), RefusalKind.TRANSIENT),
        (reply(200, '{"access_token":"cut'), RefusalKind.TRANSIENT),
        (reply(400, b""), RefusalKind.TRANSIENT),
        (reply(403, {"message": "Forbidden"}), RefusalKind.TRANSIENT),
        (reply(500, {"error": "invalid_grant"}), RefusalKind.TRANSIENT),
        (reply(400, {"error": "temporarily_unavailable"}), RefusalKind.TRANSIENT),
        (reply(429, {"errorCode": "E0000047"}), RefusalKind.THROTTLED),
        (BAD, RefusalKind.REVOKED),
        (reply(401, {"error": "invalid_client"}), RefusalKind.MISCONFIGURED),
        (reply(401, {"errorCode": "invalid_client"}), RefusalKind.MISCONFIGURED),
        (reply(400, {"error": "invalid_scope"}), RefusalKind.MISCONFIGURED),
        (reply(400, {"error": "authorization_pending"}), RefusalKind.PENDING),
        (reply(400, {"error": "slow_down"}), RefusalKind.SLOW_DOWN),
        (reply(400, {"error": "expired_token"}), RefusalKind.EXPIRED),
        (reply(400, {"error": "access_denied"}), RefusalKind.DENIED),
    ],
)
def test_only_a_clear_no_is_a_no(answer: Reply, kind: RefusalKind) -> None:
    """Empty, unreadable and overloaded answers say nothing about a grant."""
    read = read_token_reply(answer)
    assert isinstance(read, Refusal)
    assert read.kind is kind


def test_a_token_reply_is_read_as_it_comes() -> None:
    """Lifetimes may be text, scopes a list, and a missing lifetime is the usual day."""
    read = read_token_reply(
        reply(200, {"access_token": "a", "expires_in": "28800", "scope": ["x", "y"]})
    )
    assert read == TokenReply(Secret("a"), 28_800.0, "x y", None)
    read = read_token_reply(reply(200, {"access_token": "a"}))
    assert isinstance(read, TokenReply)
    assert read.expires_in == 86_400.0
    assert "'a'" not in repr(read)


def test_the_forms_are_those_of_the_service() -> None:
    """Secrets travel in bodies, percent-encoded; a public application names itself there."""
    refresh = refresh_request("a/b c", client_id="me")
    assert (refresh.path, refresh.query) == ("/token", "")
    assert refresh.body == b"grant_type=refresh_token&refresh_token=a%2Fb%20c&client_id=me"
    code = code_request("c0de", "https://app.example.com/cb", client_id=None, verifier=None)
    assert parse_qs((code.body or b"").decode()) == {
        "grant_type": ["authorization_code"],
        "code": ["c0de"],
        "redirect_uri": ["https://app.example.com/cb"],
    }
    assert b"scope=contact_data%20offline_access" in (
        device_request("me", ("contact_data", "offline_access")).body or b""
    )
    assert b"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code" in (
        poll_request("me", "dev").body or b""
    )
    assert basic("CLIENT_ID", "CLIENT_SECRET") == "Basic Q0xJRU5UX0lEOkNMSUVOVF9TRUNSRVQ="


def test_pkce_is_that_of_the_standard() -> None:
    """The challenge is that of RFC 7636's own example."""
    assert (
        code_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    )


def test_the_address_of_a_sign_in() -> None:
    """Scopes are joined by an encoded blank, and a fresh sign-in can be asked for."""
    url = authorize_url(
        "https://auth.example.com/v1/",
        client_id="me",
        redirect_uri="https://app.example.com/cb",
        scopes=("contact_data", "offline_access"),
        state="s",
        challenge="c",
        fresh=True,
    )
    assert "scope=contact_data%20offline_access" in url
    assert urlsplit(url).path == "/v1/authorize"
    params = parse_qs(urlsplit(url).query)
    assert params["code_challenge_method"] == ["S256"]
    assert params["prompt"] == ["login"]


def test_a_device_reply_may_leave_things_out() -> None:
    """Without an interval it is five seconds, and either address will do."""
    read = read_device_reply(
        reply(200, {"device_code": "d", "user_code": "U", "verification_uri": "https://x/activate"})
    )
    assert not isinstance(read, Refusal)
    assert (read.interval, read.expires_in) == (5.0, 600.0)
    assert read.verification_uri_complete == "https://x/activate"
    assert isinstance(read_device_reply(reply(200, b"")), Refusal)


def test_secrets_are_masked_and_still_work() -> None:
    """A secret prints as stars where locals are shown, and is itself everywhere else."""
    secret = Secret("abc")
    assert repr([secret, {"k": secret}, SecretBytes(b"abc")]) == "['***', {'k': '***'}, b'***']"
    assert (str(secret), f"Bearer {secret}", secret == "abc") == ("abc", "Bearer abc", True)
    assert pickle.loads(pickle.dumps(secret)) == "abc"
    assert isinstance(pickle.loads(pickle.dumps(secret)), Secret)


async def test_a_plain_token_is_masked_too() -> None:
    """What an `AccessToken` hands out is masked by its own type."""
    assert repr(await AccessToken("abc").token()) == "'***'"


def test_the_application_is_known_by_the_token() -> None:
    """`cid` names it; a token that says nothing gets a name that does not give it away."""
    assert application_of("x.eyJjaWQiOiAibXktYXBwIn0.y") == "my-app"
    assert "abc" not in application_of("abc")
