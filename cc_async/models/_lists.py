"""Contact lists, custom fields and tags.

https://v3.developer.constantcontact.com/api_guide/lists_overview.html
https://developer.constantcontact.com/api_guide/custom_fields.html
https://developer.constantcontact.com/api_guide/tags_get.html
"""

from __future__ import annotations

import datetime as dt

import attrs


@attrs.frozen
class ContactList:
    """A mailing list. *membership_count* is there only when it was asked for."""

    list_id: str
    name: str
    description: str | None = None
    favorite: bool | None = None
    created_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None
    deleted_at: dt.datetime | None = None
    membership_count: int | None = None


@attrs.frozen
class CustomFieldMetadata:
    """How a custom field of a newer type is shown and checked."""

    display_type: str | None = None
    allow_negative: bool | None = None
    decimal_places: int | None = None
    currency_code: str | None = None
    integer: bool | None = None
    display_format: str | None = None


@attrs.frozen
class CustomFieldChoice:
    """One choice of a select field."""

    choice_id: str | None = None
    choice_label: str | None = None
    display_order: int | None = None
    custom_field_id: str | None = None
    created_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None
    deleted_at: dt.date | None = None


@attrs.frozen
class CustomField:
    """A custom field of the account.

    The service makes *name* from *label*; imports use it, as `cf:<name>`. It cannot be computed:
    read it.
    """

    custom_field_id: str
    label: str
    name: str
    type: str | None = None
    version: int | None = None
    metadata: CustomFieldMetadata | None = None
    choices: tuple[CustomFieldChoice, ...] | None = None
    created_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None


@attrs.frozen
class Tag:
    """A tag. *contacts_count* is there only when it was asked for."""

    tag_id: str
    name: str
    tag_source: str | None = None
    contacts_count: int | None = None
    created_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None
