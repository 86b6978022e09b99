"""One renewal: wait for a turn, note the request, send it, store the raw answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import anyio

from cc_async.auth import _renewal_steps as steps
from cc_async.auth._auth_server import Application, AuthServer, Send
from cc_async.auth._grant import Grant
from cc_async.auth._token_store import Step
from cc_async.errors import ConnectionFailedError, StoreError, TransportError
from cc_async.limits import shared_budget
from cc_async.stores import Store, defer_cancellation
from cc_async.transport import Transport
from cc_async.wire import Reply, refresh_request

_log = logging.getLogger("cc_async")

_SAVE_DELAYS = (0.1, 0.5, 1.0, 2.0, 4.0)
"""Seconds between attempts to store an answer: eight seconds in all, so that a busy store can recover."""


class Renewal:
    """Renews one grant. The result is in the grant alone, for this process and all others."""

    def __init__(
        self,
        change: Callable[[Step[Any]], Awaitable[Any]],
        transport: Transport,
        application: Application | None,
        budgets: Store,
        *,
        lease: float,
        timeout: float,
    ) -> None:
        self._change = change
        self._transport = transport
        self._application = application
        self._budgets = budgets
        self._lease, self._timeout = lease, timeout
        self._server: AuthServer | None = None
        self._unsaved: Step[None] | None = None

    async def carry_out(self, holder: str, grant: Grant) -> None:
        """Renew *grant*, whose lease *holder* has.

        Cancellation:
            Before the request leaves, the lease is released. After that, the answer is awaited
            and stored.
        """
        server = self._server_for(grant.client_id)
        try:
            async with server.permit() as send:
                await defer_cancellation(
                    asyncio.ensure_future(self._exchange(holder, grant, server, send))
                )
        except BaseException:
            await self._change(lambda grant, now: (steps.release_lease(grant, holder=holder), None))
            raise

    async def save(self) -> None:
        """Store a pending reply; it stays in memory until the store has taken it."""
        if self._unsaved is None:
            return
        for wait in _SAVE_DELAYS:
            try:
                await self._change(self._unsaved)
                break
            except StoreError as error:
                _log.warning("a renewed sign-in is not stored yet: %s", error)
                await anyio.sleep(wait)
        else:
            await self._change(self._unsaved)
        self._unsaved = None

    async def _exchange(self, holder: str, grant: Grant, server: AuthServer, send: Send) -> None:
        refresh_token = grant.refresh_token
        request = refresh_request(refresh_token, client_id=server.application.form_id)
        mark_sent = partial(
            steps.mark_sent, holder=holder, refresh_token=refresh_token, lease=self._lease
        )
        if not await self._change(mark_sent):
            return  # another process was faster
        try:
            with anyio.fail_after(self._timeout):
                reply = await send(request)
        except (TransportError, TimeoutError) as error:
            await self._note_no_answer(holder, error)
            return
        self._unsaved = _keeping(grant.id, refresh_token, reply)
        await self.save()
        _log.info("asked for a renewed sign-in: answer %d", reply.status)

    async def _note_no_answer(self, holder: str, error: Exception) -> None:
        has_left = not isinstance(error, ConnectionFailedError)
        text = str(error) or "the authorization server did not answer in time"
        _log.warning("a sign-in could not be renewed: %s", text)
        note = partial(steps.keep_no_answer, holder=holder, text=text, has_left=has_left)
        await self._change(lambda grant, now: (note(grant, now), None))

    def _server_for(self, client_id: str) -> AuthServer:
        if self._server is None or self._server.application.client_id != client_id:
            application = self._application or Application(client_id)
            budget = shared_budget(self._budgets, key=client_id)
            self._server = AuthServer(application, self._transport, budget)
        return self._server


def _keeping(grant_id: str, refresh_token: str, reply: Reply) -> Step[None]:
    keep = partial(steps.keep_reply, grant_id=grant_id, refresh_token=refresh_token, reply=reply)
    return lambda grant, now: (keep(grant, now), None)
