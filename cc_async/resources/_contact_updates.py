"""Requests for `PUT /contacts/{contact_id}`.

The service clears every name, birthday and anniversary that a request omits, but keeps omitted
sub-resources. So the whole contact is sent as it was read, except its permission to send: that
must not change by accident.
https://developer.constantcontact.com/api_guide/contacts_subresources.html
"""

from __future__ import annotations

from typing import Literal

import attrs

from cc_async.errors import InvalidRequestError
from cc_async.models import Contact, EmailAddress, SmsChannel
from cc_async.resources._contact_faults import check_changed_contact
from cc_async.wire import JSON, Request, encode, path_of, without_read_only

UpdateSource = Literal["Contact", "Account"]
Permission = Literal[
    "implicit", "explicit", "not_set", "pending_confirmation", "temp_hold", "unsubscribed"
]


def update_request(
    contact: Contact,
    *,
    update_source: UpdateSource,
    permission_to_send: Permission | None,
    replace: bool,
    revive: bool,
) -> Request:
    """Return the request that stores *contact*; a repeat does no harm.

    Raises:
        InvalidRequestError: The update would clear a property, or restore a deleted contact,
            without *replace* or *revive*; or values cannot be sent.
    """
    if contact.contact_id is None:
        raise InvalidRequestError("a contact without contact_id cannot be updated", "Create it.")
    if update_source not in ("Contact", "Account"):
        raise InvalidRequestError(
            "an update needs update_source",
            "Use 'Contact' for a change by the person, else 'Account'.",
        )
    if not replace:
        _check_was_read(contact)
    _check_revival(contact, update_source, revive)
    contact = attrs.evolve(contact, sms_channel=_writable_channel(contact))
    check_changed_contact(contact)
    body = attrs.evolve(
        without_read_only(contact),
        email_address=_address(contact.email_address, permission_to_send),
        create_source=None,
        update_source=update_source,
    )
    return Request("PUT", path_of("contacts", contact.contact_id), "", encode(body), JSON)


def _check_was_read(contact: Contact) -> None:
    """Refuse a contact that was not read: its missing properties would be cleared."""
    if contact.created_at is None:
        raise InvalidRequestError(
            "this contact was not read from the service; missing names, birthday and anniversary "
            "would be cleared",
            "Read it, change it with attrs.evolve, and update that; or pass replace=True.",
        )


def _check_revival(contact: Contact, update_source: UpdateSource, revive: bool) -> None:
    if not contact.is_deleted:
        return
    if not revive:
        raise InvalidRequestError(
            "the contact is deleted, and an update would restore it",
            "Pass revive=True to restore it.",
        )
    if update_source != "Account":
        raise InvalidRequestError(
            "only the account can restore a deleted contact", "Use update_source='Account'."
        )


def _address(
    email: EmailAddress | None, permission_to_send: Permission | None
) -> EmailAddress | None:
    """Return the address with the permission to send that the request sets.

    An opt-out is sent as it is; any other permission needs *permission_to_send*.
    https://developer.constantcontact.com/api_guide/contacts_re-subscribe.html
    """
    if email is None:
        if permission_to_send is not None:
            raise InvalidRequestError("a permission to send belongs to an e-mail address")
        return None
    own = email.permission_to_send
    if email.created_at is None and own not in (None, "unsubscribed", permission_to_send):
        raise InvalidRequestError(
            "only the argument permission_to_send changes a permission",
            f"Pass permission_to_send={own!r}, if the person agreed.",
        )
    permission = permission_to_send or ("unsubscribed" if own == "unsubscribed" else None)
    reason = email.opt_out_reason if permission == "unsubscribed" else None
    return EmailAddress(email.address, permission, opt_out_reason=reason)


def _writable_channel(contact: Contact) -> SmsChannel | None:
    """Return the SMS channel if the caller set it; one that was read has another form."""
    channel = contact.sms_channel
    return channel if channel is not None and channel.full_sms_address else None
