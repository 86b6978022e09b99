"""The contacts that were sent, read back from the bodies, and what the lists show of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence

import anyio.lowlevel
import attrs

from cc_async.errors import StoreCorruptError
from cc_async.imports._bodies import Bodies
from cc_async.imports._chunk import ChunkProgress, ChunkState, Verified
from cc_async.imports.verification._list_members import Membership
from cc_async.imports.verification._membership_index import MembershipIndex
from cc_async.imports.verification._named_contacts import (
    ContactNamer,
    NamedContact,
    VerifiedStatus,
)
from cc_async.lookups import SuppressionList
from cc_async.wire import read_import_rows

_ROWS_BETWEEN_YIELDS = 200
"""Contacts that are compared between two turns of the loop: about a millisecond."""

_SKEW = 60
"""Seconds by which our clock may be ahead of the service's, where only ours is known."""

Values = Mapping[str, str | int]


def _has_refused(entry: ChunkProgress) -> bool:
    """Whether the service's counts say that contacts of a chunk were refused or left out.

    A service that counts nothing says nothing.
    """
    if entry.state is not ChunkState.COMPLETED or entry.activity is None:
        return True
    status = entry.activity.status
    refused = (status.error_count or 0) + (status.correctable_count or 0)
    return bool(refused) or 0 < (status.person_count or 0) < entry.chunk.contacts


@attrs.define
class AbsentCounts:
    """How many contacts of a chunk have each status, and the lines of the named ones."""

    count: Counter[VerifiedStatus] = attrs.field(factory=Counter)
    lines: dict[VerifiedStatus, list[int]] = attrs.field(factory=lambda: defaultdict(list))


class SentContacts:
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
        """Chunks that cannot be told: their body is gone, or a list was not read whole."""
        self.memberships: list[Membership] = []
        self.with_numbers: set[int] = set()
        self._columns: dict[str, None] = {}
        self._untold: set[int] = set()

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
            number, status_of = entry.chunk.number, self._status_of(entry)
            async for batch in self._read_complete(entry):
                for identity in map(_identity_of, batch):
                    status = status_of(identity)
                    absent[number] += status is not None
                    if status == "missing" and not self._is_whole(identity):
                        self._untold.add(number)
        return absent

    def leave_out_untold(self) -> None:
        """Leave out the chunks with an absent contact that may be on a list all the same."""
        numbers = self._untold
        self.gone += [entry for entry in self.entries if entry.chunk.number in numbers]
        self.entries = [entry for entry in self.entries if entry.chunk.number not in numbers]

    async def name_absent(
        self, entry: ChunkProgress, suppression: SuppressionList, namer: ContactNamer
    ) -> AbsentCounts:
        """Name and count the contacts of a chunk that are absent or not changed."""
        counts, status_of = AbsentCounts(), self._status_of(entry)
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

    def event(self, entry: ChunkProgress, counts: AbsentCounts, now: float) -> Verified:
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

    def _is_whole(self, identity: str) -> bool:
        """Whether the lists that a contact belongs on were read whole."""
        return all(self.memberships[number].is_whole for number in self.index.lists_of(identity))

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
