"""Two accounts of one application on one store: nothing of one is seen or touched by the other."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import pytest

from cc_async import ConstantContact, Limits
from cc_async.errors import JobNotFoundError
from cc_async.imports._bodies import FileBodies, StoreBodies
from cc_async.sandbox import Sandbox
from cc_async.stores import default_store_url
from cc_async.testing import SandboxTransport
from tests.support.account_worker import PER_SECOND, account_client
from tests.support.people import open_sandbox
from tests.support.servers import postgres, valkey

TIM = "tim@example.com"
LISTS = tuple(f"L{number}" for number in range(8))
PEOPLE = 40


@pytest.fixture(params=["sqlite", "valkey", "postgres"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A store of each kind that processes can share."""
    if request.param == "sqlite":
        yield default_store_url(tmp_path)
    else:
        serve = {"valkey": valkey, "postgres": postgres}[request.param]
        (tmp_path / "data").mkdir()
        with serve(tmp_path / "data") as url:
            yield url


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of people, whose import takes a body for each list."""
    path = tmp_path / "people.csv"
    rows = [f"p{number}@example.com,{LISTS[number % len(LISTS)]}\n" for number in range(PEOPLE)]
    path.write_text("email,lists\n" + "".join(rows))
    return path


@attrs.frozen
class Source:
    """A token source of one's own."""

    now: str

    async def token(self, *, rejected: str | None = None) -> str:
        return self.now


@asynccontextmanager
async def two_accounts(
    store_url: str, tokens: str
) -> AsyncIterator[tuple[Sandbox, ConstantContact, ConstantContact]]:
    """Yield a sandbox with two accounts, and a client of each; *tokens* tell the account, or not."""
    sandbox = open_sandbox(lists=LISTS, accounts={"tims-token": TIM}, activity_seconds=0.05)
    pair = ("sandbox-token", "tims-token")
    if tokens == "jwt":
        pair = (sandbox.make_token(), sandbox.account_of(TIM).make_token())
    lola, tim = (
        ConstantContact(
            Source(token),
            transport=SandboxTransport(sandbox),
            stores=store_url,
            limits=Limits(per_second=10_000, per_day=1_000_000),
            settle_seconds=0.2,
        )
        for token in pair
    )
    async with lola, tim:
        yield sandbox, lola, tim


async def refuses_job(cc: ConstantContact, job_id: str) -> None:
    """Check that no operation of *cc* reaches the job of another account."""
    calls: list[Any] = [
        cc.bulk.resume, cc.bulk.cancel, cc.bulk.delete, cc.bulk.sign_up_report,
    ]  # fmt: skip
    for call in calls:
        with pytest.raises(JobNotFoundError, match="does not belong to this account") as caught:
            await call(job_id)
        assert "its own account" in caught.value.hint
    with pytest.raises(JobNotFoundError, match="does not belong to this account"):
        async with cc.bulk.resume_sign_up(job_id):
            pass


@pytest.mark.parametrize("tokens", ["jwt", "opaque"])
async def test_imports_of_two_accounts_never_meet(store_url: str, path: Path, tokens: str) -> None:
    """The same file in both is two jobs: each account lists, resumes, cancels and deletes its own."""
    async with two_accounts(store_url, tokens) as (sandbox, lola, tim):
        lolas = await lola.bulk.submit_import(path, lists=["L0"])
        assert await tim.bulk.jobs() == ()
        with pytest.raises(JobNotFoundError, match="no unfinished import"):
            await tim.bulk.resume()
        await refuses_job(tim, lolas.id)

        tims = await tim.bulk.submit_import(path, lists=["L0"])
        assert tims.id != lolas.id
        assert (await tims).is_all_accepted
        assert sandbox.account_of(TIM).contact_count == PEOPLE
        assert sandbox.contact_count == 0
        assert [entry.state for entry in await lola.bulk.jobs()] == ["open"]

        assert (await lola.bulk.submit_import(path, lists=["L0"])).id == lolas.id
        await tim.bulk.delete(tims.id)
        assert await tim.bulk.jobs() == ()
        assert (await (await lola.bulk.resume())).is_all_accepted
        assert sandbox.contact_count == PEOPLE
        assert len(sandbox.activities) == len(sandbox.account_of(TIM).activities) == len(LISTS)
        await lola.bulk.cancel(lolas.id)
        assert [entry.job_id for entry in await lola.bulk.jobs()] == [lolas.id]


