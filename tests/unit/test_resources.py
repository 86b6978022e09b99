"""Nouns and verbs of the API against the sandbox: what is done is seen afterwards."""

from __future__ import annotations

import attrs
import pytest

from cc_async import ConstantContact, Contact, ContactCustomField, EmailAddress, SignUp, Tag
from cc_async.errors import ConflictError, InvalidRequestError, NotFoundError
from cc_async.models import Activity, CustomFieldChoice
from cc_async.resources import Include
from cc_async.sandbox import Sandbox
from tests.support.people import client_of, open_sandbox

pytestmark = pytest.mark.looptime

EVERYTHING: tuple[Include, ...] = (
    "custom_fields", "list_memberships", "taggings", "notes", "phone_numbers", "street_addresses",
)  # fmt: skip
NOBODY = "9b2f6a10-7a11-11ef-b7a4-fa163ecf3a1d"


async def join(cc: ConstantContact, sandbox: Sandbox, address: str) -> str:
    """Sign *address* up to the first list and return the contact's id."""
    lists = [sandbox.contact_lists[0].list_id]
    return (await cc.contacts.sign_up(SignUp(address, lists, "Ana", "Lang"))).contact_id


async def done(cc: ConstantContact, started: Activity) -> Activity:
    """Wait for an activity that is to end well."""
    ended = await cc.activities.wait(started.activity_id)
    assert ended.state == "completed"
    return ended


async def on_list(cc: ConstantContact, list_id: str) -> set[str | None]:
    return {contact.contact_id async for contact in cc.contacts.iter(lists=[list_id])}


