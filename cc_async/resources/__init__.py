"""The API's nouns: each builds a request and names the model of its reply."""

from cc_async.resources._account import OwnAccount
from cc_async.resources._activities import Activities
from cc_async.resources._contact_lists import ContactLists
from cc_async.resources._contacts import Contacts, Include, read_sign_up, sign_up_request
from cc_async.resources._custom_fields import CustomFields
from cc_async.resources._pages import iter_pages

__all__ = [
    "Activities",
    "ContactLists",
    "Contacts",
    "CustomFields",
    "Include",
    "OwnAccount",
    "iter_pages",
    "read_sign_up",
    "sign_up_request",
]
