"""Custom fields checked by their type and choices."""

from __future__ import annotations

import datetime as dt

import pytest

from cc_async.models import CustomField, CustomFieldChoice, CustomFieldMetadata
from cc_async.sources import Row, Rules
from tests.support.sources import EMAIL, check, refused, sent

CHOICES = (
    CustomFieldChoice("1", "Red"),
    CustomFieldChoice("2", "Sea, green"),
    CustomFieldChoice("3", "Gone", deleted_at=dt.date(2024, 1, 1)),
)
FIELDS = (
    CustomField("f1", "Size", "size", "single_select", choices=CHOICES),
    CustomField("f2", "Colors", "colors", "multi_select", choices=CHOICES),
    CustomField("f3", "Day", "day", "date", version=2),
    CustomField(
        "f4", "Tag", "tag", "date", metadata=CustomFieldMetadata(display_format="DD/MM/YYYY")
    ),
    CustomField("f5", "Seen", "seen", "datetime"),
    CustomField("f6", "Count", "count", "number", metadata=CustomFieldMetadata(integer=True)),
    CustomField(
        "f7", "Heat", "heat", "number", metadata=CustomFieldMetadata(None, True, decimal_places=2)
    ),
    CustomField("f8", "Price", "price", "currency", metadata=CustomFieldMetadata(decimal_places=2)),
    CustomField("f9", "Member", "member", "boolean"),
    CustomField("f10", "Note", "note", "string"),
    CustomField("f11", "New", "new", "a type of tomorrow"),
)
RULES = Rules(custom_fields=FIELDS)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("size", "Red", "Red"),
        ("size", "red", "Red"),
        ("size", "Sea, green", "Sea, green"),
        ("colors", "Red; sea, green", None),
        ("colors", "Red;red", "Red;red"),
        ("day", "2024-02-29", "2024-02-29"),
        ("day", "02/29/2024", "02/29/2024"),
        ("tag", "31/12/2024", "31/12/2024"),
        ("seen", "2024-07-03T12:00:00Z", "2024-07-03T12:00:00Z"),
        ("count", 12.0, "12"),
        ("heat", "-1.50", "-1.50"),
        ("price", "9.99", "9.99"),
        ("member", "TRUE", "true"),
        ("note", "31/02/2024", "31/02/2024"),
        ("new", "many", "many"),
        ("size", "Blue", None),
        ("size", "Red;Red", None),
        ("size", "Gone", None),
        ("colors", "Red;Blue", None),
        ("day", "31/02/2024", None),
        ("day", "soon", None),
        ("tag", "31/02/2024", None),
        ("seen", "yesterday", None),
        ("count", "many", None),
        ("count", "-1", None),
        ("count", "1.5", None),
        ("heat", "1.505", None),
        ("price", "$9.99", None),
        ("member", "maybe", None),
        ("size", "x" * 256, None),
    ],
)
async def test_values_fit_the_type_and_the_choices_of_their_field(
    name: str, value: object, expected: str | None
) -> None:
    """A value that the field cannot take is a rejection with its reason; others are sent."""
    for rules in (RULES, Rules("sign_up", custom_fields=FIELDS)):
        column = f"cf:{name}"
        if expected is None:
            blamed, reason = await refused({"email": EMAIL, column: value}, rules)
            assert (blamed, ";" in reason) == (column, True)
        else:
            assert await sent(rules, **{column: value}) == {column: expected}


async def test_blank_values_fit_every_type() -> None:
    """No value is no fault."""
    row = await check({"email": EMAIL, **{f"cf:{field.name}": " " for field in FIELDS}}, RULES)
    assert isinstance(row, Row)


async def test_the_reason_names_the_choices() -> None:
    """The remedy is in the reason."""
    _, reason = await refused({"email": EMAIL, "cf:size": "Blue"}, RULES)
    assert "Red, Sea, green" in reason
    assert "Gone" not in reason


async def test_a_select_field_without_known_choices_takes_any_text() -> None:
    """What the account does not tell cannot be checked."""
    rules = Rules(custom_fields=(CustomField("f1", "Size", "size", "single_select"),))
    assert await sent(rules, **{"cf:size": "Blue"}) == {"cf:size": "Blue"}
