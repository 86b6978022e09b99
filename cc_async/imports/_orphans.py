"""What a process that was killed left behind: rows of an import that was never written down.

A folder is marked while its owner is at work on it, and in a store that machines share stands
whose bodies are coming. Where the owner is gone and the mark is still there, nobody will ever ask
for them. Of owners on other machines nothing can be seen; they have a day.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cc_async.jobs import is_gone, new_owner, register
from cc_async.stores import Store

_MARK = ".owner"
_COMING = "bodies:coming"
_DAY = 86_400.0


def mark(folder: Path, holder: object, purpose: str = "") -> None:
    """Say that *folder* is of use only as long as *holder* is there, and for what."""
    owner = new_owner()
    register(owner, holder)
    (folder / _MARK).write_text(f"{owner}\n{purpose}")


def unmark(folder: Path) -> None:
    """Say that others will go on with *folder*."""
    (folder / _MARK).unlink(missing_ok=True)


def abandoned(parent: Path, pattern: str = "*", purpose: str = "") -> Iterator[Path]:
    """Yield the folders in *parent* whose owners are gone; only our own, and no links."""
    for folder in parent.glob(pattern):
        try:
            found = folder.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
                continue
            owner, _, said = (folder / _MARK).read_text().partition("\n")
            if said == purpose and is_gone(owner):
                yield folder
        except (OSError, ValueError):
            continue


def sweep(parent: Path, pattern: str) -> None:
    """Delete what was abandoned."""
    for folder in abandoned(parent, pattern):
        shutil.rmtree(folder, ignore_errors=True)


async def announce(store: Store, job_id: str, holder: object) -> None:
    """Note in *store* that bodies of a job are coming which is not written down yet."""
    owner = new_owner()
    register(owner, holder)

    def change(record: Any, now: float) -> tuple[Any, None]:
        return {**(record or {}), job_id: {"owner": owner, "at": now}}, None

    await store.update(_COMING, change)


async def withdraw(store: Store, job_id: str) -> None:
    """Note that the job is written down, or given up."""

    def change(record: Any, now: float) -> tuple[Any, None]:
        return {known: said for known, said in (record or {}).items() if known != job_id}, None

    await store.update(_COMING, change)


async def take_abandoned(store: Store) -> list[str]:
    """Return the jobs whose owners died before they wrote them down; each is returned once."""

    def change(record: Any, now: float) -> tuple[Any, list[str]]:
        coming = record or {}
        gone = [job for job, said in coming.items() if _is_lost(said, now)]
        return {job: said for job, said in coming.items() if job not in gone} or None, gone

    return await store.update(_COMING, change)


def _is_lost(said: dict[str, Any], now: float) -> bool:
    return bool(said["at"] < now - _DAY) or is_gone(said["owner"])
