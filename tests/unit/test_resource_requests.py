"""What each operation of the API is asked with, and which questions are never sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

import attrs
import orjson
import pytest

from cc_async import Contact, ContactCustomField, CustomField, EmailAddress, PhoneNumber
from cc_async.errors import (
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    TransportError,
    UnexpectedResponseError,
)
from cc_async.models import (
    CustomFieldChoice,
    CustomFieldMetadata,
    Note,
    SmsChannel,
    SmsChannelConsent,
)
from cc_async.resources import (
    Activities,
    Contacts,
    ContactSource,
    CustomFields,
    OwnAccount,
    Tags,
)
from tests.support.scripted import Answer, ScriptedTransport, make_session, reply

CONTACT = "9b2f6a10-7a11-11ef-b7a4-fa163ecf3a1d"
JAKE = "a40c51d8-7a11-11ef-b7a4-fa163ecf3a1d"
ANA = "ad7716be-7a11-11ef-b7a4-fa163ecf3a1d"
NEWSLETTER = "5e1f2f5c-7a10-11ef-9a0b-fa163e7b09ec"
SPRING_FAIR = "6a3b7d42-7a10-11ef-8c55-fa163e7b09ec"
FIELD = "b4d1c7f2-7a12-11ef-a1de-fa163ea0b3c2"
GOLD = "c8e95a34-7a12-11ef-93f0-fa163e2d7e55"

NOON = dt.datetime(2026, 9, 21, 12, tzinfo=dt.UTC)
STARTED = reply(201, {"activity_id": "a", "state": "initialized"})
STORED = reply(200, {"contact_id": CONTACT})
DEBORA = Contact(
    EmailAddress("dlang@example.com", "explicit", created_at=NOON, opt_in_date=NOON),
    first_name="Debora",
    last_name="Lang",
    create_source="Account",
    contact_id=CONTACT,
    created_at=NOON,
    updated_at=NOON,
)
"""As the service shows her where nothing is included."""


def sent(transport: ScriptedTransport) -> tuple[str, str, Any]:
    """Return method, path with query, and body of the one request that left."""
    (request,) = transport.sent
    path = request.path + ("?" + request.query if request.query else "")
    return request.method, path, orjson.loads(request.body) if request.body else None


async def put(contact: Contact, **how: Any) -> Any:
    """Return the body that an update of *contact* sends."""
    transport = ScriptedTransport(STORED)
    how = {"update_source": "Account", **how}
    await Contacts(make_session(transport)).update(contact, **how)
    method, path, body = sent(transport)
    assert (method, path) == ("PUT", f"/contacts/{CONTACT}")
    return body


async def test_an_update_is_as_the_api_shows_it() -> None:
    """Names and the parts that are set go out; what only the service writes stays behind."""
    changed = attrs.evolve(
        DEBORA,
        last_name="Lang-Ross",
        custom_fields=(ContactCustomField(FIELD, "Tesla S 2017"),),
        phone_numbers=(PhoneNumber("555-555-1213", "mobile", phone_number_id="p"),),
        list_memberships=(NEWSLETTER, SPRING_FAIR),
        taggings=(GOLD,),
    )
    assert await put(changed, update_source="Contact") == {
        "email_address": {"address": "dlang@example.com"},
        "first_name": "Debora",
        "last_name": "Lang-Ross",
        "update_source": "Contact",
        "custom_fields": [{"custom_field_id": FIELD, "value": "Tesla S 2017"}],
        "phone_numbers": [{"phone_number": "555-555-1213", "kind": "mobile"}],
        "list_memberships": [NEWSLETTER, SPRING_FAIR],
        "taggings": [GOLD],
    }


async def test_parts_that_were_not_read_are_left_alone() -> None:
    """Only an empty tuple empties a sub-resource; `None` does not name it."""
    body = await put(attrs.evolve(DEBORA, taggings=()))
    assert body["taggings"] == []
    assert {"list_memberships", "custom_fields", "notes", "sms_channel"}.isdisjoint(body)


async def test_an_update_opts_nobody_in_by_accident() -> None:
    """The permission that was read stays behind; one that is passed is sent."""
    assert "permission_to_send" not in (await put(DEBORA))["email_address"]
    body = await put(DEBORA, permission_to_send="explicit")
    assert body["email_address"] == {
        "address": "dlang@example.com",
        "permission_to_send": "explicit",
    }


async def test_an_opt_out_is_sent_with_its_reason() -> None:
    """Unsubscribing takes no more than saying so in the contact."""
    left = EmailAddress("dlang@example.com", "unsubscribed", opt_out_reason="Too many emails")
    body = await put(attrs.evolve(DEBORA, email_address=left), update_source="Contact")
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
    back = await put(attrs.evolve(DEBORA, email_address=left), permission_to_send="explicit")
    assert "opt_out_reason" not in back["email_address"]


async def test_a_number_for_text_messages_goes_back_only_where_it_was_set() -> None:
    """One that was read has another shape and is left alone; one with a full number is sent."""
    read = SmsChannel(sms_address="7815551212", dial_code="1", sms_channel_id="s")
    assert "sms_channel" not in await put(attrs.evolve(DEBORA, sms_channel=read))
    consent = SmsChannelConsent("explicit", "promotional_sms")
    new = SmsChannel("17815551212", sms_channel_consents=(consent,))
    assert (await put(attrs.evolve(DEBORA, sms_channel=new)))["sms_channel"] == {
        "full_sms_address": "17815551212",
        "sms_channel_consents": [
            {"sms_consent_permission": "explicit", "consent_type": "promotional_sms"}
        ],
    }


DELETED = attrs.evolve(DEBORA, deleted_at=dt.date(2026, 9, 24))
MANY = tuple(ContactCustomField(FIELD, "x") for _ in range(26))


@pytest.mark.parametrize(
    ("contact", "how", "words"),
    [
        (attrs.evolve(DEBORA, created_at=None), {}, "not read"),
        (attrs.evolve(DEBORA, contact_id=None), {}, "contact_id"),
        (DEBORA, {"update_source": "me"}, "update_source"),
        (DELETED, {}, "deleted"),
        (DELETED, {"revive": True, "update_source": "Contact"}, "only the account"),
        (attrs.evolve(DEBORA, custom_fields=MANY), {}, "25 custom_fields"),
        (attrs.evolve(DEBORA, notes=(Note("x"),) * 151), {}, "150 notes"),
        (attrs.evolve(DEBORA, list_memberships=("l",) * 51), {}, "50 list_memberships"),
        (
            attrs.evolve(DEBORA, email_address=EmailAddress("a@example.com", "explicit")),
            {},
            "permission",
        ),
        (attrs.evolve(DEBORA, email_address=None), {"permission_to_send": "explicit"}, "address"),
    ],
)
async def test_an_update_that_would_lose_something_is_refused(
    contact: Contact, how: dict[str, Any], words: str
) -> None:
    """Nothing leaves where names would be cleared, someone revived, or too much is written."""
    transport = ScriptedTransport(STORED)
    with pytest.raises(InvalidRequestError, match=words):
        await Contacts(make_session(transport)).update(
            contact, **{"update_source": "Account", **how}
        )
    assert not transport.sent


async def test_what_is_asked_for_by_name_is_done() -> None:
    """`replace` takes a contact made by hand, `revive` a deleted one."""
    made = Contact(EmailAddress("dlang@example.com"), first_name="D", contact_id=CONTACT)
    assert await put(made, replace=True) == {
        "email_address": {"address": "dlang@example.com"},
        "first_name": "D",
        "update_source": "Account",
    }
    assert (await put(DELETED, revive=True))["first_name"] == "Debora"


CHOICES = (
    CustomFieldChoice("3", "Red", 1, FIELD, NOON),
    CustomFieldChoice("9A63BC", "Blue", 2),
    CustomFieldChoice("4", "Gone", 3, deleted_at=dt.date(2026, 9, 1)),
    CustomFieldChoice(choice_label="Green"),
)
COLOUR = CustomField(FIELD, "Colour", "colour", "single_select", choices=CHOICES)

Call = Callable[[Any], Awaitable[object]]


@pytest.mark.parametrize(
    ("noun", "call", "method", "path", "body"),
    [
        (
            OwnAccount, lambda it: it.update(country_code="us", state_code="MA", website=""),
            "PUT", "/account/summary", {"country_code": "US", "state_code": "MA", "website": ""},
        ),
        (Contacts, lambda it: it.counts(), "GET", "/contacts/counts", None),
        (
            Contacts, lambda it: it.counts(new_subscriber=True),
            "GET", "/contacts/counts?include=new_subscriber", None,
        ),
        (Tags, lambda it: it.get(GOLD), "GET", f"/contact_tags/{GOLD}", None),
        (
            Tags, lambda it: it.get(GOLD, include_count=True),
            "GET", f"/contact_tags/{GOLD}?include_count=true", None,
        ),
        (
            Tags, lambda it: it.create("gold", tag_source="Contact"),
            "POST", "/contact_tags", {"name": "gold", "tag_source": "Contact"},
        ),
        (Tags, lambda it: it.create("gold"), "POST", "/contact_tags", {"name": "gold"}),
        (
            Tags, lambda it: it.update(GOLD, name="silver"),
            "PUT", f"/contact_tags/{GOLD}", {"name": "silver"},
        ),
        (Tags, lambda it: it.delete(GOLD), "DELETE", f"/contact_tags/{GOLD}", None),
        (
            CustomFields, lambda it: it.create("Vehicle"),
            "POST", "/contact_custom_fields", {"label": "Vehicle", "type": "string"},
        ),
        (
            CustomFields,
            lambda it: it.create(
                "Colour", "single_select", metadata=CustomFieldMetadata("radio"),
                choices=["Red", "Blue"],
            ),
            "POST", "/contact_custom_fields",
            {
                "label": "Colour", "type": "single_select", "metadata": {"display_type": "radio"},
                "choices": [
                    {"choice_label": "Red", "display_order": 1},
                    {"choice_label": "Blue", "display_order": 2},
                ],
            },
        ),
        (
            CustomFields, lambda it: it.create("Born", "date", version=2),
            "POST", "/contact_custom_fields", {"label": "Born", "type": "date", "version": 2},
        ),
        (CustomFields, lambda it: it.get(FIELD), "GET", f"/contact_custom_fields/{FIELD}", None),
        (
            CustomFields, lambda it: it.update(CustomField(FIELD, "Car", "vehicle", "string")),
            "PUT", f"/contact_custom_fields/{FIELD}", {"label": "Car"},
        ),
        (
            CustomFields, lambda it: it.update(COLOUR),
            "PUT", f"/contact_custom_fields/{FIELD}",
            {
                "label": "Colour",
                "choices": [
                    {"choice_id": 3, "choice_label": "Red", "display_order": 1},
                    {"choice_id": "9A63BC", "choice_label": "Blue", "display_order": 2},
                    {"choice_label": "Green"},
                ],
            },
        ),
        (
            Activities,
            lambda it: it.submit_add_list_memberships([SPRING_FAIR], {"contact_ids": [CONTACT, JAKE]}),
            "POST", "/activities/add_list_memberships",
            {"source": {"contact_ids": [CONTACT, JAKE]}, "list_ids": [SPRING_FAIR]},
        ),
        (
            Activities,
            lambda it: it.submit_remove_list_memberships(
                [SPRING_FAIR], {"list_ids": [NEWSLETTER]}, exclude=[ANA]
            ),
            "POST", "/activities/remove_list_memberships",
            {
                "source": {"list_ids": [NEWSLETTER]}, "exclude": {"contact_ids": [ANA]},
                "list_ids": [SPRING_FAIR],
            },
        ),
        (
            Activities, lambda it: it.submit_contact_delete(contact_ids=[CONTACT, JAKE]),
            "POST", "/activities/contact_delete", {"contact_ids": [CONTACT, JAKE]},
        ),
        (
            Activities, lambda it: it.submit_contact_delete(list_ids=[SPRING_FAIR]),
            "POST", "/activities/contact_delete", {"list_ids": [SPRING_FAIR]},
        ),
        (
            Activities, lambda it: it.submit_taggings_add([GOLD], {"contact_ids": [CONTACT]}),
            "POST", "/activities/contacts_taggings_add",
            {"source": {"contact_ids": [CONTACT]}, "tag_ids": [GOLD]},
        ),
        (
            Activities, lambda it: it.submit_taggings_remove([GOLD], {"all_active_contacts": True}),
            "POST", "/activities/contacts_taggings_remove",
            {"source": {"all_active_contacts": True}, "tag_ids": [GOLD]},
        ),
        (
            Activities, lambda it: it.submit_list_delete([SPRING_FAIR]),
            "POST", "/activities/list_delete", {"list_ids": [SPRING_FAIR]},
        ),
        (
            Activities, lambda it: it.submit_tags_delete([GOLD]),
            "POST", "/activities/contacts_tags_delete", {"tag_ids": [GOLD]},
        ),
        (
            Activities, lambda it: it.submit_custom_fields_delete([FIELD]),
            "POST", "/activities/custom_fields_delete", {"custom_field_ids": [FIELD]},
        ),
    ],
)  # fmt: skip
async def test_requests_are_as_the_api_shows_them(
    noun: type[Any], call: Call, method: str, path: str, body: object
) -> None:
    """Method, path, query and body of each operation are those of the API's own examples."""
    everything = {
        "activity_id": "a", "state": "initialized", "tag_id": GOLD, "name": "gold",
        "custom_field_id": FIELD, "label": "Vehicle", "total": 72,
    }  # fmt: skip
    transport = ScriptedTransport(reply(200, everything))
    await call(noun(make_session(transport)))
    assert sent(transport) == (method, path, body)


