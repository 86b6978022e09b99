"""Checks of custom fields by their type: numbers, dates, choices, true or false.

A checked value goes out as it was written. Choices take the spelling of their label, and booleans
are `true` or `false`. A type that is unknown here takes any text.
https://developer.constantcontact.com/api_guide/create_custom_fields.html
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence

import attrs

from cc_async.errors import redact
from cc_async.models import CUSTOM_FIELD_LENGTH, CustomField, CustomFieldMetadata
from cc_async.sources._source import Cell
from cc_async.sources.columns._cell_checks import CellError, Check, Text, date_in

_TEXT = Text(CUSTOM_FIELD_LENGTH)
_NUMBER = re.compile(r"(?P<minus>-?)\d+(?:\.(?P<decimals>\d+))?", re.ASCII)
_DAY_FIRST = re.compile(r"(\d\d?)([/.-])(\d\d?)\2(\d{4})", re.ASCII)
_MAX_SHOWN = 10
"""Choices that a reason names, so that it fits on a line or two."""

_Read = Callable[[str], str]
"""Returns the value to be sent for a cell that is not blank, or raises `CellError`."""


@attrs.frozen(eq=False, repr=False)
class _Typed:
    """A value of one type; *read* checks a cell that is not blank."""

    read: _Read

    def quick(self, cells: Sequence[str]) -> Sequence[Cell] | None:
        try:
            known = {cell: self.clean(cell) for cell in set(cells)}
        except CellError:
            return None
        return [known[cell] for cell in cells]

    def clean(self, cell: str) -> Cell:
        return self.read(_TEXT.clean(cell)) if cell else ""


def custom_field_check(field: CustomField) -> Check:
    """Return the check of the values of *field*."""
    metadata = field.metadata or CustomFieldMetadata()
    match field.type:
        case "boolean":
            return _Typed(_boolean)
        case "date":
            return _Typed(_date(metadata.display_format or ""))
        case "datetime":
            return _Typed(_moment)
        case "number" | "currency":
            may_be_negative = field.type == "currency" or bool(metadata.allow_negative)
            return _Typed(_number(metadata, may_be_negative=may_be_negative))
        case "single_select" | "multi_select" if field.choices:
            return _Typed(_choices(field))
    return _TEXT


def _boolean(cell: str) -> str:
    if cell.lower() not in ("true", "false"):
        raise CellError("the field takes true or false; write one of them")
    return cell.lower()


def _date(display_format: str) -> _Read:
    is_day_first = display_format.upper().startswith("D")

    def read(cell: str) -> str:
        found = _DAY_FIRST.fullmatch(cell) if is_day_first else None
        date_in(f"{found[4]}-{found[3]}-{found[1]}" if found else cell)
        return cell

    return read


def _moment(cell: str) -> str:
    try:
        dt.datetime.fromisoformat(cell)
    except ValueError:
        date_in(cell)
    return cell


def _number(metadata: CustomFieldMetadata, *, may_be_negative: bool) -> _Read:
    places = 0 if metadata.integer else metadata.decimal_places

    def read(cell: str) -> str:
        found = _NUMBER.fullmatch(cell)
        if found is None:
            raise CellError("the field takes a number; write it as 1234 or 12.5")
        if found["minus"] and not may_be_negative:
            raise CellError("the field takes no number below zero; correct it")
        decimals = (found["decimals"] or "").rstrip("0")
        if places is not None and len(decimals) > places:
            raise CellError(f"the field takes {places} decimal places; shorten the number")
        return cell

    return read


def _choices(field: CustomField) -> _Read:
    labels: dict[str, str] = {}
    for choice in field.choices or ():
        if choice.deleted_at is None and choice.choice_label:
            label = choice.choice_label.strip()
            labels.setdefault(label.lower(), label)
            labels[label] = label
    shown = redact(", ".join(list(dict.fromkeys(labels.values()))[:_MAX_SHOWN]))

    def read(cell: str) -> str:
        whole = labels.get(cell) or labels.get(cell.lower())
        if whole:
            return whole
        parts = [part.strip() for part in re.split("[;,|]", cell) if part.strip()]
        if field.type == "single_select" or not all(part.lower() in labels for part in parts):
            raise CellError(f"the field has no such choice; write one of: {shown}")
        return cell

    return read
