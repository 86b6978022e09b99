"""Who must be left alone: people who unsubscribed, or were deleted.

A sign-up would make them subscribers again, and an import would revive who was deleted, so they
are looked up before. Reading all of them costs a request for every 500; looking each person up
costs a request a person. Whichever is cheaper is done. What was read ages: whoever opted out
since then is asked for again while a long sign-up runs, a request for each kind every ten minutes.

Who *left a list* is another matter: no contact says what it was on before. Exports tell
something of it; an import asks for them (see `jobs._left`).
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Literal

import anyio
import attrs

from cc_async.errors import InvalidRequestError
from cc_async.models import Contact
from cc_async.resources import Contacts
from cc_async.session import Session
from cc_async.stores import loop_clock

ProtectedKind = Literal["unsubscribed", "deleted"]
LeftOutKind = Literal["unsubscribed", "deleted", "left-list"]
PROTECTED_KINDS: tuple[ProtectedKind, ...] = ("unsubscribed", "deleted")

_PAGE = 500
_FRESH = 600.0
"""Seconds for which what was read is believed."""
_OVERLAP = dt.timedelta(hours=1)
"""Our clock may be ahead of the service's, and its answers behind."""
_FOREVER = dt.datetime.max.replace(tzinfo=dt.UTC)


@attrs.frozen
class OptOut:
    """Why and since when somebody is to be left alone.

    *since* is the latest it can have been: a deletion is known by its day alone, and counts from
    the end of it. Where the service does not say, it is the end of all time.
    """

    kind: ProtectedKind
    since: dt.datetime

    def yields_to(self, consented_at: dt.datetime | None) -> bool:
        """Whether the person's own word came after the opt-out."""
        return consented_at is not None and consented_at > self.since


@attrs.frozen
class Preferences:
    """Who unsubscribed or was deleted, by address in lower case."""

    opt_outs: Mapping[str, OptOut] = attrs.field(repr=lambda found: f"<{len(found)} people>")

    def of(self, email: str) -> OptOut | None:
        """Return why the person with this address is to be left alone, or `None`."""
        return self.opt_outs.get(email.strip().lower())


@attrs.define(eq=False, repr=False)
class Protection:
    """Answers whether a person must be left alone, from what was read or by asking.

    What was read more than ten minutes ago is completed by those who opted out since.
    """

    _session: Session
    _kinds: frozenset[ProtectedKind]
    _known: dict[str, OptOut] | None
    _read_at: float
    _clock: Callable[[], float] = attrs.field(factory=loop_clock)
    _lock: anyio.Lock = attrs.field(factory=anyio.Lock)

    def spares_nobody(self, identities: Iterable[str]) -> bool:
        """Whether it is known without asking that none of these people must be left alone."""
        if self._known is None:
            return False
        return not self._known or self._known.keys().isdisjoint(identities)

    async def reason_to_spare(
        self, identity: str, consented_at: dt.datetime | None = None
    ) -> str | None:
        """Return why the person must be left alone, or `None`.

        Someone whose *consented_at* is later than the opt-out is not spared.
        """
        opt_out = await self._look_up(identity) if self._kinds else None
        if opt_out is None or opt_out.yields_to(consented_at):
            return None
        return opt_out.kind

    async def _look_up(self, identity: str) -> OptOut | None:
        if self._known is not None:
            if self._clock() - self._read_at > _FRESH:
                await self._catch_up()
            return self._known.get(identity)
        if "@" not in identity:  # somebody with nothing but a number cannot be looked up
            return None
        contact = await Contacts(self._session).find(identity)
        return None if contact is None else _read_opt_out(contact, self._kinds)

    async def _catch_up(self) -> None:
        """Take in who opted out since it was read; a lookup or two, for all who wait."""
        async with self._lock:
            now = self._clock()
            if self._known is None or now - self._read_at <= _FRESH:
                return
            since = dt.datetime.fromtimestamp(self._read_at, dt.UTC) - _OVERLAP
            for kind in sorted(self._kinds):
                pages = Contacts(self._session).iter_pages(
                    status=[kind],
                    updated_after=since if kind == "deleted" else None,
                    optout_after=since if kind == "unsubscribed" else None,
                    limit=_PAGE,
                )
                async for page in pages:
                    _take_in(self._known, page.items, self._kinds)
            self._read_at = now


