"""`/contact_custom_fields`: an account's own properties of contacts.

https://developer.constantcontact.com/api_guide/custom_fields.html
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Any, Literal

import attrs

from cc_async.errors import InvalidRequestError
from cc_async.models import CustomField, CustomFieldChoice, CustomFieldMetadata
from cc_async.resources._no_content import delete_at
from cc_async.resources._page_iterator import iter_items
from cc_async.session import Session
from cc_async.wire import JSON, Request, encode, make_query, path_of, read_reply

CustomFieldType = Literal[
    "string", "text_area", "boolean", "datetime", "date", "number", "currency",
    "single_select", "multi_select",
]  # fmt: skip

_SELECTS = ("single_select", "multi_select")
_read_field = partial(read_reply, model=CustomField)


@attrs.frozen(eq=False, repr=False)
class CustomFields:
    """The account's custom fields, at most 100; a contact has values for at most 25."""

    _session: Session

    async def create(
        self,
        label: str,
        type: CustomFieldType = "string",  # noqa: A002 - the word of the API
        *,
        metadata: CustomFieldMetadata | None = None,
        choices: Sequence[str] = (),
        version: Literal[1, 2] | None = None,
    ) -> CustomField:
        """Create a custom field. Imports use the *name* of the returned field.

        https://developer.constantcontact.com/api_guide/create_custom_fields.html

        Args:
            label: The text on forms, at most 50 characters, unique in the account.
            type: The type of its values; it can never be changed.
            metadata: Its display format and limits.
            choices: Labels of the choices, in order, for `single_select` and `multi_select`: at
                most 20 for radio buttons or checkboxes, and 100 for a drop-down.
            version: For `date`: 1 stores text, 2 stores dates.

        Raises:
            ConflictError: A field with this label exists.

        Cancellation:
            The field may have been created; look for it with `find`.
        """
        body: dict[str, Any] = {"label": label, "type": type}
        if metadata is not None:
            body["metadata"] = metadata
        if choices:
            body["choices"] = [
                CustomFieldChoice(choice_label=choice, display_order=place)
                for place, choice in enumerate(choices, 1)
            ]
        if version is not None:
            body["version"] = version
        request = Request(
            "POST", "/contact_custom_fields", "", encode(body), JSON, is_repeatable=False
        )
        return await self._session.send(request, _read_field)

    async def get(self, custom_field_id: str) -> CustomField:
        """Return a custom field by id.

        Raises:
            NotFoundError: There is no such field.
        """
        request = Request("GET", path_of("contact_custom_fields", custom_field_id))
        return await self._session.send(request, _read_field)

    async def find(self, name: str) -> CustomField | None:
        """Return the field with exactly this *name*, or else this label, or `None`.

        The service has no search for fields, so all of them are read, in one request.
        """
        fields = [field async for field in self.iter()]
        by_name = (field for field in fields if field.name == name)
        by_label = (field for field in fields if field.label == name)
        return next(by_name, None) or next(by_label, None)

    async def iter(self, *, limit: int = 100) -> AsyncIterator[CustomField]:
        """Yield the account's custom fields, page after page of *limit* (at most 100)."""
        request = Request("GET", "/contact_custom_fields", make_query({"limit": limit}))
        async for field in iter_items(self._session, request, "custom_fields", CustomField):
            yield field

    async def update(self, custom_field: CustomField) -> CustomField:
        """Store the label and the choices of a field that was read and then changed.

        A choice keeps its id, and so contacts keep their choice. A choice without an id is new,
        and an omitted one is deleted. A new label may change the *name* that imports use.

        Raises:
            InvalidRequestError: A select field without choices; the update would delete them.
            ConflictError: Another field has this label.
            NotFoundError: There is no such field.

        Cancellation:
            The field may have been changed; a repeat does no harm.
        """
        body: dict[str, Any] = {"label": custom_field.label}
        if custom_field.choices is not None:
            kept = (choice for choice in custom_field.choices if choice.deleted_at is None)
            body["choices"] = [_writable(choice) for choice in kept]
        elif custom_field.type in _SELECTS:
            raise InvalidRequestError(
                "an update of a select field without choices would delete them",
                "Read the field, change it with attrs.evolve, and update that.",
            )
        path = path_of("contact_custom_fields", custom_field.custom_field_id)
        request = Request("PUT", path, "", encode(body), JSON)
        return await self._session.send(request, _read_field)

    async def delete(self, custom_field_id: str) -> None:
        """Delete a custom field at once, with the values of all contacts.

        Raises:
            NotFoundError: There is no such field.

        Cancellation:
            The field may have been deleted; a repeat does no harm.
        """
        await delete_at(self._session, path_of("contact_custom_fields", custom_field_id))


def _writable(choice: CustomFieldChoice) -> dict[str, str | int]:
    """Return the writable part of a choice; its id is a number here and text in a contact."""
    choice_id = choice.choice_id
    values = {
        "choice_id": int(choice_id) if choice_id and choice_id.isdecimal() else choice_id,
        "choice_label": choice.choice_label,
        "display_order": choice.display_order,
    }
    return {name: value for name, value in values.items() if value is not None}
