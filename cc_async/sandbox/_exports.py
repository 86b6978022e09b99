"""Exports: `POST /activities/contact_exports`, and the file that comes of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from cc_async.sandbox._activities import refuse_full_queue, start_activity
from cc_async.sandbox._activity_queue import ActivityRecord, Steps
from cc_async.sandbox._activity_views import activity_view
from cc_async.sandbox._answers import invalid, json_reply, not_found
from cc_async.sandbox._bulk_sources import LIMITS, Source, read_id_list, resolve
from cc_async.sandbox._call import Call
from cc_async.sandbox._clock import eastern_time_of
from cc_async.sandbox._contact_book import ContactRecord
from cc_async.sandbox._contact_search import is_active, is_settled
from cc_async.sandbox._state import State
from cc_async.wire import Reply

STATUSES = ("active", "unsubscribed", "removed")
ALONE = frozenset({"contact_ids", "list_ids", "tag_ids", "segment_id", "new_subscriber"})


@attrs.frozen
class Column:
    """A column: its title in the file, and what stands in it."""

    title: str
    value: Callable[[State, ContactRecord], object]


def _phone(record: ContactRecord, kind: str) -> str:
    return next((one.number for one in record.phones if one.kind == kind), "")


def _home(name: str) -> Callable[[State, ContactRecord], object]:
    return lambda state, record: getattr(record.addresses[0], name) if record.addresses else ""


def _plain(name: str) -> Callable[[State, ContactRecord], object]:
    return lambda state, record: getattr(record, name)


def _time(name: str) -> Callable[[State, ContactRecord], object]:
    def render(state: State, record: ContactRecord) -> str:
        moment = getattr(record, name)
        return "" if moment is None else eastern_time_of(moment)

    return render


def _list_names(state: State, record: ContactRecord) -> str:
    return ", ".join(state.lists[one].name for one in record.lists)


COLUMNS: Mapping[str, Column] = {
    "email_address": Column("Email address", _plain("address")),
    "first_name": Column("First name", _plain("first_name")),
    "last_name": Column("Last name", _plain("last_name")),
    "company_name": Column("Company", _plain("company_name")),
    "job_title": Column("Job title", _plain("job_title")),
    "email_status": Column("Email status", _plain("permission")),
    "email_lists": Column("Email Lists", _list_names),
    "phone_number": Column("Phone - home", lambda state, record: _phone(record, "home")),
    "street": Column("Street address line 1 - Home", _home("street")),
    "city": Column("City - Home", _home("city")),
    "state": Column("State/Province - Home", _home("state")),
    "zip": Column("Zip/Postal Code - Home", _home("postal_code")),
    "country": Column("Country - Home", _home("country")),
    "birthday_month": Column("Birthday month", _plain("birthday_month")),
    "birthday_day": Column("Birthday day", _plain("birthday_day")),
    "anniversary": Column("Anniversary", _plain("anniversary")),
    "source_name": Column("Source Name", _plain("create_source")),
    "email_optin_source": Column("Email permission status source", _plain("opt_in_source")),
    "email_optin_date": Column("Email optin date", _time("opt_in_at")),
    "email_optout_source": Column("Email optout source", _plain("opt_out_source")),
    "email_optout_date": Column("Email optout date", _time("opt_out_at")),
    "email_optout_reason": Column("Email optout reason", _plain("opt_out_reason")),
    "created_at": Column("Created At", _time("created_at")),
    "updated_at": Column("Updated At", _time("updated_at")),
}
NEED_ADDRESS = frozenset(name for name in COLUMNS if "_opt" in name)


def start_export(call: Call) -> Reply:
    """`POST /activities/contact_exports`: everybody, or those that one filter means."""
    refuse_full_queue(call)
    body = call.json_object()
    source, status = _read_filters(body)
    if status == "removed" and call.settings.removed_exports == "refused":
        raise invalid("status does not have a valid value")
    columns = _read_columns(call.state, body.get("fields"))
    numbers = _filtered(call, source, status)
    activity = start_activity(call, "contact_exports", len(numbers))
    activity.results_id = call.state.ids.new()
    activity.counters = {"items_total_count": len(numbers), "items_completed_count": 0}
    activity.running_counters = {"items_total_count": len(numbers)}
    activity.steps = _write(call.state, activity, numbers, columns)
    return json_reply(201, activity_view(activity, call.now))


def _read_filters(body: Mapping[str, Any]) -> tuple[Source | None, str | None]:
    """Return who is meant, refusing filters that exclude each other."""
    named = {name for name in ALONE if body.get(name) not in (None, False)}
    if len(named) > 1 and named != {"list_ids", "new_subscriber"}:
        raise invalid("filters exclude each other")
    status = body.get("status")
    if status is not None and (status not in STATUSES or not named <= {"contact_ids", "list_ids"}):
        raise invalid("status does not have a valid value")
    excluded = body.get("exclude")
    if excluded and (not isinstance(excluded, dict) or not named & {"list_ids", "new_subscriber"}):
        raise invalid("exclude does not have a valid value")
    left_out = frozenset(read_id_list(excluded, "contact_ids", 50)) if excluded else frozenset()
    for kind in sorted(named & LIMITS.keys()):
        return Source(kind, read_id_list(body, kind, LIMITS[kind]), left_out), status
    for kind, right in (("segment_id", int), ("new_subscriber", bool)):
        if kind in named:
            if type(body[kind]) is not right:
                raise invalid(f"{kind} does not have a valid value")
            return Source(kind, (), left_out), status
    return None, status


def _filtered(call: Call, source: Source | None, status: str | None) -> list[int]:
    contacts = call.state.contacts
    if source is not None and source.kind == "list_ids" and status == "removed":
        return _former(call, source)
    numbers = list(range(len(contacts))) if source is None else resolve(call, source)
    if source is not None and source.kind == "list_ids" and call.settings.member_delay:
        until = call.now - call.settings.member_delay
        numbers = [number for number in numbers if is_settled(contacts.row(number), until)]
    if status == "active":
        return [number for number in numbers if is_active(contacts.row(number))]
    wanted = {"unsubscribed": (False, True), "removed": (True, None), None: (False, None)}[status]
    return [number for number in numbers if _is_wanted(contacts.load(number), *wanted)]


def _former(call: Call, source: Source) -> list[int]:
    """Return who was on a list and is not any more; nobody says what the service means by it."""
    contacts = call.state.contacts
    numbers = sorted(set().union(*(contacts.former.get(one, {}) for one in source.ids)))
    if call.settings.removed_exports == "left":
        return numbers
    return [number for number in numbers if contacts.load(number).is_deleted]


def _is_wanted(record: ContactRecord, is_deleted: bool, is_unsubscribed: bool | None) -> bool:
    if record.is_deleted is not is_deleted:
        return False
    return is_unsubscribed is None or (record.permission == "unsubscribed") is is_unsubscribed


def _read_columns(state: State, fields: object) -> list[Column]:
    """Return the columns asked for; all of them, custom fields included, by default."""
    own = {one.name: _field_column(one.field_id, one.label) for one in state.custom_fields.values()}
    known = {**COLUMNS, **own}
    if not fields:
        return list(known.values())
    if not isinstance(fields, list) or not all(isinstance(one, str) for one in fields):
        raise invalid("fields does not have a valid value")
    if NEED_ADDRESS.intersection(fields) and "email_address" not in fields:
        raise invalid("fields must hold email_address")
    return [known[one] for one in fields if one in known]


def _field_column(field_id: str, label: str) -> Column:
    def value(state: State, record: ContactRecord) -> object:
        found = dict(record.custom_fields).get(field_id, "")
        return found if isinstance(found, str) else ", ".join(found)

    return Column(label, value)


def _write(
    state: State, activity: ActivityRecord, numbers: list[int], columns: list[Column]
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
    """`GET /contact_exports/{file_export_id}`: the file, as long as its activity is known."""
    activity_id, data = call.state.exports.get(call.id.lower(), ("", b""))
    if call.state.activities.get(activity_id) is None:
        call.state.exports.pop(call.id.lower(), None)
        raise not_found()
    return Reply(200, {"content-type": "text/csv"}, data)