async def test_a_contact_read_without_its_parts_keeps_them_when_it_is_updated() -> None:
    """A changed name is stored; lists, tags and custom fields that were not read stay."""
    sandbox = open_sandbox(custom_fields=("Vehicle",))
    async with client_of(sandbox) as cc:
        contact_id = await join(cc, sandbox, "a@example.com")
        tag = await cc.tags.create("gold")
        await done(
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


async def test_a_contact_read_with_its_parts_can_be_put_back_whole() -> None:
    """Everything that was read can be sent, and lists that are taken out of it are left."""
    sandbox = open_sandbox(lists=("Newsletter", "Spring fair"))
    async with client_of(sandbox) as cc:
        contact_id = await join(cc, sandbox, "a@example.com")
        read = await cc.contacts.get(contact_id, include=EVERYTHING)
        moved = attrs.evolve(read, list_memberships=(sandbox.contact_lists[1].list_id,))
        await cc.contacts.update(moved, update_source="Account")
        after = await cc.contacts.get(contact_id, include=EVERYTHING)
    assert after == attrs.evolve(moved, update_source="Account", updated_at=after.updated_at)


async def test_an_update_undoes_no_opt_out_of_a_moment_ago() -> None:
    """Someone who leaves between reading and writing stays unsubscribed."""
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


async def test_a_deleted_contact_can_be_brought_back() -> None:
    """A deletion is told from an unknown id, and undone where that is asked for."""
    sandbox = open_sandbox()
    async with client_of(sandbox) as cc:
        contact_id = await join(cc, sandbox, "a@example.com")
        await cc.contacts.delete(contact_id)
        for unknown in (contact_id, NOBODY):
            with pytest.raises(NotFoundError):
                await cc.contacts.delete(unknown)
        deleted = await cc.contacts.get(contact_id, include=["list_memberships"])
        assert (deleted.is_deleted, deleted.list_memberships) == (True, ())
        revived = await cc.contacts.update(deleted, update_source="Account", revive=True)
        assert not revived.is_deleted


async def test_a_deletion_survives_a_lost_answer() -> None:
    """The connection is cut after the service has deleted, and the call still ends well."""
    sandbox = open_sandbox()
    async with client_of(sandbox) as cc:
        contact_id = await join(cc, sandbox, "a@example.com")
        sandbox.faults.add("cut-after", method="DELETE", times=1)
        await cc.contacts.delete(contact_id)
        assert (await cc.contacts.get(contact_id)).is_deleted


async def test_an_address_can_be_changed_but_not_to_one_that_is_taken() -> None:
    """The contact keeps its id with a new address; another's address is a conflict."""
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


async def test_an_unsubscribed_person_is_asked_back_once() -> None:
    """They stay unsubscribed until they answer, and a second mail is a conflict."""
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
    """One request says how many there are; newcomers are counted on request."""
    sandbox = open_sandbox()
    async with client_of(sandbox) as cc:
        await join(cc, sandbox, "a@example.com")
        new = Contact(EmailAddress("b@example.com"), create_source="Account")
        await cc.contacts.create(new)
        counts = await cc.contacts.counts()
        assert (counts.total, counts.explicit, counts.implicit) == (2, 1, 1)
        assert counts.new_subscriber is None
        assert (await cc.contacts.counts(new_subscriber=True)).new_subscriber is not None


async def test_tags_have_all_their_operations() -> None:
    """A tag is created, found, renamed, counted and deleted by an activity."""
    sandbox = open_sandbox()
    async with client_of(sandbox) as cc:
        made = await cc.tags.create("gold", tag_source="Contact")
        assert (made.name, made.tag_source, made.contacts_count) == ("gold", "Contact", None)
        with pytest.raises(ConflictError):
            await cc.tags.create("gold")
        contact_id = await join(cc, sandbox, "a@example.com")
        await done(
            cc,
            await cc.activities.submit_taggings_add([made.tag_id], {"contact_ids": [contact_id]}),
        )
        renamed = await cc.tags.update(made.tag_id, name="silver")
        assert (renamed.tag_id, renamed.name) == (made.tag_id, "silver")
        assert (await cc.tags.get(made.tag_id, include_count=True)).contacts_count == 1
        assert await cc.tags.find("gold") is None
        found = await cc.tags.find("silver")
        assert found is not None
        assert found.tag_id == made.tag_id
        assert [tag.contacts_count async for tag in cc.tags.iter(include_count=True)] == [1]
        await done(cc, await cc.tags.delete(made.tag_id))
        with pytest.raises(NotFoundError):
            await cc.tags.get(made.tag_id)
        assert not (await cc.contacts.get(contact_id, include=["taggings"])).taggings


async def test_all_tags_come_page_after_page() -> None:
    """A small page costs requests and loses nothing."""
    async with client_of(open_sandbox()) as cc:
        made = [await cc.tags.create(f"tag {number}") for number in range(5)]
        tags: list[Tag] = [tag async for tag in cc.tags.iter(limit=2)]
    assert {tag.tag_id for tag in tags} == {tag.tag_id for tag in made}


async def test_custom_fields_have_all_their_operations() -> None:
    """A field is created, found by name or label, relabelled and deleted with its values."""
    sandbox = open_sandbox()
    async with client_of(sandbox) as cc:
        made = await cc.custom_fields.create("Favourite Car")
        assert (made.type, made.name) == ("string", "favourite_car")
        with pytest.raises(ConflictError):
            await cc.custom_fields.create("Favourite Car")
        assert await cc.custom_fields.find("favourite_car") == made
        assert await cc.custom_fields.find("Favourite Car") == made
        assert await cc.custom_fields.find("favourite") is None
        changed = await cc.custom_fields.update(attrs.evolve(made, label="Car"))
        assert await cc.custom_fields.get(made.custom_field_id) == changed
        assert (changed.label, changed.name) == ("Car", "car")
        contact_id = await join(cc, sandbox, "a@example.com")
        value = (ContactCustomField(made.custom_field_id, "Tesla"),)
        read = attrs.evolve(await cc.contacts.get(contact_id), custom_fields=value)
        assert (await cc.contacts.update(read, update_source="Account")).custom_fields == value
        await cc.custom_fields.delete(made.custom_field_id)
        with pytest.raises(NotFoundError):
            await cc.custom_fields.delete(made.custom_field_id)
        assert (await cc.contacts.get(contact_id, include=EVERYTHING)).custom_fields == ()


async def test_choices_keep_their_ids_when_a_select_field_is_updated() -> None:
    """Relabelled choices stay what contacts have chosen; new ones come, left-out ones go."""
    async with client_of(open_sandbox()) as cc:
        field = await cc.custom_fields.create(
            "Colour", "single_select", choices=["Red", "Blue", "Grey"]
        )
        assert field.choices is not None
        red, blue, _ = field.choices
        choices = (
            attrs.evolve(blue, display_order=1),
            attrs.evolve(red, choice_label="Crimson", display_order=2),
            CustomFieldChoice(choice_label="Green", display_order=3),
        )
        changed = await cc.custom_fields.update(attrs.evolve(field, choices=choices))
        assert changed.choices is not None
        labels = {choice.choice_id: choice.choice_label for choice in changed.choices}
        assert list(labels.values()) == ["Blue", "Crimson", "Green"]
        assert (labels[red.choice_id], labels[blue.choice_id]) == ("Crimson", "Blue")
        with pytest.raises(InvalidRequestError, match="choices"):
            await cc.custom_fields.update(attrs.evolve(field, choices=None))


async def test_list_memberships_change_in_bulk() -> None:
    """Contacts come onto lists and leave them, but for those who are excluded."""
    sandbox = open_sandbox(lists=("Newsletter", "Spring fair"))
    first, second = (entry.list_id for entry in sandbox.contact_lists)
    async with client_of(sandbox) as cc:
        ana, ben = [await join(cc, sandbox, f"{name}@example.com") for name in ("a", "b")]
        ended = await done(
            cc,
            await cc.activities.submit_add_list_memberships([second], {"contact_ids": [ana, ben]}),
        )
        assert (ended.status.items_completed_count, ended.status.list_count) == (2, 1)
        assert await on_list(cc, second) == {ana, ben}
        await done(
            cc,
            await cc.activities.submit_remove_list_memberships(
                [second], {"list_ids": [first]}, exclude=[ben]
            ),
        )
        assert await on_list(cc, second) == {ben}


async def test_taggings_change_in_bulk() -> None:
    """Tags are given to everyone active, and taken from whoever has another tag."""
    sandbox = open_sandbox()
    async with client_of(sandbox) as cc:
        gold, old = [(await cc.tags.create(name)).tag_id for name in ("gold", "old")]
        ana, ben = [await join(cc, sandbox, f"{name}@example.com") for name in ("a", "b")]
        everyone = await cc.activities.submit_taggings_add([gold], {"all_active_contacts": True})
        assert (await done(cc, everyone)).status.items_completed_count == 2
        await done(cc, await cc.activities.submit_taggings_add([old], {"contact_ids": [ben]}))
        await done(cc, await cc.activities.submit_taggings_remove([gold], {"tag_ids": [old]}))
        tagged = {contact.contact_id async for contact in cc.contacts.iter(tags=[gold])}
    assert tagged == {ana}


async def test_contacts_lists_tags_and_fields_go_in_bulk() -> None:
    """Each kind of deletion is an activity; lists, tags and fields leave their contacts alone."""
    sandbox = open_sandbox(lists=("Newsletter", "Spring fair"), custom_fields=("Vehicle",))
    first, second = (entry.list_id for entry in sandbox.contact_lists)
    async with client_of(sandbox) as cc:
        tag = await cc.tags.create("gold")
        ana, ben, cem = [await join(cc, sandbox, f"{name}@example.com") for name in "abc"]
        await done(cc, await cc.activities.submit_contact_delete(contact_ids=[ana]))
        assert await on_list(cc, first) == {ben, cem}
        await done(cc, await cc.activities.submit_list_delete([second]))
        await done(cc, await cc.activities.submit_tags_delete([tag.tag_id]))
        field_id = sandbox.custom_fields[0].custom_field_id
        await done(cc, await cc.activities.submit_custom_fields_delete([field_id]))
        assert [found.list_id async for found in cc.contact_lists.iter()] == [first]
        assert [found async for found in cc.tags.iter()] == []
        assert [found async for found in cc.custom_fields.iter()] == []
        assert (await cc.contacts.counts()).total == 2
        await done(cc, await cc.activities.submit_contact_delete(list_ids=[first]))
        assert (await cc.contacts.counts()).total == 0


async def test_of_the_account_only_what_is_named_changes() -> None:
    """A new telephone number is there afterwards, and so is everything else."""
    async with client_of(open_sandbox()) as cc:
        before = await cc.account.get()
        changed = await cc.account.update(contact_phone="5551234")
        assert changed.contact_phone == "5551234"
        assert await cc.account.get() == attrs.evolve(before, contact_phone="5551234")
