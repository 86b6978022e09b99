"""Jobs outlast outages of the service and of their store, without a person doing anything."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import pytest

from cc_async import ConstantContact, ImportOptions, ImportReport, Job, Stores
from cc_async.errors import (
    ActivityOverdueError,
    AuthenticationError,
    ConnectionFailedError,
    StoreError,
)
from cc_async.retries import RetryPolicy
from cc_async.sandbox import Sandbox
from cc_async.stores import Change, MemoryStore, open_store
from cc_async.testing import SandboxTransport
from cc_async.wire import Reply, Request
from tests.support.budgets import loop_time
from tests.support.people import NOON, client_of, open_sandbox
from tests.support.servers import postgres, valkey
from tests.support.tokens import EndlessTokens

T = TypeVar("T")

PEOPLE = 400
IMPORTS = "/activities/contacts_*_import"
CSV = "email\n" + "".join(f"p{number}@example.com\n" for number in range(PEOPLE))


class Outages(SandboxTransport):
    """Answers with 503 for 30 seconds from *begins* on, then refuses connections for 30."""

    def __init__(self, sandbox: Sandbox, begins: float) -> None:
        super().__init__(sandbox)
        self.begins = begins
        self.refused = 0

    async def send(self, request: Request, headers: Mapping[str, str]) -> Reply:
        since = loop_time() - self.begins
        if 0.0 <= since < 30.0:
            self.refused += 1
            return Reply(503, {"content-type": "text/html"}, b"<html>Service Unavailable</html>")
        if 30.0 <= since < 60.0:
            self.refused += 1
            raise ConnectionFailedError("no connection to the service")
        return await super().send(request, headers)


class RestartedStore(MemoryStore):
    """A store that is out of reach from *begins* on for so many *seconds*."""

    def __init__(self, begins: float, seconds: float) -> None:
        super().__init__()
        self.begins, self.seconds, self.failures = begins, seconds, 0

    def check(self) -> None:
        if 0.0 <= loop_time() - self.begins < self.seconds:
            self.failures += 1
            raise StoreError("the store is being restarted")

    async def update(self, key: str, change: Change[T], *, durable: bool = True) -> T:
        self.check()
        return await super().update(key, change, durable=durable)

    async def append(self, log: str, entries: Sequence[bytes]) -> int:
        self.check()
        return await super().append(log, entries)

    async def read(self, log: str, start: int = 0) -> list[bytes]:
        self.check()
        return await super().read(log, start)


@pytest.mark.looptime
async def test_a_sign_up_of_400_people_outlasts_three_outages(tmp_path: Path) -> None:
    """Through 503, refused connections and a store that restarts, all people arrive in one run."""
    sandbox = open_sandbox(latency=0.1, attempts_per_day=5)
    transport, store = Outages(sandbox, begins=20.0), RestartedStore(85.0, 20.0)
    path = tmp_path / "people.csv"
    path.write_text(CSV)
    waits: list[str] = []
    policy = RetryPolicy(on_wait=lambda failure, _: waits.append(failure))
    async with (
        client_of(
            sandbox, transport=transport, stores=store, per_second=4, retry_policy=policy
        ) as cc,
        cc.bulk.sign_up(str(path), lists=["Newsletter"], consent="explicit") as outcomes,
    ):
        statuses = [outcome.status async for outcome in outcomes]
    assert statuses.count("created") + statuses.count("updated") == PEOPLE
    assert sandbox.contact_count == PEOPLE
    assert transport.refused > 8
    assert store.failures
    for failure in ("503", "no connection", "restarted"):
        assert any(failure in text for text in waits)


@pytest.mark.looptime
@pytest.mark.parametrize("end", ["error", "cancellation"])
async def test_a_sign_up_that_is_left_does_not_wait_for_its_store(end: str, tmp_path: Path) -> None:
    """Left by an error or a cancellation while the store is away, it ends within half a minute."""
    sandbox, store = open_sandbox(latency=0.1), RestartedStore(10.0, 1e9)
    path = tmp_path / "people.csv"
    path.write_text(CSV)

    async def run() -> None:
        async with (
            client_of(sandbox, stores=store, per_second=4) as cc,
            cc.bulk.sign_up(str(path), lists=["Newsletter"], consent="explicit") as outcomes,
        ):
            async for _ in outcomes:
                if loop_time() > 9.0 and end == "error":
                    raise ValueError("of the caller")
                if loop_time() > 9.0:
                    await asyncio.sleep(1e9)

    task = asyncio.create_task(run())
    await asyncio.sleep(15.0)
    if end == "cancellation":
        task.cancel()
    with pytest.raises(ValueError if end == "error" else asyncio.CancelledError):
        await task
    assert store.failures
    assert loop_time() < 45.0


@pytest.mark.looptime
async def test_an_import_that_is_cancelled_does_not_wait_for_its_store() -> None:
    """A job that is cancelled while its store is away ends within half a minute."""
    sandbox, store = open_sandbox(latency=0.3, activity_seconds=1e5), RestartedStore(5.0, 1e9)
    async with client_of(sandbox, stores=store) as cc:
        job = await cc.bulk.submit_import([{"email": "p@example.com"}], lists=["Newsletter"])
        task = asyncio.create_task(_awaited(job))
        await asyncio.sleep(60.0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await job.aclose()
    assert store.failures
    assert loop_time() < 90.0


@pytest.mark.looptime
@pytest.mark.parametrize("which", ["budget", "journal", "store"])
async def test_a_store_that_never_comes_back_ends_a_sign_up_after_the_patience(
    which: str, tmp_path: Path
) -> None:
    """Budget, journal or both: a sign-up waits for them once, and ends with the store's error."""
    sandbox, store = open_sandbox(latency=0.1), RestartedStore(10.0, 1e9)
    stores, policy = Stores(**{"store": "memory:", which: store}), RetryPolicy(patience=600.0)
    path = tmp_path / "people.csv"
    path.write_text(CSV)
    with pytest.raises(StoreError, match="restarted"):
        async with (
            client_of(sandbox, stores=stores, per_second=4, retry_policy=policy) as cc,
            cc.bulk.sign_up(str(path), lists=["Newsletter"], consent="explicit") as outcomes,
        ):
            async for _ in outcomes:
                pass
    assert 500.0 < loop_time() < 700.0


