"""Values of a program as rows: every field of every model is carried, or refused by name."""

from __future__ import annotations

import datetime as dt
import enum
import types
import typing
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import attrs
import pytest

from cc_async.models import (
    SET_BY_IMPORTS,
    WRITTEN_BY_SERVICE,
    Contact,
    ContactCustomField,
    ContactList,
    CustomField,
    EmailAddress,
    ImportRow,
    Note,
    PhoneNumber,
    SignUp,
    SmsChannel,
    SmsChannelConsent,
    StreetAddress,
)
from cc_async.sources import Rejection, Row, Rules, open_source
from tests.support.sources import EMAIL, check, refused, sent

NOON = dt.datetime(2024, 7, 3, 12, tzinfo=dt.UTC)
RULES = Rules(
    custom_fields=(CustomField("f1", "Size", "size"), CustomField("f2", "Color", "color")),
    lists=(ContactList("l1", "Newsletter"), ContactList("l2", "News")),
)
SIGN_UP = attrs.evolve(RULES, target="sign_up")

WHOLE: dict[type, Any] = {
    Contact: Contact(EmailAddress(EMAIL)),
    EmailAddress: EmailAddress(EMAIL, "explicit"),
    PhoneNumber: PhoneNumber("781-555-0100", "home"),
    StreetAddress: StreetAddress("home", "1 Main St"),
    ContactCustomField: ContactCustomField("f1", "42"),
    SmsChannel: SmsChannel(sms_address="7815550100", dial_code="1", country_code="US"),
    SmsChannelConsent: SmsChannelConsent("explicit", opt_in_date=NOON),
    Note: Note("Met in Rome"),
    SignUp: SignUp(EMAIL),
    ImportRow: ImportRow(email=EMAIL),
}
"""A value of each model, to be changed in one field."""

OTHER: dict[str, Any] = {
    "EmailAddress.address": "bob@example.com",
    "SignUp.email_address": "bob@example.com",
    "ImportRow.email": "bob@example.com",
    "PhoneNumber.kind": "work",
    "StreetAddress.kind": "work",
    "ContactCustomField.custom_field_id": "f2",
    "ContactCustomField.choice_ids": ("1",),
    "SmsChannel.full_sms_address": "17815550123",
    "SmsChannel.sms_address": "7815550123",
    "SmsChannel.dial_code": "44",
    "SmsChannel.country_code": "GB",
    "SmsChannelConsent.sms_consent_permission": "unsubscribed",
    "SmsChannelConsent.opt_in_date": NOON - dt.timedelta(days=9),
    "Contact.list_memberships": ("l2",),
    "SignUp.list_memberships": ("l2",),
    "ImportRow.lists": ("l2",),
    "ImportRow.custom_fields": {"size": "43"},
    "ImportRow.sms_number": "7815550123",
    "ImportRow.sms_consent_date": "2024-07-03",
    "Contact.taggings": ("t1",),
    "Contact.anniversary": "2024-07-03",
    "SignUp.anniversary": "2024-07-03",
    "ImportRow.anniversary": "2024-07-03",
}
"""Another value for fields in which just any value will not do."""

PARTNERS = {"birthday_month": {"birthday_day": 1}, "birthday_day": {"birthday_month": 1}}
"""Fields that go together with another one."""


def models_in(annotation: Any) -> Iterator[type]:
    """Yield the models in the type of a field."""
    if attrs.has(annotation):
        yield annotation
    for inner in typing.get_args(annotation):
        yield from models_in(inner)


def fields_below(model: type, path: str = "") -> Iterator[tuple[str, type, str]]:
    """Yield the path, the model and the name of every field of *model* and of models in it."""
    hints = typing.get_type_hints(model)
    for field in attrs.fields(model):
        inside = list(models_in(hints[field.name]))
        if not inside:
            yield f"{path or model.__name__}.{field.name}", model, field.name
        for inner in inside:
            yield from fields_below(inner, f"{path or model.__name__}.{field.name}")


FIELDS = [found for model in (Contact, SignUp, ImportRow) for found in fields_below(model)]


def other_value(model: type, name: str) -> Any:
    """Return a value for a field, other than that of `WHOLE`."""
    if (value := OTHER.get(f"{model.__name__}.{name}")) is not None:
        return value
    hint = typing.get_type_hints(model)[name]
    kinds = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    samples = {dt.datetime: NOON, dt.date: NOON.date(), int: 2, str: "x"}
    return next(samples[kind] for kind in kinds if kind in samples)


