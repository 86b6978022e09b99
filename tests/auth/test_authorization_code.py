"""Sign-in with a browser: callbacks, codes and pending sign-ins."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from cc_async.auth import Application, PendingSignIn, SignInFlow
from cc_async.errors import (
    AuthError,
    ConnectionFailedError,
    ServerError,
    StoredFormatError,
    UnexpectedResponseError,
)
from cc_async.stores import MemoryStore
from cc_async.wire import Secret, code_challenge
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


async def test_a_program_without_a_secret_uses_pkce() -> None:
    """Without a secret the verifier of the second request fits the challenge of the first."""
    flow, transport, _ = make_flow(TOKENS)
    pending = flow.begin(CALLBACK)
    asked = parse_qs(urlsplit(pending.url).query)
    await flow.finish(pending, f"code=code-1&state={asked['state'][0]}")
    sent = form(transport)
    assert asked["code_challenge"] == [code_challenge(sent["code_verifier"])]
    assert 43 <= len(sent["code_verifier"]) <= 128
    assert sent["client_id"] == "client-1"
    assert "Authorization" not in transport.headers[0]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("code=code-1&state=other", "another sign-in"),
        ("code=code-1", "another sign-in"),
        ("code=code-1&state=%C3%BC", "another sign-in"),
        ("error=access_denied&error_description=No&state={state}", "declined"),
        ("error=invalid_scope&error_description=Unknown&state={state}", "invalid_scope: Unknown"),
        ("state={state}", "without a code"),
    ],
)
async def test_a_callback_is_checked(query: str, message: str) -> None:
    """A wrong state, a refusal and a missing code end the sign-in before anything is sent."""
    flow, transport, _ = make_flow(TOKENS)
    pending = flow.begin(CALLBACK)
    with pytest.raises(AuthError, match=message):
        await flow.finish(pending, f"{CALLBACK}?" + query.format(state=pending.state))
    assert transport.sent == []


async def test_a_code_is_sent_again_only_after_an_outage() -> None:
    """An outage is waited out; a refused code is not sent again."""
    flow, transport, _ = make_flow(reply(503, b""), ConnectionFailedError("no connection"), TOKENS)
    pending = flow.begin(CALLBACK)
    await flow.finish(pending, f"code=c&state={pending.state}")
    assert len(transport.sent) == 3
    flow, transport, _ = make_flow(error("invalid_grant"))
    pending = flow.begin(CALLBACK)
    with pytest.raises(AuthError, match="was not accepted"):
        await flow.finish(pending, f"code=c&state={pending.state}")
    assert len(transport.sent) == 1
    flow, transport, _ = make_flow(reply(500, b""))
    pending = flow.begin(CALLBACK)
    with pytest.raises(ServerError):
        await flow.finish(pending, f"code=c&state={pending.state}")


async def test_a_page_in_place_of_tokens_is_called_a_page() -> None:
    """A portal or a proxy that answers is no refusal of the code, and the error says what came."""
    flow, transport, _ = make_flow(reply(403, "<html><title>Hotel Wi-Fi</title></html>"))
    pending = flow.begin(CALLBACK)
    with pytest.raises(UnexpectedResponseError, match=r"a web page \(Hotel Wi-Fi\) in place of a"):
        await flow.finish(pending, f"code=c&state={pending.state}")
    assert len(transport.sent) == 3


def test_a_pending_sign_in_shows_no_secret() -> None:
    """The `repr` masks the state, the verifier and the address."""
    flow, _, _ = make_flow(TOKENS)
    pending = flow.begin(CALLBACK)
    assert pending.code_verifier is not None
    for secret in (pending.state, pending.code_verifier):
        assert secret not in repr(pending)
    assert isinstance(pending.url, Secret)
    assert "secret-1" not in repr(Application("client-1", "secret-1"))


@pytest.mark.parametrize("version", ["unversioned", "1"])
def test_pending_sign_ins_of_every_version_are_read(version: str) -> None:
    """A session from before versions is as good as one with version 1."""
    data = orjson.loads((SAMPLES / f"pending-sign-in-{version}.json").read_bytes())
    pending = PendingSignIn.from_dict(data)
    assert pending.to_dict() == {"format": 1, **data}
    assert PendingSignIn.from_dict(pending.to_dict()) == pending


def test_a_pending_sign_in_of_an_unknown_version_is_refused() -> None:
    """A session of another version is an error with a remedy."""
    with pytest.raises(StoredFormatError, match="version 2") as caught:
        PendingSignIn.from_dict({"format": 2})
    assert caught.value.hint == "Begin the sign-in again."
