"""The table of contact properties: one row says all about one property.

Client, sources, wire and sandbox read this table. From it follow the headings that are understood,
the checks of values, the columns of both imports, the way from a `Contact` or a `SignUp` to a row
and back, and the sandbox's reading of imports.

To add a property, add a row here and a field to the model that has it; the tests name the rest. A
field without a row is refused by name (`NOT_CARRIED`) or is the service's own.

Names and lengths of imports:
https://developer.constantcontact.com/api_guide/import_contacts.html
Of contacts:
https://developer.constantcontact.com/api_guide/contacts_subresources.html
Of sign-ups:
https://developer.constantcontact.com/api_guide/contacts_create_or_update.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Literal

import attrs

from cc_async.models._contacts import (
    Contact,
    ContactCustomField,
    EmailAddress,
    Note,
    PhoneNumber,
    SmsChannel,
    SmsChannelConsent,
    StreetAddress,
)

Way = Literal["csv", "json", "sign_up"]
"""A way into the account: a file import, a JSON import, a sign-up."""

ValueKind = Literal[
    "text", "email", "phone", "date", "month", "day", "birthday", "sms_number", "lists", "moment"
]
"""Kinds of values; each has one check in `cc_async.sources`."""

EVERY_WAY: frozenset[Way] = frozenset(("csv", "json", "sign_up"))
NO_CSV: frozenset[Way] = frozenset(("json", "sign_up"))
IMPORTS: frozenset[Way] = frozenset(("csv", "json"))
SIGN_UPS: frozenset[Way] = frozenset(("sign_up",))

CUSTOM_FIELD = "cf:"
"""Begins the column of a custom field; the field's `name` follows."""

CUSTOM_FIELD_LENGTH = 255
"""Characters of a custom field's value, on every way."""


@attrs.frozen
class Property:
    """One property of a contact.

    Args:
        column: Its name in imports, and the name of its field in `ImportRow`.
        value: The kind of its values.
        headings:
            Further spellings of its heading, with blanks between them, in small letters without
            punctuation. The column's own name is understood as well.
        contact: The path of its field in `Contact`.
        sign_up: The path of its field in `SignUp`.
        kind: The `kind` of the phone or address that it belongs to.
        carried_by: The ways that carry it.
        why_not: Why the other ways do not carry it.
        max_length: Characters that are sent at most: the smallest number in the API's pages.
        accepted_length: Characters that the API accepts at most: the largest number there.
        sent_as: The columns of an import that carry it.
    """

    column: str
    value: ValueKind = "text"
    headings: str = ""
    contact: str = ""
    sign_up: str = ""
    kind: str = ""
    carried_by: frozenset[Way] = EVERY_WAY
    why_not: str = ""
    max_length: int = 50
    accepted_length: int = 50
    sent_as: tuple[str, ...] = attrs.field()

    @sent_as.default
    def _its_own_name(self) -> tuple[str, ...]:
        return (self.column,)

    @property
    def is_column(self) -> bool:
        """Whether the API's imports have a column of this name."""
        return self.sent_as == (self.column,)


def _either_way_round(kinds: str, words: str) -> str:
    """Return every kind with every word, in both orders: `workphone phonework`."""
    pairs = list(product(kinds.split(), words.split()))
    return " ".join([kind + word for kind, word in pairs] + [word + kind for kind, word in pairs])


_PHONE_WORDS = "phone phonenumber telephone tel"


def _phone(kind: str, kinds: str, more: str = "", ways: frozenset[Way] = NO_CSV) -> Property:
    """Return the row of one kind of phone. The service stores `phone` as `other`."""
    return Property(
        f"{kind}_phone",
        "phone",
        f"{more} {_either_way_round(kinds, _PHONE_WORDS)}",
        contact="phone_numbers.phone_number",
        sign_up="phone_number",
        kind=kind,
        carried_by=ways,
        max_length=25,
    )


_ADDRESS_PARTS = (
    ("street", "street", "street address streetaddress streetaddressline1 addressline1 address1 street1"),
    ("street2", "", "street2 address2 addressline2 streetaddress2 streetaddressline2"),
    ("city", "city", "city town"),
    ("state", "state", "state province stateprovince"),
    ("zip", "postal_code", "zip zipcode postalcode postcode zippostalcode"),
    ("country", "country", "country countryregion"),
)  # fmt: skip
"""Column, field of a `StreetAddress`, and spellings of each part. The API appends `street2` to
`street`, and so does this package before it sends anything."""


