"""The lists of each row of an import: four bytes a row, and each combination of lists once.

Rows of one contact are united: the contact goes to the lists of all of them.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator

import attrs

CALL_LISTS = ""
"""Stands for the lists of the call; a row without lists of its own goes to them."""


@attrs.frozen
class ListCombination:
    """The lists of some rows; *has_address* tells whether these rows have an e-mail address."""

    lists: tuple[str, ...]
    has_address: bool = True

    def resolved(self, list_ids: tuple[str, ...]) -> ListCombination:
        """Return the combination with *list_ids* as the lists of the call."""
        if CALL_LISTS not in self.lists:
            return self
        lists = {*self.lists, *list_ids} - {CALL_LISTS}
        return ListCombination(tuple(sorted(lists)), self.has_address)


class ListCombinations:
    """The combinations of all rows; a combination that no row needs any more is forgotten.

    ::

        combinations = ListCombinations()
        combinations.add(("l1",), has_address=True)
        combinations.add(("l2",), has_address=True)
        combinations.unite(0, 1)
        assert combinations[combinations.number_of(1)].lists == ("l1", "l2")
    """

    def __init__(self) -> None:
        self._combinations: list[ListCombination] = []
        self._rows: list[int] = []
        self._numbers: dict[ListCombination, int] = {}
        self._free: list[int] = []
        self._number_of: array[int] = array("I")

    def __getitem__(self, number: int) -> ListCombination:
        return self._combinations[number]

    def __iter__(self) -> Iterator[int]:
        """Return the numbers of the combinations that rows need."""
        return iter(self._numbers.values())

    def number_of(self, row: int) -> int:
        """Return the number of the combination of a row."""
        return self._number_of[row]

    def add(self, lists: tuple[str, ...], *, has_address: bool, rows: int = 1) -> None:
        """Take the next *rows* rows, in order; without *lists* they go to those of the call."""
        number = self._take(ListCombination(lists or (CALL_LISTS,), has_address), rows)
        self._number_of.extend([number] * rows)

    def unite(self, before: int, after: int) -> None:
        """Note that row *after* replaces row *before*, for the same contact."""
        old, new = self._number_of[before], self._number_of[after]
        if old != new:
            lists = {*self._combinations[old].lists, *self._combinations[new].lists}
            united = attrs.evolve(self._combinations[new], lists=tuple(sorted(lists)))
            self._number_of[after] = self._take(united, 1)
            self._give_back(new)
        self._give_back(old)

    def _take(self, combination: ListCombination, rows: int) -> int:
        number = self._numbers.get(combination)
        if number is not None:
            self._rows[number] += rows
            return number
        if self._free:
            number = self._free.pop()
            self._combinations[number], self._rows[number] = combination, rows
        else:
            number = len(self._combinations)
            self._combinations.append(combination)
            self._rows.append(rows)
        self._numbers[combination] = number
        return number

    def _give_back(self, number: int) -> None:
        self._rows[number] -= 1
        if not self._rows[number]:
            del self._numbers[self._combinations[number]]
            self._free.append(number)
