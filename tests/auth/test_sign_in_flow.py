"""Signing in: by a device code, and by a code that a browser brings back."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from cc_async.auth import Application, PendingSignIn, SignInFlow, StoredGrant
from cc_async.stores import MemoryStore
from tests.support.scripted import Answer, ScriptedTransport, reply

pytestmark = pytest.mark.looptime

TOKENS = reply(
    200,
    {
        "access_token": "access-1",
        "expires_in": 86400,
        "scope": "contact_data offline_access",
        "refresh_token": "refresh-1",
    },
)
CALLBACK = "https://app.example.com/callback"


def error(name: str, status: int = 400) -> Answer:
    return reply(status, {"error": name, "error_description": "Words."})


def make_flow(
    *answers: Answer, secret: str | None = None
) -> tuple[SignInFlow, ScriptedTransport, MemoryStore]:
    transport, store = ScriptedTransport(*answers), MemoryStore()
    flow = SignInFlow(Application("client-1", secret), store, transport=transport)
    return flow, transport, store


def form(transport: ScriptedTransport, number: int = -1) -> dict[str, str]:
    body = transport.sent[number].body or b""
    return {name: values[0] for name, values in parse_qs(body.decode()).items()}


# --- another device -----------------------------------------------------------------------


# --- a browser ----------------------------------------------------------------------------


async def test_a_web_application_signs_people_in() -> None:
    """With a secret: the address has no challenge, the code goes out with a header."""
    flow, transport, store = make_flow(TOKENS, secret="secret-1")
    pending = flow.begin(CALLBACK, scopes=("contact_data",))
    asked = parse_qs(urlsplit(pending.url).query)
    assert "code_challenge" not in asked
    again = PendingSignIn.from_dict(pending.to_dict())
    state = asked["state"][0]
    status = await flow.finish(again, f"{CALLBACK}?code=code-1&state={state}", profile="acme")
    assert transport.headers[0]["Authorization"].startswith("Basic ")
    assert form(transport) == {
        "grant_type": "authorization_code",
        "code": "code-1",
        "redirect_uri": CALLBACK,
    }
    assert status.client_id == "client-1"
    assert status.grant_expires_at is not None
    assert await StoredGrant(store, transport=transport, profile="acme").token() == "access-1"


async def test_signing_in_again_replaces_the_grant() -> None:
    """A new sign-in of a profile takes the place of a refused one."""
    flow, transport, store = make_flow(TOKENS)
    for _ in range(2):
        pending = flow.begin(CALLBACK)
        status = await flow.finish(pending, f"code=c&state={pending.state}")
    assert not status.is_refused
    grant = StoredGrant(store, transport=transport)
    assert (await grant.status()).signed_in_at == status.signed_in_at
