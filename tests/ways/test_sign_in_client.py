"""Clients with a stored sign-in, or with a refresh token from the environment."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import attrs
import pytest

from cc_async import ConstantContact, Settings
from cc_async.auth import StoredGrant, note_sign_in, open_token_store
from cc_async.errors import AuthError
from cc_async.stores import MemoryStore, open_store
from cc_async.transport import AiohttpTransport
from cc_async.wire import basic
from tests.support.granted import Granted, granted


@pytest.fixture
async def service() -> AsyncIterator[Granted]:
    async with granted(token_calls_per_second=100) as service:
        yield service


@pytest.fixture
def settings(service: Granted) -> Settings:
    return attrs.evolve(
        Settings.from_environ(),
        base_url=service.url,
        auth_url=service.auth_url,
        client_id=service.sandbox.settings.client_id,
        per_second=100,
    )


async def names_of_lists(client: ConstantContact) -> list[str | None]:
    async with client:
        return [found.name async for found in client.contact_lists.iter()]


async def test_a_stored_sign_in_lets_a_client_in(service: Granted, settings: Settings) -> None:
    """A client with a stored sign-in needs no token, and renews an expired one."""
    store = open_store(settings.token_url)
    await service.sign_in(store)
    await store.aclose()
    service.sandbox.state.grants.expire_all()
    assert await names_of_lists(ConstantContact(settings=settings)) == ["Newsletter"]
    assert service.renewals() == [200]
    assert service.sandbox.settings.client_id in await budget_keys(settings)


async def budget_keys(settings: Settings) -> str:
    """Return the text of the state file, with the keys of its budgets."""
    return (Path(settings.home) / "cc-async.sqlite3").read_bytes().decode("latin-1")


async def test_a_refresh_token_lets_a_client_in(service: Granted, settings: Settings) -> None:
    """A refresh token from the environment is used once, and its successors are stored."""
    async with aiohttp.ClientSession() as session:
        seed = await first_refresh_token(service, session)
    settings = attrs.evolve(settings, refresh_token=seed)
    for _ in range(2):
        assert await names_of_lists(ConstantContact(settings=settings)) == ["Newsletter"]
    assert service.renewals() == [200]
    service.sandbox.state.grants.expire_all()
    assert await names_of_lists(ConstantContact(settings=settings)) == ["Newsletter"]
    assert service.renewals() == [200, 200]


async def first_refresh_token(service: Granted, session: aiohttp.ClientSession) -> str:
    """Sign in by hand, with the application's secret, as the provider's guide shows it."""
    client_id, secret = service.sandbox.settings.client_id, service.sandbox.settings.client_secret
    query = {
        "client_id": client_id,
        "redirect_uri": "http://localhost/cb",
        "response_type": "code",
        "scope": "contact_data offline_access",
        "state": "s",
    }
    url = f"{service.auth_url}/authorize"
    async with session.get(url, params=query, allow_redirects=False) as reply:
        code = reply.headers["Location"].partition("code=")[2].partition("&")[0]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": "http://localhost/cb",
    }
    headers = {"Authorization": basic(client_id, secret)}
    async with session.post(f"{service.auth_url}/token", data=form, headers=headers) as reply:
        return str((await reply.json())["refresh_token"])


async def test_accounts_of_one_application_stand_side_by_side(
    service: Granted, settings: Settings
) -> None:
    """Each profile has its own grant; a renewal of one leaves the others alone."""
    store = open_store(settings.token_url)
    for profile in ("acme", "globex"):
        await service.sign_in(store, profile=profile)
    transport = AiohttpTransport(service.auth_url)
    grants = {
        profile: StoredGrant(store, transport=transport, profile=profile)
        for profile in ("acme", "globex")
    }
    before = await grants["globex"].token()
    await grants["acme"].renew()
    assert await grants["globex"].token() == before
    client = ConstantContact(settings=settings, profile="acme", stores=store)
    assert await names_of_lists(client) == ["Newsletter"]
    with pytest.raises(AuthError, match="'unknown'"):
        await names_of_lists(ConstantContact(settings=settings, profile="unknown", stores=store))
    await transport.aclose()
    await store.aclose()


async def test_a_machine_remembers_the_application(settings: Settings, service: Granted) -> None:
    """After a sign-in on this machine a client knows its application."""
    store = open_store(settings.token_url)
    await service.sign_in(store)
    await store.aclose()
    settings = attrs.evolve(settings, client_id=None)
    with pytest.raises(AuthError, match="There is no sign-in"):
        ConstantContact(settings=settings)
    await note_sign_in(settings.home, "default", service.sandbox.settings.client_id)
    assert await names_of_lists(ConstantContact(settings=settings)) == ["Newsletter"]


async def test_a_token_file_may_take_the_place_of_a_store(
    service: Granted, settings: Settings, tmp_path: Path
) -> None:
    """A plain file can keep the sign-ins while the store keeps the rest."""
    settings = attrs.evolve(settings, token_store=f"file://{tmp_path}/tokens.json")
    await service.sign_in(open_token_store(settings.token_url))
    assert await names_of_lists(ConstantContact(settings=settings)) == ["Newsletter"]


def test_a_refresh_token_needs_its_application(settings: Settings) -> None:
    """A refresh token without an API key is refused before any request."""
    settings = attrs.evolve(settings, refresh_token="refresh-1", client_id=None)
    with pytest.raises(AuthError, match="CC_ASYNC_REFRESH_TOKEN"):
        ConstantContact(settings=settings, stores=MemoryStore())