@pytest.mark.looptime
@pytest.mark.parametrize("which", ["budget", "journal", "store"])
async def test_a_store_that_never_comes_back_ends_an_import_after_the_patience(which: str) -> None:
    """Budget, journal or both: an import waits for them once, not once for each layer."""
    sandbox, store = open_sandbox(latency=0.3, activity_seconds=1e5), RestartedStore(5.0, 1e9)
    stores = Stores(**{"store": "memory:", which: store})
    policy = RetryPolicy(patience=600.0)
    async with client_of(sandbox, stores=stores, retry_policy=policy) as cc:
        job = await cc.bulk.submit_import([{"email": "p@example.com"}], lists=["Newsletter"])
        with pytest.raises(StoreError, match="restarted"):
            await job
        await job.aclose()
    assert 500.0 < loop_time() < 700.0


@pytest.mark.looptime
@pytest.mark.parametrize("outage_from", [0.5, 3.0, 8.0])
async def test_an_import_outlasts_three_outages(outage_from: float) -> None:
    """Wherever the outages begin, all contacts arrive, and each chunk is imported once."""
    lists = tuple(f"L{number}" for number in range(8))
    sandbox = open_sandbox(latency=0.3, lists=lists, activity_seconds=20.0)
    transport = Outages(sandbox, begins=outage_from)
    store = RestartedStore(outage_from + 65.0, 45.0)
    rows = [
        {"email": f"p{number}@example.com", "lists": lists[number % 8]} for number in range(PEOPLE)
    ]
    async with client_of(sandbox, transport=transport, stores=store, per_second=4) as cc:
        report = await cc.bulk.import_contacts(
            rows, lists=["L0"], options=ImportOptions(verify=True)
        )
    assert report.is_all_accepted, report
    assert sandbox.contact_count == PEOPLE
    assert len(sandbox.activities) == 8


@pytest.mark.looptime
async def test_a_store_that_fails_after_it_wrote_makes_no_event_count_twice() -> None:
    """An event that was written although the store reported a failure is not written again."""

    class HalfDead(MemoryStore):
        async def append(self, log: str, entries: Sequence[bytes]) -> int:
            length = await super().append(log, entries)
            if log.startswith("job:") and length > 1 and length % 2:
                raise StoreError("the connection was cut after the commit")
            return length

    sandbox = open_sandbox(activity_seconds=5.0)
    rows = [{"email": f"p{number}@example.com"} for number in range(10)]
    async with client_of(sandbox, stores=HalfDead()) as cc:
        assert (await cc.bulk.import_contacts(rows, lists=["Newsletter"])).is_all_accepted
    assert len(sandbox.activities) == 1