def changed(path: str, value: Any, root: Any = None) -> Any:
    """Return the whole value of *path*'s model with *value* at the end of *path*, if not `None`."""
    head, *names = path.split(".")
    root = root or next(whole for model, whole in WHOLE.items() if model.__name__ == head)
    name, *rest = names
    if not rest:
        return attrs.evolve(
            root, **PARTNERS.get(name, {}), **({} if value is None else {name: value})
        )
    hint = typing.get_type_hints(type(root))[name]
    (inner,) = models_in(hint)
    inside = changed(".".join(["", *rest]), value, WHOLE[inner])
    return attrs.evolve(root, **{name: (inside,) if "tuple" in str(hint) else inside})


async def row_of(item: object, rules: Rules = RULES) -> Row | Rejection:
    """Return what becomes of one item."""
    ((row,),) = [rows async for rows in open_source([item]).read(rules)]
    return row


@pytest.mark.parametrize("rules", [RULES, SIGN_UP], ids=["import", "sign_up"])
@pytest.mark.parametrize(("path", "model", "name"), FIELDS, ids=[path for path, *_ in FIELDS])
async def test_every_field_is_carried_or_refused_by_name_or_written_by_the_service(
    path: str, model: type, name: str, rules: Rules
) -> None:
    """No value of a model is lost without a word.

    Where a field fails here: give it a row in `PROPERTIES`, or a reason in `NOT_CARRIED`, or name
    it in `WRITTEN_BY_SERVICE` or `SET_BY_IMPORTS`.
    """
    before = await row_of(changed(path, None), rules)
    after = await row_of(changed(path, other_value(model, name)), rules)
    own = WRITTEN_BY_SERVICE.get(model, frozenset()) | SET_BY_IMPORTS.get(model, frozenset())
    if isinstance(after, Rejection):
        blamed = {name, path.split(".")[1], "sms_number" if "sms_channel" in path else name}
        assert after.column in blamed, f"{path} is refused, but {after.column} is blamed"
        assert ";" in after.reason, f"{path}: the reason says what to do after a semicolon"
    elif name in own:
        assert after == before, f"{path} is the service's own, and changes a row"
    else:
        assert after != before, f"{path} is lost without a word"


@pytest.mark.parametrize(
    ("contact", "column", "reason"),
    [
        (Contact(EmailAddress(EMAIL, "unsubscribed")), "permission_to_send", "unsubscribed"),
        (Contact(EmailAddress(EMAIL, "temp_hold")), "permission_to_send", "temp_hold"),
        (
            Contact(EmailAddress(EMAIL, "pending_confirmation")),
            "permission_to_send",
            "pending_confirmation",
        ),
        (Contact(EmailAddress(EMAIL), deleted_at=NOON.date()), "deleted_at", "deleted"),
    ],
)
@pytest.mark.parametrize("rules", [RULES, SIGN_UP], ids=["import", "sign_up"])
async def test_a_contact_that_must_not_be_mailed_is_refused(
    contact: Contact, column: str, reason: str, rules: Rules
) -> None:
    """Contacts can be copied to another account, and no contact becomes mailable by that."""
    row = await row_of(contact, rules)
    assert isinstance(row, Rejection)
    assert (row.column, reason in row.reason, "leave it out" in row.reason) == (column, True, True)


@pytest.mark.parametrize("permission", [None, "implicit", "explicit", "not_set"])
async def test_other_permissions_are_set_by_the_import(permission: str | None) -> None:
    """A contact that may be mailed is taken; its permission is not sent."""
    row = await row_of(Contact(EmailAddress(EMAIL, permission)))
    assert isinstance(row, Row)
    assert row.values == {"email": EMAIL}


