"""Clean-up after killed processes: bodies of imports that never got a journal.

A folder is claimed while its owner writes to it. In a store that machines share, jobs are
registered while their bodies are being written. Orphans are folders and bodies of a dead owner:
no journal refers to them. The owners on other machines cannot be seen; they have a day.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import orjson

from cc_async.jobs import OTHER_VERSION, bind_owner, new_owner, process_is_dead
from cc_async.stores import FORMAT, Store, open_private_file, require_format, require_shape
from cc_async.wire import CONVERTER

CLAIM_FORMAT = 1
"""Version of the claims: of the file in a folder, and of the record in a store."""

_CLAIM = ".owner"
_REGISTERED = "bodies:unfinished"
_DAY = 86_400.0
"""Seconds after which a registered job is an orphan, whatever machine it is on. Reading and
cutting a million contacts takes minutes."""


def claim(folder: Path, holder: object, place: str = "") -> None:
    """Note that *folder* is in use for as long as *holder* exists.

    *place* tells apart the stores that keep their bodies in the same parent folder.
    """
    owner = new_owner()
    bind_owner(owner, holder)
    note = {FORMAT: CLAIM_FORMAT, "owner": owner, "store": place}
    with open_private_file(folder / _CLAIM) as file:
        file.write(orjson.dumps(note))


def release(folder: Path) -> None:
    """Remove the claim: a journal refers to the folder now."""
    (folder / _CLAIM).unlink(missing_ok=True)


def orphans(parent: Path, pattern: str = "*", place: str = "") -> Iterator[Path]:
    """Yield the folders in *parent* with a dead owner.

    Folders of other users, links, and claims of another version of the package are passed over.
    """
    for folder in parent.glob(pattern):
        try:
            found = folder.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
                continue
            note = orjson.loads((folder / _CLAIM).read_bytes())
            is_ours = note[FORMAT] == CLAIM_FORMAT and note["store"] == place
            if is_ours and process_is_dead(note["owner"]):
                yield folder
        except (OSError, ValueError, TypeError, KeyError):
            continue


def delete_orphans(parent: Path, pattern: str) -> None:
    """Delete the folders with a dead owner."""
    for folder in orphans(parent, pattern):
        shutil.rmtree(folder, ignore_errors=True)


async def register(store: Store, job_id: str, holder: object) -> None:
    """Note in *store* that bodies of a job without a journal are being written."""
    owner = new_owner()
    bind_owner(owner, holder)

    def change(record: Any, now: float) -> tuple[Any, None]:
        return _to_record({**_unfinished(record), job_id: {"owner": owner, "at": now}}), None

    await store.update(_REGISTERED, change)


async def unregister(store: Store, job_id: str) -> None:
    """Note that the job has a journal now, or was given up."""

    def change(record: Any, now: float) -> tuple[Any, None]:
        return _to_record(_without(_unfinished(record), {job_id})), None

    await store.update(_REGISTERED, change)


async def take_orphans(store: Store) -> list[str]:
    """Return the registered jobs with a dead owner; each is returned once."""
    found = await store.update(_REGISTERED, lambda record, now: (record, _unfinished(record)))
    if not found:
        return []
    dead = {one["owner"] for one in found.values() if process_is_dead(one["owner"])}

    def change(record: Any, now: float) -> tuple[Any, list[str]]:
        jobs = _unfinished(record)
        gone = [job for job, one in jobs.items() if one["owner"] in dead or one["at"] < now - _DAY]
        return _to_record(_without(jobs, gone)), gone

    return await store.update(_REGISTERED, change)


def _unfinished(record: Any) -> dict[str, dict[str, Any]]:
    if record is None:
        return {}
    what = "the list of imports that are being read"
    with require_shape(what=what, remedy="Use another store; no import of the list was sent."):
        require_format(record, CLAIM_FORMAT, what=what, remedy=OTHER_VERSION)
        jobs = dict(record["jobs"])
        for one in jobs.values():
            CONVERTER.structure(one["owner"], str)
            CONVERTER.structure(one["at"], float)
    return jobs


def _without(
    jobs: dict[str, dict[str, Any]], job_ids: Collection[str]
) -> dict[str, dict[str, Any]]:
    return {job_id: one for job_id, one in jobs.items() if job_id not in job_ids}


def _to_record(jobs: dict[str, dict[str, Any]]) -> dict[str, Any] | None:
    return {FORMAT: CLAIM_FORMAT, "jobs": jobs} if jobs else None
