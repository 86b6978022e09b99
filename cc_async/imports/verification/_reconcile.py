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

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import attrs

from cc_async.imports._bodies import Bodies
from cc_async.imports._chunk import ChunkProgress, ChunkState, Verified
from cc_async.imports.verification._list_members import Membership, read_members
from cc_async.imports.verification._named_contacts import NamedContact, naming_contacts
from cc_async.imports.verification._sent_contacts import AbsentCounts, SentContacts
from cc_async.lookups import SuppressionList, open_suppression
from cc_async.session import Session


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

    Contacts of a body that is gone cannot be looked for. Where a list was not read whole, it cannot
    be told of a chunk with an absent contact who arrived.

    Args:
        session: For the requests.
        bodies: The bodies of the chunks.
        entries: The chunks.
        path: The file for contacts that did not arrive, if any.
        since: When the import began, should the service not say when it accepted a chunk.
        now: Seconds since the epoch.
        has_caught_up: Whether the lists had enough time to show all contacts.
    """
    sent = SentContacts(bodies, entries, since)
    await sent.add_all()
    for number, list_id in enumerate(sent.list_ids):
        sent.memberships.append(await _read_list(session, sent, number, list_id))
    counted = await sent.count_absent()
    if not has_caught_up and _exceeds_explained(sent.entries, counted):
        return None
    sent.leave_out_untold()
    counted = Counter({one.chunk.number: counted[one.chunk.number] for one in sent.entries})
    events = [Verified(entry.chunk.number, now, missing=0, is_known=False) for entry in sent.gone]
    if not counted.total():
        events += [sent.event(entry, AbsentCounts(), now) for entry in sent.entries]
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


async def _read_list(session: Session, sent: SentContacts, number: int, list_id: str) -> Membership:
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
