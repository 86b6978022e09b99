"""What `POST /contacts/sign_up_form` takes and answers."""

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
    """A person who asked to be mailed: created, or updated where known, by address.

    Only what is set changes; lists and custom fields are added to what is there. The person
    becomes an explicit subscriber, even if unsubscribed or deleted before, so use it only on
    the person's own word. *consented_at* says when that word was given; it stays here and is
    never sent. It lets a bulk sign-up tell a fresh consent from one given before an opt-out.
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
