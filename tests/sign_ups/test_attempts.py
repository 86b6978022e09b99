"""The limit of attempts: three in 24 hours for an address, by all processes together."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings, strategies as st

from cc_async.errors import StoredFormatError, StoreError
from cc_async.sign_ups._attempts import AttemptLimiter
from cc_async.stores import MemoryStore
from tests.support.loops import in_a_new_loop

NOON = 20_000 * 86_400.0 + 43_200.0
DAY = 86_400.0
LOG = "attempts:app:20000"
SAMPLES = Path(__file__).parents[1] / "samples" / "sign_ups"


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(clock: Clock) -> MemoryStore:
    return MemoryStore(clock)


async def test_an_address_gets_three_attempts_a_day(store: MemoryStore, clock: Clock) -> None:
    """A fourth attempt is refused in all processes, until a day has passed since the first."""
    one, two = AttemptLimiter(store, "app", clock), AttemptLimiter(store, "app", clock)
    assert [await attempts.take("a@example.com") for attempts in (one, two, one)] == [True] * 3
    assert [await attempts.take("a@example.com") for attempts in (one, two)] == [False] * 2
    assert await one.take("b@example.com")
    clock.now += DAY - 1
    assert not await AttemptLimiter(store, "app", clock).take("a@example.com")
    clock.now += 2
    assert await AttemptLimiter(store, "app", clock).take("a@example.com")


async def test_attempts_of_another_application_do_not_count(
    store: MemoryStore, clock: Clock
) -> None:
    """Applications and accounts are counted apart."""
    one, two = AttemptLimiter(store, "one", clock), AttemptLimiter(store, "two", clock)
    assert [await attempts.take("a@example.com") for attempts in (one, one, one, two)] == [True] * 4


async def test_an_attempt_that_is_not_made_is_given_back(store: MemoryStore, clock: Clock) -> None:
    """An attempt given back can be taken again, after a flush in other processes, too."""
    one, two = AttemptLimiter(store, "app", clock), AttemptLimiter(store, "app", clock)
    for _ in range(3):
        await one.take("a@example.com")
    one.give_back("a@example.com")
    await one.flush()
    assert [await two.take("a@example.com") for _ in range(2)] == [True, False]
    assert [await one.take("a@example.com") for _ in range(2)] == [False, False]


async def test_an_answer_is_known_to_all_processes(store: MemoryStore, clock: Clock) -> None:
    """Whether the service answered an attempt is known after a flush, for a day."""
    one, two = AttemptLimiter(store, "app", clock), AttemptLimiter(store, "app", clock)
    await one.take("a@example.com")
    one.note_answer("a@example.com")
    assert one.has_answer("a@example.com")
    await one.flush()
    assert await two.has_left("a@example.com")
    assert two.has_answer("a@example.com")
    assert not two.has_answer("b@example.com")
    clock.now += DAY + 1
    await two.flush()
    assert not two.has_answer("a@example.com")


async def test_whether_attempts_are_left_is_known_without_taking_one(
    store: MemoryStore, clock: Clock
) -> None:
    """Asking takes nothing, and a day later the address has attempts again."""
    attempts = AttemptLimiter(store, "app", clock)
    for _ in range(3):
        assert await attempts.has_left("a@example.com")
        await attempts.take("a@example.com")
    assert not await attempts.has_left("a@example.com")
    clock.now += DAY + 1
    assert await attempts.has_left("a@example.com")


async def test_a_refusal_does_not_prolong_the_wait(store: MemoryStore, clock: Clock) -> None:
    """Refused attempts do not count: the day runs from the attempts that were made."""
    attempts = AttemptLimiter(store, "app", clock)
    for _ in range(3):
        await attempts.take("a@example.com")
    clock.now += 20 * 3600
    assert not await attempts.take("a@example.com")
    clock.now += 4 * 3600 + 1
    assert await AttemptLimiter(store, "app", clock).take("a@example.com")


class CountingStore(MemoryStore):
    """Counts appends, and fails them while *is_down*."""

    appends = 0
    is_down = False

    async def append(self, log: str, entries: Sequence[bytes]) -> int:
        await asyncio.sleep(0)
        self.appends += 1
        if self.is_down:
            raise StoreError("the disk is full")
        return await super().append(log, entries)


async def test_attempts_that_are_asked_for_together_are_written_together(clock: Clock) -> None:
    """Thirty-two attempts that are asked for at once take one append to the log."""
    store = CountingStore(clock)
    attempts = AttemptLimiter(store, "app", clock)
    addresses = [f"p{number}@example.com" for number in range(31)]
    allowed = await asyncio.gather(*map(attempts.take, [*addresses, "p0@example.com"]))
    assert allowed == [True] * 32
    assert store.appends == 1


async def test_an_attempt_is_durable_before_it_is_allowed(store: MemoryStore, clock: Clock) -> None:
    """When `take` returns, the attempt counts for all other processes, without a flush."""
    await AttemptLimiter(store, "app", clock).take("a@example.com")
    other = AttemptLimiter(store, "app", clock)
    assert [await other.take("a@example.com") for _ in range(3)] == [True, True, False]


async def test_an_attempt_that_cannot_be_written_is_not_allowed(clock: Clock) -> None:
    """If the store fails, each `take` raises; when it is back, no attempt is counted twice."""
    store = CountingStore(clock)
    attempts = AttemptLimiter(store, "app", clock)
    store.is_down = True
    failed = await asyncio.gather(
        *(attempts.take("a@example.com") for _ in range(3)), return_exceptions=True
    )
    assert [type(error) for error in failed] == [StoreError] * 3
    store.is_down = False
    assert [await attempts.take("a@example.com") for _ in range(4)] == [True] * 3 + [False]


@pytest.mark.parametrize(("seconds", "allowed"), [(0, 1), (DAY + 30, 2), (DAY + 90, 3)])
async def test_the_sample_of_the_log_is_read(
    seconds: float, allowed: int, store: MemoryStore, clock: Clock
) -> None:
    """Of two attempts at noon one was given back a minute later, and another one was made.

    A day later the attempt of 12:01 counts longest, and can no longer be given back.
    """
    await store.append(LOG, (SAMPLES / "attempts-2.jsonl").read_bytes().splitlines())
    clock.now += seconds
    attempts = AttemptLimiter(store, "app", clock)
    found = [await attempts.take("a@example.com") for _ in range(4)]
    assert found == [True] * allowed + [False] * (4 - allowed)


async def test_the_log_is_written_as_the_sample_shows(store: MemoryStore, clock: Clock) -> None:
    """Names and hashes of the entries are those of the sample: they are part of the format."""
    attempts = AttemptLimiter(store, "app", clock)
    await asyncio.gather(attempts.take("a@example.com"), attempts.take("a@example.com"))
    attempts.give_back("a@example.com")
    attempts.note_answer("a@example.com")
    clock.now += 60
    await attempts.take("a@example.com")
    sample = (SAMPLES / "attempts-2.jsonl").read_bytes().splitlines()
    assert list(map(orjson.loads, await store.read(LOG))) == list(map(orjson.loads, sample))


@pytest.mark.parametrize("entry", [b'{"format":1}', b'{"format":3}', None])
async def test_an_entry_of_another_version_is_refused(
    entry: bytes | None, store: MemoryStore, clock: Clock
) -> None:
    """A log without a version, or with an unknown one, is refused with a remedy."""
    entry = entry or (SAMPLES / "attempts-unversioned.jsonl").read_bytes()
    await store.append(LOG, [entry])
    with pytest.raises(StoredFormatError, match="log of sign-up attempts") as caught:
        await AttemptLimiter(store, "app", clock).take("a@example.com")
    assert "same version" in caught.value.hint


async def test_only_hashes_are_kept_and_only_for_two_days(store: MemoryStore, clock: Clock) -> None:
    """No address is in the store, and old logs are dropped."""
    await AttemptLimiter(store, "app", clock).take("someone@example.com")
    (entry,) = await store.read(LOG)
    assert b"someone" not in entry
    assert b"example" not in entry
    clock.now += 2 * DAY
    await AttemptLimiter(store, "app", clock).flush()
    assert await store.read(LOG) == []


async def test_a_long_run_forgets_at_midnight_what_is_a_day_old(
    store: MemoryStore, clock: Clock
) -> None:
    """When the date changes, attempts of the day before are read again."""
    attempts = AttemptLimiter(store, "app", clock)
    for _ in range(3):
        await attempts.take("a@example.com")
    clock.now += 12 * 3600 + 1  # just after midnight
    assert not await attempts.take("a@example.com")
    clock.now += DAY
    assert await attempts.take("a@example.com")


async def test_an_attempt_that_is_given_back_late_makes_no_room_for_a_later_one(
    store: MemoryStore, clock: Clock
) -> None:
    """A process that idled for a day gives back an attempt of yesterday; those of today count."""
    first, idle, last = (AttemptLimiter(store, "app", clock) for _ in range(3))
    for _ in range(3):
        assert await first.take("a@example.com")
    assert not await idle.take("a@example.com")
    clock.now += DAY + 60
    assert await first.take("a@example.com")
    await idle.flush()
    assert [await last.take("a@example.com") for _ in range(3)] == [True, True, False]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["take", "take", "take", "give back", "flush", "new", "wait"]),
        st.integers(0, 2),
        st.sampled_from(["a", "b"]),
        st.sampled_from([60.0, 7 * 3600.0, 13 * 3600.0]),
    ),
    max_size=60,
)


@settings(max_examples=200, deadline=None)
@given(STEPS)
def test_no_order_of_steps_allows_a_fourth_attempt(
    steps: list[tuple[str, int, str, float]],
) -> None:
    """Three processes that take, give back, die and start anew make three attempts a day at most."""

    async def run() -> None:
        clock = Clock()
        store = MemoryStore(clock)
        processes = [AttemptLimiter(store, "app", clock) for _ in range(3)]
        made: dict[str, list[float]] = defaultdict(list)
        held: dict[tuple[int, str], list[float]] = defaultdict(list)
        for step, number, name, seconds in steps:
            process = processes[number]
            if step == "take" and await process.take(name):
                made[name].append(clock.now)
                held[number, name].append(clock.now)
            elif step == "give back" and held[number, name]:
                made[name].remove(held[number, name].pop())
                process.give_back(name)
            elif step == "flush":
                await process.flush()
            elif step == "new":
                processes[number] = AttemptLimiter(store, "app", clock)
                held[number, name].clear()
            elif step == "wait":
                clock.now += seconds
                held.clear()
            assert len([at for at in made[name] if at > clock.now - DAY]) <= 3

    in_a_new_loop(run())
