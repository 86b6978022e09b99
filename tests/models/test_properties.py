"""The table of contact properties fits the models."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator

import attrs
import pytest

from cc_async.models import (
    NOT_CARRIED,
    PROPERTIES,
    SET_BY_IMPORTS,
    WRITTEN_BY_SERVICE,
    Contact,
    ImportRow,
    Property,
    SignUp,
)

COLUMNS = {row.column for row in PROPERTIES}
NO_COLUMNS = {"custom_fields", "lists"}
"""Fields of an `ImportRow` that are no columns of imports."""


def ids(row: Property) -> str:
    """Return the name of a row in the names of tests."""
    return row.column


def models_in(annotation: typing.Any) -> Iterator[type]:
    """Yield the models in the type of a field."""
    if attrs.has(annotation):
        yield annotation
    for inner in typing.get_args(annotation):
        yield from models_in(inner)


def has_path(model: type, path: str) -> bool:
    """Whether *model* has a field, or a field of a field, under this path."""
    name, _, rest = path.partition(".")
    if name not in {field.name for field in attrs.fields(model)}:
        return False
    hint = typing.get_type_hints(model)[name]
    return not rest or any(has_path(inner, rest) for inner in models_in(hint))


@pytest.mark.parametrize("row", PROPERTIES, ids=ids)
def test_the_fields_that_a_row_names_exist(row: Property) -> None:
    """A new property needs a field in `Contact`, in `SignUp`, or in `ContactDetails` for both."""
    assert not row.contact or has_path(Contact, row.contact), f"Contact has no {row.contact}"
    assert not row.sign_up or has_path(SignUp, row.sign_up), f"SignUp has no {row.sign_up}"


def test_an_import_row_has_a_field_for_every_column() -> None:
    """Every column of imports is a field of `ImportRow`, and there is no other field."""
    columns = {row.column for row in PROPERTIES if row.is_column}
    assert {field.name for field in attrs.fields(ImportRow)} - NO_COLUMNS == columns


@pytest.mark.parametrize("row", PROPERTIES, ids=ids)
def test_a_row_that_not_every_way_carries_says_why(row: Property) -> None:
    """A heading that is refused has a reason."""
    is_refused = not row.carried_by & {"csv", "json"} or "sign_up" not in row.carried_by
    assert bool(row.why_not) == is_refused
    assert "json" in row.carried_by or "csv" not in row.carried_by


@pytest.mark.parametrize("row", PROPERTIES, ids=ids)
def test_a_row_is_sent_as_columns_of_the_table(row: Property) -> None:
    """A property without a column of its own is sent in those of others, or beside the columns."""
    assert set(row.sent_as) <= COLUMNS
    assert row.max_length <= max(row.accepted_length, row.max_length)


def test_no_heading_means_two_columns() -> None:
    """Each spelling of a heading stands once in the table, in small letters without blanks."""
    spellings = [
        spelling
        for row in PROPERTIES
        for spelling in {row.column.replace("_", ""), *row.headings.split()}
    ]
    assert len(spellings) == len(set(spellings))
    assert all(re.fullmatch("[a-z0-9]+", spelling) for spelling in spellings)


@pytest.mark.parametrize("table", [NOT_CARRIED, WRITTEN_BY_SERVICE, SET_BY_IMPORTS])
def test_fields_that_are_not_carried_exist(
    table: typing.Mapping[type, typing.Collection[str]],
) -> None:
    """No field is named that a model does not have."""
    for model, names in table.items():
        assert set(names) <= {field.name for field in attrs.fields(model)}