async def test_a_person_is_asked_back_onto_lists() -> None:
    """Asking back names the lists, and takes any success for an answer."""
    transport = ScriptedTransport(reply(200))
    await Contacts(make_session(transport)).resubscribe(CONTACT, [NEWSLETTER])
    assert sent(transport) == (
        "PUT", f"/contacts/resubscribe/{CONTACT}", {"list_ids": [NEWSLETTER]},
    )  # fmt: skip


IDS = [f"id-{number}" for number in range(501)]
PAIR: ContactSource = {"contact_ids": ["c"], "tag_ids": ["t"]}


@pytest.mark.parametrize(
    ("noun", "call"),
    [
        (OwnAccount, lambda it: it.update()),
        (OwnAccount, lambda it: it.update(country_code="us")),
        (Contacts, lambda it: it.resubscribe(CONTACT, [])),
        (Contacts, lambda it: it.resubscribe(CONTACT, IDS[:51])),
        (CustomFields, lambda it: it.update(attrs.evolve(COLOUR, choices=None))),
        (Activities, lambda it: it.submit_contact_delete()),
        (Activities, lambda it: it.submit_contact_delete(contact_ids=["c"], list_ids=["l"])),
        (Activities, lambda it: it.submit_contact_delete(contact_ids=IDS)),
        (Activities, lambda it: it.submit_contact_delete(list_ids=IDS[:51])),
        (Activities, lambda it: it.submit_list_delete("one-id")),
        (Activities, lambda it: it.submit_list_delete(IDS[:101])),
        (Activities, lambda it: it.submit_tags_delete(IDS)),
        (Activities, lambda it: it.submit_custom_fields_delete(IDS[:101])),
        (Activities, lambda it: it.submit_custom_fields_delete([])),
        (Activities, lambda it: it.submit_add_list_memberships(["l"], {})),
        (Activities, lambda it: it.submit_add_list_memberships(["l"], PAIR)),
        (Activities, lambda it: it.submit_add_list_memberships(["l"], {"contact_ids": []})),
        (Activities, lambda it: it.submit_add_list_memberships(["l"], {"contact_ids": IDS})),
        (Activities, lambda it: it.submit_add_list_memberships(["l"], {"nobody": True})),
        (
            Activities,
            lambda it: it.submit_add_list_memberships(["l"], {"all_active_contacts": False}),
        ),
        (
            Activities,
            lambda it: it.submit_add_list_memberships(["l"], {"tag_ids": ["t"]}, exclude=["c"]),
        ),
        (Activities, lambda it: it.submit_add_list_memberships([], {"tag_ids": ["t"]})),
        (Activities, lambda it: it.submit_add_list_memberships(IDS[:51], {"tag_ids": ["t"]})),
        (Activities, lambda it: it.submit_remove_list_memberships(["l"], {"segment_id": 1})),
        (Activities, lambda it: it.submit_taggings_add(["t"], {"engagement_level": "high"})),
        (Activities, lambda it: it.submit_taggings_remove(["t"], {"list_ids": IDS[:51]})),
    ],
)
async def test_what_the_api_would_misread_is_refused(noun: type[Any], call: Call) -> None:
    """Too many ids, none at all, or sources that exclude each other never leave."""
    transport = ScriptedTransport(STARTED)
    with pytest.raises(InvalidRequestError):
        await call(noun(make_session(transport)))
    assert not transport.sent


