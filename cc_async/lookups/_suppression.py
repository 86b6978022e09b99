"""Suppression: people with an opt-out, and the caller's own list, are not sent.

A sign-up would subscribe unsubscribed people again, and an import would revive deleted contacts:
https://developer.constantcontact.com/api_guide/contacts_re-subscribe.html

So both look opt-outs up before they send. Reading all opt-outs costs a request for every 500 of
them; looking up each person costs a request a person. The cheaper way is taken. A long sign-up
asks every ten minutes for newer opt-outs, a request for each kind, and for the number of deleted
people: if that has changed, all of them are read. An answer that is not whole protects no one: it
ends the work before anything is sent.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Collection, Mapping
from typing import Final, Literal, TypeAlias, cast

import anyio
import attrs

from cc_async.errors import InvalidRequestError, UnexpectedResponseError
from cc_async.lookups._suppressed_addresses import SuppressedAddresses
from cc_async.lookups._whole_reading import PAGE, read_whole
from cc_async.models import Contact
from cc_async.resources import ContactPageFilters
from cc_async.session import Session
from cc_async.stores import loop_clock

SuppressionKind: TypeAlias = Literal["unsubscribed", "deleted"]
SuppressionReason: TypeAlias = Literal["unsubscribed", "deleted", "in your list"]
IN_YOUR_LIST: Final = "in your list"
SUPPRESSION_KINDS: tuple[SuppressionKind, ...] = ("unsubscribed", "deleted")

_FRESH = 600.0
"""Seconds before opt-outs are asked for again. Two requests every ten minutes are 288 of the
10,000 that a day has; ours to choose."""

_OVERLAP = dt.timedelta(hours=1)
"""How far back each of those questions reaches beyond the last one: our clock may be ahead of the
service's, and its lists may lag. No such delay is documented; an hour costs nothing."""

_KNOWN = ("implicit", "explicit", "not_set", "pending_confirmation", "temp_hold", "unsubscribed")
"""Permissions of which it is known whether the person opted out.
https://developer.constantcontact.com/api_guide/contacts_get_started.html"""

_NEVER_ENDS = dt.datetime.max.replace(tzinfo=dt.UTC)


@attrs.frozen
class OptOut:
    """Why and since when a person is suppressed.

    *since* is the latest possible moment: a deletion is known by its day alone, and counts from
    the end of that day. Where the service gives no date, it is the end of all time.
    """

    kind: SuppressionKind
    since: dt.datetime

    def yields_to(self, consented_at: dt.datetime | None) -> bool:
        """Whether the person consented after the opt-out."""
        return consented_at is not None and consented_at > self.since


@attrs.frozen
class Preferences:
    """All opt-outs of the account, by address in lower case."""

    opt_outs: Mapping[str, OptOut] = attrs.field(repr=lambda found: f"<{len(found)} people>")

    def of(self, email: str) -> OptOut | None:
        """Return the opt-out of the person with this address, or `None`."""
        return self.opt_outs.get(email.strip().lower())


@attrs.define(eq=False, repr=False)
class SuppressionList:
    """Tells whether a person must not be sent, and why.

    Opt-outs that were read are completed every ten minutes. Where they were not read, because
    that costs more, each person is looked up.
    """

    _session: Session
    _kinds: frozenset[SuppressionKind]
    _addresses: frozenset[str]
    _opt_outs: dict[str, OptOut] | None
    _read_at: float
    _clock: Callable[[], float] = attrs.field(factory=loop_clock)
    _lock: anyio.Lock = attrs.field(factory=anyio.Lock)
    _deleted: int = 0
    """How many people were deleted when they were last counted."""

    def suppresses_none(self, identities: Collection[str]) -> bool:
        """Whether it is known without a request that none of these people is suppressed."""
        if self._opt_outs is None:
            return False
        known = (self._addresses, self._opt_outs.keys())
        return all(not found or found.isdisjoint(identities) for found in known)

    async def reason(
        self, identity: str, consented_at: dt.datetime | None = None
    ) -> SuppressionReason | None:
        """Return why the person is suppressed, or `None`.

        A person with a *consented_at* later than the opt-out is not suppressed; a person in
        the caller's list always is.
        """
        if identity in self._addresses:
            return IN_YOUR_LIST
        opt_out = await self._look_up(identity) if self._kinds else None
        if opt_out is None or opt_out.yields_to(consented_at):
            return None
        return opt_out.kind

    async def _look_up(self, identity: str) -> OptOut | None:
        if self._opt_outs is not None:
            if self._clock() - self._read_at > _FRESH:
                await self._catch_up()
            return self._opt_outs.get(identity)
        if "@" not in identity:  # the service finds contacts by their addresses alone
            return None
        filters: ContactPageFilters = {"email": identity, "status": ["all"]}
        found = await read_whole(self._session, filters, self._read_found)
        matches = [opt_out for address, opt_out in found or () if address == identity]
        if found and not matches:
            raise UnexpectedResponseError(200, "a contact with another address than the one asked")
        return next(iter(matches), None)

    def _read_found(self, contact: Contact) -> tuple[str, OptOut | None]:
        email = contact.email_address
        if not contact.is_deleted and (email is None or email.permission_to_send not in _KNOWN):
            raise UnexpectedResponseError(200, "a contact without a known permission")
        return _address_of(contact), _read_opt_out(contact, self._kinds)

    async def _catch_up(self) -> None:
        """Add the opt-outs since the last reading; one task does it for all."""
        async with self._lock:
            now = self._clock()
            if self._opt_outs is None or now - self._read_at <= _FRESH:
                return
            since = dt.datetime.fromtimestamp(self._read_at, dt.UTC) - _OVERLAP
            for kind in sorted(self._kinds):
                moved = "updated_after" if kind == "deleted" else "optout_after"
                filters = cast(ContactPageFilters, {"status": [kind], moved: since})
                self._opt_outs |= await _read_opt_outs(self._session, filters, self._kinds) or {}
            if "deleted" in self._kinds:
                self._opt_outs |= await self._read_deleted_again()
            self._read_at = now

    async def _read_deleted_again(self) -> dict[str, OptOut]:
        """Return all deleted people if their number has changed, and nothing otherwise.

        No page says that a deletion moves `updated_at`, so asking by that alone may miss some.
        """

        counts: list[int] = []

        def is_unchanged(total: int) -> bool:
            counts.append(total)
            return total == self._deleted

        filters: ContactPageFilters = {"status": ["deleted"]}
        found = await _read_opt_outs(self._session, filters, self._kinds, is_unchanged)
        self._deleted = counts[-1]
        return found or {}


