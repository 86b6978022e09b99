"""Stored data of another shape ends in an error of the tree, in every call that reads it."""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
import pytest

from cc_async import ConstantContact, RetryPolicy, SignUp
from cc_async.errors import ConstantContactError
from cc_async.sandbox import Sandbox
from cc_async.stores import MemoryStore
from tests.support.people import client_of, open_sandbox

pytestmark = pytest.mark.looptime

LISTS = ["Newsletter"]
SIGN_UP = "/contacts/sign_up_form"
ODD: list[Any] = ["odd", 7, -1.5, True, None, [], [1], {}, {"a": 1}, [["a", None]], {"format": 1}]
Read = Callable[[ConstantContact, Path, str], Awaitable[object]]


async def sign_up_again(cc: ConstantContact, people: Path, job: str) -> None:
    async with cc.bulk.resume_sign_up(job) as outcomes:
        async for _ in outcomes:
            pass


async def sign_up_one(cc: ConstantContact, people: Path, job: str) -> None:
    person = SignUp("z@example.com", list_memberships=("Newsletter",))
    await cc.contacts.sign_up(person, consent="explicit")


async def import_again(cc: ConstantContact, people: Path, job: str) -> None:
    await (await cc.bulk.submit_import(people, lists=LISTS)).aclose()


async def resume(cc: ConstantContact, people: Path, job: str) -> None:
    await (await cc.bulk.resume(job)).aclose()


READS: list[Read] = [
    lambda cc, people, job: cc.bulk.jobs(),
    lambda cc, people, job: cc.bulk.sign_up_report(job),
    resume,
    sign_up_again,
    import_again,
    sign_up_one,
    lambda cc, people, job: cc.bulk.cancel(job),
    lambda cc, people, job: cc.bulk.delete(job),
    lambda cc, people, job: cc.contacts.find("a@example.com"),
]


def variants(value: Any) -> Iterator[Any]:
    """Yield odd values in place of the whole and of each part, and the whole without a part."""
    yield from ODD
    if isinstance(value, dict):
        for key, part in value.items():
            yield {name: other for name, other in value.items() if name != key}
            for odd in variants(part):
                yield {**value, key: odd}
    if isinstance(value, list):
        for number, part in enumerate(value):
            for odd in variants(part):
                yield [*value[:number], odd, *value[number + 1 :]]


async def make_jobs(sandbox: Sandbox, people: Path) -> tuple[MemoryStore, list[str]]:
    """Return a store with an import and a sign-up that were left unfinished, and their ids."""
    store = MemoryStore()
    async with client_of(sandbox, stores=store) as cc:
        await (await cc.bulk.submit_import(people, lists=LISTS)).aclose()
        sandbox.faults.add("403", path=SIGN_UP, times=1)
        with suppress(ConstantContactError):
            async with cc.bulk.sign_up(people, lists=LISTS, consent="explicit") as outcomes:
                async for _ in outcomes:
                    pass
        job_ids = [job.job_id for job in await cc.bulk.jobs()]
    owner = {"format": 1, "owner": "far:1:x", "until": 9e9, "at": 9e9, "is_demanded": False}
    store._records |= {f"job:{job_id}:lease": owner for job_id in job_ids}
    store._records["bodies:unfinished"] = {"format": 1, "jobs": {"gone": owner}}
    return store, job_ids


def damaged(store: MemoryStore) -> Iterator[MemoryStore]:
    """Yield copies of *store*, each with one record or one entry of a log of another shape."""
    for key, record in store._records.items():
        for odd in variants(record):
            yield copy_of(store, records={key: odd})
    for log, entries in store._logs.items():
        for number, entry in enumerate(entries):
            for odd in variants(orjson.loads(entry)):
                changed = [*entries[:number], orjson.dumps(odd), *entries[number + 1 :]]
                yield copy_of(store, logs={log: changed})


def copy_of(store: MemoryStore, records: Any = (), logs: Any = ()) -> MemoryStore:
    twin = MemoryStore()
    twin._records = {**copy.deepcopy(store._records), **dict(records)}
    twin._logs = {**copy.deepcopy(store._logs), **dict(logs)}
    return twin


@pytest.mark.parametrize("every", [67, pytest.param(5, marks=pytest.mark.slow)])
async def test_a_record_of_another_shape_is_an_error_of_the_tree(
    every: int, tmp_path: Path
) -> None:
    """Whatever stands in a record, a call reads past it or raises an error of the package."""
    people = tmp_path / "people.csv"
    people.write_text("email\na@example.com\nb@example.com\n")
    sandbox = open_sandbox(activity_seconds=3_600)
    store, job_ids = await make_jobs(sandbox, people)
    policy = RetryPolicy(deadline=5, patience=5, max_wait=5)
    for number, twin in enumerate(damaged(store)):
        if number % every == 0:
            read = READS[number // every % len(READS)]
            async with client_of(sandbox, stores=twin, retry_policy=policy) as cc:
                with suppress(ConstantContactError):
                    await read(cc, people, job_ids[number % len(job_ids)])
