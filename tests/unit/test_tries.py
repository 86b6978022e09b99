"""The cap on tries: three in 24 hours for an address, whoever asks, and not one more."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given, settings, strategies as st

from cc_async.sign_ups import Tries
from cc_async.sign_ups._rows import fit_window
from cc_async.stores import MemoryStore
from tests.support.loops import in_a_new_loop

NOON = 20_000 * 86_400.0 + 43_200.0
DAY = 86_400.0


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


async def take(tries: Tries, identity: str) -> bool:
    (is_granted,) = await tries.take([identity])
    return is_granted


async def test_an_address_gets_three_tries_a_day(store: MemoryStore, clock: Clock) -> None:
    """A fourth is refused, whoever asks, until a day has passed since the first."""
    one, two = Tries(store, "app", clock), Tries(store, "app", clock)
    assert [await take(tries, "a@example.com") for tries in (one, two, one)] == [True] * 3
    assert [await take(tries, "a@example.com") for tries in (one, two)] == [False] * 2
    assert await take(one, "b@example.com")
    clock.now += DAY - 1
    assert not await take(Tries(store, "app", clock), "a@example.com")
    clock.now += 2
    assert await take(Tries(store, "app", clock), "a@example.com")


async def test_tries_of_another_application_do_not_count(store: MemoryStore, clock: Clock) -> None:
    """Applications and accounts are counted apart."""
    one, two = Tries(store, "one", clock), Tries(store, "two", clock)
    assert [await take(tries, "a@example.com") for tries in (one, one, one, two)] == [True] * 4


async def test_a_try_that_is_not_made_is_given_back(store: MemoryStore, clock: Clock) -> None:
    """What was taken and not used can be taken again, by others once that is written down."""
    one, two = Tries(store, "app", clock), Tries(store, "app", clock)
    for _ in range(3):
        await take(one, "a@example.com")
    one.give_back("a@example.com")
    await one.write()
    assert [await take(two, "a@example.com") for _ in range(2)] == [True, False]
    assert [await take(one, "a@example.com") for _ in range(2)] == [False, False]


async def test_a_refusal_does_not_prolong_the_wait(store: MemoryStore, clock: Clock) -> None:
    """Asking in vain costs nothing: the day counts from the tries that were made."""
    tries = Tries(store, "app", clock)
    for _ in range(3):
        await take(tries, "a@example.com")
    clock.now += 20 * 3600
    assert not await take(tries, "a@example.com")
    clock.now += 4 * 3600 + 1
    assert await take(Tries(store, "app", clock), "a@example.com")


async def test_tries_taken_without_waiting_count_for_others_once_written(
    store: MemoryStore, clock: Clock
) -> None:
    """`take_nowait` counts at once here, and elsewhere after `write`."""
    one, two = Tries(store, "app", clock), Tries(store, "app", clock)
    await one.write()
    assert [one.take_nowait("a@example.com") for _ in range(4)] == [True, True, True, False]
    await one.write()
    assert not await take(two, "a@example.com")


async def test_only_hashes_are_kept_and_only_for_two_days(store: MemoryStore, clock: Clock) -> None:
    """No address is in the store, and old logs are dropped."""
    await take(Tries(store, "app", clock), "someone@example.com")
    (entry,) = await store.read("tries:app:20000")
    assert b"someone" not in entry
    assert b"example" not in entry
    clock.now += 2 * DAY
    await Tries(store, "app", clock).write()
    assert await store.read("tries:app:20000") == []


async def test_a_long_run_forgets_at_midnight_what_is_a_day_old(
    store: MemoryStore, clock: Clock
) -> None:
    """Tries of the day before are read anew when the date changes."""
    tries = Tries(store, "app", clock)
    for _ in range(3):
        await take(tries, "a@example.com")
    clock.now += 12 * 3600 + 1  # just after midnight
    assert not await take(tries, "a@example.com")
    clock.now += DAY
    assert await take(tries, "a@example.com")


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["take", "take", "take", "nowait", "give back", "write", "new", "wait"]),
        st.integers(0, 2),
        st.sampled_from(["a", "b"]),
        st.sampled_from([60.0, 7 * 3600.0, 13 * 3600.0]),
    ),
    max_size=60,
)


@settings(max_examples=200, deadline=None)
@given(STEPS)
def test_no_order_of_steps_allows_a_fourth_try(steps: list[tuple[str, int, str, float]]) -> None:
    """Whoever takes, gives back, dies or starts anew: three durable tries in a day are the most."""

    async def run() -> None:
        clock = Clock()
        store = MemoryStore(clock)
        parties = [Tries(store, "app", clock) for _ in range(3)]
        made: dict[str, list[float]] = defaultdict(list)
        held: dict[tuple[int, str], list[float]] = defaultdict(list)
        for step, number, name, seconds in steps:
            party = parties[number]
            if step == "take" and await take(party, name):
                made[name].append(clock.now)
                held[number, name].append(clock.now)
            elif step == "give back" and held[number, name]:
                made[name].remove(held[number, name].pop())
                party.give_back(name)
            elif step == "write":
                await party.write()
            elif step == "new":
                parties[number] = Tries(store, "app", clock)
                held[number, name].clear()
            elif step == "wait":
                clock.now += seconds
                held.clear()
            assert len([at for at in made[name] if at > clock.now - DAY]) <= 3

    in_a_new_loop(run())


@pytest.mark.parametrize(
    ("size", "seconds", "fitting"),
    [(8, 0.1, 16), (200, 0.1, 256), (64, 1.0, 64), (64, 3.0, 32), (8, 60.0, 8)],
)
def test_windows_hold_about_a_second_of_work(size: int, seconds: float, fitting: int) -> None:
    """A window that was used up quickly is followed by a larger one, a slow one by a smaller."""
    assert fit_window(size, seconds, smallest=8) == fitting