@pytest.mark.looptime
async def test_the_patience_of_an_import_begins_anew_with_each_answer() -> None:
    """Outages that are shorter than the patience end no import, however many there are."""

    class EachOtherMinute(SandboxTransport):
        async def send(self, request: Request, headers: Mapping[str, str]) -> Reply:
            if request.method == "POST" and loop_time() % 120.0 > 60.0:
                raise ConnectionFailedError("no connection to the service")
            return await super().send(request, headers)

    lists = tuple(f"L{number}" for number in range(8))
    sandbox = open_sandbox(lists=lists, activity_seconds=25.0, max_queued=1)
    rows = [{"email": f"p{number}@example.com", "lists": lists[number]} for number in range(8)]
    transport, policy = EachOtherMinute(sandbox), RetryPolicy(patience=90.0)
    async with client_of(sandbox, transport=transport, retry_policy=policy) as cc:
        assert (await cc.bulk.import_contacts(rows, lists=["L0"])).is_all_accepted
    assert loop_time() > 240.0
    assert len(sandbox.activities) == 8


@pytest.mark.looptime
@pytest.mark.parametrize("outage_from", [0.5, 1.2, 2.1, 3.3])
async def test_no_permit_is_held_during_an_outage_of_the_journal(outage_from: float) -> None:
    """Bodies whose turn has come give their permits back, also while another event waits."""
    lists = tuple(f"L{number}" for number in range(8))
    sandbox = open_sandbox(latency=0.3, lists=lists, activity_seconds=5.0)
    rows = [{"email": f"p{number}@example.com", "lists": lists[number]} for number in range(8)]
    stores = Stores("memory:", journal=RestartedStore(1e9, 1e9))
    async with client_of(sandbox, stores=stores, per_second=1) as cc:
        job = await cc.bulk.submit_import(rows, lists=["L0"])
        begins = loop_time() + outage_from
        stores.journal.begins, stores.journal.seconds = begins, 110.0  # type: ignore[union-attr]
        task = asyncio.create_task(_awaited(job))
        await asyncio.sleep(outage_from + 20.0)
        for _ in range(80):
            assert (await cc.budget.statistics()).in_flight == 0
            await asyncio.sleep(1.0)
        assert (await task).is_all_accepted
    assert len(sandbox.activities) == 8


@pytest.mark.looptime
async def test_progress_says_what_is_waited_for() -> None:
    """While the service is away, the job's progress names the failure; afterwards it does not."""
    sandbox = open_sandbox(latency=0.3)
    transport = Outages(sandbox, begins=1e9)
    async with client_of(sandbox, transport=transport) as cc:
        job = await cc.bulk.submit_import([{"email": "p@example.com"}], lists=["Newsletter"])
        transport.begins = loop_time() - 30.0
        task = asyncio.ensure_future(_awaited(job))
        await asyncio.sleep(20.0)
        assert "no connection" in job.progress.waiting_for
        assert (await task).is_all_accepted
        assert job.progress.waiting_for == ""


@pytest.mark.looptime
async def test_an_activity_that_never_ends_leaves_the_job_to_be_resumed() -> None:
    """After `max_wait` the wait for the service ends in an error, and a later run finishes."""
    sandbox = open_sandbox(activity_seconds=1_500.0)
    async with client_of(sandbox, retry_policy=RetryPolicy(max_wait=600.0)) as cc:
        job = await cc.bulk.submit_import([{"email": "p@example.com"}], lists=["Newsletter"])
        with pytest.raises(ActivityOverdueError, match="still works"):
            await job
        assert 600.0 < loop_time() < 700.0
        await job.aclose()
        for _ in range(3):
            resumed = await cc.bulk.resume(job.id)
            try:
                report = await resumed
            except ActivityOverdueError:
                continue
            break
    assert report.is_all_accepted
    assert len(sandbox.activities) == 1


