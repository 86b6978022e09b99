"""The request and the answer of `POST /contacts/sign_up_form`.

https://developer.constantcontact.com/api_guide/contacts_create_or_update.html
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import attrs

from cc_async.models._contact_details import ContactDetails
from cc_async.models._contacts import ContactCustomField, SmsChannel, StreetAddress
from cc_async.models._masks import masked


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


@attrs.frozen
class SignUp(ContactDetails):
    """A person's own request to be mailed. It creates a contact, or updates the known one.

    Only properties that are set change; lists and custom fields are added to the present ones.
    The person becomes an explicit subscriber, even if unsubscribed or deleted before: sign people
    up only at their own request. *consented_at* is the moment of that request. It is never sent;
    a bulk sign-up compares it with the moment of an opt-out.
    """

    email_address: str | None = attrs.field(default=None, repr=masked)
    list_memberships: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    phone_number: str | None = attrs.field(default=None, repr=masked)
    custom_fields: tuple[ContactCustomField, ...] | None = None
    street_address: StreetAddress | None = None
    sms_channel: SmsChannel | None = None
    consented_at: dt.datetime | None = None


@attrs.frozen
class SignUpResult:
    """The service's answer to one sign-up: *action* is `created` or `updated`."""

    contact_id: str
    action: str
