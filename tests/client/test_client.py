"""The client: its one event loop, its settings, and what it closes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import attrs
import pytest

from cc_async import ConstantContact, Limits, Network, Settings
from cc_async.errors import ClientStateError, InvalidRequestError, StoreError
from cc_async.stores import Change, MemoryStore
from tests.support.loops import in_a_new_loop
from tests.support.people import client_of, open_sandbox

T = TypeVar("T")


def test_a_client_lives_in_one_loop() -> None:
    """In a second event loop, a client says that each loop needs one of its own."""
    cc = ConstantContact("token", stores="memory:")
    in_a_new_loop(cc.__aenter__())
    with pytest.raises(ClientStateError, match="one client for each loop"):
        in_a_new_loop(cc.__aenter__())


async def test_a_closed_client_says_so() -> None:
    """After its block a client refuses requests and says why."""
    async with ConstantContact("token", stores="memory:") as cc:
        pass
    with pytest.raises(ClientStateError, match="closed"):
        await cc.contacts.get("c1")


CALLS: list[Callable[[ConstantContact], Any]] = [
    lambda cc: cc.budget.statistics(),
    lambda cc: cc.bulk.jobs(),
    lambda cc: cc.bulk.resume(),
    lambda cc: cc.bulk.resume("0123456789ab"),
    lambda cc: cc.bulk.cancel("0123456789ab"),
    lambda cc: cc.bulk.delete("0123456789ab"),
    lambda cc: cc.bulk.sign_up_report("0123456789ab"),
    lambda cc: cc.bulk.submit_import([{"email": "a@example.com"}], lists=["News"]),
    lambda cc: cc.bulk.dry_run_import([{"email": "a@example.com"}], lists=["News"]),
    lambda cc: _enter(
        cc.bulk.sign_up([{"email": "a@example.com"}], lists=["News"], consent="explicit")
    ),
    lambda cc: _enter(cc.bulk.resume_sign_up()),
]


async def _enter(context: Any) -> None:
    async with context:
        pass


@pytest.mark.parametrize("call", CALLS)
async def test_a_closed_client_opens_no_store(
    call: Callable[[ConstantContact], Any], tmp_path: Path
) -> None:
    """After its block a client neither reads nor writes jobs or the budget, and says why."""
    file = tmp_path / "state.db"
    async with ConstantContact("token", account="acme", stores=f"sqlite:///{file}") as cc:
        assert await cc.bulk.jobs() == ()
    for path in tmp_path.iterdir():
        path.unlink()
    with pytest.raises(ClientStateError, match="closed"):
        await call(cc)
    assert not file.exists()


async def test_a_job_ends_with_its_client(tmp_path: Path) -> None:
    """Awaiting a job after its client was closed opens no store either; the job can be resumed."""
    sandbox, file = open_sandbox(), tmp_path / "state.db"
    async with client_of(sandbox, stores=f"sqlite:///{file}") as cc:
        job = await cc.bulk.submit_import([{"email": "a@example.com"}], lists=["Newsletter"])
    moved = file.rename(tmp_path / "moved.db")
    with pytest.raises(ClientStateError, match="closed"):
        await job
    assert not file.exists()
    async with client_of(sandbox, stores=f"sqlite:///{moved}") as cc:
        assert (await (await cc.bulk.resume(job.id))).is_all_accepted


async def test_a_state_folder_that_cannot_be_written_names_the_choices() -> None:
    """If the budget cannot be kept, the error names the variables for another place."""
    settings = Settings(home=Path("/proc/nowhere"))
    async with ConstantContact("token", settings=settings) as cc:
        with pytest.raises(StoreError) as caught:
            await cc.contacts.get("c1")
    assert "CC_ASYNC_HOME" in caught.value.hint


class AwayStore(MemoryStore):
    """A store that cannot be reached."""

    async def update(self, key: str, change: Change[T], *, durable: bool = True) -> T:
        raise StoreError("out of reach")


@pytest.mark.looptime
async def test_a_client_uses_a_share_of_the_limits_without_its_store() -> None:
    """Without its store a client sends nothing, unless `share_without_store` is given."""
    sandbox = open_sandbox()
    async with client_of(sandbox, stores=AwayStore()) as cc:
        with pytest.raises(StoreError):
            await cc.contact_lists.find("Newsletter")
    assert not sandbox.received
    async with client_of(sandbox, stores=AwayStore(), share_without_store=0.25) as cc:
        assert await cc.contact_lists.find("Newsletter") is not None


@pytest.mark.looptime
async def test_limits_go_before_the_settings() -> None:
    """A limit that is given is used, and the others are those of the settings."""
    settings = Settings(per_second=3, per_day=5_000)
    async with ConstantContact(
        "token", stores="memory:", limits=Limits(per_second=2), settings=settings
    ) as cc:
        statistics = await cc.budget.statistics()
    assert (statistics.per_second, statistics.per_day) == (2, 5_000)


@pytest.mark.looptime
async def test_a_budget_can_be_named() -> None:
    """Clients with the same `application` share a budget, whatever their tokens are."""
    sandbox, store = open_sandbox(), MemoryStore()
    async with client_of(sandbox, stores=store, application="shop") as cc:
        await cc.contact_lists.find("Newsletter")
    async with (
        client_of(sandbox, stores=store, application="shop") as same,
        client_of(sandbox, stores=store) as other,
    ):
        used = [await client.budget.statistics() for client in (same, other)]
    assert [statistics.used for statistics in used] == [1, 0]


def test_an_address_without_a_scheme_is_refused() -> None:
    """The address of `Network` goes before that of the settings, and is checked at once."""
    with pytest.raises(InvalidRequestError, match="base URL"):
        ConstantContact("token", stores="memory:", network=Network(base_url="api.cc.email"))


def test_a_client_is_told_ten_things_at_most() -> None:
    """New options are fields of a value, not parameters."""
    parameters = ConstantContact.__init__.__annotations__.keys() - {"return"}
    assert len(parameters) <= 10
    assert all(attrs.has(kind) for kind in (Network, Limits, Settings))