@pytest.mark.parametrize(
    ("noun", "call"),
    [
        (Contacts, lambda it: it.resubscribe(CONTACT, [NEWSLETTER])),
        (Tags, lambda it: it.create("gold")),
        (Tags, lambda it: it.delete(GOLD)),
        (CustomFields, lambda it: it.create("Vehicle")),
        (Activities, lambda it: it.submit_add_list_memberships(["l"], {"contact_ids": ["c"]})),
        (Activities, lambda it: it.submit_remove_list_memberships(["l"], {"contact_ids": ["c"]})),
        (Activities, lambda it: it.submit_taggings_add(["t"], {"contact_ids": ["c"]})),
        (Activities, lambda it: it.submit_taggings_remove(["t"], {"contact_ids": ["c"]})),
        (Activities, lambda it: it.submit_contact_delete(contact_ids=["c"])),
        (Activities, lambda it: it.submit_list_delete(["l"])),
        (Activities, lambda it: it.submit_tags_delete(["t"])),
        (Activities, lambda it: it.submit_custom_fields_delete(["f"])),
    ],
)
async def test_what_starts_or_makes_something_leaves_once(noun: type[Any], call: Call) -> None:
    """Where the answer is lost, nothing is made, started or mailed a second time."""
    transport = ScriptedTransport(TransportError("cut"), STARTED)
    with pytest.raises(TransportError):
        await call(noun(make_session(transport)))
    assert len(transport.sent) == 1


