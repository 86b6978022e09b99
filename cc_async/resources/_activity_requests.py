"""Bulk activities besides imports and exports: what each may be asked for, and its request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict

from cc_async.errors import InvalidRequestError
from cc_async.wire import JSON, Request, encode, path_of


class ContactSource(TypedDict, total=False):
    """Whom a bulk activity is about: exactly one of these.

    At most 500 *contact_ids*, 50 *list_ids* or 50 *tag_ids*. *all_active_contacts* is everyone
    who is billed for.
    """

    contact_ids: Sequence[str]
    list_ids: Sequence[str]
    tag_ids: Sequence[str]
    segment_id: int
    all_active_contacts: bool
    engagement_level: Literal["unqualified", "low", "medium", "high"]
    new_subscriber: bool


_MOST = {"contact_ids": 500, "list_ids": 50, "tag_ids": 50}
_TAGGING = frozenset({*_MOST, "all_active_contacts", "new_subscriber"})
_KINDS = {
    "add_list_memberships": _TAGGING | {"engagement_level", "segment_id"},
    "remove_list_memberships": _TAGGING | {"engagement_level"},
    "contacts_taggings_add": _TAGGING,
    "contacts_taggings_remove": _TAGGING,
}
_EXCLUDABLE = frozenset({"all_active_contacts", "list_ids", "new_subscriber"})


def change_request(
    kind: str,
    source: ContactSource,
    exclude: Sequence[str],
    targets: Mapping[str, Sequence[str]],
) -> Request:
    """Return the request for a change of lists or tags, *targets*, of all contacts of *source*.

    Raises:
        InvalidRequestError: Not exactly one source, one that *kind* does not take, or too many
            ids.
    """
    named = [name for name, value in source.items() if value is not None and value is not False]
    if len(named) != 1 or named[0] not in _KINDS[kind]:
        raise InvalidRequestError(
            f"{kind} takes exactly one source: {', '.join(sorted(_KINDS[kind]))}"
        )
    value: Any = source[named[0]]  # type: ignore[literal-required]
    if named[0] in _MOST:
        value = checked_ids(named[0], value, _MOST[named[0]])
    body: dict[str, Any] = {"source": {named[0]: value}}
    if exclude:
        if named[0] not in _EXCLUDABLE:
            raise InvalidRequestError(f"nobody can be excluded from {named[0]}")
        body["exclude"] = {"contact_ids": checked_ids("exclude", exclude, None)}
    body |= {name: checked_ids(name, ids, 50) for name, ids in targets.items()}
    return _request(kind, body)


def deletion_request(kind: str, name: str, ids: Sequence[str], most: int) -> Request:
    """Return the request that deletes what *ids* name, at most *most* of them."""
    return _request(kind, {name: checked_ids(name, ids, most)})


def checked_ids(name: str, ids: Sequence[str], most: int | None) -> Sequence[str]:
    """Return *ids*, of which there are 1 to *most*."""
    if isinstance(ids, str) or not ids or (most is not None and len(ids) > most):
        raise InvalidRequestError(
            f"{name} takes 1 to {most} ids" if most else f"{name} takes a sequence of ids",
            "Submit several activities." if most else "",
        )
    return ids


def _request(kind: str, body: Mapping[str, Any]) -> Request:
    path = path_of("activities", kind)
    return Request("POST", path, "", encode(body), JSON, is_repeatable=False)
