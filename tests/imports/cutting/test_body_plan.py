"""Bodies are planned for the fewest requests, and put every contact on exactly its lists."""

from __future__ import annotations

import math
import random
from collections import Counter

import pytest
from hypothesis import given, settings, strategies as st

from cc_async.imports.cutting._body_plan import (
    Body,
    BodyPlan,
    Combination,
    Load,
    SplitLoad,
    plan_bodies,
)
from cc_async.wire import MAX_BYTES, MAX_CONTACTS, ImportFormat

ROOM = MAX_BYTES - 10_000
LISTS = st.frozensets(st.sampled_from("abcdefg"), min_size=1)


def make(lists: str, contacts: int, *, size: int = 100, may_split: bool = True) -> Combination:
    """Return a combination of people with rows of *size* bytes, twice as many as JSON."""
    full, addresses = Load(contacts, contacts * size), Load(contacts, contacts * 30)
    split: dict[ImportFormat, SplitLoad] = {
        "csv": SplitLoad(full, addresses),
        "json": SplitLoad(Load(contacts, contacts * size * 2), addresses),
    }
    return Combination(tuple(sorted(lists)), (full, Load()), split if may_split else {})


def plan(combinations: list[Combination], *formats: ImportFormat) -> BodyPlan:
    steps = plan_bodies(combinations, formats)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            found: BodyPlan = done.value
            return found


def requests_of(load: Load) -> int:
    return max(math.ceil(load.contacts / MAX_CONTACTS), math.ceil(load.size / ROOM))


def requests_of_body(body: Body, combinations: list[Combination]) -> int:
    """Count the requests of a body from its contacts alone."""
    if body.split_as is None:
        return sum(map(requests_of, combinations[body.complete[0]].whole))
    loads = [combinations[place].split[body.split_as].complete for place in body.complete]
    loads += [combinations[place].split[body.split_as].addresses for place in body.repeated]
    return requests_of(sum(loads, Load()))


def all_split(combinations: list[Combination]) -> int:
    """Return the requests of JSON bodies for one list each."""
    people = Counter[str]()
    for one in combinations:
        people.update(dict.fromkeys(one.lists, one.contacts))
    loads = dict.fromkeys(people, Load())
    for one in combinations:
        home = min(one.lists, key=lambda each: (-people[each], each))
        for each in one.lists:
            split = one.split["json"]
            loads[each] += split.complete if each == home else split.addresses
    return sum(map(requests_of, loads.values()))


@settings(max_examples=80, deadline=None)
@given(
    st.dictionaries(
        LISTS,
        st.tuples(st.integers(1, 120_000) | st.integers(1, 5), st.booleans()),
        min_size=1,
        max_size=30,
    ),
    st.sampled_from([("csv", "json"), ("json",), ("csv",)]),
)
def test_every_contact_is_on_its_lists_and_complete_once(
    people: dict[frozenset[str], tuple[int, bool]], formats: tuple[ImportFormat, ...]
) -> None:
    """Whatever is split, no list is missed or met twice, and no simple plan takes fewer requests."""
    combinations = [
        make("".join(lists), count, may_split=may) for lists, (count, may) in people.items()
    ]
    found = plan(combinations, *formats)
    for place, one in enumerate(combinations):
        complete = [body for body in found.bodies if place in body.complete]
        repeated = [body for body in found.bodies if place in body.repeated]
        assert len(complete) == 1
        on = [each for body in complete + repeated for each in body.lists]
        assert sorted(on) == sorted(one.lists)
        assert not repeated or all(body.is_shared for body in complete + repeated)
        assert one.split or not repeated
    assert found.requests == sum(requests_of_body(body, combinations) for body in found.bodies)
    assert found.requests <= sum(one.requests for one in combinations)
    if "json" in formats and all(one.split for one in combinations):
        assert found.requests <= all_split(combinations)
    for body in found.bodies:
        assert not (body.split_as == "csv" and body.complete and body.repeated)


def random_people(count: int, lists: str, seed: int = 1) -> list[Combination]:
    rng = random.Random(seed)
    drawn = Counter(
        "".join(each for each in lists if rng.random() < 0.5) or lists[0] for _ in range(count)
    )
    return [make(each, number) for each, number in drawn.items()]


def test_three_thousand_people_on_twelve_lists_take_twelve_requests() -> None:
    """There are far more combinations than lists, so each list has a body of its own."""
    combinations = random_people(3_000, "abcdefghijkl")
    assert len(combinations) > 1_500
    found = plan(combinations, "csv", "json")
    assert found.requests == len(found.bodies) == 12
    assert {body.split_as for body in found.bodies} == {"json"}


def test_with_one_list_for_all_single_bodies_are_csv() -> None:
    """All contacts are complete on the common list, so CSV takes no more requests than JSON."""
    combinations = [make(f"a{each}{other}", 3) for each in "bcdefgh" for other in "ijklmno"]
    found = plan(combinations, "csv", "json")
    assert found.requests == 15
    assert [body.split_as for body in found.bodies] == ["csv"] * 15
    assert found.bodies[0].lists == ("a",)


def test_large_combinations_stay_whole() -> None:
    """Splitting 100,000 people on three lists would take three times the requests."""
    large = make("abc", 100_000)
    found = plan([*random_people(400, "defghijk"), large], "csv", "json")
    assert found.requests == 3 + 8
    assert found.bodies[0].lists == tuple("abc")
    assert found.bodies[0].split_as is None


@pytest.mark.parametrize("combinations", [[make("ab", 5)], [make("a", 5), make("ab", 5)]])
def test_where_nothing_is_won_nothing_is_split(combinations: list[Combination]) -> None:
    """A contact is in one body unless that costs a request."""
    found = plan(combinations, "csv", "json")
    assert not any(body.is_shared for body in found.bodies)


def test_more_lists_than_an_import_takes_are_split() -> None:
    """A contact of many rows may belong on more than 50 lists; no import names so many."""
    many = Combination(
        tuple(f"l{number:02}" for number in range(60)), make("a", 1).whole, make("a", 1).split
    )
    found = plan([many, make("a", 1)], "csv", "json")
    assert max(len(body.lists) for body in found.bodies) == 1
