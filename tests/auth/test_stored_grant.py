"""A grant that renews itself, in virtual time, on a service with rotating refresh tokens."""

from __future__ import annotations

import asyncio
import logging

import pytest

from cc_async.auth import Application, StoredGrant
from cc_async.errors import (
    AuthError,
    ConnectionFailedError,
    ServerError,
    StoreError,
    TransportError,
    UnexpectedResponseError,
)
from cc_async.stores import MemoryStore
from cc_async.wire import Reply
from tests.support.scripted import reply
from tests.support.tokens import (
    APPLICATION_WITH_SECRET,
    CLIENT_ID,
    RotatingService,
    make_grant,
    signed_in,
    signed_in_grant,
)

pytestmark = pytest.mark.looptime

EMPTY = reply(200, b"")
PAGE = reply(502, "<html><title>Bad gateway</title></html>")
NOT_JSON = reply(400, "<html>")
TIRED = reply(429, b"")
REVOKED = reply(400, {"error": "invalid_grant", "error_description": "No longer valid."})
WRONG_SECRET = reply(401, {"error": "invalid_client", "error_description": "The secret is wrong."})


async def test_a_fresh_token_needs_no_request() -> None:
    """While the stored token works, no request is sent."""
    service, grant, _ = await signed_in_grant()
    assert [await grant.token() for _ in range(3)] == ["access-1"] * 3
    assert service.requests == []


async def test_waiting_tasks_share_one_renewal() -> None:
    """Twenty tasks with a refused token cause one renewal."""
    service, grant, _ = await signed_in_grant()
    service.seconds = 3.0
    first = await grant.token()
    tokens = await asyncio.gather(*(grant.token(rejected=first) for _ in range(20)))
    assert tokens == ["access-2"] * 20
    assert [form["refresh_token"] for form in service.requests] == ["refresh-0"]


async def test_processes_share_one_renewal() -> None:
    """Four grants on one store renew once for each refused token."""
    service, store = RotatingService(), MemoryStore()
    service.seconds = 0.5
    await signed_in(service, store)
    grants = [make_grant(service, store) for _ in range(4)]
    token = await grants[0].token()
    for number in range(2, 6):
        tokens = await asyncio.gather(*(grant.token(rejected=token) for grant in grants * 5))
        assert set(tokens) == {f"access-{number}"}
        token = tokens[0]
    assert len(service.requests) == 4


async def test_a_token_is_renewed_before_it_ends() -> None:
    """A token of a day is renewed five minutes before its end; the lifetime in the reply counts."""
    _, grant, _ = await signed_in_grant(lifetime=86_400)
    await asyncio.sleep(86_400 - 301)
    assert await grant.token() == "access-1"
    await asyncio.sleep(2)
    assert await grant.token() == "access-2"
    _, grant, _ = await signed_in_grant(lifetime=60)
    await asyncio.sleep(53)
    assert await grant.token() == "access-1"
    await asyncio.sleep(2)
    assert await grant.token() == "access-2"


async def test_an_early_renewal_does_not_block_other_callers() -> None:
    """During an early renewal other tasks and processes use the old token at once."""
    service, store = RotatingService(lifetime=1000), MemoryStore()
    await signed_in(service, store)
    service.seconds = 5.0
    one, other = make_grant(service, store), make_grant(service, store)
    await asyncio.sleep(950)
    start = asyncio.get_running_loop().time()
    renewing = asyncio.create_task(one.token())
    await asyncio.sleep(1)
    assert [await one.token(), await other.token()] == ["access-1", "access-1"]
    assert asyncio.get_running_loop().time() == start + 1
    assert await renewing == "access-2"
    assert [await one.token(), await other.token()] == ["access-2", "access-2"]


