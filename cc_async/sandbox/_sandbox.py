"""The sandbox as a value: a core that never waits, and one way around it that does."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import anyio
import anyio.lowlevel
import orjson

from cc_async.models import Activity, Contact, ContactList, CustomField
from cc_async.sandbox._activity_queue import ActivityRecord, Fate
from cc_async.sandbox._activity_views import activity_view
from cc_async.sandbox._answers import Refusal, conflict
from cc_async.sandbox._call import Call, Incoming
from cc_async.sandbox._clock import Clock
from cc_async.sandbox._contact_book import ContactRecord, matched
from cc_async.sandbox._contact_changes import add_contact, delete, set_permission, unique
from cc_async.sandbox._contact_views import INCLUDES, contact_view
from cc_async.sandbox._custom_fields import add_field, field_view
from cc_async.sandbox._faults import ConnectionCut, Fault, Faults, HalfBody, instead
from cc_async.sandbox._gateway import Admitted, admit, with_tracing
from cc_async.sandbox._lists import add_list, list_view
from cc_async.sandbox._received import ReceivedLog
from cc_async.sandbox._rights import Rights
from cc_async.sandbox._server import SandboxServer, serve
from cc_async.sandbox._settings import SandboxSettings
from cc_async.sandbox._state import State
from cc_async.wire import CONVERTER, Reply

__all__ = ["Sandbox"]

SLICE = 100
"""Steps of bulk work done before others on the same loop get their turn."""

DEFAULTS = SandboxSettings()


class Sandbox:
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
    """

    def __init__(
        self,
        settings: SandboxSettings = DEFAULTS,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.settings = settings
        self.clock = Clock(clock)
        self._state = State(settings, self.clock)
        self._writing: set[str] = set()
        self.received = ReceivedLog(settings)
        self.faults = Faults(self._state.random)
        for name in settings.lists:
            self.add_list(name)
        for label in settings.custom_fields:
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
        return self.faults.pick(method, path.removeprefix("/v3"))

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
        key = _written_contact(admitted.call)
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

    def _incoming(
        self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes
    ) -> Incoming:
        small = {name.lower(): value for name, value in headers.items()}
        return Incoming(method.upper(), path, query, small, body, self.clock())

    def _admit(self, request: Incoming) -> Admitted:
        return admit(self._state, request)

    def _carry_out(self, admitted: Admitted) -> Reply:
        return admitted.carry_out()

    def _catch_up(self) -> None:
        """Do all bulk work that is due."""
        while self._state.activities.work(self.clock(), 10_000):
            pass

    @asynccontextmanager
    async def serve(self, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[SandboxServer]:
        """Answer on a port while the block runs; port 0 means any free one.

        Yields:
            The server; its `url` is what a client takes as the API's base.
        """
        async with serve(self, host, port) as server:
            yield server

    # --- looking --------------------------------------------------------------------------

    @property
    def contacts(self) -> tuple[Contact, ...]:
        """All contacts with all they have, deleted ones too, oldest first."""
        self._catch_up()
        return tuple(map(_contact_value, self._state.contacts))

    def find_contact(self, email: str) -> Contact | None:
        """Return the contact with this address, deleted or not."""
        self._catch_up()
        record = self._state.contacts.find(email)
        return None if record is None else _contact_value(record)

    @property
    def contact_count(self) -> int:
        """How many contacts there are that are not deleted."""
        self._catch_up()
        return sum(not record.is_deleted for record in self._state.contacts)

    def members(self, list_id: str) -> tuple[str, ...]:
        """Return the addresses on a list, oldest contact first."""
        self._catch_up()
        found = self._state.contacts.members(list_id)
        return tuple(found[number].address or "" for number in sorted(found))

    @property
    def contact_lists(self) -> tuple[ContactList, ...]:
        """All lists with the number of their members, deleted ones too, oldest first."""
        self._catch_up()
        return tuple(
            CONVERTER.structure(list_view(self._state, one, "all"), ContactList)
            for one in self._state.lists.values()
        )

    @property
    def custom_fields(self) -> tuple[CustomField, ...]:
        """All custom fields, oldest first."""
        return tuple(
            CONVERTER.structure(field_view(one), CustomField)
            for one in self._state.custom_fields.values()
        )

    @property
    def activities(self) -> tuple[Activity, ...]:
        """All activities, oldest first."""
        self._catch_up()
        call = self._call()
        return tuple(
            CONVERTER.structure(activity_view(one, call), Activity)
            for one in self._state.activities
        )

    @property
    def used_today(self) -> int:
        """How many requests of today's quota are used up."""
        return self._state.limits.used_today

    @property
    def refused_429(self) -> int:
        """How many requests were refused because there were too many."""
        return self._state.limits.refused

    @property
    def rights(self) -> Rights:
        """Scopes and privileges, which can be taken away."""
        return self._state.rights

    def _call(self) -> Call:
        return Call(self._state, self._incoming("GET", "/", "", {}, b""), "/")

    # --- filling --------------------------------------------------------------------------

    def add_list(self, name: str) -> ContactList:
        """Add a list to the account."""
        record = add_list(self._state, name, self.clock())
        return CONVERTER.structure(list_view(self._state, record), ContactList)

    def add_custom_field(self, label: str, type: str = "string") -> CustomField:  # noqa: A002
        """Add a custom field to the account."""
        record = add_field(self._state, label, type, self.clock())
        return CONVERTER.structure(field_view(record), CustomField)

    def add_contact(
        self,
        email: str,
        *,
        lists: tuple[str, ...] = (),
        permission: str = "implicit",
        is_deleted: bool = False,
        opt_out_source: str = "Contact",
        **values: str | int,
    ) -> Contact:
        """Add a contact to the account; *values* are names, birthday and the like."""
        now = self.clock()
        record = add_contact(self._state, email, "implicit", "Account", now)
        for name, value in values.items():
            setattr(record, name, value)
        self._state.contacts.set_lists(record, unique(lists))
        set_permission(record, permission, opt_out_source, now)
        if is_deleted:
            delete(self._state, record, now)
        return _contact_value(record)

    # --- steering activities --------------------------------------------------------------

    def hold(self, activity_id: str | None = None) -> None:
        """Let an activity make no progress until `release`; without an id, the next one."""
        self._steer(activity_id, _hold)

    def release(self, activity_id: str) -> None:
        """Let a held activity go on from where it stood."""
        record = self._known(activity_id)
        if record.held_at is not None:
            away = self.clock() - record.held_at
            record.starts_at += away
            record.ends_at += away
            record.held_at = None

    def fail(self, activity_id: str | None = None, *errors: str) -> None:
        """Let an activity end as failed; without an id, the next one."""
        said = errors or ("The file could not be read.",)
        finish = self._state.activities.finish
        self._steer(activity_id, lambda record, at: finish(record, "failed", at, said))

    def time_out(self, activity_id: str | None = None) -> None:
        """Let an activity end as timed out; without an id, the next one."""
        finish = self._state.activities.finish
        self._steer(activity_id, lambda record, at: finish(record, "timed_out", at))

    def cancel(self, activity_id: str | None = None) -> None:
        """Let an activity end as cancelled; without an id, the next one."""
        finish = self._state.activities.finish
        self._steer(activity_id, lambda record, at: finish(record, "cancelled", at))

    def lose(self, activity_id: str | None = None) -> None:
        """Let an activity vanish as if it had never been; without an id, the next one."""
        lose = self._state.activities.lose
        self._steer(activity_id, lambda record, at: lose(record.activity_id))

    def _steer(self, activity_id: str | None, fate: Fate) -> None:
        if activity_id is None:
            self._state.activities.fates.append(fate)
        else:
            self._catch_up()
            fate(self._known(activity_id), self.clock())

    def _known(self, activity_id: str) -> ActivityRecord:
        record = self._state.activities.get(activity_id)
        if record is None:
            raise KeyError(activity_id)
        return record


def _hold(record: ActivityRecord, at: float) -> None:
    if record.state is None:
        record.held_at = at


def _contact_value(record: ContactRecord) -> Contact:
    return CONVERTER.structure(contact_view(record, INCLUDES), Contact)


def _written_contact(call: Call) -> str:
    """Return which contact a sign-up writes to, or nothing where that does not matter."""
    if call.path != "/contacts/sign_up_form":
        return ""
    try:
        said = orjson.loads(call.request.body)
    except orjson.JSONDecodeError:
        return ""
    email = said.get("email_address") if isinstance(said, dict) else None
    return matched(email) if isinstance(email, str) else ""
