"""`/contact_custom_fields`: all operations on custom fields.

https://developer.constantcontact.com/api_guide/create_custom_fields.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cc_async.sandbox._call import Call
from cc_async.sandbox._clock import utc_text
from cc_async.sandbox.activities import drop_field
from cc_async.sandbox.http import ValidationErrors, bad_request, conflict, json_reply, not_found
from cc_async.sandbox.storage import AccountState, FieldRecord
from cc_async.wire import Reply

MAX_FIELDS_IN_ACCOUNT = 100
"""Custom fields of the account: the page above."""

MAX_PAGE = 100
"""Custom fields on a page: https://developer.constantcontact.com/api_guide/get_custom_fields.html"""

MAX_LABEL_LENGTH = 50
"""Characters: the page above."""

FIELD_TYPES = frozenset(
    {
        "string", "text_area", "boolean", "datetime", "date", "number", "currency",
        "single_select", "multi_select",
    }
)  # fmt: skip
SELECTS = frozenset({"single_select", "multi_select"})

MAX_CHOICES = {"dropdown": 100, "checkbox": 20, "radio": 20}
"""Choices by the way they are displayed: the page above."""

METADATA = ("display_type", "allow_negative", "decimal_places", "currency_code", "integer",
            "display_format")  # fmt: skip


def add_field(
    state: AccountState, label: str, kind: str, now: float, version: int = 1
) -> FieldRecord:
    """Add a custom field to the account, with a name made from *label*."""
    number = max((one.number for one in state.custom_fields.values()), default=-1) + 1
    field_id = state.ids.new()
    name = _make_name(state, label, field_id)
    record = FieldRecord(field_id, number, label, name, kind, version, now, now)
    state.custom_fields[field_id] = record
    return record


def _make_name(state: AccountState, label: str, field_id: str) -> str:
    """Return *label* in small letters with underscores, as observed; never a taken name."""
    plain = label.strip().lower().replace(" ", "_")[:MAX_LABEL_LENGTH]
    taken = {one.name for one in state.custom_fields.values() if one.field_id != field_id}
    name, suffix = plain, 1
    while name in taken:
        suffix += 1
        name = f"{plain[:46]}_{suffix}"
    return name


def find_fields(call: Call) -> Reply:
    """`GET /contact_custom_fields`: a page of fields, newest first."""
    paging = call.paging(max_limit=MAX_PAGE)
    rest = [
        one
        for one in reversed(call.state.custom_fields.values())
        if paging.start is None or one.number <= paging.start
    ]
    page = {"custom_fields": [field_view(one) for one in rest[: paging.limit]]}
    next_number = rest[paging.limit].number if len(rest) > paging.limit else None
    return json_reply(200, page | call.state.cursors.links(paging, next_number))


def field_view(record: FieldRecord) -> dict[str, Any]:
    """Return *record* as JSON."""
    view: dict[str, Any] = {
        "custom_field_id": record.field_id,
        "label": record.label,
        "name": record.name,
        "type": record.kind,
        "version": record.version,
    }
    if record.metadata:
        view["metadata"] = dict(record.metadata)
    if record.choices is not None:
        view["choices"] = [dict(choice) for choice in record.choices]
    view["updated_at"] = utc_text(record.updated_at)
    view["created_at"] = utc_text(record.created_at)
    return view


def get_field(call: Call) -> Reply:
    """`GET /contact_custom_fields/{custom_field_id}`."""
    return json_reply(200, field_view(_find_known(call)))


def _find_known(call: Call) -> FieldRecord:
    record = call.state.custom_fields.get(call.id.lower())
    if record is None:
        raise not_found()
    return record


def create_field(call: Call) -> Reply:
    """`POST /contact_custom_fields`: a new field; labels are unique."""
    body = call.json_object()
    errors = ValidationErrors()
    for name in ("label", "type"):
        if name not in body:
            errors.missing(name)
    _check(body, errors)
    errors.check_choice(body, "type", FIELD_TYPES)
    errors.raise_any()
    _refuse_taken(call.state, body["label"], None)
    if len(call.state.custom_fields) >= MAX_FIELDS_IN_ACCOUNT:
        raise bad_request(f"the account has {MAX_FIELDS_IN_ACCOUNT} custom fields already")
    record = add_field(call.state, body["label"], body["type"], call.now, body.get("version", 1))
    record.metadata = {key: body["metadata"][key] for key in METADATA if key in _metadata(body)}
    if record.kind in SELECTS:
        record.choices = _make_choices(call, record, body.get("choices", []))
    return json_reply(201, field_view(record))


def _metadata(body: Mapping[str, Any]) -> Mapping[str, Any]:
    found = body.get("metadata")
    return found if isinstance(found, dict) else {}


def put_field(call: Call) -> Reply:
    """`PUT /contact_custom_fields/{custom_field_id}`: label and choices; the type stays."""
    record = _find_known(call)
    body = call.json_object()
    errors = ValidationErrors()
    if "label" not in body:
        errors.missing("label")
    _check(body, errors)
    errors.raise_any()
    _refuse_taken(call.state, body["label"], record)
    record.label = body["label"]
    record.name = _make_name(call.state, record.label, record.field_id)
    if "choices" in body and record.kind in SELECTS:
        record.choices = _make_choices(call, record, body["choices"])
    record.updated_at = call.now
    return json_reply(200, field_view(record))


def _check(body: Mapping[str, Any], errors: ValidationErrors) -> None:
    errors.check_text(body, "label", MAX_LABEL_LENGTH, min_length=1)
    if type(body.get("version", 1)) is not int:
        errors.invalid("version")
    if not isinstance(body.get("metadata", {}), dict):
        errors.invalid("metadata")
    choices = body.get("choices", [])
    display = _metadata(body).get("display_type")
    allowed = MAX_CHOICES.get(display, 100) if isinstance(display, str) else 100
    if not isinstance(choices, list) or len(choices) > allowed or not all(map(_is_choice, choices)):
        errors.invalid("choices")


def _is_choice(choice: object) -> bool:
    if not isinstance(choice, dict):
        return False
    label = choice.get("choice_label")
    return isinstance(label, str) and 0 < len(label) <= 255


def _refuse_taken(state: AccountState, label: str, itself: FieldRecord | None) -> None:
    for one in state.custom_fields.values():
        if one is not itself and one.label.lower() == label.lower():
            raise conflict("Custom field already exists.")


def _make_choices(
    call: Call, record: FieldRecord, choices: list[dict[str, Any]]
) -> tuple[Mapping[str, Any], ...]:
    """Return numbered choices; one with a known id keeps it."""
    known = {choice["choice_id"]: choice for choice in record.choices or ()}
    top = max(known, default=0)
    made = []
    for place, choice in enumerate(choices, 1):
        choice_id = choice.get("choice_id")
        if type(choice_id) is not int or choice_id not in known:
            top += 1
            choice_id = top
        order = choice.get("display_order")
        made.append(
            {
                "custom_field_id": record.field_id,
                "choice_id": choice_id,
                "choice_label": choice["choice_label"],
                "display_order": order if type(order) is int else place,
                "created_at": known.get(choice_id, {}).get("created_at", utc_text(call.now)),
                "updated_at": utc_text(call.now),
            }
        )
    return tuple(made)


def delete_field(call: Call) -> Reply:
    """`DELETE /contact_custom_fields/{custom_field_id}`: 204, at once, with all its values."""
    drop_field(call.state, _find_known(call).field_id)
    return Reply(204, {})
