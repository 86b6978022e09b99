"""The way in for tests and people, over HTTP as JSON under `/sandbox`.

::

    GET    /sandbox/state                   counts, limits, activities, faults, the time
    GET    /sandbox/received?after=N        requests with bodies and answers, tokens masked
    DELETE /sandbox/received                forget them
    GET    /sandbox/contacts?search=TEXT    people by a part of address or name
    POST   /sandbox/contacts                add people: {"contacts": [{"email": …}]}
    POST   /sandbox/people                  {"email": …, "act": "unsubscribe" or "confirm"}
    POST   /sandbox/seed                    {"lists": […], "custom_fields": […], "tags": […]}
    POST   /sandbox/faults                  {"name": …, "share": …, "path": …, "times": …}
    DELETE /sandbox/faults?name=NAME        one kind, or all
    POST   /sandbox/activities              {"activity_id": …, "act": "hold", "fail" …}
    POST   /sandbox/clock                   {"advance": SECONDS}
    POST   /sandbox/rights                  {"scopes": […], "privileges": […], …}
    POST   /sandbox/reset                   as it was at the start
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cc_async.sandbox._answers import invalid, json_reply, not_found
from cc_async.sandbox._call import Call
from cc_async.sandbox._clock import text_of
from cc_async.sandbox._faults import FAULTS
from cc_async.wire import CONVERTER, Reply

if TYPE_CHECKING:
    from cc_async.sandbox._received import Received
    from cc_async.sandbox._sandbox import Sandbox

Control = Callable[["Sandbox", Call], Reply]

MOST_SHOWN = 100
MOST_LETTERS = 20_000
DONE = {"done": True}


def show_state(sandbox: Sandbox, call: Call) -> Reply:
    """Tell how things stand, small enough to be asked for every second."""
    received = sandbox.received
    settings = sandbox.settings
    return json_reply(
        200,
        {
            "now": text_of(sandbox.clock()),
            "contacts": sandbox.contact_count,
            "lists": CONVERTER.unstructure(sandbox.contact_lists),
            "custom_fields": CONVERTER.unstructure(sandbox.custom_fields),
            "tags": CONVERTER.unstructure(sandbox.tags),
            "activities": CONVERTER.unstructure(sandbox.activities[:-MOST_SHOWN:-1]),
            "faults": [CONVERTER.unstructure(fault) for fault in sandbox.faults],
            "bitten": dict(sandbox.faults.bitten),
            "known_faults": list(FAULTS),
            "limits": {
                "per_second": settings.per_second,
                "per_day": settings.per_day,
                "used_today": sandbox.used_today,
                "refused": sandbox.refused_429,
            },
            "received": {
                "count": received.count,
                "in_flight": received.in_flight,
                "most_in_flight": received.most_in_flight,
            },
            "rights": {
                "scopes": sorted(sandbox.rights.scopes),
                "privileges": sorted(sandbox.rights.privileges),
                "is_app_active": sandbox.rights.is_app_active,
                "is_token_expired": sandbox.rights.is_token_expired,
            },
        },
    )


def show_received(sandbox: Sandbox, call: Call) -> Reply:
    """Tell the newest requests first; `after` leaves out those that were seen before."""
    after = call.params.get("after", "0")
    if not (after.isascii() and after.isdecimal()):
        raise invalid("after does not have a valid value")
    newest = [one for one in sandbox.received if one.number > int(after)]
    return json_reply(
        200, {"received": [_received_view(one) for one in newest[: -MOST_SHOWN - 1 : -1]]}
    )


def _received_view(entry: Received) -> dict[str, Any]:
    return {
        "number": entry.number,
        "at": text_of(entry.at),
        "seconds": None if entry.answered_at is None else round(entry.answered_at - entry.at, 4),
        "method": entry.method,
        "path": entry.path,
        "query": entry.query,
        "headers": dict(entry.headers),
        "body": entry.body[:MOST_LETTERS].decode("utf-8", "replace"),
        "body_size": entry.body_size,
        "status": entry.status,
        "reply": entry.reply_body[:MOST_LETTERS].decode("utf-8", "replace"),
        "fault": entry.fault,
    }


def forget_received(sandbox: Sandbox, call: Call) -> Reply:
    sandbox.received.clear()
    return json_reply(200, DONE)


def show_contacts(sandbox: Sandbox, call: Call) -> Reply:
    """Find people by a part of their address or name, newest first."""
    found = sandbox.search_contacts(call.params.get("search", ""), MOST_SHOWN)
    return json_reply(200, {"contacts": CONVERTER.unstructure(found)})


def add_contacts(sandbox: Sandbox, call: Call) -> Reply:
    """Add people; a list may be named by its id or its name."""
    people = call.json_object().get("contacts")
    if not isinstance(people, list) or not all(isinstance(one, dict) for one in people):
        raise invalid("contacts does not have a valid value")
    ids = {one.name: one.list_id for one in sandbox.contact_lists}
    made = []
    for person in people:
        values = dict(person)
        email, lists = values.pop("email", None), values.pop("lists", ())
        if not isinstance(email, str) or sandbox.find_contact(email) is not None:
            raise invalid("email is missing, or somebody has it")
        named = tuple(ids.get(str(one), str(one)) for one in lists)
        try:
            made.append(sandbox.add_contact(email, lists=named, **values))
        except (TypeError, ValueError) as error:
            raise invalid(str(error)) from None
    return json_reply(200, {"contacts": CONVERTER.unstructure(made)})


def let_people(sandbox: Sandbox, call: Call) -> Reply:
    """Let somebody do what the API cannot: answer a mail, or the link at its foot."""
    body = call.json_object()
    acts: Mapping[str, Callable[[str], None]] = {
        "unsubscribe": sandbox.unsubscribe,
        "confirm": sandbox.confirm,
    }
    act = acts.get(str(body.get("act")))
    if act is None:
        raise invalid("act does not have a valid value")
    try:
        act(str(body.get("email")))
    except KeyError:
        raise not_found() from None
    return json_reply(200, DONE)


def seed(sandbox: Sandbox, call: Call) -> Reply:
    """Add lists, custom fields and tags by their names."""
    body = call.json_object()
    kinds: Mapping[str, Callable[[str], Any]] = {
        "lists": sandbox.add_list,
        "custom_fields": sandbox.add_custom_field,
        "tags": sandbox.add_tag,
    }
    made = {}
    for kind, add in kinds.items():
        names = body.get(kind, [])
        if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
            raise invalid(f"{kind} does not have a valid value")
        made[kind] = [CONVERTER.unstructure(add(name)) for name in names]
    return json_reply(200, made)


def add_fault(sandbox: Sandbox, call: Call) -> Reply:
    """Switch a fault on."""
    body = call.json_object()
    try:
        fault = sandbox.faults.add(**body)
    except (TypeError, ValueError) as error:
        raise invalid(str(error).partition("\n")[0]) from None
    return json_reply(200, CONVERTER.unstructure(fault))


def remove_faults(sandbox: Sandbox, call: Call) -> Reply:
    """Switch off the faults of a name, or all."""
    name = call.params.get("name")
    if name is None:
        sandbox.faults.clear()
    else:
        sandbox.faults.remove(name)
    return json_reply(200, DONE)


def steer_activity(sandbox: Sandbox, call: Call) -> Reply:
    """Hold, release, fail, time out, cancel or lose an activity, or the next one."""
    body = call.json_object()
    acts: Mapping[str, Callable[[Any], None]] = {
        "hold": sandbox.hold,
        "release": sandbox.release,
        "fail": sandbox.fail,
        "time_out": sandbox.time_out,
        "cancel": sandbox.cancel,
        "lose": sandbox.lose,
    }
    act = acts.get(str(body.get("act")))
    if act is None:
        raise invalid("act does not have a valid value")
    try:
        act(None if "activity_id" not in body else str(body["activity_id"]))
    except KeyError:
        raise not_found() from None
    return json_reply(200, DONE)


def move_clock(sandbox: Sandbox, call: Call) -> Reply:
    """Let time pass."""
    seconds = call.json_object().get("advance")
    if not isinstance(seconds, (int, float)) or not 0 <= seconds <= 1e9:
        raise invalid("advance does not have a valid value")
    sandbox.clock.advance(seconds)
    return json_reply(200, {"now": text_of(sandbox.clock())})


def set_rights(sandbox: Sandbox, call: Call) -> Reply:
    """Take rights away, or give them back."""
    body = call.json_object()
    for name in ("scopes", "privileges"):
        if isinstance(body.get(name), list):
            setattr(sandbox.rights, name, set(map(str, body[name])))
    for name in ("is_app_active", "is_token_expired"):
        if isinstance(body.get(name), bool):
            setattr(sandbox.rights, name, body[name])
    return json_reply(200, DONE)


def reset(sandbox: Sandbox, call: Call) -> Reply:
    sandbox.reset()
    return json_reply(200, DONE)


CONTROLS: Mapping[tuple[str, str], Control] = {
    ("GET", "/sandbox/state"): show_state,
    ("GET", "/sandbox/received"): show_received,
    ("DELETE", "/sandbox/received"): forget_received,
    ("GET", "/sandbox/contacts"): show_contacts,
    ("POST", "/sandbox/contacts"): add_contacts,
    ("POST", "/sandbox/people"): let_people,
    ("POST", "/sandbox/seed"): seed,
    ("POST", "/sandbox/faults"): add_fault,
    ("DELETE", "/sandbox/faults"): remove_faults,
    ("POST", "/sandbox/activities"): steer_activity,
    ("POST", "/sandbox/clock"): move_clock,
    ("POST", "/sandbox/rights"): set_rights,
    ("POST", "/sandbox/reset"): reset,
}