@pytest.mark.parametrize("tokens", ["jwt", "opaque"])
async def test_sign_ups_of_two_accounts_never_meet(store_url: str, path: Path, tokens: str) -> None:
    """An unfinished sign-up goes on in its own account, and outcomes of one are not the other's."""
    async with two_accounts(store_url, tokens) as (sandbox, lola, tim):
        async with lola.bulk.sign_up(path, lists=["L0"], consent="explicit") as outcomes:
            async for _ in outcomes:
                outcomes.stop()
        lolas = str(outcomes.job_id)
        known = sandbox.contact_count
        assert 0 < known < PEOPLE
        with pytest.raises(JobNotFoundError, match="no unfinished sign-up"):
            async with tim.bulk.resume_sign_up():
                pass
        await refuses_job(tim, lolas)

        async with tim.bulk.sign_up(path, lists=["L0"], consent="explicit") as outcomes:
            async for _ in outcomes:
                pass
        assert outcomes.report.created == PEOPLE
        assert sandbox.contact_count == known
        await tim.bulk.delete(str(outcomes.job_id))
        async with lola.bulk.resume_sign_up() as outcomes:
            async for _ in outcomes:
                pass
        assert outcomes.job_id == lolas
        assert outcomes.report.created == sandbox.contact_count == PEOPLE


async def test_an_import_cleans_up_nothing_of_another_account(
    store_url: str, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bodies that one account is writing, or has a journal for, stay when another one imports."""
    monkeypatch.setenv("CC_ASYNC_HOME", str(tmp_path / "home"))
    reads_on = asyncio.Event()

    async def rows() -> AsyncIterator[dict[str, str]]:
        for number in range(PEOPLE):
            yield {"email": f"q{number}@example.com"}
        await reads_on.wait()

    async def die_first(self: Any) -> None:
        """Stand for a process that dies before it removes its claim."""

    async with two_accounts(store_url, "jwt") as (sandbox, lola, tim):
        with monkeypatch.context() as patch:
            for kind in (FileBodies, StoreBodies):
                patch.setattr(kind, "hand_over", die_first)
            begun = (await tim.bulk.submit_import(path, lists=["L0"])).id
        gc.collect()
        preparing = asyncio.create_task(tim.bulk.submit_import(rows(), lists=["L0"]))
        await asyncio.sleep(0.2)
        assert (await lola.bulk.import_contacts(path, lists=["L0"])).is_all_accepted
        reads_on.set()
        assert (await (await preparing)).is_all_accepted
        assert (await (await tim.bulk.resume(begun))).is_all_accepted
        assert sandbox.account_of(TIM).contact_count == 2 * PEOPLE


async def test_attempts_are_counted_for_each_account(store_url: str) -> None:
    """Three attempts in one account leave three for the same address in another one."""

    async def sign_up(cc: ConstantContact) -> str:
        people = [{"email": "a@example.com"}]
        async with cc.bulk.sign_up(people, lists=["L0"], consent="explicit") as outcomes:
            (status,) = [outcome.status async for outcome in outcomes]
            return status

    async with two_accounts(store_url, "jwt") as (_, lola, tim):
        assert [await sign_up(lola) for _ in range(4)] == [
            "created", "updated", "updated", "failed",
        ]  # fmt: skip
        assert [await sign_up(tim) for _ in range(2)] == ["created", "updated"]


async def ready(*arguments: str) -> asyncio.subprocess.Process:
    """Return a process that begins as soon as a line is written to it."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.account_worker", *arguments, stdin=pipe, stdout=pipe
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    return process


def begin(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None
    process.stdin.write(b"\n")


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", ["import", "sign_up"])
async def test_a_killed_process_leaves_its_job_to_its_own_account(
    kind: str, store_url: str, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One account's process is killed by `kill -9` while the other's goes on; both arrive once."""
    monkeypatch.setenv("CC_ASYNC_HOME", str(tmp_path / "home"))
    sandbox = open_sandbox(
        lists=LISTS,
        accounts={"tims-token": TIM},
        per_second=PER_SECOND,
        activity_seconds=0.2,
        latency=0.1,
    )
    other = sandbox.account_of(TIM)
    lolas, tims = sandbox.make_token(), other.make_token()

    def done(account: Any) -> int:
        return len(account.activities) if kind == "import" else account.contact_count

    async with sandbox.serve() as server:
        both = [
            await ready(kind, server.url, store_url, token, str(path)) for token in (lolas, tims)
        ]
        for process in both:
            begin(process)
        while done(sandbox) < 3:
            assert both[0].returncode is None
            await asyncio.sleep(0.005)
        both[0].kill()
        assert await both[0].wait() == -signal.SIGKILL
        assert await both[1].wait() == 0
        assert other.contact_count == PEOPLE
        assert sandbox.contact_count < PEOPLE

        async with account_client(server.url, store_url, tims) as tim:
            (own,) = await tim.bulk.jobs()
            with pytest.raises(JobNotFoundError):
                await tim.bulk.resume()
        async with account_client(server.url, store_url, lolas) as lola:
            (entry,) = await lola.bulk.jobs()
            assert entry.state == "open"
            assert entry.job_id != own.job_id
        again = await ready(kind, server.url, store_url, lolas, str(path))
        begin(again)
        assert await again.wait() == 0
        async with account_client(server.url, store_url, lolas) as lola:
            assert [entry.state for entry in await lola.bulk.jobs()] == ["ended"]
    assert sandbox.contact_count == PEOPLE
    assert sandbox.refused_429 == 0
    if kind == "import":
        assert len(sandbox.activities) == len(other.activities) == len(LISTS)
