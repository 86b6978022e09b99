"""Renewals in processes that are killed: the next process goes on, or asks for a sign-in."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

from cc_async.auth import StoredGrant, open_token_store
from cc_async.errors import AuthError
from cc_async.stores import default_store_url
from cc_async.transport import AiohttpTransport
from tests.support.grant_victim import LEASE, LOCKED_OUT, POINTS, die_at, renew_on
from tests.support.granted import Granted, granted
from tests.support.servers import postgres, valkey

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

KILLS = 60
TOLD = r"must sign in again with `cc-async login`.* was cut off before its answer was stored"


@contextlib.contextmanager
def sqlite(folder: Path) -> Iterator[str]:
    yield default_store_url(folder)


@contextlib.contextmanager
def file(folder: Path) -> Iterator[str]:
    yield f"file://{folder}/tokens.json"


PLACES = {"sqlite": sqlite, "file": file, "valkey": valkey, "postgres": postgres}


@pytest.fixture(scope="module")
def place(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The URL of the token store; each test signs in anew."""
    with PLACES[request.param](tmp_path_factory.mktemp(request.param)) as url:
        yield url


@pytest.mark.parametrize("place", PLACES, indirect=True, scope="module")
@pytest.mark.parametrize("fatal", POINTS)
async def test_a_kill_at_any_step_is_survived_or_named(fatal: str, place: str) -> None:
    """A kill costs the sign-in only between the service's answer and the write of it."""
    async with granted(token_calls_per_second=1000) as service:
        token_store = open_token_store(place)
        await service.sign_in(token_store)
        transport = AiohttpTransport(service.auth_url)
        token = await StoredGrant(token_store, transport=transport).token()
        victim = die_at(fatal, service.auth_url, place, token)
        await asyncio.to_thread(victim.join)
        assert victim.exitcode == -9
        survivor = StoredGrant(token_store, transport=transport, lease=LEASE)
        if fatal in LOCKED_OUT:
            with pytest.raises(AuthError, match=TOLD):
                await survivor.token(rejected=token)
        else:
            assert await survivor.token(rejected=token) != token
            assert service.renewals() == [200]
        await transport.aclose()
        await token_store.aclose()


@pytest.mark.parametrize("place", ["sqlite", "file"], indirect=True, scope="module")
async def test_kills_at_any_moment_cost_a_sign_in_only_in_the_window(place: str) -> None:
    """Of many kills during renewals only those between answer and disk cost a sign-in."""
    lost, windows = 0, []
    async with granted(token_calls_per_second=10_000) as service:
        token_store = open_token_store(place)
        await service.sign_in(token_store)
        for _ in range(KILLS):
            windows += await renew_for_a_moment(service, place)
            if await is_locked_out(service, place):
                lost += 1
                service.sandbox.received.clear()
                await service.sign_in(token_store)
        await token_store.aclose()
    print(f"{lost} of {KILLS} kills fell into the window; ", end="")
    print(f"it is open for {statistics.median(windows) * 1000:.1f} ms of each renewal")
    assert lost < KILLS
    assert statistics.median(windows) < 0.1


async def renew_for_a_moment(service: Granted, place: str) -> list[float]:
    """Let a process renew until it is killed; return the seconds of each unsafe window."""
    before = len(service.answers())
    victim, stored_at = renew_on(service.auth_url, place)
    stored = [await asyncio.to_thread(stored_at.recv)]
    await asyncio.sleep(random.uniform(0.0, 0.05))
    victim.kill()
    await asyncio.to_thread(victim.join)
    while stored_at.poll():
        try:
            stored.append(stored_at.recv())
        except EOFError:
            break
    answered = service.answers()[before:]
    return [at - answer for at, answer in zip(stored, answered, strict=False)]


async def is_locked_out(service: Granted, place: str) -> bool:
    """Renew once more; a refusal must come from an answer that was never stored, and say so."""
    transport, token_store = AiohttpTransport(service.auth_url), open_token_store(place)
    grant = StoredGrant(token_store, transport=transport, lease=LEASE)
    refusal = ""
    try:
        await grant.renew()
    except AuthError as error:
        refusal = str(error)
    stored = (await grant.status()).renewals
    await transport.aclose()
    await token_store.aclose()
    if refusal:
        assert re.search(TOLD, refusal)
        assert service.renewals() == [200] * (stored + 1) + [400]
    else:
        assert set(service.renewals()) == {200}
    return bool(refusal)
