"""Short ways to call a sandbox in tests: values in, status and values out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import orjson

from cc_async.sandbox import Sandbox, SandboxSettings
from cc_async.wire import Reply

__all__ = ["NOON", "Caller", "ManualClock", "make_caller"]

NOON = 1_790_000_000.0
"""A moment to start from: 2026-09-21 14:13:20 UTC."""

AUTH = {"Authorization": "Bearer sandbox-token"}


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
        """Return what a `GET` answers, which has to go well."""
        status, said = self.call("GET", path, **params)
        assert status == 200, said
        return said

    def follow(self, page: Mapping[str, Any]) -> Any:
        """Return the page that a page's link leads to."""
        path, _, query = page["_links"]["next"]["href"].partition("?")
        reply = self.sandbox.answer("GET", path, query, AUTH)
        assert reply.status == 200, reply.body
        return orjson.loads(reply.body)

    def sign_up(self, email: str, **values: Any) -> tuple[int, Any]:
        """Sign a person up to the first list, unless told otherwise."""
        body = {"email_address": email, "list_memberships": [self.list_id], **values}
        return self.call("POST", "/contacts/sign_up_form", body)

    def import_rows(self, rows: list[dict[str, Any]], *list_ids: str) -> str:
        """Import contacts as JSON to the first list, and return the activity's id."""
        body = {"import_data": rows, "list_ids": list(list_ids) or [self.list_id]}
        status, said = self.call("POST", "/activities/contacts_json_import", body)
        assert status == 201, said
        return str(said["activity_id"])

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
    """Return a caller of a new sandbox on a clock that stands still, limits out of the way."""
    defaults: dict[str, Any] = {"per_second": 1_000_000, "per_day": 10_000_000, "seed": 1}
    return Caller(Sandbox(SandboxSettings(**{**defaults, **settings}), clock=ManualClock()))
