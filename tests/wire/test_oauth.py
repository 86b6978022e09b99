"""The forms and replies of OAuth."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from cc_async.wire import (
    RefusalKind,
    Reply,
    Secret,
    TokenRefusal,
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

BAD = reply(400, {"error": "invalid_grant", "error_description": "No."})


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
def test_only_a_clear_refusal_is_final(answer: Reply, kind: RefusalKind) -> None:
    """Empty, unreadable and overloaded answers say nothing about a grant."""
    read = read_token_reply(answer)
    assert isinstance(read, TokenRefusal)
    assert read.kind is kind


def test_a_token_reply_is_read_as_it_comes() -> None:
    """A lifetime may be text, a scope may be a list, and a missing lifetime is a day."""
    read = read_token_reply(
        reply(200, {"access_token": "a", "expires_in": "28800", "scope": ["x", "y"]})
    )
    assert read == TokenReply(Secret("a"), 28_800.0, "x y", None)
    read = read_token_reply(reply(200, {"access_token": "a"}))
    assert isinstance(read, TokenReply)
    assert read.expires_in == 86_400.0
    assert "'a'" not in repr(read)


def test_the_forms_are_those_of_the_service() -> None:
    """Secrets travel in bodies, percent-encoded; an application without a secret adds its id."""
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
    assert not isinstance(read, TokenRefusal)
    assert (read.interval, read.expires_in) == (5.0, 600.0)
    assert read.verification_uri_complete == "https://x/activate"
    assert isinstance(read_device_reply(reply(200, b"")), TokenRefusal)


@pytest.mark.parametrize("name", ["access_token", "refresh_token"])
@pytest.mark.parametrize("token", ["a\r\nX-Evil: 1", "a b", "a\x00", "ä", 5, ["a"], {"a": 1}])
def test_a_token_that_fits_no_header_is_no_token(name: str, token: object) -> None:
    """Tokens with line breaks, blanks or other letters, and values that are no text."""
    found = read_token_reply(reply(200, {"access_token": "good", name: token}))
    assert isinstance(found, TokenRefusal)
    assert found.kind is RefusalKind.TRANSIENT


@pytest.mark.parametrize("seconds", [1e308, 10**15, "1e30", "inf", "nan", -5, [60], {}, True])
def test_a_lifetime_that_no_date_can_hold_is_the_usual_one(seconds: object) -> None:
    """An odd lifetime never puts the end of a token or a code behind all dates."""
    tokens = read_token_reply(reply(200, {"access_token": "a", "expires_in": seconds}))
    assert isinstance(tokens, TokenReply)
    assert 0 < tokens.expires_in <= 86_400.0
    code = {"device_code": "d", "verification_uri": "https://x", "expires_in": seconds}
    device = read_device_reply(reply(200, {**code, "interval": seconds}))
    assert not isinstance(device, TokenRefusal)
    assert (0 < device.expires_in <= 600.0, 0 < device.interval <= 5.0) == (True, True)
