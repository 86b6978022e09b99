"""Comparing the contacts that were sent with the members of the lists, after an import.

The service reports counts and no names. So the contacts are read back from the bodies, the
members from the service, and both are compared by address:

* a contact arrived if it is on all of its lists;
* it is *not changed* if it was updated before the service accepted its chunk, by the service's own
  clock;
* it is *missing* if it is not. Contacts that unsubscribed are *kept off* the lists by design.

A contact that is not changed is on the lists, so it arrived. Some services move the date only
with the details; so the file for corrections has it only where the counts say that contacts of
its chunk were refused.

The lists may show a finished import late. Where more contacts are absent than the service's counts
explain, the lists are read once more when they should have caught up.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path

import anyio.lowlevel
import attrs

from cc_async.errors import StoreCorruptError
from cc_async.imports._bodies import Bodies
from cc_async.imports._chunk import ChunkProgress, ChunkState, Verified
from cc_async.imports.verification._list_members import Membership, read_members
from cc_async.imports.verification._membership_index import MembershipIndex
from cc_async.imports.verification._named_contacts import (
    ContactNamer,
    NamedContact,
    VerifiedStatus,
    naming_contacts,
)
from cc_async.lookups import SuppressionList, open_suppression
from cc_async.session import Session
from cc_async.wire import read_import_rows

_ROWS_BETWEEN_YIELDS = 200
"""Contacts that are compared between two turns of the loop: about a millisecond."""

_SKEW = 60
"""Seconds by which our clock may be ahead of the service's, where only ours is known."""

Values = Mapping[str, str | int]


def is_in_question(entry: ChunkProgress, verify: bool | None) -> bool:
    """Whether the contacts of a chunk that has ended are looked for; *verify* as in the plan."""
    if verify is False or entry.state not in (ChunkState.COMPLETED, ChunkState.FAILED):
        return False
    return verify is True or _is_in_doubt(entry)


def to_verify(entries: Sequence[ChunkProgress], verify: bool | None) -> list[ChunkProgress]:
    """Return the chunks to read back: all in question, until each of them has been read back.

    A chunk that was sent again is read back together with the others, so that one file names
    all contacts that did not arrive. Chunks with the same contacts are read back together, too.
    """
    found = [entry for entry in entries if is_in_question(entry, verify)]
    if any(entry.chunk.is_shared for entry in found):
        found = [
            entry
            for entry in entries
            if is_in_question(entry, verify=entry.chunk.is_shared or verify)
        ]
    return found if any(entry.verified is None for entry in found) else []


def _is_in_doubt(entry: ChunkProgress) -> bool:
    """Whether the service's counts leave open that all contacts of a chunk arrived."""
    if entry.state is not ChunkState.COMPLETED or entry.activity is None:
        return True
    status = entry.activity.status
    refused = (status.error_count, status.correctable_count, status.cannot_add_to_list_count)
    return any(refused) or (status.person_count or 0) < entry.chunk.contacts


def _has_refused(entry: ChunkProgress) -> bool:
    """Whether the service's counts say that contacts of a chunk were refused or left out.

    A service that counts nothing says nothing.
    """
    if entry.state is not ChunkState.COMPLETED or entry.activity is None:
        return True
    status = entry.activity.status
    refused = (status.error_count or 0) + (status.correctable_count or 0)
    return bool(refused) or 0 < (status.person_count or 0) < entry.chunk.contacts


@attrs.frozen
class Reconciliation:
    """The result: an event for every chunk, and the contacts that are named."""

    events: tuple[Verified, ...]
    named: tuple[NamedContact, ...] = attrs.field(default=(), repr=False)


async def reconcile(
    session: Session,
    bodies: Bodies,
    entries: Sequence[ChunkProgress],
    *,
    path: Path | None,
    since: float,
    now: float,
    has_caught_up: bool = True,
) -> Reconciliation | None:
    """Look for the contacts of these chunks; return `None` where the lists lag: try again later.

    Contacts of a body that is gone cannot be looked for.

    Args:
        session: For the requests.
        bodies: The bodies of the chunks.
        entries: The chunks.
        path: The file for contacts that did not arrive, if any.
        since: When the import began, should the service not say when it accepted a chunk.
        now: Seconds since the epoch.
        has_caught_up: Whether the lists had enough time to show all contacts.
    """
    sent = _SentContacts(bodies, entries, since)
    await sent.add_all()
    for number, list_id in enumerate(sent.list_ids):
        sent.memberships.append(await _read_list(session, sent, number, list_id))
    counted = await sent.count_absent()
    if not has_caught_up and _exceeds_explained(sent.entries, counted):
        return None
    events = [Verified(entry.chunk.number, now, missing=0, is_known=False) for entry in sent.gone]
    if not counted.total():
        events += [sent.event(entry, _AbsentCounts(), now) for entry in sent.entries]
        return Reconciliation(tuple(events))
    suppression = await _open_kept_off(session, sent.entries, counted.total())
    async with naming_contacts(path, sent.columns) as namer:
        for entry in sent.entries:
            counts = await sent.name_absent(entry, suppression, namer)
            events.append(sent.event(entry, counts, now))
    named = [contact for each in namer.named.values() for contact in each]
    return Reconciliation(tuple(events), tuple(named))


