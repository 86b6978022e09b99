"""Comparing who was sent with who is on the lists, after an import has ended.

The service says how many, and never who. So everyone who was sent is read back from the bodies,
everyone on the lists from the service, and the two are compared by address. *Arrived* is who is
on all lists and was updated no earlier than the service took the body, by the service's own
clock; *not_changed* is who is there but was not; *missing* is who is not. People who unsubscribed
are kept off lists by design: they are counted apart.

What the service has finished may show late. Where more people are absent than its counts explain,
nobody is called missing before the lists have been read once more, when they have settled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path

import anyio.lowlevel
import attrs

from cc_async.errors import StoreCorruptError
from cc_async.imports._bodies import Bodies
from cc_async.imports._chunk import ChunkState, Verified
from cc_async.imports._chunk_progress import Progressing
from cc_async.imports.verification._members import Membership, read_members
from cc_async.imports.verification._membership_index import Roster
from cc_async.imports.verification._not_arrived import Absence, NotArrived, Writing, writing
from cc_async.lookups import SuppressionList, open_suppression
from cc_async.session import Session
from cc_async.wire import read_import_rows

_SLICE = 200
"""Contacts worked in one go; others get their turn in between."""

_SKEW = 60
"""Seconds by which our clock may be ahead of the service's."""

Values = Mapping[str, str | int]


def is_in_question(entry: Progressing, verify: bool | None) -> bool:
    """Whether the people in a chunk that has ended are looked for; *verify* is the wish."""
    if verify is False or entry.state not in (ChunkState.COMPLETED, ChunkState.FAILED):
        return False
    return verify is True or _is_in_doubt(entry)


def to_verify(entries: Sequence[Progressing], verify: bool | None) -> list[Progressing]:
    """Return the chunks to look into: all in question, until each of them has been.

    A chunk that was sent again is looked into together with the others, so that one file can
    name everybody who did not arrive.
    """
    found = [entry for entry in entries if is_in_question(entry, verify)]
    return found if any(entry.verified is None for entry in found) else []


def _is_in_doubt(entry: Progressing) -> bool:
    """Whether the service's counts leave open that everybody in a chunk arrived."""
    if entry.state is not ChunkState.COMPLETED or entry.activity is None:
        return True
    status = entry.activity.status
    refused = (status.error_count, status.correctable_count, status.cannot_add_to_list_count)
    return any(refused) or (status.person_count or 0) < entry.chunk.contacts


@attrs.frozen
class Verdict:
    """What came out: an event for every chunk that was looked into, and who did not arrive."""

    events: tuple[Verified, ...]
    not_arrived: tuple[NotArrived, ...] = attrs.field(default=(), repr=False)


async def reconcile(
    session: Session,
    bodies: Bodies,
    entries: Sequence[Progressing],
    *,
    path: Path | None,
    since: float,
    now: float,
    is_settled: bool = True,
) -> Verdict | None:
    """Find out what became of everyone in *entries*, and write who did not arrive to *path*.

    *since* is when the import began, should the service not say when it took a body. Nobody in
    a body that is gone can be looked for. As long as the lists may still change (*is_settled* is false), and
    more people are absent than the service's counts explain, nothing is returned: look later.
    """
    sent = _Sent(bodies, entries, since)
    await sent.enrol()
    for number, list_id in enumerate(sent.list_ids):
        sent.memberships.append(await _read_list(session, sent, number, list_id))
    counted = await sent.count_absent()
    absent = sum(counted.values())
    if not is_settled and any(
        counted[entry.chunk.number] > _explained(entry) for entry in sent.entries
    ):
        return None
    if not absent:
        nobody = [sent.event(entry, Tally(), now) for entry in sent.entries]
        return Verdict((*nobody, *_unknown(sent.gone, now)))
    suppression = await _open_kept_off(session, sent.entries, absent)
    events = []
    with writing(path, sent.columns) as written:
        for entry in sent.entries:
            tally = await sent.name_absent(entry, suppression, written)
            events.append(sent.event(entry, tally, now))
    return Verdict((*events, *_unknown(sent.gone, now)), tuple(written.named))


def _unknown(gone: Sequence[Progressing], now: float) -> list[Verified]:
    """Return what is to be remembered of chunks whose bodies are gone."""
    return [Verified(entry.chunk.number, now, missing=0, is_known=False) for entry in gone]


def _explained(entry: Progressing) -> int:
    """Return how many of a chunk did not arrive by the service's own counts.

    Whether those it refused are among those it counted is not said: they are not added up.
    """
    if entry.state is not ChunkState.COMPLETED or entry.activity is None:
        return entry.chunk.contacts
    status = entry.activity.status
    refused = (status.error_count or 0) + (status.correctable_count or 0)
    uncounted = entry.chunk.contacts - (status.person_count or 0)
    return max(refused, uncounted) + (status.cannot_add_to_list_count or 0)


async def _read_list(session: Session, sent: _Sent, number: int, list_id: str) -> Membership:
    chunks = [entry.chunk for entry in sent.entries if list_id in entry.chunk.list_ids]
    return await read_members(
        session,
        list_id,
        lambda identity, updated: sent.roster.note(identity, number, updated),
        expected=sum(chunk.contacts for chunk in chunks),
        has_numbers=any(chunk.number in sent.with_numbers for chunk in chunks),
    )


