"""Custom fields and their choices are created, found, changed and deleted."""

from __future__ import annotations

import attrs
import pytest

from cc_async import (
    ContactCustomField,
    CustomField,
)
from cc_async.errors import (
    ConflictError,
    InvalidRequestError,
    NotFoundError,
)
from cc_async.models import (
    CustomFieldChoice,
    CustomFieldMetadata,
)
from cc_async.resources import CustomFields
from tests.support.people import client_of, open_sandbox
from tests.support.resources import (
    COLOUR,
    EVERYTHING,
    FIELD,
    Call,
    assert_refused,
    assert_sent_once,
    join,
    request_of,
)

pytestmark = pytest.mark.looptime


async def test_custom_fields_have_all_their_operations() -> None:
    """A field is created, found by name or label, changed, and deleted with its values."""
    sandbox = open_sandbox()
    async with client_of(sandbox) as cc:
        made = await cc.custom_fields.create("Favourite Car")
        assert (made.type, made.name) == ("string", "favourite_car")
        with pytest.raises(ConflictError):
            await cc.custom_fields.create("Favourite Car")
        assert await cc.custom_fields.find("favourite_car") == made
        assert await cc.custom_fields.find("Favourite Car") == made
        assert await cc.custom_fields.find("favourite") is None
        changed = await cc.custom_fields.update(attrs.evolve(made, label="Car"))
        assert await cc.custom_fields.get(made.custom_field_id) == changed
        assert (changed.label, changed.name) == ("Car", "car")
        contact_id = await join(cc, sandbox, "a@example.com")
        value = (ContactCustomField(made.custom_field_id, "Tesla"),)
        read = attrs.evolve(await cc.contacts.get(contact_id), custom_fields=value)
        assert (await cc.contacts.update(read, update_source="Account")).custom_fields == value
        await cc.custom_fields.delete(made.custom_field_id)
        with pytest.raises(NotFoundError):
            await cc.custom_fields.delete(made.custom_field_id)
        assert (await cc.contacts.get(contact_id, include=EVERYTHING)).custom_fields == ()


async def test_choices_keep_their_ids_when_a_select_field_is_updated() -> None:
    """A choice with a new label keeps its id; new ones are added, omitted ones deleted."""
    async with client_of(open_sandbox()) as cc:
        field = await cc.custom_fields.create(
            "Colour", "single_select", choices=["Red", "Blue", "Grey"]
        )
        assert field.choices is not None
        red, blue, _ = field.choices
        choices = (
            attrs.evolve(blue, display_order=1),
            attrs.evolve(red, choice_label="Crimson", display_order=2),
            CustomFieldChoice(choice_label="Green", display_order=3),
        )
        changed = await cc.custom_fields.update(attrs.evolve(field, choices=choices))
        assert changed.choices is not None
        labels = {choice.choice_id: choice.choice_label for choice in changed.choices}
        assert list(labels.values()) == ["Blue", "Crimson", "Green"]
        assert (labels[red.choice_id], labels[blue.choice_id]) == ("Crimson", "Blue")
        with pytest.raises(InvalidRequestError, match="choices"):
            await cc.custom_fields.update(attrs.evolve(field, choices=None))


@pytest.mark.parametrize(
    ("call", "method", "path", "body"),
    [
        (lambda it: it.create("Vehicle"), "POST", "/contact_custom_fields", {"label": "Vehicle", "type": "string"}),
        (lambda it: it.create(
                "Colour", "single_select", metadata=CustomFieldMetadata("radio"),
                choices=["Red", "Blue"],
            ), "POST", "/contact_custom_fields", {
                "label": "Colour", "type": "single_select", "metadata": {"display_type": "radio"},
                "choices": [
                    {"choice_label": "Red", "display_order": 1},
                    {"choice_label": "Blue", "display_order": 2},
                ],
            }),
        (lambda it: it.create("Born", "date", version=2), "POST", "/contact_custom_fields", {"label": "Born", "type": "date", "version": 2}),
        (lambda it: it.get(FIELD), "GET", f"/contact_custom_fields/{FIELD}", None),
        (lambda it: it.update(CustomField(FIELD, "Car", "vehicle", "string")), "PUT", f"/contact_custom_fields/{FIELD}", {"label": "Car"}),
        (lambda it: it.update(COLOUR), "PUT", f"/contact_custom_fields/{FIELD}", {
                "label": "Colour",
                "choices": [
                    {"choice_id": 3, "choice_label": "Red", "display_order": 1},
                    {"choice_id": "9A63BC", "choice_label": "Blue", "display_order": 2},
                    {"choice_label": "Green"},
                ],
            }),
    ],
)  # fmt: skip
async def test_requests_have_the_form_of_the_api_examples(
    call: Call, method: str, path: str, body: object
) -> None:
    """Method, path, query and body of each request are those of the API's examples."""
    assert await request_of(CustomFields, call) == (method, path, body)


@pytest.mark.parametrize(
    "call",
    [
        lambda it: it.update(attrs.evolve(COLOUR, choices=None)),
    ],
)
async def test_wrong_arguments_are_refused(call: Call) -> None:
    """A select field without choices is not sent."""
    await assert_refused(CustomFields, call)


@pytest.mark.parametrize(
    "call",
    [
        lambda it: it.create("Vehicle"),
    ],
)
async def test_a_lost_answer_is_not_repeated(call: Call) -> None:
    """A request that creates or starts something is not repeated after a lost answer."""
    await assert_sent_once(CustomFields, call)
