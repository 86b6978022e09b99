"""Every operation the sandbox has: method, path, what a caller needs, who answers."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote

import attrs

from cc_async.sandbox import (
    _account,
    _activities,
    _bulk,
    _contact_edits,
    _contacts,
    _custom_fields,
    _exports,
    _imports,
    _lists,
    _sign_ups,
    _tags,
)
from cc_async.sandbox._answers import unknown_path, wrong_method
from cc_async.sandbox._call import Call
from cc_async.wire import Reply

READ, WRITE = "contacts:read", "contacts:write"
LISTS_READ, LISTS_WRITE = "contacts:lists:read", "contacts:lists:write"
DATA = "contact_data"


@attrs.frozen
class Route:
    """One operation; `{…}` in *path* stands for an id."""

    method: str
    path: str
    privilege: str
    answer: Callable[[Call], Reply]
    scope: str = DATA


ROUTES: tuple[Route, ...] = (
    Route("GET", "/account/summary", "account:read", _account.get_summary, "account_read"),
    Route("PUT", "/account/summary", "account:update", _account.put_summary, "account_update"),
    Route("GET", "/account/user/privileges", "", _account.find_privileges, ""),
    Route("GET", "/contacts", READ, _contacts.find_contacts),
    Route("POST", "/contacts", WRITE, _contacts.create_contact),
    Route("POST", "/contacts/sign_up_form", WRITE, _sign_ups.sign_up),
    Route("GET", "/contacts/counts", READ, _contact_edits.count_contacts),
    Route("GET", "/contacts/contact_id_xrefs", READ, _contact_edits.find_contact_xrefs),
    Route("GET", "/contacts/{contact_id}", READ, _contacts.get_contact),
    Route("PUT", "/contacts/{contact_id}", WRITE, _contact_edits.put_contact),
    Route("DELETE", "/contacts/{contact_id}", WRITE, _contact_edits.delete_contact),
    Route("PUT", "/contacts/resubscribe/{contact_id}", WRITE, _contact_edits.resubscribe),
    Route(
        "GET", "/contacts/sms_engagement_history/{contact_id}", READ, _contact_edits.get_sms_history
    ),
    Route("GET", "/contact_lists", LISTS_READ, _lists.find_lists),
    Route("POST", "/contact_lists", LISTS_WRITE, _lists.create_list),
    Route("GET", "/contact_lists/list_id_xrefs", LISTS_READ, _lists.find_list_xrefs),
    Route("GET", "/contact_lists/{list_id}", LISTS_READ, _lists.get_list),
    Route("PUT", "/contact_lists/{list_id}", LISTS_WRITE, _lists.put_list),
    Route("DELETE", "/contact_lists/{list_id}", LISTS_WRITE, _lists.delete_list),
    Route("GET", "/contact_custom_fields", READ, _custom_fields.find_fields),
    Route("POST", "/contact_custom_fields", WRITE, _custom_fields.create_field),
    Route("GET", "/contact_custom_fields/{custom_field_id}", READ, _custom_fields.get_field),
    Route("PUT", "/contact_custom_fields/{custom_field_id}", WRITE, _custom_fields.put_field),
    Route("DELETE", "/contact_custom_fields/{custom_field_id}", WRITE, _custom_fields.delete_field),
    Route("GET", "/contact_tags", READ, _tags.find_tags),
    Route("POST", "/contact_tags", WRITE, _tags.create_tag),
    Route("GET", "/contact_tags/{tag_id}", READ, _tags.get_tag),
    Route("PUT", "/contact_tags/{tag_id}", WRITE, _tags.put_tag),
    Route("DELETE", "/contact_tags/{tag_id}", WRITE, _tags.delete_tag),
    Route("GET", "/activities", WRITE, _activities.find_activities),
    Route("GET", "/activities/{activity_id}", WRITE, _activities.get_activity),
    Route("POST", "/activities/contacts_file_import", WRITE, _imports.import_file),
    Route("POST", "/activities/contacts_json_import", WRITE, _imports.import_json),
    Route("POST", "/activities/add_list_memberships", WRITE, _bulk.add_list_memberships),
    Route("POST", "/activities/remove_list_memberships", WRITE, _bulk.remove_list_memberships),
    Route("POST", "/activities/contact_delete", WRITE, _bulk.delete_contacts),
    Route("POST", "/activities/list_delete", WRITE, _bulk.delete_lists),
    Route("POST", "/activities/contacts_taggings_add", WRITE, _bulk.add_taggings),
    Route("POST", "/activities/contacts_taggings_remove", WRITE, _bulk.remove_taggings),
    Route("POST", "/activities/contacts_tags_delete", WRITE, _bulk.delete_tags),
    Route("POST", "/activities/custom_fields_delete", WRITE, _bulk.delete_custom_fields),
    Route("POST", "/activities/contact_exports", WRITE, _exports.start_export),
    Route("GET", "/contact_exports/{file_export_id}", WRITE, _exports.get_export),
)


_ID = "/"
"""Stands for any id; no part of a path can be it."""


def _make_table() -> dict[tuple[str, ...], dict[str, Route]]:
    """Index the routes by their fixed parts, so that a look-up is one step."""
    table: dict[tuple[str, ...], dict[str, Route]] = {}
    for route in ROUTES:
        parts = tuple(_ID if one.startswith("{") else one for one in route.path.split("/")[1:])
        table.setdefault(parts, {})[route.method] = route
    return table


_TABLE = _make_table()


def find_route(method: str, path: str) -> tuple[Route, tuple[str, ...]]:
    """Return the operation that *path* means, below `/v3`, and the ids in it.

    Raises:
        Refusal: 403 for a path that is none, as the gateway answers; 405 for another method.
    """
    *parts, last = path.split("/")[1:]
    ids: tuple[str, ...] = ()
    known = _TABLE.get((*parts, last))
    if known is None and last:
        known, ids = _TABLE.get((*parts, _ID)), (unquote(last),)
    if known is None:
        raise unknown_path()
    if method not in known:
        raise wrong_method(", ".join(sorted(known)))
    return known[method], ids
