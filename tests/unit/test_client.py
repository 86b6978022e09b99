"""The client as a whole: where it can be used, and what it takes from its surroundings."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TypeVar

import pytest

from cc_async import ConstantContact, Contact, EmailAddress, Settings
from cc_async.auth import application_of
from cc_async.errors import (
    AuthError,
    ClientStateError,
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    StoreError,
)
from cc_async.stores import Change, MemoryStore
from tests.support.loops import in_a_new_loop
from tests.support.people import client_of, open_sandbox

T = TypeVar("T")


def test_a_client_lives_in_one_loop() -> None:
    """Used in a second loop, a client says that each loop needs one of its own."""
    cc = ConstantContact("token", stores="memory:")
    in_a_new_loop(cc.__aenter__())
    with pytest.raises(ClientStateError, match="one client for each loop"):
        in_a_new_loop(cc.__aenter__())


async def test_a_closed_client_says_so() -> None:
    """After its block a client refuses requests in words."""
    async with ConstantContact("token", stores="memory:") as cc:
        pass
    with pytest.raises(ClientStateError, match="closed"):
        await cc.contacts.get("c1")


def test_without_a_token_it_says_what_to_do() -> None:
    """No token anywhere is an error that names the variable."""
    with pytest.raises(AuthError) as caught:
        ConstantContact(stores="memory:")
    assert "CC_ASYNC_ACCESS_TOKEN" in caught.value.hint


def test_settings_come_from_the_environment() -> None:
    """Every variable is taken; what is missing has its default."""
    settings = Settings.from_environ(
        {
            "CC_ASYNC_BASE_URL": "http://127.0.0.1:1/v3",
            "CC_ASYNC_ACCESS_TOKEN": "t",
            "CC_ASYNC_HOME": "/state",
            "CC_ASYNC_STORE": "memory:",
            "CC_ASYNC_PER_SECOND": "10",
            "CC_ASYNC_PER_DAY": "250000",
            "CC_ASYNC_SETTLE_SECONDS": "30",
            "CC_ASYNC_RESERVE": "0.2",
            "CC_ASYNC_SHARE_WITHOUT_STORE": "0.25",
        }
    )
    assert (settings.per_second, settings.per_day, settings.settle_seconds) == (10, 250_000, 30)
    assert (settings.home, settings.budget_url) == (Path("/state"), "memory:")
    assert settings.reserve == 0.2
    assert settings.share_without_store == 0.25
    assert "'t'" not in repr(settings)
    default = Settings.from_environ({})
    assert (default.base_url, default.per_second, default.per_day) == (
        "https://api.cc.email/v3", 4, 10_000,
    )  # fmt: skip
    assert default.budget_url.startswith("sqlite:///")


@pytest.mark.parametrize("text", ["many", "-1", "0", "inf", "nan"])
def test_a_setting_that_is_no_number_is_named(text: str) -> None:
    """A variable that should be a number and is none is an error that names it."""
    with pytest.raises(InvalidRequestError, match="CC_ASYNC_PER_DAY"):
        Settings.from_environ({"CC_ASYNC_PER_DAY": text})


async def test_a_state_folder_that_cannot_be_written_names_the_choices() -> None:
    """Where the budget cannot be kept, the error names the variables that put it elsewhere."""
    settings = Settings(home=Path("/proc/nowhere"))
    async with ConstantContact("token", settings=settings) as cc:
        with pytest.raises(StoreError) as caught:
            await cc.contacts.get("c1")
    assert "CC_ASYNC_HOME" in caught.value.hint


def test_the_limits_belong_to_the_application() -> None:
    """Two tokens of one application share a budget by its id; other tokens have their own."""
    # the claims of the first two: {"cid":"app-1","sub":"a"} and {"cid":"app-1","sub":"b"}
    first = "eyJhbGciOiJub25lIn0.eyJjaWQiOiJhcHAtMSIsInN1YiI6ImEifQ.x"
    second = "eyJhbGciOiJub25lIn0.eyJjaWQiOiJhcHAtMSIsInN1YiI6ImIifQ.x"
    assert application_of(first) == application_of(second) == "app-1"
    assert application_of("opaque") == application_of("opaque") != application_of("other")
    assert "opaque" not in application_of("opaque")


@pytest.mark.looptime
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
        assert await cc.contacts.find("nobody@example.com") is None
        with pytest.raises(InvalidRequestError, match="create_source"):
            await cc.contacts.create(Contact(EmailAddress("b@example.com")))


@pytest.mark.looptime
async def test_pages_are_followed_to_the_end() -> None:
    """All contacts come, whatever the page size, and filters are passed on."""
    sandbox = open_sandbox()
    for number in range(25):
        sandbox.add_contact(f"p{number}@example.com")
    async with client_of(sandbox) as cc:
        everyone = [contact async for contact in cc.contacts.iter(limit=10)]
        nobody = cc.contacts.iter(updated_after=dt.datetime.now(dt.UTC) + dt.timedelta(days=9999))
        assert [contact async for contact in nobody] == []
    assert len({contact.contact_id for contact in everyone}) == 25
    assert sandbox.received.count == 4


@pytest.mark.looptime
async def test_lists_have_all_their_operations() -> None:
    """A list is created, found by its exact name, renamed, counted and deleted by an activity."""
    async with client_of(open_sandbox()) as cc:
        made = await cc.contact_lists.create("Spring fair", description="once")
        assert (await cc.contact_lists.find("Spring fair")) is not None
        assert (await cc.contact_lists.find("spring")) is None
        renamed = await cc.contact_lists.update(made.list_id, name="Summer fair")
        counted = await cc.contact_lists.get(made.list_id, include_membership_count="all")
        assert (renamed.name, counted.membership_count) == ("Summer fair", 0)
        with pytest.raises(ConflictError):
            await cc.contact_lists.create("Newsletter")
        activity = await cc.activities.wait(
            (await cc.contact_lists.delete(made.list_id)).activity_id
        )
        assert activity.state == "completed"
        assert [found.name async for found in cc.contact_lists.iter()] == ["Newsletter"]


@pytest.mark.looptime
async def test_a_timeout_of_a_wait_is_no_failure() -> None:
    """A wait that runs out returns the activity as it is, and can be taken up again."""
    sandbox = open_sandbox(activity_seconds=50.0)
    async with client_of(sandbox) as cc:
        lists = [sandbox.contact_lists[0].list_id]
        started = await cc.activities.submit_json_import([{"email": "a@example.com"}], lists)
        waited = await cc.activities.wait(started.activity_id, timeout=10)
        assert not waited.is_terminal
        assert (await cc.activities.wait(started.activity_id)).state == "completed"
        assert [found.activity_id async for found in cc.activities.iter()] == [started.activity_id]
        with pytest.raises(NotFoundError):
            await cc.activities.get("9b2f6a10-7a11-11ef-b7a4-fa163ecf3a1d")


@pytest.mark.looptime
async def test_a_file_can_be_submitted_as_it_is() -> None:
    """A CSV file with the service's own headings is imported without being read."""
    sandbox = open_sandbox()
    async with client_of(sandbox) as cc:
        lists = [sandbox.contact_lists[0].list_id]
        started = await cc.activities.submit_file_import(
            b"email,first_name\na@example.com,A\n", lists
        )
        done = await cc.activities.wait(started.activity_id)
        assert (done.state, done.status.person_count) == ("completed", 1)
        with pytest.raises(InvalidRequestError, match="too large"):
            await cc.activities.submit_file_import(b"x" * 4_000_000, lists)


class AwayStore(MemoryStore):
    """A store that cannot be reached."""

    async def update(self, key: str, change: Change[T], *, durable: bool = True) -> T:
        raise StoreError("out of reach")


@pytest.mark.looptime
async def test_a_client_goes_on_with_a_share_if_asked_to() -> None:
    """Without its store a client sends nothing, unless a share was asked for."""
    sandbox = open_sandbox()
    async with client_of(sandbox, stores=AwayStore()) as cc:
        with pytest.raises(StoreError):
            await cc.contact_lists.find("Newsletter")
    assert not sandbox.received
    async with client_of(sandbox, stores=AwayStore(), share_without_store=0.25) as cc:
        assert await cc.contact_lists.find("Newsletter") is not None
