"""Frozen values under Constant Contact's own names."""

from ._account import Account, UserPrivilege
from ._activities import TERMINAL_STATES, Activity, ActivityStatus
from ._contacts import (
    Contact,
    ContactCounts,
    ContactCustomField,
    EmailAddress,
    Note,
    PhoneNumber,
    SmsChannel,
    SmsChannelConsent,
    StreetAddress,
)
from ._import_rows import ImportRow
from ._lists import ContactList, CustomField, CustomFieldChoice, CustomFieldMetadata, Tag
from ._masks import masked
from ._page import Page
from ._properties import (
    CUSTOM_FIELD,
    CUSTOM_FIELD_LENGTH,
    IMPORTS,
    NOT_CARRIED,
    PROPERTIES,
    SET_BY_IMPORTS,
    SIGN_UPS,
    WRITTEN_BY_SERVICE,
    Property,
    ValueKind,
    Way,
)
from ._sign_ups import SignUp, SignUpResult
from ._value_faults import (
    LINE_BREAKS,
    address_fault,
    birthday_fault,
    holds_address,
    read_date,
    text_fault,
)

__all__ = [
    "CUSTOM_FIELD", "CUSTOM_FIELD_LENGTH", "IMPORTS", "LINE_BREAKS", "NOT_CARRIED", "PROPERTIES",
    "SET_BY_IMPORTS", "SIGN_UPS", "TERMINAL_STATES", "WRITTEN_BY_SERVICE", "Account", "Activity", "ActivityStatus",
    "Contact", "ContactCounts", "ContactCustomField", "ContactList", "CustomField",
    "CustomFieldChoice", "CustomFieldMetadata", "EmailAddress", "ImportRow", "Note", "Page",
    "PhoneNumber", "Property", "SignUp", "SignUpResult", "SmsChannel", "SmsChannelConsent",
    "StreetAddress", "Tag", "UserPrivilege", "ValueKind", "Way",
    "address_fault", "birthday_fault", "holds_address", "masked", "read_date", "text_fault",
]  # fmt: skip
