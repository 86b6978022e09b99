"""How often each address was attempted within a day, by all runs and processes together.

The service blocks an address for two days after more than five attempts in 24 hours, so an
address gets three here. Each attempt is durable just before its request leaves, after the wait for
a permit; an answer that says that nothing was done gives it back. So a process that dies uses up
the attempts of requests on their way, and no others. The log keeps hashes of addresses, for two
days, and all processes on one store share it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

import anyio
import attrs
import orjson

from cc_async.stores import FORMAT, Store, require_format, require_shape

ATTEMPTS_A_DAY = 3
"""Attempts for one address in 24 hours. The provider's support names five as the most, and counts
them over all of the provider's accounts: two stay for requests that this package does not see.
"""

_VERSION = 2
"""Format of the log's entries: taken, given back, answered."""

_LOG_NAME = "the log of sign-up attempts"
_REMEDY = (
    "Let all processes on this store use the same version of cc-async, and sign up again tomorrow."
)

_DAY = 86_400.0
"""Seconds until an attempt no longer counts; the service counts 24 hours."""

_ALMOST_A_DAY = _DAY - 3_600.0
"""Seconds until an attempt can no longer be given back: later, the entry that took it may not count any
more, and giving it back would make room for one attempt too many.
"""

_STALE = 1_800.0
"""Seconds after which an attempt given back is not written down any more, half of the hour above: the
attempt itself was taken a request earlier. It then counts, as for a process that died.
"""

_HASH_BYTES = 8
"""Bytes of an address's hash. That two of a day's 10,000 addresses share one has a chance below 1 in
100,000,000,000.
"""


@attrs.define
class AttemptCounts:
    """How often each hash was attempted within a day, as far as the log has been read."""

    _counts: dict[bytes, int] = attrs.field(factory=dict)
    _answered: set[bytes] = attrs.field(factory=set)

    def has_left(self, name: bytes) -> bool:
        """Return whether another attempt is allowed."""
        return self._counts.get(name, 0) < ATTEMPTS_A_DAY

    def has_answer(self, name: bytes) -> bool:
        """Return whether the service answered an attempt."""
        return name in self._answered

    def add_answers(self, names: Iterable[bytes]) -> None:
        """Note that the service answered an attempt for each of *names*."""
        self._answered.update(names)

    def take(self, name: bytes) -> bool:
        """Count an attempt, if it is allowed; return whether it is."""
        is_allowed = self.has_left(name)
        if is_allowed:
            self._counts[name] = self._counts.get(name, 0) + 1
        return is_allowed

    def give_back(self, names: Iterable[bytes]) -> None:
        """Take attempts that were not made out of the count."""
        for name in names:
            self._counts[name] = max(0, self._counts.get(name, 0) - 1)

    def add_entry(self, entry: bytes, now: float) -> None:
        """Count an entry of the log, unless it is older than a day.

        Raises:
            StoredFormatError: Another version of the package wrote the entry.
            StoreCorruptError: The entry is damaged.
        """
        with require_shape(what=_LOG_NAME, remedy=_REMEDY):
            record: dict[str, Any] = orjson.loads(entry)
            require_format(record, _VERSION, what=_LOG_NAME, remedy=_REMEDY)
            if record["at"] > now - _DAY:
                for name in _unpack(record["taken"]):
                    self._counts[name] = self._counts.get(name, 0) + 1
                self.add_answers(_unpack(record["answered"]))
            if record["at"] > now - _ALMOST_A_DAY:
                self.give_back(_unpack(record["given_back"]))


@attrs.define(eq=False)
class _Attempt:
    """An attempt that waits to be written; *is_allowed* is known afterwards."""

    name: bytes
    is_allowed: bool | None = None


