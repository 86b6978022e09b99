"""Single contacts are created, found, changed, deleted and counted."""

from __future__ import annotations

from urllib.parse import parse_qs

import attrs
import pytest

from cc_async import (
    Contact,
    ContactCustomField,
    EmailAddress,
)
from cc_async.errors import (
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    TransportError,
    UnexpectedResponseError,
)
from cc_async.resources import Contacts
from cc_async.retries import RetryPolicy
from tests.support.people import client_of, open_sandbox
from tests.support.resources import (
    CONTACT,
    DEBORA,
    EVERYTHING,
    IDS,
    JAKE,
    NEWSLETTER,
    STORED,
    UNKNOWN,
    Call,
    assert_refused,
    assert_sent_once,
    join,
    request_of,
    sent,
    wait_until_completed,
)
from tests.support.scripted import ScriptedTransport, make_session, reply

pytestmark = pytest.mark.looptime


async def test_an_update_keeps_sub_resources_that_were_not_read() -> None:
    """A changed name is stored; lists, tags and custom fields stay."""
    sandbox = open_sandbox(custom_fields=("Vehicle",))
    async with client_of(sandbox) as cc:
        contact_id = await join(cc, sandbox, "a@example.com")
        tag = await cc.tags.create("gold")
        await wait_until_completed(
            cc, await cc.activities.submit_taggings_add([tag.tag_id], {"contact_ids": [contact_id]})
        )
        value = ContactCustomField(sandbox.custom_fields[0].custom_field_id, "Bike")
        read = await cc.contacts.get(contact_id)
        await cc.contacts.update(
            attrs.evolve(read, custom_fields=(value,)), update_source="Account"
        )

        before = await cc.contacts.get(contact_id, include=EVERYTHING)
        changed = attrs.evolve(await cc.contacts.get(contact_id), last_name="Lang-Ross")
        answer = await cc.contacts.update(changed, update_source="Contact")
        after = await cc.contacts.get(contact_id, include=EVERYTHING)
    assert (answer.last_name, answer.update_source) == ("Lang-Ross", "Contact")
    assert after == attrs.evolve(
        before, last_name="Lang-Ross", update_source="Contact", updated_at=after.updated_at
    )
    assert (after.first_name, after.taggings, after.custom_fields) == (
        "Ana", (tag.tag_id,), (value,),
    )  # fmt: skip


async def test_an_update_replaces_sub_resources_that_were_read() -> None:
    """A contact with all sub-resources can be stored; an omitted list loses the contact."""
    sandbox = open_sandbox(lists=("Newsletter", "Spring fair"))
    async with client_of(sandbox) as cc:
        contact_id = await join(cc, sandbox, "a@example.com")
        read = await cc.contacts.get(contact_id, include=EVERYTHING)
        moved = attrs.evolve(read, list_memberships=(sandbox.contact_lists[1].list_id,))
        await cc.contacts.update(moved, update_source="Account")
        after = await cc.contacts.get(contact_id, include=EVERYTHING)
    assert after == attrs.evolve(moved, update_source="Account", updated_at=after.updated_at)


async def test_an_update_keeps_a_recent_opt_out() -> None:
    """A contact that opts out between reading and updating stays unsubscribed."""
    sandbox = open_sandbox()
    async with client_of(sandbox) as cc:
        contact_id = await join(cc, sandbox, "a@example.com")
        read = await cc.contacts.get(contact_id)
        assert read.email_address is not None
        left = attrs.evolve(
            read.email_address, permission_to_send="unsubscribed", opt_out_reason="Too many"
        )
        gone = await cc.contacts.update(
            attrs.evolve(read, email_address=left), update_source="Contact"
        )
        assert gone.is_unsubscribed
        stale = attrs.evolve(read, job_title="CEO")
        after = await cc.contacts.update(stale, update_source="Account")
        assert after.email_address is not None
        assert after.is_unsubscribed
        assert after.email_address.opt_out_reason == "Too many"
        back = await cc.contacts.update(
            stale, update_source="Contact", permission_to_send="explicit"
        )
        assert not back.is_unsubscribed


