"""Signing in: by a device code, and by a code that a browser brings back."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs, urlsplit

import pytest

from cc_async.auth import Application, PendingSignIn, SignInFlow, StoredGrant
from cc_async.auth._device import next_interval
from cc_async.errors import AuthError, ConnectionFailedError, ServerError, TransportTimeoutError
from cc_async.stores import MemoryStore
from cc_async.wire import DeviceCode, RefusalKind, Secret, code_challenge
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
DEVICE = reply(
    200,
    {
        "device_code": "device-1",
        "user_code": "BDWPHQPK",
        "verification_uri": "https://identity.example.com/activate",
        "verification_uri_complete": "https://identity.example.com/activate?user_code=BDWPHQPK",
        "expires_in": 600,
        "interval": 5,
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


async def test_a_device_is_asked_in_its_own_interval() -> None:
    """Five seconds between questions, five more after slow_down, until somebody says yes."""
    pending, slower = error("authorization_pending"), error("slow_down")
    flow, transport, store = make_flow(DEVICE, pending, slower, pending, TOKENS)
    shown: list[DeviceCode] = []
    status = await flow.with_device(shown.append, profile="acme")
    assert shown[0].user_code == "BDWPHQPK"
    gaps = [after - before for before, after in zip(transport.at, transport.at[1:], strict=False)]
    assert gaps == [5.0, 5.0, 10.0, 10.0]
    assert form(transport)["device_code"] == "device-1"
    assert (status.profile, status.scopes) == ("acme", ("contact_data", "offline_access"))
    assert await StoredGrant(store, transport=transport, profile="acme").token() == "access-1"


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ((error("access_denied"),), "declined"),
        ((error("expired_token"),), "ran out"),
        ((error("authorization_pending"),), "ran out"),
        ((error("invalid_client", 401),), "does not accept the application"),
    ],
)
async def test_a_device_sign_in_can_fail(answers: tuple[Answer, ...], said: str) -> None:
    """Refused, run out and misconfigured are told apart, and nothing is kept."""
    flow, _, store = make_flow(DEVICE, *answers)
    with pytest.raises(AuthError, match=said):
        await flow.with_device(lambda code: None)
    with pytest.raises(AuthError, match="Nobody has signed in"):
        await StoredGrant(store, transport=ScriptedTransport(TOKENS)).status()


async def test_a_device_sign_in_that_is_not_enabled_says_so() -> None:
    """When the first request is refused, the error names the portal."""
    flow, transport, _ = make_flow(error("unauthorized_client"))
    with pytest.raises(AuthError) as caught:
        await flow.with_device(lambda code: None)
    assert "developer portal" in caught.value.hint
    assert len(transport.sent) == 1


async def test_a_device_sign_in_outlives_outages() -> None:
    """Empty answers, refusals for speed and lost ones only delay the next question."""
    flow, transport, _ = make_flow(
        reply(503, b""),
        DEVICE,
        reply(200, b""),
        reply(429, b""),
        TransportTimeoutError("no answer"),
        TOKENS,
    )
    await flow.with_device(lambda code: None)
    assert len(transport.sent) == 6
    assert transport.at[-1] - transport.at[-2] == 10.0


def test_the_next_question_is_a_rule() -> None:
    """No answer doubles the interval up to a minute; a clear no ends the questions."""
    assert next_interval(None, 5.0) == 10.0
    assert next_interval(None, 50.0) == 60.0
    assert next_interval(RefusalKind.SLOW_DOWN, 5.0) == 10.0
    assert next_interval(RefusalKind.REVOKED, 5.0) is None


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


async def test_signing_in_again_replaces_the_grant() -> None:
    """A new sign-in of a profile takes the place of a refused one."""
    flow, transport, store = make_flow(TOKENS)
    for _ in range(2):
        pending = flow.begin(CALLBACK)
        status = await flow.finish(pending, f"code=c&state={pending.state}")
    assert not status.is_refused
    grant = StoredGrant(store, transport=transport)
    assert (await grant.status()).signed_in_at == status.signed_in_at


def test_a_pending_sign_in_shows_no_secret() -> None:
    """State, verifier and the address that holds them are masked."""
    flow, _, _ = make_flow(TOKENS)
    pending = flow.begin(CALLBACK)
    assert pending.code_verifier is not None
    for secret in (pending.state, pending.code_verifier):
        assert secret not in repr(pending)
    assert isinstance(pending.url, Secret)
    assert "secret-1" not in repr(Application("client-1", "secret-1"))


async def test_a_sign_in_takes_turns_with_renewals() -> None:
    """Requests to the authorization server are a second apart, sign-ins among them."""
    transport, store = ScriptedTransport(TOKENS), MemoryStore()
    flows = [
        SignInFlow(Application("client-1"), store, transport=transport, budget_store=store)
        for _ in range(3)
    ]

    async def sign_in(flow: SignInFlow) -> None:
        pending = flow.begin(CALLBACK)
        await flow.finish(pending, f"code=c&state={pending.state}")

    await asyncio.gather(*map(sign_in, flows))
    assert transport.at[1] >= 1.0
    assert transport.at[2] >= 2.0
