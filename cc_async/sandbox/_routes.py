"""The API's operations: method, path, and the scope and privilege that a caller needs.

https://developer.constantcontact.com/api_guide/scopes.html
https://developer.constantcontact.com/api_guide/user_privileges.html
"""

from __future__ import annotations

from urllib.parse import unquote

import attrs

from cc_async.sandbox import _account as account, activities, contacts, lists
from cc_async.sandbox._call import Operation
from cc_async.sandbox.http import method_not_allowed, unknown_path

READ, WRITE = "contacts:read", "contacts:write"
LISTS_READ, LISTS_WRITE = "contacts:lists:read", "contacts:lists:write"
DATA = "contact_data"


@attrs.frozen
class Route:
    """One operation; `{…}` in *path* stands for an id."""

    method: str
    path: str
    privilege: str
    operation: Operation
    scope: str = DATA


ROUTES: tuple[Route, ...] = (
    Route("GET", "/account/summary", "account:read", account.get_summary, "account_read"),
    Route("PUT", "/account/summary", "account:update", account.put_summary, "account_update"),
    Route("GET", "/account/user/privileges", "", account.find_privileges, ""),
    Route("GET", "/contacts", READ, contacts.find_contacts),
    Route("POST", "/contacts", WRITE, contacts.create_contact),
    Route("POST", "/contacts/sign_up_form", WRITE, contacts.sign_up),
    Route("GET", "/contacts/counts", READ, contacts.count_contacts),
    Route("GET", "/contacts/contact_id_xrefs", READ, contacts.find_contact_xrefs),
    Route("GET", "/contacts/{contact_id}", READ, contacts.get_contact),
    Route("PUT", "/contacts/{contact_id}", WRITE, contacts.put_contact),
    Route("DELETE", "/contacts/{contact_id}", WRITE, contacts.delete_contact),
    Route("PUT", "/contacts/resubscribe/{contact_id}", WRITE, contacts.resubscribe),
    Route("GET", "/contacts/sms_engagement_history/{contact_id}", READ, contacts.get_sms_history),
    Route("GET", "/contact_lists", LISTS_READ, lists.find_lists),
    Route("POST", "/contact_lists", LISTS_WRITE, lists.create_list),
    Route("GET", "/contact_lists/list_id_xrefs", LISTS_READ, lists.find_list_xrefs),
    Route("GET", "/contact_lists/{list_id}", LISTS_READ, lists.get_list),
    Route("PUT", "/contact_lists/{list_id}", LISTS_WRITE, lists.put_list),
    Route("DELETE", "/contact_lists/{list_id}", LISTS_WRITE, lists.delete_list),
    Route("GET", "/contact_custom_fields", READ, lists.find_fields),
    Route("POST", "/contact_custom_fields", WRITE, lists.create_field),
    Route("GET", "/contact_custom_fields/{custom_field_id}", READ, lists.get_field),
    Route("PUT", "/contact_custom_fields/{custom_field_id}", WRITE, lists.put_field),
    Route("DELETE", "/contact_custom_fields/{custom_field_id}", WRITE, lists.delete_field),
    Route("GET", "/contact_tags", READ, lists.find_tags),
    Route("POST", "/contact_tags", WRITE, lists.create_tag),
    Route("GET", "/contact_tags/{tag_id}", READ, lists.get_tag),
    Route("PUT", "/contact_tags/{tag_id}", WRITE, lists.put_tag),
    Route("DELETE", "/contact_tags/{tag_id}", WRITE, lists.delete_tag),
    Route("GET", "/activities", WRITE, activities.find_activities),
    Route("GET", "/activities/{activity_id}", WRITE, activities.get_activity),
    Route("POST", "/activities/contacts_file_import", WRITE, activities.start_file_import),
    Route("POST", "/activities/contacts_json_import", WRITE, activities.start_json_import),
    Route("POST", "/activities/add_list_memberships", WRITE, activities.add_list_memberships),
    Route("POST", "/activities/remove_list_memberships", WRITE, activities.remove_list_memberships),
    Route("POST", "/activities/contact_delete", WRITE, activities.delete_contacts),
    Route("POST", "/activities/list_delete", WRITE, activities.delete_lists),
    Route("POST", "/activities/contacts_taggings_add", WRITE, activities.add_taggings),
    Route("POST", "/activities/contacts_taggings_remove", WRITE, activities.remove_taggings),
    Route("POST", "/activities/contacts_tags_delete", WRITE, activities.delete_tags),
    Route("POST", "/activities/custom_fields_delete", WRITE, activities.delete_custom_fields),
    Route("POST", "/activities/contact_exports", WRITE, activities.start_export),
    Route("GET", "/contact_exports/{file_export_id}", WRITE, activities.get_export),
)


_ANY_ID = "/"
"""Stands for any id in the index; no part of a path contains it."""


def _make_table() -> dict[tuple[str, ...], dict[str, Route]]:
    """Return the routes by their fixed parts, so that a look-up is one step."""
    table: dict[tuple[str, ...], dict[str, Route]] = {}
    for route in ROUTES:
        parts = tuple(_ANY_ID if one.startswith("{") else one for one in route.path.split("/")[1:])
        table.setdefault(parts, {})[route.method] = route
    return table


_TABLE = _make_table()


def find_route(method: str, path: str) -> tuple[Route, tuple[str, ...]]:
    """Return the route of *path*, below `/v3`, and the ids in it.

    Raises:
        ErrorReply: 403 for an unknown path, as the gateway replies; 405 for another method.
    """
    *parts, last = path.split("/")[1:]
    ids: tuple[str, ...] = ()
    known = _TABLE.get((*parts, last))
    if known is None and last:
        known, ids = _TABLE.get((*parts, _ANY_ID)), (unquote(last),)
    if known is None:
        raise unknown_path()
    if method not in known:
        raise method_not_allowed(", ".join(sorted(known)))
    return known[method], ids
