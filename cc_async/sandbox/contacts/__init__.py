"""Contacts: the operations of `/contacts`, and the parts of them that bulk work shares."""

from ._contact_checks import MAX_PARTS
from ._contact_edits import (
    count_contacts,
    delete_contact,
    find_contact_xrefs,
    get_sms_history,
    put_contact,
    resubscribe,
)
from ._contact_search import (
    count_active,
    is_active,
    is_new_subscriber,
    is_present,
    is_unchanged_since,
)
from ._contact_views import INCLUDES, contact_view
from ._contact_writer import (
    PLAIN_PROPERTIES,
    TEXT_PROPERTIES,
    add_contact,
    make_address,
    make_phone,
    mark_deleted,
    set_fields,
    set_permission,
    undelete,
    without_duplicates,
)
from ._contacts import create_contact, find_contacts, get_contact
from ._sign_ups import sign_up
from ._sms_channels import make_sms

__all__ = [
    "INCLUDES", "MAX_PARTS", "PLAIN_PROPERTIES", "TEXT_PROPERTIES", "add_contact", "contact_view",
    "count_active", "count_contacts", "create_contact", "delete_contact", "find_contact_xrefs",
    "find_contacts", "get_contact", "get_sms_history", "is_active", "is_new_subscriber",
    "is_present", "is_unchanged_since", "make_address", "make_phone", "make_sms", "mark_deleted",
    "put_contact", "resubscribe", "set_fields", "set_permission", "sign_up", "undelete",
    "without_duplicates",
]  # fmt: skip
