"""The client as a whole: where it can be used, and what it takes from its surroundings."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import pytest

from cc_async import ConstantContact, Settings
from cc_async.auth import application_of
from cc_async.errors import (
    AuthError,
    ClientStateError,
    InvalidRequestError,
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
