"""The API's resources: each method builds a request and names the model of its reply."""

from ._account import AccountChanges, OwnAccount
from ._activities import Activities
from ._activity_requests import ContactSource
from ._contact_filters import ContactFilters, ContactPageFilters, Include
from ._contact_lists import ContactLists
from ._contact_updates import Permission, UpdateSource
from ._contacts import Contacts, read_sign_up, sign_up_request
from ._custom_fields import CustomFields, CustomFieldType
from ._page_iterator import iter_pages
from ._tags import Tags

__all__ = [
    "AccountChanges", "Activities", "ContactFilters", "ContactLists", "ContactPageFilters",
    "ContactSource", "Contacts", "CustomFieldType", "CustomFields", "Include", "OwnAccount",
    "Permission", "Tags", "UpdateSource", "iter_pages", "read_sign_up", "sign_up_request",
]  # fmt: skip
