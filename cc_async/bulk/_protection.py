"""Who must be left alone: people who unsubscribed, or were deleted.

A sign-up would make them subscribers again, so they are looked up before. Reading all of them
costs a request for every 500; looking each person up costs a request a person. Whichever is
cheaper is done.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection
from typing import Literal

import attrs

from cc_async.models import Contact
from cc_async.resources import Contacts
from cc_async.session import Session

__all__ = ["PROTECTED_KINDS", "ProtectedKind", "Protection", "open_protection"]

ProtectedKind = Literal["unsubscribed", "deleted"]
PROTECTED_KINDS: tuple[ProtectedKind, ...] = ("unsubscribed", "deleted")

_PAGE = 500
_FOREVER = dt.datetime.max.replace(tzinfo=dt.UTC)


@attrs.frozen
class _OptOut:
    kind: ProtectedKind
    since: dt.datetime

    def yields_to(self, consented_at: dt.datetime | None) -> bool:
        """Whether the person's own word came after the opt-out."""
        return consented_at is not None and consented_at > self.since


@attrs.frozen
class Protection:
    """Answers whether a person must be left alone, from what was read or by asking."""

    _session: Session
    _kinds: frozenset[ProtectedKind]
    _known: dict[str, _OptOut] | None

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

    async def _look_up(self, identity: str) -> _OptOut | None:
        if self._known is not None:
            return self._known.get(identity)
        contact = await Contacts(self._session).find(identity)
        return None if contact is None else _read_opt_out(contact, self._kinds)


async def open_protection(
    session: Session, kinds: Collection[ProtectedKind], *, people: int | None
) -> Protection:
    """Find out, at the least cost, who must be left alone.

    *people* is how many are going to be asked about, `None` where nobody knows.
    """
    chosen = frozenset(kinds)
    known: dict[str, _OptOut] = {}
    if not chosen:
        return Protection(session, chosen, known)
    pages = Contacts(session).iter_pages(status=sorted(chosen), include_count=True, limit=_PAGE)
    async for page in pages:
        pages_left = math.ceil((page.total or 0) / _PAGE) - 1
        if not known and people is not None and people < pages_left:
            return Protection(session, chosen, None)
        for contact in page.items:
            opt_out = _read_opt_out(contact, chosen)
            if opt_out is not None and contact.email_address is not None:
                known[contact.email_address.address.strip().lower()] = opt_out
    return Protection(session, chosen, known)


def _read_opt_out(contact: Contact, kinds: frozenset[ProtectedKind]) -> _OptOut | None:
    """Return the latest opt-out of *contact* among *kinds*.

    A deletion is known by its day alone, so only a consent of a later day is later.
    """
    found = []
    if "deleted" in kinds and contact.deleted_at is not None:
        day_after = contact.deleted_at + dt.timedelta(days=1)
        since = dt.datetime.combine(day_after, dt.time.min, dt.UTC)
        found.append(_OptOut("deleted", since))
    if "unsubscribed" in kinds and contact.is_unsubscribed and contact.email_address is not None:
        found.append(_OptOut("unsubscribed", contact.email_address.opt_out_date or _FOREVER))
    return max(found, key=lambda opt_out: opt_out.since, default=None)
