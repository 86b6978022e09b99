"""What a job is: settled before its first request, and never changed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

import anyio.lowlevel
import attrs
import orjson

from cc_async.jobs._chunks import Chunk
from cc_async.jobs._report import Preparation

__all__ = ["JobPlan", "Origin", "job_key", "read_origin"]

_PIECE = 1 << 19


@attrs.frozen
class Origin:
    """A file that was imported, and what told its content from any other."""

    path: str
    digest: str


@attrs.frozen
class JobPlan:
    """An import as it was planned.

    *key* is the same for the same import of the same file, so that running it again goes on
    with it. *created_at* is in seconds since the epoch. *verify* is whether it is to be found
    out who arrived: always, never, or where the counts disagree; who did not is written to the
    file *missing*, and rejected rows were written to the file *rejects*.
    """

    job_id: str
    created_at: float
    name: str
    counted: Preparation
    chunks: tuple[Chunk, ...]
    key: str = ""
    origin: Origin | None = None
    verify: bool | None = None
    missing: str = ""
    rejects: str = ""


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
