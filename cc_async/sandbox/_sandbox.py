"""The sandbox: a core that never waits, and asynchronous methods around it that do."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import anyio.lowlevel
import orjson

from cc_async.errors import StoreError
from cc_async.sandbox._clock import Clock
from cc_async.sandbox._gateway import (
    AuthorizedRequest,
    authorize_request,
    start_again,
    with_tracing_headers,
)
from cc_async.sandbox._settings import SandboxSettings
from cc_async.sandbox.control import AccountControl, answer_site
from cc_async.sandbox.http import (
    ConnectionCut,
    ErrorReply,
    Fault,
    Faults,
    HalfBody,
    IncomingRequest,
    ReceivedLog,
    SandboxServer,
    conflict,
    is_site,
    reply_of_fault,
    serve,
)
from cc_async.sandbox.storage import (
    AccountState,
    SnapshotFile,
    address_key,
    restore_snapshot,
    take_snapshot,
)
from cc_async.wire import Reply

_log = logging.getLogger("cc_async")

SAVE_SECONDS = 60.0
"""Seconds between two writes of the file while serving: the most that a killed sandbox loses."""

STEPS_PER_SLICE = 100
"""Steps of bulk work between two turns of other tasks: some 2 ms of an import, measured."""

DEFAULTS = SandboxSettings()


class Sandbox(AccountControl):
    """A local Constant Contact.

    It answers requests as the service does, by calls in this process (`answer`, `respond`) or on
    a port (`serve`). A test can look at and change everything the account holds.

    Example:
        ::

            sandbox = Sandbox(SandboxSettings(lists=["Newsletter"]))
            async with sandbox.serve() as server:
                ...  # point a client at server.url, with the token "sandbox-token"
            assert sandbox.find_contact("dlang@example.com") is not None

    Args:
        settings: The behaviour; see `SandboxSettings`.
        clock: Seconds since 1970. `sandbox.clock.advance(3600)` moves it ahead.
        state_file: A file that keeps the account across restarts; by default there is none. It is
            written by `close`, and every minute while the sandbox serves.

    Raises:
        StoredFormatError: The file was written by another version of the sandbox.
        StoreError: The file cannot be used; it is damaged, or another sandbox has it.
    """

    def __init__(
        self,
        settings: SandboxSettings = DEFAULTS,
        *,
        clock: Callable[[], float] = time.time,
        state_file: str | os.PathLike[str] | None = None,
    ) -> None:
        state = AccountState(settings, Clock(clock))
        state.add_accounts()
        super().__init__(state, ReceivedLog(settings), Faults(state.random))
        self._writing: set[tuple[str, str]] = set()
        self._file = None if state_file is None else SnapshotFile(Path(state_file))
        try:
            if not self._load():
                self._fill()
            self.save()
        except BaseException:
            if self._file is not None:
                self._file.close()
            raise

    # --- the file -------------------------------------------------------------------------

    def _load(self) -> bool:
        """Fill the account from its file, and say whether the file held anything."""
        snapshot = None if self._file is None else self._file.read()
        if self._file is None or snapshot is None:
            return False
        try:
            restore_snapshot(self._state, snapshot, start_again)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise self._file.damaged() from error
        return True

    def save(self) -> None:
        """Write the account to its file, if it has one and something changed.

        `serve` does so every minute, and `close` at the end.

        Raises:
            StoreError: The file cannot be written.
        """
        if self._file is not None:
            self._file.write(take_snapshot(self._state))

    async def _save_every_minute(self) -> None:
        while self._file is not None:
            await anyio.sleep(SAVE_SECONDS)
            try:
                self.save()
            except StoreError as error:
                _log.warning("the account was not saved, and is tried again: %s", error)

    def close(self) -> None:
        """Save the account and release its file; do nothing without one.

        Raises:
            StoreError: The file cannot be written.
        """
        if self._file is not None:
            try:
                self.save()
            finally:
                self._file.close()
                self._file = None

    # --- answering ------------------------------------------------------------------------

    def answer(
        self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Reply:
        """Carry a request out and return the reply, at once and without faults.

        Args:
            method: `GET` and so on.
            path: As on the wire: `/v3/contacts`.
            query: Percent-encoded, without the question mark.
            headers: In any letter case.
            body: The whole body.
        """
        request = self._incoming(method, path, query, headers, body)
        if is_site(path):
            return answer_site(self, request)
        entry = self.received.open(request)
        state = self._account_state(request)
        self.account_of(state.login)._catch_up()
        reply = None
        try:
            reply = authorize_request(state, request).execute()
        except ErrorReply as refusal:
            reply = refusal.reply
        finally:
            self.received.close(entry, self.clock(), reply)
        return with_tracing_headers(reply, self._state.random)

    async def respond(
        self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Reply:
        """Answer as the service does over a network, with latency and faults.

        Raises:
            ConnectionCut: The connection ends without a reply.
            HalfBody: It ends in the middle of one.

        Cancellation:
            The request may have been carried out.
        """
        fault = self.pick_fault(method, path)
        return await self.respond_with(fault, method, path, query, headers, body)

    async def respond_with(
        self,
        fault: Fault | None,
        method: str,
        path: str,
        query: str,
        headers: Mapping[str, str],
        body: bytes = b"",
    ) -> Reply:
        """Answer as `respond` does, with a fault that was picked before."""
        request = self._incoming(method, path, query, headers, body)
        if is_site(path):
            return answer_site(self, request)
        entry = self.received.open(request)
        entry.fault = fault.name if fault else ""
        reply = None
        try:
            reply = await self._answer_in_time(request, fault)
            if fault is not None and fault.name == "half-body":
                raise HalfBody(reply)
        finally:
            self.received.close(entry, self.clock(), reply)
        return with_tracing_headers(reply, self._state.random)

    def pick_fault(self, method: str, path: str) -> Fault | None:
        """Return the fault for this request; the sandbox's own site has none."""
        return None if is_site(path) else self.faults.pick(method, path.removeprefix("/v3"))

    async def _answer_in_time(self, request: IncomingRequest, fault: Fault | None) -> Reply:
        """Pass the gateway at once; carry out after the latency."""
        name = fault.name if fault else ""
        try:
            if fault is not None and (refusal := reply_of_fault(fault)):
                await self._wait(0)
                raise refusal
            state = self._account_state(request)
            authorized = authorize_request(state, request)
            if name == "hang" or name == "cut-before":
                await self._wait(fault.seconds if fault else 0)
                raise ConnectionCut(was_done=False)
            reply = await self._act(state, authorized, fault)
        except ErrorReply as refusal:
            reply = refusal.reply
        if name in {"hang-after", "cut-after"}:
            await anyio.sleep(fault.seconds if fault else 0)
            raise ConnectionCut(was_done=True)
        return reply

    def _account_state(self, request: IncomingRequest) -> AccountState:
        return self._state.of_token(request.headers.get("authorization", ""))

    async def _act(
        self, state: AccountState, authorized: AuthorizedRequest, fault: Fault | None
    ) -> Reply:
        """Wait for the latency, then carry out. Two writes to one contact collide, as observed."""
        address = _written_contact(authorized)
        key = (state.login, address)
        if key in self._writing:
            await self._wait(0)
            raise conflict(
                "Conflict. You sent simultaneous requests that are attempting to modify the "
                "same contact."
            )
        if address:
            self._writing.add(key)
        try:
            await self._wait(fault.seconds if fault and fault.name == "latency" else 0)
            while state.activities.work(self.clock(), STEPS_PER_SLICE):
                await anyio.lowlevel.checkpoint()
            return authorized.execute()
        finally:
            self._writing.discard(key)

    async def _wait(self, seconds: float) -> None:
        settings = self.settings
        jitter = self._state.random.uniform(0, settings.latency_jitter)
        await anyio.sleep(seconds + settings.latency + jitter)

    def _incoming(
        self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes
    ) -> IncomingRequest:
        lowered = {name.lower(): value for name, value in headers.items()}
        return IncomingRequest(method.upper(), path, query, lowered, body, self.clock())

    @asynccontextmanager
    async def serve(self, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[SandboxServer]:
        """Answer on a port while the block runs; port 0 takes any free one.

        Yields:
            The server; its `url` is the API's base address for a client.
        """
        async with serve(self, host, port) as server:
            saving = asyncio.ensure_future(self._save_every_minute())
            try:
                yield server
            finally:
                saving.cancel()


def _written_contact(authorized: AuthorizedRequest) -> str:
    """Return the address that a sign-up writes to; empty for other requests."""
    if authorized.path != "/contacts/sign_up_form":
        return ""
    try:
        payload = orjson.loads(authorized.body)
    except orjson.JSONDecodeError:
        return ""
    email = payload.get("email_address") if isinstance(payload, dict) else None
    return address_key(email) if isinstance(email, str) else ""
