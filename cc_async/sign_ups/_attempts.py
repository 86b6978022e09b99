"""How often each address was tried within a day, by whatever run or process.

The service blocks an address for two days when it tries to join more than five times in 24
hours. So three are all it gets from here, and each is written down before it is made: a process
that dies in between has spent it. Only hashes of addresses are kept, for two days, in logs that
all processes on one store share.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

import anyio
import attrs
import orjson

from cc_async.stores import Store

TRIES_A_DAY = 3

_DAY = 86_400.0
_HOUR = 3_600.0
_SIZE = 8
"""Bytes of a hash: enough to tell the people of a day apart."""


@attrs.define
class TryCounts:
    """How often each hash was tried within a day, as far as the log has been read."""

    _counts: dict[bytes, int] = attrs.field(factory=dict)

    def take(self, name: bytes) -> bool:
        """Count a try; return whether it may be made."""
        tried = self._counts.get(name, 0)
        if tried < TRIES_A_DAY:
            self._counts[name] = tried + 1
        return tried < TRIES_A_DAY

    def fold(self, entry: bytes, now: float) -> None:
        """Count what an entry of the log says, as far as it is still of this day.

        Tries given back that are almost a day old are counted all the same: the entry that
        took them may have ended before.
        """
        said = orjson.loads(entry)
        if said["at"] > now - _DAY:
            for name in _unpack(said["tried"]):
                self._counts[name] = self._counts.get(name, 0) + 1
        if said["at"] > now - _DAY + _HOUR:
            self.give_back(_unpack(said["unused"]))

    def give_back(self, names: Iterable[bytes]) -> None:
        for name in names:
            self._counts[name] = max(0, self._counts.get(name, 0) - 1)


class Tries:
    """The tries of one application and account.

    Args:
        store: Where they are kept.
        owner: Whose they are.
        clock: Seconds since the epoch.
    """

    def __init__(self, store: Store, owner: str, clock: Callable[[], float]) -> None:
        self._store = store
        self._owner = owner
        self._clock = clock
        self._salt = hashlib.blake2s(owner.encode()).digest()
        self._day = -1
        self._counts = TryCounts()
        self._position = 0
        self._tried: list[bytes] = []
        self._unused: list[bytes] = []
        self._lock = anyio.Lock()

    async def take(self, identities: Sequence[str]) -> list[bool]:
        """Take a try for each of *identities*, durable on return; return who may be tried.

        Raises:
            StoreError: It cannot be written down.
        """
        names = [self._name(identity) for identity in identities]
        with anyio.CancelScope(shield=True):
            async with self._lock:
                await self._append(names)
        granted = [self._counts.take(name) for name in names]
        self._unused += [
            name for name, is_granted in zip(names, granted, strict=True) if not is_granted
        ]
        return granted

    def take_nowait(self, identity: str) -> bool:
        """Take a try as far as is known here; it is durable with the next `write`."""
        name = self._name(identity)
        is_granted = self._counts.take(name)
        if is_granted:
            self._tried.append(name)
        return is_granted

    def give_back(self, identity: str) -> None:
        """Say that a try that was taken is not going to be made."""
        name = self._name(identity)
        self._counts.give_back((name,))
        self._unused.append(name)

    async def write(self) -> None:
        """Write down what was taken without waiting, and what was given back."""
        if self._tried or self._unused or self._day < 0:
            with anyio.CancelScope(shield=True):
                async with self._lock:
                    await self._append(())

    async def _append(self, names: Sequence[bytes]) -> None:
        """Write *names* and all that waits, and take in what others wrote before."""
        now = self._clock()
        if self._day != int(now // _DAY):
            await self._begin_day(now)
        tried, unused = self._tried, self._unused
        self._tried, self._unused = [], []
        if not (names or tried or unused):
            return
        said = {"at": now, "tried": _pack([*tried, *names]), "unused": _pack(unused)}
        try:
            length = await self._store.append(self._log(self._day), [orjson.dumps(said)])
        except BaseException:
            self._tried, self._unused = tried + self._tried, unused + self._unused
            raise
        if length - 1 > self._position:
            others = await self._store.read(self._log(self._day), self._position)
            for entry in others[: length - 1 - self._position]:
                self._counts.fold(entry, now)
        self._position = length

    async def _begin_day(self, now: float) -> None:
        """Read the tries of the last day, and forget older ones."""
        day = int(now // _DAY)
        counts = TryCounts()
        for entry in await self._store.read(self._log(day - 1)):
            counts.fold(entry, now)
        today = await self._store.read(self._log(day))
        for entry in today:
            counts.fold(entry, now)
        for name in self._tried:
            counts.take(name)
        counts.give_back(self._unused)
        await self._store.drop(self._log(day - 2))
        self._day, self._counts, self._position = day, counts, len(today)

    def _name(self, identity: str) -> bytes:
        return hashlib.blake2s(self._salt + identity.encode(), digest_size=_SIZE).digest()

    def _log(self, day: int) -> str:
        return f"tries:{self._owner}:{day}"


def _pack(names: Sequence[bytes]) -> str:
    return b"".join(names).hex()


def _unpack(text: str) -> list[bytes]:
    data = bytes.fromhex(text)
    return [data[start : start + _SIZE] for start in range(0, len(data), _SIZE)]
