"""Finding out who arrived survives a crash, is not repeated in vain, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import anyio
import pytest

from cc_async import ConstantContact, ImportOptions, Limits, Network
from cc_async.errors import PermissionDeniedError
from cc_async.imports._chunk import Verified
from cc_async.imports._journal import ImportJournal, JournalEvent
from cc_async.sandbox import Sandbox
from tests.support.people import open_sandbox

ROWS = [{"email": f"p{number}@example.com", "lists": name} for number in range(6) for name in "AB"][
    ::2
] + [{"email": f"q{number}@example.com", "lists": "B"} for number in range(3)]


@asynccontextmanager
async def opened(sandbox: Sandbox, home: Path) -> AsyncIterator[ConstantContact]:
    """Open a client as another process would: with nothing in common but the folder."""
    async with (
        sandbox.serve() as server,
        ConstantContact(
            "sandbox-token",
            network=Network(base_url=server.url),
            account="sandbox",
            limits=Limits(per_second=100),
            stores=f"sqlite:///{home / 'state.db'}",
        ) as cc,
    ):
        yield cc


def lossy() -> Sandbox:
    return open_sandbox(lists=("A", "B"), max_lines=4, activity_seconds=0.1)


def readings(sandbox: Sandbox) -> int:
    return sum(entry.path == "/v3/contacts" for entry in sandbox.received)


def bodies(home: Path) -> list[Path]:
    return list(home.rglob("*.body"))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CC_ASYNC_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


async def test_a_crash_while_it_is_written_down_only_repeats_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bodies stay until the result is durable, so the next process finds the same."""
    sandbox, append, missing = lossy(), ImportJournal.append, home / "missing.csv"

    async def fail(self: ImportJournal, event: JournalEvent, number: int) -> int:
        if isinstance(event, Verified):
            raise RuntimeError("the process dies here")
        return await append(self, event, number)

    monkeypatch.setattr(ImportJournal, "append", fail)
    async with opened(sandbox, home) as cc:
        job = await cc.bulk.submit_import(ROWS, lists=["A"], options=ImportOptions(missing=missing))
        with pytest.raises(RuntimeError):
            await job
        await job.aclose()
    assert len(bodies(home)) == 1  # the other list's body is beyond doubt, and gone
    named = missing.read_text()
    missing.unlink()
    monkeypatch.setattr(ImportJournal, "append", append)
    async with opened(sandbox, home) as cc:
        job = await cc.bulk.resume()
        report = await job
        await job.aclose()
    assert (report.missing, report.not_changed) == (3, 0)
    assert missing.read_text() == named
    assert bodies(home) == []


async def test_lists_are_read_back_once(home: Path) -> None:
    """Resuming a verified job reads no list again, and returns the same counts and lines."""
    sandbox = lossy()
    async with opened(sandbox, home) as cc:
        job = await cc.bulk.submit_import(ROWS, lists=["A"])
        report = await job
        await job.aclose()
        before = readings(sandbox)
        assert before == 1
        again = await (await cc.bulk.resume(job.id))
    assert (again.missing, again.not_changed) == (report.missing, report.not_changed) == (3, 0)
    assert again.verification == report.verification
    told = [(person.line, person.status, person.list_ids) for person in report.not_arrived]
    assert [(each.line, each.status, each.list_ids) for each in again.not_arrived] == told
    assert len(told) == 3
    assert {person.email_address for person in again.not_arrived} == {""}
    assert b"@example.com" not in (home / "state.db").read_bytes()
    assert readings(sandbox) == before


async def test_all_contacts_are_looked_for_again_when_a_chunk_was_sent_again(home: Path) -> None:
    """After a failed chunk was sent again, one file names all missing contacts."""
    sandbox, missing = lossy(), home / "missing.csv"
    sandbox.fail()
    async with opened(sandbox, home) as cc:
        job = await cc.bulk.submit_import(ROWS, lists=["A"], options=ImportOptions(missing=missing))
        report = await job
        await job.aclose()
        assert report.state == "failed"
        job = await cc.bulk.resume(resend_failed=True)
        report = await job
        await job.aclose()
    assert report.state == "completed"
    assert (
        report.missing == len(report.not_arrived) == len(missing.read_text().splitlines()) - 1 == 3
    )
    assert bodies(home) == []


async def test_verification_never_names_an_address_in_a_repr(home: Path) -> None:
    """Neither the report nor its missing contacts show an address to a log."""
    sandbox = lossy()
    async with opened(sandbox, home) as cc:
        report = await cc.bulk.import_contacts(ROWS, lists=["A"])
    assert report.not_arrived
    assert "@" not in repr(report) + repr(report.not_arrived) + repr(report.verification)


async def test_contacts_of_a_body_that_is_gone_are_not_called_missing(home: Path) -> None:
    """A job is running until it is verified; a body that is gone cannot be verified."""
    sandbox = lossy()
    async with opened(sandbox, home) as cc:
        job = await cc.bulk.submit_import(ROWS, lists=["A"], options=ImportOptions(verify=True))
        async for progress in job:
            if progress.is_verifying:
                break
        await job.aclose()
        assert (job.report.state, job.report.missing) == ("running", None)
        first, second = sorted(bodies(home))
        second.unlink()
        report = await (await cc.bulk.resume(job.id))
        again = await (await cc.bulk.resume(job.id))
    assert (report.state, again.state) == ("completed", "completed")
    assert report.verification is not None
    assert report.verification == again.verification
    assert report.verification.contacts < report.contacts_sent
    assert not first.exists()


@pytest.mark.parametrize("way", ["left", "cancelled", "refused"])
async def test_requests_of_all_processes_are_counted(way: str, home: Path) -> None:
    """Whatever ended the first process; a job that is shown has the same count."""
    sandbox = open_sandbox(lists=("A", "B"), activity_seconds=0.3)
    if way == "refused":
        sandbox.faults.add("403", path="/activities/contacts_*_import", times=1)
    async with opened(sandbox, home) as cc:
        job = await cc.bulk.submit_import(ROWS, lists=["A"], options=ImportOptions(verify=True))
        with suppress(PermissionDeniedError):
            if way == "cancelled":
                with anyio.move_on_after(0.25):
                    await job
            async for progress in job:
                if progress.chunks_submitted:
                    break
        await job.aclose()
    assert job.report.requests == len(sandbox.received)
    async with opened(sandbox, home) as cc:
        job = await cc.bulk.resume()
        assert job.report.requests == len(sandbox.received)
        report = await job
        await job.aclose()
        shown = (await cc.bulk.resume(job.id)).report
    assert report.is_all_accepted
    assert report.requests == shown.requests == len(sandbox.received)
