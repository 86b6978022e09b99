"""Signing in to the sandbox: codes, PKCE, devices, and both kinds of refresh token."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import orjson
import pytest

from cc_async.wire import Reply
from tests.support.sandbox_calls import Caller, make_caller

TOKEN = "/oauth2/default/v1/token"
AUTHORIZE = "/oauth2/default/v1/authorize"
BASIC = {"Authorization": "Basic " + base64.b64encode(b"sandbox-client:sandbox-secret").decode()}
ASKED = {
    "client_id": "sandbox-client",
    "redirect_uri": "https://app.example.com/callback",
    "response_type": "code",
    "scope": "contact_data offline_access",
    "state": "9f1c2e7ab0",
}
# The pair of RFC 7636.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def post(
    caller: Caller, path: str, form: dict[str, str], headers: dict[str, str] | None = None
) -> Reply:
    """Send a form, a second after the one before."""
    caller.sandbox.clock.advance(1)
    sent = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
    return caller.sandbox.answer("POST", path, "", sent, urlencode(form).encode())


def said(reply: Reply) -> tuple[int, Any]:
    """Return status and value of an answer."""
    return reply.status, orjson.loads(reply.body)


def code_of(caller: Caller, **params: str) -> str:
    """Return the code that allowing gives."""
    query = urlencode({**ASKED, **params})
    reply = caller.sandbox.answer("GET", AUTHORIZE, query, {})
    return dict(parse_qsl(urlsplit(reply.headers["location"]).query))["code"]


def tokens(caller: Caller, **params: str) -> Any:
    """Sign in with a secret, and return the tokens."""
    form = {
        "grant_type": "authorization_code",
        "code": code_of(caller, **params),
        "redirect_uri": ASKED["redirect_uri"],
    }
    status, pair = said(post(caller, TOKEN, form, BASIC))
    assert status == 200
    return pair


def refresh(caller: Caller, token: str) -> tuple[int, Any]:
    """Refresh as a confidential application does."""
    form = {"grant_type": "refresh_token", "refresh_token": token}
    return said(post(caller, TOKEN, form, BASIC))


def get_lists(caller: Caller, access_token: str) -> int:
    """Return the status of a call with this token."""
    headers = {"authorization": f"Bearer {access_token}"}
    return caller.sandbox.answer("GET", "/v3/contact_lists", "", headers).status


def test_a_person_is_asked_and_the_browser_goes_back_with_a_code() -> None:
    """A plain page with two buttons; what is pressed decides where the browser goes."""
    caller = make_caller()
    query = urlencode(ASKED)
    page = caller.sandbox.answer("GET", AUTHORIZE, query, {})
    assert page.status == 200
    assert page.headers["content-type"].startswith("text/html")
    for word in (b"Allow", b"Deny", b"contact_data", b'method="post"'):
        assert word in page.body
    sent = {"Content-Type": "application/x-www-form-urlencoded"}
    allowed = caller.sandbox.answer("POST", AUTHORIZE, query, sent, b"decision=allow")
    assert allowed.status == 302
    back = urlsplit(allowed.headers["location"])
    assert (back.netloc, back.path) == ("app.example.com", "/callback")
    assert dict(parse_qsl(back.query)).keys() == {"code", "state"}
    denied = caller.sandbox.answer("POST", AUTHORIZE, query, sent, b"decision=deny")
    answer = dict(parse_qsl(urlsplit(denied.headers["location"]).query))
    assert (answer["error"], answer["state"]) == ("access_denied", ASKED["state"])


def test_a_page_of_somebody_else_cannot_press_allow() -> None:
    """A browser that comes from another page is sent away."""
    caller = make_caller()
    sent = {"Content-Type": "application/x-www-form-urlencoded", "Host": "localhost:8080"}
    for header in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        reply = caller.sandbox.answer(
            "POST", AUTHORIZE, urlencode(ASKED), {**sent, **header}, b"decision=allow"
        )
        assert reply.status == 403


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"scope": "contact_data+offline_access"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
    ],
)
def test_what_is_wrong_goes_back_with_the_browser(params: dict[str, str], error: str) -> None:
    """A plus sign that was percent-encoded is no separator of scopes."""
    caller = make_caller()
    reply = caller.sandbox.answer("GET", AUTHORIZE, urlencode({**ASKED, **params}), {})
    assert dict(parse_qsl(urlsplit(reply.headers["location"]).query))["error"] == error


@pytest.mark.parametrize("params", [{"client_id": "x"}, {"redirect_uri": "https://evil.example"}])
def test_nobody_is_sent_to_an_address_that_is_not_the_applications(params: dict[str, str]) -> None:
    """A page says what is wrong; there is no redirect."""
    caller = make_caller(redirect_uris=[ASKED["redirect_uri"]])
    reply = caller.sandbox.answer("GET", AUTHORIZE, urlencode({**ASKED, **params}), {})
    assert (reply.status, "location" in reply.headers) == (400, False)


def test_a_code_becomes_tokens_once_and_within_five_minutes() -> None:
    """The access token has the shape of a signed one and opens the API for a day."""
    caller = make_caller(consent="allowed")
    pair = tokens(caller)
    assert (pair["token_type"], pair["expires_in"]) == ("Bearer", 86_400)
    assert set(pair["scope"].split()) == {"contact_data", "offline_access"}
    assert 1_000 <= len(pair["access_token"]) <= 1_200
    assert len(pair["refresh_token"]) == 42
    claims = orjson.loads(base64.urlsafe_b64decode(pair["access_token"].split(".")[1] + "=="))
    assert (claims["cid"], claims["aud"]) == ("sandbox-client", "https://api.cc.email/v3")
    assert get_lists(caller, pair["access_token"]) == 200
    caller.sandbox.clock.advance(86_400)
    assert get_lists(caller, pair["access_token"]) == 401

    code = code_of(caller)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": "https://x.example"}
    assert said(post(caller, TOKEN, form, BASIC))[1]["error"] == "invalid_grant"
    form["redirect_uri"] = ASKED["redirect_uri"]
    assert said(post(caller, TOKEN, form, BASIC))[1]["error"] == "invalid_grant"
    form["code"] = code_of(caller)
    caller.sandbox.clock.advance(300)
    assert said(post(caller, TOKEN, form, BASIC))[0] == 400


def test_without_offline_access_there_is_no_refresh_token() -> None:
    """No error, only no refresh token; and a scope that was not granted opens nothing."""
    caller = make_caller(consent="allowed")
    pair = tokens(caller, scope="account_read")
    assert "refresh_token" not in pair
    assert get_lists(caller, pair["access_token"]) == 403


def test_pkce_needs_the_verifier_and_no_secret() -> None:
    """The documented pair works, another verifier does not, and none without a challenge."""
    caller = make_caller(consent="allowed")
    challenge = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    form = {
        "client_id": "sandbox-client",
        "grant_type": "authorization_code",
        "redirect_uri": ASKED["redirect_uri"],
    }
    for verifier, status in ((VERIFIER, 200), (VERIFIER[::-1], 400), ("", 400)):
        proof = {"code": code_of(caller, **challenge), "code_verifier": verifier}
        assert post(caller, TOKEN, {**form, **proof}).status == status
    status, answer = said(post(caller, TOKEN, {**form, "code": code_of(caller)}))
    assert (status, answer["error"]) == (401, "invalid_client")


def test_a_rotating_token_works_once_and_reuse_kills_the_family() -> None:
    """Whoever sends an old one again ends the sign-in for everybody."""
    caller = make_caller(consent="allowed")
    first = tokens(caller)["refresh_token"]
    status, pair = refresh(caller, first)
    assert status == 200
    assert pair["refresh_token"] != first
    assert get_lists(caller, pair["access_token"]) == 200
    status, answer = refresh(caller, first)
    assert (status, answer["error"]) == (400, "invalid_grant")
    assert refresh(caller, pair["refresh_token"])[0] == 400
    assert refresh(caller, "nothing")[1]["error"] == "invalid_grant"


def test_a_long_lived_token_stays_the_same_while_it_is_used() -> None:
    """It expires after 180 days without use."""
    caller = make_caller(consent="allowed", refresh_tokens="long_lived")
    token = tokens(caller)["refresh_token"]
    for _ in range(2):
        caller.sandbox.clock.advance(179 * 86_400)
        status, pair = refresh(caller, token)
        assert (status, pair["refresh_token"]) == (200, token)
    caller.sandbox.clock.advance(180 * 86_400)
    assert refresh(caller, token)[0] == 400


def test_a_public_application_names_itself_in_the_form() -> None:
    """No Basic header; a wrong secret and an unknown application are told apart from tokens."""
    caller = make_caller(consent="allowed")
    token = tokens(caller)["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": token}
    wrong = {"Authorization": "Basic " + base64.b64encode(b"sandbox-client:no").decode()}
    for headers, client in ((wrong, ""), ({}, "nobody"), ({"Authorization": "Basic ?"}, "")):
        status, answer = said(post(caller, TOKEN, {**form, "client_id": client}, headers))
        assert (status, answer["error"]) == (401, "invalid_client")
    status, _ = said(post(caller, TOKEN, {**form, "client_id": "sandbox-client"}))
    assert status == 200


def test_parameters_may_stand_in_the_query() -> None:
    """As the guide shows them."""
    caller = make_caller(consent="allowed")
    token = tokens(caller)["refresh_token"]
    caller.sandbox.clock.advance(1)
    query = urlencode({"grant_type": "refresh_token", "refresh_token": token})
    assert caller.sandbox.answer("POST", TOKEN, query, BASIC).status == 200


def test_a_device_waits_for_its_person() -> None:
    """Pending, too fast, allowed: each with its word; the code works once."""
    caller = make_caller()
    asked = {"client_id": "sandbox-client", "scope": "contact_data offline_access"}
    status, device = said(
        post(caller, "/oauth2/default/v1/device/authorize", asked, {"Host": "localhost:9"})
    )
    assert (status, device["interval"], len(device["user_code"])) == (200, 5, 8)
    assert device["verification_uri_complete"].startswith("http://localhost:9/activate?user_code=")
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "client_id": "sandbox-client",
        "device_code": device["device_code"],
    }
    assert said(post(caller, TOKEN, form)) == (
        400,
        {
            "error": "authorization_pending",
            "error_description": "The device authorization is pending. Please try again later.",
        },
    )
    assert said(post(caller, TOKEN, form))[1]["error"] == "slow_down"
    query = urlencode({"user_code": device["user_code"].lower()})
    assert b"Allow" in caller.sandbox.answer("GET", "/activate", query, {}).body
    sent = {"Content-Type": "application/x-www-form-urlencoded"}
    assert caller.sandbox.answer("POST", "/activate", query, sent, b"decision=allow").status == 200
    status, pair = said(post(caller, TOKEN, form))
    assert (status, "refresh_token" in pair) == (200, True)
    assert said(post(caller, TOKEN, form))[1]["error"] == "invalid_grant"
    assert caller.sandbox.answer("GET", "/activate", "user_code=NOTHING", {}).status == 404


@pytest.mark.parametrize(("wait", "error"), [(0, "access_denied"), (600, "expired_token")])
def test_a_device_may_be_denied_or_forgotten(wait: float, error: str) -> None:
    """Both end the waiting."""
    caller = make_caller(consent="denied")
    asked = {"client_id": "sandbox-client", "scope": "contact_data"}
    device = said(post(caller, "/oauth2/default/v1/device/authorize", asked))[1]
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "client_id": "sandbox-client",
        "device_code": device["device_code"],
    }
    caller.sandbox.clock.advance(wait)
    assert said(post(caller, TOKEN, form))[1]["error"] == error


def test_the_token_endpoint_takes_one_call_a_second() -> None:
    """429 in the identity server's own words."""
    caller = make_caller()
    form = {"grant_type": "password"}
    assert said(post(caller, TOKEN, form))[1]["error"] == "unsupported_grant_type"
    reply = caller.sandbox.answer("POST", TOKEN, "", {}, b"")
    assert (reply.status, "errorCode" in orjson.loads(reply.body)) == (429, True)


def test_secrets_do_not_show_in_what_is_remembered() -> None:
    """Neither in the form nor in the query, the headers or the answer."""
    caller = make_caller(consent="allowed")
    pair = tokens(caller)
    refresh(caller, pair["refresh_token"])
    seen = "".join(
        f"{one.query}{one.headers}{one.body!r}{one.reply_body!r}" for one in caller.sandbox.received
    )
    assert "refresh_token=***" in seen
    for secret in (pair["access_token"], pair["refresh_token"], BASIC["Authorization"][6:]):
        assert secret not in seen