async def test_a_contact_as_the_service_returns_it_is_carried_whole() -> None:
    """All that the service writes by itself is passed over, all else arrives in its column."""
    moments = {"created_at": NOON, "updated_at": NOON}
    row = await row_of(
        Contact(
            EmailAddress(EMAIL, "implicit", **moments, opt_in_source="Account", opt_in_date=NOON),
            first_name="Ann",
            create_source="Account",
            list_memberships=("l2", "l1"),
            custom_fields=(ContactCustomField("f1", "42"),),
            phone_numbers=(
                PhoneNumber("1", "mobile", "p1", **moments),
                PhoneNumber("2", None, "p2"),
            ),
            street_addresses=(StreetAddress("work", "1 Main St", "Rome", postal_code="00184"),),
            taggings=(),
            notes=(),
            sms_channel=SmsChannel(
                sms_address="7815550100",
                dial_code="1",
                country_code="US",
                sms_channel_id="s1",
                sms_channel_consents=(
                    SmsChannelConsent("explicit", "promotional_sms", opt_in_date=NOON, **moments),
                ),
            ),
            contact_id="c1",
            **moments,
        )
    )
    assert isinstance(row, Row)
    assert row.lists == ("l1", "l2")
    assert row.values == {
        "email": EMAIL,
        "first_name": "Ann",
        "mobile_phone": "1",
        "other_phone": "2",
        "work_street": "1 Main St",
        "work_city": "Rome",
        "work_zip": "00184",
        "cf:size": "42",
        "sms_number": "7815550100",
        "sms_consent_date": "2024-07-03",
    }


@pytest.mark.parametrize(
    ("channel", "reason"),
    [
        (SmsChannel(sms_channel_consents=(SmsChannelConsent("explicit"),)), "without a number"),
        (
            SmsChannel("17815550100", sms_channel_consents=(SmsChannelConsent("explicit"),)),
            "no opt_in_date",
        ),
        (
            SmsChannel("17815550100", sms_channel_consents=(SmsChannelConsent("unsubscribed"),)),
            "unsubscribed from text messages",
        ),
    ],
)
async def test_a_consent_that_cannot_be_carried_is_refused(
    channel: SmsChannel, reason: str
) -> None:
    """A consent to text messages is sent with its day, or its contact is refused."""
    row = await row_of(Contact(EmailAddress(EMAIL), sms_channel=channel))
    assert isinstance(row, Rejection)
    assert (row.column, reason in row.reason) == ("sms_channel", True)


@pytest.mark.parametrize("permission", ["not_set", "pending_confirmation"])
async def test_a_number_without_an_explicit_consent_is_sent_alone(permission: str) -> None:
    """Only an explicit consent has a day that an import carries."""
    consents = (SmsChannelConsent(permission, opt_in_date=NOON),)
    channel = SmsChannel("17815550100", sms_channel_consents=consents)
    row = await row_of(Contact(EmailAddress(EMAIL), sms_channel=channel))
    assert isinstance(row, Row)
    assert row.values == {"email": EMAIL, "sms_number": "7815550100"}


async def test_numbers_for_text_messages_are_refused_in_a_bulk_sign_up_one_by_one() -> None:
    """A bulk sign-up rejects such an item by name and goes on with the others."""
    channel = SmsChannel("17815550100")
    items: list[Any] = [
        SignUp(EMAIL, sms_channel=channel),
        Contact(EmailAddress(EMAIL), sms_channel=channel),
        ImportRow(email=EMAIL, sms_number="7815550100"),
        SignUp(EMAIL),
    ]
    ((*refused, row),) = [rows async for rows in open_source(items).read(SIGN_UP)]
    assert [each.column for each in refused] == ["sms_channel", "sms_channel", "sms_number"]  # type: ignore[union-attr]
    assert isinstance(row, Row)


async def test_the_time_of_a_consent_is_refused_in_an_import() -> None:
    """An import carries no consent, and says so for each contact that has one."""
    row = await row_of(SignUp(EMAIL, consented_at=NOON))
    assert isinstance(row, Rejection)
    assert (row.column, "only a sign-up" in row.reason) == ("consented_at", True)


async def test_phones_and_addresses_of_an_unknown_kind_are_refused() -> None:
    """The kinds that can be sent are named."""
    for contact, column in (
        (Contact(phone_numbers=(PhoneNumber("1", "fax"),)), "phone_numbers"),
        (Contact(street_addresses=(StreetAddress("summer"),)), "street_addresses"),
    ):
        row = await row_of(contact)
        assert isinstance(row, Rejection)
        assert (row.column, "home, work" in row.reason) == (column, True)


async def test_values_that_programs_hold_are_taken_as_text() -> None:
    """Numbers, days and nested custom fields need no conversion; missing numbers are blank."""
    assert await sent(
        zip=2139,
        city=float("nan"),
        state=2.0,
        anniversary=dt.date(2024, 7, 3),
        custom_fields={"field_1": 1.5, "Field 2": None},
    ) == {"zip": "2139", "state": "2", "anniversary": "2024-07-03", "cf:field_1": "1.5"}
    assert await sent(anniversary=dt.datetime(2024, 7, 3)) == {  # noqa: DTZ001
        "anniversary": "2024-07-03"
    }


