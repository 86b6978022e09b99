"""Bulk sign-ups that end early and are resumed: no outcome twice, no address too often."""

from __future__ import annotations

import asyncio
import csv
from collections import Counter
from contextlib import suppress
from pathlib import Path

import orjson
import pytest

from cc_async import ConstantContact, Outcome, SignUp, SignUpOptions, SignUpReport
from cc_async.errors import (
    DailyQuotaError,
    InputError,
    JobBusyError,
    JobNotFoundError,
    PermissionDeniedError,
    ServerError,
    TransportError,
    UnknownNameError,
)
from cc_async.retries import RetryPolicy
from cc_async.sandbox import Sandbox
from cc_async.stores import MemoryStore, Store
from tests.support.interrupted import Cancelling
from tests.support.people import client_of, open_sandbox

pytestmark = pytest.mark.looptime

LISTS = ["Newsletter"]
SIGN_UP = "/contacts/sign_up_form"
DAY = 86_400.0


def write_people(path: Path, count: int, *, extra: str = "") -> Path:
    """Write *count* people to *path*, and *extra* lines below them."""
    rows = "".join(f"p{number}@example.com\n" for number in range(count))
    path.write_text("email\n" + rows + extra)
    return path


def on(sandbox: Sandbox, store: Store) -> ConstantContact:
    return client_of(sandbox, stores=store)


def attempts(sandbox: Sandbox) -> Counter[str]:
    """Return how often each address was sent to the service."""
    return Counter(
        orjson.loads(entry.body)["email_address"]
        for entry in sandbox.received
        if entry.path == "/v3" + SIGN_UP
    )


def assert_adds_up(report: SignUpReport) -> None:
    assert report.contacts_read == (
        report.contacts_rejected
        + report.contacts_suppressed
        + report.created
        + report.updated
        + report.failed
        + report.unknown
    )


async def run(
    cc: ConstantContact, path: Path, *, most: int | None = None, **more: object
) -> tuple[list[Outcome], SignUpReport]:
    """Sign up the people of the file, and leave after *most* outcomes."""
    taken = []
    async with cc.bulk.sign_up(path, lists=LISTS, consent="explicit", **more) as outcomes:  # type: ignore[arg-type]
        async for outcome in outcomes:
            taken.append(outcome)
            if len(taken) == most:
                break
    assert_adds_up(outcomes.report)
    return taken, outcomes.report


async def test_the_same_sign_up_is_resumed(tmp_path: Path) -> None:
    """The same call again sends only people without an outcome; the report counts all people."""
    sandbox, store = open_sandbox(latency=0.1), MemoryStore()
    path = write_people(tmp_path / "people.csv", 60, extra="nobody\n")
    async with on(sandbox, store) as cc:
        await run(cc, path, most=20)
    async with on(sandbox, store) as cc:
        taken, report = await run(cc, path)
        (job,) = await cc.bulk.jobs()
    assert sorted(attempts(sandbox).values()) == [1] * 60
    assert len(taken) < 45
    assert (report.created, report.contacts_rejected, report.contacts_read) == (60, 1, 61)
    assert report.requests == len(sandbox.received)
    assert (job.kind, job.state, job.contacts) == ("sign_up", "ended", 60)


async def test_people_who_share_a_line_are_told_apart(tmp_path: Path) -> None:
    """An array in one line holds all people in line 1; a resumed sign-up drops none of them."""
    sandbox, store = open_sandbox(latency=0.1), MemoryStore()
    path = tmp_path / "people.json"
    path.write_text(
        str([{"email": f"p{number}@example.com"} for number in range(40)]).replace("'", '"')
    )
    async with on(sandbox, store) as cc:
        await run(cc, path, most=10)
        taken, report = await run(cc, path)
        (job,) = await cc.bulk.jobs()
    assert sandbox.contact_count == 40
    assert sorted(attempts(sandbox).values()) == [1] * 40
    assert (report.created, report.contacts_read, job.contacts) == (40, 40, 40)
    assert len(taken) < 31