def _exceeds_explained(entries: Sequence[ChunkProgress], absent: Counter[int]) -> bool:
    """Whether more contacts are absent than the service's counts explain: the lists may lag.

    Chunks with the same contacts count together: a contact is absent from the list of one, and is
    counted where it is complete.
    """
    excess, shared = 0, 0
    for entry in entries:
        found = absent[entry.chunk.number] - _explained(entry)
        shared += found if entry.chunk.is_shared else 0
        excess = max(excess, 0 if entry.chunk.is_shared else found)
    return max(excess, shared) > 0


def _explained(entry: ChunkProgress) -> int:
    """Return how many contacts of a chunk did not arrive by the service's own counts.

    The service does not say whether refused contacts are among the counted ones, so the two are
    not added up.
    """
    if entry.state is not ChunkState.COMPLETED or entry.activity is None:
        return entry.chunk.contacts
    status = entry.activity.status
    refused = (status.error_count or 0) + (status.correctable_count or 0)
    uncounted = entry.chunk.contacts - (status.person_count or 0)
    return max(refused, uncounted) + (status.cannot_add_to_list_count or 0)


async def _read_list(
    session: Session, sent: _SentContacts, number: int, list_id: str
) -> Membership:
    chunks = [entry.chunk for entry in sent.entries if list_id in entry.chunk.list_ids]
    return await read_members(
        session,
        list_id,
        lambda identity, updated: sent.index.add_member(identity, number, updated),
        expected=sum(chunk.contacts for chunk in chunks),
        has_numbers=any(chunk.number in sent.with_numbers for chunk in chunks),
    )


async def _open_kept_off(
    session: Session, entries: Sequence[ChunkProgress], people: int
) -> SuppressionList:
    """Return the people who unsubscribed, where the service may have kept some off the lists."""
    is_asked = any(entry.state is ChunkState.FAILED or _has_kept_off(entry) for entry in entries)
    return await open_suppression(session, ["unsubscribed"] if is_asked else [], people=people)


def _has_kept_off(entry: ChunkProgress) -> bool:
    """Whether the service kept contacts of a chunk off the lists, or does not say."""
    return entry.activity is None or entry.activity.status.cannot_add_to_list_count != 0


@attrs.define
class _AbsentCounts:
    """How many contacts of a chunk have each status, and the lines of the named ones."""

    count: Counter[VerifiedStatus] = attrs.field(factory=Counter)
    lines: dict[VerifiedStatus, list[int]] = attrs.field(factory=lambda: defaultdict(list))


