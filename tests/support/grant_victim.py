"""Processes that renew a grant until they are killed, at a given step or at any time."""

from __future__ import annotations

import asyncio
import itertools
import multiprocessing
import os
import signal
import time
from collections.abc import Iterator, Mapping
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from typing import TypeVar

import attrs

from cc_async.auth import StoredGrant, TokenStore, open_token_store
from cc_async.stores import Change
from cc_async.transport import AiohttpTransport
from cc_async.wire import Reply, Request

T = TypeVar("T")

LEASE = 0.5
STEPS = ("choose", "mark", "send", "keep", "absorb")
POINTS = tuple(f"{when} {step}" for step in STEPS for when in ("before", "after"))
LOCKED_OUT = ("after send", "before keep")
"""Between these two the service has answered, and the answer is only in memory."""

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload([__name__])


def _die_at(point: str, fatal: str) -> None:
    if point == fatal:
        os.kill(os.getpid(), signal.SIGKILL)


@attrs.define
class DeadlyTokenStore:
    """TokenStore that kill their process before or after one of the steps of a renewal."""

    inner: TokenStore
    fatal: str
    steps: list[str] = attrs.field(factory=lambda: ["choose", "mark", "keep", "absorb"])

    async def update(self, key: str, change: Change[T]) -> T:
        step = self.steps.pop(0)
        _die_at(f"before {step}", self.fatal)
        answer = await self.inner.update(key, change)
        _die_at(f"after {step}", self.fatal)
        return answer

    async def aclose(self) -> None:
        await self.inner.aclose()


@attrs.frozen
class DeadlyTransport:
    """A network that kills its process before a request leaves, or once its answer is there."""

    transport: AiohttpTransport
    fatal: str

    async def send(self, request: Request, headers: Mapping[str, str]) -> Reply:
        _die_at("before send", self.fatal)
        reply = await self.transport.send(request, headers)
        _die_at("after send", self.fatal)
        return reply

    async def aclose(self) -> None:
        await self.transport.aclose()


def die_at(fatal: str, auth_url: str, place: str, rejected: str) -> ForkServerProcess:
    """Start a process that renews the grant and is killed at the point *fatal*."""
    process = _context.Process(target=_renew_once, args=(fatal, auth_url, place, rejected))
    process.start()
    return process


def _renew_once(fatal: str, auth_url: str, place: str, rejected: str) -> None:
    async def renew() -> None:
        transport = AiohttpTransport(auth_url)
        grant = StoredGrant(
            DeadlyTokenStore(open_token_store(place), fatal),
            transport=DeadlyTransport(transport, fatal),
            lease=LEASE,
        )
        await grant.token(rejected=rejected)
        await transport.aclose()

    asyncio.run(renew())


@attrs.frozen
class TimedTokenStore:
    """TokenStore that tell when the raw answer of each renewal was stored."""

    inner: TokenStore
    stored_at: Connection
    steps: Iterator[str] = attrs.field(
        factory=lambda: itertools.cycle(("read", "choose", "mark", "keep", "absorb"))
    )

    async def update(self, key: str, change: Change[T]) -> T:
        answer = await self.inner.update(key, change)
        if next(self.steps) == "keep":
            self.stored_at.send(time.time())
        return answer

    async def aclose(self) -> None:
        await self.inner.aclose()


def renew_on(auth_url: str, place: str) -> tuple[ForkServerProcess, Connection]:
    """Start a process that renews the grant again and again, and sends the time of each write."""
    here, there = _context.Pipe()
    process = _context.Process(target=_renew_forever, args=(auth_url, place, there))
    process.start()
    there.close()
    return process, here


def _renew_forever(auth_url: str, place: str, stored_at: Connection) -> None:
    async def renew() -> None:
        transport = AiohttpTransport(auth_url)
        token_store = TimedTokenStore(open_token_store(place), stored_at)
        while True:  # each with a budget of its own, without waits
            await StoredGrant(token_store, transport=transport, lease=LEASE).renew()

    asyncio.run(renew())