async def test_a_finished_sign_up_starts_anew(tmp_path: Path) -> None:
    """When all people have outcomes, the same call again signs all of them up again."""
    sandbox, store = open_sandbox(), MemoryStore()
    path = write_people(tmp_path / "people.csv", 5)
    async with on(sandbox, store) as cc:
        await run(cc, path)
        _, report = await run(cc, path)
    assert (report.created, report.updated) == (0, 5)


async def test_a_used_up_day_leaves_a_sign_up_that_can_be_resumed(tmp_path: Path) -> None:
    """After a `DailyQuotaError`, resuming by id sends only people without an outcome."""
    sandbox, store = open_sandbox(), MemoryStore()
    path = write_people(tmp_path / "people.csv", 30)
    async with on(sandbox, store) as cc:
        with pytest.raises(DailyQuotaError):
            async with cc.bulk.sign_up(path, lists=LISTS, consent="explicit") as outcomes:
                async for outcome in outcomes:
                    if outcome.line == 10:
                        sandbox.faults.add("429-day", path=SIGN_UP)
    sandbox.faults.clear()
    await asyncio.sleep(DAY)
    async with (
        on(sandbox, store) as cc,
        cc.bulk.resume_sign_up(outcomes.job_id) as others,
    ):
        assert others.contacts_before >= 10
        assert {outcome.status async for outcome in others} == {"created"}
    assert (others.report.created, others.report.failed) == (30, 0)
    assert sandbox.contact_count == 30


async def test_a_person_who_opted_out_between_two_runs_is_suppressed(tmp_path: Path) -> None:
    """A resumed sign-up looks up opt-outs anew before it sends."""
    sandbox, store = open_sandbox(latency=0.1), MemoryStore()
    path = write_people(tmp_path / "people.csv", 40)
    async with on(sandbox, store) as cc:
        await run(cc, path, most=10)
        assert sandbox.find_contact("p39@example.com") is None
        sandbox.add_contact("p39@example.com", permission="unsubscribed")
        _, report = await run(cc, path)
    assert (report.created, report.contacts_suppressed) == (39, 1)
    left = sandbox.find_contact("p39@example.com")
    assert left is not None
    assert left.is_unsubscribed


async def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    """A file that changed since its sign-up stopped is refused, by `sign_up` and `resume_sign_up`."""
    sandbox, store = open_sandbox(latency=0.1), MemoryStore()
    path = write_people(tmp_path / "people.csv", 40)
    async with on(sandbox, store) as cc:
        await run(cc, path, most=10)
        write_people(path, 41)
        with pytest.raises(InputError, match="has changed"):
            await run(cc, path)
        with pytest.raises(InputError, match="has changed"):
            async with cc.bulk.resume_sign_up():
                raise AssertionError("never here")
        (job,) = await cc.bulk.jobs()
        await cc.bulk.cancel(job.job_id)
        _, report = await run(cc, path)
    assert report.contacts_read == 41
    assert sandbox.contact_count == 41


async def test_two_clients_do_not_run_one_sign_up(tmp_path: Path) -> None:
    """While one client runs a sign-up, the same call of another client is refused."""
    sandbox, store = open_sandbox(latency=0.1), MemoryStore()
    path = write_people(tmp_path / "people.csv", 40)
    async with (
        on(sandbox, store) as cc,
        on(sandbox, store) as other,
        cc.bulk.sign_up(path, lists=LISTS, consent="explicit") as outcomes,
    ):
        await anext(outcomes)
        with pytest.raises(JobBusyError):
            await run(other, path)
        async for _ in outcomes:
            pass
    assert outcomes.report.created == 40


