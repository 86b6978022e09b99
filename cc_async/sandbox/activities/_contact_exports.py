"""Exports: `POST /activities/contact_exports`, and the file that comes of it.

https://developer.constantcontact.com/api_guide/export_contacts.html
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from cc_async.sandbox._call import Call
from cc_async.sandbox._clock import export_text
from cc_async.sandbox.activities._activities import refuse_full_queue, start_activity
from cc_async.sandbox.activities._activity_views import activity_view
from cc_async.sandbox.activities._contact_selection import (
    MAX_IDS,
    ContactSelection,
    read_id_list,
    selected_numbers,
)
from cc_async.sandbox.contacts import is_active, is_unchanged_since
from cc_async.sandbox.http import bad_request, json_reply, not_found
from cc_async.sandbox.storage import AccountState, ActivityRecord, ContactRecord, Steps
from cc_async.wire import Reply

STATUSES = ("active", "unsubscribed", "removed")
SELECTIONS = frozenset({"contact_ids", "list_ids", "tag_ids", "segment_id", "new_subscriber"})

MAX_EXCLUDED = 50
"""Excluded contacts of one export: the page above."""


@attrs.frozen
class ExportColumn:
    """A column of the file: its title, and a contact's value in it."""

    title: str
    value: Callable[[AccountState, ContactRecord], object]


def _phone(record: ContactRecord, kind: str) -> str:
    return next((one.number for one in record.phones if one.kind == kind), "")


def _home(name: str) -> Callable[[AccountState, ContactRecord], object]:
    return lambda state, record: getattr(record.addresses[0], name) if record.addresses else ""


def _plain(name: str) -> Callable[[AccountState, ContactRecord], object]:
    return lambda state, record: getattr(record, name)


def _time(name: str) -> Callable[[AccountState, ContactRecord], object]:
    def render(state: AccountState, record: ContactRecord) -> str:
        moment = getattr(record, name)
        return "" if moment is None else export_text(moment)

    return render


def _list_names(state: AccountState, record: ContactRecord) -> str:
    return ", ".join(state.lists[one].name for one in record.lists)


EXPORT_COLUMNS: Mapping[str, ExportColumn] = {
    "email_address": ExportColumn("Email address", _plain("address")),
    "first_name": ExportColumn("First name", _plain("first_name")),
    "last_name": ExportColumn("Last name", _plain("last_name")),
    "company_name": ExportColumn("Company", _plain("company_name")),
    "job_title": ExportColumn("Job title", _plain("job_title")),
    "email_status": ExportColumn("Email status", _plain("permission")),
    "email_lists": ExportColumn("Email Lists", _list_names),
    "phone_number": ExportColumn("Phone - home", lambda state, record: _phone(record, "home")),
    "street": ExportColumn("Street address line 1 - Home", _home("street")),
    "city": ExportColumn("City - Home", _home("city")),
    "state": ExportColumn("State/Province - Home", _home("state")),
    "zip": ExportColumn("Zip/Postal Code - Home", _home("postal_code")),
    "country": ExportColumn("Country - Home", _home("country")),
    "birthday_month": ExportColumn("Birthday month", _plain("birthday_month")),
    "birthday_day": ExportColumn("Birthday day", _plain("birthday_day")),
    "anniversary": ExportColumn("Anniversary", _plain("anniversary")),
    "source_name": ExportColumn("Source Name", _plain("create_source")),
    "email_optin_source": ExportColumn("Email permission status source", _plain("opt_in_source")),
    "email_optin_date": ExportColumn("Email optin date", _time("opt_in_at")),
    "email_optout_source": ExportColumn("Email optout source", _plain("opt_out_source")),
    "email_optout_date": ExportColumn("Email optout date", _time("opt_out_at")),
    "email_optout_reason": ExportColumn("Email optout reason", _plain("opt_out_reason")),
    "created_at": ExportColumn("Created At", _time("created_at")),
    "updated_at": ExportColumn("Updated At", _time("updated_at")),
}
NEED_ADDRESS = frozenset(name for name in EXPORT_COLUMNS if "_opt" in name)


def start_export(call: Call) -> Reply:
    """`POST /activities/contact_exports`: all contacts, or those of one filter."""
    refuse_full_queue(call)
    body = call.json_object()
    selection, status = _read_filters(body)
    if status == "removed" and call.settings.removed_exports == "refused":
        raise bad_request("status does not have a valid value")
    columns = _read_columns(call.state, body.get("fields"))
    numbers = _filtered(call, selection, status)
    activity = start_activity(call, "contact_exports", len(numbers))
    activity.results_id = call.state.ids.new()
    activity.counters = {"items_total_count": len(numbers), "items_completed_count": 0}
    activity.running_counters = {"items_total_count": len(numbers)}
    activity.steps = _write(call.state, activity, numbers, columns)
    return json_reply(201, activity_view(activity, call.now))


