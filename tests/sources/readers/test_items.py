"""Items whose keys become known as they come."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given, settings, strategies as st

from cc_async.models import (
    Contact,
    ContactCustomField,
    PhoneNumber,
    SignUp,
    StreetAddress,
)
from cc_async.sources import Rejection, Row
from tests.support.sources import (
    EMAIL,
    NAMES,
    read,
    values,
)

SETTINGS = settings(deadline=None)  # other work on the machine is no failure


@pytest.mark.parametrize(
    ("item", "column", "reason"),
    [
        (EMAIL, "", "this is a text"),
        (None, "", "this is nothing"),
        ({1: "x"}, "", "not all text"),
        ({"email": EMAIL, "custom_fields": [{"a": 1}]}, "custom_fields", "this is a list"),
        ({"email": EMAIL, "custom_fields": {"field_1": {"a": 1}}}, "cf:field_1", "a group"),
        ({"email": EMAIL, "first_name": ["Ann"]}, "first_name", "this is a list"),
        ({"email": EMAIL, "first_name": True}, "first_name", "this is a yes or no"),
        (
            SignUp(EMAIL, custom_fields=(ContactCustomField("id-1", choice_ids=("1",)),)),
            "custom_fields",
            "choices",
        ),
        (
            SignUp(EMAIL, custom_fields=(ContactCustomField("?", "x"),)),
            "custom_fields",
            "no custom",
        ),
        (
            Contact(phone_numbers=(PhoneNumber("1", "home"),) * 2),
            "phone_numbers",
            "two of the kind",
        ),
        (Contact(street_addresses=(StreetAddress(),) * 2), "street_addresses", "two of the kind"),
    ],
)
async def test_items_of_the_wrong_kind_are_refused_one_by_one(
    item: object, column: str, reason: str
) -> None:
    """A value of the wrong kind rejects its item, not the whole source."""
    row, good = await read([item, {"email": EMAIL}])
    assert isinstance(row, Rejection)
    assert row.column == column
    assert reason in row.reason
    assert isinstance(good, Row)


@SETTINGS
@given(
    st.lists(
        st.permutations(NAMES).flatmap(
            lambda names: st.fixed_dictionaries({name: values | st.none() for name in names})
        )
        | st.dictionaries(st.sampled_from(NAMES), values)
    )
)
async def test_items_alike_are_read_as_items_that_differ(items: list[dict[str, Any]]) -> None:
    """Items with known keys give the same rows as items with a new key."""
    one_by_one, together = await read(items, max_rows=1), await read(items)
    for one, other in zip(one_by_one, together, strict=True):
        if isinstance(other, Rejection):  # of which the record grows with the keys
            one, other = attrs.evolve(one, record=()), attrs.evolve(other, record=())
        assert one == other
