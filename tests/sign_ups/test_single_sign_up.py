"""One sign-up at a time: consent, names, checks and attempts as in a bulk sign-up."""

from __future__ import annotations

import asyncio
import datetime as dt
from contextlib import nullcontext

import pytest

from cc_async import SignUp
from cc_async.errors import (
    AddressRefusedError,
    ConsentRequiredError,
    InvalidRequestError,
    PermissionDeniedError,
    TooManyAttemptsError,
    UnknownNameError,
)
from cc_async.models import ContactCustomField, SmsChannel
from cc_async.sandbox import Sandbox
from cc_async.stores import MemoryStore
from tests.support.people import client_of, open_sandbox

pytestmark = pytest.mark.looptime

SIGN_UP = "/v3/contacts/sign_up_form"
NEVER = dt.datetime(9999, 12, 31, tzinfo=dt.UTC)
PERSON = SignUp("a@example.com", ["Newsletter"])


def sent(sandbox: Sandbox) -> list[str]:
    return [entry.path for entry in sandbox.received if entry.path == SIGN_UP]


async def test_a_sign_up_needs_consent() -> None:
    """Without the word of the caller nothing is sent."""
    sandbox = open_sandbox()
    async with client_of(sandbox, account="a") as cc:
        with pytest.raises(ConsentRequiredError):
            await cc.contacts.sign_up(PERSON, consent="implicit")
    assert not sandbox.received


async def test_the_fourth_attempt_of_an_address_is_refused_here() -> None:
    """Three attempts a day, in all processes and of bulk sign-ups too; the address is not blocked."""
    sandbox, store = open_sandbox(attempts_per_day=5), MemoryStore()
    async with client_of(sandbox, stores=store, account="a") as cc:
        for _ in range(2):
            await cc.contacts.sign_up(PERSON, consent="explicit")
        people = [{"email": "a@example.com"}]
        async with cc.bulk.sign_up(people, lists=["Newsletter"], consent="explicit") as outcomes:
            assert [outcome.status async for outcome in outcomes] == ["updated"]
    async with client_of(sandbox, stores=store, account="a") as cc:
        for address in ("a@example.com", "A@Example.com"):
            with pytest.raises(TooManyAttemptsError, match="3 times within a day"):
                await cc.contacts.sign_up(SignUp(address, ["Newsletter"]), consent="explicit")
        assert len(sent(sandbox)) == 3
        await asyncio.sleep(86_401)
        await cc.contacts.sign_up(PERSON, consent="explicit")


async def test_an_address_that_may_be_blocked_is_said_to_be() -> None:
    """The service calls a blocked address invalid; the hint says what that may mean."""
    sandbox = open_sandbox(attempts_per_day=1)
    async with client_of(sandbox, account="a") as cc:
        await cc.contacts.sign_up(PERSON, consent="explicit")
        with pytest.raises(AddressRefusedError) as caught:
            await cc.contacts.sign_up(PERSON, consent="explicit")
    assert "two days" in caught.value.hint
    assert caught.value.status == 400
    assert "invalid" in str(caught.value)


async def test_an_attempt_without_effect_is_given_back_to_other_processes() -> None:
    """A sign-up that the gateway turned away counts in no process."""
    sandbox, store = open_sandbox(attempts_per_day=3), MemoryStore()
    sandbox.faults.add("503", path="/contacts/sign_up_form", times=2)
    async with client_of(sandbox, stores=store, account="a") as cc:
        await cc.contacts.sign_up(PERSON, consent="explicit")
    async with client_of(sandbox, stores=store, account="a") as cc:
        for _ in range(2):
            await cc.contacts.sign_up(PERSON, consent="explicit")


async def test_a_missing_right_uses_up_no_attempt_of_later_processes() -> None:
    """Also where the process ends with the refusal, and asks nothing more."""
    sandbox, store = open_sandbox(), MemoryStore()
    sandbox.faults.add("403", path="/contacts/sign_up_form", times=3)
    for _ in range(3):
        async with client_of(sandbox, stores=store) as cc:
            with pytest.raises(PermissionDeniedError):
                await cc.contacts.sign_up(PERSON, consent="explicit")
    async with client_of(sandbox, stores=store) as cc:
        await cc.contacts.sign_up(PERSON, consent="explicit")


