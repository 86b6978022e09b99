"""One converter between models and the service's JSON.

It omits absent values and never writes null. It reads null as absent, ignores unknown properties,
and keeps unknown values of an enumeration as text.
https://developer.constantcontact.com/api_guide/v3_technical_overview.html
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar

import attrs
import orjson
from cattrs import Converter
from cattrs.fns import identity
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override
from cattrs.preconf.orjson import make_converter as make_orjson_converter

from cc_async.errors import ConstantContactError, InvalidRequestError
from cc_async.models import (
    WRITTEN_BY_SERVICE,
    Account,
    Activity,
    Contact,
    ContactCounts,
    ContactList,
    CustomField,
    SignUp,
    SignUpResult,
    StreetAddress,
    Tag,
)
from cc_async.wire._requests import make_time

T = TypeVar("T")

_LOCAL_ONLY: dict[type, tuple[str, ...]] = {SignUp: ("consented_at",)}
"""Fields for the reader of a value alone; they are never sent."""

_MAX_ERRORS = 200
"""Errors of one activity that are kept: enough to see a pattern, and small for the 500 activities of a
page. Their number is documented nowhere; ours to choose."""

_LONGEST_ERROR = 500
"""Characters of one error of an activity; a sentence of the service has some 100."""

_IDENTIFIED_BY: dict[type, str] = {
    Account: "encoded_account_id",
    Activity: "activity_id",
    Contact: "contact_id",
    ContactCounts: "total",
    ContactList: "list_id",
    CustomField: "custom_field_id",
    SignUpResult: "contact_id",
    Tag: "tag_id",
}
"""The property without which an answer says nothing; all others may be missing."""

_NUMBER_BITS = 64
"""Bits of a whole number, its sign included: the most that the journals' JSON holds."""

_PLAIN = (str | None, int | None, float | None, bool | None)
"""Types that are written unchanged."""


def make_converter() -> Converter:
    """Return a converter that reads and writes the service's JSON."""
    converter = make_orjson_converter(omit_if_default=False)
    converter.register_structure_hook(dt.datetime, lambda value, _: read_time(value))
    converter.register_structure_hook(dt.date, lambda value, _: read_time(value).date())
    converter.register_structure_hook(dt.datetime | None, lambda value, _: read_time_or_none(value))
    converter.register_structure_hook(dt.date | None, lambda value, _: _read_day(value))
    converter.register_structure_hook(
        str, lambda value, _: value if type(value) is str else _text(value)
    )
    converter.register_structure_hook(int, lambda value, _: _whole_number(value))
    converter.register_structure_hook(bool, lambda value, _: bool(value))  # or it counts as an int
    converter.register_unstructure_hook_func(_PLAIN.__contains__, identity)
    converter.register_unstructure_hook(dt.datetime, make_time)
    converter.register_unstructure_hook(dt.date, lambda value: value.isoformat())
    converter.register_structure_hook_factory(attrs.has, lambda cls: _make_reader(cls, converter))
    converter.register_unstructure_hook_factory(attrs.has, lambda cls: _make_writer(cls, converter))
    return converter


def read_time(value: Any) -> dt.datetime:
    """Return a time of the service in UTC, whichever of its notations *value* has.

    The service has sent `Z`, `.108Z`, `-05:00`, `+00:00`, a date alone, and
    `2023-01-23 06:09:23 -0800`.
    """
    moment = dt.datetime.fromisoformat(str(value).strip().replace(" -", "-").replace(" +", "+"))
    return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)


def read_time_or_none(value: Any) -> dt.datetime | None:
    """Return a time of the service in UTC, or `None` if *value* is not readable as one.

    One odd date of one contact then does not make a page of 500 unreadable.
    """
    try:
        return read_time(value)
    except (ValueError, OverflowError):
        return None


def _read_day(value: Any) -> dt.date | None:
    """Return a day; an unreadable one is the last of all days: a deletion without a day is one."""
    if value is None:
        return None
    moment = read_time_or_none(value)
    return dt.date.max if moment is None else moment.date()


def _text(value: Any) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)  # choice ids are integers in one schema and strings in another
    raise TypeError(f"expected text, got {type(value).__name__}")


def _whole_number(value: Any) -> int:
    """Return a whole number, which may be text; one beyond 64 bits counts nothing."""
    number = int(value)
    if number.bit_length() >= _NUMBER_BITS:  # 1e308 is such a number, and no JSON could keep it
        raise ValueError("a number beyond 64 bits")
    return number