class Color(enum.Enum):
    """An enumeration of texts."""

    RED = "red"


class Grade(str, enum.Enum):  # noqa: UP042 - its text is not its value
    """An enumeration that is text as well."""

    BEST = "A"


class NaT(dt.datetime):
    """Behaves as `pandas.NaT`: a moment that equals nothing and has no time."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return False

    def __ne__(self, other: object) -> bool:
        return True

    def isoformat(self, *_: Any) -> str:  # type: ignore[override]
        return "NaT"

    def time(self) -> dt.time:
        raise ValueError("NaTType does not support time")


class NA:
    """Behaves as `pandas.NA`: each comparison gives itself, and it is neither true nor false."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> NA:  # type: ignore[override]
        return self

    def __ne__(self, other: object) -> NA:  # type: ignore[override]
        return self

    def __bool__(self) -> bool:
        raise TypeError("boolean value of NA is ambiguous")


class Scalar:
    """Behaves as a scalar of numpy."""

    shape = ()

    def __init__(self, kind: str, value: Any) -> None:
        self.dtype = types.SimpleNamespace(kind=kind)
        self._value, self._unit = value, "ns"

    def astype(self, name: str) -> Scalar:
        """Return the moment in another unit."""
        scalar = Scalar(self.dtype.kind, self._value)
        scalar._unit = name
        return scalar

    def item(self) -> Any:
        """Return the value; moments in nanoseconds are a bare number."""
        return 1_720_000_000 if (self.dtype.kind, self._unit) == ("M", "ns") else self._value


NOT_A_TIME = NaT(2024, 7, 3)


@pytest.mark.parametrize(
    "blank", [NOT_A_TIME, NA(), Scalar("f", float("nan")), Decimal("NaN"), Scalar("M", None)]
)
async def test_blanks_of_other_libraries_are_blank(blank: Any) -> None:
    """Blank is blank, whatever library says so; in mappings and in the package's values."""
    assert await sent(anniversary=blank, city=blank, custom_fields={"field_1": blank}) == {}
    row = await row_of(ImportRow(email=EMAIL, city=blank, sms_consent_date=blank), SIGN_UP)
    assert isinstance(row, Row)
    assert row.values == {"email": EMAIL}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Color.RED, "red"),
        (Grade.BEST, "A"),
        (Decimal("2.0"), "2"),
        (Decimal("2.50"), "2.50"),
        (Scalar("i", 7), "7"),
        (Scalar("f", 7.0), "7"),
        (Scalar("M", dt.datetime(2024, 7, 3)), "2024-07-03"),  # noqa: DTZ001
    ],
)
async def test_values_that_hold_a_plain_value_are_sent_as_that_value(value: Any, text: str) -> None:
    """Enumerations and numbers of array libraries need no conversion."""
    assert await sent(city=value) == {"city": text}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e17, "100000000000000000"),
        (-1e17, "-100000000000000000"),
        (1e18, "1e+18"),
        (-1e18, "-1e+18"),
        (Decimal("1E+20"), "1E+20"),
        (Decimal("-1E+20"), "-1E+20"),
    ],
)
async def test_a_vast_number_is_sent_as_it_is_written(value: Any, text: str) -> None:
    """The digits of `Decimal("1E+999999999")` would fill the memory."""
    assert await sent(city=value) == {"city": text}


@pytest.mark.parametrize("value", [True, Scalar("b", True)])
async def test_a_boolean_fits_a_boolean_field_alone(value: Any) -> None:
    """The API's word for it is true or false; elsewhere it is more likely a mistake."""
    rules = Rules(custom_fields=(CustomField("f1", "Member", "member", "boolean"),))
    assert await sent(rules, custom_fields={"member": value}) == {"cf:member": "true"}
    column, reason = await refused({"email": EMAIL, "city": value})
    assert (column, "yes or no" in reason) == ("city", True)


async def test_a_rejected_row_shows_blanks_as_blank() -> None:
    """The file of rejected rows can be corrected and read again."""
    row = await check({"email": "ann", "city": NOT_A_TIME, "state": NA(), "zip": object()})
    assert isinstance(row, Rejection)
    assert row.record[:3] == ("ann", "", "")
