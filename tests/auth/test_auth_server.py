"""The authorization server: one request a second, and its refusals."""

from __future__ import annotations

import asyncio

import pytest

from cc_async.auth import Application, SignInFlow
from cc_async.stores import MemoryStore
from tests.support.scripted import ScriptedTransport, reply

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


async def test_requests_to_the_server_are_a_second_apart() -> None:
    """Sign-ins on a shared budget wait for their turn at the authorization server."""
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
