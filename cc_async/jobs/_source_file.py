"""The file that a job reads: where it is, what it holds, and the key of the same job again."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
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


def job_key(path: str, *options: object) -> str:
    """Return what is the same for the same import of the file at *path*, whatever it holds."""
    said = orjson.dumps(
        [path, *(_plain(option) for option in options)], option=orjson.OPT_SORT_KEYS
    )
    return hashlib.blake2b(said, digest_size=16).hexdigest()


def _plain(option: object) -> object:
    if isinstance(option, Iterable) and not isinstance(option, (str, dict)):
        return sorted(str(part) for part in option)
    return option
