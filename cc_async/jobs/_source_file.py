"""The file that a job reads: its place, its content, and the key of the same job."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import anyio.lowlevel
import attrs
import orjson

_BLOCK = 1 << 19
"""Bytes read at a time before other tasks get their turn: about 1 ms of hashing."""


@attrs.frozen
class SourceFile:
    """A file of contacts as it was when a job began.

    *digest* tells its content from any other. It holds *max_addresses* at most: each address
    has an @.
    """

    path: str
    digest: str
    max_addresses: int = 0


async def read_source_file(path: Path) -> SourceFile:
    """Return the place and the digest of a file; other tasks get their turn meanwhile."""
    digest, at_signs = hashlib.blake2b(digest_size=16), 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            at_signs += block.count(b"@")
            await anyio.lowlevel.checkpoint()
    return SourceFile(_full_path(path), digest.hexdigest(), at_signs)


def _full_path(path: Path) -> str:
    return os.path.realpath(path)


def job_key(kind: str, path: str, **options: object) -> str:
    """Return the key of a job: the same for the same kind, path and *options*.

    The content of the file does not count. *options* are plain data that JSON can carry.
    """
    named = {"kind": kind, "path": path, **options}
    return hashlib.blake2b(
        orjson.dumps(named, option=orjson.OPT_SORT_KEYS), digest_size=16
    ).hexdigest()
