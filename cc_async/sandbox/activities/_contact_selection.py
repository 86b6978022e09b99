"""The contacts that a bulk activity is for.

https://developer.constantcontact.com/api_guide/add_list_membership.html
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import attrs

from cc_async.sandbox._call import Call
from cc_async.sandbox._ids import is_uuid
from cc_async.sandbox.contacts import is_active, is_new_subscriber, is_present
from cc_async.sandbox.http import bad_request

MAX_IDS = {"contact_ids": 500, "list_ids": 50, "tag_ids": 50}
"""Ids in one request: the texts of the contract; its schemas have a few mistaken zeros."""

ENGAGEMENT_LEVELS = frozenset({"unqualified", "low", "medium", "high"})
EXCLUDABLE = frozenset({"all_active_contacts", "list_ids", "new_subscriber"})


@attrs.frozen
class ContactSelection:
    """One kind of contacts, and the ids of excluded ones."""

    kind: str
    ids: tuple[str, ...] = ()
    excluded: frozenset[str] = frozenset()


def read_id_list(body: Mapping[str, Any], name: str, max_ids: int) -> tuple[str, ...]:
    """Return the ids under *name* in *body*, at least one."""
    ids = body.get(name)
    if not isinstance(ids, list) or not 0 < len(ids) <= max_ids or not all(map(is_uuid, ids)):
        raise bad_request(
            f"{name} is missing" if ids is None else f"{name} does not have a valid value"
        )
    return tuple(dict.fromkeys(one.lower() for one in ids))


def read_selection(body: Mapping[str, Any], known: Collection[str]) -> ContactSelection:
    """Return the one selection under `source` in *body*.

    Args:
        body: The request's body.
        known: Kinds that the operation accepts.

    Raises:
        ErrorReply: 400 for none, for more than one, or for an invalid one.
    """
    source = body.get("source")
    if not isinstance(source, dict):
        raise bad_request(
            "source is missing" if source is None else "source does not have a valid value"
        )
    named = [kind for kind in known if source.get(kind) not in (None, False)]
    if len(named) != 1:
        raise bad_request("source must name exactly one kind of contacts")
    kind = named[0]
    exclude = body.get("exclude") or {}
    if exclude and (not isinstance(exclude, dict) or kind not in EXCLUDABLE):
        raise bad_request("exclude does not have a valid value")
    excluded = read_id_list(exclude, "contact_ids", MAX_IDS["contact_ids"]) if exclude else ()
    return ContactSelection(kind, _read_ids(source, kind), frozenset(excluded))


def _read_ids(source: Mapping[str, Any], kind: str) -> tuple[str, ...]:
    value = source[kind]
    if kind in MAX_IDS:
        return read_id_list(source, kind, MAX_IDS[kind])
    if kind == "segment_id":
        is_valid = type(value) is int
    elif kind == "engagement_level":
        is_valid = isinstance(value, str) and value in ENGAGEMENT_LEVELS
    else:
        is_valid = value is True
    if not is_valid:
        raise bad_request(f"{kind} does not have a valid value")
    return ()


def selected_numbers(call: Call, selection: ContactSelection) -> list[int]:
    """Return the numbers of the selected contacts; unknown ids are ignored.

    Segments and engagement levels select no contacts: the sandbox has neither.
    """
    contacts = call.state.contacts
    numbers: list[int] = []
    if selection.kind == "contact_ids":
        records = (contacts.get(one) for one in selection.ids)
        numbers = [record.number for record in records if record is not None]
    elif selection.kind in {"list_ids", "tag_ids"}:
        look_up = contacts.members if selection.kind == "list_ids" else contacts.tagged
        found = sorted(set().union(*map(look_up, selection.ids)))
        numbers = [number for number in found if is_present(contacts.row(number))]
    elif selection.kind == "all_active_contacts":
        numbers = [n for n in range(len(contacts)) if is_active(contacts.row(n))]
    elif selection.kind == "new_subscriber":
        numbers = [n for n in range(len(contacts)) if is_new_subscriber(contacts.row(n), call.now)]
    if not selection.excluded:
        return numbers
    excluded = {record.number for one in selection.excluded if (record := contacts.get(one))}
    return [number for number in numbers if number not in excluded]