@pytest.mark.parametrize(
    "fault", [EMPTY, PAGE, NOT_JSON, TIRED, ConnectionFailedError("no"), TransportError("cut")]
)
async def test_a_valid_token_outlives_a_failed_renewal(
    fault: object, caplog: pytest.LogCaptureFixture
) -> None:
    """During an outage in its last minutes a token stays in use, and is renewed later."""
    service, grant, _ = await signed_in_grant(lifetime=1000)
    await asyncio.sleep(950)
    service.faults = [fault]  # type: ignore[list-item]
    assert await grant.token() == "access-1"
    assert await grant.token() == "access-1"
    assert len(service.requests) == 1
    await asyncio.sleep(5)
    assert await grant.token() == "access-2"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (EMPTY, UnexpectedResponseError),
        (PAGE, ServerError),
        (ConnectionFailedError("no connection"), TransportError),
    ],
)
async def test_an_outage_is_no_revoked_grant(fault: object, error: type[Exception]) -> None:
    """Without a valid token an outage is waited out; a long one has its own error."""
    service, grant, _ = await signed_in_grant()
    token = await grant.token()
    service.faults = [fault] * 4  # type: ignore[list-item]
    assert await grant.token(rejected=token) == "access-2"
    service.faults = [fault] * 5  # type: ignore[list-item]
    with pytest.raises(error) as caught:
        await grant.token(rejected="access-2")
    assert not isinstance(caught.value, AuthError)
    assert await grant.token(rejected="access-2") == "access-3"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (reply(200, "<html><title>Hotel Wi-Fi</title></html>"), "a web page (Hotel Wi-Fi)"),
        (reply(403, "<!doctype html><h1>Blocked</h1>"), "a web page (Blocked)"),
        (reply(401, "<HTML>"), "a web page"),
        (reply(200, b""), "an empty body"),
        (reply(404, b" "), "an empty body"),
        (reply(200, "please log in"), "text"),
        (reply(200, {"ok": True}), "other JSON"),
        (reply(403, {"message": "Forbidden"}), "other JSON (Forbidden)"),
    ],
)
async def test_a_page_in_place_of_a_token_is_called_a_page(answer: Reply, words: str) -> None:
    """What a portal or a proxy answers is named; the sign-in is not refused and works on."""
    service, grant, _ = await signed_in_grant()
    service.faults = [answer] * 5
    with pytest.raises(UnexpectedResponseError) as caught:
        await grant.token(rejected="access-1")
    assert f"{answer.status} with {words} in place of a token" in str(caught.value)
    assert "sign in again" not in f"{caught.value} {caught.value.hint}".lower()
    assert not (await grant.status()).is_refused
    assert await grant.token(rejected="access-1") == "access-2"


async def test_waiting_tasks_share_one_failure() -> None:
    """Twenty tasks fail together after five attempts, not after a hundred."""
    service, grant, _ = await signed_in_grant()
    service.faults = [PAGE] * 100
    errors = await asyncio.gather(
        *(grant.token(rejected="access-1") for _ in range(20)), return_exceptions=True
    )
    assert {type(error) for error in errors} == {ServerError}
    assert len(service.requests) == 5


async def test_renewals_of_all_profiles_are_a_second_apart() -> None:
    """Grants of several profiles share the one request a second of their application."""
    service, store = RotatingService(), MemoryStore()
    service.keeps_refresh_token = True
    for number in range(4):
        await signed_in(service, store, profile=f"account-{number}")
    grants = [make_grant(service, store, profile=f"account-{number}") for number in range(4)]
    await asyncio.gather(*(grant.renew() for grant in grants))
    gaps = [after - before for before, after in zip(service.at, service.at[1:], strict=False)]
    assert min(gaps) >= 1.0


async def test_a_valid_token_outlives_its_grant() -> None:
    """After a final refusal of an early renewal the token works until its end."""
    service, grant, _ = await signed_in_grant(lifetime=1000)
    service.faults = [REVOKED]
    await asyncio.sleep(950)
    assert await grant.token() == "access-1"
    await asyncio.sleep(49)
    assert await grant.token() == "access-1"
    await asyncio.sleep(2)
    with pytest.raises(AuthError, match="cc-async login"):
        await grant.token()


async def test_a_late_answer_of_another_process_counts() -> None:
    """After a refusal the grant is read again: another process may have stored new tokens."""
    service, store = RotatingService(), MemoryStore()
    await signed_in(service, store)
    slow, quick = (
        make_grant(service, store, lease=10.0, budget_store=MemoryStore()) for _ in range(2)
    )
    service.seconds = 10.3
    slow_task = asyncio.create_task(slow.token(rejected="access-1"))
    await asyncio.sleep(0.1)
    service.seconds = 0.0
    assert await quick.token(rejected="access-1") == "access-2"
    assert await slow_task == "access-2"
    assert len(service.requests) == 2


