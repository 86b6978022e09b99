"""The list of jobs: one small record for each account, beside the journals."""

from __future__ import annotations

from typing import Any, Literal

import attrs

from cc_async.auth import FindAccount
from cc_async.errors import JobBusyError
from cc_async.jobs._lease import OTHER_VERSION
from cc_async.stores import FORMAT, Store, require_format, require_shape
from cc_async.wire import CONVERTER

REGISTRY_FORMAT = 1
"""Version of the record: a `JobEntry` for each job, by its id."""

_KEPT = 30 * 86_400.0
"""Seconds after which a job that has ended is pruned. A month is for questions that come late; the
service itself keeps activities for ten days:
https://developer.constantcontact.com/api_guide/activity_status.html"""

JobKindName = Literal["import", "sign_up"]

JobState = Literal["preparing", "open", "ended", "cancelled"]
"""A job that is being prepared has a claim on its input already, and may have no journal yet."""


@attrs.frozen
class JobEntry:
    """One job in the list. *created_at* is in seconds since the epoch.

    *kind* is the kind of job: `Bulk.resume` goes on with an import, `Bulk.resume_sign_up` with a
    sign-up.
    """

    job_id: str
    created_at: float
    name: str
    contacts: int
    state: JobState = "open"
    key: str = ""
    digest: str = ""
    kind: JobKindName = "import"


@attrs.frozen(eq=False, repr=False)
class JobRegistry:
    """The jobs of one account in *store*."""

    _store: Store
    _account: FindAccount

    async def claim(self, entry: JobEntry, *, in_place_of: str = "") -> JobEntry:
        """Add a job that is being prepared, unless the same one is unfinished.

        The same job has the same kind and key. One step tells and adds, so that of two starts at
        the same moment one alone goes on.

        Args:
            entry: The new job.
            in_place_of: A job that was being prepared by a process that died; it is removed.

        Returns:
            The entry in the list: *entry*, or that of the unfinished job.
        """
        claimed = attrs.evolve(entry, state="preparing")

        def change(record: Any, now: float) -> tuple[Any, dict[str, Any] | None]:
            jobs = _jobs_of(record)
            if jobs.get(in_place_of, {}).get("state") == "preparing":
                del jobs[in_place_of]
            for known in jobs.values():
                if _is_same_unfinished(known, claimed):
                    return record, known
            return _record({**jobs, entry.job_id: attrs.asdict(claimed)}), None

        known = await self._store.update(await self._key(), change)
        return claimed if known is None else CONVERTER.structure(known, JobEntry)

    async def add(self, entry: JobEntry) -> list[str]:
        """Let a claimed job begin; return the ids of old jobs that were pruned.

        Raises:
            JobBusyError: The claim is gone: this process was stopped for so long that another one
                has taken it over, or the job was deleted.
        """

        def change(record: Any, now: float) -> tuple[Any, list[str] | None]:
            jobs = _jobs_of(record)
            if entry.job_id not in jobs:
                return record, None
            old = [job_id for job_id, known in jobs.items() if _is_stale(known, now)]
            kept = {job_id: known for job_id, known in jobs.items() if job_id not in old}
            return _record({**kept, entry.job_id: attrs.asdict(entry)}), old

        pruned = await self._store.update(await self._key(), change)
        if pruned is None:
            raise JobBusyError(entry.job_id)
        return pruned

    async def finish(self, job_id: str, state: Literal["ended", "cancelled"]) -> None:
        """Note that a job has ended, or was cancelled."""
        await self._set_state(job_id, state)

    async def reopen(self, job_id: str) -> None:
        """Note that a job goes on."""
        await self._set_state(job_id, "open")

    async def forget(self, job_id: str) -> None:
        """Remove a job from the list."""

        def change(record: Any, now: float) -> tuple[Any, None]:
            jobs = {known: entry for known, entry in _jobs_of(record).items() if known != job_id}
            return (_record(jobs) if jobs else None), None

        await self._store.update(await self._key(), change)

    async def read(self) -> tuple[JobEntry, ...]:
        """Return all jobs, the newest first.

        Raises:
            StoredFormatError: Another version of the package wrote the list.
        """
        jobs = await self._store.update(
            await self._key(), lambda record, now: (record, _jobs_of(record))
        )
        entries = [CONVERTER.structure(entry, JobEntry) for entry in jobs.values()]
        return tuple(sorted(entries, key=lambda entry: entry.created_at, reverse=True))

    async def find(self, job_id: str) -> JobEntry | None:
        """Return the job with this id, or `None`."""
        return next((entry for entry in await self.read() if entry.job_id == job_id), None)

    async def _set_state(self, job_id: str, state: str) -> None:
        def change(record: Any, now: float) -> tuple[Any, None]:
            jobs = _jobs_of(record)
            if job_id not in jobs:
                return record, None
            return _record({**jobs, job_id: {**jobs[job_id], "state": state}}), None

        await self._store.update(await self._key(), change)

    async def _key(self) -> str:
        return f"jobs:{await self._account()}"


def _jobs_of(record: Any) -> dict[str, dict[str, Any]]:
    if record is None:
        return {}
    what = "the list of jobs"
    with require_shape(what=what, remedy="Use another store; what was sent is in the account."):
        require_format(record, REGISTRY_FORMAT, what=what, remedy=OTHER_VERSION)
        entries = CONVERTER.structure(record["jobs"], dict[str, JobEntry])
    return {job_id: attrs.asdict(entry) for job_id, entry in entries.items()}


def _record(jobs: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {FORMAT: REGISTRY_FORMAT, "jobs": jobs}


def _is_same_unfinished(known: dict[str, Any], entry: JobEntry) -> bool:
    is_same = entry.key != "" and (known["key"], known["kind"]) == (entry.key, entry.kind)
    return is_same and known["state"] in ("preparing", "open")


def _is_stale(entry: dict[str, Any], now: float) -> bool:
    return entry["state"] != "open" and bool(now - entry["created_at"] > _KEPT)