GONE = reply(404, [{"error_key": "contacts.api.not_found", "error_message": "no"}])
DELETIONS = [
    (Contacts, lambda it: it.delete(CONTACT)),
    (CustomFields, lambda it: it.delete(FIELD)),
]


@pytest.mark.looptime
@pytest.mark.parametrize(("noun", "call"), DELETIONS)
@pytest.mark.parametrize("answer", [reply(204), GONE])
async def test_a_deletion_whose_answer_is_lost_is_repeated(
    noun: type[Any], call: Call, answer: Answer
) -> None:
    """Whether the first one was carried out or not, what was to go is gone at the end."""
    transport = ScriptedTransport(TransportError("cut"), answer)
    await call(noun(make_session(transport)))
    assert [request.method for request in transport.sent] == ["DELETE", "DELETE"]


@pytest.mark.parametrize(("noun", "call"), DELETIONS)
async def test_what_was_never_there_cannot_be_deleted(noun: type[Any], call: Call) -> None:
    """An unknown id is an error, at the first try."""
    with pytest.raises(NotFoundError):
        await call(noun(make_session(ScriptedTransport(GONE))))


@pytest.mark.looptime
async def test_a_page_is_no_answer_to_a_deletion() -> None:
    """A portal's page with status 200 is not taken for the service's word."""
    page = reply(200, "<html>Please log in</html>", content_type="text/html")
    with pytest.raises(UnexpectedResponseError):
        await Contacts(make_session(ScriptedTransport(page))).delete(CONTACT)