async def test_a_refusal_of_an_old_refresh_token_is_not_final() -> None:
    """A caller that is refused because another process renewed first uses the new token."""
    service, store = RotatingService(), MemoryStore()
    await signed_in(service, store)
    slow, quick = (
        make_grant(service, store, lease=10.0, budget_store=MemoryStore()) for _ in range(2)
    )
    service.seconds = 10.3
    slow_task = asyncio.create_task(slow.token(rejected="access-1"))
    await asyncio.sleep(0.1)
    assert await quick.token(rejected="access-1") == "access-2"
    assert await slow_task == "access-2"
    assert len(service.requests) == 2


async def test_the_lease_of_a_dead_process_runs_out() -> None:
    """Another process takes over an unfinished renewal when its lease has run out."""
    service, store = RotatingService(), MemoryStore()
    await signed_in(service, store)
    dead, alive = make_grant(service, store), make_grant(service, store)
    await dead._next_action("dead", "access-1")
    start = asyncio.get_running_loop().time()
    assert await alive.token(rejected="access-1") == "access-2"
    assert 29.9 < asyncio.get_running_loop().time() - start < 31.0


async def test_a_refresh_token_from_outside_is_used_once() -> None:
    """The first start uses the refresh token; later starts use the stored grant."""
    service, store = RotatingService(), MemoryStore()
    settings = {"application": Application(CLIENT_ID), "refresh_token": "refresh-0"}
    assert await make_grant(service, store, **settings).token() == "access-1"
    assert await make_grant(service, store, **settings).token() == "access-1"
    await make_grant(service, store, **settings).renew()
    assert [form["refresh_token"] for form in service.requests] == ["refresh-0", "refresh-1"]


async def test_a_refresh_token_needs_its_application() -> None:
    """A refresh token without its application is an error."""
    with pytest.raises(AuthError, match="without the application"):
        StoredGrant(MemoryStore(), transport=RotatingService(), refresh_token="refresh-0")


async def test_logs_and_reprs_show_no_token(caplog: pytest.LogCaptureFixture) -> None:
    """At debug level a renewal, a failure and a refusal show no token in logs, texts or reprs."""
    with caplog.at_level(logging.DEBUG):
        service, grant, _ = await signed_in_grant(application=APPLICATION_WITH_SECRET)
        await grant.renew()
        service.faults = [PAGE, REVOKED]
        with pytest.raises(AuthError) as caught:
            await grant.token(rejected="access-2")
    status = await grant.status()
    shown = caplog.text + repr((grant, status, caught.value, APPLICATION_WITH_SECRET))
    shown += str(caught.value) + caught.value.hint + repr(await grant._read())
    for secret in ("access-", "refresh-", "client-secret"):
        assert secret not in shown
    assert status.is_refused
    assert status.renewals == 1


class _BrokenStore(MemoryStore):
    """Fails with the records in its local variables."""

    is_broken = False

    async def update(self, key, change, *, durable=True):  # type: ignore[no-untyped-def]
        def failing(record, now):  # type: ignore[no-untyped-def]
            after, _ = wanted(record, now)
            raise StoreError(f"cannot write {len(str(after))} characters")

        wanted, change = change, failing if self.is_broken else change
        return await super().update(key, change, durable=durable)


async def test_a_valid_token_outlives_a_failing_store() -> None:
    """A token in its last minutes stays in use while the store fails; a refused token does not."""
    service, store = RotatingService(lifetime=1000), _BrokenStore()
    await signed_in(service, store)
    grant = make_grant(service, store)
    await grant.token()
    await asyncio.sleep(950)
    store.is_broken = True
    assert await grant.token() == "access-1"
    with pytest.raises(StoreError):
        await grant.token(rejected="access-1")
    store.is_broken = False
    assert await grant.token(rejected="access-1") == "access-2"


async def test_a_renewal_that_brings_the_refused_token_again_is_an_error() -> None:
    """A refused token that comes back from its renewal ends in an error after one renewal."""
    service, grant, store = await signed_in_grant()
    first = await grant.token()
    service.faults = [reply(200, {"access_token": first, "expires_in": 3600, "refresh_token": "r"})]
    with pytest.raises(AuthError, match="very access token"):
        await grant.token(rejected=first)
    assert len(service.requests) == 1
    assert await make_grant(service, store).token() == first
    service.faults = [reply(200, {"access_token": first, "expires_in": 3600, "refresh_token": "s"})]
    await grant.renew()
    assert len(service.requests) == 2
