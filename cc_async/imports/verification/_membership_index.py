"""Index of the contacts that were sent and seen on their lists, in fifteen bytes for each chunk.

A contact is kept as a hash, in parts that are short enough to be sorted between two turns of the
event loop. The hash is Python's own, with a new key in every process. Together with its part it
has 58 bits: two of a million contacts share one with a chance of two in a million.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence

import attrs

_PARTS = 1024
"""Parts of the index. Of a million contacts each part has a thousand, sorted in a millisecond."""

_GROUP_BITS = 16
"""Low bits of a word that hold the group: 65,536 combinations of lists in one import."""

_GROUP_MASK = (1 << _GROUP_BITS) - 1
_WORD_MASK = (1 << 64) - 1 - _GROUP_MASK


@attrs.define(eq=False, repr=False)
class _Part:
    words: array[int] = attrs.field(factory=lambda: array("Q"))
    """Hash and group of each contact."""
    seen: array[int] = attrs.field(factory=lambda: array("B"))
    """The number of the contact's lists that show it."""
    latest: array[int] = attrs.field(factory=lambda: array("H"))
    """The last of these lists, counted from 1: a list that is read twice counts once."""
    updated: array[int] = attrs.field(factory=lambda: array("I"))


class MembershipIndex:
    """Add the contacts that were sent, seal, add the members of the lists in turn, then look up.

    A contact of several groups belongs on the lists of all of them.

    Args:
        groups: For the contacts of each group, the numbers of the lists they belong on.
    """

    def __init__(self, groups: Sequence[Collection[int]]) -> None:
        self._groups = [frozenset(group) for group in groups]
        self._parts = [_Part() for _ in range(_PARTS)]

    def add_sent(self, identity: str, group: int) -> None:
        """Add a contact that was sent, before the index is sealed."""
        hashed = hash(identity)
        self._parts[hashed % _PARTS].words.append(hashed & _WORD_MASK | group)

    def seal(self) -> Iterator[None]:
        """Sort all contacts, a part of the work at a time."""
        for part in self._parts:
            part.words = array("Q", sorted(part.words))
            contacts = len(part.words)
            part.seen, part.latest = array("B", bytes(contacts)), array("H", bytes(2 * contacts))
            part.updated = array("I", bytes(4 * contacts))
            yield

    def add_member(self, identity: str, list_number: int, updated: int) -> None:
        """Add a member of a list; members that were not sent change nothing.

        *updated* is in seconds since the epoch, 0 where it is not known.
        """
        part, places = self._find(identity)
        for place in places:
            if list_number not in self._groups[part.words[place] & _GROUP_MASK]:
                continue
            part.updated[place] = max(part.updated[place], updated)
            if part.latest[place] != list_number + 1:
                part.latest[place] = list_number + 1
                part.seen[place] += 1

    def find(self, identity: str) -> tuple[bool, int]:
        """Return whether a contact is on all of its lists, and when it was updated."""
        part, places = self._find(identity)
        groups = [self._groups[part.words[place] & _GROUP_MASK] for place in places]
        is_there = bool(groups) and all(
            part.seen[place] == len(group) for place, group in zip(places, groups, strict=True)
        )
        return is_there, max((part.updated[place] for place in places), default=0)

    def lists_of(self, identity: str) -> frozenset[int]:
        """Return the numbers of the lists that a contact belongs on."""
        part, places = self._find(identity)
        groups = [self._groups[part.words[place] & _GROUP_MASK] for place in places]
        return frozenset[int]().union(*groups)

    def _find(self, identity: str) -> tuple[_Part, range]:
        """Return the part of a contact, and its places there: one for each of its groups."""
        hashed = hash(identity)
        part = self._parts[hashed % _PARTS]
        word = hashed & _WORD_MASK
        first = last = bisect_left(part.words, word)
        while last < len(part.words) and part.words[last] & _WORD_MASK == word:
            last += 1
        return part, range(first, last)
