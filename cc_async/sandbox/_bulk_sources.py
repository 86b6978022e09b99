"""Which contacts a bulk activity is about."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import attrs

from cc_async.sandbox._answers import invalid
from cc_async.sandbox._call import Call
from cc_async.sandbox._contact_search import is_active, is_new_subscriber, is_present
from cc_async.sandbox._ids import is_uuid

LIMITS = {"contact_ids": 500, "list_ids": 50, "tag_ids": 50}
"""The numbers of the contract's words; its schemas have a few mistaken zeros."""
LEVELS = frozenset({"unqualified", "low", "medium", "high"})
EXCLUDABLE = frozenset({"all_active_contacts", "list_ids", "new_subscriber"})


@attrs.frozen
class Source:
    """One way to name contacts, and who is left out."""

    kind: str
    ids: tuple[str, ...] = ()
    excluded: frozenset[str] = frozenset()


def read_id_list(body: Mapping[str, Any], name: str, most: int) -> tuple[str, ...]:
    """Return the ids that *body* has under *name*, at least one."""
    ids = body.get(name)
    if not isinstance(ids, list) or not 0 < len(ids) <= most or not all(map(is_uuid, ids)):
        raise invalid(
            f"{name} is missing" if ids is None else f"{name} does not have a valid value"
        )
    return tuple(dict.fromkeys(one.lower() for one in ids))


def read_source(body: Mapping[str, Any], known: Collection[str]) -> Source:
    """Return the one source that *body* names out of those *known*.

    Raises:
        Refusal: There is none, more than one, or one that is wrong.
    """
    said = body.get("source")
    if not isinstance(said, dict):
        raise invalid("source is missing" if said is None else "source does not have a valid value")
    named = [kind for kind in known if said.get(kind) not in (None, False)]
    if len(named) != 1:
        raise invalid("source must name exactly one kind of contacts")
    kind = named[0]
    excluded = body.get("exclude") or {}
    if excluded and (not isinstance(excluded, dict) or kind not in EXCLUDABLE):
        raise invalid("exclude does not have a valid value")
    left_out = read_id_list(excluded, "contact_ids", 500) if excluded else ()
    return Source(kind, _read_kind(said, kind), frozenset(left_out))


def _read_kind(said: Mapping[str, Any], kind: str) -> tuple[str, ...]:
    value = said[kind]
    if kind in LIMITS:
        return read_id_list(said, kind, LIMITS[kind])
    if kind == "segment_id":
        is_right = type(value) is int
    elif kind == "engagement_level":
        is_right = isinstance(value, str) and value in LEVELS
    else:
        is_right = value is True
    if not is_right:
        raise invalid(f"{kind} does not have a valid value")
    return ()


def resolve(call: Call, source: Source) -> list[int]:
    """Return the numbers of the contacts that *source* means; ids nobody has are passed over."""
    contacts = call.state.contacts
    if source.kind == "contact_ids":
        records = (contacts.get(one) for one in source.ids)
        numbers = [record.number for record in records if record is not None]
    elif source.kind in {"list_ids", "tag_ids"}:
        look_up = contacts.members if source.kind == "list_ids" else contacts.tagged
        found = sorted(set().union(*map(look_up, source.ids)))
        numbers = [number for number in found if is_present(contacts.row(number))]
    elif source.kind in {"all_active_contacts", "new_subscriber"}:
        numbers = [
            number
            for number in range(len(contacts))
            if (
                is_active(contacts.row(number))
                if source.kind == "all_active_contacts"
                else is_new_subscriber(contacts.row(number), call.now)
            )
        ]
    else:
        numbers = []  # nobody opens mails here, and there are no segments
    if not source.excluded:
        return numbers
    left_out = {record.number for one in source.excluded if (record := contacts.get(one))}
    return [number for number in numbers if number not in left_out]
