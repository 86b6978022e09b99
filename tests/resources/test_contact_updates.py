"""An update of a contact sends the whole contact, except its permission."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import pytest

from cc_async import (
    Contact,
    ContactCustomField,
    EmailAddress,
    PhoneNumber,
)
from cc_async.errors import (
    InvalidRequestError,
)
from cc_async.models import (
    Note,
    SmsChannel,
    SmsChannelConsent,
)
from cc_async.resources import Contacts
from tests.support.resources import (
    CONTACT,
    DEBORA,
    FIELD,
    GOLD,
    NEWSLETTER,
    SPRING_FAIR,
    STORED,
    sent,
)
from tests.support.scripted import ScriptedTransport, make_session


async def body_of_update(contact: Contact, **options: Any) -> Any:
    """Return the body that an update of *contact* sends."""
    transport = ScriptedTransport(STORED)
    options = {"update_source": "Account", **options}
    await Contacts(make_session(transport)).update(contact, **options)
    method, path, body = sent(transport)
    assert (method, path) == ("PUT", f"/contacts/{CONTACT}")
    return body


async def test_an_update_has_the_form_of_the_api_example() -> None:
    """Names and sub-resources are sent without the properties that the service sets."""
    changed = attrs.evolve(
        DEBORA,
        last_name="Lang-Ross",
        custom_fields=(ContactCustomField(FIELD, "Tesla S 2017"),),
        phone_numbers=(PhoneNumber("555-555-1213", "mobile", phone_number_id="p"),),
        list_memberships=(NEWSLETTER, SPRING_FAIR),
        taggings=(GOLD,),
    )
    assert await body_of_update(changed, update_source="Contact") == {
        "email_address": {"address": "dlang@example.com"},
        "first_name": "Debora",
        "last_name": "Lang-Ross",
        "update_source": "Contact",
        "custom_fields": [{"custom_field_id": FIELD, "value": "Tesla S 2017"}],
        "phone_numbers": [{"phone_number": "555-555-1213", "kind": "mobile"}],
        "list_memberships": [NEWSLETTER, SPRING_FAIR],
        "taggings": [GOLD],
    }


async def test_sub_resources_that_are_none_are_not_sent() -> None:
    """An empty tuple clears a sub-resource; `None` keeps it."""
    body = await body_of_update(attrs.evolve(DEBORA, taggings=()))
    assert body["taggings"] == []
    assert {"list_memberships", "custom_fields", "notes", "sms_channel"}.isdisjoint(body)


async def test_the_permission_that_was_read_is_not_sent() -> None:
    """Only a permission that is passed as argument is sent."""
    assert "permission_to_send" not in (await body_of_update(DEBORA))["email_address"]
    body = await body_of_update(DEBORA, permission_to_send="explicit")
    assert body["email_address"] == {
        "address": "dlang@example.com",
        "permission_to_send": "explicit",
    }


async def test_an_opt_out_is_sent_with_its_reason() -> None:
    """An opt-out in the contact is sent with its reason; any other permission needs the argument."""
    left = EmailAddress("dlang@example.com", "unsubscribed", opt_out_reason="Too many emails")
    body = await body_of_update(attrs.evolve(DEBORA, email_address=left), update_source="Contact")
    assert body == {
        "email_address": {
            "address": "dlang@example.com",
            "permission_to_send": "unsubscribed",
            "opt_out_reason": "Too many emails",
        },
        "first_name": "Debora",
        "last_name": "Lang",
        "update_source": "Contact",
    }
    back = await body_of_update(
        attrs.evolve(DEBORA, email_address=left), permission_to_send="explicit"
    )
    assert "opt_out_reason" not in back["email_address"]


async def test_only_a_new_sms_number_is_sent() -> None:
    """An SMS channel that was read is not sent; one with a full number is sent."""
    read = SmsChannel(sms_address="7815551212", dial_code="1", sms_channel_id="s")
    assert "sms_channel" not in await body_of_update(attrs.evolve(DEBORA, sms_channel=read))
    consent = SmsChannelConsent("explicit", "promotional_sms")
    new = SmsChannel("17815551212", sms_channel_consents=(consent,))
    assert (await body_of_update(attrs.evolve(DEBORA, sms_channel=new)))["sms_channel"] == {
        "full_sms_address": "17815551212",
        "sms_channel_consents": [
            {"sms_consent_permission": "explicit", "consent_type": "promotional_sms"}
        ],
    }


DELETED = attrs.evolve(DEBORA, deleted_at=dt.date(2026, 9, 24))


MANY = tuple(ContactCustomField(FIELD, "x") for _ in range(26))


@pytest.mark.parametrize(
    ("contact", "options", "words"),
    [
        (attrs.evolve(DEBORA, created_at=None), {}, "not read"),
        (attrs.evolve(DEBORA, contact_id=None), {}, "contact_id"),
        (DEBORA, {"update_source": "me"}, "update_source"),
        (DELETED, {}, "deleted"),
        (DELETED, {"revive": True, "update_source": "Contact"}, "only the account"),
        (attrs.evolve(DEBORA, custom_fields=MANY), {}, "custom_fields: there are 26 and 25"),
        (attrs.evolve(DEBORA, notes=(Note("x"),) * 151), {}, "notes: there are 151 and 150"),
        (
            attrs.evolve(DEBORA, list_memberships=("l",) * 51),
            {},
            "list_memberships: there are 51 and 50",
        ),
        (
            attrs.evolve(DEBORA, email_address=EmailAddress("a@example.com", "explicit")),
            {},
            "permission",
        ),
        (attrs.evolve(DEBORA, email_address=None), {"permission_to_send": "explicit"}, "address"),
    ],
)
async def test_an_update_that_would_lose_data_is_refused(
    contact: Contact, options: dict[str, Any], words: str
) -> None:
    """An update that would clear names, restore a contact, or exceed a limit is not sent."""
    transport = ScriptedTransport(STORED)
    with pytest.raises(InvalidRequestError, match=words):
        await Contacts(make_session(transport)).update(
            contact, **{"update_source": "Account", **options}
        )
    assert not transport.sent


async def test_replace_and_revive_allow_it() -> None:
    """`replace` accepts a contact that was not read, `revive` a deleted one."""
    made = Contact(EmailAddress("dlang@example.com"), first_name="D", contact_id=CONTACT)
    assert await body_of_update(made, replace=True) == {
        "email_address": {"address": "dlang@example.com"},
        "first_name": "D",
        "update_source": "Account",
    }
    assert (await body_of_update(DELETED, revive=True))["first_name"] == "Debora"