def _make_reader(cls: type, converter: Converter) -> Callable[[Any, Any], Any]:
    read: Callable[[Any, Any], Any] = make_dict_structure_fn(cls, converter)
    prepare = _PREPARE.get(cls, _without_nulls)

    def structure(value: Any, _: Any) -> Any:
        if not isinstance(value, dict):
            raise TypeError(f"expected an object, got {type(value).__name__}")
        if cls in _IDENTIFIED_BY:
            _require_identity(value, _IDENTIFIED_BY[cls])
        return read(prepare(value), cls)

    return structure


def _require_identity(value: dict[str, Any], name: str) -> None:
    identity = value.get(name)
    is_number = type(identity) in (int, float)
    if not is_number and not (isinstance(identity, str) and identity.strip()):
        raise TypeError(f"expected an object with {name}")


def _make_writer(cls: type, converter: Converter) -> Callable[[Any], dict[str, Any]]:
    left_out = _LOCAL_ONLY.get(cls, ())
    rules = {
        field.name: override(omit=True)
        if field.name in left_out
        else override(omit_if_default=True)
        for field in attrs.fields(cls)
        if field.default is not attrs.NOTHING
    }
    if cls is StreetAddress:
        rules["kind"] = override()  # required by the contract, default or not
    return make_dict_unstructure_fn(cls, converter, **rules)  # type: ignore[arg-type]


def _without_nulls(value: dict[str, Any]) -> dict[str, Any]:
    return {key: item for key, item in value.items() if item is not None}


def _prepare_activity(value: dict[str, Any]) -> dict[str, Any]:
    """Accept both spellings of `timed_out`, both forms of an error, and the link to the results.

    https://developer.constantcontact.com/api_guide/activity_status.html
    """
    known = _without_nulls(value)
    if known.get("state") == "time_out":
        known["state"] = "timed_out"
    if "activity_errors" in known:
        texts = _error_texts(known["activity_errors"])
        known["activity_errors"] = texts[:_MAX_ERRORS]
        if len(texts) > _MAX_ERRORS:
            known["errors_left_out"] = len(texts) - _MAX_ERRORS
    links = known.pop("_links", None)
    results = links.get("results") if isinstance(links, dict) else None
    if isinstance(results, dict) and results.get("href"):
        known["results_href"] = results["href"]
    return known


def _error_texts(value: Any) -> list[str]:
    """Return the errors of an activity as texts, without blank ones."""
    items = value if isinstance(value, (list, tuple)) else [value]
    texts = (
        item.get("message") or item.get("error_message") if isinstance(item, dict) else item
        for item in items
    )
    return [
        (text if isinstance(text, str) else _text(text))[:_LONGEST_ERROR] for text in texts if text
    ]


_PREPARE: dict[type, Callable[[dict[str, Any]], dict[str, Any]]] = {Activity: _prepare_activity}

CONVERTER = make_converter()


def encode(value: Any) -> bytes:
    """Return *value* as compact UTF-8 JSON.

    Raises:
        InvalidRequestError: It holds a value of another type than its field's.
    """
    try:
        return orjson.dumps(CONVERTER.unstructure(value))
    except ConstantContactError:
        raise
    except Exception as error:  # noqa: BLE001 - cattrs raises whatever a value provokes
        raise InvalidRequestError(
            f"a value has another type than its field: {type(error).__name__}",
            "Give texts, numbers, times with a zone, and the classes of the package.",
        ) from None


def decode(body: bytes, model: type[T]) -> T:
    """Return *body* as a *model*.

    Raises:
        ValueError: *body* is not JSON.
        Exception: *body* has another form than *model*; `cattrs.transform_error` names the place.
    """
    return CONVERTER.structure(orjson.loads(body), model)


def without_read_only(contact: Contact) -> Contact:
    """Return *contact* without the properties that the service sets, ready to be sent.

    It refuses or ignores them in a request.
    https://developer.constantcontact.com/api_guide/contacts_subresources.html
    """

    def writable(value: T) -> T:
        names = WRITTEN_BY_SERVICE[type(value)]
        return attrs.evolve(value, **dict.fromkeys(names))  # type: ignore[misc]

    return attrs.evolve(
        writable(contact),
        email_address=contact.email_address and writable(contact.email_address),
        phone_numbers=contact.phone_numbers and tuple(map(writable, contact.phone_numbers)),
        street_addresses=contact.street_addresses
        and tuple(map(writable, contact.street_addresses)),
    )
