"""The sandbox as a value: a core that never waits, and one way around it that does."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import anyio
import anyio.lowlevel
import orjson

from cc_async.errors import StoreError
from cc_async.sandbox._account_access import AccountAccess
from cc_async.sandbox._answers import Refusal, conflict
from cc_async.sandbox._call import Incoming
from cc_async.sandbox._clock import Clock
from cc_async.sandbox._contact_book import matched
from cc_async.sandbox._faults import ConnectionCut, Fault, Faults, HalfBody, instead
from cc_async.sandbox._gateway import Admitted, admit, start_again, with_tracing
from cc_async.sandbox._paths import is_site
from cc_async.sandbox._received import ReceivedLog
from cc_async.sandbox._server import SandboxServer, serve
from cc_async.sandbox._settings import SandboxSettings
from cc_async.sandbox._sites import answer_site
from cc_async.sandbox._snapshot import restore_snapshot, take_snapshot
from cc_async.sandbox._snapshot_file import SnapshotFile
from cc_async.sandbox._state import State
from cc_async.wire import Reply

_log = logging.getLogger("cc_async")

SAVE_SECONDS = 60.0
"""How often a serving sandbox writes its file, in seconds: what a killed one loses at most."""

SLICE = 100
"""Steps of bulk work done before others on the same loop get their turn."""

DEFAULTS = SandboxSettings()


class Sandbox(AccountAccess):
    """A local Constant Contact.

    It answers as the service does, by calls in this process (`answer`, `respond`) or on a port
    (`serve`), and lets a test look at and change everything behind.

    Example:
        ::

            sandbox = Sandbox(SandboxSettings(lists=["Newsletter"]))
            async with sandbox.serve() as server:
                ...  # point a client at server.url, with the token "sandbox-token"
            assert sandbox.find_contact("dlang@example.com") is not None

    Args:
        settings: Every choice there is; see `SandboxSettings`.
        clock: Seconds since 1970. `sandbox.clock.advance(3600)` moves it on from there.
        state_file: Where to keep the account across restarts; in memory alone by default. It is
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
        super().__init__(State(settings, Clock(clock)))
        self._writing: set[str] = set()
        self.received: ReceivedLog = ReceivedLog(settings)
        self.faults: Faults = Faults(self._state.random)
        self._file = None if state_file is None else SnapshotFile(Path(state_file))
        try:
            if not self._load():
                self._fill()
            self.save()
        except BaseException:
            if self._file is not None:
                self._file.close()
            raise

    def _load(self) -> bool:
        """Fill the account from its file, and say whether there was anything in it."""
        snapshot = None if self._file is None else self._file.read()
        if self._file is None or snapshot is None:
            return False
        try:
            restore_snapshot(self._state, snapshot, partial(start_again, self._state))
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
        """Save the account and let go of its file; nothing to do without one.

        Raises:
            StoreError: The file cannot be written.
        """
        if self._file is not None:
            try:
                self.save()
            finally:
                self._file.close()
                self._file = None

    @property
    def state(self) -> State:
        """Everything the account holds, as the sandbox itself keeps it."""
        return self._state

    def reset(self) -> None:
        """Put everything back to how it was at the start, the time excepted."""
        self._state = State(self.settings, self.clock)
        self.received.clear()
        self.faults.clear()
        self._fill()
        self.save()

    def _fill(self) -> None:
        for name in self.settings.lists:
            self.add_list(name)
        for label in self.settings.custom_fields:
            self.add_custom_field(label)

    # --- answering ------------------------------------------------------------------------

    def answer(
        self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Reply:
        """Carry a request out and return the answer, at once and without faults.

        Args:
            method: `GET` and so on.
            path: As on the wire: `/v3/contacts`.
            query: Percent-encoded, without the question mark.
            headers: In any letter case.
            body: The whole body.
        """
        request = self._incoming(method, path, query, headers, body)
        if is_site(path):
            return self._answer_site(request)
        entry = self.received.open(request)
        self._catch_up()
        reply = None
        try:
            reply = self._carry_out(self._admit(request))
        except Refusal as refusal:
            reply = refusal.reply
        finally:
            self.received.close(entry, self.clock(), reply)
        return with_tracing(reply, self._state.random)

    async def respond(
        self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Reply:
        """Answer as the service would over a network: later, wrongly, or not at all.

        Raises:
            ConnectionCut: The connection ends here without an answer.
            HalfBody: It ends in the middle of one.

        Cancellation:
            The request was carried out if the sandbox had come to it.
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
        """Answer as `respond` does, with a fault picked before."""
        request = self._incoming(method, path, query, headers, body)
        if is_site(path):
            return self._answer_site(request)
        entry = self.received.open(request)
        entry.fault = fault.name if fault else ""
        reply = None
        try:
            reply = await self._answer_in_time(request, fault)
            if fault is not None and fault.name == "half-body":
                raise HalfBody(reply)
        finally:
            self.received.close(entry, self.clock(), reply)
        return with_tracing(reply, self._state.random)

    def pick_fault(self, method: str, path: str) -> Fault | None:
        """Return the fault that is to hit this request."""
        return None if is_site(path) else self.faults.pick(method, path.removeprefix("/v3"))

    async def _answer_in_time(self, request: Incoming, fault: Fault | None) -> Reply:
        """Judge at once, as the gateway does; act after the time an answer takes."""
        name = fault.name if fault else ""
        try:
            if fault is not None and (refusal := instead(fault)):
                await self._wait(0)
                raise refusal
            admitted = self._admit(request)
            if name == "hang" or name == "cut-before":
                await self._wait(fault.seconds if fault else 0)
                raise ConnectionCut(was_done=False)
            reply = await self._act(admitted, fault)
        except Refusal as refusal:
            reply = refusal.reply
        if name in {"hang-after", "cut-after"}:
            await anyio.sleep(fault.seconds if fault else 0)
            raise ConnectionCut(was_done=True)
        return reply

    async def _act(self, admitted: Admitted, fault: Fault | None) -> Reply:
        """Wait for the answer's time, then carry out; two writes to one person collide."""
        key = _written_contact(admitted)
        if key in self._writing:
            await self._wait(0)
            raise conflict(
                "Conflict. You sent simultaneous requests that are attempting to modify the "
                "same contact."
            )
        if key:
            self._writing.add(key)
        try:
            await self._wait(fault.seconds if fault and fault.name == "latency" else 0)
            while self._state.activities.work(self.clock(), SLICE):
                await anyio.lowlevel.checkpoint()
            return self._carry_out(admitted)
        finally:
            self._writing.discard(key)

    async def _wait(self, seconds: float) -> None:
        settings = self.settings
        jitter = self._state.random.uniform(0, settings.latency_jitter)
        await anyio.sleep(seconds + settings.latency + jitter)

    def _answer_site(self, request: Incoming) -> Reply:
        return answer_site(self, request)

    def _incoming(
        self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes
    ) -> Incoming:
        small = {name.lower(): value for name, value in headers.items()}
        return Incoming(method.upper(), path, query, small, body, self.clock())

    def _admit(self, request: Incoming) -> Admitted:
        return admit(self._state, request)

    def _carry_out(self, admitted: Admitted) -> Reply:
        return admitted.carry_out()

    @asynccontextmanager
    async def serve(self, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[SandboxServer]:
        """Answer on a port while the block runs; port 0 means any free one.

        Yields:
            The server; its `url` is what a client takes as the API's base.
        """
        async with serve(self, host, port) as server:
            saving = asyncio.ensure_future(self._save_every_minute())
            try:
                yield server
            finally:
                saving.cancel()


def _written_contact(admitted: Admitted) -> str:
    """Return which contact a sign-up writes to, or nothing where that does not matter."""
    if admitted.path != "/contacts/sign_up_form":
        return ""
    try:
        said = orjson.loads(admitted.body)
    except orjson.JSONDecodeError:
        return ""
    email = said.get("email_address") if isinstance(said, dict) else None
    return matched(email) if isinstance(email, str) else ""
