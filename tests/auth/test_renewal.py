"""One renewal: outages, cancellation, and a store that fails."""

from __future__ import annotations

import asyncio

import pytest

from cc_async.errors import (
    AuthError,
    StoreError,
    TransportError,
)
from cc_async.stores import MemoryStore
from tests.support.tokens import (
    APPLICATION_WITH_SECRET,
    CLIENT_ID,
    RotatingService,
    make_grant,
    signed_in,
    signed_in_grant,
)

pytestmark = pytest.mark.looptime


async def test_a_silent_server_is_an_error_after_the_timeout() -> None:
    """A request without an answer ends after twenty seconds, well inside the lease."""
    service, grant, _ = await signed_in_grant(patience=25.0)
    service.seconds = 1000.0
    with pytest.raises(TransportError, match="did not answer in time"):
        await grant.token(rejected="access-1")
    assert service.at[1] - service.at[0] >= 20.0


async def test_a_cancelled_renewal_runs_to_its_end() -> None:
    """A cancellation does not lose the answer: the next caller finds the new token."""
    service, grant, store = await signed_in_grant()
    service.seconds = 5.0
    task = asyncio.create_task(grant.token(rejected="access-1"))
    await asyncio.sleep(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await make_grant(service, store).token(rejected="access-1") == "access-2"
    assert len(service.requests) == 1


async def test_a_renewal_cancelled_in_the_queue_releases_its_lease() -> None:
    """A task that is cancelled before its request leaves does not block the others."""
    service, store = RotatingService(), MemoryStore()
    service.keeps_refresh_token = True
    await signed_in(service, store)
    await signed_in(service, store, profile="other")
    await make_grant(service, store, profile="other").renew()
    task = asyncio.create_task(make_grant(service, store).renew())
    await asyncio.sleep(0.2)
    task.cancel()
    start = asyncio.get_running_loop().time()
    await make_grant(service, store).renew()
    assert asyncio.get_running_loop().time() - start < 2.0


class _FullStore(MemoryStore):
    """Fails as often as `failures` says."""

    failures = 0

    async def update(self, key, change, *, durable=True):  # type: ignore[no-untyped-def]
        if self.failures and key.startswith("grant:"):
            self.failures -= 1
            raise StoreError("no space left")
        return await super().update(key, change, durable=durable)


async def test_an_answer_is_kept_until_the_store_takes_it() -> None:
    """A store that fails after the answer does not cost the grant."""
    service, store = RotatingService(), _FullStore()
    await signed_in(service, store)
    grant = make_grant(service, store)
    service.seconds = 5.0
    task = asyncio.create_task(grant.token(rejected="access-1"))
    await asyncio.sleep(2)
    store.failures = 10
    with pytest.raises(StoreError):
        await task
    assert await grant.token(rejected="access-1") == "access-2"
    assert await make_grant(service, store).token() == "access-2"
    assert len(service.requests) == 1


async def test_a_long_lived_refresh_token_is_kept() -> None:
    """Without a new refresh token in the reply the old one stays in use."""
    service, grant, _ = await signed_in_grant()
    service.keeps_refresh_token = True
    await grant.renew()
    await grant.renew()
    assert [form["refresh_token"] for form in service.requests] == ["refresh-0"] * 2


async def test_an_application_with_a_secret_uses_a_header() -> None:
    """With a secret the form holds no client id; without one there is no header."""
    service, store = RotatingService(), MemoryStore()
    await signed_in(service, store)
    await make_grant(service, store, application=APPLICATION_WITH_SECRET).renew()
    await make_grant(service, store).renew()
    assert service.headers[0]["Authorization"].startswith("Basic ")
    assert "client_id" not in service.requests[0]
    assert "Authorization" not in service.headers[1]
    assert service.requests[1]["client_id"] == CLIENT_ID


async def test_a_sign_out_drops_a_late_answer() -> None:
    """An answer that arrives after a sign-out is dropped."""
    service, grant, store = await signed_in_grant()
    service.seconds = 5.0
    task = asyncio.create_task(grant.token(rejected="access-1"))
    await asyncio.sleep(1)
    assert await make_grant(service, store).forget()
    with pytest.raises(AuthError, match="There is no sign-in"):
        await task
    assert not await make_grant(service, store).forget()


async def test_an_old_renewal_does_not_replace_a_new_sign_in() -> None:
    """Late tokens of an older sign-in are dropped."""
    service, grant, store = await signed_in_grant()
    service.seconds = 5.0
    task = asyncio.create_task(grant.token(rejected="access-1"))
    await asyncio.sleep(1)
    await signed_in(service, store, sign_in="sign-in-2")
    assert await task == "access-3"
    assert await make_grant(service, store).token() == "access-3"