async def test_jobs_of_both_kinds_are_told_apart(tmp_path: Path) -> None:
    """A sign-up cannot be resumed as an import, and a deleted one is gone."""
    sandbox, store = open_sandbox(latency=0.1), MemoryStore()
    path = write_people(tmp_path / "people.csv", 40)
    async with on(sandbox, store) as cc:
        await run(cc, path, most=10)
        (job,) = await cc.bulk.jobs()
        with pytest.raises(JobNotFoundError, match="sign-up"):
            await cc.bulk.resume(job.job_id)
        with pytest.raises(JobNotFoundError):
            await cc.bulk.resume()
        await cc.bulk.delete(job.job_id)
        assert await cc.bulk.jobs() == ()
        with pytest.raises(JobNotFoundError):
            async with cc.bulk.resume_sign_up():
                raise AssertionError("never here")


async def test_an_import_cannot_be_resumed_as_a_sign_up(tmp_path: Path) -> None:
    """The id of an import is refused with its kind, by `resume_sign_up` and `sign_up_report`."""
    sandbox, store = open_sandbox(), MemoryStore()
    path = write_people(tmp_path / "people.csv", 5)
    async with on(sandbox, store) as cc:
        job = await cc.bulk.submit_import(path, lists=LISTS)
        with pytest.raises(JobNotFoundError, match="its kind is import"):
            await cc.bulk.sign_up_report(job.id)
        with pytest.raises(JobNotFoundError, match="its kind is import"):
            async with cc.bulk.resume_sign_up(job.id):
                raise AssertionError("never here")


async def test_each_run_writes_all_rejected_rows(tmp_path: Path) -> None:
    """A resumed sign-up writes and reports the rejected rows of earlier runs, too."""
    sandbox, store = open_sandbox(latency=0.1), MemoryStore()
    path, rejects = tmp_path / "people.csv", tmp_path / "rejects.csv"
    rows = "".join(f"p{number}@example.com\n" for number in range(40))
    path.write_text("email\nnobody\n" + rows + "nowhere\n")
    async with on(sandbox, store) as cc:
        await run(cc, path, most=10, options=SignUpOptions(rejects=rejects))
        taken, report = await run(cc, path, options=SignUpOptions(rejects=rejects))
    assert [outcome.line for outcome in taken if outcome.status == "rejected"] == [2, 43]
    assert (report.contacts_rejected, report.created) == (2, 40)
    with rejects.open(encoding="utf-8-sig", newline="") as file:
        assert [row["line"] for row in csv.DictReader(file)] == ["2", "43"]


async def test_a_refused_person_is_not_sent_again(tmp_path: Path) -> None:
    """A person whom the service refused keeps that outcome and its reason in later runs."""
    sandbox, store = open_sandbox(latency=0.1, attempts_per_day=1), MemoryStore()
    path = write_people(tmp_path / "people.csv", 40)
    async with on(sandbox, store) as cc:
        await cc.contacts.sign_up(
            SignUp("p0@example.com", [sandbox.contact_lists[0].list_id]), consent="explicit"
        )
        await run(cc, path, most=10)
        async with cc.bulk.sign_up(path, lists=LISTS, consent="explicit") as outcomes:
            assert {outcome.status async for outcome in outcomes} == {"created"}
    assert (outcomes.report.created, outcomes.report.failed) == (39, 1)
    before = outcomes.not_signed_up_before
    assert [(failed.line, bool(failed.reason)) for failed in before] == [(2, True)]
    assert sum(attempts(sandbox).values()) == 41


async def test_no_address_is_attempted_a_fourth_time_in_a_day(tmp_path: Path) -> None:
    """Attempts count for all sign-ups of an application, for a day."""
    sandbox, store = open_sandbox(), MemoryStore()
    people = [{"email": "A@example.com"}]
    path = tmp_path / "people.csv"
    path.write_text("email\n a@EXAMPLE.com\n")
    statuses: list[str] = []

    async def once(cc: ConstantContact, source: object) -> None:
        async with cc.bulk.sign_up(source, lists=LISTS, consent="explicit") as outcomes:  # type: ignore[arg-type]
            statuses.extend([outcome.status async for outcome in outcomes])

    async with on(sandbox, store) as cc, on(sandbox, store) as other:
        for source in (people, path, iter(people)):
            await once(cc, source)
        for source in (people, path):
            await once(other, source)
        assert statuses == ["created", "updated", "updated", "failed", "failed"]
        await asyncio.sleep(DAY + 1)
        await once(other, path)
    assert statuses[5:] == ["updated"]


