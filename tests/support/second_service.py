"""A second Constant Contact, made from the documented facts alone.

It shares no line with `cc_async` and its sandbox, so a misreading in one of them shows as a
difference. It knows contacts, lists, sign-ups, imports, activities and exports, and it can be
unreliable: it drops requests before and after it acts, and answers with a page.
"""

from __future__ import annotations

import base64
import contextlib
import csv
import datetime as dt
import io
import json
import random
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

TOKEN = "second-token"
PAGE = b"<HTML><HEAD><TITLE>ERROR: The request could not be satisfied</TITLE></HEAD></HTML>"
MAX_BYTES = 4_000_000
MAX_ROWS = 40_000


def stamp() -> str:
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def problem(status: int, key: str, message: str) -> web.Response:
    return web.json_response([{"error_key": key, "error_message": message}], status=status)


def invalid(message: str) -> web.Response:
    return problem(400, "contacts.api.validation.error", message)


def missing() -> web.Response:
    return problem(404, "contacts.api.not_found", "The requested resource was not found.")


@dataclass
class Person:
    """A contact of this service."""

    address: str
    permission: str = "implicit"
    source: str = "Account"
    contact_id: str = field(default_factory=lambda: str(uuid.uuid1()))
    values: dict[str, Any] = field(default_factory=dict)
    lists: list[str] = field(default_factory=list)
    custom: dict[str, str] = field(default_factory=dict)
    created_at: str = field(default_factory=stamp)
    updated_at: str = field(default_factory=stamp)
    opted_out_at: str | None = None
    deleted_at: str | None = None

    def join(self, list_ids: list[str]) -> None:
        self.lists += [one for one in list_ids if one not in self.lists]
        self.deleted_at = None
        self.updated_at = stamp()

    def view(self, include: set[str]) -> dict[str, Any]:
        email = {
            "address": self.address,
            "permission_to_send": self.permission,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            "opt_in_source": self.source,
            "opt_in_date": self.created_at,
            "confirm_status": "off",
        }
        if self.opted_out_at is not None:
            email |= {"opt_out_source": "Contact", "opt_out_date": self.opted_out_at}
        shown: dict[str, Any] = {
            "contact_id": self.contact_id,
            "email_address": email,
            **self.values,
            "create_source": self.source,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        }
        if self.deleted_at is not None:
            shown["deleted_at"] = self.deleted_at
        if "list_memberships" in include:
            shown["list_memberships"] = self.lists
        if "custom_fields" in include:
            shown["custom_fields"] = [
                {"custom_field_id": one, "value": value} for one, value in self.custom.items()
            ]
        for name in include & {"phone_numbers", "street_addresses", "taggings", "notes"}:
            shown[name] = []
        return shown

    def has_status(self, wanted: set[str]) -> bool:
        if "all" in wanted:
            return True
        if self.deleted_at is not None:
            return "deleted" in wanted
        is_active = self.permission in ("implicit", "explicit")
        return self.permission in wanted or ("active" in wanted and is_active)


@dataclass
class Activity:
    """A bulk job; it ends some time after it was made."""

    ends_at: float
    counters: dict[str, int]
    file_name: str | None = None
    export: bytes | None = None
    activity_id: str = field(default_factory=lambda: str(uuid.uuid1()))
    created_at: str = field(default_factory=stamp)

    def view(self) -> dict[str, Any]:
        is_done = time.monotonic() >= self.ends_at
        shown: dict[str, Any] = {
            "activity_id": self.activity_id,
            "state": "completed" if is_done else "processing",
            "created_at": self.created_at,
            "updated_at": stamp(),
            "started_at": self.created_at,
            "percent_done": 100 if is_done else 1,
            "activity_errors": [],
            "status": self.counters if is_done else {},
            "_links": {"self": {"href": "/v3/activities/of-the-page"}},
        }
        if is_done:
            shown["completed_at"] = stamp()
        if self.file_name is not None:
            shown["source_file_name"] = self.file_name
        if is_done and self.export is not None:
            shown["_links"]["results"] = {"href": f"/v3/contact_exports/{self.activity_id}"}
        return shown


