"""The account as one JSON value, for the sandbox's file to keep.

A snapshot leaves out authorization codes, waiting devices, page cursors, received requests and
faults. For an open activity it holds the request that started it: after a restart the work starts
anew from that request, and its steps can be done twice without harm.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import attrs

from cc_async.sandbox.http import IncomingRequest
from cc_async.sandbox.storage._account_state import AccountState
from cc_async.sandbox.storage._activity_queue import ActivityRecord
from cc_async.sandbox.storage._contact_records import (
    COLUMNS_OF_ROW,
    ContactRecord,
    ContactRow,
    SmsRecord,
    column_index,
    pack_record,
)
from cc_async.sandbox.storage._grants import TokenFamily
from cc_async.sandbox.storage._list_records import FieldRecord, ListRecord, TagRecord

R = TypeVar("R")

StartAgain = Callable[[AccountState, IncomingRequest], ActivityRecord | None]
"""Starts the work of an activity anew; `None` if the account does not allow it any more."""

_ACTIVITY_NAMES = (
    "activity_id", "number", "kind", "created_at", "starts_at", "ends_at", "state", "counters",
    "errors", "source_file_name", "results_id", "held_at", "has_status",
)  # fmt: skip
_SMS = column_index("sms")


def take_snapshot(state: AccountState) -> dict[str, Any]:
    """Return the first account, and all others, as a value that JSON can hold."""
    return {
        "clock_ahead": state.clock.ahead,
        **_pack_account(state),
        "tokens": _pack_tokens(state),
        "requests": {"day": state.limits.day, "used_today": state.limits.used_today},
        "other_accounts": {
            login: _pack_account(other)
            for login, other in state.accounts.items()
            if other is not state
        },
    }


def _pack_account(state: AccountState) -> dict[str, Any]:
    contacts, rights = state.contacts, state.rights
    return {
        "account": state.account,
        "contacts": {
            "columns": COLUMNS_OF_ROW,
            "rows": [_pack_row(contacts.row(number)) for number in range(len(contacts))],
        },
        "former_members": {one: list(numbers) for one, numbers in contacts.former_members.items()},
        "lists": [attrs.asdict(one) for one in state.lists.values()],
        "custom_fields": [attrs.asdict(one) for one in state.custom_fields.values()],
        "tags": [attrs.asdict(one) for one in state.tags.values()],
        "activities": [_pack_activity(one) for one in state.activities],
        "exports": {
            export_id: {"activity_id": activity_id, "file": data.decode()}
            for export_id, (activity_id, data) in state.exports.items()
        },
        "rights": {
            "scopes": sorted(rights.scopes),
            "privileges": sorted(rights.privileges),
            "is_app_active": rights.is_app_active,
            "is_token_expired": rights.is_token_expired,
        },
        "sign_up_attempts": {"recent": state.attempts.recent, "blocked": state.attempts.blocked},
    }


def restore_snapshot(
    state: AccountState, snapshot: dict[str, Any], start_again: StartAgain
) -> None:
    """Fill a new *state*, the first account, and all others from a snapshot.

    Raises:
        LookupError: A value is missing.
        AttributeError, TypeError, ValueError: A value is of another kind.
    """
    state.clock.advance(snapshot["clock_ahead"])
    _unpack_tokens(state, snapshot["tokens"])
    requests = snapshot["requests"]
    state.limits.day, state.limits.used_today = requests["day"], requests["used_today"]
    _unpack_account(state, snapshot, start_again)
    for login, other in snapshot.get("other_accounts", {}).items():
        known = state.accounts.get(login) or AccountState(
            state.settings, state.clock, state.application, login=login
        )
        _unpack_account(known, other, start_again)


def _unpack_account(state: AccountState, snapshot: dict[str, Any], start_again: StartAgain) -> None:
    state.account.update(snapshot["account"])
    columns = snapshot["contacts"]["columns"]
    for row in snapshot["contacts"]["rows"]:
        state.contacts.restore(_unpack_row(columns, row))
    for list_id, numbers in snapshot["former_members"].items():
        state.contacts.former_members[list_id] = dict.fromkeys(numbers)
    state.lists.update(_by_id(ListRecord, snapshot["lists"], "list_id"))
    state.custom_fields.update(_by_id(_read_field, snapshot["custom_fields"], "field_id"))
    state.tags.update(_by_id(TagRecord, snapshot["tags"], "tag_id"))
    for export_id, export in snapshot["exports"].items():
        state.exports[export_id] = (export["activity_id"], export["file"].encode())
    rights = snapshot["rights"]
    state.rights.scopes, state.rights.privileges = set(rights["scopes"]), set(rights["privileges"])
    state.rights.is_app_active = rights["is_app_active"]
    state.rights.is_token_expired = rights["is_token_expired"]
    attempts = snapshot["sign_up_attempts"]
    state.attempts.recent.update({key: tuple(times) for key, times in attempts["recent"].items()})
    state.attempts.blocked.update(attempts["blocked"])
    for entry in snapshot["activities"]:
        state.activities.restore(_unpack_activity(entry, partial(start_again, state)))


# --- contacts -----------------------------------------------------------------------------


def _pack_row(row: ContactRow) -> ContactRow:
    if row[_SMS] is None:
        return row
    return (*row[:_SMS], attrs.asdict(row[_SMS]), *row[_SMS + 1 :])


def _unpack_row(columns: list[str], row: list[Any]) -> ContactRow:
    """Return a row of this version: absent columns are empty, and lists are tuples again."""
    values = dict(zip(columns, row, strict=True))
    for name in ("lists", "tags"):
        values[name] = tuple(values[name])
    for name in ("phones", "addresses", "notes"):
        values[name] = tuple(map(tuple, values[name]))
    values["custom_fields"] = tuple(
        (key, value if isinstance(value, str) else tuple(value))
        for key, value in values["custom_fields"]
    )
    if (sms := values["sms"]) is not None:
        tuples = {name: tuple(sms[name]) for name in ("consents", "history")}
        values["sms"] = SmsRecord(**{**sms, **tuples})
    return pack_record(ContactRecord(**values))


# --- lists, custom fields and tags --------------------------------------------------------


def _by_id(make: Callable[..., R], entries: list[dict[str, Any]], key: str) -> dict[str, R]:
    return {entry[key]: make(**entry) for entry in entries}


def _read_field(**values: Any) -> FieldRecord:
    choices = values["choices"]
    return FieldRecord(**{**values, "choices": None if choices is None else tuple(choices)})


# --- sign-ins -----------------------------------------------------------------------------


def _pack_tokens(state: AccountState) -> dict[str, Any]:
    refresh, access = state.grants.refresh_tokens, state.grants.access_tokens
    grants = list({id(grant): grant for grant in refresh.values()}.values())
    places = {id(grant): place for place, grant in enumerate(grants)}
    return {
        "grants": [{**attrs.asdict(one), "scopes": sorted(one.scopes)} for one in grants],
        "refresh": {token: places[id(grant)] for token, grant in refresh.items()},
        "access": {token: (sorted(scopes), end) for token, (scopes, end) in access.items()},
    }


def _unpack_tokens(state: AccountState, tokens: dict[str, Any]) -> None:
    grants = [
        TokenFamily(**{**one, "scopes": frozenset(one["scopes"])}) for one in tokens["grants"]
    ]
    state.grants.refresh_tokens.update(
        {token: grants[place] for token, place in tokens["refresh"].items()}
    )
    state.grants.access_tokens.update(
        {token: (frozenset(scopes), end) for token, (scopes, end) in tokens["access"].items()}
    )


# --- activities ---------------------------------------------------------------------------


def _pack_activity(record: ActivityRecord) -> dict[str, Any]:
    entry = {name: getattr(record, name) for name in _ACTIVITY_NAMES}
    return {**entry, "request": None if record.request is None else _pack_request(record.request)}


def _pack_request(request: IncomingRequest) -> dict[str, Any]:
    """Return a request without its token; a body need not be text, so it is in base64."""
    return {
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "content_type": request.headers.get("content-type", ""),
        "body": base64.b64encode(request.body).decode(),
        "at": request.at,
    }


def _unpack_activity(
    entry: dict[str, Any], start_again: Callable[[IncomingRequest], ActivityRecord | None]
) -> ActivityRecord:
    values = {name: entry[name] for name in _ACTIVITY_NAMES}
    values["errors"] = tuple(values["errors"])
    request = entry["request"]
    record = None if request is None else start_again(_unpack_request(request))
    if record is None:
        record = ActivityRecord(**values, total_steps=0)
        record.state = record.state or "completed"
        return record
    for name in _ACTIVITY_NAMES:
        if name not in {"counters", "state"}:
            setattr(record, name, values[name])
    return record


def _unpack_request(entry: dict[str, Any]) -> IncomingRequest:
    headers = {"content-type": entry["content_type"]}
    body = base64.b64decode(entry["body"])
    return IncomingRequest(
        entry["method"], entry["path"], entry["query"], headers, body, entry["at"]
    )