class AttemptLimiter:
    """Allows each address three attempts a day, for one account.

    Attempts that are asked for at the same time are written together.

    Args:
        store: Where the log is.
        owner: The identity of the account that makes the attempts.
        clock: Seconds since the epoch.
    """

    def __init__(self, store: Store, owner: str, clock: Callable[[], float]) -> None:
        self._store = store
        self._owner = owner
        self._clock = clock
        self._salt = hashlib.blake2s(owner.encode()).digest()
        self._day = -1
        self._counts = AttemptCounts()
        self._position = 0
        self._waiting: list[_Attempt] = []
        self._given_back: list[tuple[float, bytes]] = []
        self._answered: list[bytes] = []
        self._lock = anyio.Lock()

    async def has_left(self, address: str) -> bool:
        """Return whether *address* may be attempted, as far as the log has been read.

        Raises:
            StoreError: The log cannot be read.
        """
        if self._day != self._today():
            await self.flush()
        return self._counts.has_left(self._hash(address))

    def has_answer(self, address: str) -> bool:
        """Return whether the service answered an attempt for *address* within a day."""
        return self._counts.has_answer(self._hash(address))

    async def take(self, address: str) -> bool:
        """Take an attempt for *address*, durable on return; return whether it may be made.

        Raises:
            StoreError: The attempt cannot be written down; it must not be made.

        Cancellation:
            The attempt is written down nevertheless, and counts.
        """
        attempt = _Attempt(self._hash(address))
        self._waiting.append(attempt)
        with anyio.CancelScope(shield=True):
            async with self._lock:
                if attempt.is_allowed is None:
                    await self._write(attempt)
        return bool(attempt.is_allowed)

    def give_back(self, address: str) -> None:
        """Note that an attempt that was taken was not made, or had no effect."""
        name = self._hash(address)
        self._counts.give_back((name,))
        self._given_back.append((self._clock(), name))

    def note_answer(self, address: str) -> None:
        """Note that the service answered an attempt; it is written down with the next entry."""
        name = self._hash(address)
        self._counts.add_answers((name,))
        self._answered.append(name)

    async def write_returns(self) -> None:
        """Write down the attempts given back, if there are any; errors as for `flush`."""
        if self._given_back:
            await self.flush()

    async def flush(self) -> None:
        """Write down answers and attempts given back; read the log, if it was not read today.

        Raises:
            StoreError: The log cannot be read or written.
        """
        with anyio.CancelScope(shield=True):
            async with self._lock:
                await self._write()

    async def _write(self, own: _Attempt | None = None) -> None:
        """Write all waiting attempts, and count those of other processes before them.

        After a failure everything but *own* waits on.
        """
        now = self._clock()
        waiting, self._waiting = self._waiting, []
        returned, self._given_back = self._given_back, []
        given_back = [name for at, name in returned if at > now - _STALE]
        answered, self._answered = self._answered, []
        try:
            if self._day != int(now // _DAY):
                await self._start_day(now, given_back, answered)
            if waiting or given_back or answered:
                taken = [attempt.name for attempt in waiting]
                await self._append(now, taken=taken, given_back=given_back, answered=answered)
        except BaseException:
            self._waiting[:0] = [attempt for attempt in waiting if attempt is not own]
            self._given_back[:0] = returned
            self._answered[:0] = answered
            raise
        for attempt in waiting:
            attempt.is_allowed = self._counts.take(attempt.name)
            if not attempt.is_allowed:
                self._given_back.append((now, attempt.name))

    async def _append(self, now: float, **names: list[bytes]) -> None:
        packed = {name: _pack(hashes) for name, hashes in names.items()}
        log = self._log(self._day)
        length = await self._store.append(
            log, [orjson.dumps({FORMAT: _VERSION, "at": now, **packed})]
        )
        if length - 1 > self._position:
            others = await self._store.read(log, self._position)
            for other in others[: length - 1 - self._position]:
                self._counts.add_entry(other, now)
        self._position = length

    async def _start_day(
        self, now: float, given_back: Iterable[bytes], answered: Iterable[bytes]
    ) -> None:
        """Count the attempts of the last day, and drop older logs."""
        day = int(now // _DAY)
        counts = AttemptCounts()
        yesterday = await self._store.read(self._log(day - 1))
        today = await self._store.read(self._log(day))
        for entry in (*yesterday, *today):
            counts.add_entry(entry, now)
        counts.give_back(given_back)
        counts.add_answers(answered)
        await self._store.drop(self._log(day - 2))
        self._day, self._counts, self._position = day, counts, len(today)

    def _today(self) -> int:
        return int(self._clock() // _DAY)

    def _hash(self, address: str) -> bytes:
        return hashlib.blake2s(self._salt + address.encode(), digest_size=_HASH_BYTES).digest()

    def _log(self, day: int) -> str:
        return f"attempts:{self._owner}:{day}"


def _pack(names: list[bytes]) -> str:
    return b"".join(names).hex()


def _unpack(text: str) -> list[bytes]:
    packed = bytes.fromhex(text)
    return [packed[start : start + _HASH_BYTES] for start in range(0, len(packed), _HASH_BYTES)]
