"""Short ways to call a sandbox in tests: values in, status and values out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson

from cc_async.sandbox import Sandbox, SandboxSettings
from cc_async.wire import Reply

NOON = 1_790_000_000.0
"""A moment to start from: 2026-09-21 14:13:20 UTC."""

AUTH = {"Authorization": "Bearer sandbox-token"}
JSON_HEADERS = {**AUTH, "Content-Type": "application/json"}

UNKNOWN_ID = "9b2f6a10-7a11-11ef-b7a4-fa163ecf3a1d"
"""An id that no sandbox gives out."""


class ManualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Caller:
    """Calls the sandbox's core with JSON, without waiting and without a network."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.list_id = sandbox.contact_lists[0].list_id if sandbox.contact_lists else ""

    def send(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        **params: str,
    ) -> Reply:
        """Send a body as it is, with the token, below `/v3`."""
        query = urlencode(params)
        return self.sandbox.answer(method, "/v3" + path, query, {**AUTH, **(headers or {})}, body)

    def call(self, method: str, path: str, value: Any = None, **params: str) -> tuple[int, Any]:
        """Send a value as JSON, and return the status and the value that came back."""
        headers = {"Content-Type": "application/json"} if value is not None else {}
        body = orjson.dumps(value) if value is not None else b""
        reply = self.send(method, path, body, headers, **params)
        return reply.status, orjson.loads(reply.body) if reply.body else None

    def get(self, path: str, **params: str) -> Any:
        """Return the value of a `GET` with status 200."""
        status, payload = self.call("GET", path, **params)
        assert status == 200, payload
        return payload

    def follow(self, page: Mapping[str, Any]) -> Any:
        """Return the page behind a page's link."""
        path, _, query = page["_links"]["next"]["href"].partition("?")
        reply = self.sandbox.answer("GET", path, query, AUTH)
        assert reply.status == 200, reply.body
        return orjson.loads(reply.body)

    def sign_up(self, email: str, **values: Any) -> tuple[int, Any]:
        """Sign a contact up to the first list, unless *values* name others."""
        body = {"email_address": email, "list_memberships": [self.list_id], **values}
        return self.call("POST", "/contacts/sign_up_form", body)

    def import_rows(self, rows: list[dict[str, Any]], *list_ids: str) -> str:
        """Import contacts as JSON to the first list, and return the activity's id."""
        body = {"import_data": rows, "list_ids": list(list_ids) or [self.list_id]}
        status, payload = self.call("POST", "/activities/contacts_json_import", body)
        assert status == 201, payload
        return str(payload["activity_id"])

    def import_csv(
        self, text: str | bytes, *, name: str = "contacts.csv", lists: str | None = None
    ) -> tuple[int, Any]:
        """Import a file to the first list, as a form made by hand."""
        data = text.encode() if isinstance(text, str) else text
        list_ids = self.list_id if lists is None else lists
        body = (
            b'--edge\r\nContent-Disposition: form-data; name="list_ids"\r\n\r\n'
            + list_ids.encode()
            + b'\r\n--edge\r\nContent-Disposition: form-data; name="file"; filename="'
            + name.encode()
            + b'"\r\nContent-Type: text/csv\r\n\r\n'
            + data
            + b"\r\n--edge--\r\n"
        )
        headers = {"Content-Type": "multipart/form-data; boundary=edge"}
        reply = self.send("POST", "/activities/contacts_file_import", body, headers)
        return reply.status, orjson.loads(reply.body)

    def finished(self, activity_id: str) -> Any:
        """Let an activity's time pass, and return it."""
        self.sandbox.clock.advance(self.sandbox.settings.activity_seconds)
        return self.get(f"/activities/{activity_id}")


def make_caller(**settings: Any) -> Caller:
    """Return a caller of a new sandbox with a still clock and high limits."""
    defaults: dict[str, Any] = {"per_second": 1_000_000, "per_day": 10_000_000, "seed": 1}
    return Caller(Sandbox(SandboxSettings(**{**defaults, **settings}), clock=ManualClock()))


def problem(body: Any) -> tuple[str, str]:
    """Return key and message of an error body with one problem."""
    assert len(body) == 1
    return body[0]["error_key"], body[0]["error_message"]