class _SentContacts:
    """The contacts that were sent, as they stand in the bodies."""

    def __init__(self, bodies: Bodies, entries: Sequence[ChunkProgress], since: float) -> None:
        self._bodies = bodies
        self._since = since
        self._groups = list(dict.fromkeys(entry.chunk.list_ids for entry in entries))
        self.list_ids = list(dict.fromkeys(one for group in self._groups for one in group))
        self.index = MembershipIndex(
            [[self.list_ids.index(one) for one in each] for each in self._groups]
        )
        self.entries = list(entries)
        self.gone: list[ChunkProgress] = []
        self.memberships: list[Membership] = []
        self.with_numbers: set[int] = set()
        self._columns: dict[str, None] = {}

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that were sent, and one for the lists of each contact."""
        return (*self._columns, "lists")

    async def add_all(self) -> None:
        """Add all contacts to the index; bodies that are gone are left out."""
        for entry in tuple(self.entries):
            group = self._groups.index(entry.chunk.list_ids)
            try:
                async for batch in self._read(entry):
                    for values in batch:
                        self._columns.update(dict.fromkeys(values))
                        identity = _identity_of(values)
                        self.index.add_sent(identity, group)
                        if identity.startswith("sms:"):
                            self.with_numbers.add(entry.chunk.number)
            except StoreCorruptError:
                self.entries.remove(entry)
                self.gone.append(entry)
        for _ in self.index.seal():
            await anyio.lowlevel.checkpoint()

    async def count_absent(self) -> Counter[int]:
        """Return how many contacts of each chunk did not arrive."""
        absent = Counter[int]()
        for entry in self.entries:
            status_of = self._status_of(entry)
            async for batch in self._read_complete(entry):
                gone = sum(status_of(_identity_of(values)) is not None for values in batch)
                absent[entry.chunk.number] += gone
        return absent

    async def name_absent(
        self, entry: ChunkProgress, suppression: SuppressionList, namer: ContactNamer
    ) -> _AbsentCounts:
        """Name and count the contacts of a chunk that are absent or not changed."""
        counts, status_of = _AbsentCounts(), self._status_of(entry)
        to_correct = {"missing", "not_changed"} if _has_refused(entry) else {"missing"}
        lines = iter(await self._bodies.read_lines(entry.chunk))
        async for batch in self._read_complete(entry):
            for values, line in zip(batch, lines, strict=False):
                identity = _identity_of(values)
                status = status_of(identity)
                if status is None:
                    continue
                if status == "missing" and await suppression.reason(identity):
                    status = "kept_off"
                counts.count[status] += 1
                contact = NamedContact(line, status, values, self._lists_of(identity))
                if namer.name(contact):
                    counts.lines[status].append(line)
                if status in to_correct:
                    namer.write(contact)
        return counts

    def event(self, entry: ChunkProgress, counts: _AbsentCounts, now: float) -> Verified:
        """Return the event of a chunk that was read back."""
        memberships = self._memberships_of(entry)
        has_dates = all(each.has_dates for each in memberships)
        return Verified(
            entry.chunk.number,
            now,
            missing=counts.count["missing"],
            not_changed=counts.count["not_changed"] if has_dates else None,
            kept_off=counts.count["kept_off"],
            by="export" if any(each.by == "export" for each in memberships) else "pages",
            missing_lines=tuple(counts.lines["missing"]),
            not_changed_lines=tuple(counts.lines["not_changed"]),
            kept_off_lines=tuple(counts.lines["kept_off"]),
        )

    def _status_of(self, entry: ChunkProgress) -> Callable[[str], VerifiedStatus | None]:
        """Return a function from a contact of a chunk to its status; `None` if it arrived."""
        has_dates = all(each.has_dates for each in self._memberships_of(entry))
        oldest = self._accepted_at(entry) if has_dates else 0

        def status_of(identity: str) -> VerifiedStatus | None:
            is_there, updated = self.index.find(identity)
            if not is_there:
                return "missing"
            return "not_changed" if updated < oldest else None

        return status_of

    def _accepted_at(self, entry: ChunkProgress) -> int:
        """Return the second in which the service accepted a chunk; its times are full seconds."""
        sent = entry.first_sent
        return int(sent.timestamp()) if sent is not None else int(self._since) - _SKEW

    def _lists_of(self, identity: str) -> tuple[str, ...]:
        return tuple(sorted(self.list_ids[number] for number in self.index.lists_of(identity)))

    def _memberships_of(self, entry: ChunkProgress) -> list[Membership]:
        numbers = [self.list_ids.index(one) for one in entry.chunk.list_ids]
        return [self.memberships[number] for number in numbers]

    async def _read_complete(
        self, entry: ChunkProgress
    ) -> AsyncGenerator[list[dict[str, str | int]], None]:
        """Yield the contacts that are complete in a chunk: they come first, in parts."""
        left = entry.chunk.complete
        async for batch in self._read(entry):
            yield batch[:left]
            left -= len(batch)
            if left <= 0:
                return

    async def _read(self, entry: ChunkProgress) -> AsyncIterator[list[dict[str, str | int]]]:
        """Yield the contacts of a chunk in parts; other tasks get their turn in between."""
        body = await self._bodies.read(entry.chunk)
        for batch in read_import_rows(entry.chunk.send_as, body, max_rows=_ROWS_BETWEEN_YIELDS):
            yield batch
            await anyio.lowlevel.checkpoint()


def _identity_of(values: Values) -> str:
    """Return the identity of a contact: the same for two rows of one person, as in sources."""
    email = str(values.get("email", "")).strip().lower()
    return email or f"sms:{str(values.get('sms_number', ''))[-10:]}"