def _address(kind: str, kinds: str) -> Iterator[Property]:
    """Yield the rows of one kind of address. The home address has no prefix in imports.

    The API also names columns such as `home_city`. They are never sent: one of them is misspelt
    there (`home country`), and columns without a prefix mean the home address anyway.
    """
    is_home = kind == "home"
    for column, field, words in _ADDRESS_PARTS:
        length = 255 if column.startswith("street") else 50
        yield Property(
            column if is_home else f"{kind}_{column}",
            "text",
            f"{words if is_home else ''} {_either_way_round(kinds, words)}",
            contact=field and f"street_addresses.{field}",
            sign_up=field and f"street_address.{field}",
            kind=kind,
            carried_by=EVERY_WAY if is_home else NO_CSV,
            max_length=length,
            accepted_length=length,
        )


PROPERTIES = (
    Property(
        "email", "email", "emailaddress mail mailaddress", "email_address.address",
        "email_address", accepted_length=80,
    ),
    Property("first_name", "text", "first givenname forename", "first_name", "first_name"),
    Property("last_name", "text", "last surname familyname", "last_name", "last_name"),
    Property("job_title", "text", "", "job_title", "job_title"),
    Property(
        "company_name", "text", "company organization organisation", "company_name",
        "company_name",
    ),
    Property(
        "birthday", "birthday", "birthdate dateofbirth dob",
        sent_as=("birthday_month", "birthday_day"),
    ),
    Property(
        "birthday_month", "month", "birthmonth monthofbirth", "birthday_month", "birthday_month"
    ),
    Property("birthday_day", "day", "dayofbirth", "birthday_day", "birthday_day"),
    Property("anniversary", "date", "anniversarydate", "anniversary", "anniversary"),
    Property(
        "phone", "phone", _PHONE_WORDS, sign_up="phone_number", kind="other", max_length=25
    ),
    _phone("home", "home"),
    _phone("work", "work business office"),
    _phone("mobile", "mobile cell", "mobile cell"),
    _phone("other", "other"),
    *_address("home", "home"),
    *_address("work", "work business office"),
    *_address("other", "other"),
    Property(
        "sms_number", "sms_number", "smsphone smsphonenumber phonesms",
        "sms_channel.full_sms_address", carried_by=IMPORTS, accepted_length=16,
        why_not="numbers for text messages are signed up one by one, not in bulk",
    ),
    Property(
        "sms_consent_date", "date", "", "sms_channel.sms_channel_consents.opt_in_date",
        carried_by=IMPORTS, accepted_length=16,
        why_not="consents to text messages are signed up one by one, not in bulk",
    ),
    Property(
        "lists", "lists", "list listnames listname listids listid listmemberships emaillists",
        "list_memberships", "list_memberships", sent_as=(),
    ),
    Property(
        "consented_at", "moment", "consentdate consented", "", "consented_at",
        carried_by=SIGN_UPS, sent_as=(),
        why_not="an import carries no consent; only a sign-up does",
    ),
)  # fmt: skip
"""Every property that a row can hold beside custom fields."""

_CONSENT = "imports and bulk sign-ups carry no details of a consent; leave {} out"

NOT_CARRIED: Mapping[type, Mapping[str, str]] = {
    Contact: {
        "taggings": "imports and bulk sign-ups carry no tags; leave taggings out and add the tags "
        "to the contacts afterwards",
        "notes": "imports and bulk sign-ups carry no notes; leave notes out and write them to the "
        "contacts afterwards",
    },
    ContactCustomField: {
        "choice_ids": "choices of a select field cannot be sent in bulk; leave choice_ids out and "
        "write them to the contacts afterwards",
    },
    SmsChannelConsent: {
        name: _CONSENT.format(name)
        for name in (
            "consent_medium_type", "consent_medium_url", "consent_medium_details",
            "advertised_frequency", "advertised_interval",
        )
    },
}  # fmt: skip
"""Fields that nothing carries in bulk: a contact with a value there is rejected for this reason."""

WRITTEN_BY_SERVICE: Mapping[type, frozenset[str]] = {
    Contact: frozenset(("contact_id", "created_at", "updated_at", "deleted_at")),
    EmailAddress: frozenset((
        "created_at", "updated_at", "opt_in_source", "opt_in_date", "opt_out_source",
        "opt_out_date", "confirm_status",
    )),
    PhoneNumber: frozenset((
        "phone_number_id", "created_at", "updated_at", "create_source", "update_source",
    )),
    StreetAddress: frozenset(("street_address_id", "created_at", "updated_at")),
    Note: frozenset(("note_id", "created_at")),
    SmsChannel: frozenset(("sms_channel_id", "create_source", "update_source")),
    SmsChannelConsent: frozenset(("opt_out_date", "created_at", "updated_at")),
}  # fmt: skip
"""Fields that the service alone writes. Requests and imports leave them out."""

SET_BY_IMPORTS: Mapping[type, frozenset[str]] = {
    Contact: frozenset(("create_source", "update_source")),
    EmailAddress: frozenset(("permission_to_send", "opt_out_reason")),
}
"""Fields that an import or a sign-up sets by itself. An import makes a new contact `implicit` with
the source `Account`, and a known one keeps its permission. A sign-up makes both `explicit`."""
