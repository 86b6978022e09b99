"""What `PUT /contacts/{contact_id}` takes.

The service clears every name, birthday and anniversary that is left out, and leaves
sub-resources alone that are left out. So a contact goes back whole, as it was read, and what
must not change by accident, the permission to send, stays behind.
"""

from __future__ import annotations

from typing import Literal

import attrs

from cc_async.errors import InvalidRequestError
from cc_async.models import Contact, EmailAddress, SmsChannel
from cc_async.wire import JSON, Request, encode, path_of, without_read_only

Source = Literal["Contact", "Account"]
Permission = Literal[
    "implicit", "explicit", "not_set", "pending_confirmation", "temp_hold", "unsubscribed"
]

_MOST = {
    "custom_fields": 25, "phone_numbers": 3, "street_addresses": 3, "list_memberships": 50,
    "taggings": 50, "notes": 150,
}  # fmt: skip


def update_request(
    contact: Contact,
    *,
    update_source: Source,
    permission_to_send: Permission | None,
    replace: bool,
    revive: bool,
) -> Request:
    """Return the request that stores *contact*; it may be repeated.

    Raises:
        InvalidRequestError: It would lose or revive something nobody asked for.
    """
    if contact.contact_id is None:
        raise InvalidRequestError("a contact without contact_id cannot be updated", "Create it.")
    if update_source not in ("Contact", "Account"):
        raise InvalidRequestError(
            "an update needs update_source", "Use 'Contact' if the person did it, else 'Account'."
        )
    if not replace:
        _check_was_read(contact)
    _check_revival(contact, update_source, revive)
    _check_sizes(contact)
    body = attrs.evolve(
        without_read_only(contact),
        email_address=_address(contact.email_address, permission_to_send),
        sms_channel=_writable_channel(contact),
        create_source=None,
        update_source=update_source,
    )
    return Request("PUT", path_of("contacts", contact.contact_id), "", encode(body), JSON)


def _check_was_read(contact: Contact) -> None:
    """Refuse a contact made by hand: what it does not name would be cleared."""
    if contact.created_at is None:
        raise InvalidRequestError(
            "this contact was not read from the service; names, birthday and anniversary that "
            "it leaves out would be cleared",
            "Read it, change it with attrs.evolve, and update that; or pass replace=True.",
        )


def _check_revival(contact: Contact, update_source: Source, revive: bool) -> None:
    if not contact.is_deleted:
        return
    if not revive:
        raise InvalidRequestError(
            "an update would bring this deleted contact back", "Pass revive=True to do that."
        )
    if update_source != "Account":
        raise InvalidRequestError(
            "only the account can bring a deleted contact back", "Use update_source='Account'."
        )


def _check_sizes(contact: Contact) -> None:
    for name, most in _MOST.items():
        if len(getattr(contact, name) or ()) > most:
            raise InvalidRequestError(
                f"a contact is written with at most {most} {name}",
                f"Set {name}=None: what is left out stays as it is.",
            )


def _address(
    email: EmailAddress | None, permission_to_send: Permission | None
) -> EmailAddress | None:
    """Return the address with the permission to set: leaving takes no word, coming back does."""
    if email is None:
        if permission_to_send is not None:
            raise InvalidRequestError("a permission to send belongs to an e-mail address")
        return None
    said = email.permission_to_send
    if email.created_at is None and said not in (None, "unsubscribed", permission_to_send):
        raise InvalidRequestError(
            "a permission is changed by the argument permission_to_send alone",
            f"Pass permission_to_send={said!r}, if the person said so.",
        )
    permission = permission_to_send or ("unsubscribed" if said == "unsubscribed" else None)
    reason = email.opt_out_reason if permission == "unsubscribed" else None
    return EmailAddress(email.address, permission, opt_out_reason=reason)


def _writable_channel(contact: Contact) -> SmsChannel | None:
    """Return the number for text messages where it was set here; a read one has another shape."""
    channel = contact.sms_channel
    return channel if channel is not None and channel.full_sms_address else None
