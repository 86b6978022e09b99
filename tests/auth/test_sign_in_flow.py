"""Sign-in from the address of the consent page to the stored grant."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from cc_async.auth import Application, PendingSignIn, SignInFlow, StoredGrant
from cc_async.errors import StoredFormatError
from cc_async.stores import MemoryStore
from cc_async.testing._check_store import get, put
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
SAMPLES = Path(__file__).parents[1] / "samples" / "auth"
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


async def test_a_web_application_signs_a_user_in() -> None:
    """With a secret the address has no challenge, and the code is sent with a header."""
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
    """A new sign-in of a profile replaces the old grant."""
    flow, transport, store = make_flow(TOKENS)
    for _ in range(2):
        pending = flow.begin(CALLBACK)
        status = await flow.finish(pending, f"code=c&state={pending.state}")
    assert not status.is_refused
    grant = StoredGrant(store, transport=transport)
    assert (await grant.status()).signed_in_at == status.signed_in_at


async def test_a_sign_in_replaces_a_grant_of_an_unknown_version() -> None:
    """A grant of another version is an error with a remedy, and the remedy works."""
    flow, transport, store = make_flow(TOKENS)
    await store.update("grant:default", put({"format": 2, "key": "value"}))
    grant = StoredGrant(store, transport=transport)
    with pytest.raises(StoredFormatError, match="has version 2") as caught:
        await grant.token()
    assert "cc-async login" in caught.value.hint
    pending = flow.begin(CALLBACK)
    await flow.finish(pending, f"code=c&state={pending.state}")
    assert await grant.token() == "access-1"


async def test_a_grant_of_an_unknown_version_can_be_forgotten() -> None:
    """A sign-out deletes a grant that cannot be read."""
    _, transport, store = make_flow(TOKENS)
    await store.update("grant:default", put({"format": 2}))
    assert await StoredGrant(store, transport=transport).forget()
    assert await store.update("grant:default", get) is None


async def test_a_grant_from_before_versions_gets_one_at_its_next_change() -> None:
    """An old grant works, is not written by a look at it, and gets its version by a renewal."""
    _, transport, store = make_flow(TOKENS)
    record = orjson.loads((SAMPLES / "tokens-unversioned.json").read_bytes())["grant:default"]
    await store.update("grant:default", put(record))
    grant = StoredGrant(store, transport=transport)
    await grant.status()
    assert await store.update("grant:default", get) == record
    await grant.renew()
    assert await grant.token() == "access-1"
    assert (await store.update("grant:default", get) or {})["format"] == 1
