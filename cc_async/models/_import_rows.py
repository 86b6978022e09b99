"""One contact of a bulk import, under the names of `contacts_json_import`.

https://developer.constantcontact.com/api_guide/import_contacts.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from cc_async.models._contact_details import ContactDetails
from cc_async.models._masks import masked


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


def _copy(fields: Mapping[str, str]) -> Mapping[str, str]:
    return dict(fields)


@attrs.frozen(hash=False)
class ImportRow(ContactDetails):
    """One contact of a bulk import; every field is a column of the API's imports.

    Unprefixed address parts mean the home address. *custom_fields* maps a field's name (or its
    label) to the text to store. *lists* puts this contact on lists of its own, by id or exact
    name, in place of the import's; empty means the import's.

    An import carries no permission: a new contact becomes `implicit`, and a known one keeps its
    permission. It carries no tags, notes and choices of select fields either.
    """

    email: str | None = attrs.field(default=None, repr=masked)
    phone: str | None = attrs.field(default=None, repr=masked)
    home_phone: str | None = attrs.field(default=None, repr=masked)
    work_phone: str | None = attrs.field(default=None, repr=masked)
    mobile_phone: str | None = attrs.field(default=None, repr=masked)
    other_phone: str | None = attrs.field(default=None, repr=masked)
    street: str | None = attrs.field(default=None, repr=masked)
    street2: str | None = attrs.field(default=None, repr=masked)
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    country: str | None = None
    work_street: str | None = attrs.field(default=None, repr=masked)
    work_street2: str | None = attrs.field(default=None, repr=masked)
    work_city: str | None = None
    work_state: str | None = None
    work_zip: str | None = None
    work_country: str | None = None
    other_street: str | None = attrs.field(default=None, repr=masked)
    other_street2: str | None = attrs.field(default=None, repr=masked)
    other_city: str | None = None
    other_state: str | None = None
    other_zip: str | None = None
    other_country: str | None = None
    sms_number: str | None = attrs.field(default=None, repr=masked)
    sms_consent_date: str | None = None
    custom_fields: Mapping[str, str] = attrs.field(factory=dict, converter=_copy)
    lists: tuple[str, ...] = attrs.field(default=(), converter=_texts)
