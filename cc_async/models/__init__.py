"""Frozen values under Constant Contact's own names."""

from cc_async.models._account import Account, UserPrivilege
from cc_async.models._activities import TERMINAL_STATES, Activity, ActivityStatus
from cc_async.models._contacts import (
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
from cc_async.models._import_rows import ImportRow
from cc_async.models._lists import (
    ContactList,
    CustomField,
    CustomFieldChoice,
    CustomFieldMetadata,
    Tag,
)
from cc_async.models._page import Page
from cc_async.models._properties import (
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
from cc_async.models._sign_ups import SignUp, SignUpResult

__all__ = [
    "CUSTOM_FIELD",
    "CUSTOM_FIELD_LENGTH",
    "IMPORTS",
    "NOT_CARRIED",
    "PROPERTIES",
    "SET_BY_IMPORTS",
    "SIGN_UPS",
    "TERMINAL_STATES",
    "WRITTEN_BY_SERVICE",
    "Account",
    "Activity",
    "ActivityStatus",
    "Contact",
    "ContactCounts",
    "ContactCustomField",
    "ContactList",
    "CustomField",
    "CustomFieldChoice",
    "CustomFieldMetadata",
    "EmailAddress",
    "ImportRow",
    "Note",
    "Page",
    "PhoneNumber",
    "Property",
    "SignUp",
    "SignUpResult",
    "SmsChannel",
    "SmsChannelConsent",
    "StreetAddress",
    "Tag",
    "UserPrivilege",
    "ValueKind",
    "Way",
]