@pytest.mark.parametrize("is_refused", [False, True])
async def test_an_address_that_was_answered_is_not_looked_up_later(is_refused: bool) -> None:
    """After the third attempt a bulk sign-up of another process fails it: nothing is in doubt."""
    sandbox, store = open_sandbox(attempts_per_day=0 if is_refused else 5), MemoryStore()
    async with client_of(sandbox, stores=store) as cc:
        for _ in range(3):
            with pytest.raises(AddressRefusedError) if is_refused else nullcontext():
                await cc.contacts.sign_up(PERSON, consent="explicit")
    people = [{"email": "a@example.com", "first_name": "Ana"}]
    async with (
        client_of(sandbox, stores=store) as cc,
        cc.bulk.sign_up(people, lists=["Newsletter"], consent="explicit") as outcomes,
    ):
        assert [outcome.status async for outcome in outcomes] == ["failed"]


async def test_a_sign_up_by_name_is_one_request() -> None:
    """Names of lists are read once in five minutes; ids are not looked up at all."""
    sandbox = open_sandbox(lists=("Newsletter", "Spring"))
    first = sandbox.contact_lists[0].list_id
    async with client_of(sandbox, account="a") as cc:
        await cc.contacts.sign_up(SignUp("id@example.com", [first]), consent="explicit")
        assert len(sandbox.received) == 1
        for name in "bcd":
            person = SignUp(f"{name}@example.com", ["Spring", first])
            await cc.contacts.sign_up(person, consent="explicit")
        assert len(sandbox.received) == 1 + 2 + 3
        await asyncio.sleep(301)
        await cc.contacts.sign_up(SignUp("e@example.com", ["Spring"]), consent="explicit")
        assert len(sandbox.received) == 6 + 2 + 1
    contact = sandbox.find_contact("b@example.com")
    assert contact is not None
    assert len(contact.list_memberships or ()) == 2


async def test_a_list_that_was_made_meanwhile_is_found() -> None:
    """A name that is not remembered is looked for at the service before it is refused."""
    sandbox = open_sandbox()
    async with client_of(sandbox, account="a") as cc:
        await cc.contacts.sign_up(PERSON, consent="explicit")
        await cc.contact_lists.create("Autumn")
        await cc.contacts.sign_up(SignUp("b@example.com", ["Autumn"]), consent="explicit")
        with pytest.raises(UnknownNameError, match="Winter"):
            await cc.contacts.sign_up(SignUp("c@example.com", ["Winter"]), consent="explicit")


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        (SignUp("nobody", ["Newsletter"]), "email"),
        (SignUp("a@example.com", ["Newsletter"], birthday_month=2, birthday_day=30), "no such day"),
        (SignUp("a@example.com", ["Newsletter"], first_name="x" * 51), "first_name"),
        (
            SignUp(
                "a@example.com", ["Newsletter"], custom_fields=(ContactCustomField("none", "x"),)
            ),
            "no custom field",
        ),
        (SignUp("a@example.com", ["Newsletter"], consented_at=NEVER), "future"),
        (SignUp("a@example.com", []), "1 to 50"),
        (SignUp(list_memberships=["Newsletter"]), "e-mail address or an SMS number"),
    ],
)
async def test_what_a_bulk_sign_up_rejects_is_refused(person: SignUp, reason: str) -> None:
    """The same checks run, and the error says what to correct; nothing is sent."""
    sandbox = open_sandbox()
    async with client_of(sandbox, account="a") as cc:
        with pytest.raises(InvalidRequestError, match=reason):
            await cc.contacts.sign_up(person, consent="explicit")
    assert not sent(sandbox)


async def test_values_arrive_as_they_were_given() -> None:
    """Names, a custom field and a number for text messages are at the service afterwards."""
    sandbox = open_sandbox(custom_fields=("Vehicle",))
    field = sandbox.custom_fields[0].custom_field_id
    person = SignUp(
        "Ana@example.com",
        ["Newsletter"],
        first_name="Ana",
        custom_fields=(ContactCustomField(field, "Bike"),),
    )
    async with client_of(sandbox, account="a") as cc:
        await cc.contacts.sign_up(person, consent="explicit")
        found = await cc.contacts.find("ana@example.com", include=["custom_fields"])
    assert found is not None
    assert found.first_name == "Ana"
    assert found.custom_fields is not None
    assert found.custom_fields[0].value == "Bike"


async def test_a_number_for_text_messages_is_sent_as_it_is() -> None:
    """A person without an address is signed up by number."""
    sandbox = open_sandbox()
    channel = SmsChannel(sms_address="5550123", dial_code="1", country_code="US")
    async with client_of(sandbox, account="a") as cc:
        with pytest.raises(Exception, match=r"400|consents"):
            await cc.contacts.sign_up(
                SignUp(list_memberships=["Newsletter"], sms_channel=channel), consent="explicit"
            )
    assert len(sent(sandbox)) == 1
