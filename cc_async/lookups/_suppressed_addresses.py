"""The caller's own list of people to leave out, from files or from a program."""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Sequence
from contextlib import aclosing
from itertools import islice
from pathlib import Path
from typing import TypeAlias

import attrs

from cc_async.errors import InvalidRequestError
from cc_async.models import holds_address
from cc_async.sources import read_addresses, yield_to_loop

Place: TypeAlias = str | os.PathLike[str]
Suppress: TypeAlias = Place | Iterable[Place] | AsyncIterable[Place]
"""Addresses to leave out: the path of a file, or an iterable of addresses and `Path` objects."""

_AT_ONCE = 500
"""Addresses of an iterable that are taken before other tasks get their turn; about 1 ms."""


@attrs.frozen
class SuppressedAddresses:
    """The addresses of the caller's list, in lower case.

    *digest* is the same for the same addresses in any order. *files* were read.
    """

    addresses: frozenset[str] = attrs.field(
        default=frozenset(), repr=lambda found: f"<{len(found)} addresses>"
    )
    digest: str = ""
    files: tuple[Path, ...] = ()


async def read_suppressed_addresses(suppress: Suppress) -> SuppressedAddresses:
    """Return the addresses that *suppress* names.

    A string alone is the path of a file. In an iterable a string is an address, and a `Path` is
    a file. A file is a table with a column for the address, or holds one address a line; it is
    read as UTF-8.

    Raises:
        InputError: A file cannot be read, or holds no addresses.
        InvalidRequestError: *suppress* is no iterable, or a string of it is no address.
    """
    addresses: set[str] = set()
    total = 0
    items = await _items_of(suppress)
    files = tuple(Path(item) for item in items if isinstance(item, os.PathLike))
    async with aclosing(_read_batches(items, files)) as batches:
        async for batch in batches:
            for address in batch:
                if address not in addresses:
                    addresses.add(address)
                    total += _address_number(address)
    if not addresses:
        return SuppressedAddresses(files=files)
    return SuppressedAddresses(frozenset(addresses), f"{total % 2**128:032x}", files)


def _address_number(address: str) -> int:
    """Return a number for *address*; the sum of all does not depend on their order."""
    return int.from_bytes(hashlib.blake2b(address.encode(), digest_size=16).digest())


async def _items_of(suppress: Suppress) -> list[Place]:
    if isinstance(suppress, str | os.PathLike):
        return [Path(suppress)]
    if isinstance(suppress, AsyncIterable):
        return [item async for item in suppress]
    if not isinstance(suppress, Iterable):
        raise InvalidRequestError(
            f"addresses to suppress cannot be read from a {type(suppress).__name__}",
            "Give the path of a file, or several addresses.",
            "suppress",
        )
    return list(suppress)


async def _read_batches(
    items: Sequence[Place], files: Iterable[Path]
) -> AsyncGenerator[Iterable[str], None]:
    for path in files:
        async with aclosing(read_addresses(path)) as batches:
            async for batch in batches:
                yield batch
    texts = (pair for pair in enumerate(items, 1) if not isinstance(pair[1], os.PathLike))
    while some := list(islice(texts, _AT_ONCE)):
        yield [_checked(item, number) for number, item in some]
        await yield_to_loop()


def _checked(item: object, number: int) -> str:
    if not isinstance(item, str) or not holds_address(item):
        raise InvalidRequestError(
            f"item {number} of the addresses to suppress is no e-mail address",
            "Name a file among several with Path('former.csv'); a string is an address.",
        )
    return item.strip().lower()