@pytest.mark.looptime
@pytest.mark.parametrize("ours", [0, 2])
async def test_a_full_queue_is_not_found_out_by_uploading_again(ours: int) -> None:
    """While the queue is full for minutes, chunks are refused a few times, not every few seconds."""
    lists = tuple(f"L{number}" for number in range(6))
    sandbox = open_sandbox(lists=lists, activity_seconds=170.0, max_queued=2 + ours)
    rows = [{"email": f"p{number}@example.com", "lists": lists[number]} for number in range(6)]
    async with client_of(sandbox) as cc:
        for _ in range(2):
            await cc.activities.submit_json_import(
                [{"email": "x@example.com"}],
                [one.list_id async for one in cc.contact_lists.iter()][:1],
            )
        report = await cc.bulk.import_contacts(rows, lists=["L0"])
    assert report.is_all_accepted
    refused = [entry for entry in sandbox.received if entry.status == 429]
    assert len(refused) <= 10, [entry.at - NOON for entry in refused]


async def _awaited(job: Job) -> ImportReport:
    return await job


@pytest.mark.slow
@pytest.mark.parametrize("serve", [valkey, postgres], ids=["valkey", "postgres"])
async def test_a_restarted_server_interrupts_no_job(
    serve: Callable[..., AbstractContextManager[str]], tmp_path: Path
) -> None:
    """A database server that is stopped for three seconds and started again ends no sign-up."""
    sandbox = open_sandbox(latency=0.01)
    path = tmp_path / "people.csv"
    path.write_text("email\n" + "".join(f"p{number}@example.com\n" for number in range(60)))
    folder = tmp_path / "data"
    folder.mkdir()
    with ExitStack() as stack:
        url = stack.enter_context(serve(folder))
        again = {"port": urlsplit(url).port} if serve is valkey else {}
        store = open_store(url)
        async with (
            client_of(sandbox, stores=store, per_second=10) as cc,
            cc.bulk.sign_up(str(path), lists=["Newsletter"], consent="explicit") as outcomes,
        ):
            statuses = []
            async for outcome in outcomes:
                statuses.append(outcome.status)
                if len(statuses) == 20:
                    stack.close()
                    await asyncio.sleep(3.0)
                    stack.enter_context(serve(folder, **again))
        await store.aclose()
    assert statuses.count("created") + statuses.count("updated") == 60


class RejectsTokens(SandboxTransport):
    """Answers the first 401s to requests that start an import, whatever their token is."""

    def __init__(self, sandbox: Sandbox, rejections: int) -> None:
        super().__init__(sandbox)
        self.left = rejections

    async def send(self, request: Request, headers: Mapping[str, str]) -> Reply:
        if request.method == "POST" and self.left:
            self.left -= 1
            return Reply(401, {}, b'{"error_key":"unauthorized","error_message":"Unauthorized"}')
        return await super().send(request, {**headers, "Authorization": "Bearer sandbox-token"})


def client_with_used_up_tokens(
    transport: SandboxTransport, policy: RetryPolicy = RetryPolicy()
) -> ConstantContact:
    return ConstantContact(
        EndlessTokens(),
        account="sandbox",
        transport=transport,
        stores="memory:",
        retry_policy=policy,
    )


@pytest.mark.looptime
@pytest.mark.parametrize("rejections", [3, 40])
async def test_an_import_outlasts_the_rejection_of_fresh_tokens(rejections: int) -> None:
    """Fresh tokens that are rejected one after the other are waited out like an outage."""
    sandbox = open_sandbox(activity_seconds=5.0)
    transport = RejectsTokens(sandbox, rejections)
    async with client_with_used_up_tokens(transport) as cc:
        report = await cc.bulk.import_contacts([{"email": "a@example.com"}], lists=["Newsletter"])
    assert report.is_all_accepted
    assert sandbox.contact_count == 1


@pytest.mark.looptime
async def test_fresh_tokens_that_are_rejected_for_ever_end_an_import() -> None:
    """After the patience the 401 stands, and says that a new sign-in would not help."""
    sandbox = open_sandbox()
    transport = RejectsTokens(sandbox, 10**6)
    policy = RetryPolicy(patience=600)
    async with client_with_used_up_tokens(transport, policy) as cc:
        with pytest.raises(AuthenticationError) as raised:
            await cc.bulk.import_contacts([{"email": "a@example.com"}], lists=["Newsletter"])
    assert raised.value.is_token_fresh
    assert 500 < loop_time() < 700
