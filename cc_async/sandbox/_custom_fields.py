"""`/contact_custom_fields`: all operations on custom fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cc_async.sandbox._answers import conflict, invalid, json_reply, not_found
from cc_async.sandbox._call import Call
from cc_async.sandbox._checks import Complaints
from cc_async.sandbox._clock import text_of
from cc_async.sandbox._contact_book import at
from cc_async.sandbox._state import FieldRecord, State
from cc_async.wire import Reply

MOST_FIELDS = 100
KINDS = frozenset(
    {
        "string", "text_area", "boolean", "datetime", "date", "number", "currency",
        "single_select", "multi_select",
    }
)  # fmt: skip
SELECTS = frozenset({"single_select", "multi_select"})
MOST_CHOICES = {"dropdown": 100, "checkbox": 20, "radio": 20}
METADATA = ("display_type", "allow_negative", "decimal_places", "currency_code", "integer",
            "display_format")  # fmt: skip


def add_field(state: State, label: str, kind: str, now: float, version: int = 1) -> FieldRecord:
    """Add a custom field to the account; its name is made from *label*."""
    number = max((one.number for one in state.custom_fields.values()), default=-1) + 1
    field_id = state.ids.new()
    name = _make_name(state, label, field_id)
    record = FieldRecord(field_id, number, label, name, kind, version, now, now)
    state.custom_fields[field_id] = record
    return record


def _make_name(state: State, label: str, field_id: str) -> str:
    """Blanks become underscores and letters small, as observed; two labels never share one."""
    plain = label.strip().lower().replace(" ", "_")[:50]
    taken = {one.name for one in state.custom_fields.values() if one.field_id != field_id}
    name, suffix = plain, 1
    while name in taken:
        suffix += 1
        name = f"{plain[:46]}_{suffix}"
    return name


def find_fields(call: Call) -> Reply:
    """`GET /contact_custom_fields`: a page of fields, newest first."""
    paging = call.paging(most=100)
    rest = [
        one
        for one in reversed(call.state.custom_fields.values())
        if paging.start is None or one.number <= paging.start
    ]
    page = {"custom_fields": [field_view(one) for one in rest[: paging.limit]]}
    next_number = rest[paging.limit].number if len(rest) > paging.limit else None
    return json_reply(200, page | call.state.cursors.links(paging, next_number))


def field_view(record: FieldRecord) -> dict[str, Any]:
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
    view["updated_at"] = text_of(record.updated_at)
    view["created_at"] = text_of(record.created_at)
    return view


def get_field(call: Call) -> Reply:
    """`GET /contact_custom_fields/{custom_field_id}`."""
    return json_reply(200, field_view(_known(call)))


def _known(call: Call) -> FieldRecord:
    record = call.state.custom_fields.get(call.id.lower())
    if record is None:
        raise not_found()
    return record


def create_field(call: Call) -> Reply:
    """`POST /contact_custom_fields`: a new field; labels are unique."""
    body = call.json_object()
    complaints = Complaints()
    for name in ("label", "type"):
        if name not in body:
            complaints.missing(name)
    _check(body, complaints)
    complaints.check_word(body, "type", KINDS)
    complaints.raise_any()
    _refuse_taken(call.state, body["label"], None)
    if len(call.state.custom_fields) >= MOST_FIELDS:
        raise invalid(f"the account has {MOST_FIELDS} custom fields already")
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
    record = _known(call)
    body = call.json_object()
    complaints = Complaints()
    if "label" not in body:
        complaints.missing("label")
    _check(body, complaints)
    complaints.raise_any()
    _refuse_taken(call.state, body["label"], record)
    record.label = body["label"]
    record.name = _make_name(call.state, record.label, record.field_id)
    if "choices" in body and record.kind in SELECTS:
        record.choices = _make_choices(call, record, body["choices"])
    record.updated_at = call.now
    return json_reply(200, field_view(record))


def _check(body: Mapping[str, Any], complaints: Complaints) -> None:
    complaints.check_text(body, "label", 50, least=1)
    if type(body.get("version", 1)) is not int:
        complaints.wrong("version")
    if not isinstance(body.get("metadata", {}), dict):
        complaints.wrong("metadata")
    choices = body.get("choices", [])
    display = _metadata(body).get("display_type")
    most = MOST_CHOICES.get(display, 100) if isinstance(display, str) else 100
    if not isinstance(choices, list) or len(choices) > most or not all(map(_is_choice, choices)):
        complaints.wrong("choices")


def _is_choice(choice: object) -> bool:
    if not isinstance(choice, dict):
        return False
    label = choice.get("choice_label")
    return isinstance(label, str) and 0 < len(label) <= 255


def _refuse_taken(state: State, label: str, itself: FieldRecord | None) -> None:
    for one in state.custom_fields.values():
        if one is not itself and one.label.lower() == label.lower():
            raise conflict("Custom field already exists.")


def _make_choices(
    call: Call, record: FieldRecord, choices: list[dict[str, Any]]
) -> tuple[Mapping[str, Any], ...]:
    """Number the choices; one sent with the id it has keeps it."""
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
                "created_at": known.get(choice_id, {}).get("created_at", text_of(call.now)),
                "updated_at": text_of(call.now),
            }
        )
    return tuple(made)


def delete_field(call: Call) -> Reply:
    """`DELETE /contact_custom_fields/{custom_field_id}`: 204, at once, with all its values."""
    drop_field(call.state, _known(call).field_id)
    return Reply(204, {})


def drop_field(state: State, field_id: str) -> None:
    """Delete a field and the values contacts have for it."""
    state.custom_fields.pop(field_id, None)
    place = at("custom_fields")
    for row in tuple(state.contacts.newest_first()):
        if any(key == field_id for key, _ in row[place]):
            record = state.contacts.load(row[at("number")])
            kept = (pair for pair in record.custom_fields if pair[0] != field_id)
            record.custom_fields = tuple(kept)
            state.contacts.save(record)