async def open_suppression(
    session: Session,
    kinds: Collection[SuppressionKind],
    *,
    people: int | None,
    addresses: SuppressedAddresses | None = None,
) -> SuppressionList:
    """Return the people to leave out: opt-outs of these *kinds*, and *addresses*.

    *people* is how many are going to be looked up at most, `None` where that is unknown: all
    opt-outs are read then.
    """
    chosen = check_suppression_kinds(kinds)
    clock = loop_clock()
    now = clock()
    opt_outs = await _read_all_opt_outs(session, chosen, people) if chosen else {}
    own = addresses.addresses if addresses is not None else frozenset[str]()
    return SuppressionList(session, chosen, own, opt_outs, now, clock)


async def read_preferences(session: Session, kinds: Collection[SuppressionKind]) -> Preferences:
    """Return all opt-outs of these *kinds*; a request for every 500 of them."""
    chosen = check_suppression_kinds(kinds)
    opt_outs = await _read_all_opt_outs(session, chosen, None) if chosen else {}
    return Preferences(opt_outs or {})


def check_suppression_kinds(kinds: Collection[str]) -> frozenset[SuppressionKind]:
    """Return *kinds*, if the service can tell all of them.

    Raises:
        InvalidRequestError: It cannot tell one of them.
    """
    if isinstance(kinds, str) or not set(kinds) <= set(SUPPRESSION_KINDS):
        raise InvalidRequestError(
            f"protect takes several of {', '.join(SUPPRESSION_KINDS)}",
            "Write protect=['deleted']. Addresses of your own go into suppress.",
        )
    return frozenset(kind for kind in SUPPRESSION_KINDS if kind in kinds)


async def _read_all_opt_outs(
    session: Session, kinds: frozenset[SuppressionKind], people: int | None
) -> dict[str, OptOut] | None:
    """Return all opt-outs, or `None` where looking up *people* costs less."""

    def is_looking_up_cheaper(total: int) -> bool:
        return people is not None and people < math.ceil(total / PAGE) - 1

    filters: ContactPageFilters = {"status": sorted(kinds)}
    return await _read_opt_outs(session, filters, kinds, is_looking_up_cheaper)


async def _read_opt_outs(
    session: Session,
    filters: ContactPageFilters,
    kinds: frozenset[SuppressionKind],
    stops_at: Callable[[int], bool] = lambda _: False,
) -> dict[str, OptOut] | None:
    """Return the opt-outs among the contacts that *filters* choose.

    The service says that all of them opted out. So a contact that shows no opt-out is suppressed
    too.
    """
    unclear = OptOut("unsubscribed" if "unsubscribed" in kinds else "deleted", _NEVER_ENDS)

    def read(contact: Contact) -> tuple[str, OptOut]:
        return _address_of(contact), _read_opt_out(contact, kinds) or unclear

    found = await read_whole(session, filters, read, stops_at)
    return None if found is None else {address: one for address, one in found if address}


def _address_of(contact: Contact) -> str:
    """Return the address in lower case; it is empty for contacts with an SMS number alone.

    Raises:
        UnexpectedResponseError: The contact has nothing that identifies it.
    """
    address = contact.email_address.address.strip().lower() if contact.email_address else ""
    if "@" not in address and contact.sms_channel is None and not contact.is_deleted:
        raise UnexpectedResponseError(200, "a contact without an address")
    return address


def _read_opt_out(contact: Contact, kinds: frozenset[SuppressionKind]) -> OptOut | None:
    """Return the latest opt-out of *contact* among *kinds*.

    A deletion is known by its day alone, so only a consent of a later day is later.
    """
    found = []
    if "deleted" in kinds and contact.deleted_at is not None:
        found.append(OptOut("deleted", _end_of(contact.deleted_at)))
    if "unsubscribed" in kinds and contact.is_unsubscribed and contact.email_address is not None:
        found.append(OptOut("unsubscribed", contact.email_address.opt_out_date or _NEVER_ENDS))
    return max(found, key=lambda opt_out: opt_out.since, default=None)


def _end_of(day: dt.date) -> dt.datetime:
    """Return the end of *day*; that of the last of all days is the end of all time."""
    if day == dt.date.max:
        return _NEVER_ENDS
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min, dt.UTC)