def _read_filters(body: Mapping[str, Any]) -> tuple[ContactSelection | None, str | None]:
    """Return selection and status; refuse filters that exclude each other."""
    named = {name for name in SELECTIONS if body.get(name) not in (None, False)}
    if len(named) > 1 and named != {"list_ids", "new_subscriber"}:
        raise bad_request("filters exclude each other")
    status = body.get("status")
    if status is not None and (status not in STATUSES or not named <= {"contact_ids", "list_ids"}):
        raise bad_request("status does not have a valid value")
    exclude = body.get("exclude")
    if exclude and (not isinstance(exclude, dict) or not named & {"list_ids", "new_subscriber"}):
        raise bad_request("exclude does not have a valid value")
    excluded = frozenset(read_id_list(exclude, "contact_ids", MAX_EXCLUDED) if exclude else ())
    for kind in sorted(named & MAX_IDS.keys()):
        return ContactSelection(kind, read_id_list(body, kind, MAX_IDS[kind]), excluded), status
    for kind, expected in (("segment_id", int), ("new_subscriber", bool)):
        if kind in named:
            if type(body[kind]) is not expected:
                raise bad_request(f"{kind} does not have a valid value")
            return ContactSelection(kind, (), excluded), status
    return None, status


def _filtered(call: Call, selection: ContactSelection | None, status: str | None) -> list[int]:
    contacts = call.state.contacts
    by_list = selection is not None and selection.kind == "list_ids"
    if selection is not None and by_list and status == "removed":
        return _former_members(call, selection)
    numbers = list(range(len(contacts))) if selection is None else selected_numbers(call, selection)
    if by_list and call.settings.member_delay:
        until = call.now - call.settings.member_delay
        numbers = [number for number in numbers if is_unchanged_since(contacts.row(number), until)]
    if status == "active":
        return [number for number in numbers if is_active(contacts.row(number))]
    wanted = {"unsubscribed": (False, True), "removed": (True, None), None: (False, None)}[status]
    return [number for number in numbers if _is_wanted(contacts.load(number), *wanted)]


def _former_members(call: Call, selection: ContactSelection) -> list[int]:
    """Return the contacts that left a list; the guide does not explain the status `removed`."""
    contacts = call.state.contacts
    numbers = sorted(set().union(*(contacts.former_members.get(one, {}) for one in selection.ids)))
    if call.settings.removed_exports == "left":
        return numbers
    return [number for number in numbers if contacts.load(number).is_deleted]


def _is_wanted(record: ContactRecord, is_deleted: bool, is_unsubscribed: bool | None) -> bool:
    if record.is_deleted is not is_deleted:
        return False
    return is_unsubscribed is None or (record.permission == "unsubscribed") is is_unsubscribed


def _read_columns(state: AccountState, fields: object) -> list[ExportColumn]:
    """Return the wanted columns; all of them by default, with custom fields."""
    own = {one.name: _field_column(one.field_id, one.label) for one in state.custom_fields.values()}
    known = {**EXPORT_COLUMNS, **own}
    if not fields:
        return list(known.values())
    if not isinstance(fields, list) or not all(isinstance(one, str) for one in fields):
        raise bad_request("fields does not have a valid value")
    if NEED_ADDRESS.intersection(fields) and "email_address" not in fields:
        raise bad_request("fields must hold email_address")
    return [known[one] for one in fields if one in known]


def _field_column(field_id: str, label: str) -> ExportColumn:
    def value(state: AccountState, record: ContactRecord) -> object:
        found = dict(record.custom_fields).get(field_id, "")
        return found if isinstance(found, str) else ", ".join(found)

    return ExportColumn(label, value)


def _write(
    state: AccountState, activity: ActivityRecord, numbers: list[int], columns: list[ExportColumn]
) -> Steps:
    """Write the file, one contact a step."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([column.title for column in columns])
    for number in numbers:
        record = state.contacts.load(number)
        writer.writerow([column.value(state, record) for column in columns])
        activity.counters["items_completed_count"] += 1
        yield
    state.exports[activity.results_id or ""] = (activity.activity_id, text.getvalue().encode())


def get_export(call: Call) -> Reply:
    """`GET /contact_exports/{file_export_id}`: the file, while its activity is known."""
    activity_id, data = call.state.exports.get(call.id.lower(), ("", b""))
    if call.state.activities.get(activity_id) is None:
        call.state.exports.pop(call.id.lower(), None)
        raise not_found()
    return Reply(200, {"content-type": "text/csv"}, data)
