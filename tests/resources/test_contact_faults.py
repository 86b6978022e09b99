"""A contact is checked before it is created or stored, as people are in bulk."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from cc_async import Contact, ContactCustomField, EmailAddress
from cc_async.errors import InvalidRequestError
from cc_async.models import Note, PhoneNumber, SmsChannel, SmsChannelConsent, StreetAddress
from cc_async.resources import Contacts
from tests.support.people import client_of, open_sandbox
from tests.support.resources import CONTACT, DEBORA, FIELD, NEWSLETTER, STORED
from tests.support.scripted import ScriptedTransport, make_session

pytestmark = pytest.mark.looptime

CONSENT = SmsChannelConsent("explicit", "promotional_sms")
NEW = Contact(EmailAddress("a@example.com"), create_source="Account")
FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"email_address": EmailAddress("nobody")}, "email_address.address: there is no @"),
    ({"email_address": EmailAddress("a" * 70 + "@example.com")}, "82 characters and 80"),
    ({"email_address": EmailAddress("")}, "email_address.address"),
    ({"email_address": EmailAddress(None)}, "email_address.address: it is no text"),  # type: ignore[arg-type]
    ({"email_address": "a@example.com"}, "email_address: it is no EmailAddress"),
    ({"email_address": EmailAddress("a@example.com", opt_out_reason="x" * 256)}, "opt_out_reason"),
    ({"first_name": "x" * 51}, "first_name: it has 51 characters and 50"),
    ({"job_title": "a\x00b"}, "job_title: it holds an invisible control"),
    ({"company_name": 7}, "company_name: it is no text"),
    ({"birthday_month": 2}, "birthday_month: the day of the birthday is missing"),
    ({"birthday_day": 2}, "birthday_day: the month of the birthday is missing"),
    ({"birthday_month": 2, "birthday_day": 30}, "no such day"),
    ({"birthday_month": 13, "birthday_day": 1}, "no whole number from 1 to 12"),
    ({"birthday_month": "5", "birthday_day": 1}, "no whole number from 1 to 12"),
    ({"anniversary": "31/12/2020"}, "anniversary: there is no such day"),
    ({"anniversary": "soon"}, "anniversary: the service reads no such date"),
    ({"phone_numbers": (PhoneNumber("5" * 26),)}, r"phone_numbers\[0\].phone_number: .* and 25"),
    ({"phone_numbers": (PhoneNumber("5"),) * 4}, "phone_numbers: there are 4 and 3 are allowed"),
    ({"phone_numbers": ("555",)}, r"phone_numbers\[0\]: it is no PhoneNumber"),
    ({"street_addresses": (StreetAddress(street="x" * 256),)}, r"street_addresses\[0\].street"),
    ({"street_addresses": (StreetAddress(city="x" * 51),)}, r"street_addresses\[0\].city"),
    ({"street_addresses": (StreetAddress(postal_code="x" * 51),)}, "postal_code: .* and 50"),
    ({"street_addresses": (StreetAddress(),) * 4}, "street_addresses: there are 4"),
    ({"custom_fields": (ContactCustomField(FIELD, "x" * 256),)}, r"custom_fields\[0\].value"),
    ({"custom_fields": (ContactCustomField("", "x"),)}, r"custom_fields\[0\].custom_field_id"),
    ({"custom_fields": (ContactCustomField(FIELD, "x"),) * 26}, "custom_fields: there are 26"),
    ({"list_memberships": ("l",) * 51}, "list_memberships: there are 51 and 50 are allowed"),
    ({"list_memberships": ("l", " ")}, r"list_memberships\[1\]: the id is blank"),
    ({"list_memberships": "l"}, "list_memberships: it is no sequence"),
    ({"taggings": ("t",) * 51}, "taggings: there are 51"),
    ({"notes": (Note("x" * 2_001),)}, r"notes\[0\].content: .* and 2000"),
    ({"notes": (Note("x"),) * 151}, "notes: there are 151"),
    ({"sms_channel": SmsChannel("call me", sms_channel_consents=(CONSENT,))}, "full_sms_address"),
    ({"sms_channel": SmsChannel("17815551212")}, "sms_channel_consents: there is none"),
]


@pytest.mark.parametrize(("values", "words"), FAULTS)
async def test_a_faulty_value_is_not_sent(values: dict[str, Any], words: str) -> None:
    """The error names the property and the reason, for a new contact and for a changed one."""
    transport = ScriptedTransport(STORED)
    contacts = Contacts(make_session(transport))
    with pytest.raises(InvalidRequestError, match=words):
        await contacts.create(attrs.evolve(NEW, **values))
    with pytest.raises(InvalidRequestError, match=words):
        await contacts.update(attrs.evolve(DEBORA, **values), update_source="Account")
    assert not transport.sent


async def test_all_faults_are_in_one_error() -> None:
    """So that one look at a form is enough; no address is shown."""
    contact = Contact(
        EmailAddress("ann@home@example.com"),
        first_name="x" * 51,
        anniversary="soon",
        phone_numbers=(PhoneNumber("5"), PhoneNumber("5" * 26)),
        custom_fields=(ContactCustomField(FIELD, "x"),) * 26,
    )
    transport = ScriptedTransport(STORED)
    with pytest.raises(InvalidRequestError) as caught:
        await Contacts(make_session(transport)).create(contact)
    for name in (
        "create_source", "email_address.address", "first_name", "anniversary",
        "phone_numbers[1].phone_number", "custom_fields",
    ):  # fmt: skip
        assert f"{name}: " in str(caught.value)
    assert "ann@" not in str(caught.value)


async def test_a_contact_without_any_identity_is_not_created() -> None:
    """The service needs an address, a number for text messages, or a name."""
    with pytest.raises(InvalidRequestError, match="neither an address"):
        await Contacts(make_session(ScriptedTransport(STORED))).create(
            Contact(create_source="Account", job_title="Boss")
        )


async def test_a_removed_value_and_the_longest_values_are_sent() -> None:
    """Blank texts clear properties, a read SMS channel stays, and limits are those of a contact."""
    longest = {
        "email_address": EmailAddress("a" * 68 + "@example.com"),
        "first_name": "x" * 50,
        "last_name": "",
        "birthday_month": 2,
        "birthday_day": 29,
        "anniversary": "11/15/2006",
        "phone_numbers": (PhoneNumber("5" * 25), PhoneNumber(""), PhoneNumber()),
        "street_addresses": (StreetAddress(street="x" * 255, city=""),),
        "custom_fields": tuple(
            ContactCustomField(f"f{number}", "x" * 255, None) for number in range(25)
        ),
        "list_memberships": [NEWSLETTER],
        "taggings": (),
        "notes": (Note("x" * 2_000),),
    }
    transport = ScriptedTransport(STORED)
    contacts = Contacts(make_session(transport))
    await contacts.create(attrs.evolve(NEW, **longest))
    read = SmsChannel(sms_address="7815551212", dial_code="1", sms_channel_id="s")
    await contacts.update(
        attrs.evolve(DEBORA, **longest, sms_channel=read), update_source="Account"
    )
    assert len(transport.sent) == 2


async def test_a_contact_that_was_read_can_be_stored_again() -> None:
    """All that the service returns, with every sub-resource, passes the checks."""
    sandbox = open_sandbox(custom_fields=("Size",))
    async with client_of(sandbox) as cc:
        field = await anext(cc.custom_fields.iter())
        made = await cc.contacts.create(
            Contact(
                EmailAddress("a@example.com"),
                create_source="Account",
                first_name="Ana",
                anniversary="2006-11-15",
                phone_numbers=(PhoneNumber("555-0100", "home"),),
                street_addresses=(StreetAddress(street="1 Road", state="IL", country="US"),),
                custom_fields=(ContactCustomField(field.custom_field_id, "44"),),
                list_memberships=(sandbox.contact_lists[0].list_id,),
                notes=(Note("met at the fair"),),
            )
        )
        assert made.contact_id
        read = await cc.contacts.get(
            made.contact_id,
            include=["custom_fields", "list_memberships", "taggings", "notes", "phone_numbers",
                     "street_addresses"],
        )  # fmt: skip
        await cc.contacts.update(read, update_source="Account")
    assert made.contact_id != CONTACT