async def open_protection(
    session: Session, kinds: Collection[ProtectedKind], *, people: int | None
) -> Protection:
    """Find out, at the least cost, who must be left alone.

    *people* is how many are going to be asked about, `None` where nobody knows.
    """
    chosen = check_protected(kinds)
    clock = loop_clock()
    now = clock()
    known = await _read_all(session, chosen, people) if chosen else {}
    return Protection(session, chosen, known, now, clock)


async def read_preferences(session: Session, kinds: Collection[ProtectedKind]) -> Preferences:
    """Return everyone who must be left alone; a request for every 500 of them."""
    chosen = check_protected(kinds)
    known = await _read_all(session, chosen, None) if chosen else {}
    return Preferences(known or {})


def check_protected(kinds: Collection[str]) -> frozenset[ProtectedKind]:
    """Return *kinds*, if all of them can be known.

    Raises:
        InvalidRequestError: One cannot.
    """
    if "left-list" in kinds:
        raise InvalidRequestError(
            "who left a list can only be asked of an import",
            "A person who signs up asks to be on the list, whatever was before; and no contact "
            "says which lists it left. An import finds it out from exports, as far as they tell.",
        )
    if isinstance(kinds, str) or not set(kinds) <= set(PROTECTED_KINDS):
        raise InvalidRequestError(
            f"protect takes several of {', '.join(PROTECTED_KINDS)}", "Write protect=['deleted']."
        )
    return frozenset(kind for kind in PROTECTED_KINDS if kind in kinds)


def check_left_out(kinds: Collection[str]) -> frozenset[ProtectedKind]:
    """Return whom of *kinds*, which an import leaves out, contacts themselves can tell of.

    Raises:
        InvalidRequestError: There is no such kind.
    """
    if isinstance(kinds, str) or not set(kinds) <= {*PROTECTED_KINDS, "left-list"}:
        raise InvalidRequestError(
            "protect takes several of unsubscribed, deleted, left-list",
            "Write protect=['deleted'].",
        )
    return frozenset(kind for kind in PROTECTED_KINDS if kind in kinds)


async def _read_all(
    session: Session, kinds: frozenset[ProtectedKind], people: int | None
) -> dict[str, OptOut] | None:
    """Return everyone's opt-out, or nothing where asking for *people* costs less."""
    known: dict[str, OptOut] = {}
    pages = Contacts(session).iter_pages(status=sorted(kinds), include_count=True, limit=_PAGE)
    async for page in pages:
        pages_left = math.ceil((page.total or 0) / _PAGE) - 1
        if not known and people is not None and people < pages_left:
            return None
        _take_in(known, page.items, kinds)
    return known


def _take_in(
    known: dict[str, OptOut], contacts: Iterable[Contact], kinds: frozenset[ProtectedKind]
) -> None:
    for contact in contacts:
        opt_out = _read_opt_out(contact, kinds)
        if opt_out is not None and contact.email_address is not None:
            known[contact.email_address.address.strip().lower()] = opt_out


def _read_opt_out(contact: Contact, kinds: frozenset[ProtectedKind]) -> OptOut | None:
    """Return the latest opt-out of *contact* among *kinds*.

    A deletion is known by its day alone, so only a consent of a later day is later.
    """
    found = []
    if "deleted" in kinds and contact.deleted_at is not None:
        day_after = contact.deleted_at + dt.timedelta(days=1)
        since = dt.datetime.combine(day_after, dt.time.min, dt.UTC)
        found.append(OptOut("deleted", since))
    if "unsubscribed" in kinds and contact.is_unsubscribed and contact.email_address is not None:
        found.append(OptOut("unsubscribed", contact.email_address.opt_out_date or _FOREVER))
    return max(found, key=lambda opt_out: opt_out.since, default=None)
