"""Which jobs there are: one small record for each application, kept beside the journals."""

from __future__ import annotations

from typing import Any, Literal

import attrs

from cc_async.stores import Store
from cc_async.wire import CONVERTER

_KEPT = 30 * 86_400.0
"""Seconds after which a job that has ended is forgotten."""


@attrs.frozen
class JobEntry:
    """One job as the book knows it. *created_at* is in seconds since the epoch.

    *kind* says how it is gone on with: by `Bulk.resume` or by `Bulk.resume_sign_up`.
    """

    job_id: str
    created_at: float
    name: str
    contacts: int
    state: Literal["open", "ended", "cancelled"] = "open"
    key: str = ""
    digest: str = ""
    kind: Literal["import", "sign_up"] = "import"


@attrs.frozen(eq=False, repr=False)
class JobBook:
    """The jobs of one application and account in *store*."""

    _store: Store
    _owner: str

    async def add(self, entry: JobEntry) -> list[str]:
        """Write a job down; return the ids of old ones that are forgotten now."""

        def change(record: Any, now: float) -> tuple[Any, list[str]]:
            jobs = dict(record or {})
            old = [job_id for job_id, said in jobs.items() if _is_stale(said, now)]
            for job_id in old:
                del jobs[job_id]
            return {**jobs, entry.job_id: CONVERTER.unstructure(entry)}, old

        return await self._store.update(self._key, change)

    async def settle(self, job_id: str, state: Literal["ended", "cancelled", "open"]) -> None:
        """Write down that a job has ended, was cancelled, or goes on."""

        def change(record: Any, now: float) -> tuple[Any, None]:
            if not record or job_id not in record:
                return record, None
            return {**record, job_id: {**record[job_id], "state": state}}, None

        await self._store.update(self._key, change)

    async def forget(self, job_id: str) -> None:
        """Take a job out of the book."""

        def change(record: Any, now: float) -> tuple[Any, None]:
            jobs = {known: said for known, said in (record or {}).items() if known != job_id}
            return jobs or None, None

        await self._store.update(self._key, change)

    async def read(self) -> tuple[JobEntry, ...]:
        """Return all jobs, the newest first."""
        record = await self._store.update(self._key, lambda record, now: (record, record))
        entries = [CONVERTER.structure(said, JobEntry) for said in (record or {}).values()]
        return tuple(sorted(entries, key=lambda entry: entry.created_at, reverse=True))

    @property
    def _key(self) -> str:
        return f"jobs:{self._owner}"


def _is_stale(said: dict[str, Any], now: float) -> bool:
    has_ended = said.get("state", "open") != "open"
    return has_ended and bool(now - said["created_at"] > _KEPT)
