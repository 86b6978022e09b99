"""Who was sent, and who of them was seen on the lists: fifteen bytes for each.

A person is kept as a hash, in parts that are short enough to be sorted between two turns of the
event loop. The hash is Python's own, keyed anew in every process; with its part it has 58 bits,
so that two of a million people share one with a chance of two in a million.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence

import attrs

_PARTS = 1024
_GROUP_BITS = 16
_GROUP_MASK = (1 << _GROUP_BITS) - 1
_WORD_MASK = (1 << 64) - 1 - _GROUP_MASK


@attrs.define(eq=False, repr=False)
class _Part:
    words: array[int] = attrs.field(factory=lambda: array("Q"))
    """Hash and group of each person."""
    seen: array[int] = attrs.field(factory=lambda: array("B"))
    """On how many of the person's lists."""
    latest: array[int] = attrs.field(factory=lambda: array("H"))
    """The last of them, counted from 1: a list that is read twice counts once."""
    updated: array[int] = attrs.field(factory=lambda: array("I"))


class Roster:
    """Add everyone, seal it, note who is seen on the lists in turn, then ask for each.

    Args:
        groups: For people of each group, the numbers of the lists they belong on.
    """

    def __init__(self, groups: Sequence[Collection[int]]) -> None:
        self._groups = [frozenset(group) for group in groups]
        self._parts = [_Part() for _ in range(_PARTS)]

    def add(self, identity: str, group: int) -> None:
        """Take somebody in, before the roster is sealed."""
        hashed = hash(identity)
        self._parts[hashed % _PARTS].words.append(hashed & _WORD_MASK | group)

    def seal(self) -> Iterator[None]:
        """Put everyone in order, a part of the work at a time."""
        for part in self._parts:
            part.words = array("Q", sorted(part.words))
            people = len(part.words)
            part.seen, part.latest = array("B", bytes(people)), array("H", bytes(2 * people))
            part.updated = array("I", bytes(4 * people))
            yield

    def note(self, identity: str, number: int, updated: int) -> None:
        """Note that somebody, who need not have been sent, is on list *number*.

        *updated* is in seconds since the epoch, 0 where it is not known.
        """
        part, place = self._find(identity)
        if part is None or number not in self._groups[part.words[place] & _GROUP_MASK]:
            return
        part.updated[place] = max(part.updated[place], updated)
        if part.latest[place] != number + 1:
            part.latest[place] = number + 1
            part.seen[place] += 1

    def sighting(self, identity: str) -> tuple[bool, int]:
        """Return whether somebody was seen on all lists, and when they were updated."""
        part, place = self._find(identity)
        if part is None:
            return False, 0
        lists = len(self._groups[part.words[place] & _GROUP_MASK])
        return part.seen[place] == lists, part.updated[place]

    def _find(self, identity: str) -> tuple[_Part | None, int]:
        hashed = hash(identity)
        part = self._parts[hashed % _PARTS]
        word = hashed & _WORD_MASK
        place = bisect_left(part.words, word)
        is_there = place < len(part.words) and part.words[place] & _WORD_MASK == word
        return (part if is_there else None), place