async def test_a_request_that_is_refused_before_it_is_read_is_no_attempt(tmp_path: Path) -> None:
    """A missing right uses up no attempt: when it is granted, all people arrive."""
    sandbox, store = open_sandbox(), MemoryStore()
    path = write_people(tmp_path / "people.csv", 20)
    sandbox.faults.add("403", path=SIGN_UP)
    async with on(sandbox, store) as cc:
        for _ in range(4):
            with pytest.raises(PermissionDeniedError):
                await run(cc, path)
        sandbox.faults.clear()
        _, report = await run(cc, path)
    assert (report.created, report.failed) == (20, 0)


async def test_later_rows_of_an_address_are_not_undone(tmp_path: Path) -> None:
    """A failed row is not sent again after a later row of its address was signed up."""
    sandbox, store = open_sandbox(), MemoryStore()
    path = tmp_path / "people.csv"
    path.write_text("email,first_name\na@example.com,Old\nb@example.com,B\na@example.com,New\n")
    sandbox.faults.add("500", path=SIGN_UP, times=1)
    async with client_of(sandbox, stores=store, retry_policy=RetryPolicy(patience=0.1)) as cc:
        taken, _ = await run(cc, path, concurrency=1)
        assert [outcome.status for outcome in taken] == ["failed", "created", "created"]
        taken, report = await run(cc, path)
        (job,) = await cc.bulk.jobs()
    assert [(outcome.line, outcome.status) for outcome in taken] == [(2, "failed")]
    assert "later row" in taken[0].reason
    assert (report.created, report.failed, job.state) == (2, 1, "ended")
    contact = sandbox.find_contact("a@example.com")
    assert contact is not None
    assert contact.first_name == "New"


@pytest.mark.slow
async def test_five_thousand_sign_ups_through_a_bad_network_all_arrive_once(
    tmp_path: Path,
) -> None:
    """With a quarter of all requests lost or answered with a page, all people arrive in the end.

    No address is attempted more than three times a day, and none again that has an outcome.
    """
    sandbox, store = open_sandbox(attempts_per_day=3, latency=0.05, seed=7), MemoryStore()
    for fault in ("cut-before", "cut-after", "503-html"):
        sandbox.faults.add(fault, share=0.08)
    path = write_people(tmp_path / "people.csv", 5_000)
    finished: Counter[int] = Counter()
    async with on(sandbox, store) as cc:
        for _ in range(8):
            try:
                taken, report = await run(cc, path, concurrency=16)
            except (ServerError, TransportError):  # before any person was sent
                continue
            finished.update(outcome.line for outcome in taken if outcome.is_final)
            assert report.contacts_read == 5_000
            if not (report.failed or report.unknown):
                break
            await asyncio.sleep(DAY + 1)
    assert report.created + report.updated == sandbox.contact_count == 5_000
    assert set(finished.values()) == {1}
    assert len(finished) == 5_000


async def test_a_resumed_sign_up_remembers_the_suppressed_addresses(tmp_path: Path) -> None:
    """Addresses of the caller's list stay suppressed when the job is resumed without the list."""
    sandbox, store = open_sandbox(latency=0.1), MemoryStore()
    path = write_people(tmp_path / "people.csv", 40)
    async with on(sandbox, store) as cc:
        await run(cc, path, most=10, suppress=["p38@example.com", "p39@example.com"])
        async with cc.bulk.resume_sign_up() as outcomes:
            assert "suppressed" not in {outcome.status async for outcome in outcomes}
        (job,) = await cc.bulk.jobs()
    assert (outcomes.report.created, outcomes.report.contacts_suppressed) == (38, 2)
    assert (job.contacts, job.state) == (38, "ended")
    assert sandbox.find_contact("p39@example.com") is None


