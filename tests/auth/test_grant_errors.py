"""The errors of a caller that gets no token."""

from __future__ import annotations

import asyncio

import pytest

from cc_async.auth import Application
from cc_async.errors import (
    AuthError,
    TransportTimeoutError,
)
from cc_async.stores import MemoryStore
from tests.support.scripted import reply
from tests.support.tokens import (
    RotatingService,
    make_grant,
    signed_in,
    signed_in_grant,
)

pytestmark = pytest.mark.looptime

REVOKED = reply(400, {"error": "invalid_grant", "error_description": "No longer valid."})


WRONG_SECRET = reply(401, {"error": "invalid_client", "error_description": "The secret is wrong."})


async def test_a_refused_grant_asks_for_a_sign_in() -> None:
    """After invalid_grant the error is one sentence with the command; no request follows."""
    service, grant, _ = await signed_in_grant()
    service.faults = [REVOKED]
    for _ in range(2):
        with pytest.raises(AuthError) as caught:
            await grant.token(rejected="access-1")
    assert str(caught.value) == (
        "A person must sign in again with `cc-async login`: Constant Contact no longer accepts "
        "the stored sign-in, and no renewal was cut off."
    )
    assert len(service.requests) == 1


async def test_a_cut_off_renewal_is_named() -> None:
    """A refusal after a lost answer names the lost answer as the likely reason."""
    service, store = RotatingService(), MemoryStore()
    await signed_in(service, store, profile="acme")
    grant = make_grant(service, store, profile="acme")
    service.acts, service.faults = True, [TransportTimeoutError("too late")]
    with pytest.raises(AuthError, match=r"`cc-async login --profile acme`.* was cut off before"):
        await grant.token(rejected="access-1")


async def test_a_grant_without_offline_access_names_the_scope() -> None:
    """A grant without a refresh token works until its token ends; then the error names the scope."""
    service, store = RotatingService(lifetime=1000), MemoryStore()
    service.valid = None
    await signed_in(service, store)
    grant = make_grant(service, store)
    await asyncio.sleep(990)
    assert await grant.token() == "access-1"
    await asyncio.sleep(20)
    with pytest.raises(AuthError, match="offline_access"):
        await grant.token()


async def test_a_wrong_secret_is_no_revoked_grant() -> None:
    """After invalid_client the error names the settings; the grant works on once they are right."""
    service, grant, _ = await signed_in_grant()
    service.faults = [WRONG_SECRET]
    with pytest.raises(AuthError, match="The secret is wrong") as caught:
        await grant.token(rejected="access-1")
    assert "CC_ASYNC_CLIENT_SECRET" in caught.value.hint
    assert len(service.requests) == 1
    assert await grant.token(rejected="access-1") == "access-2"


async def test_settings_of_another_application_are_refused() -> None:
    """The sign-in of one application is not renewed as another application."""
    service, store = RotatingService(), MemoryStore()
    await signed_in(service, store)
    grant = make_grant(service, store, application=Application("client-2"))
    with pytest.raises(AuthError, match="another application"):
        await grant.token()
    assert service.requests == []
