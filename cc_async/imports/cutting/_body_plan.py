"""The fewest bodies that put every contact on its lists.

All contacts of a body go on all lists of the body. So contacts with the same lists may share a body
of their own. Contacts with many different combinations of lists take fewer requests in *single*
bodies, one for each list: there a contact is complete in one body, and the bodies of its other lists
carry its address alone.

Large combinations stay whole, small ones are split. Every border between the two is tried, from
all split to none, so the plan takes no more requests than either of these.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Generator, Sequence

import attrs

from cc_async.wire import MAX_BYTES, MAX_CONTACTS, MAX_LISTS, ImportFormat

_FRAME = 10_000
"""Bytes of a body that are kept for its frame: 50 lists take 1,900, and a heading of 25 custom
fields with long names some 7,000."""

PER_STEP = 50
"""Combinations that are planned between two turns of the loop: about a millisecond with ten lists."""


@attrs.frozen
class Load:
    """Contacts, and the bytes of their rows with separators."""

    contacts: int = 0
    size: int = 0

    def __add__(self, other: Load) -> Load:
        return Load(self.contacts + other.contacts, self.size + other.size)

    def __sub__(self, other: Load) -> Load:
        return Load(self.contacts - other.contacts, self.size - other.size)

    @property
    def requests(self) -> int:
        """The requests that carry them."""
        by_size = -(-self.size // (MAX_BYTES - _FRAME))
        return max(by_size, -(-self.contacts // MAX_CONTACTS))


NO_LOAD = Load()


@attrs.frozen
class SplitLoad:
    """The loads of contacts in single bodies: complete, and by their addresses alone."""

    complete: Load = NO_LOAD
    addresses: Load = NO_LOAD


@attrs.frozen
class Combination:
    """Contacts with the same lists.

    Args:
        lists: Their lists.
        whole: The loads of bodies of their own, one for each format.
        split: The loads in single bodies, by the formats that can carry all of them; none where
            the contacts must stay together.
    """

    lists: tuple[str, ...]
    whole: tuple[Load, ...]
    split: dict[ImportFormat, SplitLoad]

    @property
    def contacts(self) -> int:
        """The number of contacts."""
        return sum(load.contacts for load in self.whole)

    @property
    def requests(self) -> int:
        """The requests of bodies of their own."""
        return sum(load.requests for load in self.whole)


@attrs.frozen
class Body:
    """A body, or several where one is too small.

    Args:
        lists: Its lists.
        complete: The places of the combinations with contacts that are complete here.
        repeated: The places of those with contacts that are here by their addresses alone.
        split_as: The format of all rows; `None` in a body of one combination, where each row has its
            own.
        is_shared: Whether some of its contacts are in another body, too.
    """

    lists: tuple[str, ...]
    complete: tuple[int, ...]
    repeated: tuple[int, ...] = ()
    split_as: ImportFormat | None = None
    is_shared: bool = False


@attrs.frozen
class BodyPlan:
    """The bodies in the order in which they are sent, and the requests that they take."""

    bodies: tuple[Body, ...]
    requests: int


Steps = Generator[tuple[()], None, "BodyPlan"]
"""A plan that is made in steps: each yields nothing, and the loop may turn in between."""


def plan_bodies(combinations: Sequence[Combination], formats: Sequence[ImportFormat]) -> Steps:
    """Make the plan with the fewest requests, in steps.

    *formats* are those that single bodies may have, the preferred one first. A JSON body carries
    complete contacts together with addresses. In a CSV body an address would have blank cells under
    all other headings, which may erase values; so addresses are in CSV bodies of their own.
    """
    best: BodyPlan | None = None
    for each in formats:
        plan = yield from _plan(combinations, each)
        if best is None or plan.requests < best.requests:
            best = plan
    assert best is not None  # noqa: S101 - there is a format
    return best


def _plan(combinations: Sequence[Combination], split_as: ImportFormat) -> Steps:
    """Make the best plan with single bodies of one format."""
    splittable = [place for place, one in enumerate(combinations) if split_as in one.split]
    singles = _SingleBodies(combinations, split_as, splittable)
    yield from singles.fill()
    whole = [place for place, one in enumerate(combinations) if split_as not in one.split]
    best = requests = singles.requests + sum(combinations[place].requests for place in whole)
    order = [one for one in splittable if len(combinations[one].lists) <= MAX_LISTS]
    order.sort(key=lambda place: -combinations[place].contacts)
    best_kept = 0
    for kept, place in enumerate(order, 1):
        requests += combinations[place].requests + singles.remove(place)
        if requests <= best:
            best, best_kept = requests, kept
        if kept % PER_STEP == 0:
            yield ()
    whole += order[:best_kept]
    bodies = [Body(combinations[place].lists, (place,)) for place in sorted(whole)]
    bodies += yield from singles.make_bodies(set(splittable).difference(whole))
    return BodyPlan(tuple(bodies), best)


class _SingleBodies:
    """Single bodies; when filled, they have the contacts of all combinations at *places*.

    A contact is complete in the body of its largest list: so complete contacts share few bodies.
    """

    def __init__(
        self, combinations: Sequence[Combination], split_as: ImportFormat, places: Sequence[int]
    ) -> None:
        self._combinations = combinations
        self._split_as: ImportFormat = split_as
        self._places = places
        self._contacts = Counter[str]()
        self._complete: dict[str, Load] = {}
        self._addresses: dict[str, Load] = {}

    @property
    def requests(self) -> int:
        """The requests of all single bodies."""
        return sum(map(self._requests, self._contacts))

    def fill(self) -> Generator[tuple[()], None, None]:
        """Put all contacts into single bodies, a step of the work at a time."""
        for number, place in enumerate(self._places, 1):
            one = self._combinations[place]
            for each in one.lists:
                self._contacts[each] += one.contacts
            if number % PER_STEP == 0:
                yield ()
        for number, place in enumerate(self._places, 1):
            load = self._combinations[place].split[self._split_as]
            home, *others = self._ordered(place)
            self._complete[home] = self._complete.get(home, NO_LOAD) + load.complete
            for each in others:
                self._addresses[each] = self._addresses.get(each, NO_LOAD) + load.addresses
            if number % PER_STEP == 0:
                yield ()

    def remove(self, place: int) -> int:
        """Take the contacts of a combination out; return the change of the requests, 0 or less."""
        load = self._combinations[place].split[self._split_as]
        home, *others = self._ordered(place)
        before = sum(map(self._requests, (home, *others)))
        self._complete[home] -= load.complete
        for each in others:
            self._addresses[each] -= load.addresses
        return sum(map(self._requests, (home, *others))) - before

    def make_bodies(self, places: Collection[int]) -> Generator[tuple[()], None, list[Body]]:
        """Make the bodies for these combinations, those of the largest lists first."""
        complete: defaultdict[str, list[int]] = defaultdict(list)
        repeated: defaultdict[str, list[int]] = defaultdict(list)
        for number, place in enumerate(sorted(places), 1):
            home, *others = self._ordered(place)
            complete[home].append(place)
            for each in others:
                repeated[each].append(place)
            if number % PER_STEP == 0:
                yield ()
        lists = sorted({*complete, *repeated}, key=self._rank)
        if self._split_as == "json":
            return [self._body(each, complete[each], repeated[each]) for each in lists]
        return [
            *(self._body(each, complete[each], []) for each in lists if complete[each]),
            *(self._body(each, [], repeated[each]) for each in lists if repeated[each]),
        ]

    def _body(self, list_id: str, complete: Sequence[int], repeated: Sequence[int]) -> Body:
        is_shared = any(len(self._combinations[place].lists) > 1 for place in complete)
        return Body(
            (list_id,),
            tuple(complete),
            tuple(repeated),
            self._split_as,
            is_shared or bool(repeated),
        )

    def _requests(self, list_id: str) -> int:
        complete = self._complete.get(list_id, NO_LOAD)
        addresses = self._addresses.get(list_id, NO_LOAD)
        if self._split_as == "json":
            return (complete + addresses).requests
        return complete.requests + addresses.requests

    def _ordered(self, place: int) -> list[str]:
        """Return the lists of a combination, the largest first."""
        return sorted(self._combinations[place].lists, key=self._rank)

    def _rank(self, list_id: str) -> tuple[int, str]:
        return -self._contacts[list_id], list_id
