"""Sign-ins and renewals over real connections, with a debug log."""

from __future__ import annotations

import asyncio
import base64
import logging
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from cc_async import ConstantContact, Limits, Network
from cc_async.auth import Application, SignInFlow, StoredGrant
from cc_async.errors import AuthError, ConstantContactError
from cc_async.stores import MemoryStore
from cc_async.transport import AiohttpTransport
from cc_async.wire import DeviceCode
from tests.support.granted import CALLBACK, Granted, granted

ADDRESS = "lola@example.com"


async def test_a_debug_log_of_everything_shows_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    """Sign-ins of both kinds, renewals, an outage and the end of a grant show no secret."""
    asyncio.get_running_loop().set_debug(True)
    shown: list[str] = []
    with caplog.at_level(logging.DEBUG):
        async with granted(token_calls_per_second=100, device_interval=0.0) as service:
            secrets = await live_through(service, shown)
            secrets += service.sandbox.state.grants.access_tokens
    assert len(set(secrets)) > 15
    assert "asked for a renewed sign-in: answer 200" in caplog.text
    visible = caplog.text + "".join(shown)
    assert [secret for secret in {*secrets, ADDRESS} if secret in visible] == []


async def live_through(service: Granted, shown: list[str]) -> list[str]:
    """Sign in, renew and fail; add the visible texts to *shown*; return the secrets."""
    store, transport = MemoryStore(), AiohttpTransport(service.auth_url)
    settings = service.sandbox.settings
    secrets = [settings.client_secret]
    secrets.append(
        base64.b64encode(f"{settings.client_id}:{settings.client_secret}".encode()).decode()
    )

    def flow(secret: str | None = None) -> SignInFlow:
        application = Application(settings.client_id, secret)
        return SignInFlow(application, store, transport=transport, auth_url=service.auth_url)

    for profile, secret in (("public", None), ("private", settings.client_secret)):
        pending = flow(secret).begin(CALLBACK)
        callback = await visit(pending.url)
        shown.append(repr(await flow(secret).finish(pending, callback, profile=profile)))
        with pytest.raises(AuthError) as caught:  # a code works once
            await flow(secret).finish(pending, callback, profile=profile)
        shown += [repr(caught.value), repr(pending)]
        secrets += [pending.state, *filter(None, [pending.code_verifier])]
        secrets.append(parse_qs(urlsplit(callback).query)["code"][0])

    def show(code: DeviceCode) -> None:
        shown.append(repr(code).replace(code.user_code, ""))
        secrets.append(code.device_code)

    shown.append(repr(await flow().with_device(show, profile="device")))
    grant = StoredGrant(store, transport=transport, profile="device")
    secrets += await renew_and_fail(service, grant, store, shown)
    await transport.aclose()
    return secrets


async def visit(url: str) -> str:
    """Open *url* as a browser does, and return the address it is redirected to."""
    async with (
        aiohttp.ClientSession() as browser,
        browser.get(url, allow_redirects=False) as reply,
    ):
        return reply.headers["Location"]


async def renew_and_fail(
    service: Granted, grant: StoredGrant, store: MemoryStore, shown: list[str]
) -> list[str]:
    """Renew after an expiry and after an outage, then fail; return the refresh tokens."""
    async with ConstantContact(
        grant, network=Network(base_url=service.url), limits=Limits(per_second=100), stores=store
    ) as cc:
        service.sandbox.state.grants.expire_all()
        shown.append(repr(await cc.account.get()))
        service.sandbox.faults.add("500", method="POST", path="/oauth2/default/v1/token", times=1)
        await grant.renew()
        refresh_tokens = list(service.sandbox.state.grants.refresh_tokens)
        service.sandbox.state.grants.refresh_tokens.clear()
        service.sandbox.state.grants.expire_all()
        with pytest.raises(ConstantContactError) as caught:
            await cc.account.get()
        shown += [repr(caught.value), str(caught.value), repr(grant), repr(cc.__dict__)]
    return refresh_tokens
