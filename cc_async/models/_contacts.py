"""Contacts and their sub-resources, as in `GET`, `POST` and `PUT /contacts`.

`None` means absent: the service leaves out a property without a value, and so does this package. A
sub-resource that was not asked for with *include* is `None`; an empty one is `()`.

https://developer.constantcontact.com/api_guide/contacts_subresources.html
"""

from __future__ import annotations

import datetime as dt

import attrs

from cc_async.models._contact_details import ContactDetails
from cc_async.models._masks import masked


@attrs.frozen
class EmailAddress:
    """The one e-mail address of a contact, with the permission to use it.

    *permission_to_send* is one of `implicit`, `explicit`, `not_set`, `pending_confirmation`,
    `temp_hold`, `unsubscribed`, or a word that came later. Only *address*,
    *permission_to_send* and, when unsubscribing, *opt_out_reason* can be written.
    """

    address: str = attrs.field(repr=masked)
    permission_to_send: str | None = None
    created_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None
    opt_in_source: str | None = None
    opt_in_date: dt.datetime | None = None
    opt_out_source: str | None = None
    opt_out_date: dt.datetime | None = None
    opt_out_reason: str | None = None
    confirm_status: str | None = None


@attrs.frozen
class PhoneNumber:
    """A phone number; *kind* is `home`, `work`, `mobile` or `other`."""

    phone_number: str | None = attrs.field(default=None, repr=masked)
    kind: str | None = None
    phone_number_id: str | None = None
    created_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None
    create_source: str | None = None
    update_source: str | None = None


@attrs.frozen
class StreetAddress:
    """A street address; *kind* is `home`, `work` or `other`.

    The service writes states and countries out (`IL` comes back as `Illinois`), so a stored
    address may differ from the one sent.
    """

    kind: str = "home"
    street: str | None = attrs.field(default=None, repr=masked)
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None
    street_address_id: str | None = None
    created_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None


@attrs.frozen
class ContactCustomField:
    """The value one contact has for one custom field; select fields use *choice_ids*."""

    custom_field_id: str
    value: str | None = None
    choice_ids: tuple[str, ...] | None = None


@attrs.frozen
class Note:
    """A note on a contact, at most 2,000 characters."""

    content: str | None = None
    note_id: str | None = None
    created_at: dt.datetime | None = None


@attrs.frozen
class SmsChannelConsent:
    """A contact's consent to text messages."""

    sms_consent_permission: str | None = None
    consent_type: str | None = None
    consent_medium_type: str | None = None
    consent_medium_url: str | None = None
    consent_medium_details: str | None = None
    advertised_frequency: str | None = None
    advertised_interval: str | None = None
    opt_in_date: dt.datetime | None = None
    opt_out_date: dt.datetime | None = None
    created_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None


@attrs.frozen
class SmsChannel:
    """A contact's number for text messages.

    Writing a contact takes *full_sms_address* (`17815551212`); signing one up takes
    *sms_address*, *dial_code* and *country_code*.
    """

    full_sms_address: str | None = attrs.field(default=None, repr=masked)
    sms_address: str | None = attrs.field(default=None, repr=masked)
    dial_code: str | None = None
    country_code: str | None = None
    sms_channel_id: str | None = None
    create_source: str | None = None
    update_source: str | None = None
    sms_channel_consents: tuple[SmsChannelConsent, ...] | None = None


@attrs.frozen
class Contact(ContactDetails):
    """A contact with its sub-resources.

    To create one, set *create_source* (`Contact` if the person asked, else `Account`) and an
    *email_address*. Requests leave out the fields that only the service may write.

    An import and a bulk sign-up take contacts too. Fields that they cannot carry, such as *notes*
    and *taggings*, reject the contact by name. So does a contact that is deleted, or has a
    *permission_to_send* other than `implicit`, `explicit` and `not_set`: it must not become
    mailable by being copied. Other permissions are not carried; an import makes new contacts
    `implicit`, and known ones keep theirs.

    A date that is not readable is `None`. An unreadable *deleted_at* is `date.max`: the contact
    stays deleted.
    """

    email_address: EmailAddress | None = None
    create_source: str | None = None
    update_source: str | None = None
    list_memberships: tuple[str, ...] | None = None
    custom_fields: tuple[ContactCustomField, ...] | None = None
    phone_numbers: tuple[PhoneNumber, ...] | None = None
    street_addresses: tuple[StreetAddress, ...] | None = None
    taggings: tuple[str, ...] | None = None
    notes: tuple[Note, ...] | None = None
    sms_channel: SmsChannel | None = None
    contact_id: str | None = None
    created_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None
    deleted_at: dt.date | None = None

    @property
    def is_deleted(self) -> bool:
        """Whether the contact was deleted; it can be revived."""
        return self.deleted_at is not None

    @property
    def is_unsubscribed(self) -> bool:
        """Whether the contact asked, or the account decided, not to mail it any more."""
        return (
            self.email_address is not None
            and self.email_address.permission_to_send == "unsubscribed"
        )


@attrs.frozen
class ContactCounts:
    """How many contacts the account has, by permission (`GET /contacts/counts`)."""

    total: int = 0
    explicit: int = 0
    implicit: int = 0
    pending: int = 0
    unsubscribed: int = 0
    new_subscriber: int | None = None