async def _open_kept_off(
    session: Session, entries: Sequence[Progressing], people: int
) -> SuppressionList:
    """Make ready to ask who unsubscribed, where the service may have kept somebody off."""
    is_asked = any(entry.state is ChunkState.FAILED or _has_kept_off(entry) for entry in entries)
    return await open_suppression(session, ["unsubscribed"] if is_asked else [], people=people)


def _has_kept_off(entry: Progressing) -> bool:
    """Whether the service kept somebody of a chunk off the lists, or does not say."""
    return entry.activity is None or entry.activity.status.cannot_add_to_list_count != 0


@attrs.define
class Tally:
    """How many of a chunk did not arrive, and why; with the lines of the first of them."""

    missing: int = 0
    not_changed: int = 0
    kept_off: int = 0
    lines: dict[Absence, list[int]] = attrs.field(
        factory=lambda: {"missing": [], "not_changed": []}
    )


class _Sent:
    """Everyone who was sent, as they stand in the bodies."""

    def __init__(self, bodies: Bodies, entries: Sequence[Progressing], since: float) -> None:
        self._bodies = bodies
        self._since = since
        self._groups = list(dict.fromkeys(entry.chunk.list_ids for entry in entries))
        self.list_ids = list(dict.fromkeys(one for group in self._groups for one in group))
        self.roster = Roster([[self.list_ids.index(one) for one in each] for each in self._groups])
        self.entries = list(entries)
        self.gone: list[Progressing] = []
        self.memberships: list[Membership] = []
        self.with_numbers: set[int] = set()
        self._columns: dict[str, None] = {}

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that were sent, and the lists that each person belongs on."""
        return (*self._columns, "lists")

    async def enrol(self) -> None:
        """Put everyone on the roster; bodies that are gone are left out."""
        for entry in tuple(self.entries):
            group = self._groups.index(entry.chunk.list_ids)
            try:
                async for batch in self._read(entry):
                    for values in batch:
                        self._columns.update(dict.fromkeys(values))
                        identity = _identity_of(values)
                        self.roster.add(identity, group)
                        if identity.startswith("sms:"):
                            self.with_numbers.add(entry.chunk.number)
            except StoreCorruptError:
                self.entries.remove(entry)
                self.gone.append(entry)
        for _ in self.roster.seal():
            await anyio.lowlevel.checkpoint()

    async def count_absent(self) -> Counter[int]:
        """Return how many of each chunk did not arrive."""
        absent = Counter[int]()
        for entry in self.entries:
            judge = self._judge(entry)
            async for batch in self._read(entry):
                gone = sum(judge(_identity_of(values)) is not None for values in batch)
                absent[entry.chunk.number] += gone
        return absent

    async def name_absent(
        self, entry: Progressing, suppression: SuppressionList, written: Writing
    ) -> Tally:
        """Hand those of a chunk who did not arrive to *written*, and count them."""
        tally, judge = Tally(), self._judge(entry)
        lines = iter(await self._bodies.read_lines(entry.chunk))
        async for batch in self._read(entry):
            for values, line in zip(batch, lines, strict=False):
                identity = _identity_of(values)
                status = judge(identity)
                if status is None:
                    continue
                if status == "missing" and await suppression.reason(identity):
                    tally.kept_off += 1
                    continue
                tally.missing += status == "missing"
                tally.not_changed += status == "not_changed"
                if written.take(NotArrived(line, status, values, entry.chunk.list_ids)):
                    tally.lines[status].append(line)
        return tally

    def event(self, entry: Progressing, tally: Tally, now: float) -> Verified:
        """Return what is to be remembered of a chunk."""
        return Verified(
            entry.chunk.number,
            now,
            missing=tally.missing,
            not_changed=tally.not_changed if self._has_dates(entry) else None,
            kept_off=tally.kept_off,
            by="export" if any(each.by == "export" for each in self._read_for(entry)) else "pages",
            missing_lines=tuple(tally.lines["missing"]),
            not_changed_lines=tuple(tally.lines["not_changed"]),
        )

    def _judge(self, entry: Progressing) -> Callable[[str], Absence | None]:
        """Return what tells of somebody in a chunk how they did not arrive, if so."""
        oldest = self._sent_at(entry) if self._has_dates(entry) else 0

        def judge(identity: str) -> Absence | None:
            is_there, updated = self.roster.sighting(identity)
            if not is_there:
                return "missing"
            return "not_changed" if updated < oldest else None

        return judge

    def _sent_at(self, entry: Progressing) -> int:
        """Return the second in which the service took a chunk: its own times have no smaller."""
        sent = entry.first_sent
        return int(sent.timestamp()) if sent is not None else int(self._since) - _SKEW

    def _has_dates(self, entry: Progressing) -> bool:
        return all(each.has_dates for each in self._read_for(entry))

    def _read_for(self, entry: Progressing) -> list[Membership]:
        numbers = [self.list_ids.index(one) for one in entry.chunk.list_ids]
        return [self.memberships[number] for number in numbers]

    async def _read(self, entry: Progressing) -> AsyncIterator[list[dict[str, str | int]]]:
        """Yield the contacts of a chunk, some at a time; others get their turn in between."""
        body = await self._bodies.read(entry.chunk)
        for batch in read_import_rows(entry.chunk.format, body, max_rows=_SLICE):
            yield batch
            await anyio.lowlevel.checkpoint()


def _identity_of(values: Values) -> str:
    """Return what makes two contacts the same, as sources do."""
    email = str(values.get("email", "")).strip().lower()
    return email or f"sms:{str(values.get('sms_number', ''))[-10:]}"
