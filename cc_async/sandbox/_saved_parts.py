"""The parts of an account as JSON: what a state file holds of each, and how it is read back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs
import orjson

from cc_async.sandbox._contact_book import Row, SmsRecord, at
from cc_async.sandbox._state import FieldRecord, ListRecord, State, TagRecord

_FLAT = tuple(map(at, ("lists", "tags")))
_NESTED = tuple(map(at, ("phones", "addresses", "notes")))
_FIELDS, _SMS = at("custom_fields"), at("sms")


def pack_row(row: Row) -> bytes:
    """Return a contact's row as JSON."""
    return orjson.dumps(row, default=attrs.asdict)


def unpack_row(values: list[Any]) -> Row:
    """Return the row that *values* were, tuples and all."""
    for place in _FLAT:
        values[place] = tuple(values[place])
    for place in _NESTED:
        values[place] = tuple(map(tuple, values[place]))
    values[_FIELDS] = tuple(
        (key, value if isinstance(value, str) else tuple(value)) for key, value in values[_FIELDS]
    )
    if (sms := values[_SMS]) is not None:
        tuples = {name: tuple(sms[name]) for name in ("consents", "history")}
        values[_SMS] = SmsRecord(**{**sms, **tuples})
    return tuple(values)


@attrs.frozen
class Part:
    """One part: how it is written, and how it is read into a new account."""

    write: Callable[[State], Any]
    read: Callable[[State, Any], None]


def _records(name: str, cls: Callable[..., Any], key: str) -> Part:
    """Return the part of records that are kept by id under the state's *name*."""

    def write(state: State) -> Any:
        return [attrs.asdict(one) for one in getattr(state, name).values()]

    def read(state: State, said: Any) -> None:
        getattr(state, name).update({values[key]: cls(**values) for values in said})

    return Part(write, read)


def _read_field(**values: Any) -> FieldRecord:
    choices = values.get("choices")
    return FieldRecord(**{**values, "choices": None if choices is None else tuple(choices)})


def _read_account(state: State, said: Any) -> None:
    state.account.update(said)


def _write_rights(state: State) -> Any:
    rights = state.rights
    return {
        "scopes": sorted(rights.scopes),
        "privileges": sorted(rights.privileges),
        "is_app_active": rights.is_app_active,
        "is_token_expired": rights.is_token_expired,
    }


def _read_rights(state: State, said: Any) -> None:
    state.rights.scopes = set(said["scopes"])
    state.rights.privileges = set(said["privileges"])
    state.rights.is_app_active = said["is_app_active"]
    state.rights.is_token_expired = said["is_token_expired"]


def _read_exports(state: State, said: Any) -> None:
    state.exports.update({key: (owner, text.encode()) for key, (owner, text) in said.items()})


def _write_former(state: State) -> Any:
    return {list_id: list(numbers) for list_id, numbers in state.contacts.former.items()}


def _read_former(state: State, said: Any) -> None:
    state.contacts.former.update({one: dict.fromkeys(numbers) for one, numbers in said.items()})


def _read_ahead(state: State, said: Any) -> None:
    state.clock.advance(said)


PARTS: Mapping[str, Part] = {
    "account": Part(lambda state: state.account, _read_account),
    "lists": _records("lists", ListRecord, "list_id"),
    "custom_fields": _records("custom_fields", _read_field, "field_id"),
    "former": Part(_write_former, _read_former),
    "tags": _records("tags", TagRecord, "tag_id"),
    "rights": Part(_write_rights, _read_rights),
    "exports": Part(
        lambda state: {key: (owner, data.decode()) for key, (owner, data) in state.exports.items()},
        _read_exports,
    ),
    "grants": Part(
        lambda state: state.grants.to_json(), lambda state, said: state.grants.from_json(said)
    ),
    "limits": Part(
        lambda state: state.limits.to_json(), lambda state, said: state.limits.from_json(said)
    ),
    "tries": Part(
        lambda state: state.tries.to_json(), lambda state, said: state.tries.from_json(said)
    ),
    "clock": Part(lambda state: state.clock.ahead, _read_ahead),
}