async def test_another_list_of_addresses_is_another_sign_up(tmp_path: Path) -> None:
    """An unfinished sign-up is resumed only with the same suppressed addresses and options."""
    sandbox, store = open_sandbox(latency=0.1), MemoryStore()
    path = write_people(tmp_path / "people.csv", 20)
    async with on(sandbox, store) as cc:
        await run(cc, path, most=5)
        await run(cc, path, most=5, suppress=["p19@example.com"])
        await run(cc, path, most=5, options=SignUpOptions(protect=()))
        assert len(await cc.bulk.jobs()) == 3
        await run(cc, path, most=5, suppress=["P19@example.com "])
        assert len(await cc.bulk.jobs()) == 3


async def test_ten_seconds_of_503_put_no_person_off(tmp_path: Path) -> None:
    """While the gateway answers 503, requests are repeated, and all people are signed up today."""
    sandbox, store = open_sandbox(attempts_per_day=3), MemoryStore()
    path = write_people(tmp_path / "people.csv", 40)
    async with (
        client_of(sandbox, stores=store, per_second=4) as cc,
        cc.bulk.sign_up(path, lists=LISTS, consent="explicit") as outcomes,
    ):
        async for outcome in outcomes:
            if outcome.line == 10:
                sandbox.faults.add("503-html", path=SIGN_UP)
                asyncio.get_running_loop().call_later(10, sandbox.faults.clear)
    assert sandbox.contact_count == outcomes.report.created == 40


@pytest.mark.parametrize("later", [0.0, 0.01, 0.5, 2.0])
async def test_the_same_sign_up_begun_twice_is_sent_once(tmp_path: Path, later: float) -> None:
    """One start goes on; the other is told that a job is at work."""
    path, sandbox, store = write_people(tmp_path / "in.csv", 40), open_sandbox(), MemoryStore()

    async def start(wait: float) -> SignUpReport | JobBusyError:
        await asyncio.sleep(wait)
        async with client_of(sandbox, stores=store, per_second=4) as cc:
            try:
                return (await run(cc, path))[1]
            except JobBusyError as error:
                return error

    results = await asyncio.gather(start(0.0), start(later))
    assert sorted(type(result).__name__ for result in results) == ["JobBusyError", "SignUpReport"]
    assert set(attempts(sandbox).values()) == {1}
    async with on(sandbox, store) as cc:
        (entry,) = await cc.bulk.jobs()
    assert entry.state == "ended"


async def test_a_sign_up_that_failed_before_it_began_leaves_no_job(tmp_path: Path) -> None:
    """A list that does not exist is found out after the claim, which is taken back."""
    path, sandbox, store = write_people(tmp_path / "in.csv", 2), open_sandbox(), MemoryStore()
    async with on(sandbox, store) as cc:
        for _ in range(2):
            with pytest.raises(UnknownNameError):
                async with cc.bulk.sign_up(path, lists=["None"], consent="explicit"):
                    raise AssertionError("never here")
        assert await cc.bulk.jobs() == ()


async def test_a_sign_up_cancelled_while_it_is_registered_is_whole_or_gone(tmp_path: Path) -> None:
    """At whatever write: a job is listed with all its people, or neither it nor its journal is left."""
    path = write_people(tmp_path / "in.csv", 2)
    at, is_sent = 0, False
    while not is_sent:
        at += 1
        sandbox, store = open_sandbox(), Cancelling(at)
        async with on(sandbox, store) as cc:
            with suppress(asyncio.CancelledError):
                await asyncio.ensure_future(run(cc, path))
            is_sent, store.at = bool(attempts(sandbox)), 0
            entries = await cc.bulk._jobs.registry.read()
            assert [(entry.state, entry.contacts) for entry in entries] in ([], [("open", 2)]), at
            journals = [log for log in store.logs if log.startswith("job:")]
            kept = [log for log in journals if await store.read(log)]
            assert kept == [f"job:{entry.job_id}" for entry in entries], at
    assert at > 5
