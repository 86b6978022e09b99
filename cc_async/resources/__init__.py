"""The API's resources: each method builds a request and names the model of its reply."""

from cc_async.resources._account import AccountChanges, OwnAccount
from cc_async.resources._activities import Activities
from cc_async.resources._activity_requests import ContactSource
from cc_async.resources._contact_filters import ContactFilters, ContactPageFilters, Include
from cc_async.resources._contact_lists import ContactLists
from cc_async.resources._contact_updates import Permission, UpdateSource
from cc_async.resources._contacts import Contacts, read_sign_up, sign_up_request
from cc_async.resources._custom_fields import CustomFields, CustomFieldType
from cc_async.resources._page_iterator import iter_pages
from cc_async.resources._tags import Tags

__all__ = [
    "AccountChanges",
    "Activities",
    "ContactFilters",
    "ContactLists",
    "ContactPageFilters",
    "ContactSource",
    "Contacts",
    "CustomFieldType",
    "CustomFields",
    "Include",
    "OwnAccount",
    "Permission",
    "Tags",
    "UpdateSource",
    "iter_pages",
    "read_sign_up",
    "sign_up_request",
]
