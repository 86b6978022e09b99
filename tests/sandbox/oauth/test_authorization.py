"""The browser's part of a sign-in."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from tests.support.sandbox_calls import make_caller
from tests.support.sandbox_sign_in import ASKED, AUTHORIZE


def test_the_consent_page_leads_back_with_a_code() -> None:
    """A plain page has two buttons, and each redirects the browser."""
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


def test_a_foreign_page_cannot_allow() -> None:
    """A browser that comes from a foreign page gets 403."""
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
def test_an_error_goes_back_with_the_browser(params: dict[str, str], error: str) -> None:
    """A percent-encoded plus sign does not separate scopes."""
    caller = make_caller()
    reply = caller.sandbox.answer("GET", AUTHORIZE, urlencode({**ASKED, **params}), {})
    assert dict(parse_qsl(urlsplit(reply.headers["location"]).query))["error"] == error


@pytest.mark.parametrize("params", [{"client_id": "x"}, {"redirect_uri": "https://evil.example"}])
def test_an_unknown_redirect_address_is_not_used(params: dict[str, str]) -> None:
    """A page explains the error; there is no redirect."""
    caller = make_caller(redirect_uris=[ASKED["redirect_uri"]])
    reply = caller.sandbox.answer("GET", AUTHORIZE, urlencode({**ASKED, **params}), {})
    assert (reply.status, "location" in reply.headers) == (400, False)