async def test_a_deleted_contact_can_be_restored() -> None:
    """A second deletion is an error, and `revive` restores the contact."""
    sandbox = open_sandbox()
    async with client_of(sandbox) as cc:
        contact_id = await join(cc, sandbox, "a@example.com")
        await cc.contacts.delete(contact_id)
        for unknown in (contact_id, UNKNOWN):
            with pytest.raises(NotFoundError):
                await cc.contacts.delete(unknown)
        deleted = await cc.contacts.get(contact_id, include=["list_memberships"])
        assert (deleted.is_deleted, deleted.list_memberships) == (True, ())
        revived = await cc.contacts.update(deleted, update_source="Account", revive=True)
        assert not revived.is_deleted


async def test_a_deletion_with_a_lost_answer_succeeds() -> None:
    """If the connection is cut after the deletion, the call succeeds."""
    sandbox = open_sandbox()
    async with client_of(sandbox) as cc:
        contact_id = await join(cc, sandbox, "a@example.com")
        sandbox.faults.add("cut-after", method="DELETE", times=1)
        await cc.contacts.delete(contact_id)
        assert (await cc.contacts.get(contact_id)).is_deleted


async def test_an_address_can_be_changed_to_a_free_one() -> None:
    """The contact keeps its id with a new address; the address of another contact is a conflict."""
    sandbox = open_sandbox()
    async with client_of(sandbox) as cc:
        contact_id = await join(cc, sandbox, "a@example.com")
        other = await join(cc, sandbox, "b@example.com")
        read = await cc.contacts.get(contact_id)
        assert read.email_address is not None

        def moved(address: str) -> Contact:
            assert read.email_address is not None
            email = attrs.evolve(read.email_address, address=address)
            return attrs.evolve(read, email_address=email)

        await cc.contacts.update(moved("c@example.com"), update_source="Account")
        found = await cc.contacts.find("c@example.com")
        assert found is not None
        assert found.contact_id == contact_id
        with pytest.raises(ConflictError) as caught:
            await cc.contacts.update(moved("b@example.com"), update_source="Account")
        assert caught.value.existing_id == other


async def test_a_contact_is_offered_to_resubscribe_once() -> None:
    """The contact stays unsubscribed until the person accepts; a second mail is a conflict."""
    sandbox = open_sandbox()
    lists = [sandbox.contact_lists[0].list_id]
    async with client_of(sandbox) as cc:
        contact_id = await join(cc, sandbox, "a@example.com")
        with pytest.raises(ConflictError):
            await cc.contacts.resubscribe(contact_id, lists)
        read = await cc.contacts.get(contact_id)
        await cc.contacts.update(read, update_source="Contact", permission_to_send="unsubscribed")
        await cc.contacts.resubscribe(contact_id, lists)
        assert (await cc.contacts.get(contact_id)).is_unsubscribed
        with pytest.raises(ConflictError):
            await cc.contacts.resubscribe(contact_id, lists)


async def test_contacts_are_counted_by_permission() -> None:
    """One request returns the counts, and on request that of new subscribers."""
    sandbox = open_sandbox()
    async with client_of(sandbox) as cc:
        await join(cc, sandbox, "a@example.com")
        new = Contact(EmailAddress("b@example.com"), create_source="Account")
        await cc.contacts.create(new)
        counts = await cc.contacts.counts()
        assert (counts.total, counts.explicit, counts.implicit) == (2, 1, 1)
        assert counts.new_subscriber is None
        assert (await cc.contacts.counts(new_subscriber=True)).new_subscriber is not None


@pytest.mark.parametrize(
    ("call", "method", "path", "body"),
    [
        (lambda it: it.counts(), "GET", "/contacts/counts", None),
        (lambda it: it.counts(new_subscriber=True), "GET", "/contacts/counts?include=new_subscriber", None),
    ],
)  # fmt: skip
async def test_requests_have_the_form_of_the_api_examples(
    call: Call, method: str, path: str, body: object
) -> None:
    """Method, path, query and body of each request are those of the API's examples."""
    assert await request_of(Contacts, call) == (method, path, body)