class SecondService:
    """The account, its API, and its bad network.

    Args:
        seed: Makes the faults repeatable.
        drop_before: Share of requests that are dropped before anything is done.
        drop_after: Share of requests that are carried out, and their answers dropped.
        pages: Share of requests that are answered with 503 and a page; nothing is done.
        activity_seconds: How long an activity takes.
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        drop_before: float = 0.08,
        drop_after: float = 0.08,
        pages: float = 0.08,
        activity_seconds: float = 0.3,
    ) -> None:
        self.chance = random.Random(seed)
        self.shares = {"before": drop_before, "after": drop_after, "page": pages}
        self.activity_seconds = activity_seconds
        self.people: dict[str, Person] = {}
        self.lists: dict[str, dict[str, Any]] = {}
        self.fields: dict[str, dict[str, Any]] = {}
        self.activities: list[Activity] = []
        self.sign_ups: Counter[str] = Counter()
        self.imported: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()

    # --- filling and looking --------------------------------------------------------------

    def add_list(self, name: str) -> str:
        list_id = str(uuid.uuid1())
        self.lists[list_id] = {
            "list_id": list_id, "name": name, "favorite": False,
            "created_at": stamp(), "updated_at": stamp(),
        }  # fmt: skip
        return list_id

    def add_field(self, label: str) -> str:
        field_id = str(uuid.uuid1())
        self.fields[field_id] = {
            "custom_field_id": field_id, "label": label, "name": label.lower().replace(" ", "_"),
            "type": "string", "version": 1, "created_at": stamp(), "updated_at": stamp(),
        }  # fmt: skip
        return field_id

    def add_person(self, address: str, permission: str = "implicit") -> Person:
        person = Person(address, permission)
        if permission == "unsubscribed":
            person.opted_out_at = stamp()
        self.people[address.lower()] = person
        return person

    def members(self, list_id: str) -> set[str]:
        return {
            one.address.lower()
            for one in self.people.values()
            if list_id in one.lists and one.deleted_at is None
        }

    # --- the network ----------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Serve on a free port, and yield the base URL."""
        runner = web.ServerRunner(web.Server(self._answer), shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}/v3"
        finally:
            await runner.cleanup()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        draw, fault = self.chance.random(), ""
        for name, share in self.shares.items():
            if draw < share:
                fault = name
                break
            draw -= share
        self.faults[fault] += bool(fault)
        if fault == "page":
            return web.Response(status=503, body=PAGE, content_type="text/html")
        reply: web.StreamResponse = web.Response(status=500)
        if fault != "before":
            reply = await self._route(request, body)
        if fault in ("before", "after"):
            assert request.transport is not None
            request.transport.abort()
        return reply

    async def _route(self, request: web.BaseRequest, body: bytes) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.json_response(
                {"error_key": "unauthorized", "error_message": "Unauthorized"}, status=401
            )
        place = request.path.removeprefix("/v3")
        kind, _, ident = place.strip("/").partition("/")
        match request.method, place:
            case "GET", "/contacts":
                return self._contacts(request)
            case "POST", "/contacts/sign_up_form":
                return self._sign_up(request, body)
            case "GET", "/contact_lists":
                return self._lists(request)
            case "POST", "/contact_lists":
                return self._make_list(json.loads(body))
            case "GET", "/contact_custom_fields":
                return self._page(request, "custom_fields", list(self.fields.values()))
            case "GET", "/activities":
                newest = [one.view() for one in reversed(self.activities)]
                return self._page(request, "activities", newest)
            case "POST", "/activities/contacts_json_import":
                return self._json_import(request, body)
            case "POST", "/activities/contacts_file_import":
                return await self._file_import(request, body)
            case "POST", "/activities/contact_exports":
                return self._export(json.loads(body))
            case "GET", "/account/user/privileges":
                return web.json_response([{"privilege_id": 1, "privilege_name": "contacts:write"}])
            case "GET", _ if kind == "activities":
                found = next((one for one in self.activities if one.activity_id == ident), None)
                return missing() if found is None else web.json_response(found.view())
            case "GET", _ if kind == "contact_exports":
                found = next((one for one in self.activities if one.activity_id == ident), None)
                if found is None or found.export is None:
                    return missing()
                return web.Response(body=found.export, content_type="text/csv")
        return web.json_response({"message": "Missing Authentication Token"}, status=403)

    # --- reading --------------------------------------------------------------------------

    def _page(
        self,
        request: web.BaseRequest,
        key: str,
        items: list[dict[str, Any]],
        extra: dict[str, Any] | None = None,
    ) -> web.Response:
        """Return a page; the cursor holds the page size and the filters of the first request."""
        query = dict(request.query)
        start = 0
        if "cursor" in query:
            query = json.loads(base64.b64decode(query["cursor"]))
            start = int(query.pop("start"))
        limit = int(query.get("limit", 50))
        shown: dict[str, Any] = {key: items[start : start + limit], **(extra or {})}
        if start + limit < len(items):
            cursor = json.dumps({**query, "start": start + limit}).encode()
            text = base64.b64encode(cursor).decode().replace("=", "%3D").replace("+", "%2B")
            shown["_links"] = {"next": {"href": f"{request.path}?cursor={text}"}}
        return web.json_response(shown)

    def _contacts(self, request: web.BaseRequest) -> web.Response:
        query = dict(request.query)
        if "cursor" in query:
            query = json.loads(base64.b64decode(query["cursor"]))
        wanted = set(filter(None, query.get("status", "").split(",")))
        lists = set(filter(None, query.get("lists", "").split(",")))
        found = [
            one
            for one in reversed(self.people.values())
            if (one.has_status(wanted) if wanted else one.deleted_at is None)
            and ("email" not in query or one.address.lower() == query["email"].lower())
            and (not lists or lists & set(one.lists))
            and one.updated_at >= query.get("updated_after", "")
            and (one.opted_out_at or "") >= query.get("optout_after", "")
        ]
        include = set(query.get("include", "").split(","))
        extra = {"contacts_count": len(found)} if query.get("include_count") == "true" else None
        return self._page(request, "contacts", [one.view(include) for one in found], extra)

    def _lists(self, request: web.BaseRequest) -> web.Response:
        name = request.query.get("name")
        lists = [one for one in self.lists.values() if name is None or one["name"] == name]
        count = request.query.get("include_membership_count")
        if count is not None:
            lists = [
                {**one, "membership_count": len(self.members(one["list_id"]))} for one in lists
            ]
        return self._page(request, "lists", lists)

    # --- writing --------------------------------------------------------------------------

    def _make_list(self, values: dict[str, Any]) -> web.Response:
        if any(one["name"] == values["name"] for one in self.lists.values()):
            return problem(409, "contacts.api.conflict", "List name already exists")
        return web.json_response(self.lists[self.add_list(values["name"])], status=201)

    def _sign_up(self, request: web.BaseRequest, body: bytes) -> web.Response:
        if request.content_type != "application/json":
            return problem(415, "contacts.api.unsupported_media_type", "Unsupported Media Type")
        values = json.loads(body)
        address, list_ids = values.get("email_address", ""), values.get("list_memberships")
        if not list_ids or not set(list_ids) <= set(self.lists):
            return invalid("list_memberships is missing")
        if not self._is_address(address):
            return invalid("email_address is invalid")
        self.sign_ups[address.lower()] += 1
        if self.sign_ups[address.lower()] > 5:
            return invalid("email_address is invalid")
        known = self.people.get(address.lower())
        person = known or self.add_person(address)
        person.source = person.source if known else "Contact"
        person.permission, person.opted_out_at = "explicit", None
        for name in ("first_name", "last_name", "job_title", "company_name"):
            if name in values:
                person.values[name] = values[name]
        for one in values.get("custom_fields", ()):
            person.custom[one["custom_field_id"]] = one["value"]
        person.join(list_ids)
        action = "updated" if known else "created"
        answer = {"contact_id": person.contact_id, "action": action}
        return web.json_response(answer, status=200 if known else 201)

    def _json_import(self, request: web.BaseRequest, body: bytes) -> web.Response:
        if len(body) > MAX_BYTES:
            return invalid("the body is too large")
        payload = json.loads(body)
        return self._import(payload["import_data"][:MAX_ROWS], payload["list_ids"], None)

    async def _file_import(self, request: web.BaseRequest, body: bytes) -> web.Response:
        head = request.headers["Content-Type"]
        if not head.startswith("multipart/form-data; boundary="):
            return problem(415, "contacts.api.unsupported_media_type", "Unsupported Media Type")
        boundary = b"--" + head.partition("boundary=")[2].encode()
        parts: dict[str, tuple[str, str]] = {}
        for part in body[:MAX_BYTES].split(boundary)[1:]:
            titles, _, content = part.partition(b"\r\n\r\n")
            names = dict(
                one.strip().split("=", 1) for one in titles.decode().split(";") if "=" in one
            )
            name = names.get("name", "").split("\r\n")[0].strip('"')
            file_name = names.get("filename", "").split("\r\n")[0].strip('"')
            parts[name] = (file_name, content.removesuffix(b"\r\n").decode())
        file_name, text = parts["file"]
        if not file_name.endswith(".csv"):
            return problem(415, "contacts.api.unsupported_media_type", "only .csv files")
        rows = list(csv.DictReader(io.StringIO(text, newline="")))[: MAX_ROWS - 1]
        return self._import(rows, parts["list_ids"][1].split(","), file_name)

    def _import(
        self, rows: list[dict[str, Any]], list_ids: list[str], file_name: str | None
    ) -> web.Response:
        if not list_ids or not set(list_ids) <= set(self.lists):
            return invalid("list_ids does not have a valid value")
        created_at = stamp()  # before its people change
        counts = Counter({"error_count": 0, "correctable_count": 0, "cannot_add_to_list_count": 0})
        for row in rows:
            address = str(row.get("email") or "")
            if not self._is_address(address):
                counts["correctable_count"] += 1
                continue
            self.imported[address.lower()] += 1
            person = self.people.get(address.lower()) or self.add_person(address)
            for name in ("first_name", "last_name", "job_title", "company_name"):
                if row.get(name):
                    person.values[name] = row[name]
            if person.permission == "unsubscribed":
                counts["cannot_add_to_list_count"] += 1
                continue
            person.join(list_ids)
        counters = {"items_total_count": len(rows) + 1, "person_count": len(rows), **counts}
        ends_at = time.monotonic() + self.activity_seconds
        return self._start(Activity(ends_at, counters, file_name, created_at=created_at))

    def _export(self, values: dict[str, Any]) -> web.Response:
        wanted = set(values.get("list_ids", ()))
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(["Email address", "Updated At"])
        for one in self.people.values():
            if one.deleted_at is None and (not wanted or wanted & set(one.lists)):
                writer.writerow(
                    [one.address, one.updated_at.replace("T", " ").replace("Z", " UTC")]
                )
        counters = {"items_total_count": 1, "items_completed_count": 1}
        ends_at = time.monotonic() + self.activity_seconds
        return self._start(Activity(ends_at, counters, export=text.getvalue().encode()))

    def _start(self, activity: Activity) -> web.Response:
        self.activities.append(activity)
        first = {**activity.view(), "state": "initialized", "percent_done": 1, "status": {}}
        return web.json_response(first, status=201)

    @staticmethod
    def _is_address(address: str) -> bool:
        """Whether this service takes an address; it has its own opinion of one domain."""
        local, _, domain = address.partition("@")
        return bool(local) and "." in domain and domain != "refused.example.com"