def fill_account(**settings: Any) -> tuple[Caller, dict[str, str]]:
    """Return an account with two lists, a tag, a field and four contacts, and all ids by name."""
    caller = make_caller(lists=("One", "Two"), custom_fields=("Vehicle",), **settings)
    one, two = (item.list_id for item in caller.sandbox.contact_lists)
    ids = {"one": one, "two": two, "tag": caller.sandbox.add_tag("gold").tag_id}
    ids["field"] = caller.sandbox.custom_fields[0].custom_field_id
    for name in ("ana", "ben", "out"):
        permission = "unsubscribed" if name == "out" else "implicit"
        contact = caller.sandbox.add_contact(
            f"{name}@example.com", lists=(one,), permission=permission
        )
        ids[name] = contact.contact_id or ""
    gone = caller.sandbox.add_contact("gone@example.com", is_deleted=True)
    return caller, {**ids, "gone": gone.contact_id or ""}


def with_ids(value: Any, ids: dict[str, str]) -> Any:
    """Return *value* with ids in the place of names."""
    if isinstance(value, dict):
        return {key: with_ids(item, ids) for key, item in value.items()}
    if isinstance(value, list):
        return [with_ids(item, ids) for item in value]
    return ids.get(value, value) if isinstance(value, str) else value


def run_activity(caller: Caller, path: str, body: dict[str, Any]) -> Any:
    """Start an activity, let its time pass, and return it."""
    status, started = caller.call("POST", f"/activities/{path}", body)
    assert status == 201, started
    assert started["state"] == "initialized"
    assert "source_file_name" not in started
    done = caller.finished(started["activity_id"])
    assert done["state"] == "completed"
    return done


def start_import(caller: Caller, name: str = "a") -> str:
    """Import one contact, and return the activity's id."""
    return caller.import_rows([{"email": f"{name}@example.com"}])


def state_of(caller: Caller, activity_id: str) -> str:
    """Return an activity's state."""
    return str(caller.get(f"/activities/{activity_id}")["state"])


def import_file(caller: Caller, text: str | bytes, **options: Any) -> str:
    """Import a file, and return the activity's id."""
    status, payload = caller.import_csv(text, **options)
    assert status == 201, payload
    return str(payload["activity_id"])


def counters_of(caller: Caller, activity_id: str) -> dict[str, int]:
    """Return the counters of an import after its end."""
    payload = caller.finished(activity_id)
    assert payload["state"] == "completed"
    return dict(payload["status"])


def counters(total: int, persons: int, **others: int) -> dict[str, int]:
    """Return the counters of an import; those that are not named are 0."""
    names = ("error_count", "correctable_count", "cannot_add_to_list_count")
    return {
        "items_total_count": total,
        "person_count": persons,
        **{name: others.get(name, 0) for name in names},
    }


def shape(value: Any) -> Any:
    """Return *value* with the kind of each value in its place."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return type(value).__name__


def control(
    caller: Caller,
    method: str,
    path: str,
    value: Any = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, Any]:
    """Call a control of the sandbox with JSON, without a token."""
    path, _, query = path.partition("?")
    body = b"" if value is None else orjson.dumps(value)
    sent = {"Content-Type": "application/json", **(headers or {})}
    reply = caller.sandbox.answer(method, f"/sandbox/{path}", query, sent, body)
    return reply.status, orjson.loads(reply.body)


async def sign_up_over_network(caller: Caller, email: str = "a@example.com") -> Reply:
    """Sign a contact up with latency and faults."""
    body = orjson.dumps({"email_address": email, "list_memberships": [caller.list_id]})
    return await caller.sandbox.respond("POST", "/v3/contacts/sign_up_form", "", JSON_HEADERS, body)


def open_caller(path: Path, clock: ManualClock) -> Caller:
    """Return a caller of a sandbox that keeps its account in a file."""
    settings = SandboxSettings(
        per_second=1_000_000,
        custom_fields=["Vehicle"],
        activity_seconds=10,
        consent="allowed",
        seed=1,
    )
    return Caller(Sandbox(settings, clock=clock, state_file=path))