@pytest.mark.looptime
async def test_an_update_may_be_repeated_but_a_conflict_ends_it() -> None:
    """A lost answer is asked for again; an address that someone else has stays theirs."""
    transport = ScriptedTransport(TransportError("cut"), STORED)
    await Contacts(make_session(transport)).update(DEBORA, update_source="Account")
    assert len(transport.sent) == 2
    taken = f"Validation failed: Email already exists for contact {JAKE}"
    problem = {"error_key": "contacts.api.conflict", "error_message": taken}
    transport = ScriptedTransport(reply(409, [problem]))
    with pytest.raises(ConflictError) as caught:
        await Contacts(make_session(transport)).update(DEBORA, update_source="Account")
    assert caught.value.existing_id == JAKE
    assert len(transport.sent) == 1


async def test_a_tag_that_is_gone_may_be_answered_with_406() -> None:
    """The contract describes 406 with the words of 404 when a tag is deleted."""
    with pytest.raises(NotFoundError):
        await Tags(make_session(ScriptedTransport(reply(406)))).delete(GOLD)


async def test_filters_of_contacts_reach_the_query_and_no_other_word_does() -> None:
    """All filters are sent under their names, those that are empty are not, unknown ones refused."""
    transport = ScriptedTransport(reply(200, {"contacts": []}))
    contacts = Contacts(make_session(transport))
    pages = contacts.iter_pages(
        status=["all"], lists=iter([NEWSLETTER]), tags=(), email=None, updated_after=NOON,
        include=["taggings"], include_count=True, limit=50,
    )  # fmt: skip
    assert [page.items async for page in pages] == [()]
    assert transport.sent[0].query == (
        f"status=all&lists={NEWSLETTER}&updated_after=2026-09-21T12:00:00Z&include=taggings"
        "&include_count=true&limit=50"
    )
    with pytest.raises(TypeError, match="stauts"):
        [contact async for contact in contacts.iter(stauts=["all"])]  # type: ignore[call-arg]
    with pytest.raises(InvalidRequestError, match="25 lists"):
        [contact async for contact in contacts.iter(lists=IDS[:26])]
    assert len(transport.sent) == 1


async def test_an_account_is_changed_by_its_own_words_only() -> None:
    """What only the service may write, or nobody knows, is refused like any unknown argument."""
    transport = ScriptedTransport(reply(200, {}))
    with pytest.raises(TypeError, match="encoded_account_id"):
        await OwnAccount(make_session(transport)).update(encoded_account_id="a")  # type: ignore[call-arg]
    assert not transport.sent
