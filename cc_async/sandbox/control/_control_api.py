"""Controls over HTTP, as JSON under `/sandbox`, for tests and for the page.

::

    GET    /sandbox/state                   counts, limits, activities, faults, the time
    GET    /sandbox/received?after=N        requests with bodies and replies, tokens masked
    DELETE /sandbox/received                forget them
    GET    /sandbox/contacts?search=TEXT    contacts with this text in address or name
    POST   /sandbox/contacts                add contacts: {"contacts": [{"email": …}]}
    POST   /sandbox/people                  {"email": …, "act": "unsubscribe" or "confirm"}
    POST   /sandbox/seed                    {"lists": […], "custom_fields": […], "tags": […]}
    POST   /sandbox/faults                  {"name": …, "share": …, "path": …, "times": …}
    DELETE /sandbox/faults?name=NAME        one kind, or all
    POST   /sandbox/activities              {"activity_id": …, "act": "hold", "fail" …}
    POST   /sandbox/clock                   {"advance": SECONDS}
    POST   /sandbox/rights                  {"scopes": […], "privileges": […], …}
    POST   /sandbox/reset                   put everything back to the start
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cc_async.sandbox._call import Call
from cc_async.sandbox._clock import utc_text
from cc_async.sandbox.control._account_control import AccountControl
from cc_async.sandbox.http import FAULTS, ReceivedRequest, bad_request, json_reply, not_found
from cc_async.wire import CONVERTER, Reply

ControlHandler = Callable[[AccountControl, Call], Reply]

MAX_SHOWN = 100
"""Contacts, activities or requests in one reply: as many as the page can show. Our own choice."""

MAX_BODY_SHOWN = 20_000
"""Bytes shown of a body: enough to read, quick to send. Our own choice."""

MAX_ADVANCE = 1e9
"""Seconds, some 30 years: the clock stays within the range of dates."""

DONE = {"done": True}


def show_state(control: AccountControl, call: Call) -> Reply:
    """Return the state of the account, small enough for a request every second."""
    received = control.received
    settings = control.settings
    return json_reply(
        200,
        {
            "now": utc_text(control.clock()),
            "contacts": control.contact_count,
            "lists": CONVERTER.unstructure(control.contact_lists),
            "custom_fields": CONVERTER.unstructure(control.custom_fields),
            "tags": CONVERTER.unstructure(control.tags),
            "activities": CONVERTER.unstructure(control.activities[:-MAX_SHOWN:-1]),
            "faults": [CONVERTER.unstructure(fault) for fault in control.faults],
            "triggered": dict(control.faults.triggered),
            "known_faults": list(FAULTS),
            "limits": {
                "per_second": settings.per_second,
                "per_day": settings.per_day,
                "used_today": control.used_today,
                "refused": control.refused_429,
            },
            "received": {
                "count": received.count,
                "in_flight": received.in_flight,
                "most_in_flight": received.most_in_flight,
            },
            "rights": {
                "scopes": sorted(control.rights.scopes),
                "privileges": sorted(control.rights.privileges),
                "is_app_active": control.rights.is_app_active,
                "is_token_expired": control.rights.is_token_expired,
            },
        },
    )


def show_received(control: AccountControl, call: Call) -> Reply:
    """Return received requests, newest first; `after` leaves out the older ones."""
    after = call.params.get("after", "0")
    if not (after.isascii() and after.isdecimal()):
        raise bad_request("after does not have a valid value")
    newest = [one for one in control.received if one.number > int(after)]
    return json_reply(
        200, {"received": [_received_view(one) for one in newest[: -MAX_SHOWN - 1 : -1]]}
    )


def _received_view(entry: ReceivedRequest) -> dict[str, Any]:
    return {
        "number": entry.number,
        "at": utc_text(entry.at),
        "seconds": None if entry.answered_at is None else round(entry.answered_at - entry.at, 4),
        "method": entry.method,
        "path": entry.path,
        "query": entry.query,
        "headers": dict(entry.headers),
        "body": entry.body[:MAX_BODY_SHOWN].decode("utf-8", "replace"),
        "body_size": entry.body_size,
        "status": entry.status,
        "reply": entry.reply_body[:MAX_BODY_SHOWN].decode("utf-8", "replace"),
        "fault": entry.fault,
    }


def forget_received(control: AccountControl, call: Call) -> Reply:
    """Forget all received requests."""
    control.received.clear()
    return json_reply(200, DONE)


def show_contacts(control: AccountControl, call: Call) -> Reply:
    """Find contacts by a part of address or name, newest first."""
    found = control.search_contacts(call.params.get("search", ""), MAX_SHOWN)
    return json_reply(200, {"contacts": CONVERTER.unstructure(found)})


def add_contacts(control: AccountControl, call: Call) -> Reply:
    """Add contacts; a list is named by its id or its name."""
    contacts = call.json_object().get("contacts")
    if not isinstance(contacts, list) or not all(isinstance(one, dict) for one in contacts):
        raise bad_request("contacts does not have a valid value")
    ids = {one.name: one.list_id for one in control.contact_lists}
    made = []
    for contact in contacts:
        values = dict(contact)
        email, lists = values.pop("email", None), values.pop("lists", ())
        if not isinstance(email, str) or control.find_contact(email) is not None:
            raise bad_request("email is missing, or a contact has it")
        named = tuple(ids.get(str(one), str(one)) for one in lists)
        try:
            made.append(control.add_contact(email, lists=named, **values))
        except (TypeError, ValueError) as error:
            raise bad_request(str(error)) from None
    return json_reply(200, {"contacts": CONVERTER.unstructure(made)})


def act_as_contact(control: AccountControl, call: Call) -> Reply:
    """Act as a contact: confirm, or unsubscribe. The API has no operation for either."""
    body = call.json_object()
    acts: Mapping[str, Callable[[str], None]] = {
        "unsubscribe": control.unsubscribe,
        "confirm": control.confirm,
    }
    act = acts.get(str(body.get("act")))
    if act is None:
        raise bad_request("act does not have a valid value")
    try:
        act(str(body.get("email")))
    except KeyError:
        raise not_found() from None
    return json_reply(200, DONE)


def seed_account(control: AccountControl, call: Call) -> Reply:
    """Add lists, custom fields and tags by their names."""
    body = call.json_object()
    kinds: Mapping[str, Callable[[str], Any]] = {
        "lists": control.add_list,
        "custom_fields": control.add_custom_field,
        "tags": control.add_tag,
    }
    made = {}
    for kind, add in kinds.items():
        names = body.get(kind, [])
        if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
            raise bad_request(f"{kind} does not have a valid value")
        made[kind] = [CONVERTER.unstructure(add(name)) for name in names]
    return json_reply(200, made)


def add_fault(control: AccountControl, call: Call) -> Reply:
    """Switch a fault on."""
    body = call.json_object()
    try:
        fault = control.faults.add(**body)
    except (TypeError, ValueError) as error:
        raise bad_request(str(error).partition("\n")[0]) from None
    return json_reply(200, CONVERTER.unstructure(fault))


def remove_faults(control: AccountControl, call: Call) -> Reply:
    """Switch off the faults of a name, or all."""
    name = call.params.get("name")
    if name is None:
        control.faults.clear()
    else:
        control.faults.remove(name)
    return json_reply(200, DONE)


def steer_activity(control: AccountControl, call: Call) -> Reply:
    """Hold, release, fail, time out, cancel or lose an activity, or the next one."""
    body = call.json_object()
    acts: Mapping[str, Callable[[Any], None]] = {
        "hold": control.hold,
        "release": control.release,
        "fail": control.fail,
        "time_out": control.time_out,
        "cancel": control.cancel,
        "lose": control.lose,
    }
    act = acts.get(str(body.get("act")))
    if act is None:
        raise bad_request("act does not have a valid value")
    try:
        act(None if "activity_id" not in body else str(body["activity_id"]))
    except KeyError:
        raise not_found() from None
    return json_reply(200, DONE)


def move_clock(control: AccountControl, call: Call) -> Reply:
    """Move the clock ahead."""
    seconds = call.json_object().get("advance")
    if not isinstance(seconds, (int, float)) or not 0 <= seconds <= MAX_ADVANCE:
        raise bad_request("advance does not have a valid value")
    control.clock.advance(seconds)
    return json_reply(200, {"now": utc_text(control.clock())})


def set_rights(control: AccountControl, call: Call) -> Reply:
    """Set scopes, privileges and switches; absent ones stay."""
    body = call.json_object()
    for name in ("scopes", "privileges"):
        if isinstance(body.get(name), list):
            setattr(control.rights, name, set(map(str, body[name])))
    for name in ("is_app_active", "is_token_expired"):
        if isinstance(body.get(name), bool):
            setattr(control.rights, name, body[name])
    return json_reply(200, DONE)


def reset(control: AccountControl, call: Call) -> Reply:
    """Put everything back to the start."""
    control.reset()
    return json_reply(200, DONE)


CONTROLS: Mapping[tuple[str, str], ControlHandler] = {
    ("GET", "/sandbox/state"): show_state,
    ("GET", "/sandbox/received"): show_received,
    ("DELETE", "/sandbox/received"): forget_received,
    ("GET", "/sandbox/contacts"): show_contacts,
    ("POST", "/sandbox/contacts"): add_contacts,
    ("POST", "/sandbox/people"): act_as_contact,
    ("POST", "/sandbox/seed"): seed_account,
    ("POST", "/sandbox/faults"): add_fault,
    ("DELETE", "/sandbox/faults"): remove_faults,
    ("POST", "/sandbox/activities"): steer_activity,
    ("POST", "/sandbox/clock"): move_clock,
    ("POST", "/sandbox/rights"): set_rights,
    ("POST", "/sandbox/reset"): reset,
}
