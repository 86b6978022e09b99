"""The file that a job reads: where it is, what it holds, and the key of the same job again."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import anyio.lowlevel
import attrs
import orjson

_PIECE = 1 << 19
"""Bytes read at a time; other tasks get their turn in between."""


@attrs.frozen
class Origin:
    """A file that was imported, and what told its content from any other."""

    path: str
    digest: str


async def read_origin(path: Path) -> Origin:
    """Return where a file is and what it holds; other tasks get their turn while it is read."""
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            await anyio.lowlevel.checkpoint()
    return Origin(_full_path(path), digest.hexdigest())


def _full_path(path: Path) -> str:
    return os.path.realpath(path)


def job_key(kind: str, path: str, **options: object) -> str:
    """Return the key of a job: the same for the same *options* and path, whatever the file holds.

    *options* are plain data that JSON can carry.
    """
    named = {"kind": kind, "path": path, **options}
    return hashlib.blake2b(
        orjson.dumps(named, option=orjson.OPT_SORT_KEYS), digest_size=16
    ).hexdigest()
