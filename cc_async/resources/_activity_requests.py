"""Requests of the bulk activities that change or delete contacts, lists, tags and fields.

https://developer.constantcontact.com/api_guide/bulk_activities.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Literal, TypedDict

from cc_async.errors import InvalidRequestError
from cc_async.wire import JSON, Request, encode, path_of


class ContactSource(TypedDict, total=False):
    """The contacts that a bulk activity changes: exactly one of these.

    At most 500 *contact_ids*, 50 *list_ids* or 50 *tag_ids*. *all_active_contacts* are the
    contacts that the account pays for.
    https://developer.constantcontact.com/api_guide/add_list_membership.html
    """

    contact_ids: Sequence[str]
    list_ids: Sequence[str]
    tag_ids: Sequence[str]
    segment_id: int
    all_active_contacts: bool
    engagement_level: Literal["unqualified", "low", "medium", "high"]
    new_subscriber: bool


MAX_CONTACT_IDS = 500
"""Contact ids in one activity, https://developer.constantcontact.com/api_guide/add_list_membership.html"""

MAX_IDS = 50
"""Ids of lists or tags in one activity, as its source or its target, https://developer.constantcontact.com/api_guide/add_list_membership.html"""

_MAX_SOURCE_IDS = {"contact_ids": MAX_CONTACT_IDS, "list_ids": MAX_IDS, "tag_ids": MAX_IDS}
"""Ids in each kind of source, https://developer.constantcontact.com/api_guide/add_list_membership.html"""

_TAGGING_SOURCES = frozenset({*_MAX_SOURCE_IDS, "all_active_contacts", "new_subscriber"})
_SOURCES = {
    "add_list_memberships": _TAGGING_SOURCES | {"engagement_level", "segment_id"},
    "remove_list_memberships": _TAGGING_SOURCES | {"engagement_level"},
    "contacts_taggings_add": _TAGGING_SOURCES,
    "contacts_taggings_remove": _TAGGING_SOURCES,
}
"""Sources that each kind of activity accepts."""

_EXCLUDABLE = frozenset({"all_active_contacts", "list_ids", "new_subscriber"})
"""Sources that accept contacts to exclude."""


def change_request(
    kind: str,
    source: ContactSource,
    exclude: Sequence[str],
    targets: Mapping[str, Sequence[str]],
) -> Request:
    """Return the request that changes lists or tags, *targets*, of all contacts of *source*.

    Raises:
        InvalidRequestError: Not exactly one source, a source that *kind* does not accept, or too
            many ids.
    """
    named = [name for name, value in source.items() if value is not None and value is not False]
    if len(named) != 1 or named[0] not in _SOURCES[kind]:
        raise InvalidRequestError(
            f"{kind} takes exactly one source: {', '.join(sorted(_SOURCES[kind]))}"
        )
    value: Any = source[named[0]]  # type: ignore[literal-required]
    if named[0] in _MAX_SOURCE_IDS:
        value = checked_ids(named[0], value, _MAX_SOURCE_IDS[named[0]])
    elif value == "":
        raise InvalidRequestError(f"the source {named[0]} is blank")
    body: dict[str, Any] = {"source": {named[0]: value}}
    if exclude:
        if named[0] not in _EXCLUDABLE:
            raise InvalidRequestError(f"the source {named[0]} cannot exclude contacts")
        body["exclude"] = {"contact_ids": checked_ids("exclude", exclude, None)}
    body |= {name: checked_ids(name, ids, MAX_IDS) for name, ids in targets.items()}
    return _request(kind, body)


def deletion_request(kind: str, name: str, ids: Sequence[str], max_ids: int) -> Request:
    """Return the request that deletes the things with *ids*, at most *max_ids* of them."""
    return _request(kind, {name: checked_ids(name, ids, max_ids)})


def require_sms_consent(rows: Iterable[Mapping[str, object]]) -> None:
    """Refuse *rows* with a number for text messages and without the date of the consent.

    Under an explicit permission the service stores no permission for them.
    https://developer.constantcontact.com/api_guide/import_contacts.html

    Raises:
        InvalidRequestError: There is such a row.
    """
    for number, row in enumerate(rows, 1):
        if row.get("sms_number") and not row.get("sms_consent_date"):
            raise InvalidRequestError(
                f"row {number}: an explicit permission for text messages needs the date of the "
                "consent",
                "Add sms_consent_date.",
            )


def checked_ids(name: str, ids: Sequence[str], max_ids: int | None) -> Sequence[str]:
    """Return *ids* unchanged.

    Raises:
        InvalidRequestError: There are none, one is blank, or there are more than *max_ids*.
    """
    texts: Collection[object] = (
        () if isinstance(ids, str) or not isinstance(ids, Collection) else ids
    )
    is_blank = not texts or not all(isinstance(each, str) and each.strip() for each in texts)
    if is_blank or (max_ids is not None and len(ids) > max_ids):
        raise InvalidRequestError(
            f"{name} takes 1 to {max_ids} ids" if max_ids else f"{name} takes a sequence of ids",
            "Submit several activities." if max_ids else "",
        )
    return ids


def _request(kind: str, body: Mapping[str, Any]) -> Request:
    path = path_of("activities", kind)
    return Request("POST", path, "", encode(body), JSON, is_repeatable=False)
