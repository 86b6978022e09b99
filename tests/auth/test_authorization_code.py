"""Sign-in with a browser: callbacks, codes and pending sign-ins."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from cc_async.auth import Application, SignInFlow
from cc_async.errors import AuthError, ConnectionFailedError, ServerError
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


async def test_a_program_without_a_secret_proves_itself() -> None:
    """Without a secret the verifier that follows belongs to the challenge that went ahead."""
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
    ("query", "said"),
    [
        ("code=code-1&state=other", "another sign-in"),
        ("code=code-1", "another sign-in"),
        ("code=code-1&state=%C3%BC", "another sign-in"),
        ("error=access_denied&error_description=No&state={state}", "declined"),
        ("error=invalid_scope&error_description=Unknown&state={state}", "invalid_scope: Unknown"),
        ("state={state}", "without a code"),
    ],
)
async def test_a_callback_is_checked(query: str, said: str) -> None:
    """A wrong state, a refusal and a missing code end the sign-in before anything is sent."""
    flow, transport, _ = make_flow(TOKENS)
    pending = flow.begin(CALLBACK)
    with pytest.raises(AuthError, match=said):
        await flow.finish(pending, f"{CALLBACK}?" + query.format(state=pending.state))
    assert transport.sent == []


async def test_a_code_is_tried_again_only_where_that_can_help() -> None:
    """An outage is waited out; a code that is refused is not sent again."""
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


def test_a_pending_sign_in_shows_no_secret() -> None:
    """State, verifier and the address that holds them are masked."""
    flow, _, _ = make_flow(TOKENS)
    pending = flow.begin(CALLBACK)
    assert pending.code_verifier is not None
    for secret in (pending.state, pending.code_verifier):
        assert secret not in repr(pending)
    assert isinstance(pending.url, Secret)
    assert "secret-1" not in repr(Application("client-1", "secret-1"))