@pytest.mark.parametrize(
    "call",
    [
        lambda it: it.resubscribe(CONTACT, []),
        lambda it: it.resubscribe(CONTACT, IDS[:51]),
    ],
)
async def test_wrong_arguments_are_refused(call: Call) -> None:
    """No lists, or more than 50, are not sent."""
    await assert_refused(Contacts, call)


@pytest.mark.parametrize(
    "call",
    [
        lambda it: it.resubscribe(CONTACT, [NEWSLETTER]),
    ],
)
async def test_a_lost_answer_is_not_repeated(call: Call) -> None:
    """A request that creates or starts something is not repeated after a lost answer."""
    await assert_sent_once(Contacts, call)


async def test_a_resubscribe_request_names_the_lists() -> None:
    """The request names the lists, and any success is accepted."""
    transport = ScriptedTransport(reply(200))
    await Contacts(make_session(transport)).resubscribe(CONTACT, [NEWSLETTER])
    assert sent(transport) == (
        "PUT", f"/contacts/resubscribe/{CONTACT}", {"list_ids": [NEWSLETTER]},
    )  # fmt: skip


@pytest.mark.looptime
async def test_an_update_is_repeated_after_a_lost_answer_but_not_after_a_conflict() -> None:
    """A lost answer is repeated; an address of another contact is an error at once."""
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


async def test_contacts_can_be_created_found_and_read() -> None:
    """A created contact is found by its address in any letter case; a second one is a conflict."""
    async with client_of(open_sandbox()) as cc:
        new = Contact(EmailAddress("Ana@example.com"), first_name="Ana", create_source="Account")
        created = await cc.contacts.create(new)
        found = await cc.contacts.find("ana@EXAMPLE.com", include=["list_memberships"])
        assert found is not None
        assert found.contact_id == created.contact_id
        assert found.list_memberships == ()
        assert created.contact_id is not None
        again = await cc.contacts.get(created.contact_id)
        assert again.first_name == "Ana"
        with pytest.raises(ConflictError) as caught:
            await cc.contacts.create(new)
        assert caught.value.existing_id == created.contact_id
        assert await cc.contacts.find("unknown@example.com") is None
        with pytest.raises(InvalidRequestError, match="create_source"):
            await cc.contacts.create(Contact(EmailAddress("b@example.com")))


@pytest.mark.parametrize(
    ("email", "asked"),
    [
        ("Ana@Example.com", ["Ana@Example.com", "ana@example.com"]),
        ("ana@example.com", ["ana@example.com"]),
    ],
)
async def test_a_contact_is_looked_for_in_small_letters_too(email: str, asked: list[str]) -> None:
    """Where the service finds nobody under the spelling given, small letters are tried."""
    stored = reply(200, {"contacts": [{"contact_id": CONTACT}]})
    answers = [reply(200, {"contacts": []}) for _ in asked[1:]]
    transport = ScriptedTransport(*answers, stored)
    found = await Contacts(make_session(transport)).find(email)
    assert found is not None
    assert [parse_qs(request.query)["email"] for request in transport.sent] == [
        [each] for each in asked
    ]
    nobody = ScriptedTransport(*(reply(200, {"contacts": []}) for _ in asked))
    assert await Contacts(make_session(nobody)).find(email) is None
    at_once = ScriptedTransport(stored)
    assert await Contacts(make_session(at_once)).find(email) == found


@pytest.mark.parametrize(
    "body", [{}, {"contact_id": ""}, {"email_address": {"address": "a@b.example"}}]
)
async def test_an_answer_that_names_no_contact_is_none(body: object) -> None:
    """A success without an id is an error, whichever call it answers, and no empty contact."""
    session = make_session(ScriptedTransport(reply(200, body)), policy=RetryPolicy(deadline=0.1))
    contacts = Contacts(session)
    for call in (
        contacts.get(CONTACT),
        contacts.create(Contact(EmailAddress("a@b.example"), create_source="Account")),
        contacts.update(DEBORA, update_source="Account"),
    ):
        with pytest.raises(UnexpectedResponseError, match="contact_id"):
            await call
    page = make_session(ScriptedTransport(reply(200, {"contacts": [body]})))
    with pytest.raises(UnexpectedResponseError, match="contact_id"):
        await Contacts(page).find("a@b.example")
