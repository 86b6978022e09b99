"""Every operation the sandbox has: method, path, what a caller needs, who answers."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote

import attrs

from cc_async.sandbox import _activities, _contacts, _custom_fields, _imports, _lists, _sign_ups
from cc_async.sandbox._answers import unknown_path, wrong_method
from cc_async.sandbox._call import Call
from cc_async.wire import Reply

__all__ = ["ROUTES", "Route", "find_route"]

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
    Route("GET", "/contacts", READ, _contacts.find_contacts),
    Route("POST", "/contacts", WRITE, _contacts.create_contact),
    Route("POST", "/contacts/sign_up_form", WRITE, _sign_ups.sign_up),
    Route("GET", "/contacts/{contact_id}", READ, _contacts.get_contact),
    Route("GET", "/contact_lists", LISTS_READ, _lists.find_lists),
    Route("POST", "/contact_lists", LISTS_WRITE, _lists.create_list),
    Route("GET", "/contact_lists/{list_id}", LISTS_READ, _lists.get_list),
    Route("PUT", "/contact_lists/{list_id}", LISTS_WRITE, _lists.put_list),
    Route("DELETE", "/contact_lists/{list_id}", LISTS_WRITE, _lists.delete_list),
    Route("GET", "/contact_custom_fields", READ, _custom_fields.find_fields),
    Route("POST", "/contact_custom_fields", WRITE, _custom_fields.create_field),
    Route("GET", "/contact_custom_fields/{custom_field_id}", READ, _custom_fields.get_field),
    Route("PUT", "/contact_custom_fields/{custom_field_id}", WRITE, _custom_fields.put_field),
    Route("DELETE", "/contact_custom_fields/{custom_field_id}", WRITE, _custom_fields.delete_field),
    Route("GET", "/activities", WRITE, _activities.find_activities),
    Route("GET", "/activities/{activity_id}", WRITE, _activities.get_activity),
    Route("POST", "/activities/contacts_file_import", WRITE, _imports.import_file),
    Route("POST", "/activities/contacts_json_import", WRITE, _imports.import_json),
)


def _make_table() -> dict[tuple[str, ...], dict[str, Route]]:
    """Index the routes by their fixed parts, so that a look-up is one step."""
    table: dict[tuple[str, ...], dict[str, Route]] = {}
    for route in ROUTES:
        parts = tuple("*" if one.startswith("{") else one for one in route.path.split("/")[1:])
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
        known, ids = _TABLE.get((*parts, "*")), (unquote(last),)
    if known is None:
        raise unknown_path()
    if method not in known:
        raise wrong_method(", ".join(sorted(known)))
    return known[method], ids
