"""Sign-in on another device."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest

from cc_async.auth import Application, SignInFlow, StoredGrant
from cc_async.auth._device import next_interval
from cc_async.errors import AuthError, TransportTimeoutError, UnexpectedResponseError
from cc_async.stores import MemoryStore
from cc_async.wire import DeviceCode, RefusalKind
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


async def test_the_service_sets_the_interval_of_questions() -> None:
    """Five seconds between questions, five more after slow_down, until the user consents."""
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
    ("answers", "message"),
    [
        ((error("access_denied"),), "declined"),
        ((error("expired_token"),), "ran out"),
        ((error("authorization_pending"),), "ran out"),
        ((error("invalid_client", 401),), "does not accept the application"),
    ],
)
async def test_a_device_sign_in_can_fail(answers: tuple[Answer, ...], message: str) -> None:
    """A refusal, a late answer and a wrong application have their own errors, and nothing is stored."""
    flow, _, store = make_flow(DEVICE, *answers)
    with pytest.raises(AuthError, match=message):
        await flow.with_device(lambda code: None)
    with pytest.raises(AuthError, match="There is no sign-in"):
        await StoredGrant(store, transport=ScriptedTransport(TOKENS)).status()


async def test_a_device_sign_in_must_be_enabled() -> None:
    """After a refusal of the first request the error names the developer portal."""
    flow, transport, _ = make_flow(error("unauthorized_client"))
    with pytest.raises(AuthError) as caught:
        await flow.with_device(lambda code: None)
    assert "developer portal" in caught.value.hint
    assert len(transport.sent) == 1


async def test_an_outage_only_delays_a_device_sign_in() -> None:
    """After an empty, a throttled and a lost answer the next question comes later."""
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


async def test_a_page_to_the_end_of_a_device_sign_in_is_called_a_page() -> None:
    """If the last answer was a page, the user was not too slow, and the error does not say so."""
    flow, _, _ = make_flow(DEVICE, reply(200, "<html><title>Hotel Wi-Fi</title></html>"))
    with pytest.raises(UnexpectedResponseError, match=r"a web page \(Hotel Wi-Fi\)"):
        await flow.with_device(lambda code: None)


def test_the_interval_follows_the_last_answer() -> None:
    """A lost answer doubles the interval up to a minute; a clear refusal ends the questions."""
    assert next_interval(None, 5.0) == 10.0
    assert next_interval(None, 50.0) == 60.0
    assert next_interval(RefusalKind.SLOW_DOWN, 5.0) == 10.0
    assert next_interval(RefusalKind.REVOKED, 5.0) is None
